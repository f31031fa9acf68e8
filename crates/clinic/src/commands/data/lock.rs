//! `clinic data lock`: the files of a manifest as they are now.

use std::path::PathBuf;

use clinic_core::dataset::{Dataset, MANIFEST};
use clinic_data::lock;
use serde_json::json;

use crate::args::LockArgs;
use crate::exit::{Exit, Wrong};
use crate::{hub, print};

/// Writes the SHA-256 of each file into the manifest.
pub fn lock(args: &LockArgs) -> anyhow::Result<Exit> {
    let manifest =
        if args.manifest.is_dir() { args.manifest.join(MANIFEST) } else { args.manifest.clone() };
    if !manifest.is_file() {
        let what = format!("there is no manifest {}", manifest.display());
        return Err(Wrong::new(what).hint("make one: clinic data import FOLDER").into());
    }
    let origin = Dataset::folder(&manifest)?.manifest().origin.clone();
    let snapshot = origin.map(|origin| hub::dataset(&origin)).transpose()?.flatten();
    let beside = || manifest.parent().map_or_else(PathBuf::new, PathBuf::from);
    let folder = snapshot.map_or_else(beside, |snapshot| snapshot.folder);
    let locked = lock::lock(&manifest, &folder)?;
    if args.json {
        print::json(&json!({ "manifest": manifest, "files": locked }));
        return Ok(Exit::Done);
    }
    let changed: Vec<_> = locked.iter().filter(|file| file.changed).collect();
    for file in &changed {
        print::result(&format!("{}: {} {}", file.name, file.path, file.sha256));
    }
    let all = locked.len();
    print::result(&format!("{all} files locked, {} of them changed", changed.len()));
    Ok(Exit::Done)
}
