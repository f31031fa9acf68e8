//! Data that is broken: refused with file, line and column, or listed as a gap; never shifted.

use clinic_fake::{Fake, Script};
use serde_json::{Value, json};

use crate::support::{Bench, JUDGED, Outcome, SIMILAR};

const STATS: &str = "data stats --tasks-dir tasks --data data --tasks";

/// Fails unless the judged task refuses this file, in every command, and says these words.
#[track_caller]
fn refuses(bytes: impl AsRef<[u8]>, words: &[&str]) {
    let bench = Bench::of(1);
    bench.write("data/questions.csv", bytes);
    refused(&bench, "judged", words);
}

#[track_caller]
fn refused(bench: &Bench, task: &str, words: &[&str]) {
    let fake = Fake::start(Script::default());
    bench.clinic(&format!("{STATS} {task}")).exits(2).says(words);
    let done = bench.clinic(&Bench::line("generate", task, &fake, "")).exits(2).says(words);
    assert_eq!(done.out, "");
    assert_eq!(fake.count(), 0);
    assert!(!bench.path("run").exists(), "no run is made");
}

/// Item and first text of each sample that is read from this file, and the gaps.
#[track_caller]
fn reads(bytes: impl AsRef<[u8]>) -> (Vec<(String, String)>, Vec<Value>) {
    let bench = Bench::of(1);
    bench.write("data/questions.csv", bytes);
    bench.generate(&Fake::start(Script::default()), "").exits(0);
    let bodies = bench.column("SELECT body FROM samples ORDER BY id");
    let bodies = bodies.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = bodies.map(|s| (text(&s["item"]), text(&s["variants"][0]["text"]))).collect();
    let gaps = bench.clinic("report run --json").json()["gaps"].as_array().unwrap().clone();
    (items, gaps)
}

fn items(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(item, text)| ((*item).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn rows_that_are_too_short_or_too_long() {
    let cells = "cells, the header 2; look for a comma or a quote that is not escaped";
    refuses("English,Spanish\na,b\nc\nd,e\n", &["questions.csv, line 3: the row has 1", cells]);
    refuses("English,Spanish\na,b\nc,d,e\n", &["questions.csv, line 3: the row has 3", cells]);
    // The lines are those of the file, also after a cell of two lines.
    refuses("English,Spanish\r\n\"a\r\nz\",b\r\nc\r\n", &["questions.csv, line 4: the row"]);
}

#[test]
fn text_that_is_not_utf8() {
    let place = "questions.csv, line 3, column Spanish: not UTF-8; save the file as UTF-8";
    refuses(b"English,Spanish\na,b\nc,a\xf1o\n", &[place]);
    refuses(b"English,A\xf1o\na,b\n", &["questions.csv, line 1, column 2: not UTF-8"]);
    refuses(b"\xff\xfeE\0n\0", &["questions.csv: the file is UTF-16; save it as UTF-8"]);
    refuses(b"\xfe\xff\0E\0n", &["questions.csv: the file is UTF-16; save it as UTF-8"]);
    refuses(b"English\na\nb\0\n", &["questions.csv, line 3: a NUL byte; the file is damaged"]);
}

#[test]
fn a_quote_that_is_never_closed_swallows_nothing() {
    // In the last column it would take all further rows into one cell, without a ragged row.
    let never = "line 3: a quote is opened here and never closed";
    refuses("id,English\n0,a\n1,\"b\n2,c\n3,d\n", &["questions.csv", never]);
    refuses("English\na\n\"b\nc\nd\n", &["questions.csv", never]);
    // A later quote closes it in the middle of a cell.
    let within = "line 3: a quoted cell goes on after its closing quote";
    refuses("id,English\n0,a\n1,\"b\n2,\"c\"\n3,d\n", &["questions.csv", within]);
    refuses("English\na\n\"b\" c\n", &["questions.csv", within]);
}

#[test]
fn quotes_that_are_closed_are_read() {
    let (found, gaps) =
        reads("id,English\n0,\"a, \"\"b\"\"\nc\"\n1,5\" tall\n2,\"\"\"d\"\"\"\r\n3,\"e\"");
    assert_eq!(
        found,
        items(&[("0", "a, \"b\"\nc"), ("1", "5\" tall"), ("2", "\"d\""), ("3", "e")])
    );
    assert_eq!(gaps, Vec::<Value>::new());
}

#[test]
fn blank_lines_shift_no_row() {
    // Between rows of several cells they are nothing; the lines of later rows stay right.
    let (found, gaps) = reads("English,Spanish\n\na,b\n\n\n,d\ne,f\n\n");
    assert_eq!(found, items(&[("0", "a"), ("0", "b"), ("1", "d"), ("2", "e"), ("2", "f")]));
    assert_eq!((&gaps[0]["line"], &gaps[0]["column"]), (&json!(6), &json!("English")));
    // In a file of one column they may be an empty cell, and all rows below would move up.
    refuses("English\na\n\nc\n", &["questions.csv, line 3: a blank line"]);
    assert_eq!(reads("English\na\nc\n\n").0, items(&[("0", "a"), ("1", "c")]));
}

#[test]
fn files_without_rows_or_header() {
    refuses("", &["questions.csv: the file is empty; it needs a header row"]);
    refuses("\n\n", &["questions.csv: the file is empty; it needs a header row"]);
    refuses("id,English\n", &["the data holds no sample of"]);
    let hint = "hint: a language's column is headed by its English name";
    refuses("id,Klingon\n0,nuqneH\n", &["the data holds no sample of", hint]);
}

#[test]
fn headers_that_are_there_twice() {
    let why = "questions.csv, line 1, column English: two columns have this header";
    refuses("English,Spanish,English\na,b,c\n", &[why]);
    refuses("English, English \na,b\n", &[why]);
}

#[test]
fn a_byte_order_mark_is_read_and_noted() {
    let (found, gaps) = reads("\u{feff}English\na\n");
    assert_eq!(found, items(&[("0", "a")]));
    assert!(gaps[0]["problem"].as_str().unwrap().contains("byte-order mark, which is ignored"));
    assert_eq!((&gaps[0]["samples"], gaps.len()), (&json!(0), 1));
}

#[test]
fn empty_cells_are_gaps_and_the_rows_below_keep_their_items() {
    let (found, gaps) = reads("English,Spanish\na,x\n,y\n   ,\nd,z\n");
    let expected = [("0", "a"), ("0", "x"), ("1", "y"), ("3", "d"), ("3", "z")];
    assert_eq!(found, items(&expected));
    let places: Vec<_> = gaps.iter().map(|g| (g["line"].clone(), g["column"].clone())).collect();
    let place = |line: u64, column: &str| (json!(line), json!(column));
    assert_eq!(places, [place(3, "English"), place(4, "English"), place(4, "Spanish")]);
    assert_eq!(gaps[0]["problem"], "the cell is empty; the sample is left out");
}

#[test]
fn ids_that_cannot_tell_items_apart() {
    let bench = Bench::of(1);
    bench.write("data/manifest.toml", "name = \"t\"\n[columns]\nid = \"id\"\n");
    for (rows, why) in [
        ("id,English\na,1\nb,2\na,3\n", "line 4, column id: the id 'a' stands on line 2 already"),
        ("id,English\na,1\n ,2\n", "line 3, column id: the id is empty"),
        ("English\n1\n", "line 1, column id: the manifest's id column is not in the header"),
    ] {
        bench.write("data/questions.csv", rows);
        refused(&bench, "judged", &["questions.csv", why]);
    }
}

#[test]
fn a_reference_that_is_missing() {
    let bench = Bench::with(SIMILAR, "English,yes\na,b\n");
    let why =
        "line 1, column no: the header lacks the column of the reference 'no'; it has English, yes";
    refused(&bench, "similar", &["questions.csv", why, "columns.references"]);

    bench.write("data/questions.csv", "English,yes,no\na,b,c\nd,,f\n");
    let fake = Fake::start(Script::default());
    let done = bench.run("similar", &fake, "").exits(0);
    let gap = &done.json()["gaps"][0];
    assert_eq!((&gap["line"], &gap["column"]), (&json!(3), &json!("yes")));
    assert_eq!(done.figure("en", "near", None)["expected"], 2);
}

#[test]
fn a_language_without_a_column_is_a_gap_of_all_its_samples() {
    let bench = Bench::with(JUDGED, "English\na\nb\n");
    let fake = Fake::start(Script::default());
    let done = bench.run("judged", &fake, "--languages en,Kiswahili").exits(0);
    let figure = done.figure("sw", "quality", None);
    let shown = (&figure["estimate"], &figure["n"], &figure["expected"], &figure["coverage"]);
    assert_eq!(shown, (&json!(null), &json!(0), &json!(2), &json!(0.0)));
    let gap = &done.json()["gaps"][0];
    let place = (&gap["file"], &gap["column"], &gap["language"], &gap["samples"]);
    assert_eq!(place, (&json!("questions.csv"), &json!("Swahili"), &json!("sw"), &json!(2)));
    assert!(gap["problem"].as_str().unwrap().contains("no column for this language"));
    bench.clinic(&format!("{STATS} judged --languages Klingon")).exits(2).says(&["'Klingon'"]);
}

#[test]
fn a_file_that_is_not_there() {
    let bench = Bench::of(1);
    bench.task(SIMILAR);
    bench.write("tasks/similar.toml", SIMILAR.replace("\"questions\"", "\"elsewhere\""));
    let words = ["the data holds no sample of", "elsewhere.csv: the dataset has no such file"];
    refused(&bench, "similar", &words);
    refused(&bench, "judged,similar", &words);
    // Not named, it is a gap.
    let done: Outcome = bench.clinic("data stats --tasks-dir tasks --data data --json").exits(0);
    let gaps = done.json()["gaps"].clone();
    let gap = gaps.as_array().unwrap().iter().find(|gap| gap["task"] == "similar").unwrap();
    assert_eq!(gap["file"], "elsewhere.csv");
    assert_eq!(done.json()["samples"], 1);
}

#[test]
fn folders_that_hold_no_data() {
    let bench = Bench::of(1);
    let line = "data stats --tasks-dir tasks --tasks judged --data";
    bench.clinic(&format!("{line} nowhere")).exits(2).says(&["cannot read nowhere"]);
    bench
        .clinic(&format!("{line} data/questions.csv"))
        .exits(2)
        .says(&["neither a folder nor a manifest", "clinic data import"]);
    bench.clinic(&format!("{line} tasks")).exits(2).says(&["no sample", "questions.csv"]);
}

#[test]
fn manifests_that_cannot_be_trusted() {
    let bench = Bench::of(1);
    let fixed = "0000000000000000000000000000000000000000000000000000000000000000";
    for (manifest, words) in [
        ("name = \"t\"\nlicence = \"x\"\n", &["manifest.toml", "line 2", "`licence`"][..]),
        ("name = \"t\"\n[columns]\nidd = \"x\"\n", &["manifest.toml", "`idd`"]),
        ("name = \n", &["manifest.toml", "line 1"]),
        ("version = \"1\"\n", &["manifest.toml", "`name`"]),
        (
            "name = \"t\"\n[files.questions]\npath = \"../questions.csv\"\n",
            &["files.questions.path: must stay in the manifest's folder"],
        ),
        (
            "name = \"t\"\n[files.questions]\npath = \"/etc/passwd\"\n",
            &["files.questions.path: must stay in the manifest's folder"],
        ),
        (
            "name = \"t\"\n[files.questions]\npath = \"gone.csv\"\n",
            &["cannot read", "gone.csv", "the manifest names it"],
        ),
        (
            &format!("name = \"t\"\n[files.questions]\nsha256 = \"{fixed}\"\n"),
            &[
                "questions.csv: the file has changed: its SHA-256 is",
                "lock it again: clinic data lock",
            ],
        ),
    ] {
        bench.write("data/manifest.toml", manifest);
        refused(&bench, "judged", words);
    }
    bench.write("data/manifest.toml", b"name = \"\xff\"\n");
    refused(&bench, "judged", &["manifest.toml", "not UTF-8"]);
}
