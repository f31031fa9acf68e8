//! The commands one by one: help, bad arguments, and stages that are run alone.

use std::time::Duration;

use clinic_fake::{Action, Fake, Script};
use serde_json::{Value, json};

use crate::support::{Bench, Outcome, Sick, is_for, prompts};

fn quality(done: &Outcome) -> (Value, Value) {
    let figure = done.figure("en", "quality", None);
    (figure["estimate"].clone(), figure["n"].clone())
}

#[test]
fn every_command_has_help() {
    let bench = Bench::new();
    for command in [
        "",
        "run",
        "generate",
        "score",
        "resume",
        "report",
        "export",
        "tasks",
        "data",
        "data stats",
    ] {
        let done = bench.clinic(&format!("{command} --help")).exits(0);
        assert!(done.out.contains("Usage: clinic"), "{}", done.out);
        assert_eq!(done.err, "");
        assert!(done.out.lines().all(|line| line.chars().count() <= 100), "{}", done.out);
    }
    assert!(bench.clinic("--version").exits(0).out.starts_with("clinic "));
}

#[test]
fn arguments_that_make_no_sense() {
    let bench = Bench::of(1);
    let run = "run --tasks-dir tasks --data data --tasks judged --out run --model openai/m \
               --base-url http://127.0.0.1:9";
    for (line, words) in [
        ("fly", &["fly"][..]),
        ("run", &["--model"]),
        ("run --model gpt-4o", &["'gpt-4o' is not provider/model", "openrouter"]),
        ("run --model nobody/m", &["'nobody/m' is not provider/model"]),
        ("run --model openai/m", &["openai/ models need a key", "OPENAI_API_KEY"]),
        (&format!("{run} --limit 0"), &["--limit"]),
        (&format!("{run} --max-connections 0"), &["--max-connections"]),
        (&format!("{run} --timeout=-1"), &["--timeout"]),
        (&format!("{run} --retry-delay nan"), &["--retry-delay", "seconds"]),
        (&format!("{run} --judge judge"), &["'judge' is not provider/model"]),
        (&format!("{run} --judge-base-url http://127.0.0.1:9"), &["--judge"]),
        (&format!("{run} --judge openai/j"), &["openai/ models need a key"]),
        (&format!("{run} --languages Elvish"), &["no language is named 'Elvish'", "Swahili (sw)"]),
        (&format!("{run} --tasks nothing"), &["no task or dimension is named 'nothing'"]),
        ("export run --format xml", &["xml", "csv", "jsonl"]),
    ] {
        let done = bench.clinic(line).exits(2).says(words);
        assert_eq!(done.out, "", "{line}");
        assert!(!bench.path("run").exists() && !bench.path("runs").exists(), "{line}");
    }
}

#[test]
fn a_dry_run_asks_nothing_and_leaves_nothing() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(7);
    for command in ["run", "generate"] {
        let line = Bench::line(command, "judged", &fake, "--dry-run --limit 5 --languages en,sw");
        let done = bench.clinic(&line).exits(0);
        assert!(done.out.contains("nothing was asked") && done.out.contains("gap: judged:"));
        let json = bench.clinic(&format!("{line} --json")).exits(0).json();
        assert_eq!((&json["prompts"], &json["tasks"]["judged"]["prompts"]), (&json!(5), &json!(5)));
        assert_eq!(json["new_tokens_at_most"], 5 * 16);
        assert_eq!(json["characters"], 5 * "Q: ask 0".len());
    }
    assert_eq!(fake.count(), 0);
    assert!(!bench.path("run").exists());
}

#[test]
fn answers_are_scored_later_by_any_judge_and_never_asked_for_again() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(4);
    let done = bench.generate(&fake, "--json").exits(0);
    assert_eq!(done.json(), json!({"run": "run", "responses": {"answered": 4}}));
    assert_eq!(fake.count(), 4);
    let score = |judge: &str| {
        let line = format!("score run --json --judge {judge}");
        let url = format!("--judge-base-url {}", fake.base_url());
        let done = bench.clinic(&format!("{line} {url}")).exits(0);
        let mut json = done.json();
        // What every judge so far took, which grows.
        json.as_object_mut().unwrap().shift_remove("judged");
        (json, quality(&done))
    };
    // The fake judge takes the first verdict of the list.
    let (first, figure) = score("openai/one");
    assert_eq!((figure, fake.count()), ((json!(1.0), json!(4)), 4 + 8));

    let none = bench.clinic("score run --json --judge none").exits(0);
    assert_eq!(quality(&none), (json!(null), json!(0)));
    assert!(none.json()["notes"].to_string().contains("No judge was named"));

    let (second, figure) = score("openai/two");
    assert_eq!((figure, fake.count()), ((json!(1.0), json!(4)), 4 + 8 + 8));
    assert_ne!(first["rows"][0]["scorer"], second["rows"][0]["scorer"]);

    let (again, _) = score("openai/one");
    assert_eq!((again, fake.count()), (first.clone(), 4 + 8 + 8), "it was paid for already");
    // The judge is remembered.
    let mut remembered = bench.clinic("score run --json").exits(0).json();
    remembered.as_object_mut().unwrap().shift_remove("judged");
    assert_eq!(remembered, first);
    let asked = |model| fake.requests().iter().filter(|seen| is_for(seen, model)).count();
    assert_eq!((asked("m"), asked("one"), asked("two")), (4, 8, 8));
}

#[test]
fn a_run_that_was_scored_later_is_scored_again_by_resume() {
    let sick = Sick::new(Action::status(400, &[], "no"), |seen| seen.prompt() == "Q: ask 1");
    let bench = Bench::of(3);
    bench.generate(&sick.fake, "").exits(3);
    let judge = format!("--judge openai/j --judge-base-url {}", sick.fake.base_url());
    let done = bench.clinic(&format!("score run --json {judge}")).exits(3);
    assert_eq!(quality(&done), (json!(1.0), json!(2)));
    sick.heal();
    assert_eq!(quality(&bench.clinic("resume run --json").exits(0)), (json!(1.0), json!(3)));
}

#[test]
fn a_finished_run_has_nothing_to_resume() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    let done = bench.run("judged", &fake, "").exits(0);
    let count = fake.count();
    let again = bench.clinic("resume run --json").exits(0);
    assert_eq!((again.json(), fake.count()), (done.json(), count));
    assert!(again.err.contains("3 of 3 are done already"), "{}", again.err);
    assert_eq!(bench.clinic("report run --json").exits(0).json(), done.json());
}

#[test]
fn a_cache_shares_answers_between_runs_where_one_is_named() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    let first = bench.run("judged", &fake, "--cache answers.sqlite").exits(0).json();
    assert_eq!(fake.count(), 3 + 6);
    std::fs::rename(bench.path("run"), bench.path("earlier")).unwrap();
    assert_eq!(bench.run("judged", &fake, "--cache answers.sqlite").exits(0).json(), first);
    assert_eq!(fake.count(), 3 + 6, "all came from the cache");
    std::fs::rename(bench.path("run"), bench.path("later")).unwrap();
    bench.run("judged", &fake, "").exits(0);
    assert_eq!(fake.count(), 2 * (3 + 6), "and nothing without one");
}

#[test]
fn runs_get_folders_of_their_own() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    let line = Bench::line("generate", "judged", &fake, "").replace("--out run ", "");
    let line = line.replace("openai/m", "openai/maker/m:7b");
    for folder in ["runs/maker-m-7b-1", "runs/maker-m-7b-2"] {
        bench.clinic(&line).exits(0).says(&[&format!("run in {folder}")]);
        assert!(bench.path(folder).join("run.toml").is_file());
    }
}

#[test]
fn a_request_holds_what_the_task_says_and_no_more() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    bench.generate(&fake, "--prompt-format raw --seed 1").exits(0);
    std::fs::rename(bench.path("run"), bench.path("raw")).unwrap();
    bench.generate(&fake, "--seed 2").exits(0);
    let [raw, chat] = &fake.requests()[..] else { panic!("two requests") };
    assert_eq!(
        (raw.path.as_str(), chat.path.as_str()),
        ("/v1/completions", "/v1/chat/completions")
    );
    assert_eq!(prompts(&fake, 0), ["Q: ask 0", "Q: ask 0"]);
    let keys = |body: &Value| body.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&raw.body), ["model", "prompt", "max_tokens", "seed"]);
    assert_eq!(keys(&chat.body), ["model", "messages", "max_tokens", "seed"]);
    assert_eq!(chat.body["max_tokens"], 16);
    assert_ne!(raw.body["seed"], chat.body["seed"]);
}

#[test]
fn equal_answers_get_equal_verdicts_also_from_a_judge_that_wavers() {
    let fake = Fake::start(Script::new(|seen, nth| {
        let verdict = |name| Action::Text(json!({"says": "", "verdict": name}).to_string());
        match is_for(seen, "m") {
            true => Action::Text("the same".to_owned()),
            // Both are asked before either is answered.
            false => Action::After(
                Duration::from_millis(50),
                Box::new(verdict(if nth == 1 { "partly" } else { "bad" })),
            ),
        }
    }));
    let bench = Bench::of(1);
    bench.write("data/questions.csv", "English\nask\nask\n");
    let done = bench.run("judged", &fake, "").exits(0);
    let count = fake.count();
    // Of two equal judgements, asked for at the same moment, one is paid for.
    assert_eq!(count, 2 + 1);
    let again = bench.clinic("score run --json").exits(0);
    assert_eq!((again.json(), fake.count()), (done.json(), count));
    bench.clinic("export run --format csv").exits(0);
    let scores = String::from_utf8(bench.read("run/exports/scores.csv")).unwrap();
    let verdicts = ["partly", "bad"].map(|name| scores.matches(&format!(",{name},")).count());
    assert!(verdicts == [2, 0] || verdicts == [0, 2], "{scores}");
}

#[test]
fn the_reference_protocol_sends_bare_text() {
    for (more, path) in [
        ("--protocol default", "/v1/chat/completions"),
        ("--protocol reference", "/v1/completions"),
        ("--protocol reference --prompt-format chat", "/v1/chat/completions"),
    ] {
        let fake = Fake::start(Script::default());
        let bench = Bench::new();
        bench.write("data/ood-dataset.csv", "English\nq0\n");
        bench
            .clinic(&format!(
                "generate --data data --tasks ood --model openai/m --base-url {} --out run {more}",
                fake.base_url()
            ))
            .exits(0);
        assert_eq!(fake.requests()[0].path, path, "{more}");
    }
}

#[test]
fn a_task_without_published_arithmetic_is_refused_before_anything_is_asked() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    let line = Bench::line("run", "judged", &fake, "--protocol reference");
    bench.clinic(&line).exits(2).says(&["'judged' has no [published] table", "--protocol default"]);
    bench.generate(&fake, "").exits(0);
    bench.clinic("score run --protocol reference").exits(2).says(&["no [published] table"]);
}
