//! Datasets of the hub: `hf:OWNER/NAME`, with `@REVISION`. All files that may hold tables are
//! fetched at one commit, and each is held against the hash that the hub gave for it.

use std::io::Read;
use std::path::{Path, PathBuf};

use clinic_core::dataset::Format;
use clinic_engine::model::provider::HUB;
use hf_hub::{Cache, Repo, RepoType};
use sha1::Digest as _;

use super::{api, is_plain, refused};
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
        // What was taken away since has to be fetched again.
        files.iter().all(|file| folder.join(file).is_file()).then(|| Snapshot {
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
        return Err(Wrong::new(what).hint("fetch it once without --offline: clinic data fetch"));
    }
    let instead = "--data FOLDER";
    let info = api().and_then(|api| api.repo(at(revision)).info());
    let info =
        info.map_err(|error| refused(&format!("the dataset {name}"), revision, &error, instead))?;
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
    let fetch = api().map_err(|error| refused(name, &commit, &error, instead))?.repo(at(&commit));
    for (i, file) in files.iter().enumerate() {
        print::status(&format!("fetching {file} of {name} ({} of {})", i + 1, files.len()));
        let kept = cache.repo(at(&commit)).get(file).filter(|path| path.is_file());
        let path = match kept {
            Some(path) => path,
            None => fetch
                .download(file)
                .map_err(|error| refused(&format!("{file} of {name}"), &commit, &error, instead))?,
        };
        verify(file, &path)?;
    }
    let written = cache
        .repo(at(revision))
        .create_ref(&commit)
        .and_then(|()| std::fs::write(folder.join(WHOLE), files.join("\n")));
    written
        .map_err(|error| Wrong::new(format!("cannot write to {}: {error}", folder.display())))?;
    Ok(Some(Snapshot { name: format!("{HUB}{name}@{commit}"), commit, folder, files }))
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

/// Holds a file against the hash that the hub calls it by: SHA-256 of large files, git's SHA-1 of
/// others. A file that is not what it should be is taken away.
fn verify(file: &str, path: &Path) -> Result<(), Wrong> {
    let wrong = |why: String| Wrong::new(format!("{file}: {why}"));
    let blob = path.canonicalize().map_err(|error| wrong(error.to_string()))?;
    let told =
        blob.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let hex = told.chars().all(|c| c.is_ascii_hexdigit());
    let found = match told.len() {
        64 if hex => hash(sha2::Sha256::new(), &blob),
        40 if hex => std::fs::metadata(&blob).and_then(|size| {
            hash(sha1::Sha1::new_with_prefix(format!("blob {}\0", size.len())), &blob)
        }),
        _ => {
            print::status(&format!("note: the hub gave no hash for {file}"));
            return Ok(());
        }
    };
    if found.map_err(|error| wrong(error.to_string()))? == told {
        return Ok(());
    }
    let _ = std::fs::remove_file(path);
    let _ = std::fs::remove_file(&blob);
    Err(wrong("what came is not what the hub has; it was taken away".to_owned())
        .hint("try again; if it happens again, the hub or the way to it is at fault"))
}

fn hash<D: sha1::Digest>(mut hasher: D, path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut bytes)?;
        if read == 0 {
            let digest = hasher.finalize();
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hasher.update(&bytes[..read]);
    }
}
