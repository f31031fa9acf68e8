//! An analysis as Markdown, LaTeX, CSV and JSON: one set of numbers, laid out in four ways.

mod comparison;
mod csv;
mod latex;
mod markdown;
mod sheets;
mod text;

use crate::analysis::Analysis;

use sheets::Sheet;
pub(crate) use sheets::rounded;
pub(crate) use sheets::sheets;

/// A format of a report that is text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Tables for a README or an issue.
    Markdown,
    /// Tables with booktabs, for a paper.
    Latex,
    /// One number a line, for other programs.
    Csv,
    /// All of it.
    Json,
}

impl Format {
    /// The analysis in this format.
    pub fn write(self, analysis: &Analysis) -> String {
        match self {
            Self::Markdown => markdown::write(&sheets(analysis)),
            Self::Latex => latex::write(&sheets(analysis)),
            Self::Csv => csv::write(analysis),
            Self::Json => {
                let mut text = serde_json::to_string_pretty(analysis).expect("plain data");
                text.push('\n');
                text
            }
        }
    }
}
