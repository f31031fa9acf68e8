//! One file of the hub into the usual cache: gone on with where it broke off, held against the
//! hub's hash before anybody can see it, and without the key at any other host.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use hf_hub::{Cache, Repo};
use indicatif::{ProgressBar, ProgressStyle};
use sha1::Digest as _;
use ureq::Agent;
use ureq::http::{Response, Uri};

use super::{api, token};
use crate::print;

/// Why a file did not come.
#[derive(Debug)]
pub struct Fault {
    /// The status of the hub's answer, where it gave one that is no success.
    pub status: Option<u16>,
    /// What happened.
    pub said: String,
}

impl Fault {
    fn new(said: impl std::fmt::Display) -> Self {
        Self { status: None, said: said.to_string() }
    }
}

/// What the hub knows of a file.
struct Told {
    /// Where its bytes are.
    place: String,
    /// Whether that is the hub itself.
    same_host: bool,
    /// Its name in the cache: a hash of its content.
    etag: String,
    commit: String,
}

/// Relative redirects that are followed on the hub itself, at most.
const MOST_REDIRECTS: usize = 5;

/// Time for a connection, for the beginning of an answer, and for a piece of a file; a piece that
/// has come is kept, and the next goes on behind it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Fetches a file of a repository at its revision, and gives its place in the cache.
pub fn download(repo: &Repo, file: &str) -> Result<PathBuf, Fault> {
    let url = api().map_err(Fault::new)?.repo(repo.clone()).url(&encoded(file));
    // Redirects are looked at one by one, since the key must not go to another host.
    let config = Agent::config_builder().max_redirects(0).max_redirects_will_error(false);
    let config = config
        .http_status_as_error(false)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_recv_body(Some(PATIENCE));
    let agent: Agent = config.build().into();
    let told = ask(&agent, &url)?;
    let is_commit = repo.revision().len() == 40;
    if is_commit && told.commit != repo.revision() {
        let said = format!("the hub answered for the commit {}", told.commit);
        return Err(Fault::new(said));
    }
    let cache = Cache::from_env().repo(repo.clone());
    let blob = cache.blob_path(&told.etag);
    let folder = blob.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder).map_err(Fault::new)?;
    let lock = File::create(blob.with_extension("lock")).map_err(Fault::new)?;
    lock.lock().map_err(Fault::new)?;
    // Another process may have fetched it while this one waited.
    if !blob.is_file() {
        let part = blob.with_extension("part");
        fill(&agent, &told, &part, file)?;
        let whole = is_whole(&part, &told.etag).map_err(Fault::new)?;
        if whole.is_none() {
            print::status(&format!("note: the hub gave no hash for {file}"));
        }
        if whole == Some(false) {
            let _ = std::fs::remove_file(&part);
            return Err(Fault::new("what came is not what the hub has; it was taken away"));
        }
        std::fs::rename(&part, &blob).map_err(Fault::new)?;
    }
    let pointer = cache.pointer_path(&told.commit).join(file);
    point(&pointer, &blob, file).map_err(Fault::new)?;
    cache.create_ref(&told.commit).map_err(Fault::new)?;
    let _ = std::fs::remove_file(blob.with_extension("lock"));
    Ok(pointer)
}

/// Asks the hub for a first byte, and so for all that it knows.
fn ask(agent: &Agent, url: &str) -> Result<Told, Fault> {
    let mut url = url.to_owned();
    for _ in 0..MOST_REDIRECTS {
        let response = get(agent, &url, true, "bytes=0-0")?;
        let header = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok());
        let location = header("location").filter(|_| response.status().is_redirection());
        let relative = location.filter(|place| place.starts_with('/') && !place.starts_with("//"));
        if let (Some(place), None) = (relative, header("x-linked-etag")) {
            url = beside(&url, place)?;
            continue;
        }
        if !response.status().is_success() && location.is_none() {
            let status = response.status().as_u16();
            return Err(Fault { status: Some(status), said: format!("http status: {status}") });
        }
        let missing = |name: &str| Fault::new(format!("the hub's answer lacks the header {name}"));
        let etag = header("x-linked-etag").or(header("etag")).ok_or_else(|| missing("etag"))?;
        let etag = etag.trim_start_matches("W/").trim_matches('"').to_owned();
        let commit = header("x-repo-commit").ok_or_else(|| missing("x-repo-commit"))?.to_owned();
        let plain =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        if !plain(&etag) || !plain(&commit) {
            return Err(Fault::new("the hub's answer names an odd hash or commit"));
        }
        let place = location.unwrap_or(&url).to_owned();
        return Ok(Told { same_host: location.is_none(), place, etag, commit });
    }
    Err(Fault::new(ENDLESS))
}

/// The address of a place on the same host.
fn beside(url: &str, place: &str) -> Result<String, Fault> {
    let uri: Uri = url.parse().map_err(Fault::new)?;
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    Ok(format!("{}://{authority}{place}", uri.scheme_str().unwrap_or("https")))
}

fn get(
    agent: &Agent,
    url: &str,
    with_key: bool,
    range: &str,
) -> Result<Response<ureq::Body>, Fault> {
    let mut request = agent.get(url).header("Range", range);
    if let Some(token) = token().filter(|_| with_key) {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    request.call().map_err(Fault::new)
}

/// Fetches what the part lacks, a piece after the other for as long as pieces come.
fn fill(agent: &Agent, told: &Told, part: &Path, file: &str) -> Result<(), Fault> {
    let size = || std::fs::metadata(part).map_or(0, |part| part.len());
    loop {
        let before = size();
        match piece(agent, told, part, file) {
            Err(fault) if fault.said.contains("timeout") && size() > before => {}
            other => return other,
        }
    }
}

fn piece(agent: &Agent, told: &Told, part: &Path, file: &str) -> Result<(), Fault> {
    let mut kept = OpenOptions::new().create(true).append(true).open(part).map_err(Fault::new)?;
    let start = kept.seek(SeekFrom::End(0)).map_err(Fault::new)?;
    let (mut place, mut with_key) = (told.place.clone(), told.same_host);
    let mut hops = 0;
    let response = loop {
        let response = get(agent, &place, with_key, &format!("bytes={start}-"))?;
        let location = response.headers().get("location").and_then(|v| v.to_str().ok());
        match location.filter(|_| response.status().is_redirection()) {
            Some(_) if hops == MOST_REDIRECTS => return Err(Fault::new(ENDLESS)),
            Some(near) if near.starts_with('/') && !near.starts_with("//") => {
                place = beside(&place, near)?;
            }
            Some(location) => (place, with_key) = (location.to_owned(), false),
            None => break response,
        }
        hops += 1;
    };
    match response.status().as_u16() {
        206 => {}
        // The whole is there already, or there is nothing in it.
        416 => return Ok(()),
        200 => kept.set_len(0).map_err(Fault::new)?,
        status => {
            return Err(Fault { status: Some(status), said: format!("http status: {status}") });
        }
    }
    let length = response.headers().get("content-length").and_then(|v| v.to_str().ok());
    let length: Option<u64> = length.and_then(|length| length.parse().ok());
    let bar = bar(file, length.map(|length| start + length));
    bar.set_position(start);
    let mut body = bar.wrap_read(response.into_body().into_reader());
    let copied = std::io::copy(&mut body, &mut kept);
    kept.sync_all().map_err(Fault::new)?;
    bar.finish_and_clear();
    let copied = copied.map_err(Fault::new)?;
    match length.filter(|length| *length != copied) {
        Some(length) => Err(Fault::new(format!("{copied} of {length} bytes came"))),
        None => Ok(()),
    }
}

/// What is said of redirects without end.
const ENDLESS: &str = "the hub sends from one place to another without end";

/// A file's name as a part of an address.
fn encoded(file: &str) -> String {
    let mut text = String::new();
    for byte in file.bytes() {
        match byte {
            b'/' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => text.push(char::from(byte)),
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// A bar on a terminal; nothing elsewhere.
fn bar(file: &str, length: Option<u64>) -> ProgressBar {
    let bar = length.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let line = "{msg} {bar:30} {bytes}/{total_bytes} {bytes_per_sec} {eta} left";
    if let Ok(style) = ProgressStyle::with_template(line) {
        bar.set_style(style);
    }
    bar.with_message(clinic_core::plain::plain(file, 40))
}

/// Whether a file is what its name in the cache says: SHA-256 of large files, git's SHA-1 of others;
/// `None` where the name says nothing.
pub fn is_whole(path: &Path, etag: &str) -> std::io::Result<Option<bool>> {
    let etag = etag.to_lowercase();
    if !etag.chars().all(|c| c.is_ascii_hexdigit()) {
        return Ok(None);
    }
    Ok(match etag.len() {
        64 => Some(hash(sha2::Sha256::new(), path)? == etag),
        40 => {
            let size = std::fs::metadata(path)?.len();
            let hasher = sha1::Sha1::new_with_prefix(format!("blob {size}\0"));
            Some(hash(hasher, path)? == etag)
        }
        _ => None,
    })
}

fn hash<D: sha1::Digest>(mut hasher: D, path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
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

/// Puts the file's name into the snapshot, as other programs do: a relative link to its content.
fn point(pointer: &Path, blob: &Path, file: &str) -> std::io::Result<()> {
    if pointer.is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(pointer.parent().unwrap_or(Path::new("")))?;
    let _ = std::fs::remove_file(pointer);
    #[cfg(unix)]
    {
        let name = blob.file_name().unwrap_or_default();
        let up = "../".repeat(file.split('/').count() + 1);
        std::os::unix::fs::symlink(Path::new(&up).join("blobs").join(name), pointer)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        std::fs::copy(blob, pointer).map(|_| ())
    }
}
