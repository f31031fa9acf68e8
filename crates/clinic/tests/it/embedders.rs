//! Similarity by every sort of embedder, and by embedders that fail: nothing is cut, nothing lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use clinic_fake::{Action, Fake, Script, Seen, embedding};
use serde_json::{Value, json};

use crate::support::{Bench, Outcome, SIMILAR, is_for, near};

/// A server that repeats prompts as the model `m`, and embeds as `rule` says.
fn server(rule: impl Fn(&Seen) -> Action + Send + Sync + 'static) -> Fake {
    Fake::start(Script::new(move |seen, _| match seen.path.as_str() {
        "/info" => Action::Default,
        _ if is_for(seen, "m") => Action::Text(seen.prompt()),
        _ => rule(seen),
    }))
}

fn tei(fake: &Fake) -> String {
    format!("--embedder tei/fake/embedding --embedder-base-url {}", fake.root_url())
}

fn openai(fake: &Fake) -> String {
    format!("--embedder openai/e --embedder-base-url {}", fake.base_url())
}

fn cosine(a: &str, b: &str) -> f64 {
    embedding(a).iter().zip(embedding(b)).map(|(x, y)| f64::from(*x) * f64::from(y)).sum()
}

/// Requests for vectors so far.
fn embedded(fake: &Fake) -> usize {
    fake.requests().iter().filter(|seen| seen.path.ends_with("/embed") || is_for(seen, "e")).count()
}

/// Estimate, n and expected of a metric.
fn shown(done: &Outcome) -> (Value, Value, Value) {
    let figure = done.figure("en", "near", None);
    (figure["estimate"].clone(), figure["n"].clone(), figure["expected"].clone())
}

/// A whole answer of text-embeddings-inference to its batch, each vector made by `vector`.
fn answer(seen: &Seen, vector: impl Fn(&str) -> Value) -> Action {
    Action::Json(200, seen.prompt().lines().map(vector).collect())
}

#[test]
fn text_embeddings_inference_scores_with_exact_numbers_and_is_told_not_to_cut() {
    let fake = server(|_| Action::Default);
    let bench = Bench::with(SIMILAR, "English,yes,no\nrest,rest,run\nfever,cold water,warm tea\n");
    let done = bench.run("similar", &fake, &tei(&fake)).exits(0);
    let (first, second) = (1.0, cosine("fever", "cold water"));
    near(&done.figure("en", "near", None)["estimate"], (first + second) / 2.0);
    let leans = [first - cosine("rest", "run"), second - cosine("fever", "warm tea")];
    near(&done.figure("en", "lean", None)["estimate"], (leans[0] + leans[1]) / 2.0);
    // Each item keeps its own value.
    let kept = bench.column("SELECT outcome FROM scores WHERE name = 'lean' ORDER BY sample");
    for (kept, lean) in kept.iter().zip(leans) {
        near(&serde_json::from_str::<Value>(kept).unwrap()["number"], lean);
    }

    let requests = fake.requests();
    let embed: Vec<&Seen> = requests.iter().filter(|seen| seen.path == "/embed").collect();
    assert_eq!(embed.len(), 1, "five different texts in one batch");
    assert_eq!(embed[0].body["inputs"].as_array().unwrap().len(), 5);
    assert_eq!(embed[0].body["truncate"], false);
    assert_eq!(embed[0].body["normalize"], true);
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    let served = "serving fake/embedding@0123456789abcdef in float32";
    assert!(plan.contains(served), "{plan}");

    // What was embedded is not embedded again.
    bench.clinic("score run").exits(0);
    bench.clinic("resume run").exits(0);
    assert_eq!(embedded(&fake), 1);
}

#[test]
fn an_embedder_that_does_not_tell_what_it_serves_is_used_all_the_same() {
    let fake = Fake::start(Script::new(|seen, _| match seen.path.as_str() {
        "/info" => Action::status(404, &[], "nothing here"),
        _ if is_for(seen, "m") => Action::Text(seen.prompt()),
        _ => Action::Default,
    }));
    let bench = Bench::with(SIMILAR, "English,yes,no\na,a,n\n");
    let done = bench.run("similar", &fake, &tei(&fake)).exits(0);
    assert_eq!(shown(&done), (json!(1.0), json!(1), json!(1)));
}

#[test]
fn text_embeddings_inference_is_no_model_to_ask() {
    let bench = Bench::of(1);
    let line = "generate --tasks-dir tasks --data data --tasks judged --out run --model tei/m";
    bench.clinic(line).exits(2).says(&["tei/m embeds texts", "--embedder"]);
    assert!(!bench.path("run").exists());
}

#[test]
fn a_text_that_is_too_long_is_counted_by_name_and_costs_only_its_own_sample() {
    let tei_says = json!({
        "error": "Input validation error: `inputs` must have less than 512 tokens. Given: 900",
        "error_type": "Validation",
    });
    let llama_says = json!({"error": {
        "code": 500,
        "message": "input (900 tokens) is too large to process. increase the batch size of 512",
    }});
    let args = [(tei as fn(&Fake) -> String, 413, tei_says), (openai, 500, llama_says)];
    for (embedder, status, says) in args {
        let fake = server(move |seen| match seen.prompt().contains("endless") {
            true => Action::Json(status, says.clone()),
            false => Action::Default,
        });
        let rows: String = (0..9).map(|i| format!("t{i},t{i},n\n")).collect();
        let data = format!("English,yes,no\n{rows}b,endless,n\n");
        let bench = Bench::with(SIMILAR, &data);
        let done = bench.run("similar", &fake, &embedder(&fake)).exits(0);
        assert_eq!(shown(&done), (json!(1.0), json!(9), json!(10)));
        let why = "near: a text is too long for the embedder";
        assert_eq!(done.json()["unscored"]["similar"][why], 1);
        let told = bench.column("SELECT why FROM scores WHERE name = 'near' AND why IS NOT NULL");
        assert!(told.len() == 1 && told[0].contains("512") && told[0].contains("900"), "{told:?}");
        // Twelve texts: halves of halves, and no attempt twice.
        let requests: Vec<Seen> = fake.requests();
        let sizes: Vec<usize> = requests
            .iter()
            .filter(|seen| seen.path.ends_with("/embed") || is_for(seen, "e"))
            .map(|seen| seen.prompt().lines().count())
            .collect();
        assert_eq!(sizes, [12, 6, 3, 1, 2, 1, 1, 3, 6]);
    }
}

#[test]
fn a_batch_that_is_too_large_for_the_server_is_halved() {
    let fake = server(|seen| match seen.prompt().lines().count() {
        n if n > 4 => Action::Json(
            413,
            json!({"error": format!("batch size {n} > maximum allowed batch size 4"),
                   "error_type": "Validation"}),
        ),
        _ => Action::Default,
    });
    let rows: String = (0..20).map(|i| format!("t{i},t{i},n\n")).collect();
    let bench = Bench::with(SIMILAR, &format!("English,yes,no\n{rows}"));
    let done = bench.run("similar", &fake, &tei(&fake)).exits(0);
    assert_eq!(shown(&done), (json!(1.0), json!(20), json!(20)));
}

#[test]
fn a_vector_of_another_length_fails_by_both_numbers_and_the_rest_is_kept() {
    let exchanged = Arc::new(AtomicBool::new(true));
    let odd = exchanged.clone();
    let fake = server(move |seen| {
        let odd = odd.load(SeqCst);
        answer(seen, |text| match text {
            "zebra" if odd => json!([1.0, 0.0, 0.0, 0.0]),
            text => json!(embedding(text)),
        })
    });
    let bench = Bench::with(SIMILAR, "English,yes,no\na,a,n\nzebra,zebra,n\nc,c,n\n");
    let done = bench.run("similar", &fake, &tei(&fake)).exits(3);
    assert_eq!(shown(&done), (json!(1.0), json!(2), json!(3)));
    let failed = bench.column("SELECT outcome FROM scores WHERE name = 'near' AND sample = 2");
    assert!(failed[0].contains("4 numbers") && failed[0].contains("had 8"), "{failed:?}");

    // Only the text that has no vector is asked for again, and scored once the server is right.
    exchanged.store(false, SeqCst);
    let before = embedded(&fake);
    let done = bench.clinic("score run --json").exits(0);
    assert_eq!(shown(&done), (json!(1.0), json!(3), json!(3)));
    assert_eq!(embedded(&fake), before + 1);
    assert_eq!(fake.requests().last().unwrap().prompt(), "zebra");
}

#[test]
fn a_model_that_is_exchanged_between_two_sittings_does_not_mix_vectors() {
    let exchanged = Arc::new(AtomicBool::new(false));
    let other = exchanged.clone();
    let fake = server(move |seen| match (other.load(SeqCst), seen.prompt().contains("zebra")) {
        (true, _) => answer(seen, |_| json!([1.0, 0.0])),
        (false, true) => Action::status(503, &[], "overloaded"),
        (false, false) => Action::Default,
    });
    // 33 texts before the last one, in order: the last is in a batch of its own.
    let rows: String = (0..31).map(|i| format!("t{i},t{i},n\n")).collect();
    let bench = Bench::with(SIMILAR, &format!("English,yes,no\n{rows}zebra,zebra,n\n"));
    let more = format!("--max-retries 0 {}", tei(&fake));
    let done = bench.run("similar", &fake, &more).exits(3);
    assert_eq!(shown(&done), (json!(1.0), json!(31), json!(32)));
    exchanged.store(true, SeqCst);
    let done = bench.clinic("score run --json").exits(3);
    assert_eq!(shown(&done), (json!(1.0), json!(31), json!(32)));
    let failed = bench.column("SELECT outcome FROM scores WHERE name = 'near' AND sample = 32");
    assert!(failed[0].contains("2 numbers") && failed[0].contains("had 8"), "{failed:?}");
}

#[test]
fn numbers_that_are_none_fail_their_own_text_only() {
    // A server that writes NaN as null, one that writes it as Python does, one beyond any number.
    for spoilt in ["null", "NaN", "1e999"] {
        let fake = server(move |seen| {
            let vector = |text: &str| match text {
                "zebra" => format!("[{spoilt}, 1, 0, 0, 0, 0, 0, 0]"),
                text => json!(embedding(text)).to_string(),
            };
            let vectors: Vec<String> = seen.prompt().lines().map(vector).collect();
            let json = [("content-type", "application/json")];
            Action::status(200, &json, &format!("[{}]", vectors.join(",")))
        });
        let bench = Bench::with(SIMILAR, "English,yes,no\na,a,n\nzebra,zebra,n\nc,c,n\n");
        let done = bench.run("similar", &fake, &tei(&fake)).exits(3);
        assert_eq!(shown(&done), (json!(1.0), json!(2), json!(3)), "{spoilt}");
        done.says(&["2 scores failed", "clinic score run"]);
        assert_eq!(bench.column("SELECT key FROM embeddings").len(), 3, "{spoilt}");
    }
}

/// A server that counts words and reads this many of a text.
fn reads(most: usize) -> Fake {
    server(move |seen| {
        let prompt = seen.prompt();
        let read = prompt.lines().map(|text| text.split(' ').take(most).collect::<Vec<_>>());
        let tokens: usize = read.clone().map(|words| words.len()).sum();
        let row = |words: Vec<&str>| json!({"embedding": embedding(&words.join(" "))});
        let data: Vec<Value> = read.map(row).collect();
        Action::Json(200, json!({"data": data, "usage": {"prompt_tokens": tokens}}))
    })
}

#[test]
fn a_server_that_cuts_in_silence_is_found_out_by_its_counts() {
    let (fits, long) = ("fever and chills ".repeat(100), "cough and a cold ".repeat(200));
    let (fits, long) = (fits.trim(), long.trim());
    let data = format!("English,yes,no\na,a,n\n{fits},{fits},n\nb,{long},n\n{long},c,n\n");
    let bench = Bench::with(SIMILAR, &data);
    let fake = reads(512);
    let done = bench.run("similar", &fake, &openai(&fake)).exits(0);
    assert_eq!(shown(&done), (json!(1.0), json!(2), json!(4)));
    assert_eq!(done.json()["unscored"]["similar"]["near: a text is too long for the embedder"], 2);
    let told = bench.column("SELECT why FROM scores WHERE name = 'near' AND why IS NOT NULL");
    assert_eq!(told, ["the server read only 512 tokens of the text"; 2]);

    // One that reads all of it scores all of it, at the price of one more request.
    let bench = Bench::with(SIMILAR, &data);
    let fake = reads(usize::MAX);
    let done = bench.run("similar", &fake, &openai(&fake)).exits(0);
    assert_eq!(done.figure("en", "near", None)["n"], 4);
    let sizes: Vec<usize> =
        fake.requests()[4..].iter().map(|s| s.prompt().lines().count()).collect();
    assert_eq!(sizes, [1, 1, 5], "the longest alone, eight times as long, the others together");
}
