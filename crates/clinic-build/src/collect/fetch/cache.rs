//! Bodies as servers sent them, as files that are named by their SHA-256.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;

use clinic_core::digest;

/// Keeps a body and gives its name. Its file is whole whenever it is there.
pub fn write(folder: &Path, bytes: &[u8]) -> io::Result<String> {
    let name = digest::hex(&[bytes]);
    let path = folder.join(&name);
    if path.metadata().is_ok_and(|file| file.len() == bytes.len() as u64) {
        return Ok(name);
    }
    fs::create_dir_all(folder)?;
    let part = folder.join(format!("{name}.part"));
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(part, path)?;
    Ok(name)
}

/// A body, where it is there, whole and no longer than `most` bytes.
pub fn read(folder: &Path, name: &str, most: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(folder.join(name)).ok()?;
    file.take(most + 1).read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= most && digest::hex(&[&bytes]) == name).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_body_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let name = write(folder.path(), b"whole").unwrap();
        assert_eq!(read(folder.path(), &name, 5).as_deref(), Some(&b"whole"[..]));
        assert_eq!(read(folder.path(), &name, 4), None);
        fs::write(folder.path().join(&name), b"whol").unwrap();
        assert_eq!(read(folder.path(), &name, 5), None);
        assert_eq!(write(folder.path(), b"whole").unwrap(), name);
        assert!(read(folder.path(), &name, 5).is_some());
    }
}
