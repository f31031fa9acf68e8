//! The published layout: responses come in and go out, and results have the published keys.

use clinic_fake::{Action, Fake, Script};
use serde_json::{Value, json};

use crate::support::{Bench, Outcome, is_for, near};

const TASKS: &str = "exaggerated-safety,consistency,fairness-stereotype";

/// Four questions each; the second has no answer once its letters are deleted.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write(
        "data/exaggerated-safety-dataset.csv",
        "English,Hindi\nq0,h0\nq1,h1\nq2,h2\nq3,h3\n",
    );
    bench.write(
        "data/fairness-stereotype-dataset.csv",
        "English,Hindi\nq0,h0\nq1,h1\nq2,h2\nq3,h3\n",
    );
    bench.write("data/consistency-original-dataset.csv", "English\no0\no1\n");
    bench.write("data/consistency-modified-dataset.csv", "English\nm0\nm1\n");
    bench
}

fn fake() -> Fake {
    Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        if is_for(seen, "judge") {
            let answer = prompt.rsplit("begins: answer to grade]").next().unwrap_or_default();
            let gender = prompt.contains("neutral");
            let verdict = match (gender, answer.contains("NO")) {
                (true, true) => "female",
                (true, false) => "neutral",
                (false, true) => "refuses",
                (false, false) => "answers",
            };
            return Action::Text(json!({"says": "so", "verdict": verdict}).to_string());
        }
        if is_for(seen, "embedder") {
            return Action::Default;
        }
        Action::Text(match prompt {
            p if p.contains("q0") => "NO, =1+1\n".to_owned(),
            p if p.contains("h1") => "नहीं".to_owned(),
            p if p.contains("q2") => "<think>NO</think> comb, \"them\"".to_owned(),
            p if p.contains("h3") => String::new(),
            p => format!("about {}", p.len()),
        })
    }))
}

fn score(bench: &Bench, run: &str, fake: &Fake, more: &str) -> Outcome {
    let url = fake.base_url();
    bench.clinic(&format!(
        "score {run} --json --judge openai/judge --judge-base-url {url} --embedder openai/embedder \
         --embedder-base-url {url} {more}"
    ))
}

/// A run that is scored as published and written in the published layout.
fn exported() -> (Bench, Fake) {
    let (bench, fake) = (bench(), fake());
    bench
        .clinic(&Bench::line("generate", TASKS, &fake, "").replace("--tasks-dir tasks", ""))
        .exits(0);
    score(&bench, "run", &fake, "--protocol reference").exits(0);
    bench.clinic("export run --format reference --out old").exits(0);
    (bench, fake)
}

fn results(bench: &Bench, name: &str) -> Value {
    serde_json::from_slice(&bench.read(&format!("old/openai-m/results/{name}_openai-m.json")))
        .unwrap()
}

#[test]
fn results_have_the_published_keys_and_shapes() {
    let (bench, _fake) = exported();
    let text =
        String::from_utf8(bench.read("old/openai-m/results/exaggerated-safety_openai-m.json"))
            .unwrap();
    let keys: Vec<usize> =
        ["model", "task", "language", "total_samples", "refuse_to_answer_count", "rta_rate"]
            .iter()
            .map(|key| text.find(&format!("\"{key}\"")).unwrap())
            .collect();
    assert!(keys.is_sorted(), "{text}");
    assert_eq!(
        results(&bench, "exaggerated-safety"),
        json!([
            {"model": "openai-m", "task": "exaggerated-safety", "language": "English",
             "total_samples": 4, "refuse_to_answer_count": 1, "rta_rate": 0.25},
            {"model": "openai-m", "task": "exaggerated-safety", "language": "Hindi",
             "total_samples": 4, "refuse_to_answer_count": 0, "rta_rate": 0.0},
        ])
    );
    let stereotype = &results(&bench, "fairness-stereotype")[0];
    assert_eq!(stereotype["female_percentage"], json!({"1": 25.0}));
    assert_eq!(stereotype["neutral_percentage"], json!({"1": 75.0}));
    assert_eq!(stereotype["male_percentage"], json!({}));
    assert_eq!(stereotype["invalid-percentage"], json!({}));
    let consistency = &results(&bench, "consistency")[0];
    assert_eq!(consistency["total_samples"], 2);
    assert!(
        consistency["consistency_score_sum"].is_number()
            && consistency["avg consistency score"].is_number()
    );
}

#[test]
fn responses_go_out_as_they_came() {
    let (bench, _fake) = exported();
    let path = "old/openai-m/exaggerated-safety_respon_openai-m/English/English_openai-m.csv";
    let csv = String::from_utf8(bench.read(path)).unwrap();
    assert!(
        csv.starts_with("Question,Response\n\"Question:     q0\n\nAnswer:\",\"NO, =1+1\"\n"),
        "{csv}"
    );
    assert!(csv.contains("\"<think>NO</think> comb, \"\"them\"\"\""), "{csv}");
    for name in ["original", "modified"] {
        bench.read(&format!(
            "old/openai-m/consistency_respon_openai-m/English/English_{name}_openai-m.csv"
        ));
    }
}

#[test]
fn results_are_written_only_where_the_arithmetic_is_the_published_one() {
    let (bench, fake) = exported();
    score(&bench, "run", &fake, "--protocol default").exits(0);
    let done = bench.clinic("export run --format reference --out new").exits(0);
    assert!(!done.out.contains("results"), "{}", done.out);
    done.says(&["--protocol reference"]);
}

#[test]
fn an_export_is_never_mixed_with_an_earlier_one() {
    let (bench, fake) = exported();
    bench
        .clinic("export run --format reference --out old")
        .exits(2)
        .says(&["is there already", "--out"]);
    // The run's own folder holds its latest export and nothing of the one before.
    bench.clinic("export run --format reference").exits(0);
    let result = "run/exports/openai-m/results/consistency_openai-m.json";
    assert!(bench.path(result).exists());
    score(&bench, "run", &fake, "--protocol default").exits(0);
    bench.clinic("export run --format reference").exits(0);
    assert!(!bench.path(result).exists(), "results of the other protocol");
}

#[test]
fn what_went_out_comes_in_and_scores_the_same_without_asking_the_model() {
    let (bench, fake) = exported();
    let asked = fake.requests().iter().filter(|seen| is_for(seen, "m")).count();
    let done = bench.clinic("import old --layout reference --data data --out again --json");
    // The results folder is none of responses, and no task's.
    assert_eq!(done.json()["imported"], 20, "{}{}", done.out, done.err);
    assert_eq!(done.json()["skipped"], json!([]));
    assert_eq!(done.code, Some(0));
    for protocol in ["default", "reference"] {
        let line = format!("--protocol {protocol}");
        let (one, two) = (
            score(&bench, "run", &fake, &line).exits(0),
            score(&bench, "again", &fake, &line).exits(0),
        );
        let rows = |done: &Outcome| done.json()["rows"].clone();
        assert_eq!(rows(&one), rows(&two));
        let export = |run: &str| {
            bench
                .clinic(&format!("export {run} --format reference --out {run}-{protocol}"))
                .exits(0);
            let model = "openai-m";
            let folder = format!("{run}-{protocol}/{model}/exaggerated-safety_respon_{model}");
            bench.read(&format!("{folder}/Hindi/Hindi_{model}.csv"))
        };
        assert_eq!(export("run"), export("again"));
    }
    assert_eq!(fake.requests().iter().filter(|seen| is_for(seen, "m")).count(), asked);
    bench.clinic("resume again").exits(0);
}

#[test]
fn an_imported_run_has_no_model_to_resume() {
    let (bench, _fake) = exported();
    bench.clinic("import old --layout reference --data data --out again").exits(0);
    bench.clinic("resume again").exits(2).says(&["were imported", "clinic score again"]);
}

const ES: &str = "exaggerated-safety_respon_m";

/// Imports hand-written files and gives what was said of them.
fn import(files: &[(&str, &str)], more: &str) -> (Bench, Outcome) {
    let bench = bench();
    for (name, text) in files {
        bench.write(&format!("old/{name}"), text);
    }
    let done =
        bench.clinic(&format!("import old --layout reference --data data --out run --json {more}"));
    (bench, done)
}

fn skipped(done: &Outcome) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let json = done.json();
    let all = json["skipped"].as_array().unwrap().iter();
    all.map(|entry| (text(&entry["path"]), text(&entry["why"]))).collect()
}

#[track_caller]
fn names(done: &Outcome, path: &str, why: &str) {
    let all = skipped(done);
    let named = all.iter().any(|(p, w)| p.ends_with(path) && w.contains(why));
    assert!(named, "{path}: {why} is not in {all:#?}");
}

const WHOLE: &str = "Question,Response\nQ q0,NO\nQ q1,yes\nQ q2,yes\nQ q3,yes\n";

#[test]
fn what_cannot_be_read_is_named_and_the_rest_comes_in() {
    let (_, done) = import(
        &[
            (&format!("{ES}/English/English_m.csv"), WHOLE),
            (&format!("{ES}/Klingon/Klingon_m.csv"), WHOLE),
            (&format!("{ES}/Hindi/Hindi_other.csv"), WHOLE),
            (&format!("{ES}/notes.txt"), "x"),
            ("juggling_respon_m/English/English_m.csv", WHOLE),
            ("fairness-stereotype_respon_m/English/English_m.csv", "Question,Answer\nq0,x\n"),
            ("fairness-stereotype_respon_m/Hindi/Hindi_m.csv", "Question,Response\n\"h0,x\n"),
        ],
        "",
    );
    assert_eq!(done.code, Some(3), "{}", done.err);
    assert_eq!((&done.json()["imported"], &done.json()["expected"]), (&json!(4), &json!(4)));
    names(&done, "Klingon", "no known language");
    names(&done, "Hindi_other.csv", "expected here: Hindi_m.csv");
    names(&done, "notes.txt", "a folder for a language");
    names(&done, "juggling_respon_m", "no task has such a folder");
    names(
        &done,
        "fairness-stereotype_respon_m/English/English_m.csv",
        "needs the columns Question and Response, and has Question, Answer",
    );
    names(&done, "Hindi_m.csv", "never closed");
    assert_eq!(skipped(&done).len(), 6);
}

const SHORT: &str = "Question,Response\nQ q0,NO\nQ q2,yes\nQ q3,NO\n";

#[test]
fn a_short_file_shifts_nothing_unless_as_published() {
    let file = format!("{ES}/English/English_m.csv");
    let texts = "SELECT coalesce(text, state) FROM responses ORDER BY id";
    let (bench, done) = import(&[(&file, SHORT)], "");
    names(&done, "English_m.csv", "short of 1 rows: 3 of 4");
    names(&done, "English_m.csv", "1 items are in no row's question");
    assert_eq!(bench.column(texts), ["NO", "failed", "yes", "NO"]);
    // Scored as published, the table says what was not repeated.
    let scored = bench.clinic("score run --protocol reference --json");
    assert!(scored.json()["notes"].to_string().contains("joined with their items by question"));
    let (bench, done) = import(&[(&file, SHORT)], "--protocol reference");
    assert_eq!(done.code, Some(3));
    names(&done, "English_m.csv", "2 rows hold another question");
    assert_eq!(bench.column(texts), ["NO", "yes", "NO", "failed"]);
    // Shifted rows are never scored as if they were not.
    bench
        .clinic("score run --protocol default")
        .exits(2)
        .says(&["by place alone", "import them again"]);
    assert_eq!(bench.clinic("score run").code, Some(3));
}

#[test]
fn several_models_need_a_choice() {
    let files = [
        (format!("a/{ES}/English/English_m.csv"), WHOLE),
        ("b/exaggerated-safety_respon_n/English/English_n.csv".to_owned(), WHOLE),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), *text)).collect();
    let (_, done) = import(&files, "");
    done.exits(2).says(&["several models: m, n", "--model"]);
    let (_, done) = import(&files, "--model n");
    assert_eq!(done.exits(0).json()["model"], "n");
    let (_, done) = import(&files, "--model o");
    done.exits(2).says(&["no responses of 'o'", "m, n"]);
    let (_, done) = import(&[("nothing/x.csv", WHOLE)], "");
    done.exits(2).says(&["no folder of the layout"]);
}

#[test]
fn nothing_to_read_makes_no_run() {
    let file = format!("{ES}/English/English_m.csv");
    let (bench, done) = import(&[(&file, "Question,Answer\nq0,x\n")], "");
    done.exits(2).says(&["no response file in old could be read", "needs the columns"]);
    assert!(!bench.path("run").exists());
    let (_, done) =
        import(&[(&file, WHOLE), ("ood_respon_m/English/English_m.csv", WHOLE)], "--tasks safety");
    assert_eq!(
        done.exits(0).json()["skipped"],
        json!([]),
        "a task that is not wanted is passed over"
    );
}

#[test]
fn rows_that_are_there_twice_are_named() {
    let twice = "Question,Response\nQ q0,NO\nQ q0,yes\nQ q1,yes\nQ q2,yes\nQ q3,yes\n";
    let (bench, done) = import(&[(&format!("{ES}/English/English_m.csv"), twice)], "");
    names(&done, "English_m.csv", "1 rows are not used");
    let texts = "SELECT text FROM responses ORDER BY id";
    assert_eq!(bench.column(texts), ["NO", "yes", "yes", "yes"]);
}

#[test]
fn an_index_column_and_long_or_empty_responses_are_read() {
    let long = "x".repeat(10 << 20);
    let csv = format!(",Question,Response\n0,Q q0,NO\n1,Q q1,{long}\n2,Q q2,\n3,Q q3,NO\n");
    let (bench, done) = import(&[(&format!("{ES}/English/English_m.csv"), &csv)], "");
    assert_eq!(done.code, Some(0), "{}{}", done.out, done.err);
    assert_eq!(bench.states(), ["answered", "answered", "empty", "answered"]);
    let done = bench.clinic("score run --json").exits(0);
    let figure = done.figure("en", "rta_rate", None);
    near(&figure["coverage"], figure["n"].as_f64().unwrap() / 4.0);
}
