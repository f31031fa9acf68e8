//! Files of the hub: `hf:OWNER/REPO/FILE`, with `@REVISION` where one commit is meant.

use std::path::{Path, PathBuf};

use clinic_engine::model::provider::HUB;
use hf_hub::{Cache, Repo, RepoType};

use super::download::download;
use super::{is_plain, refused};
use crate::exit::Wrong;
use crate::offline::is_offline;

/// A file of the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    repo: String,
    file: String,
    revision: Option<String>,
}

impl Reference {
    /// The reference in what follows `llama/`; none where it is a path.
    pub fn parse(text: &str) -> Result<Option<Self>, Wrong> {
        let Some(rest) = text.strip_prefix(HUB) else { return Ok(None) };
        let (path, revision) = match rest.split_once('@') {
            Some((path, revision)) => (path, Some(revision)),
            None => (rest, None),
        };
        let parts: Vec<&str> = path.split('/').collect();
        if parts.len() < 3 || !is_plain(path) || !revision.is_none_or(is_plain) {
            return Err(Wrong::new(format!("'{text}' names no file of the hub")).hint(
                "write llama/hf:OWNER/REPO/FILE.gguf, with @REVISION behind it for one commit",
            ));
        }
        Ok(Some(Self {
            repo: parts[..2].join("/"),
            file: parts[2..].join("/"),
            revision: revision.map(str::to_owned),
        }))
    }

    fn repo(&self) -> Repo {
        let revision = self.revision.clone().unwrap_or_else(|| "main".to_owned());
        Repo::with_revision(self.repo.clone(), RepoType::Model, revision)
    }

    /// Where the file lies, if it was fetched before, by this program or another.
    fn cached(&self, cache: &Cache) -> Option<PathBuf> {
        let cached = cache.repo(self.repo());
        // Others keep a commit without a note of its name.
        let by_commit = self.revision.as_deref().map(|c| cached.pointer_path(c).join(&self.file));
        cached.get(&self.file).or(by_commit.filter(|path| path.is_file()))
    }

    /// The file's path, fetched where need be.
    pub fn fetch(&self) -> Result<PathBuf, Wrong> {
        let cache = Cache::from_env();
        if let Some(path) = self.cached(&cache) {
            return Ok(path);
        }
        let Self { repo, file, .. } = self;
        if is_offline() {
            let what = format!("{file} of {repo} is not in {}", cache.path().display());
            return Err(Wrong::new(what).hint("fetch it once without --offline"));
        }
        crate::print::status(&format!("fetching {file} of {repo}, once"));
        let revision = self.revision.as_deref().unwrap_or("main");
        download(&self.repo(), file).map_err(|fault| {
            refused(&format!("{file} of {repo}"), revision, &fault, "llama/PATH.gguf")
        })
    }
}

/// The SHA-256 of a fetched file, as the hub told it, where it did.
pub fn told_sha256(path: &Path) -> Option<String> {
    // The cache names a file's content by what the hub calls it, which is its hash for large ones.
    let name = path.canonicalize().ok()?.file_name()?.to_str()?.to_owned();
    (name.len() == 64 && name.chars().all(|c| c.is_ascii_hexdigit())).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embedder_of_the_hub_is_named_by_owner_repository_and_file() {
        let parsed = |text: &str| Reference::parse(text);
        let found = parsed("hf:o/r/sub/f.gguf@abc").unwrap().unwrap();
        let expected = Reference {
            repo: "o/r".into(),
            file: "sub/f.gguf".into(),
            revision: Some("abc".into()),
        };
        assert_eq!(found, expected);
        assert_eq!(parsed("hf:o/r/f.gguf").unwrap().unwrap().revision, None);
        assert_eq!(parsed("models/f.gguf").unwrap(), None);
        for wrong in
            ["hf:", "hf:o/r", "hf:o//f.gguf", "hf:o/r/../../f", "hf:o/r/f@../x", "hf:o/r/f?x@"]
        {
            assert!(parsed(wrong).is_err(), "{wrong}");
        }
    }
}
