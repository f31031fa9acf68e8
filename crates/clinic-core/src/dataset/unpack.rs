//! Files as they lie on the disk: plain, gzip, or members of a zip; never more than a bound.

use std::io::{Cursor, Read};
use std::path::Path;

use super::DataError;
use super::table::{MAX_BYTES, failed};

/// Members of a zip at most.
const MAX_MEMBERS: usize = 10_000;

/// What is said of a file that is too large.
pub(super) fn too_large() -> String {
    format!(
        "larger than {} MiB when unpacked; split it, or take what is not needed out",
        MAX_BYTES >> 20
    )
}

/// Reads a file, and no pipe or device, which would never end. `None` where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, DataError> {
    let io = |source| DataError::Io { path: path.to_owned(), source };
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(io(e)),
    };
    if !found.is_file() {
        return Err(io(std::io::Error::other("not a file")));
    }
    if found.len() > MAX_BYTES {
        return Err(io(std::io::Error::other(too_large())));
    }
    std::fs::read(path).map(Some).map_err(io)
}

/// The bytes that a packed file holds, or of one member of a zip.
pub(super) fn unpack(
    file: &str,
    bytes: Vec<u8>,
    member: Option<&str>,
) -> Result<Vec<u8>, DataError> {
    let fail = |problem: String| failed(file, None, None, problem);
    if bytes.starts_with(b"\x1f\x8b") {
        let inner = limited(flate2::read::MultiGzDecoder::new(Cursor::new(bytes)))
            .map_err(|why| fail(format!("the gzip file is damaged or too large: {why}")))?;
        if inner.starts_with(b"\x1f\x8b") || is_zip(&inner) {
            return Err(fail("packed twice; unpack it once".to_owned()));
        }
        return Ok(inner);
    }
    if !is_zip(&bytes) {
        return match member {
            Some(_) => Err(fail("not a zip, so that it has no member".to_owned())),
            None => Ok(bytes),
        };
    }
    let mut archive = open(file, bytes)?;
    let Some(name) = member.map(str::to_owned).or_else(|| only(&archive)) else {
        return Err(fail(
            "a zip of several files; the manifest must name one as member".to_owned(),
        ));
    };
    let found = archive.by_name(&name);
    let packed = found.map_err(|why| fail(format!("the zip's member {name}: {why}")))?;
    limited(packed).map_err(|why| fail(format!("the zip's member {name}: {why}")))
}

/// Names of the files in a zip; `None` where it is no zip.
pub(super) fn members(file: &str, bytes: &[u8]) -> Result<Option<Vec<String>>, DataError> {
    if !is_zip(bytes) {
        return Ok(None);
    }
    let archive = open(file, bytes.to_vec())?;
    Ok(Some(files(&archive)))
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

type Archive = zip::ZipArchive<Cursor<Vec<u8>>>;

fn open(file: &str, bytes: Vec<u8>) -> Result<Archive, DataError> {
    let fail = |problem: String| failed(file, None, None, problem);
    let archive = zip::ZipArchive::new(Cursor::new(bytes))
        .map_err(|why| fail(format!("not a zip that can be read: {why}")))?;
    if archive.len() > MAX_MEMBERS {
        return Err(fail(format!("a zip of more than {MAX_MEMBERS} files")));
    }
    // Nothing is ever written by these names, but such a zip was made to do harm.
    let outside = |name: &str| {
        name.starts_with(['/', '\\']) || name.split(['/', '\\']).any(|part| part == "..")
    };
    let mut seen = std::collections::HashSet::new();
    for name in archive.file_names() {
        let name = name.map_err(|why| fail(format!("a name in the zip: {why}")))?;
        if !seen.insert(name.to_string()) {
            return Err(fail(format!("the zip holds '{name}' twice")));
        }
        if outside(&name) {
            return Err(fail(format!("the zip holds '{name}', which leads out of its folder")));
        }
    }
    Ok(archive)
}

fn files(archive: &Archive) -> Vec<String> {
    let names = archive.file_names().filter_map(|name| name.ok().map(|name| name.into_owned()));
    let mut names: Vec<String> =
        names.filter(|name| !name.ends_with('/') && !name.starts_with("__MACOSX/")).collect();
    names.sort();
    names
}

fn only(archive: &Archive) -> Option<String> {
    let names = files(archive);
    (names.len() == 1).then(|| names.into_iter().next()).flatten()
}

fn limited(source: impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|why| why.to_string())?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large()) } else { Ok(bytes) }
}
