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
    /// Documents of a language at most, the versions of the English ones before others; absent: all.
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
        if self.limit == Some(0) {
            return Err("'limit' is 0; leave the source out, or give at least 1".into());
        }
        let openfda = approvals || self.kind == Kind::DrugLabels;
        if self.search.is_some() && !openfda {
            return Err("'search' is for openFDA's kinds alone".into());
        }
        if self.from.contains("://") && !self.is_remote() {
            return Err(format!("'from' is '{}'; only http and https are fetched", self.from));
        }
        if self.is_remote() && self.kind == Kind::Folder {
            return Err("a folder is on this machine; 'from' is an address".into());
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
        let scheme = self.from.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        matches!(scheme.as_deref(), Some("http" | "https"))
    }
}

/// How documents are fetched.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CollectConfig {
    /// Seconds between two requests to a server.
    pub pause: f64,
    /// Bytes of a file at most, unpacked.
    pub max_bytes: u64,
    /// Characters that a document must have to be kept.
    pub least_characters: usize,
}

impl Default for CollectConfig {
    fn default() -> Self {
        Self { pause: 1.0, max_bytes: 200 << 20, least_characters: 200 }
    }
}

impl CollectConfig {
    pub(super) fn check(&self) -> Result<(), String> {
        if !(0.0..=3600.0).contains(&self.pause) {
            return Err("[collect] pause is from 0 to 3600 seconds".into());
        }
        if self.max_bytes == 0 {
            return Err("[collect] max_bytes is at least 1".into());
        }
        Ok(())
    }
}
