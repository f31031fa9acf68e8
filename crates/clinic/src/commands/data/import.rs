//! `clinic data import`: which file is what, written down as a manifest.

use std::path::{Path, PathBuf};

use clinic_core::dataset::MANIFEST;
use clinic_core::task::Task;
use clinic_data::detect::{self, Found, Look};
use serde_json::json;

use crate::args::DataImportArgs;
use crate::commands::selection;
use crate::exit::{Exit, Wrong};
use crate::{hub, print};

/// Looks at a folder, a file or a dataset of the hub, and writes a manifest.
pub fn import(args: &DataImportArgs) -> anyhow::Result<Exit> {
    let library = selection::library(args.tasks_dir.as_deref())?;
    let tasks: Vec<&Task> = library.iter().collect();
    let source = Source::of(args)?;
    if source.out.exists() && !args.force {
        let what = format!("{} is there already", source.out.display());
        return Err(Wrong::new(what).hint("--force writes over it, --out FILE elsewhere").into());
    }
    print::status(&format!("looking at {}", args.source));
    let look = detect::look(&source.folder, source.file.as_deref(), &tasks)?;
    if look.found.is_empty() && look.doubtful.is_empty() {
        let mut what = format!("{} holds no dataset file that could be told", args.source);
        for unused in look.unused.iter().take(5) {
            what.push_str(&format!("\n  {}: {}", unused.place, unused.why));
        }
        let hint = "name files after the tasks or dataset files (clinic tasks NAME shows them), or \
                    write a manifest by hand: docs/design/formats.md";
        return Err(Wrong::new(what).hint(hint).into());
    }
    let text = look.manifest(&source.name, source.origin.as_deref());
    clinic_data::lock::write(&source.out, &text)?;
    if args.json {
        print::json(&json!({
            "manifest": source.out, "found": look.found, "doubtful": look.doubtful,
            "missing": look.missing, "unused": look.unused,
        }));
    } else {
        show(&look);
        print::result(&format!("manifest: {}", source.out.display()));
    }
    let told = format!("check it: clinic data validate --data {}", source.out.display());
    print::status(&told);
    Ok(Exit::Done)
}

/// What is looked at, and where the manifest goes.
struct Source {
    folder: PathBuf,
    file: Option<PathBuf>,
    out: PathBuf,
    name: String,
    origin: Option<String>,
}

impl Source {
    fn of(args: &DataImportArgs) -> anyhow::Result<Self> {
        if let Some(snapshot) = hub::dataset(&args.source)? {
            let short = snapshot.name.split(['/', '@']).nth(1).unwrap_or("dataset").to_owned();
            return Ok(Self {
                out: args.out.clone().unwrap_or_else(|| format!("{short}.toml").into()),
                name: args.name.clone().unwrap_or(short),
                origin: Some(snapshot.name),
                folder: snapshot.folder,
                file: None,
            });
        }
        let path = PathBuf::from(&args.source);
        let found = std::fs::metadata(&path);
        let found =
            found.map_err(|error| Wrong::new(format!("cannot read {}: {error}", args.source)))?;
        let stem = |path: &Path| {
            let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
            path.file_stem()
                .map_or_else(|| "dataset".to_owned(), |s| s.to_string_lossy().into_owned())
        };
        let name = args.name.clone().unwrap_or_else(|| stem(&path));
        let (folder, file) = if found.is_dir() {
            (path, None)
        } else {
            (path.parent().map_or_else(PathBuf::new, Path::to_owned), Some(path))
        };
        let beside = || match &file {
            Some(file) => file.with_extension("toml"),
            None => folder.join(MANIFEST),
        };
        let out = args.out.clone().unwrap_or_else(beside);
        let parent = |path: &Path| match path.parent() {
            Some(parent) if parent != Path::new("") => parent.canonicalize(),
            _ => Path::new(".").canonicalize(),
        };
        let here = if folder == Path::new("") { Path::new(".") } else { &folder };
        if parent(&out).ok() != here.canonicalize().ok() {
            let what = format!("{} must lie in {}", out.display(), here.display());
            return Err(Wrong::new(what).hint("a manifest names files from its own folder").into());
        }
        Ok(Self { folder, file, out, name, origin: None })
    }
}

fn show(look: &Look) {
    let width = print::width();
    let list = |title: &str, these: &[Found], doubts: bool| {
        if these.is_empty() {
            return;
        }
        print::result(title);
        for found in these {
            let languages = match found.languages.len() {
                0..=3 => found.languages.join(", "),
                n => format!("{n} languages"),
            };
            let line =
                format!("{}: {}, {} items, {languages}", found.name, found.place, found.rows);
            print::result(&clinic_report::wrap("  ", &line, width));
            print::result(&clinic_report::wrap("    by ", &found.reasons.join("; "), width));
            if doubts || !found.doubts.is_empty() {
                print::result(&clinic_report::wrap("    but ", &found.doubts.join("; "), width));
            }
        }
    };
    list("found", &look.found, false);
    list("doubtful, in the manifest as comments", &look.doubtful, true);
    if !look.missing.is_empty() {
        print::result(&clinic_report::wrap("missing: ", &look.missing.join(", "), width));
    }
    for unused in &look.unused {
        let line = match unused.why.starts_with(&unused.place) {
            true => unused.why.clone(),
            false => format!("{}: {}", unused.place, unused.why),
        };
        print::result(&clinic_report::wrap("not used: ", &line, width));
    }
}
