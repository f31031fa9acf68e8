//! `build.toml`: what set is made of which sources, and what must be true of an item.

mod check;
mod map;
mod publish;
mod review;
mod source;
mod write;

use std::path::{Path, PathBuf};

use clinic_core::language::{Language, Languages};
use clinic_core::task::{Library, Task};
use serde::Deserialize;

pub use check::CheckConfig;
pub use map::MapConfig;
pub use publish::PublishConfig;
pub use review::ReviewConfig;
pub use source::{CollectConfig, Kind, Source};
pub use write::WriteConfig;

/// What `build.toml` says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the set.
    pub name: String,
    /// Version of the set.
    pub version: String,
    /// Licence of the set, by its SPDX name.
    pub license: String,
    /// What it is and for whom.
    pub about: String,
    /// Languages by name or tag; English is one of them, since each item begins there.
    pub languages: Vec<String>,
    /// Tasks or dimensions; all where there are none.
    #[serde(default)]
    pub tasks: Vec<String>,
    /// Folder of task files beside the built-in ones, from the project's folder.
    #[serde(default)]
    pub tasks_dir: Option<PathBuf>,
    /// Folder of recipes in the place of the built-in ones of their tasks, from the project's folder.
    #[serde(default)]
    pub recipes_dir: Option<PathBuf>,
    /// Seed of every draw and order.
    #[serde(default)]
    pub seed: u64,
    /// Where documents come from.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// How they are fetched.
    #[serde(default)]
    pub collect: CollectConfig,
    /// How English documents find their versions.
    #[serde(default)]
    pub map: MapConfig,
    /// How many items are written.
    #[serde(default)]
    pub write: WriteConfig,
    /// What must be true of an item.
    #[serde(default)]
    pub check: CheckConfig,
    /// What people must say of it.
    #[serde(default)]
    pub review: ReviewConfig,
    /// What is published.
    #[serde(default)]
    pub publish: PublishConfig,
}

/// Why a `build.toml` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", file.display())]
pub struct ConfigError {
    /// The file.
    pub file: PathBuf,
    /// What is wrong: the key, the reason, what to do.
    pub problem: String,
}

impl Config {
    /// Reads a file's text and checks all that can be checked without the rest of the project.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let wrong = |problem: String| ConfigError { file: file.to_owned(), problem };
        let config: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        config.check().map_err(wrong)?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        for (key, value) in
            [("name", &self.name), ("version", &self.version), ("license", &self.license)]
        {
            if value.trim().is_empty() {
                return Err(format!("'{key}' is empty"));
            }
        }
        let languages = self.languages()?;
        if !languages.iter().any(|language| language.tag == "en") {
            return Err("'languages' lacks English, in which each item is written first".into());
        }
        for (i, language) in languages.iter().enumerate() {
            if languages[..i].iter().any(|earlier| earlier.tag == language.tag) {
                return Err(format!("'languages' names {} twice", language.english));
            }
        }
        for (i, source) in self.sources.iter().enumerate() {
            source.check().map_err(|problem| format!("source '{}': {problem}", source.name))?;
            if self.sources[..i].iter().any(|earlier| earlier.name == source.name) {
                return Err(format!("two sources are named '{}'", source.name));
            }
        }
        self.collect.check()?;
        self.map.check()?;
        self.write.check()?;
        self.check.check()?;
        self.review.check()?;
        self.publish.check()
    }

    /// The languages, English first and then as they are named.
    pub fn languages(&self) -> Result<Vec<&'static Language>, String> {
        let find = |name: &String| Languages::current().find(name).map_err(|e| e.to_string());
        let mut languages: Vec<&Language> =
            self.languages.iter().map(find).collect::<Result<_, _>>()?;
        languages.sort_by_key(|language| language.tag != "en");
        Ok(languages)
    }

    /// The tasks, in the library's order.
    pub fn tasks(&self, folder: &Path) -> Result<Vec<Task>, String> {
        let mut library = Library::builtin().map_err(|e| e.to_string())?;
        if let Some(tasks) = &self.tasks_dir {
            library = library.with_folder(&folder.join(tasks)).map_err(|e| e.to_string())?;
        }
        let counts = [("write", &self.write.items_of), ("publish", &self.publish.items_of)];
        for (table, items_of) in counts {
            if let Some(name) = items_of.keys().find(|name| library.find(name).is_err()) {
                return Err(format!("[{table}.items_of] has '{name}', and no task is named so"));
            }
        }
        let chosen = library.select(&self.tasks).map_err(|e| e.to_string())?;
        Ok(chosen.into_iter().cloned().collect())
    }
}
