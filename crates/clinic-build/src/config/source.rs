//! Sources of documents.

use serde::Deserialize;

/// One source.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name in the project, kept with each of its documents.
    pub name: String,
    /// What is found there.
    pub kind: Kind,
    /// An address (`https://…`), or a file or folder from the project's folder.
    pub from: String,
    /// Licence of its documents, in words.
    pub license: String,
    /// Documents at most; absent: all.
    pub limit: Option<usize>,
    /// openFDA only: what is searched for, in openFDA's syntax.
    pub search: Option<String>,
    /// Drug approvals only: the approvals after this day (YYYY-MM-DD).
    pub approved_after: Option<String>,
    /// Whether its documents are about what models cannot have learned yet; the task ood is written
    /// from such documents alone.
    #[serde(default)]
    pub recent: bool,
}

/// What a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A folder with a folder a language, each with text, Markdown, HTML and PDF.
    Folder,
    /// MedlinePlus's XML of health topics.
    MedlineplusTopics,
    /// MedlinePlus's lists of translated handouts.
    MedlineplusHandouts,
    /// openFDA's drug labels.
    DrugLabels,
    /// Drugs@FDA's approvals, as openFDA has them.
    DrugApprovals,
}

impl Source {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.name.trim().is_empty() || self.from.trim().is_empty() {
            return Err("'name' and 'from' must not be empty".into());
        }
        if self.license.trim().is_empty() {
            return Err("'license' is empty; say what its documents may be used for".into());
        }
        let approvals = self.kind == Kind::DrugApprovals;
        if self.approved_after.is_some() && !approvals {
            return Err("'approved_after' is for the kind drug-approvals alone".into());
        }
        let openfda = approvals || self.kind == Kind::DrugLabels;
        if self.search.is_some() && !openfda {
            return Err("'search' is for openFDA's kinds alone".into());
        }
        match &self.approved_after {
            Some(day) if chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").is_err() => {
                Err(format!("'approved_after' is '{day}' and not a day as 2025-01-31"))
            }
            _ => Ok(()),
        }
    }

    /// Whether it is fetched from a server.
    pub fn is_remote(&self) -> bool {
        self.from.starts_with("https://") || self.from.starts_with("http://")
    }
}

/// How documents are fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CollectConfig {
    /// Seconds between two requests to a server.
    pub pause: f64,
    /// Bytes of a document at most, as it comes.
    pub max_bytes: u64,
    /// Characters that a document must have to be kept.
    pub least_characters: usize,
}

impl Default for CollectConfig {
    fn default() -> Self {
        Self { pause: 1.0, max_bytes: 200 << 20, least_characters: 200 }
    }
}
