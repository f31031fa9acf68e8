//! Datasets of the hub: `hf:OWNER/NAME`, with `@REVISION`. All files that may hold tables are
//! fetched at one commit, and each is held against the hash that the hub gave for it.

use std::path::{Path, PathBuf};

use clinic_core::dataset::Format;
use clinic_engine::model::provider::HUB;
use hf_hub::{Cache, Repo, RepoType};

use super::download::{download, is_whole};
use super::{api, fault, is_plain, refused};
use crate::exit::Wrong;
use crate::offline::is_offline;
use crate::print;

/// A dataset at one commit, on this machine.
#[derive(Debug, serde::Serialize)]
pub struct Snapshot {
    /// `hf:OWNER/NAME@COMMIT`.
    pub name: String,
    /// The commit.
    pub commit: String,
    /// Where its files are.
    pub folder: PathBuf,
    /// The files.
    pub files: Vec<String>,
}

/// Written once all files are there and whole.
const WHOLE: &str = ".clinic-whole";

/// The dataset that `hf:…` means, fetched where need be; `None` where the text is no such name.
pub fn dataset(text: &str) -> Result<Option<Snapshot>, Wrong> {
    let Some(rest) = text.strip_prefix(HUB) else { return Ok(None) };
    let (name, revision) = rest.split_once('@').unwrap_or((rest, "main"));
    if name.split('/').count() != 2 || !is_plain(name) || !is_plain(revision) {
        return Err(Wrong::new(format!("'{text}' names no dataset of the hub"))
            .hint("write hf:OWNER/NAME, with @REVISION behind it for a branch, tag or commit"));
    }
    let cache = Cache::from_env();
    let at = |revision: &str| {
        Repo::with_revision(name.to_owned(), RepoType::Dataset, revision.to_owned())
    };
    let known = known_commit(&cache, &at(revision), revision);
    let whole = |commit: &str| {
        let folder = cache.repo(at(commit)).pointer_path(commit);
        let list = std::fs::read_to_string(folder.join(WHOLE)).ok()?;
        let files: Vec<String> = list.lines().map(str::to_owned).collect();
        // What was taken away or changed since has to be fetched again.
        files.iter().all(|file| is_as_fetched(&folder.join(file))).then(|| Snapshot {
            name: format!("{HUB}{name}@{commit}"),
            commit: commit.to_owned(),
            folder: folder.clone(),
            files,
        })
    };
    // A commit never changes; a branch may have moved.
    let settled = known.filter(|commit| is_offline() || commit == revision);
    if let Some(snapshot) = settled.as_deref().and_then(whole) {
        return Ok(Some(snapshot));
    }
    if is_offline() {
        let what =
            format!("the dataset {name} at {revision} is not whole in {}", cache.path().display());
        return Err(Wrong::new(what)
            .hint(format!("fetch it once without --offline: clinic data fetch {text}")));
    }
    let instead = "--data FOLDER";
    let info = api().and_then(|api| api.repo(at(revision)).info());
    let info = info.map_err(|error| {
        refused(&format!("the dataset {name}"), revision, &fault(&error), instead)
    })?;
    let commit = info.sha;
    if commit.len() != 40 || !commit.chars().all(|c| c.is_ascii_hexdigit()) {
        let what = format!("the hub named no commit for {name} at {revision}, but '{commit}'");
        return Err(Wrong::new(what).hint("check HF_ENDPOINT"));
    }
    if let Some(snapshot) = whole(&commit) {
        return Ok(Some(snapshot));
    }
    let files: Vec<String> = info
        .siblings
        .into_iter()
        .map(|file| file.rfilename)
        .filter(|file| holds_tables(file))
        .collect();
    if let Some(odd) = files.iter().find(|file| !is_inside(file)) {
        return Err(Wrong::new(format!(
            "the dataset {name} has a file that leads out of it: '{odd}'"
        )));
    }
    if files.is_empty() {
        let what = format!("the dataset {name} has no file that may hold a table");
        return Err(Wrong::new(what).hint("CSV, TSV, JSON lines, Parquet, gzip and zip are read"));
    }
    let folder = cache.repo(at(&commit)).pointer_path(&commit);
    for (i, file) in files.iter().enumerate() {
        print::status(&format!("fetching {file} of {name} ({} of {})", i + 1, files.len()));
        let kept = folder.join(file);
        if !is_as_fetched(&kept) {
            // What others left there and is not what it should be is fetched again.
            let _ = kept.canonicalize().and_then(std::fs::remove_file);
            download(&at(&commit), file)
                .map_err(|fault| refused(&format!("{file} of {name}"), &commit, &fault, instead))?;
        }
    }
    let written = cache
        .repo(at(revision))
        .create_ref(&commit)
        .and_then(|()| std::fs::write(folder.join(WHOLE), files.join("\n")));
    written
        .map_err(|error| Wrong::new(format!("cannot write to {}: {error}", folder.display())))?;
    Ok(Some(Snapshot { name: format!("{HUB}{name}@{commit}"), commit, folder, files }))
}

/// Whether a file of the cache is there, and still what its name there says.
fn is_as_fetched(path: &Path) -> bool {
    let Ok(blob) = path.canonicalize() else { return false };
    let etag = blob.file_name().unwrap_or_default().to_string_lossy().into_owned();
    blob.is_file() && is_whole(&blob, &etag).is_ok_and(|whole| whole != Some(false))
}

/// The commit that a revision meant when it was fetched last.
fn known_commit(cache: &Cache, repo: &Repo, revision: &str) -> Option<String> {
    if revision.len() == 40 && revision.chars().all(|c| c.is_ascii_hexdigit()) {
        return Some(revision.to_owned());
    }
    let noted =
        std::fs::read_to_string(cache.path().join(repo.folder_name()).join("refs").join(revision));
    noted.ok().map(|commit| commit.trim().to_owned())
}

fn holds_tables(file: &str) -> bool {
    Format::of(file).is_some() || file.to_lowercase().ends_with(".zip")
}

/// A name that stays in its folder; unlike those that users write, it may hold spaces.
fn is_inside(file: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    file.split('/').all(part) && !file.contains(['\\', '\0'])
}
