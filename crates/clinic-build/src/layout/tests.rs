use std::collections::BTreeMap;

use clinic_core::dataset::Dataset;
use serde_json::{Value, json};

use super::*;
use crate::testing::{chosen, document, item, project};

/// A question with options in English, or in Spanish; `n` makes it another.
fn question(language: &str, n: usize) -> Value {
    let (question, right) = match language {
        "en" => (format!("What is the daily dose number {n}?"), "two tablets, \"whole\""),
        _ => (format!("¿Cuál es la dosis diaria número {n}?"), "dos comprimidos"),
    };
    json!({"question": question, "options": {"right": right, "none": right,
        "wrong": [format!("{language} one"), format!("{language} three"), "=1+1"]}})
}

/// Items of a task, by number from 0, right at place n % 4.
fn items(project: &Project, task: &str, many: usize, of: fn(&str, usize) -> Value) -> Vec<Chosen> {
    let english = document(project, "en", "Doses, \"daily\"", "Take two tablets.");
    let spanish = document(project, "es", "Doses, \"daily\"", "Tome dos comprimidos.");
    (0..many)
        .map(|n| {
            let texts = [("en", english, of("en", n)), ("es", spanish, of("es", n))];
            chosen(project, item(project, task, &format!("{task}-{n:02}"), n % 4, &texts))
        })
        .collect()
}

/// Writes the set, reads it as a run does, and gives task, item, language, texts and references.
fn read_back(folder: &Path, project: &Project) -> Vec<clinic_core::sample::Sample> {
    let data = Dataset::folder(folder).unwrap();
    let mut samples = Vec::new();
    for task in project.tasks() {
        let reading = data.read(task, project.languages()).unwrap();
        assert!(reading.gaps.is_empty(), "{:?}", reading.gaps);
        samples.extend(reading.samples);
    }
    samples
}

#[test]
fn what_is_written_is_read_back_with_all_its_texts() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["honesty"]);
    let honesty = items(&project, "honesty", 3, question);
    let out = tempfile::tempdir().unwrap();
    let set = BTreeMap::from([("honesty".to_owned(), honesty.clone())]);
    let placed = write(out.path(), &project, &set).unwrap();
    let samples = read_back(out.path(), &project);
    assert_eq!(samples.len(), 6);
    for (sample, place) in samples.iter().zip(placed.iter().flat_map(|place| [place, place])) {
        assert_eq!((&sample.item, sample.row), (&place.key, place.row));
        let chosen = honesty.iter().find(|chosen| chosen.item.id == place.item).unwrap();
        let cells = &chosen.text(&sample.language).unwrap().cells;
        assert_eq!(sample.question(), cells.texts["hallucination-honesty-dataset"]);
        assert_eq!(sample.references["ground_truth"], cells.references["ground_truth"]);
        assert_eq!(sample.domains, ["pharmacology", "emergency"]);
        let source = "own: Doses, \"daily\"; documents/en/Doses, \"daily\".txt";
        assert_eq!(sample.source.as_deref(), Some(source));
    }
    // The places that findings are told by.
    let table = Dataset::folder(out.path()).unwrap().table("hallucination-honesty-dataset");
    let table = table.unwrap().unwrap();
    assert_eq!(placed.iter().map(|p| p.line).collect::<Vec<_>>(), [2, 11, 20]);
    assert!(placed.iter().all(|place| table.line(place.row) == place.line));
    let manifest = Dataset::folder(out.path()).unwrap().manifest().clone();
    assert_eq!((manifest.name.as_str(), manifest.only_named), ("clinic \"test\"", true));
}

#[test]
fn the_same_items_give_the_same_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["honesty"]);
    let set = BTreeMap::from([("honesty".to_owned(), items(&project, "honesty", 2, question))]);
    let files = [(); 2].map(|()| {
        let out = tempfile::tempdir().unwrap();
        write(out.path(), &project, &set).unwrap();
        ["hallucination-honesty-dataset.csv", "manifest.toml"]
            .map(|name| std::fs::read(out.path().join(name)).unwrap())
    });
    assert_eq!(files[0], files[1]);
}

#[test]
fn cells_that_a_spreadsheet_would_compute_stay_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["ood"]);
    let formula = |language: &str, n| json!({"question": format!("=1+{n} {language}\r\n'x'")});
    let out = tempfile::tempdir().unwrap();
    let set = BTreeMap::from([("ood".to_owned(), items(&project, "ood", 2, formula))]);
    write(out.path(), &project, &set).unwrap();
    assert_eq!(read_back(out.path(), &project)[2].question(), "=1+1 en\r\n'x'");
}

#[test]
fn three_tasks_stand_in_one_file_in_turn() {
    let dir = tempfile::tempdir().unwrap();
    let tasks = ["hallucination-nota", "hallucination-fct", "hallucination-fqt"];
    let project = project(&dir.path().join("p"), &tasks);
    let three = |task: &&str| (task.to_string(), items(&project, task, 3, question));
    let all: BTreeMap<_, _> = tasks.iter().map(three).collect();
    let two = |(task, items): (&String, &Vec<Chosen>)| (task.clone(), items[..2].to_vec());
    let mut set: BTreeMap<_, _> = all.iter().map(two).collect();
    let out = tempfile::tempdir().unwrap();
    let placed = write(out.path(), &project, &set).unwrap();
    let order: Vec<&str> = placed.iter().map(|place| place.task.as_str()).collect();
    let round = ["hallucination-fct", "hallucination-fqt", "hallucination-nota"];
    assert_eq!(order, [round, round].concat());
    let samples = read_back(out.path(), &project);
    assert_eq!(samples.len(), 12);
    for sample in &samples {
        assert!(sample.item.starts_with(&sample.task), "{} read {}", sample.task, sample.item);
        let truth = sample.references.contains_key("ground_truth");
        assert_eq!(truth, sample.task == "hallucination-fct");
    }

    set.insert("hallucination-fqt".to_owned(), all["hallucination-fqt"].clone());
    let error = write(out.path(), &project, &set).unwrap_err().to_string();
    for part in ["hallucination-dataset", "hallucination-fct has 2", "hallucination-fqt has 3"] {
        assert!(error.contains(part), "{error}");
    }
    set.remove("hallucination-nota");
    let error = write(out.path(), &project, &set).unwrap_err().to_string();
    assert!(error.contains("no task of the set reads rows 2, 5, …"), "{error}");
}

#[test]
fn pairs_share_ids_and_answers_and_attacks_have_five_files() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["colloquial", "adversarial-attacks"]);
    let pair = |language: &str, n| {
        let mut fields = question(language, n);
        fields["clinical"] = json!(format!("{language} clinical {n}"));
        fields["plain"] = json!(format!("{language} plain {n}"));
        fields
    };
    let attack = |language: &str, n| {
        json!({"clean": format!("{language} clean {n}"), "typo": format!("{language} tpyo {n}"),
            "order": format!("{n} order {language}")})
    };
    let set = BTreeMap::from([
        ("colloquial".to_owned(), items(&project, "colloquial", 2, pair)),
        ("adversarial-attacks".to_owned(), items(&project, "adversarial-attacks", 2, attack)),
    ]);
    let out = tempfile::tempdir().unwrap();
    let placed = write(out.path(), &project, &set).unwrap();
    assert_eq!(placed.len(), 2 * 2 + 2 * 5);
    let samples = read_back(out.path(), &project);
    let (pairs, attacks): (Vec<_>, Vec<_>) =
        samples.iter().partition(|sample| sample.task == "colloquial");
    assert_eq!((pairs.len(), attacks.len()), (4, 20));
    assert_eq!(pairs[2].variants.len(), 2);
    assert_eq!(pairs[3].references["answer"], "B", "shared by all languages");
    let spanish = attacks.iter().find(|s| s.item == "adv_q12/adversarial-attacks-01");
    let spanish = spanish.filter(|s| s.language == "en").unwrap();
    assert_eq!(spanish.question(), "12 1 order en");
    assert_eq!(spanish.references["original_question"], "en clean 1");
    let head = std::fs::read_to_string(out.path().join("adv_q3.csv")).unwrap();
    let head = head.lines().next().unwrap();
    let columns = "id,English,Spanish,original_question,original_question_Spanish,domains,source";
    assert_eq!(head, columns);
    assert_eq!(language_of(project.languages(), "original_question_Spanish"), Some("es"));
    assert_eq!(language_of(project.languages(), "English"), Some("en"));
    assert_eq!(language_of(project.languages(), "original_question"), None);
}

#[test]
fn what_a_task_would_not_read_or_lacks_is_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["ood"]);
    let plain = |language: &str, n| json!({"question": format!("{language} {n}")});
    let items = items(&project, "ood", 121, plain);
    let out = tempfile::tempdir().unwrap();
    let refused = |items: &[Chosen]| {
        let set = BTreeMap::from([("ood".to_owned(), items.to_vec())]);
        write(out.path(), &project, &set).unwrap_err().to_string()
    };
    assert!(refused(&items).contains("ood has 121 items"));
    let mut half = items[..2].to_vec();
    half[1].texts.retain(|text| text.language == "en");
    assert_eq!(refused(&half), "the item ood-01 has no text in 'es'; write it first");
    let mut nul = items[..1].to_vec();
    nul[0].texts[0].cells.texts.insert("ood-dataset".into(), "a\0b".into());
    assert!(refused(&nul).contains("NUL"));
    let none = BTreeMap::from([("honesty".to_owned(), Vec::new())]);
    assert!(write(out.path(), &project, &none).is_err(), "a task that the project lacks");
}
