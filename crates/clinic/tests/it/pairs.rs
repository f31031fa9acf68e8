//! Tasks of several files: rows are joined by id or number, and what has no partner is left out.

use clinic_fake::{Action, Fake, Script};
use serde_json::{Value, json};

use crate::support::{Bench, PAIR, near};

/// A bench with two files, joined by id where they have an `id` column.
fn pair(original: &str, modified: &str) -> Bench {
    let bench = Bench::new();
    bench.task(PAIR);
    if original.starts_with("id,") {
        bench.write("data/manifest.toml", "name = \"t\"\n[columns]\nid = \"id\"\n");
    }
    bench.write("data/original.csv", original);
    bench.write("data/modified.csv", modified);
    bench
}

/// A model that says the letter in front of its prompt's number, which both wordings share.
fn letters() -> Fake {
    Fake::start(Script::new(|seen, _| match seen.prompt() {
        prompt if seen.body["model"] == "m" => {
            Action::Text(prompt.chars().filter(|c| c.is_ascii_uppercase()).collect())
        }
        _ => Action::Default,
    }))
}

/// Item, original and modified text of each sample, and the gaps as (file, line, problem).
fn read(bench: &Bench) -> (Vec<String>, Vec<String>) {
    let samples = bench.column("SELECT body FROM samples ORDER BY id").into_iter().map(|body| {
        let body: Value = serde_json::from_str(&body).unwrap();
        let text = |i: usize| body["variants"][i]["text"].as_str().unwrap().to_owned();
        format!("{} {} {} {}", body["language"], body["item"], text(0), text(1)).replace('"', "")
    });
    let gaps = bench.column("SELECT body FROM gaps ORDER BY id").into_iter().map(|body| {
        let gap: Value = serde_json::from_str(&body).unwrap();
        format!("{} {} {}", gap["file"], gap["line"], gap["problem"]).replace('"', "")
    });
    (samples.collect(), gaps.collect())
}

fn score(bench: &Bench, fake: &Fake, more: &str) -> Value {
    let more = format!("--embedder openai/e --embedder-base-url {} {more}", fake.base_url());
    bench.run("pair", fake, &more).exits(0).figure("en", "alike", None)
}

#[test]
fn rows_are_joined_by_id_whatever_their_order() {
    let bench = pair("id,English\na,A 1\nb,B 1\nc,C 1\n", "id,English\nc,C 2\na,A 2\nb,B 2\n");
    let figure = score(&bench, &letters(), "");
    near(&figure["estimate"], 1.0);
    assert_eq!(read(&bench).0, ["en a A 1 A 2", "en b B 1 B 2", "en c C 1 C 2"]);
}

#[test]
fn an_item_without_a_partner_is_left_out_and_counted() {
    let bench = pair("id,English\na,A 1\nb,B 1\nc,C 1\n", "id,English\nx,X 2\na,A 2\nc,C 2\n");
    let figure = score(&bench, &letters(), "");
    near(&figure["estimate"], 1.0);
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(4)));
    let (samples, gaps) = read(&bench);
    assert_eq!(samples, ["en a A 1 A 2", "en c C 1 C 2"]);
    assert_eq!(
        gaps,
        [
            "original.csv 3 the item 'b' has no row in modified.csv; it is left out",
            "modified.csv 2 the item 'x' has no row in original.csv; it is left out"
        ]
    );
}

#[test]
fn files_without_ids_that_differ_in_length_are_not_joined_by_guessing() {
    // Whether the row that is missing was the first or the last cannot be told.
    let bench = pair("English,note\nA 1,\nB 1,\nC 1,\n", "English,note\nA 2,\nB 2,\n");
    let fake = letters();
    let line = Bench::line("generate", "pair", &fake, "");
    let said = ["modified.csv: it has 2 rows, original.csv has 3", "no column of ids"];
    bench.clinic(&line).exits(2).says(&said);
    assert_eq!(fake.count(), 0);
}

#[test]
fn an_empty_cell_on_one_side_takes_the_item_out_and_shifts_none() {
    let bench = pair(
        "English,Spanish\nA 1,A 3\nB 1,\nC 1,C 3\n",
        "English,Spanish\nA 2,A 4\nB 2,B 4\n,C 4\n",
    );
    let figure = score(&bench, &letters(), "");
    near(&figure["estimate"], 1.0);
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(3)));
    let (samples, gaps) = read(&bench);
    assert_eq!(samples, ["en 0 A 1 A 2", "es 0 A 3 A 4", "en 1 B 1 B 2", "es 2 C 3 C 4"]);
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps[0].starts_with("original.csv 3 ") && gaps[1].starts_with("modified.csv 4 "));
}

#[test]
fn a_language_that_one_file_lacks_is_a_gap_of_that_file() {
    let bench = pair("English,Spanish\nA 1,A 3\n", "English\nA 2\n");
    score(&bench, &letters(), "");
    let (samples, gaps) = read(&bench);
    assert_eq!(samples, ["en 0 A 1 A 2"]);
    assert!(gaps[0].starts_with("modified.csv null the file has no column"), "{gaps:?}");
}

#[test]
fn a_limit_keeps_the_same_items_in_every_language_and_counts_no_others() {
    let bench = pair(
        "English,Spanish\nA 1,A 3\nB 1,B 3\nC 1,\nD 1,D 3\n",
        "English,Spanish\nA 2,A 4\nB 2,B 4\nC 2,C 4\nD 2,\n",
    );
    let figure = score(&bench, &letters(), "--limit 2 --languages en,es,sw");
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(2)));
    assert_eq!(read(&bench).0.len(), 4);
    let report = bench.clinic("report run --json").exits(0);
    for (language, n) in [("es", 2), ("sw", 0)] {
        let figure = report.figure(language, "alike", None);
        assert_eq!((&figure["n"], &figure["expected"]), (&json!(n), &json!(2)), "{language}");
    }
}

#[test]
fn a_limit_counts_the_items_that_are_missing_below_it() {
    let bench = pair(
        "English,Spanish\nA 1,\n,B 3\nC 1,C 3\nD 1,D 3\n",
        "English,Spanish\nA 2,A 4\nB 2,B 4\nC 2,C 4\nD 2,D 4\n",
    );
    score(&bench, &letters(), "--limit 3");
    assert_eq!(read(&bench).0, ["en 0 A 1 A 2", "es 1 B 3 B 4", "en 2 C 1 C 2", "es 2 C 3 C 4"]);
    let report = bench.clinic("report run --json").exits(0);
    for language in ["en", "es"] {
        let figure = report.figure(language, "alike", None);
        assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(3)), "{language}");
    }
}

#[test]
fn rows_that_the_task_does_not_use_are_not_missed() {
    // It uses the rows with an even index: a and c. Of the others, b has no partner.
    let bench = pair("id,English\na,A 1\nb,B 1\nc,C 1\n", "id,English\na,A 2\nx,X 2\nc,C 2\n");
    let rows = "modified = \"modified\" }, rows = { every = 2, start = 0 } }]";
    bench.task(&PAIR.replace("modified = \"modified\" } }]", rows));
    let figure = score(&bench, &letters(), "");
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(2)));
    assert_eq!(read(&bench).0, ["en a A 1 A 2", "en c C 1 C 2"]);
    assert_eq!(read(&bench).1.len(), 2, "they are listed all the same");
}

#[test]
fn a_missing_language_is_counted_once_whatever_the_number_of_groups() {
    let bench = pair("English\nA 1\nB 1\n", "English\nA 2\nB 2\n");
    let files = "files = { original = \"original\", modified = \"modified\" }";
    let group = |name: &str| format!("{{ name = \"{name}\", {files} }}");
    let old = format!("[{{ {files} }}]");
    assert!(PAIR.contains(&old));
    bench.task(&PAIR.replace(&old, &format!("[{}, {}]", group("one"), group("two"))));
    let figure = score(&bench, &letters(), "--limit 3 --languages en,sw");
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(3), &json!(3)));
    let report = bench.clinic("report run --json").exits(0);
    assert_eq!(report.figure("sw", "alike", None)["expected"], 3);
    assert_eq!(read(&bench).0, ["en one/0 A 1 A 2", "en one/1 B 1 B 2", "en two/0 A 1 A 2"]);
}
