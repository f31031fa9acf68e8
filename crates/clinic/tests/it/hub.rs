//! Files of the hub: fetched once, gone on with where they broke off, and refused with a reason.

use clinic_fake::{Action, Fake, Script};

use crate::support::{Bench, Outcome, SIMILAR};

/// No model, which is what the program says once it has it.
const CONTENT: &str = "once upon a time there was a file that is no model at all";
const FILE: &str = "/o/r/resolve/main/f.gguf";
const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The hub: a redirect with what it knows of the file, and the store behind it.
fn hub() -> Fake {
    Fake::start(Script::new(|seen, _| match seen.path.as_str() {
        FILE => {
            let host = seen.header("host").unwrap_or_default();
            let store = format!("http://{host}/store/f");
            let told =
                [("location", store.as_str()), ("x-repo-commit", COMMIT), ("etag", "\"e7a9\"")];
            Action::status(302, &told, "")
        }
        "/store/f" => {
            let range = seen.header("range").unwrap_or_default();
            let mut ends = range.trim_start_matches("bytes=").split('-');
            let mut end = || ends.next().and_then(|number| number.parse::<usize>().ok());
            let from = end().unwrap_or(0);
            let to = end().map_or(CONTENT.len(), |last| last + 1);
            let place = format!("bytes {from}-{}/{}", to - 1, CONTENT.len());
            Action::status(206, &[("content-range", &place)], &CONTENT[from..to])
        }
        path if path.contains("/gated/") => Action::status(401, &[], "log in"),
        _ => Action::status(404, &[], "Entry not found"),
    }))
}

fn bench(hub: &Fake) -> Bench {
    let bench = Bench::with(SIMILAR, "English,yes,no\na,a,n\n");
    let home = bench.path("hf").display().to_string();
    bench
        .env("HF_HOME", &home)
        .env("HF_ENDPOINT", &hub.root_url())
        .env("HF_TOKEN", "hf_secret-0123456789")
}

/// Scores a run that has answers by an embedder.
fn score(bench: &Bench, embedder: &str, more: &str) -> Outcome {
    if !bench.path("run").exists() {
        let fake = Fake::start(Script::default());
        bench.clinic(&Bench::line("generate", "similar", &fake, "")).exits(0);
    }
    bench.clinic(&format!("score run --embedder {embedder} {more}"))
}

#[test]
fn an_embedder_of_the_hub_is_fetched_once_into_the_usual_cache() {
    let hub = hub();
    let bench = bench(&hub);
    let said = ["fetching f.gguf of o/r", "f.gguf is not a GGUF model"];
    let done = score(&bench, "llama/hf:o/r/f.gguf", "").exits(2).says(&said);
    assert!(!done.err.contains("hf_secret"), "{}", done.err);
    let kept = format!("hf/hub/models--o--r/snapshots/{COMMIT}/f.gguf");
    assert_eq!(bench.read(&kept), CONTENT.as_bytes());
    let first = hub.requests().into_iter().find(|seen| seen.path == FILE).unwrap();
    assert_eq!(first.header("authorization"), Some("Bearer hf_secret-0123456789"));

    let before = hub.count();
    let done = score(&bench, "llama/hf:o/r/f.gguf", "--offline").exits(2).says(&said[1..]);
    assert!(!done.err.contains("fetching"), "{}", done.err);
    assert_eq!(hub.count(), before, "what is there is not asked for again");
}

#[test]
fn a_fetch_goes_on_where_it_broke_off() {
    let hub = hub();
    let bench = bench(&hub);
    bench.write("hf/hub/models--o--r/blobs/e7a9.part", &CONTENT[..10]);
    score(&bench, "llama/hf:o/r/f.gguf", "").exits(2).says(&["is not a GGUF model"]);
    let kept = format!("hf/hub/models--o--r/snapshots/{COMMIT}/f.gguf");
    assert_eq!(bench.read(&kept), CONTENT.as_bytes());
    assert!(hub.requests().iter().any(|seen| seen.header("range") == Some("bytes=10-")));
}

#[test]
fn what_the_hub_does_not_give_is_said_with_what_to_do() {
    let hub = hub();
    let bench = bench(&hub);
    let missing = ["cannot fetch g.gguf of o/r", "no such file at 'main'", "check owner"];
    score(&bench, "llama/hf:o/r/g.gguf", "").exits(2).says(&missing);
    let gated = ["cannot fetch f.gguf of o/gated", "HF_TOKEN"];
    score(&bench, "llama/hf:o/gated/f.gguf", "").exits(2).says(&gated);
    let odd = ["names no file of the hub", "hf:OWNER/REPO/FILE.gguf"];
    score(&bench, "llama/hf:o/f.gguf", "").exits(2).says(&odd);
    let before = hub.count();
    let offline = ["f.gguf of o/r is not in", "without --offline"];
    score(&bench, "llama/hf:o/r/f.gguf", "--offline").exits(2).says(&offline);
    // The preset stands for a file of one commit.
    let preset = ["bge-m3-q8_0.gguf of ggml-org/bge-m3-Q8_0-GGUF is not in", "without --offline"];
    score(&bench, "bge-m3", "--offline").exits(2).says(&preset);
    assert_eq!(hub.count(), before);
    let commit = "9eba04c5d75ba5a1595e45de734d36bef4e5cb98";
    score(&bench, "bge-m3", "").exits(2).says(&["no such file at", commit]);
}
