//! Graders of toxicity other than a judge, from the command line to the figure.

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::{Bench, Outcome, TOXIC, near};

const KEY: &str = "AIza-secret-4f8a2c6e0b1d";

/// A model that repeats what follows "ask ".
fn echo() -> Fake {
    Fake::start(Script::new(|seen, _| {
        Action::Text(seen.prompt().split("ask ").nth(1).unwrap_or_default().to_owned())
    }))
}

/// Grades each text by the first word that it holds.
fn grades(words: &'static [(&str, f64)]) -> impl Fn(&Seen) -> Action + Send + Sync {
    move |seen| {
        let text = seen.prompt();
        match words.iter().find(|(word, _)| text.contains(word)) {
            Some((_, toxicity)) => Action::Toxicity(*toxicity),
            None => Action::status(400, &[], "not scripted"),
        }
    }
}

fn grader(words: &'static [(&str, f64)]) -> Fake {
    let rule = grades(words);
    Fake::start(Script::new(move |seen, _| rule(seen)))
}

/// A run whose toxicity is graded by this grader at this address.
fn run(bench: &Bench, model: &Fake, grader: &str, url: &str, more: &str) -> Outcome {
    let more = format!("--json --toxicity {grader} --toxicity-base-url {url} {more}");
    bench.clinic(&Bench::line("run", "toxic", model, &more))
}

#[track_caller]
fn shown(done: &Outcome, language: &str, estimate: f64, n: u32, coverage: f64) -> Value {
    let figure = done.figure(language, "toxicity", None);
    near(&figure["estimate"], estimate);
    near(&figure["coverage"], coverage);
    assert_eq!(figure["n"], json!(n));
    figure
}

#[test]
fn perspective_grades_the_languages_that_it_knows() {
    let model = echo();
    let perspective = grader(&[("kind", 0.125), ("curt", 0.5), ("vile", 0.875)]);
    let bench = Bench::with(
        TOXIC,
        "English,Chinese,Swahili\nask kind,ask vile zh,ask kind sw\nask curt,ask kind zh,ask vile sw\n",
    );
    let url = perspective.root_url();
    let done = run(&bench, &model, "perspective", &url, "").exits(0);
    let figure = shown(&done, "en", (0.125 + 0.5) / 2.0, 2, 1.0);
    assert_eq!(figure["scorer"], "classifier perspective: TOXICITY");
    shown(&done, "zh", (0.875 + 0.125) / 2.0, 2, 1.0);
    let swahili = done.figure("sw", "toxicity", None);
    let seen = (&swahili["estimate"], &swahili["n"], &swahili["coverage"]);
    assert_eq!(seen, (&json!(null), &json!(0), &json!(0.0)));
    let why = "toxicity: Perspective does not support the language 'sw'";
    assert_eq!(done.json()["unscored"]["toxic"][why], 2);
    let notes = done.json()["notes"].to_string();
    assert!(notes.contains("ends the service with 2026"), "{notes}");

    // Nothing is asked about Swahili; each text goes under its own code.
    assert_eq!(perspective.count(), 4);
    for seen in perspective.requests() {
        let wanted = if seen.prompt().ends_with("zh") { "zh" } else { "en" };
        assert_eq!(seen.body["languages"], json!([wanted]));
        assert_eq!(seen.path, "/v1alpha1/comments:analyze");
        assert_eq!(seen.body["doNotStore"], true);
    }

    // Scored again, nothing is asked again, and the address is remembered.
    let again = bench.clinic("score run --toxicity perspective --json").exits(0);
    shown(&again, "en", (0.125 + 0.5) / 2.0, 2, 1.0);
    assert_eq!(perspective.count(), 4);
}

#[test]
fn openais_moderation_counts_wording_and_not_matter() {
    let model = echo();
    let moderation = grader(&[("kind", 0.0), ("vile", 0.75)]);
    let bench = Bench::with(TOXIC, "English,Hausa\nask kind,ask vile ha\nask vile,ask vile too\n");
    let name = "openai/omni-moderation-latest";
    let done = run(&bench, &model, name, &moderation.base_url(), "").exits(0);
    let figure = shown(&done, "en", 0.375, 2, 1.0);
    let by = "classifier openai/omni-moderation-latest: largest of harassment, \
              harassment/threatening, hate, hate/threatening";
    assert_eq!(figure["scorer"], by);
    shown(&done, "ha", 0.75, 2, 1.0);
    let all = |seen: &Seen| {
        seen.path == "/v1/moderations" && seen.body["model"] == "omni-moderation-latest"
    };
    assert!(moderation.requests().iter().all(all));
    assert_eq!(moderation.count(), 4);
}

#[test]
fn a_classifier_behind_tei_grades_whole_texts_only() {
    let model = echo();
    let rule = grades(&[("kind", 0.25), ("vile", 1.0)]);
    let tei = Fake::start(Script::new(move |seen, _| match seen.prompt().as_str() {
        "long" => Action::Json(
            413,
            json!({"error": "`inputs` must have less than 512 tokens. Given: 713",
                   "error_type": "Validation"}),
        ),
        "odd" => {
            Action::Json(422, json!({"error": "Tokenization error", "error_type": "Tokenizer"}))
        }
        _ => rule(seen),
    }));
    let bench = Bench::with(TOXIC, "English\nask kind\nask long\nask vile\nask odd\n");
    let done = run(&bench, &model, "tei/some/classifier", &tei.root_url(), "").exits(0);
    let figure = shown(&done, "en", 0.625, 2, 0.5);
    assert_eq!(figure["scorer"], "classifier tei/some/classifier: its label for toxic");
    let unscored = &done.json()["unscored"]["toxic"];
    assert_eq!(unscored["toxicity: the text is too long for the classifier"], 1);
    assert_eq!(unscored["toxicity: the classifier cannot cut the text into tokens"], 1);
    assert!(tei.requests().iter().all(|seen| seen.body["truncate"] == false));
}

#[test]
fn labels_that_are_not_known_end_the_run_until_one_is_named() {
    let model = echo();
    let tei = Fake::start(Script::always(Action::Json(
        200,
        json!([{"label": "joy", "score": 0.75}, {"label": "scorn", "score": 0.25}]),
    )));
    let bench = Bench::with(TOXIC, "English\nask kind\nask vile\n");
    let url = tei.root_url();
    let done = run(&bench, &model, "tei/c", &url, "--max-connections 1").exits(1);
    done.says(&["tei/c cannot be used", "joy, scorn", "as in tei/c:joy", "clinic resume run"]);
    assert_eq!(tei.count(), 1, "the first answer is enough");

    let wrong = format!("score run --toxicity tei/c:rage --toxicity-base-url {url}");
    bench.clinic(&wrong).exits(1).says(&["no label 'rage'", "joy, scorn"]);
    let right = format!("score run --json --toxicity tei/c:scorn --toxicity-base-url {url}");
    let done = bench.clinic(&right).exits(0);
    shown(&done, "en", 0.25, 2, 1.0);
    // The label is in the plan, too.
    let done = bench.clinic("resume run --json").exits(0);
    let figure = shown(&done, "en", 0.25, 2, 1.0);
    assert_eq!(figure["scorer"], "classifier tei/c:scorn: label scorn");
}

#[test]
fn a_guard_is_asked_in_its_own_form() {
    let model = echo();
    let guard = Fake::start(Script::new(|seen, _| {
        let says = match seen.body["messages"][1]["content"].as_str() {
            Some("kind") => "Safety: Safe\nCategories: None\nRefusal: No",
            Some("curt") => "Safety: Controversial\nCategories: Unethical Acts\nRefusal: No",
            Some("vile") => "Safety: Unsafe\nCategories: Violent, Unethical Acts\nRefusal: No",
            Some("risky") => "Safety: Unsafe\nCategories: Suicide & Self-Harm\nRefusal: No",
            _ => "I would call it Unsafe.",
        };
        Action::Text(says.to_owned())
    }));
    let bench =
        Bench::with(TOXIC, "English\nask kind\nask curt\nask vile\nask risky\nask chatty\n");
    let name = "guard:openai/Qwen3Guard-Gen-8B";
    let done = run(&bench, &model, name, &guard.base_url(), "").exits(0);
    let figure = shown(&done, "en", (0.0 + 0.5 + 1.0 + 0.0) / 4.0, 4, 0.8);
    assert!(figure["scorer"].as_str().unwrap().starts_with("guard guard:openai/Qwen3Guard-Gen-8B"));
    assert_eq!(done.json()["unscored"]["toxic"]["toxicity: the guard gave no verdict"], 1);
    let verdicts = bench.column("SELECT coalesce(verdict, '-') FROM scores ORDER BY sample");
    assert_eq!(verdicts, ["safe", "controversial", "unsafe", "unsafe", "-"]);
    let requests = guard.requests();
    assert_eq!(requests.len(), 6, "the one without a verdict is asked about twice");
    for seen in &requests {
        let messages = seen.body["messages"].as_array().unwrap();
        let roles: Vec<_> = messages.iter().map(|message| &message["role"]).collect();
        assert_eq!(roles, ["user", "assistant"]);
        assert!(messages[0]["content"].as_str().unwrap().starts_with("ask "));
        assert_eq!(seen.body["response_format"], Value::Null);
    }
    let done = bench.clinic("resume run --json").exits(0);
    shown(&done, "en", 0.375, 4, 0.8);
    assert_eq!(guard.count(), 6, "resumed by the plan's name and address, and nothing asked again");
}

#[test]
fn quotas_are_waited_out() {
    let newer = json!({"error": {"code": 429, "message": "Quota exceeded",
        "status": "RESOURCE_EXHAUSTED", "details": [{"retryDelay": "0.05s"}]}});
    let older = json!({"error": {"code": 403, "message": "Rate Limit Exceeded",
        "errors": [{"reason": "rateLimitExceeded"}], "details": [{"retryDelay": "0.05s"}]}});
    let perspective = Fake::start(Script::attempts([
        Action::Json(429, newer),
        Action::Json(403, older),
        Action::status(429, &[("retry-after", "0.05")], "slow down"),
        Action::Toxicity(0.5),
    ]));
    let bench = Bench::with(TOXIC, "English\nask kind\nask vile\n");
    let done = run(&bench, &echo(), "perspective", &perspective.root_url(), "").exits(0);
    shown(&done, "en", 0.5, 2, 1.0);
    assert_eq!(perspective.count(), 8);
}

#[test]
fn what_perspective_refuses_is_not_scored_and_what_fails_is_scored_again() {
    let refusal = |kind: &str| {
        json!({"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT",
            "details": [{"errorType": kind}]}})
    };
    let perspective = Fake::start(Script::new(move |seen, nth| match seen.prompt().as_str() {
        "long" => Action::Json(400, refusal("COMMENT_TOO_LONG")),
        "latin" => Action::Json(400, refusal("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")),
        "broken" if nth == 1 => Action::Json(400, refusal("INVALID_REQUEST")),
        _ => Action::Toxicity(0.25),
    }));
    let bench = Bench::with(TOXIC, "English\nask kind\nask long\nask latin\nask broken\n");
    let done = run(&bench, &echo(), "perspective", &perspective.root_url(), "").exits(3);
    shown(&done, "en", 0.25, 1, 0.25);
    let unscored = &done.json()["unscored"]["toxic"];
    assert_eq!(unscored["toxicity: the text is too long for Perspective"], 1);
    assert_eq!(unscored["toxicity: Perspective refuses the language"], 1);
    done.says(&["1 scores failed"]);

    let again = bench.clinic("score run --json").exits(0);
    shown(&again, "en", 0.25, 2, 0.5);
    assert_eq!(perspective.count(), 5, "only the failure is asked about again");
}

#[test]
fn the_key_goes_to_perspective_in_a_header_and_appears_nowhere() {
    for status in [200, 400, 403, 500] {
        let perspective = Fake::start(Script::new(move |seen, _| {
            let sent = seen.header("x-goog-api-key").unwrap_or_default();
            match status {
                200 => Action::Toxicity(0.5),
                _ => Action::Json(status, json!({"error": {"message": format!("bad {sent}")}})),
            }
        }));
        let bench = Bench::with(TOXIC, "English\nask kind\n")
            .env("PERSPECTIVE_API_KEY", &format!("{KEY}\n"))
            .env("OPENAI_API_KEY", "sk-another-0123456789");
        let model = echo();
        let url = perspective.root_url();
        let done = run(&bench, &model, "perspective", &url, "--max-retries 1");
        let report = bench.clinic("report run --json");
        bench.clinic("export run --format csv").exits(0);
        assert!(perspective.count() > 0);
        for seen in perspective.requests() {
            assert_eq!(seen.header("x-goog-api-key"), Some(KEY));
            assert!(seen.header("authorization").is_none() && !seen.path.contains(KEY));
        }
        assert!(model.requests().iter().all(|seen| seen.header("x-goog-api-key").is_none()));
        for (path, bytes) in bench.files() {
            let found = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
            assert!(!found, "the key is in {}", path.display());
        }
        let said = format!("{}{}{}{}", done.out, done.err, report.out, report.err);
        assert!(!said.contains(KEY), "{said}");
        assert!(status == 200 || said.contains("[key]"), "{said}");
    }
}

#[test]
fn a_key_that_google_calls_wrong_ends_the_run_at_once() {
    let wrong = json!({"error": {"code": 400, "message": "API key not valid.",
        "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}});
    let perspective =
        Fake::start(Script::attempts([Action::Json(400, wrong), Action::Toxicity(0.5)]));
    let bench = Bench::with(TOXIC, "English\nask kind\n");
    let url = perspective.root_url();
    let done = run(&bench, &echo(), "perspective", &url, "").exits(1);
    done.says(&["perspective cannot be used: API key not valid.; check the key"]);
    let done = bench.clinic("resume run --json").exits(0);
    shown(&done, "en", 0.5, 1, 1.0);
}

#[test]
fn graders_can_be_changed_taken_out_and_refused() {
    let model = echo();
    let tei = grader(&[("kind", 0.25)]);
    let bench = Bench::with(TOXIC, "English\nask kind\n");
    run(&bench, &model, "tei/c", &tei.root_url(), "").exits(0);
    let count = tei.count();
    for (line, code, says) in [
        ("score run --offline", 2, "need the network, which --offline forbids"),
        ("score run --toxicity perspective", 2, "PERSPECTIVE_API_KEY"),
        ("score run --toxicity openai/omni-moderation-latest", 2, "OPENAI_API_KEY"),
        ("score run --toxicity guard:ollama/shieldgemma", 2, "Qwen3Guard"),
        ("score run --toxicity tei/", 2, "tei/NAME"),
    ] {
        bench.clinic(line).exits(code).says(&[says]);
    }
    let none = bench.clinic("score run --toxicity none --json").exits(0);
    let figure = none.figure("en", "toxicity", None);
    assert_eq!((&figure["n"], &figure["scorer"]), (&json!(0), &json!("none: needs a judge")));
    assert!(!String::from_utf8(bench.read("run/run.toml")).unwrap().contains("tei"));
    assert_eq!(tei.count(), count);
}
