//! Exports for other programs, opened with those programs' own readers.

use std::path::PathBuf;
use std::process::Command;

use clinic_fake::{Action, Fake, Script};
use serde_json::{Value, json};

use crate::support::{Bench, JUDGED, is_for, near};

/// What a program's own readers make of files; the scripts stand in `tests/readers`.
#[track_caller]
pub fn read_by(script: &str, files: &[PathBuf]) -> Value {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let cache = cache.unwrap_or_else(home).join("clinic");
    let packages = ["inspect-0.3.285", "mlcroissant-1.1.1"].map(|name| cache.join(name));
    for folder in &packages {
        let ready = folder.join("ready");
        assert!(ready.exists(), "there is no {}: `make readers` fetches it", folder.display());
    }
    let packages = std::env::join_paths(packages).unwrap();
    let scripts = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers");
    let mut python = Command::new("python3");
    python.arg("-B").arg(format!("{scripts}/{script}.py")).args(files);
    python.env("PYTHONPATH", packages).env("PYTHONUTF8", "1").env("HF_HUB_OFFLINE", "1");
    let done = python.output().unwrap_or_else(|e| panic!("python3 is needed: {e}"));
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{script}: {said}");
    serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{e}: {said}"))
}

/// Two wordings of each item, and the letter that is right for both.
const WORDING: &str = r#"name = "wording"
dimension = "robustness"
title = "Wording"
asks = "For tests."
data.samples = 1
data.groups = [{ files = { original = "original", modified = "modified" } }]
data.references = { answer = { columns = ["answer"] } }
prompt.frame = "{question}"
generation.max_tokens = 16
generation.temperature = 0.5
metrics = [
    { name = "acc_after", kind = "rate", of = "after", better = "higher", means = "m" },
    { name = "drop", kind = "drop", of = ["before", "after"], better = "zero", means = "m" },
]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "choice"
choices = [
    { score = "before", variant = "original", answer = "answer" },
    { score = "after", variant = "modified", answer = "answer" },
]
"#;

/// A model that says what stands in its prompt after "say".
fn model() -> Fake {
    Fake::start(Script::new(|seen, _| {
        let prompt = seen.prompt();
        let wanted = prompt.split("say ").nth(1).unwrap_or_default().to_owned();
        match wanted.as_str() {
            _ if !is_for(seen, "m") => Action::Default,
            "nothing" => Action::status(400, &[], "no such thing"),
            "held" => Action::Filtered,
            "long" => Action::Length("on and on".to_owned()),
            "thought" => Action::Reasoning { reasoning: "hm".to_owned(), text: "well".to_owned() },
            _ => Action::Text(wanted),
        }
    }))
}

/// A judged task in two languages with an answer of each kind, and one of two wordings.
fn bench(fake: &Fake) -> Bench {
    let bench = Bench::new();
    bench.task(JUDGED);
    bench.task(WORDING);
    bench.write("data/manifest.toml", "name = \"test\"\n[columns]\nid = \"id\"\n");
    let questions = "id,English,Spanish\na/0,say fine,say bueno\na-0,say thought,say held\n\
                     c,say nothing,say long\n";
    bench.write("data/questions.csv", questions);
    bench.write("data/original.csv", "id,English,answer\n1,q1 say B,B\n2,q2 say C,C\n");
    bench.write("data/modified.csv", "id,English,answer\n1,q3 say A,B\n2,q4 say C,C\n");
    bench.run("judged,wording --languages en,es", fake, "").exits(3);
    bench
}

/// What Inspect finds in folders of logs.
#[track_caller]
pub fn inspect(folders: &[PathBuf]) -> Vec<Value> {
    serde_json::from_value(read_by("inspect_log", folders)).unwrap()
}

fn export(bench: &Bench, format: &str) -> PathBuf {
    bench.clinic(&format!("export run --format {format}")).exits(0);
    bench.path(&format!("run/exports/{format}"))
}

/// The element of an array whose field has a value.
#[track_caller]
fn with<'a>(all: &'a Value, field: &str, value: &str) -> &'a Value {
    let found = all.as_array().unwrap().iter().find(|one| one[field] == value);
    found.unwrap_or_else(|| panic!("no {field} is {value} in {all:#}"))
}

#[test]
fn inspect_opens_its_log() {
    let fake = model();
    let bench = bench(&fake);
    let found = inspect(&[export(&bench, "inspect")]).remove(0);
    assert_eq!(found["tasks"], json!(["judged", "wording"]));
    let logs = found["logs"].to_string();
    assert!(
        !logs.contains(&fake.address().to_string()),
        "whose server it was is nobody's business"
    );

    let log = &found["logs"][0];
    assert_eq!((&log["version"], &log["status"]), (&json!(2), &json!("error")));
    // One prompt failed, and what was held back cannot be scored.
    assert_eq!(
        log["error"]["message"],
        log["results"]["metadata"]["missing"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| m.as_str().unwrap())
            .collect::<Vec<_>>()
            .join(", ")
    );
    assert!(log["error"]["message"].as_str().unwrap().starts_with("1 prompts without an answer"));
    let spec = &log["eval"];
    assert_eq!(spec["model"], "openai/m");
    assert_eq!(spec["model_roles"]["grader"]["model"], "openai/judge");
    assert_eq!(spec["task_display_name"], "Judged");
    assert_eq!(spec["metadata"]["languages"], json!(["en", "es"]));
    assert_eq!(spec["dataset"]["samples"], 6);
    let results = &log["results"];
    assert_eq!((&results["total_samples"], &results["completed_samples"]), (&json!(6), &json!(5)));

    // The figures are those of the report.
    let report = bench.clinic("report run --json").exits(3);
    for (language, scored, unscored) in [("en", 2, 1), ("es", 2, 1)] {
        let entry = with(&results["scores"], "name", &format!("quality_{language}"));
        let figure = report.figure(language, "quality", None);
        for (name, key) in [
            ("estimate", "estimate"),
            ("ci_low", "low"),
            ("ci_high", "high"),
            ("coverage", "coverage"),
        ] {
            near(&entry["metrics"][name]["value"], figure[key].as_f64().unwrap());
        }
        let width = figure["high"].as_f64().unwrap() - figure["low"].as_f64().unwrap();
        near(&entry["metrics"]["stderr"]["value"], width / 2.0 / 1.959_963_984_540_054);
        assert_eq!(
            (&entry["scored_samples"], &entry["unscored_samples"]),
            (&json!(scored), &json!(unscored))
        );
        assert_eq!(entry["scorer"], "good");
    }

    // A sample each: state, answer, reasoning, usage, scores, what it is.
    let samples = &log["samples"];
    let plain = with(samples, "id", "en-a-0");
    assert_eq!(plain["input"], "Q: say fine");
    assert_eq!(plain["output"]["choices"][0]["message"]["content"], "fine");
    assert_eq!(plain["output"]["choices"][0]["stop_reason"], "stop");
    let good = &plain["scores"]["good"];
    assert_eq!((&good["value"], &good["answer"]), (&json!(1.0), &json!("good")));
    assert!(good["metadata"]["scorer"].as_str().unwrap().contains("openai/judge"), "{good}");
    let usage = &plain["model_usage"]["openai/m"];
    assert!(usage["input_tokens"].as_u64().unwrap() > 0, "{usage}");
    assert_eq!(usage, &plain["output"]["usage"]);
    let metadata = &plain["metadata"];
    assert_eq!((&metadata["language"], &metadata["item"]), (&json!("en"), &json!("a/0")));
    assert_eq!(metadata["dimension"], "safety");
    assert_eq!(metadata["states"], json!({"question": "answered"}));

    let thought =
        samples.as_array().unwrap().iter().find(|s| s["input"] == "Q: say thought").unwrap();
    let content = &thought["messages"][1]["content"];
    assert_eq!(
        (&content[0]["type"], &content[0]["reasoning"]),
        (&json!("reasoning"), &json!("hm"))
    );
    assert_eq!(content[1]["text"], "well");
    // Another item whose id is the same in a file's letters.
    let id = thought["id"].as_str().unwrap();
    assert!(id.starts_with("en-a-0-") && thought["metadata"]["item"] == "a-0", "{id}");

    let failed = with(samples, "id", "en-c");
    assert!(failed["error"]["message"].as_str().unwrap().contains("no such thing"), "{failed}");
    assert_eq!((failed["messages"].as_array().unwrap().len(), &failed["scores"]), (1, &json!({})));
    let held = samples.as_array().unwrap().iter().find(|s| s["input"] == "Q: say held").unwrap();
    assert_eq!(held["output"]["choices"][0]["stop_reason"], "content_filter");
    assert_eq!(held["scores"], json!({}), "unscored is left out, and never 0");
    assert_eq!(held["metadata"]["unscored"]["good"]["state"], "not_scored");
    let long = with(samples, "id", "es-c");
    assert_eq!(long["output"]["choices"][0]["stop_reason"], "max_tokens");

    // Several variants are one sample with a pair of messages and a call each.
    let wording = &found["logs"][1];
    let pair = with(&wording["samples"], "id", "en-1");
    let said: Vec<&Value> =
        pair["messages"].as_array().unwrap().iter().map(|m| &m["content"]).collect();
    assert_eq!(said, ["q1 say B", "B", "q3 say A", "A"]);
    assert_eq!((&pair["target"], &pair["scores"]["before"]["value"]), (&json!("B"), &json!(1.0)));
    assert_eq!(pair["scores"]["after"]["value"], json!(0.0));
    let calls = pair["events"].as_array().unwrap();
    assert_eq!(
        calls.iter().map(|c| &c["input"][0]["content"]).collect::<Vec<_>>(),
        ["q1 say B", "q3 say A"]
    );
    assert_eq!(wording["plan"]["config"]["temperature"], 0.5);
    near(
        &with(&wording["results"]["scores"], "name", "acc_after_en")["metrics"]["estimate"]["value"],
        0.5,
    );
    near(
        &with(&wording["results"]["scores"], "name", "drop_en")["metrics"]["estimate"]["value"],
        0.5,
    );

    // As tables for pandas.
    assert_eq!(found["samples"].as_array().unwrap().len(), 8);
    let row = with(&found["samples"], "id", "es-a-0");
    assert_eq!((&row["score_good"], &row["metadata_language"]), (&json!(1.0), &json!("es")));
    let eval = with(&found["evals"], "task_name", "wording");
    assert_eq!(
        (&eval["score_headline_name"], &eval["score_headline_value"]),
        (&json!("after"), &json!(0.5))
    );
    assert_eq!(found["messages"].as_array().unwrap().len(), 11 + 8, "one has no answer");
    let ids = |table: &str, key: &str| {
        let mut ids: Vec<String> =
            found[table].as_array().unwrap().iter().map(|r| r[key].to_string()).collect();
        ids.sort();
        ids.dedup();
        ids.len()
    };
    assert_eq!(
        (ids("samples", "sample_id"), ids("evals", "eval_id"), ids("messages", "message_id")),
        (8, 2, 19)
    );
}

#[test]
fn a_log_is_a_success_only_where_nothing_can_be_added() {
    // Answered and scored.
    let fake = Fake::start(Script::default());
    let done = Bench::of(2);
    done.run("judged", &fake, "").exits(0);
    let whole = export(&done, "inspect");
    // Not yet asked: as the store is where a run was killed.
    let db = rusqlite::Connection::open(done.path("run/run.sqlite")).unwrap();
    db.execute_batch(
        "UPDATE responses SET state = 'pending', text = NULL WHERE id = 2;
         DELETE FROM scores WHERE sample = 2;",
    )
    .unwrap();
    done.clinic("export run --format inspect --out killed").exits(0);
    // Asked, and never to be scored, as Inspect has it without scoring.
    let generated = Bench::of(2);
    generated.generate(&fake, "").exits(0);
    let found = inspect(&[whole, export(&generated, "inspect"), done.path("killed/inspect")]);
    let [whole, generated, killed] = [0, 1, 2].map(|i: usize| &found[i]["logs"][0]);
    assert_eq!((&whole["status"], &whole["error"]), (&json!("success"), &Value::Null));
    assert_eq!(whole["results"]["metadata"]["missing"], json!([]));
    assert_eq!(
        (&generated["status"], &generated["results"]["scores"]),
        (&json!("success"), &json!([]))
    );
    let none = json!(["quality_en", "kindness_en"]);
    assert_eq!(generated["results"]["metadata"]["without_figure"], none);
    assert_eq!(
        (&killed["status"], &killed["results"]["total_samples"]),
        (&json!("cancelled"), &json!(2))
    );
    assert_eq!(killed["samples"].as_array().unwrap().len(), 1, "what was not begun is not there");
    let missing =
        json!(["1 prompts that were not asked yet", "1 samples that were not scored yet"]);
    assert_eq!(killed["results"]["metadata"]["missing"], missing);
    assert_eq!(whole["eval"]["task_id"], killed["eval"]["task_id"]);
    assert_ne!(whole["eval"]["eval_id"], killed["eval"]["eval_id"]);
}

#[test]
fn lm_evaluation_harness_reads_its_files() {
    let fake = model();
    let bench = bench(&fake);
    let found = read_by("lm_eval_results", &[export(&bench, "lm-eval")]);
    assert_eq!(found["times"].as_array().unwrap().len(), 1);
    let results = &found["results"];
    assert_eq!(results["model_name"], "openai/m");
    let tasks: Vec<&String> = results["results"].as_object().unwrap().keys().collect();
    assert_eq!(
        tasks,
        ["clinic_wording_en", "clinic_wording_es", "clinic_judged_en", "clinic_judged_es"]
    );
    assert_eq!(found["samples"].as_object().unwrap().len(), 4);
    let groups = json!({
        "clinic_robustness": ["clinic_wording_en", "clinic_wording_es"],
        "clinic_safety": ["clinic_judged_en", "clinic_judged_es"],
    });
    assert_eq!(results["group_subtasks"], groups);

    let report = bench.clinic("report run --json").exits(3);
    let figure = report.figure("en", "acc_after", None);
    let wording = &results["results"]["clinic_wording_en"];
    near(&wording["acc_after,none"], 0.5);
    let width = figure["high"].as_f64().unwrap() - figure["low"].as_f64().unwrap();
    near(&wording["acc_after_stderr,none"], width / 2.0 / 1.959_963_984_540_054);
    assert_eq!(results["results"]["clinic_wording_es"].get("acc_after,none"), None, "never 0");
    let better = &results["higher_is_better"]["clinic_wording_en"];
    assert_eq!(better, &json!({"acc_after": true, "drop": null}));
    let counts = &results["n-samples"]["clinic_judged_en"];
    assert_eq!(counts, &json!({"original": 3, "effective": 2}));
    // Their own table prints our numbers.
    let table = found["table"].as_str().unwrap();
    let row = table.lines().find(|line| line.contains("clinic_wording_en")).unwrap();
    assert!(row.contains("acc_after") && row.contains("0.5") && row.contains('±'), "{row}");
    // Their hash of what was asked is ours.
    for (task, hash) in found["hashes"].as_object().unwrap() {
        assert_eq!(&results["task_hashes"][task], hash);
    }

    let sample = &found["samples"]["clinic_wording_en"][0];
    assert_eq!((&sample["target"], &sample["resps"]), (&json!("B"), &json!([["B"], ["A"]])));
    assert_eq!(sample["arguments"]["gen_args_1"]["arg_0"], "q3 say A");
    assert_eq!((&sample["before"], &sample["after"]), (&json!(1.0), &json!(0.0)));
    assert_eq!(sample["metrics"], json!(["before", "after"]));
    let judged = found["samples"]["clinic_judged_en"].as_array().unwrap();
    let numbers: Vec<&Value> = judged.iter().map(|s| &s["doc_id"]).collect();
    assert_eq!(numbers, [0, 1], "the one without an answer is left out");
    assert_eq!(judged[0]["verdicts"]["good"], "good");
}

#[test]
fn the_hub_reads_its_yaml() {
    let fake = model();
    let bench = bench(&fake);
    let found = read_by("hub_results", &[export(&bench, "hub")]);
    assert_eq!(found["name"], "openai/m");
    let result = with(&found["results"], "dataset_config", "wording_en");
    assert_eq!(
        (&result["metric_type"], &result["metric_value"]),
        (&json!("acc_after"), &json!(0.5))
    );
    assert_eq!(
        (&result["task_name"], &result["dataset_revision"]),
        (&json!("Wording"), &Value::Null)
    );
    assert_eq!(result["metric_args"]["n"], 2);
    // A folder of one's own has no id on the hub, and none is made up.
    assert_eq!(found["parsed"], "without 'id'");
    let entry = &found["entries"][1];
    assert_eq!(entry["dataset"], json!({"task_id": "judged_en"}));
    assert!(entry["notes"].as_str().unwrap().contains("dataset.id is left out"), "{entry}");
    assert_eq!((entry.get("date"), entry.get("source")), (None, None));
    assert_eq!(
        found["entries"].as_array().unwrap().len(),
        3,
        "a headline without a figure has none"
    );

    // Data of the hub is named with its revision.
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    let plan = plan.replace("source = \"data\"", "source = \"hf:who/health@0123abc\"");
    bench.write("run/run.toml", plan);
    let found = read_by("hub_results", &[export(&bench, "hub")]);
    let entry = with(&found["parsed"], "task_id", "wording_en");
    assert_eq!(
        (&entry["dataset_id"], &entry["dataset_revision"]),
        (&json!("who/health"), &json!("0123abc"))
    );
    near(&entry["value"], 0.5);
    let notes = entry["notes"].as_str().unwrap();
    assert!(notes.starts_with("acc_after (higher is better), 95 % interval 0."), "{notes}");
    assert!(notes.contains("n 2 of 2") && !notes.contains("left out"), "{notes}");
    let result = with(&found["results"], "dataset_config", "wording_en");
    assert_eq!(
        (&result["dataset_type"], &result["dataset_revision"]),
        (&json!("who/health"), &json!("0123abc"))
    );
}
