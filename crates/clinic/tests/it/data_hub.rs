//! Datasets of the hub: fetched at one commit, held against the hub's hashes, never used by halves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clinic_fake::{Action, Fake, Script};
use serde_json::json;
use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::support::{Bench, JUDGED};

const COMMIT: &str = "89abcdef0123456789abcdef0123456789abcdef";
const MOVED: &str = "fedcba9876543210fedcba9876543210fedcba98";
const CSV: &str = "id,English,Spanish\nq0,What helps?,Que ayuda?\nq1,And now?,Y ahora?\n";
/// As long as it takes to be cut in the middle.
const LONG: &str = "id,English\nz0,This table is of no task and only has to be long enough.\n";

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn git_hash(text: &str) -> String {
    hex(&Sha1::digest(format!("blob {}\0{text}", text.len())))
}

/// What the store does with a range of a file.
type Store = fn(usize, &str, &[(&str, &str)]) -> Action;

/// The hub: what it knows of a dataset, and the store behind it. `store` is told how often it was
/// asked for more than a first byte.
fn hub(commit: &'static str, csv_hash: String, store: Store) -> Fake {
    let asked = Arc::new(AtomicUsize::new(0));
    Fake::start(Script::new(move |seen, _| {
        let host = seen.header("host").unwrap_or_default().to_owned();
        let found = |name: &str, hash: &str| {
            let place = format!("http://{host}/store/{name}");
            let told =
                [("location", place.as_str()), ("x-repo-commit", commit), ("x-linked-etag", hash)];
            Action::status(302, &told, "")
        };
        let files = format!("/datasets/o/d/resolve/{commit}");
        let path = seen.path.as_str();
        if path == "/api/datasets/o/d/revision/main"
            || path == format!("/api/datasets/o/d/revision/{commit}")
        {
            let files = ["questions.csv", "sub/long.csv.gz", "README.md"];
            let files: Vec<_> = files.iter().map(|name| json!({"rfilename": name})).collect();
            return Action::Json(200, json!({"sha": commit, "siblings": files}));
        }
        if path == format!("{files}/questions.csv") {
            return found("questions.csv", &csv_hash);
        }
        if path == format!("{files}/sub/long.csv.gz") {
            return found("long.csv", &hex(&Sha256::digest(LONG)));
        }
        let Some(name) = path.strip_prefix("/store/") else {
            return Action::status(if path.contains("/gated/") { 401 } else { 404 }, &[], "no");
        };
        let text = if name == "questions.csv" { CSV } else { LONG };
        let range = seen.header("range").unwrap_or_default().trim_start_matches("bytes=");
        let (from, to) = range.split_once('-').unwrap_or_default();
        let from: usize = from.parse().unwrap_or(0);
        let to = to.parse().map_or(text.len(), |last: usize| last + 1);
        let place = format!("bytes {from}-{}/{}", to - 1, text.len());
        let headers = [("content-range", place.as_str())];
        if to - from == 1 {
            return Action::status(206, &headers, &text[from..to]);
        }
        store(asked.fetch_add(1, Ordering::SeqCst), &text[from..to], &headers)
    }))
}

fn whole(_: usize, text: &str, headers: &[(&str, &str)]) -> Action {
    Action::status(206, headers, text)
}

fn bench(hub: &Fake) -> Bench {
    let bench = Bench::with(JUDGED, "English\nunused\n");
    let home = bench.path("hf").display().to_string();
    bench
        .env("HF_HOME", &home)
        .env("HF_ENDPOINT", &hub.root_url())
        .env("HF_TOKEN", "hf_secret-0123456789")
}

fn kept(file: &str) -> String {
    format!("hf/hub/datasets--o--d/snapshots/{COMMIT}/{file}")
}

#[test]
fn a_dataset_is_fetched_once_and_its_commit_stands_in_the_run() {
    let hub = hub(COMMIT, git_hash(CSV), whole);
    let bench = bench(&hub);
    let model = Fake::start(Script::default());
    let line = format!(
        "generate --tasks-dir tasks --data hf:o/d --tasks judged --out run --model openai/m --base-url {}",
        model.base_url()
    );
    let done = bench.clinic(&line).exits(0).says(&["fetching questions.csv of o/d (1 of 2)"]);
    assert!(!done.err.contains("hf_secret"), "{}", done.err);
    assert_eq!(bench.read(&kept("questions.csv")), CSV.as_bytes());
    assert!(!bench.path(&kept("README.md")).exists(), "only what may hold a table");
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    assert!(plan.contains(&format!("source = \"hf:o/d@{COMMIT}\"")), "{plan}");
    assert_eq!(model.count(), 4);
    let first = hub.requests().into_iter().find(|seen| seen.path.contains("/api/")).unwrap();
    assert_eq!(first.header("authorization"), Some("Bearer hf_secret-0123456789"));

    // By its commit nothing is asked for again, and without the network it is there by its branch.
    let before = hub.count();
    let stats = "data stats --tasks-dir tasks --tasks judged --json --data";
    let by_commit = bench.clinic(&format!("{stats} hf:o/d@{COMMIT}")).exits(0);
    assert_eq!(by_commit.json()["samples"], 4);
    bench.clinic(&format!("{stats} hf:o/d --offline")).exits(0);
    assert_eq!(hub.count(), before);
    // A branch is looked up again, its files are not.
    bench.clinic(&format!("{stats} hf:o/d")).exits(0);
    assert_eq!(hub.count(), before + 1);
}

#[test]
fn a_branch_that_moved_is_another_commit() {
    let first = hub(COMMIT, git_hash(CSV), whole);
    let bench = bench(&first);
    bench.clinic("data fetch hf:o/d").exits(0);
    let second = hub(MOVED, git_hash(CSV), whole);
    let bench = bench.env("HF_ENDPOINT", &second.root_url());
    let done = bench.clinic("data fetch hf:o/d --json").exits(0);
    assert_eq!(done.json()["commit"], MOVED);
    assert_eq!(done.json()["files"], json!(["questions.csv", "sub/long.csv.gz"]));
}

#[test]
fn a_connection_that_drops_leaves_nothing_to_be_used_and_is_gone_on_with() {
    // The first answer breaks off in the middle.
    let hub = hub(COMMIT, git_hash(CSV), |asked, text, headers| {
        let headers: Vec<(String, String)> =
            headers.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        match asked {
            0 => Action::HalfStatus(206, headers, text.to_owned()),
            _ => Action::Status(206, headers, text.to_owned()),
        }
    });
    let bench = bench(&hub);
    bench
        .clinic("data fetch hf:o/d")
        .exits(2)
        .says(&["cannot fetch questions.csv of o/d", "try again"]);
    assert!(!bench.path(&kept("questions.csv")).exists());
    let offline = "data stats --tasks-dir tasks --tasks judged --data hf:o/d --offline";
    bench.clinic(offline).exits(2).says(&["is not whole in", "clinic data fetch"]);
    bench.clinic("data fetch hf:o/d").exits(0);
    assert_eq!(bench.read(&kept("questions.csv")), CSV.as_bytes());
    let half = format!("bytes={}-", CSV.len() / 2);
    assert!(
        hub.requests().iter().any(|seen| seen.header("range") == Some(&half)),
        "it goes on at {half}"
    );
}

#[test]
fn a_short_file_that_looks_whole_is_not_used() {
    let hub = hub(COMMIT, git_hash(CSV), |_, text, headers| {
        let short = text.char_indices().nth(20).map_or(text.len(), |(i, _)| i);
        Action::status(206, headers, &text[..short])
    });
    let bench = bench(&hub);
    let said = ["questions.csv of o/d: what came is not what the hub has; it was taken away"];
    bench.clinic("data fetch hf:o/d").exits(2).says(&said);
    assert!(!bench.path(&kept("questions.csv")).exists());
}

#[test]
fn a_wrong_checksum_is_refused_for_small_and_large_files() {
    for hash in [git_hash("other"), hex(&Sha256::digest("other"))] {
        let hub = hub(COMMIT, hash, whole);
        let bench = bench(&hub);
        bench.clinic("data fetch hf:o/d").exits(2).says(&["what came is not what the hub has"]);
        assert!(!bench.path(&kept("questions.csv")).exists());
    }
}

#[test]
fn what_the_hub_does_not_give_is_said_with_what_to_do() {
    let hub = hub(COMMIT, git_hash(CSV), whole);
    let bench = bench(&hub);
    let fetch = |name: &str| bench.clinic(&format!("data fetch {name}")).exits(2);
    fetch("hf:o/gated").says(&["the dataset o/gated: the hub wants a token", "HF_TOKEN"]);
    fetch("hf:o/none@v9").says(&["the hub has no such dataset at 'v9'", "check owner"]);
    for odd in ["hf:o", "hf:o/d/file.csv", "hf:o/..", "hf:o/d@../x", "hf:o/d@a?b"] {
        fetch(odd).says(&["names no dataset of the hub", "hf:OWNER/NAME"]);
    }
    let before = hub.count();
    let stats = "data stats --tasks-dir tasks --tasks judged --data";
    bench.clinic(&format!("{stats} hf:o/d --offline")).exits(2).says(&["is not whole in"]);
    assert_eq!(hub.count(), before);
    let folder = "folder";
    bench.write(&format!("{folder}/x"), "");
    bench.clinic(&format!("data fetch {folder}")).exits(2).says(&["names no dataset of the hub"]);
}

#[test]
fn a_manifest_of_the_hub_s_files_works_anywhere() {
    let hub = hub(COMMIT, git_hash(CSV), whole);
    let bench = bench(&hub);
    let done = bench.clinic("data import hf:o/d --tasks-dir tasks --out mine.toml").exits(0);
    assert!(done.out.contains("questions: questions.csv, 2 items, en, es"), "{}", done.out);
    let manifest = String::from_utf8(bench.read("mine.toml")).unwrap();
    assert!(manifest.contains(&format!("origin = \"hf:o/d@{COMMIT}\"")), "{manifest}");
    let stats = "data stats --tasks-dir tasks --tasks judged --json --data mine.toml";
    let before = hub.count();
    assert_eq!(bench.clinic(stats).exits(0).json()["samples"], 4);
    assert_eq!(hub.count(), before, "a commit does not change");
    std::fs::remove_dir_all(bench.path("hf")).unwrap();
    assert_eq!(bench.clinic(stats).exits(0).json()["samples"], 4, "fetched again");
    bench.clinic("data lock mine.toml").exits(0);
    bench.write("mine.toml", manifest.replace("hf:o/d", "elsewhere"));
    bench.clinic(stats).exits(2).says(&["origin must be hf:OWNER/NAME@COMMIT"]);
}

#[test]
fn a_file_that_was_changed_in_the_cache_is_fetched_again() {
    let hub = hub(COMMIT, git_hash(CSV), whole);
    let bench = bench(&hub);
    bench.clinic("data fetch hf:o/d").exits(0);
    let blob = std::fs::canonicalize(bench.path(&kept("questions.csv"))).unwrap();
    std::fs::write(&blob, CSV.replace("helps", "harms")).unwrap();
    let stats = "data stats --tasks-dir tasks --tasks judged --data hf:o/d";
    bench.clinic(&format!("{stats} --offline")).exits(2).says(&["is not whole in"]);
    bench.clinic(stats).exits(0);
    assert_eq!(bench.read(&kept("questions.csv")), CSV.as_bytes());
}

#[test]
fn a_hub_that_sends_in_circles_is_left() {
    let hub = Fake::start(Script::new(|seen, _| {
        if seen.path.starts_with("/api/") {
            let files = json!([{"rfilename": "a b#c.csv"}]);
            return Action::Json(200, json!({"sha": COMMIT, "siblings": files}));
        }
        Action::status(302, &[("location", "/again")], "")
    }));
    let bench = bench(&hub);
    bench.clinic("data fetch hf:o/d").exits(2).says(&["from one place to another without end"]);
    assert!(hub.count() < 10, "{}", hub.count());
    let first = format!("/datasets/o/d/resolve/{COMMIT}/a%20b%23c.csv");
    assert!(hub.requests().iter().any(|seen| seen.path == first));
}

#[test]
fn the_key_of_the_hub_goes_to_no_other_host() {
    let store = Fake::start(Script::new(|seen, _| {
        let range = seen.header("range").unwrap_or_default().trim_start_matches("bytes=");
        let from: usize = range.split('-').next().and_then(|n| n.parse().ok()).unwrap_or(0);
        let place = format!("bytes {from}-{}/{}", CSV.len() - 1, CSV.len());
        Action::status(206, &[("content-range", &place)], &CSV[from..])
    }));
    // At once, and from the file's own place on the hub.
    for late in [false, true] {
        let elsewhere = format!("{}/file", store.root_url());
        let hub = Fake::start(Script::new(move |seen, _| {
            if seen.path.starts_with("/api/") {
                let files = json!([{"rfilename": "questions.csv"}]);
                return Action::Json(200, json!({"sha": COMMIT, "siblings": files}));
            }
            let hash = git_hash(CSV);
            let told = [("x-repo-commit", COMMIT), ("x-linked-etag", hash.as_str())];
            if late && seen.header("range") == Some("bytes=0-0") {
                return Action::status(206, &told, "i");
            }
            let place = [("location", elsewhere.as_str())];
            Action::status(302, &[&told[..], &place].concat(), "")
        }));
        let bench = bench(&hub);
        bench.clinic("data fetch hf:o/d").exits(0);
        assert_eq!(bench.read(&kept("questions.csv")), CSV.as_bytes());
        assert!(hub.requests().iter().all(|seen| seen.header("authorization").is_some()));
    }
    assert!(store.count() >= 2);
    assert!(store.requests().iter().all(|seen| seen.header("authorization").is_none()));
}
