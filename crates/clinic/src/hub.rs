//! Files of the hub: `hf:OWNER/REPO/FILE`, with `@REVISION` where one commit is meant. They are
//! kept where other programs keep them (`HF_HOME`), and fetched where they are not there yet.

use std::path::{Path, PathBuf};

use clinic_engine::model::provider::HUB;
use hf_hub::api::sync::ApiBuilder;
use hf_hub::{Cache, Repo, RepoType};

use crate::exit::Wrong;

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
        // Such parts would lead out of the cache.
        let plain = |part: &str| !part.is_empty() && part != "." && part != ".." && part.is_ascii();
        let odd = |c: char| c.is_control() || c.is_whitespace() || "\\?#%".contains(c);
        if parts.len() < 3
            || !parts.iter().all(|part| plain(part))
            || !revision.is_none_or(|revision| revision.split('/').all(plain))
            || rest.contains(odd)
        {
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
    pub fn fetch(&self, offline: bool) -> Result<PathBuf, Wrong> {
        let cache = Cache::from_env();
        if let Some(path) = self.cached(&cache) {
            return Ok(path);
        }
        let Self { repo, file, .. } = self;
        if offline {
            let what = format!("{file} of {repo} is not in {}", cache.path().display());
            return Err(Wrong::new(what).hint("fetch it once without --offline"));
        }
        let token = std::env::var("HF_TOKEN").ok().map(|token| token.trim().to_owned());
        let mut builder = ApiBuilder::from_env();
        if let Some(token) = token.filter(|token| !token.is_empty()) {
            builder = builder.with_token(Some(token));
        }
        crate::print::status(&format!("fetching {file} of {repo}, once"));
        let fetched = builder.build().and_then(|api| api.repo(self.repo()).download(file));
        fetched.map_err(|error| self.refused(&error.to_string()))
    }

    fn refused(&self, said: &str) -> Wrong {
        let Self { repo, file, .. } = self;
        let status = |code: u16| said.contains(&format!("http status: {code}"));
        let what = |why: &str| Wrong::new(format!("cannot fetch {file} of {repo}: {why}"));
        if status(404) {
            let revision = self.revision.as_deref().unwrap_or("main");
            return what(&format!("the hub has no such file at '{revision}'"))
                .hint("check owner, repository, file and revision");
        }
        if status(401) || status(403) {
            return what("the hub wants a token that may read it").hint(
                "accept the model's terms on its page and put a token into the environment \
                 variable HF_TOKEN",
            );
        }
        what(said).hint("what came is kept; try again, or name a local file: llama/PATH.gguf")
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
