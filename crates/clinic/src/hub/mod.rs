//! Files of the hub: `hf:OWNER/REPO/FILE`, with `@REVISION` where one commit is meant. They are
//! kept where other programs keep them (`HF_HOME`), and fetched where they are not there yet.

mod snapshot;

use std::path::{Path, PathBuf};

use clinic_engine::model::provider::HUB;
use hf_hub::api::sync::{Api, ApiBuilder, ApiError};
use hf_hub::{Cache, Repo, RepoType};

use crate::exit::Wrong;
use crate::offline::is_offline;

pub use snapshot::dataset;

/// A file of the hub.
#[cfg_attr(not(feature = "llama"), allow(dead_code))]
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
        let fetched = api().and_then(|api| api.repo(self.repo()).download(file));
        let revision = self.revision.as_deref().unwrap_or("main");
        fetched.map_err(|error| {
            refused(&format!("{file} of {repo}"), revision, &error, "llama/PATH.gguf")
        })
    }
}

/// Parts that lead nowhere else, in a path or a revision.
fn is_plain(path: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || "\\?#%".contains(c);
    let part = |part: &str| !part.is_empty() && part != "." && part != ".." && part.is_ascii();
    path.split('/').all(part) && !path.contains(odd)
}

/// The hub, as the environment names it: HF_ENDPOINT, HF_HOME, HF_TOKEN.
fn api() -> Result<Api, ApiError> {
    let token = std::env::var("HF_TOKEN").ok().map(|token| token.trim().to_owned());
    let mut builder = ApiBuilder::from_env();
    if let Some(token) = token.filter(|token| !token.is_empty()) {
        builder = builder.with_token(Some(token));
    }
    builder.build()
}

/// What the hub's refusal means, and what to do.
fn refused(wanted: &str, revision: &str, error: &ApiError, instead: &str) -> Wrong {
    let said = error.to_string();
    let status = |code: u16| said.contains(&format!("http status: {code}"));
    let what = |why: &str| Wrong::new(format!("cannot fetch {wanted}: {why}"));
    if status(404) {
        let kind = if wanted.starts_with("the dataset") { "dataset" } else { "file" };
        return what(&format!("the hub has no such {kind} at '{revision}'"))
            .hint("check owner, repository, file and revision");
    }
    if status(401) || status(403) {
        return what("the hub wants a token that may read it").hint(
            "accept the terms on its page and put a token into the environment variable HF_TOKEN",
        );
    }
    what(&said).hint(format!("what came is kept; try again, or name a local file: {instead}"))
}
/// The SHA-256 of a fetched file, as the hub told it, where it did.
#[cfg(feature = "llama")]
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
