//! A folder of one's own: a folder a language, with text, Markdown, HTML and PDF.

use std::path::{Path, PathBuf};

use clinic_core::digest;
use clinic_core::language::{Language, Languages};
use walkdir::{DirEntry, WalkDir};

use super::choose::{Candidate, choose};
use super::desk::Desk;
use super::fetch::Failed;
use super::read::Format;
use super::shelf::Draft;
use super::why::Why;

/// Folders in folders that are looked into.
const DEEPEST: usize = 16;

/// A file to read.
struct Paper {
    language: &'static Language,
    /// Path below the folder of its language, without its ending.
    name: String,
    path: PathBuf,
    /// Path from the project's folder.
    address: String,
    format: Format,
}

impl Candidate for Paper {
    fn language(&self) -> &str {
        &self.language.tag
    }
    fn link(&self) -> Option<&str> {
        Some(&self.name)
    }
}

/// Reads the folder that the source names.
pub async fn read(desk: &mut Desk<'_, '_>) -> Result<(), Failed> {
    let papers = choose(look(desk)?, desk.source.limit);
    desk.shelf.expect(papers.len());
    for paper in papers {
        let tag = &paper.language.tag;
        let found = match desk.file(&paper.path, paper.address.clone()) {
            Ok(found) => found,
            Err(why) => {
                desk.shelf.drop(Some(tag), &paper.name, &paper.address, why)?;
                continue;
            }
        };
        let sha256 = digest::hex(&[&found.bytes]);
        match desk.page(paper.format, found.bytes, None).await {
            Ok(page) => desk.shelf.put(Draft {
                link: Some(paper.name.clone()),
                name: paper.name,
                language: tag.clone(),
                title: page.title,
                text: page.text,
                address: paper.address,
                dated: None,
                sha256,
                groups: Vec::new(),
                recent: false,
            })?,
            Err(Failed::Why(why)) => {
                desk.shelf.drop(Some(tag), &paper.name, &paper.address, why)?;
            }
            Err(step) => return Err(step),
        }
    }
    Ok(())
}

/// The files that are read, in the order of their names.
fn look(desk: &mut Desk<'_, '_>) -> Result<Vec<Paper>, Failed> {
    let root = desk.path();
    if !root.is_dir() {
        return Err(Why::Absent(format!("{} is no folder", root.display())).into());
    }
    let mut papers = Vec::new();
    let entries = |folder: &Path, deepest| {
        WalkDir::new(folder).min_depth(1).max_depth(deepest).follow_links(false).sort_by_file_name()
    };
    for entry in entries(&root, 1) {
        let Some(folder) = seen(desk, &root, entry)? else { continue };
        if !folder.file_type().is_dir() {
            // Such as a note on where the documents are from.
            desk.shelf.pass(1);
            continue;
        }
        let name = folder.file_name().to_string_lossy();
        let Ok(language) = Languages::current().find(&name) else {
            let address = address(desk, &root, folder.path());
            desk.shelf.drop(None, "", &address, Why::NoLanguage(name.into_owned()))?;
            continue;
        };
        let wanted = desk.wants(language);
        let walk = entries(folder.path(), DEEPEST).into_iter();
        for entry in walk.filter_entry(|entry| !is_hidden(entry)) {
            let Some(file) = seen(desk, &root, entry)? else { continue };
            if !file.file_type().is_file() {
                continue;
            }
            if !wanted {
                desk.shelf.pass(1);
                continue;
            }
            let address = address(desk, &root, file.path());
            let name = slashes(file.path(), folder.path());
            let Some(format) = Format::of_name(&name) else {
                let why = "only .txt, .md, .html, .htm and .pdf are read";
                desk.shelf.drop(Some(&language.tag), &name, &address, Why::Kind(why.into()))?;
                continue;
            };
            let name = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned();
            let path = file.into_path();
            papers.push(Paper { language, name, path, address, format });
        }
    }
    Ok(papers)
}

/// An entry that is to be looked at; others are dropped, or hidden and no document.
fn seen(
    desk: &mut Desk<'_, '_>,
    root: &Path,
    entry: walkdir::Result<DirEntry>,
) -> Result<Option<DirEntry>, Failed> {
    match entry {
        Ok(entry) if is_hidden(&entry) => Ok(None),
        Ok(entry) if entry.path_is_symlink() => {
            let why = "it is a symbolic link, which may lead out of the folder";
            let address = address(desk, root, entry.path());
            desk.shelf.drop(None, "", &address, Why::Kind(why.into()))?;
            Ok(None)
        }
        Ok(entry) => Ok(Some(entry)),
        Err(error) => {
            let address = address(desk, root, error.path().unwrap_or(root));
            desk.shelf.drop(None, "", &address, Why::Unreadable(error.to_string()))?;
            Ok(None)
        }
    }
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.')
}

/// A path from the project's folder.
fn address(desk: &Desk<'_, '_>, root: &Path, path: &Path) -> String {
    format!("{}/{}", desk.source.from.trim_end_matches('/'), slashes(path, root))
}

/// A path below a folder, with slashes on every system.
fn slashes(path: &Path, folder: &Path) -> String {
    let below = path.strip_prefix(folder).unwrap_or(path);
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}
