//! From CSV to metric, once for each kind of scorer, with numbers worked out by hand.

use clinic_fake::{Action, Fake, Script, embedding};
use serde_json::json;

use crate::support::{Bench, CATEGORIES, DISTRIBUTION, JUDGED, SIMILAR, TOXIC, is_for, near};

/// A judge's reply.
fn verdict(name: &str) -> Action {
    Action::Text(json!({"says": "it speaks", "verdict": name}).to_string())
}

/// A model that repeats what follows "ask ", and judges by the first rule whose text they see.
fn echo_and_judge(rules: &'static [(&str, &str)]) -> Fake {
    Fake::start(Script::new(move |seen, _| {
        let prompt = seen.prompt();
        if is_for(seen, "m") {
            let answer = prompt.split("ask ").nth(1).unwrap_or_default();
            return Action::Text(if answer == "nothing" { "" } else { answer }.to_owned());
        }
        let rule = rules.iter().find(|(text, _)| prompt.contains(text));
        match rule.map(|(_, name)| *name) {
            Some("chats") => Action::Text("I would call it good.".to_owned()),
            Some(name) => verdict(name),
            None => Action::status(400, &[], "not scripted"),
        }
    }))
}

#[test]
fn a_judge_scores_what_it_can_and_the_rest_lowers_coverage_only() {
    let fake = echo_and_judge(&[
        ("Is it kind?", "kind"),
        ("apple", "good"),
        ("bread", "bad"),
        ("cheese", "partly"),
        ("dates", "chats"),
        ("egg", "good"),
    ]);
    let bench = Bench::with(
        JUDGED,
        "id,English,Spanish\n\
         a,ask apple,ask apple es\n\
         b,ask bread,\n\
         c,ask cheese,ask cheese es\n\
         d,ask dates,ask dates es\n\
         e,ask egg,ask nothing\n\
         f,ask nothing,ask bread es\n",
    );
    let done = bench.run("judged", &fake, "").exits(0);

    // 1, 0, 0.25, unparsed, 1, empty: 2.25 of 4. Wilson's interval by another program.
    let english = done.figure("en", "quality", None);
    near(&english["estimate"], 0.5625);
    near(&english["low"], 0.183_318_276);
    near(&english["high"], 0.880_445_369);
    assert_eq!((&english["n"], &english["expected"]), (&json!(4), &json!(6)));
    near(&english["coverage"], 4.0 / 6.0);

    // 1, no text in the data, 0.25, unparsed, empty, 0: 1.25 of 3.
    let spanish = done.figure("es", "quality", None);
    near(&spanish["estimate"], 1.25 / 3.0);
    assert_eq!((&spanish["n"], &spanish["expected"]), (&json!(3), &json!(6)));
    near(&spanish["coverage"], 0.5);

    // Asked where the first verdict is "good"; it does not apply to "bad" and "partly", and cannot
    // be told where there was no first verdict.
    let kind = done.figure("en", "kindness", None);
    assert_eq!(
        (&kind["estimate"], &kind["n"], &kind["expected"]),
        (&json!(1.0), &json!(2), &json!(4))
    );

    let json = done.json();
    assert_eq!(json["responses"], json!({"answered": 9, "empty": 2}));
    assert_eq!(json["unscored"]["judged"]["good: the judge gave no verdict"], 2);
    assert_eq!(json["unscored"]["judged"]["good: the response is empty"], 2);
    let gap = &json["gaps"][0];
    let place = (&gap["file"], &gap["line"], &gap["column"], &gap["language"]);
    assert_eq!(place, (&json!("questions.csv"), &json!(3), &json!("Spanish"), &json!("es")));

    // 11 prompts; of 9 answers, 7 get a verdict, 2 are asked about twice; 3 are "good".
    let judged = fake.requests().iter().filter(|seen| is_for(seen, "judge")).count();
    assert_eq!((fake.count() - judged, judged), (11, 7 + 2 * 2 + 3));
    assert_eq!(fake.bodies_seen_twice(), 0, "the second asking has another seed");
}

#[test]
fn categories_become_shares_of_what_was_scored() {
    let fake = echo_and_judge(&[
        ("nurse", "female"),
        ("doctor", "male"),
        ("someone", "neutral"),
        ("cook", "chats"),
    ]);
    let bench = Bench::with(
        CATEGORIES,
        "English\nask a nurse\nask a doctor\nask someone\nask someone too\nask a cook\n",
    );
    let done = bench.run("categories", &fake, "").exits(0);
    for (part, share) in [("neutral", 0.5), ("female", 0.25), ("male", 0.25)] {
        let figure = done.figure("en", "shares", Some(part));
        near(&figure["estimate"], share);
        assert_eq!((&figure["n"], &figure["expected"]), (&json!(4), &json!(5)));
        assert_eq!(figure["headline"], json!(part == "neutral"));
    }
    near(&done.figure("en", "shares", Some("neutral"))["low"], 0.150_038_989);
}

#[test]
fn toxicity_is_judged_by_its_own_model_where_one_is_named() {
    let fake = echo_and_judge(&[]);
    let grades = echo_and_judge(&[("kind", "none"), ("curt", "mild"), ("vile", "severe")]);
    let bench = Bench::with(TOXIC, "English\nask kind\nask curt\nask vile\nask vile again\n");
    let more = format!("--toxicity openai/grader --toxicity-base-url {}", grades.base_url());
    let done = bench.run("toxic", &fake, &more).exits(0);
    let figure = done.figure("en", "toxicity", None);
    near(&figure["estimate"], (0.0 + 0.25 + 1.0 + 1.0) / 4.0);
    assert_eq!(figure["coverage"], 1.0);
    assert_eq!(fake.requests().iter().filter(|seen| is_for(seen, "judge")).count(), 0);
    assert!(grades.requests().iter().all(|seen| is_for(seen, "grader")));
    assert_eq!(grades.count(), 4);
}

#[test]
fn similarity_is_the_cosine_of_the_embedders_vectors() {
    let fake = echo_and_judge(&[]);
    let embedder = Fake::start(Script::default());
    let bench = Bench::with(
        SIMILAR,
        "English,yes,no\n\
         ask rest and drink,rest and drink,run and shout\n\
         ask fever,cold water,warm tea\n\
         ask nothing,left,right\n",
    );
    let more = format!("--embedder openai/e --embedder-base-url {}", embedder.base_url());
    let done = bench.run("similar", &fake, &more).exits(0);

    let cosine = |a: &str, b: &str| -> f64 {
        // The vectors have length 1.
        embedding(a).iter().zip(embedding(b)).map(|(x, y)| f64::from(*x) * f64::from(y)).sum()
    };
    let fever = cosine("fever", "cold water");
    let figure = done.figure("en", "near", None);
    near(&figure["estimate"], (1.0 + fever) / 2.0);
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(2), &json!(3)));
    let leans =
        [1.0 - cosine("rest and drink", "run and shout"), fever - cosine("fever", "warm tea")];
    near(&done.figure("en", "lean", None)["estimate"], (leans[0] + leans[1]) / 2.0);

    // Seven texts in all, each once and in one batch; one is both a response and a reference.
    assert_eq!(embedder.count(), 1);
    assert_eq!(embedder.requests()[0].body["input"].as_array().unwrap().len(), 7);
}

#[test]
fn a_distribution_is_the_skewness_of_its_words() {
    let fake = echo_and_judge(&[]);
    let bench = Bench::with(
        DISTRIBUTION,
        "English\nask Indian\nask [Indian]\nask indian.\nask Indian descent\nask \"Indian\"\n\
         ask Thai\nask Greek\nask I would rather not say that\nask nothing\n",
    );
    let figure = bench.run("words", &fake, "").exits(0).figure("en", "skew", None);
    // Counts 5, 1, 1: mean 7/3, m2 = 32/9, m3 = 128/27, so m3 / m2^1.5 = 1/sqrt(2).
    near(&figure["estimate"], std::f64::consts::FRAC_1_SQRT_2);
    assert_eq!((&figure["n"], &figure["expected"]), (&json!(7), &json!(9)));
    assert_eq!(figure["low"], json!(null), "seven words are too few for an interval");
}

#[test]
fn what_cannot_be_scored_at_all_is_null_and_not_zero() {
    let fake = echo_and_judge(&[("apple", "chats")]);
    let bench = Bench::with(JUDGED, "English\nask apple\n");
    let figure = bench.run("judged", &fake, "").exits(0).figure("en", "quality", None);
    let shown = (&figure["estimate"], &figure["n"], &figure["expected"], &figure["coverage"]);
    assert_eq!(shown, (&json!(null), &json!(0), &json!(1), &json!(0.0)));
    assert!(bench.clinic("report run").exits(0).out.contains('–'));
}

#[test]
fn samples_without_a_response_lower_coverage_only() {
    let fake = Fake::start(Script::new(|seen, _| match seen.prompt() {
        _ if is_for(seen, "judge") => verdict("good"),
        p if p.ends_with("filtered") => Action::Filtered,
        p if p.ends_with("cut off") => {
            Action::Reasoning { reasoning: "hm".to_owned(), text: String::new() }
        }
        p if p.ends_with("broken") => Action::status(400, &[], "too long"),
        p if p.ends_with("long") => Action::Length("half an answer".to_owned()),
        _ => Action::Default,
    }));
    let bench = Bench::with(JUDGED, "English\nfiltered\ncut off\nbroken\nlong\nplain\n");
    let done = bench.run("judged", &fake, "").exits(3);
    let figure = done.figure("en", "quality", None);
    let shown = (&figure["estimate"], &figure["n"], &figure["expected"]);
    assert_eq!(shown, (&json!(1.0), &json!(2), &json!(5)));
    assert_eq!(done.json()["truncated"], 2, "the answer that is cut, and the reasoning");
    assert_eq!(
        bench.states(),
        ["filtered", "cut_off", "failed", "answered", "answered"],
        "in the order of the rows"
    );
}
