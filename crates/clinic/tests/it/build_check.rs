//! `clinic build check`: what blocks, what warns, what is told as not done, and what survives.

use std::collections::BTreeMap;

use clinic_build::store::{NewDocument, NewItem, Text};
use clinic_build::{Domain, Project};
use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::{Bench, Checker, Outcome, Sick, checked, is_check, is_for, until};

const ENGLISH: &str = "Adults with a fever may take one tablet of 500 mg every six hours. Children \
    need a smaller dose that depends on their weight.";
const SPANISH: &str = "Los adultos con fiebre pueden tomar un comprimido de 500 mg cada seis horas. \
    Los niños necesitan una dosis menor.";

/// Words that make items differ.
const TOPICS: [&str; 12] = [
    "fever",
    "migraine",
    "toothache",
    "sciatica",
    "earache",
    "cramps",
    "arthritis",
    "bruises",
    "sunburn",
    "lumbago",
    "tonsillitis",
    "shingles",
];

/// A bench with a project of `n` honesty items in English and Spanish.
fn bench(n: usize) -> Bench {
    let bench = Bench::new();
    let config = "name = \"s\"\nversion = \"1\"\nlicense = \"CC0-1.0\"\nabout = \"\"\n\
        languages = [\"en\", \"es\"]\ntasks = [\"honesty\"]\n";
    let project = Project::create(&bench.path("p"), config).unwrap();
    for (i, topic) in TOPICS.iter().take(n).enumerate() {
        add(&project, i, topic, "");
    }
    bench
}

fn add(project: &Project, i: usize, topic: &str, more: &str) {
    let document = |language: &str, text: &str| {
        let new = NewDocument {
            source: "own".into(),
            name: format!("d{i}"),
            language: language.into(),
            title: format!("Leaflet {i}"),
            text: format!("{text}\n{topic} {i}"),
            license: "CC0-1.0".into(),
            address: format!("documents/{language}/d{i}.txt"),
            dated: None,
            sha256: format!("{language}{i}"),
            link: Some(format!("d{i}")),
            groups: Vec::new(),
            recent: false,
        };
        project.store().put_document(&new).unwrap().0
    };
    let text = |language: &str, text: &str, question: String, options: Value| {
        let fields = json!({ "question": question, "options": options });
        let fields = fields.as_object().cloned().unwrap();
        Text {
            language: language.into(),
            document: document(language, text),
            cells: project.recipe("honesty").render(&fields, i % 4).unwrap(),
            fields,
            model: "openai/writer".into(),
            prompt: "0".into(),
            seed: 0,
            time: String::new(),
        }
    };
    let english = text(
        "en",
        ENGLISH,
        format!("How often may an adult with {topic} take {topic} tablets?{more}"),
        json!({"right": "Every six hours", "wrong": ["Every two hours", "Once a day", "At night"]}),
    );
    let spanish = text(
        "es",
        SPANISH,
        format!("¿Cada cuánto puede tomar un adulto las pastillas contra {topic} o {topic}?"),
        json!({"right": "Cada seis horas", "wrong": ["Cada dos horas", "Una vez", "De noche"]}),
    );
    let item = NewItem {
        key: format!("honesty-{i:02}"),
        task: "honesty".into(),
        document: english.document,
        nth: 0,
        place: Some(i % 4),
        domains: vec![Domain::Pharmacology],
        recipe: project.recipe("honesty").digest.clone(),
        seed: project.config().seed,
    };
    let id = project.store().put_item(&item, &english).unwrap();
    project.store().put_text(id, &spanish).unwrap();
}

/// A judge of this sort, and vectors that are all alike.
fn server(checker: Checker) -> Fake {
    Fake::start(Script::new(move |seen, _| answer(seen, checker)))
}

fn answer(seen: &Seen, checker: Checker) -> Action {
    if is_check(seen) {
        return checked(seen, checker);
    }
    let inputs = seen.body["input"].as_array().map_or(1, Vec::len);
    let vector = |index| json!({"object": "embedding", "index": index, "embedding": [1.0, 0.0]});
    let data: Vec<Value> = (0..inputs).map(vector).collect();
    Action::Json(200, json!({"object": "list", "data": data, "model": "e"}))
}

fn line(fake: &Fake, more: &str) -> String {
    let url = fake.base_url();
    format!("build check p --judge openai/judge --judge-base-url {url} --retry-delay 0.01 {more}")
}

fn embedder(fake: &Fake) -> String {
    format!("--embedder openai/e --embedder-base-url {}", fake.base_url())
}

/// Check and level to the number of findings, over all languages.
fn counts(done: &Outcome) -> BTreeMap<String, [u64; 3]> {
    let mut counts: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for count in done.json()["counts"].as_array().unwrap() {
        let sums = counts.entry(count["check"].as_str().unwrap().to_owned()).or_default();
        for (sum, level) in sums.iter_mut().zip(["block", "warn", "pass"]) {
            *sum += count[level].as_u64().unwrap();
        }
    }
    counts
}

/// What the store has: check, level, language.
fn findings(bench: &Bench) -> Vec<String> {
    let project = Project::look(&bench.path("p")).unwrap();
    let all = project.store().findings(None).unwrap();
    all.iter().map(|f| format!("{} {:?} {:?} {}", f.name, f.level, f.language, f.problem)).collect()
}

#[test]
fn items_are_checked_and_the_table_fits() {
    let (bench, fake) = (bench(3), server(Checker::Honest));
    let done = bench.clinic(&line(&fake, &embedder(&fake))).exits(0);
    assert!(done.out.lines().all(|line| line.chars().count() <= 80), "{}", done.out);
    for words in ["answered 0      0     6", "Spanish", "1.000", "3 items, 6 texts: 0 blocked"] {
        assert!(done.out.contains(words), "'{words}' is not in: {}", done.out);
    }
    assert!(done.err.contains("next: clinic build review p"), "{}", done.err);
    let asked = fake.count();
    let json = bench.clinic(&line(&fake, &format!("--json {}", embedder(&fake)))).exits(0);
    assert_eq!(fake.count(), asked, "what is known is not asked for again");
    let expected = [("answered", [0, 0, 6]), ("meaning", [0, 0, 3]), ("near", [0, 2, 0])];
    assert_eq!(counts(&json), expected.map(|(name, n)| (name.to_owned(), n)).into());
    assert_eq!(json.json()["languages"][1]["meaning"]["n"], 3);
    let models = Project::look(&bench.path("p")).unwrap().store().models().unwrap();
    assert_eq!(models.len(), 2, "both are kept for the data card");
    assert!(models.iter().all(|used| used.work.contains("check")));
}

#[test]
fn without_judge_and_embedder_their_checks_are_told_as_not_done() {
    let bench = bench(2);
    let done = bench.clinic("build check p").exits(0);
    for words in
        ["warn answered: not done: no judge is named", "warn meaning: not done: no embedder"]
    {
        assert!(done.out.contains(words), "'{words}' is not in: {}", done.out);
    }
    assert!(!findings(&bench).iter().any(|f| f.starts_with("answered Pass")));
}

#[test]
fn what_a_judge_said_stands_until_one_is_asked_again() {
    let (bench, fake) = (bench(2), server(Checker::Against));
    bench.clinic(&line(&fake, &embedder(&fake))).exits(0);
    let of = |bench: &Bench, names: [&str; 2]| {
        let mut own = findings(bench);
        own.retain(|finding| names.iter().any(|name| finding.starts_with(name)));
        own.sort();
        own
    };
    let said = of(&bench, ["answered", "meaning"]);
    assert_eq!(said.iter().filter(|finding| finding.starts_with("answered Block")).count(), 4);
    bench.clinic("build check p").exits(0);
    assert_eq!(of(&bench, ["answered", "meaning"]), said, "nobody was asked, and nobody forgot");
    // A new item has not been looked at, and that is told beside what was said of the others.
    let project = Project::open(&bench.path("p")).unwrap();
    add(&project, 7, "sciatica", "");
    drop(project);
    let done = bench.clinic("build check p").exits(0);
    assert!(done.out.contains("not done: no judge is named"), "{}", done.out);
    assert!(said.iter().all(|finding| findings(&bench).contains(finding)));
}

#[test]
fn each_sort_of_judge_has_its_findings() {
    for (checker, expected) in [
        (Checker::Partly, [0, 4, 0]),
        (Checker::Against, [4, 0, 0]),
        (Checker::Inventing, [4, 0, 0]),
        (Checker::Chatting, [0, 4, 0]),
    ] {
        let (bench, fake) = (bench(2), server(checker));
        let done = bench.clinic(&line(&fake, "--json")).exits(0);
        assert_eq!(counts(&done)["answered"], expected, "{checker:?}");
    }
}

#[test]
fn the_list_tells_item_by_item_and_cannot_steer_a_terminal() {
    let bench = bench(1);
    let project = Project::open(&bench.path("p")).unwrap();
    add(&project, 5, "toothache", " ```\u{1b}[31m\u{202e}");
    drop(project);
    bench.clinic("build check p --list").exits(0).says(&["nothing has been checked yet"]);
    bench.clinic("build check p").exits(0).says(&["clinic build check p --list"]);
    let list = bench.clinic("build check p --list").exits(0);
    assert!(
        list.out.contains("block leftover honesty-05 en: it holds a code fence"),
        "{}",
        list.out
    );
    assert!(!list.out.contains(['\u{1b}', '\u{202e}']));
    let rows = bench.clinic("build check p --list --json").exits(0).json();
    let block = rows.as_array().unwrap().iter().find(|row| row["level"] == "block").unwrap();
    assert_eq!((&block["key"], &block["language"]), (&json!("honesty-05"), &json!("en")));
}

#[test]
fn a_judge_that_fails_leaves_its_texts_unchecked_and_only_these_are_asked_again() {
    let bench = bench(4);
    let sick = Sick::of(|seen| match is_check(seen) && seen.prompt().contains("migraine 1") {
        true => Action::status(400, &[], "no"),
        false => answer(seen, Checker::Honest),
    });
    let done = bench.clinic(&line(&sick.fake, "--json")).exits(3);
    done.says(&["2 texts could not be checked"]);
    let before = sick.fake.count();
    let again = bench.clinic(&line(&sick.fake, "--json")).exits(3);
    assert_eq!(counts(&again)["answered"], [0, 2, 6]);
    let asked = &sick.fake.requests()[before..];
    assert!(asked.iter().all(|seen| seen.prompt().contains("migraine 1")), "only what failed");
}

#[test]
fn a_kill_while_judging_loses_only_what_was_in_flight() {
    let bench = bench(12);
    bench.clinic("build check p").exits(0);
    let before = findings(&bench);
    let slow = |seen: &Seen, _| {
        let pause = std::time::Duration::from_millis(20);
        Action::After(pause, Box::new(answer(seen, Checker::Honest)))
    };
    let fake = Fake::start(Script::new(slow));
    let run = bench.start(&line(&fake, "--max-connections 2"));
    until("some judgements", || fake.answered() >= 8);
    run.kill();
    assert_eq!(findings(&bench), before, "the earlier findings stand");
    let done = bench.clinic(&line(&fake, "--json --max-connections 2")).exits(0);
    assert_eq!(counts(&done)["answered"], [0, 0, 24]);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for seen in fake.requests().iter().filter(|seen| is_for(seen, "judge")) {
        *times.entry(seen.body.to_string()).or_default() += 1;
    }
    assert_eq!(times.len(), 24);
    let twice = times.values().filter(|n| **n > 1).count();
    assert!(twice <= 4, "{twice} were asked twice");
}

#[test]
fn an_interrupt_and_a_spent_budget_leave_everything_as_it_was() {
    let bench = bench(12);
    bench.clinic("build check p").exits(0);
    let before = findings(&bench);
    let slow = |seen: &Seen, _| {
        let pause = std::time::Duration::from_millis(50);
        Action::After(pause, Box::new(answer(seen, Checker::Honest)))
    };
    let fake = Fake::start(Script::new(slow));
    let run = bench.start(&line(&fake, "--max-connections 1"));
    until("some judgements", || fake.answered() >= 2);
    run.signal("INT");
    run.end().exits(130).says(&["everything saved", "clinic build check p"]);
    assert_eq!(findings(&bench), before);

    let budget = "--price openai/judge=1000,1000 --budget 0.01";
    bench.clinic(&line(&fake, budget)).exits(3).says(&["budget"]);
    assert_eq!(findings(&bench), before);
}

#[test]
fn wrong_input_is_told_with_what_to_do() {
    let bench = bench(0);
    bench.clinic("build check p").exits(2).says(&["no items", "clinic build write"]);
    bench.clinic("build check nowhere").exits(2).says(&["clinic build init"]);
    bench.clinic("build check p --judge-base-url http://x").exits(2).says(&["--judge"]);
    bench.clinic("build check p --list --judge openai/m").exits(2).says(&["--list"]);
    bench.clinic("build check p --price openai/m=1,1").exits(2).says(&["does not use"]);
    let held = Project::open(&bench.path("p")).unwrap();
    bench.clinic("build check p").exits(1).says(&["another clinic works on"]);
    drop(held);
    let text = String::from_utf8(bench.read("p/build.toml")).unwrap();
    bench.write("p/build.toml", format!("{text}\n[check]\noption_ratio = 0.5\n"));
    bench.clinic("build check p").exits(2).says(&["option_ratio", "from 1 to 100"]);
}
