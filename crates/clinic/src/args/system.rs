//! What stands above every question.

use std::path::PathBuf;

use clap::Args as Group;

/// The system prompt, which the model under test gets and nobody else.
#[derive(Debug, Default, Group)]
pub struct SystemArgs {
    /// File of a system prompt that stands above every question: text, the same in all languages, or
    /// a .toml file with a text a language: [text] en = "…".
    #[arg(long, value_name = "FILE")]
    pub system_prompt: Option<PathBuf>,
    /// Names of `clinic mitigations`, separated by commas: system prompts in the language of the
    /// question, in this order, after that of --system-prompt.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub mitigation: Vec<String>,
    /// File of mitigations in the form of mitigations.toml, which are added to the built-in ones or
    /// replace them by name.
    #[arg(long, value_name = "FILE", requires = "mitigation")]
    pub mitigations_file: Option<PathBuf>,
}

/// Options of asking that mean nothing where nobody is asked.
#[derive(Debug, Group)]
pub struct UnaskedArgs {
    #[arg(long, hide = true)]
    system_prompt: Option<PathBuf>,
    #[arg(long, hide = true, num_args = 0..=1, default_missing_value = "")]
    mitigation: Option<String>,
}

impl UnaskedArgs {
    /// The option that is given.
    pub fn given(&self) -> Option<&'static str> {
        let file = self.system_prompt.as_ref().map(|_| "--system-prompt");
        file.or(self.mitigation.as_ref().map(|_| "--mitigation"))
    }
}

#[derive(Debug, Group)]
pub struct MitigationsArgs {
    /// Show this mitigation in every language.
    pub name: Option<String>,
    /// File of mitigations in the form of mitigations.toml, which are added to the built-in ones or
    /// replace them by name.
    #[arg(long, value_name = "FILE")]
    pub mitigations_file: Option<PathBuf>,
    /// Print as JSON.
    #[arg(long)]
    pub json: bool,
}
