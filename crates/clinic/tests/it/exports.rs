//! Reports and exports: the same bytes each time, and harmless whatever a model says.

use clinic_fake::{Action, Fake, Script};
use serde_json::json;

use crate::support::{Bench, is_for};

/// A model whose answer to "ask N" is the Nth text, and a judge that takes the first verdict.
fn says(texts: &'static [&'static str]) -> Fake {
    Fake::start(Script::new(|seen, _| {
        let number = seen.prompt().rsplit(' ').next().and_then(|n| n.parse::<usize>().ok());
        match number.and_then(|n| texts.get(n)) {
            Some(text) if is_for(seen, "m") => Action::Text((*text).to_owned()),
            _ => Action::Default,
        }
    }))
}

/// The rows of a CSV file, header included.
fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

const FILES: [&str; 4] = ["responses.csv", "scores.csv", "metrics.csv", "samples.jsonl"];

fn exported(bench: &Bench) -> Vec<Vec<u8>> {
    for format in ["csv", "jsonl"] {
        bench.clinic(&format!("export run --format {format}")).exits(0);
    }
    FILES.map(|file| bench.read(&format!("run/exports/{file}"))).into()
}

#[test]
fn the_same_run_twice_gives_the_same_bytes() {
    let fake = Fake::start(Script::default());
    let runs = ["--max-connections 1", "--max-connections 16"].map(|pace| {
        let bench = Bench::of(30);
        bench.run("judged", &fake, pace).exits(0);
        let report = bench.clinic("report run --all").exits(0).out;
        let json = bench.clinic("report run --json").exits(0).out;
        (exported(&bench), report, json)
    });
    assert!(runs[0] == runs[1]);
    // Exported again, over the files of before.
    let bench = Bench::of(30);
    bench.run("judged", &fake, "").exits(0);
    assert_eq!(exported(&bench), exported(&bench));
    assert_eq!(exported(&bench), runs[0].0);
}

#[test]
fn the_table_of_a_report() {
    let fake = says(&["well", "", "", "fine", "good"]);
    let bench = Bench::of(5);
    bench.write("data/questions.csv", "English,Spanish\nask 0,ask 1\nask 2,\nask 3,ask 4\n");
    bench.run("judged", &fake, "").exits(0);
    let done = bench.clinic("report run --all").exits(0);
    assert_eq!(done.err, "the whole report: run/report.html\n");
    insta::assert_snapshot!(bench.redact(&done.out, Some(&fake)));
}

#[test]
fn the_metrics_of_an_export() {
    let fake = says(&["well", "", "fine"]);
    let bench = Bench::of(3);
    bench.run("judged", &fake, "").exits(0);
    let done = bench.clinic("export run --format csv").exits(0);
    let files = ["responses.csv", "scores.csv", "metrics.csv", "dictionary.csv"];
    let files = files.map(|file| format!("run/exports/{file}\n")).concat();
    assert_eq!((done.out.as_str(), done.err.as_str()), (files.as_str(), ""));
    exported(&bench);
    insta::assert_snapshot!(String::from_utf8(bench.read("run/exports/metrics.csv")).unwrap());
    let lines = String::from_utf8(bench.read("run/exports/samples.jsonl")).unwrap();
    insta::assert_snapshot!("the_samples_of_an_export", lines);
}

/// No control code but the ends of lines, and nothing that turns the direction of writing.
#[track_caller]
fn harmless(text: &str) {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let bad = text.chars().find(|c| (c.is_control() && *c != '\n') || turns(*c));
    assert_eq!(bad, None, "{text:?}");
}

#[test]
fn nothing_that_a_server_sends_steers_the_terminal() {
    let codes = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\rgone\u{2066}";
    for status in [200, 400, 401] {
        let fake = Fake::start(Script::new(move |_, _| match status {
            200 => Action::Text(codes.to_owned()),
            _ => Action::Json(status, json!({"error": {"message": codes}})),
        }));
        let bench = Bench::of(2);
        let ran = bench.run("judged", &fake, "");
        assert_eq!(
            ran.code,
            Some(match status {
                200 => 0,
                400 => 3,
                _ => 1,
            }),
            "{}",
            ran.err
        );
        let shown =
            ["report run", "report run --all", "report run --json"].map(|l| bench.clinic(l));
        for done in shown.into_iter().chain([ran]) {
            harmless(&done.out);
            harmless(&done.err);
        }
    }
}

#[test]
fn nothing_that_the_data_holds_steers_the_terminal() {
    let bench = Bench::of(1);
    bench.write("data/manifest.toml", "name = \"a\\u001b[2J\"\n[columns]\nid = \"id\"\n");
    bench.write("data/questions.csv", "id,English\na\u{1b}[31m,\na\u{202e}b,ask\n");
    let fake = Fake::start(Script::default());
    let stats = bench.clinic("data stats --tasks-dir tasks --data data --tasks judged").exits(0);
    let dry = bench.clinic(&Bench::line("run", "judged", &fake, "--dry-run")).exits(0);
    bench.run("judged", &fake, "").exits(0);
    let report = bench.clinic("report run").exits(0);
    bench.write("data/questions.csv", "id,English\na\u{1b}[31m,x\na\u{1b}[31m,y\n");
    let refused = bench.clinic(&Bench::line("run", "judged", &fake, "--dry-run")).exits(2);
    for done in [stats, dry, report, refused] {
        harmless(&done.out);
        harmless(&done.err);
    }
}

#[test]
fn a_run_that_is_half_done_can_be_exported() {
    let fake = Fake::start(Script::new(|seen, _| {
        let broken = seen.prompt().ends_with("ask 1");
        if broken { Action::status(400, &[], "no") } else { Action::Default }
    }));
    let bench = Bench::of(3);
    bench.generate(&fake, "").exits(3);
    exported(&bench);
    let responses = cells(&bench.read("run/exports/responses.csv"));
    let states: Vec<&str> = responses[1..].iter().map(|row| row[5].as_str()).collect();
    assert_eq!(
        (responses[0][5].as_str(), states),
        ("state", vec!["answered", "failed", "answered"])
    );
    assert_eq!(cells(&bench.read("run/exports/scores.csv")).len(), 1, "a header and no scores");
    let metrics = cells(&bench.read("run/exports/metrics.csv"));
    let (estimate, n) = (&metrics[1][6], &metrics[1][9]);
    assert_eq!((estimate.as_str(), n.as_str()), ("", "0"), "empty, and not 0");
}

#[test]
fn an_export_goes_where_it_is_sent() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    bench.generate(&fake, "").exits(0);
    let files = bench.clinic("export run --format jsonl --out a/b --json").exits(0).json();
    assert_eq!(files, json!(["a/b/samples.jsonl", "a/b/dictionary.csv"]));
    assert!(!bench.read("a/b/samples.jsonl").is_empty());
    bench.write("file", "");
    bench.clinic("export run --format csv --out file/b").exits(1).says(&["error: file/b: "]);
}

#[test]
fn a_folder_of_logs_is_replaced_when_the_new_one_is_whole() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    bench.run("judged", &fake, "").exits(0);
    bench.clinic("export run --format inspect").exits(0);
    bench.write("run/exports/inspect/older.eval", "of an earlier task");
    let logs = || {
        let found = std::fs::read_dir(bench.path("run/exports/inspect")).unwrap();
        let mut names: Vec<_> = found.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = logs();
    assert_eq!(before.len(), 2);
    let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
    let state = |state: &str| {
        db.execute("UPDATE responses SET state = ?1 WHERE id = 3", [state]).unwrap();
    };
    state("nonsense");
    bench.clinic("export run --format inspect").exits(1);
    assert_eq!(logs(), before, "a log that cannot be written costs none that is there");
    assert!(!bench.path("run/exports/inspect.new").exists());
    // What a kill left is no part of the next.
    bench.write("run/exports/inspect.new/half.eval", "half");
    state("answered");
    bench.clinic("export run --format inspect").exits(0);
    assert_eq!(logs().len(), 1, "{:?}", logs());
}
