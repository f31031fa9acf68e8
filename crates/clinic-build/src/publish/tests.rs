//! Publishing projects whose stores tests fill.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Options, Outcome, Published, State, publish};
use crate::Project;
use crate::store::{Finding, Level, NewRating};
use crate::testing::{document, item, project_with};

const TASKS: [&str; 6] = [
    "honesty",
    "hallucination-fct",
    "hallucination-fqt",
    "hallucination-nota",
    "colloquial",
    "adversarial-attacks",
];

/// A project with items, each of a document of its own.
struct Bench {
    folder: TempDir,
    project: Project,
}

impl Bench {
    /// So many items of each task, all checked.
    fn new(items: usize, more: &str) -> Self {
        Self::of(&TASKS.map(|task| (task, items)), more)
    }

    fn of(tasks: &[(&str, usize)], more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let names: Vec<&str> = tasks.iter().map(|(task, _)| *task).collect();
        let project = project_with(folder.path(), &names, more);
        for (task, n) in tasks {
            for n in 0..*n {
                let texts = ["en", "es"].map(|language| {
                    let title = format!("{task} {n}");
                    let text = format!("{title} in {language}");
                    (language, document(&project, language, &title, &text), fields(language, n))
                });
                item(&project, task, &format!("{task}-{n}"), n % 4, &texts);
            }
        }
        let bench = Self { folder, project };
        bench.check(&[]);
        bench
    }

    /// Notes that every text was read, and these findings.
    fn check(&self, findings: &[Finding]) {
        let store = self.project.store();
        let read = store.digests().unwrap().into_iter().map(|((item, language), digest)| Finding {
            digest: Some(digest),
            language: Some(language),
            ..finding(Some(item), "read", Level::Pass, "")
        });
        let all: Vec<Finding> = read.chain(findings.iter().cloned()).collect();
        store.set_findings(&all).unwrap();
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("published")
    }

    fn publish(&self, fewer: bool) -> Outcome {
        publish(&self.project, &self.out(), Options { fewer }).unwrap()
    }

    #[track_caller]
    fn published(&self, fewer: bool) -> Published {
        match self.publish(fewer) {
            Outcome::Published(published) => published,
            Outcome::Short(tallies) => panic!("short: {tallies:#?}"),
        }
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.out().join(name)).unwrap()
    }

    fn id(&self, key: &str) -> i64 {
        self.project.store().item_of(key).unwrap().unwrap().id
    }

    /// A rating of a text as it is now, with one mark for all criteria.
    fn rating(&self, name: &str, key: &str, language: &str, mark: u8) -> NewRating {
        let item = self.project.store().item_of(key).unwrap().unwrap();
        let criteria = self.project.recipe(&item.body.task).criteria();
        let fits = criteria.filter(|c| language != "en" || c.name != "same");
        let digests = self.project.store().digests().unwrap();
        NewRating {
            item: item.id,
            language: language.into(),
            digest: digests[&(item.id, language.to_owned())].clone(),
            reviewer: name.into(),
            skipped: false,
            r#unsafe: false,
            marks: fits.map(|criterion| (criterion.name.clone(), mark)).collect(),
            comment: format!("a comment of {name}"),
            via: "page".into(),
        }
    }
}

fn finding(item: Option<i64>, name: &str, level: Level, problem: &str) -> Finding {
    Finding {
        item,
        task: None,
        language: None,
        digest: None,
        name: name.into(),
        level,
        problem: problem.into(),
        todo: String::new(),
        measure: None,
    }
}

/// What all recipes of the tests want, in words that no two items share.
fn fields(language: &str, n: usize) -> Value {
    let (en, es) = [
        ("fever", "la fiebre"),
        ("a cough", "la tos"),
        ("a burn", "la quemadura"),
        ("asthma", "el asma"),
        ("a broken bone", "la fractura"),
        ("diabetes", "la diabetes"),
        ("an insect bite", "la picadura de insecto"),
        ("measles", "el sarampión"),
    ][n % 8];
    let text = |en_text: String, es_text: String| if language == "en" { en_text } else { es_text };
    let question = text(
        format!(
            "What is the first thing to do about {en} at home, as the leaflet number {n} says?"
        ),
        format!(
            "¿Qué es lo primero que hay que hacer en casa con {es}, según el folleto número {n}?"
        ),
    );
    let typo = text(
        format!("waht to do about {en} frist, leaflet {n}, plese?"),
        format!("qeu hay que hacer primero con {es}, folleto {n}, por fabor?"),
    );
    let options = match language {
        "en" => ["rest and drink water", "run ten miles", "sleep in the snow", "eat only salt"],
        _ => {
            ["descansar y beber agua", "correr diez millas", "dormir en la nieve", "comer solo sal"]
        }
    };
    let none = text("None of the above".into(), "Ninguna de las anteriores".into());
    json!({
        "question": question, "clean": question, "clinical": question, "plain": typo, "typo": typo,
        "order": text(format!("About {en}, {n}: first what to do?"), format!("De {es}, {n}: ¿primero qué hacer?")),
        "options": { "right": options[0], "none": none, "wrong": &options[1..] },
    })
}

const NOBODY: &str = "[review]\nreviewers = 0\n[publish]\nitems = 3\n";

#[test]
fn a_set_has_the_same_items_in_every_language() {
    let bench = Bench::new(5, NOBODY);
    let published = bench.published(false);
    assert_eq!(published.items, TASKS.map(|task| (task.to_owned(), 3)).into());
    // Five rows of an adversarial item.
    assert_eq!(published.samples, 2 * (5 * 3 + 3 * 5), "{published:#?}");
    let table = bench.read("hallucination-dataset.csv");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("hallucination")).collect();
    let turn: Vec<&str> = rows.iter().map(|row| &row[..17]).collect();
    assert_eq!(turn[..3], ["hallucination-fct", "hallucination-fqt", "hallucination-not"]);
    assert_eq!(rows.len(), 9);
    let proof: Vec<Value> =
        bench.read("provenance.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(proof.len(), 2 * 6 * 3);
    let of = |language: &str| -> Vec<&str> {
        let own = proof.iter().filter(|line| line["language"] == language);
        own.map(|line| line["item"].as_str().unwrap()).collect()
    };
    assert_eq!(of("en"), of("es"));
    assert!(bench.read("manifest.toml").contains("sha256 = "));
}

#[test]
fn the_same_store_gives_the_same_bytes_and_another_seed_is_another_set() {
    let bench = Bench::new(6, NOBODY);
    let [one, two] = ["one", "two"].map(|name| {
        let folder = bench.folder.path().join(name);
        publish(&bench.project, &folder, Options::default()).unwrap();
        // The time of publishing must not be in it, and the clock counts seconds.
        std::thread::sleep(std::time::Duration::from_millis(1_100));
        files(&folder)
    });
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(two[name] == *bytes, "{name} differs");
    }
    // With another seed it is another set, of which nothing is written yet.
    let text = fs::read_to_string(bench.folder.path().join("build.toml")).unwrap();
    fs::write(bench.folder.path().join("build.toml"), format!("seed = 5\n{text}")).unwrap();
    let other = Project::look(bench.folder.path()).unwrap();
    let folder = bench.folder.path().join("three");
    let outcome = publish(&other, &folder, Options::default()).unwrap();
    assert!(matches!(outcome, Outcome::Short(_)) && !folder.exists());
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
    entries
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let name = entry.path().strip_prefix(folder).unwrap().display().to_string();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

#[test]
fn fewer_than_wanted_is_told_with_the_reasons_and_nothing_is_written() {
    let two = "[review]\nreviewers = 1\nthird = false\n[publish]\nitems = 3\n";
    let bench = Bench::of(&[("honesty", 6), ("colloquial", 3)], two);
    let mut ratings = Vec::new();
    for key in
        ["honesty-0", "honesty-1", "honesty-2", "colloquial-0", "colloquial-1", "colloquial-2"]
    {
        ratings.extend(["en", "es"].map(|language| bench.rating("ana", key, language, 5)));
    }
    // Waiting in Spanish alone; taken out; held back.
    ratings.push(bench.rating("ana", "honesty-3", "en", 5));
    ratings.push(bench.rating("ana", "honesty-2", "es", 1));
    bench.project.store().rate(&ratings).unwrap();
    let held = Finding {
        language: Some("es".into()),
        ..finding(Some(bench.id("honesty-4")), "answered", Level::Block, "no")
    };
    bench.check(&[held]);
    let Outcome::Short(tallies) = bench.publish(false) else { panic!("it was published") };
    assert!(!bench.out().exists());
    let honesty = &tallies[0];
    let states =
        [(State::Included, 2), (State::Waiting, 2), (State::Excluded, 1), (State::Blocked, 1)];
    assert_eq!(honesty.states, states.into());
    assert_eq!(honesty.languages[&State::Waiting], [("en", 2), ("es", 2)].into());
    assert_eq!(honesty.languages[&State::Excluded], [("es", 1)].into());
    assert_eq!((honesty.wanted, honesty.items), (3, 6));

    let published = bench.published(true);
    assert_eq!(published.items, [("colloquial".to_owned(), 3), ("honesty".to_owned(), 2)].into());
    assert_eq!(published.short.len(), 1);
    let card = bench.read("README.md");
    assert!(card.contains("Fewer items than planned: honesty 2 of 3."), "{card}");
}

#[test]
fn tasks_in_turn_have_as_many_items_each() {
    let tasks = [("hallucination-fct", 3), ("hallucination-fqt", 2), ("hallucination-nota", 3)];
    let bench = Bench::of(&tasks, NOBODY);
    assert!(matches!(bench.publish(false), Outcome::Short(_)));
    let published = bench.published(true);
    assert_eq!(published.items.into_values().collect::<Vec<_>>(), [2, 2, 2]);
    assert_eq!(published.short.len(), 3);
    let card = bench.read("README.md");
    assert!(card.contains("hallucination-fct 2 of 3 (with 3 to choose from)"), "{card}");

    // One of them without any leaves out all three.
    let tasks = [
        ("honesty", 3),
        ("hallucination-fct", 3),
        ("hallucination-fqt", 3),
        ("hallucination-nota", 0),
    ];
    let bench = Bench::of(&tasks, NOBODY);
    assert_eq!(bench.published(true).items, [("honesty".to_owned(), 3)].into());

    let bench = Bench::of(
        &tasks,
        "[review]\nreviewers = 0\n[publish]\nitems_of = { hallucination-fct = 2 }\n",
    );
    let error = publish(&bench.project, &bench.out(), Options::default()).unwrap_err().to_string();
    assert!(error.contains("hallucination-nota share a file"), "{error}");
}

#[test]
fn reviewers_have_no_names_and_comments_stay_at_home() {
    let bench = Bench::of(&[("honesty", 2)], "[publish]\nitems = 2\n");
    let mut ratings = Vec::new();
    for name in ["Zoë Quast", "Ana Bravo"] {
        for key in ["honesty-0", "honesty-1"] {
            ratings.extend(["en", "es"].map(|language| bench.rating(name, key, language, 5)));
        }
    }
    bench.project.store().rate(&ratings).unwrap();
    let warned = finding(Some(bench.id("honesty-0")), "near", Level::Warn, "like <another>");
    let set = finding(None, "answered", Level::Warn, "no judge named");
    bench.check(&[warned, set]);
    bench.published(false);
    for (name, bytes) in files(&bench.out()) {
        let text = String::from_utf8_lossy(&bytes);
        for secret in ["Zoë", "Quast", "Ana Bravo", "a comment"] {
            assert!(!text.contains(secret), "{secret} in {name}");
        }
    }
    let line: Value =
        serde_json::from_str(bench.read("provenance.jsonl").lines().next().unwrap()).unwrap();
    let who: Vec<&Value> =
        line["ratings"].as_array().unwrap().iter().map(|r| &r["reviewer"]).collect();
    assert_eq!(who, ["reviewer 1", "reviewer 2"]);
    assert!(line["ratings"][0]["time"].as_str().unwrap().ends_with('Z'));
    let all = bench.read("provenance.jsonl");
    assert_eq!(all.matches("like <another>").count(), 2, "the warned item in both languages");
    let card = bench.read("README.md");
    for told in [
        "2 people gave 8 ratings on the published texts, 2 a text",
        "The check 'answered' warns: no judge named.",
        "| near | 0 | 1 |",
        "Krippendorff's alpha",
        "± percentage",
    ] {
        let told = told.replace("± percentage", "percentage points");
        assert!(card.contains(&told), "'{told}' is not in {card}");
    }
    assert!(!card.contains("No person has reviewed"), "{card}");
}

#[test]
fn what_nobody_reviewed_says_so_first() {
    let bench = Bench::of(&[("honesty", 3)], NOBODY);
    bench.published(false);
    let card = bench.read("README.md");
    let first = card.split("## Know this first\n\n").nth(1).unwrap().lines().next().unwrap();
    assert!(first.starts_with("- No person has reviewed this set"), "{first}");
    for told in [
        "It lacks 17 of the benchmark's 18 tasks",
        "It lacks 13 of the benchmark's 15 languages",
        "other licences than the set's CC-BY-4.0: 'CC0-1.0' (6 documents)",
        "No item is of the domains patient-conditions",
        "pretty_name: clinic \"test\"",
    ] {
        assert!(card.contains(told), "'{told}' is not in {card}");
    }
    let croissant: Value = serde_json::from_str(&bench.read("croissant.json")).unwrap();
    let gaps = croissant["rai:dataLimitations"].as_array().unwrap();
    assert!(gaps[0].as_str().unwrap().starts_with("No person has reviewed"), "{gaps:?}");
}

#[test]
fn a_set_with_errors_is_not_published_and_the_earlier_one_stays() {
    let bench = Bench::of(&[("honesty", 3)], NOBODY);
    bench.published(false);
    let before = files(&bench.out());
    // An item whose Spanish text is only white space.
    let english = document(&bench.project, "en", "empty", "e");
    let spanish = document(&bench.project, "es", "empty", "s");
    let id = item(
        &bench.project,
        "honesty",
        "honesty-9",
        0,
        &[("en", english, fields("en", 7)), ("es", spanish, fields("es", 7))],
    );
    let db = rusqlite::Connection::open(bench.folder.path().join("build.sqlite")).unwrap();
    let cells =
        r#"{"texts":{"hallucination-honesty-dataset":"  "},"references":{"ground_truth":"x"}}"#;
    let digest = serde_json::from_str::<crate::store::Cells>(cells).unwrap().digest();
    db.execute(
        "UPDATE texts SET cells = ?1, digest = ?2 WHERE item = ?3 AND language = 'es'",
        rusqlite::params![cells, digest, id],
    )
    .unwrap();
    bench.check(&[]);
    let all = "[review]\nreviewers = 0\n[publish]\nitems = 4\n";
    let text =
        fs::read_to_string(bench.folder.path().join("build.toml")).unwrap().replace(NOBODY, all);
    fs::write(bench.folder.path().join("build.toml"), text).unwrap();
    let project = Project::look(bench.folder.path()).unwrap();
    let error = publish(&project, &bench.out(), Options::default()).unwrap_err().to_string();
    assert!(error.contains("the set would have errors") && error.contains("Spanish"), "{error}");
    assert_eq!(files(&bench.out()), before);
    assert!(!bench.folder.path().join(".published.new").exists());
}

#[test]
fn text_of_strangers_is_text_in_the_card() {
    let bench = Bench::of(&[("honesty", 3)], NOBODY);
    let set = finding(None, "judge", Level::Warn, "says\n\n# <img src=x> [a](javascript:b) | c");
    bench.check(&[set]);
    bench.published(false);
    let card = bench.read("README.md");
    assert!(!card.contains("<img") && !card.contains("[a]("), "{card}");
    assert!(card.contains("\\# &lt;img src=x&gt; \\[a\\](javascript:b) \\| c"), "{card}");
}

#[test]
fn what_is_said_while_a_set_is_made_waits_for_the_next() {
    let bench = Bench::of(&[("honesty", 2)], NOBODY);
    let other = Project::look(bench.folder.path()).unwrap();
    let seen = || bench.project.store().ratings().unwrap().len();
    let in_the_middle = bench.project.store().steadily(|| {
        let before = seen();
        other.store().rate(&[bench.rating("ana", "honesty-0", "en", 5)])?;
        Ok::<_, crate::StepError>((before, seen()))
    });
    assert_eq!(in_the_middle.unwrap(), (0, 0));
    assert_eq!(seen(), 1);
    bench.project.store().rate(&[bench.rating("ben", "honesty-0", "en", 5)]).unwrap();
}
