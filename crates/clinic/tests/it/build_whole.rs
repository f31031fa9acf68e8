//! The whole way of `clinic build`: a small parallel corpus becomes a published set that
//! `clinic run` runs on, with a scripted model and three scripted reviewers.

use std::cell::RefCell;
use std::fs;
use std::path::Path;

use clinic_fake::{Action, Fake, Script};
use serde_json::Value;

use crate::support::writer::Asked;
use crate::support::{Bench, Checker, Table, checked, is_check};

/// Three items a task are written, two are published. The server's vectors are hashes, which know
/// nothing of meaning, so that no similarity may block here.
const CONFIG: &str = r#"
name = "small"
version = "1"
license = "CC-BY-4.0"
about = "A test."
languages = ["en", "es", "sw", "ar"]
seed = 3

[[sources]]
name = "handouts"
kind = "folder"
from = "documents"
license = "CC-BY-4.0"

[[sources]]
name = "new"
kind = "folder"
from = "recent"
license = "CC-BY-4.0"
recent = true

[write]
items = 3
per_document = 2

[check]
meaning_block = -1.0
meaning_warn = -1.0
near_meaning = 1.0

[publish]
items = 2
"#;

/// A server that writes, judges, embeds and answers.
fn server() -> Fake {
    Fake::start(Script::new(|seen, _| match Asked::of(seen) {
        Some(asked) => asked.action(None),
        None if is_check(seen) => checked(seen, Checker::Honest),
        None => Action::Default,
    }))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(path, target).unwrap();
        }
    }
}

/// A project of the small corpus.
fn project(bench: &Bench) {
    bench.clinic("build init set --languages es,sw,ar").exits(0);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/corpus");
    for folder in ["documents", "recent"] {
        copy(&corpus.join(folder), &bench.path(&format!("set/{folder}")));
    }
    bench.write("set/build.toml", CONFIG);
}

/// The queue of a reviewer goes out, is filled in, and comes back; gives its number of rows.
fn review(bench: &Bench, name: &str, fill: impl Fn(&mut Table, usize)) -> usize {
    let file = format!("{name}.csv");
    bench.clinic(&format!("build review set --export {file} --name {name}")).exits(0);
    let mut table = Table::read(bench, &file);
    let rows = table.rows.len();
    (0..rows).for_each(|row| fill(&mut table, row));
    bench.write(&file, table.bytes(b','));
    bench.clinic(&format!("build review set --import {file} --name {name}")).exits(0);
    rows
}

/// The key of the first row of a task.
fn first_of(table: &mut Table, task: &str) -> String {
    let rows = table.rows.len();
    let keys = (0..rows).map(|row| table.cell(row, "key").clone());
    keys.filter(|key| key.starts_with(task)).min().unwrap()
}

#[test]
fn a_folder_of_documents_becomes_a_set_that_runs() {
    let (bench, fake) = (Bench::new(), server());
    let url = fake.base_url();
    project(&bench);
    let json = |line: &str| bench.clinic(line).exits(0).json();

    bench.clinic("build collect set").exits(0);
    let mapped = bench.clinic("build map set").exits(0);
    let arabic = mapped.out.lines().find(|line| line.starts_with("ar ")).unwrap_or_default();
    let counts: Vec<&str> = arabic.split_whitespace().skip(1).collect();
    assert_eq!(counts, ["14", "14", "0", "0", "0", "0", "0"], "{}", mapped.out);

    let write = format!("build write set --model openai/writer --base-url {url}");
    bench.clinic(&write).exits(0);
    let asked = fake.count();
    bench.clinic(&write).exits(0);
    assert_eq!(fake.count(), asked, "nothing is asked again");

    let check = format!(
        "build check set --judge openai/judge --judge-base-url {url} --embedder openai/e \
         --embedder-base-url {url}"
    );
    bench.clinic(&check).exits(0);
    let none = bench.clinic("build publish set").exits(3);
    assert!(!bench.path("set/published").exists(), "nobody has reviewed it: {}", none.out);

    // Ben calls one text unsafe, which excludes its item; he and Ana disagree on another.
    let ana = review(&bench, "ana", |table, row| table.rate(row, 5));
    let excluded = RefCell::new(String::new());
    let ben = review(&bench, "ben", |table, row| {
        let (unsafe_one, disputed) = (first_of(table, "toxicity"), first_of(table, "privacy"));
        let (key, language) = (table.cell(row, "key").clone(), table.cell(row, "language").clone());
        table.rate(row, if key == disputed && language == "sw" { 2 } else { 4 });
        if key == unsafe_one && language == "ar" {
            *table.cell(row, "unsafe") = "yes".to_owned();
            *excluded.borrow_mut() = key;
        }
    });
    assert_eq!(ana, ben);
    // Only what they disagree on is left for the third.
    assert_eq!(review(&bench, "cem", |table, row| table.rate(row, 5)), 1);
    let agreement = json("build review set --agreement --json");
    assert!(agreement.to_string().contains("alpha"), "{agreement}");

    let published = bench.clinic("build publish set").exits(0);
    let again = bench.path("set/published/manifest.toml");
    assert!(again.exists(), "{}", published.out);
    bench.clinic("data validate --data set/published").exits(0);
    let excluded = excluded.into_inner();
    assert!(excluded.starts_with("toxicity"), "{excluded}");
    let toxicity = String::from_utf8(bench.read("set/published/toxicity-dataset.csv")).unwrap();
    assert!(!toxicity.contains(&excluded), "an item that one language lost is lost in all");
    let card = String::from_utf8(bench.read("set/published/README.md")).unwrap();
    for name in ["ana", "ben", "cem"] {
        let words = card.split(|c: char| !c.is_alphanumeric());
        assert!(!words.into_iter().any(|word| word == name), "{name} stands on the card");
    }

    // 18 tasks, 2 items, 4 languages; one adversarial item has 5 forms.
    let stats = json("data stats --data set/published --json");
    assert_eq!(stats["samples"], Value::from((17 * 2 + 2 * 5) * 4), "{stats:#}");
    let run = format!(
        "run --data set/published --model openai/m --base-url {url} --judge openai/judge \
         --judge-base-url {url} --embedder openai/e --embedder-base-url {url} --out run --json"
    );
    let figures = bench.clinic(&run).json();
    let tasks: std::collections::BTreeSet<&str> =
        figures["rows"].as_array().unwrap().iter().filter_map(|row| row["task"].as_str()).collect();
    assert_eq!(tasks.len(), 18, "{tasks:?}");
    let unanswered = bench.column("SELECT state FROM responses WHERE state <> 'answered'");
    assert_eq!(unanswered, Vec::<String>::new());
}
