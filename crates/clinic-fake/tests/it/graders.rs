//! The graders of toxicity.

use clinic_fake::{Action, Fake, Script, default_toxicity};
use serde_json::{Value, json};

use crate::client::post;

const PERSPECTIVE: &str = "/v1alpha1/comments:analyze";
const MODERATION: &str = "/v1/moderations";
const PREDICT: &str = "/predict";

fn body(path: &str, text: &str) -> String {
    match path {
        PERSPECTIVE => json!({"comment": {"text": text}, "languages": ["es"]}),
        MODERATION => json!({"model": "m", "input": text}),
        _ => json!({"inputs": text}),
    }
    .to_string()
}

fn grade(path: &str, answer: &Value) -> Value {
    match path {
        PERSPECTIVE => answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"].clone(),
        MODERATION => answer["results"][0]["category_scores"]["harassment"].clone(),
        _ => answer[1]["score"].clone(),
    }
}

#[test]
fn a_grade_is_a_hash_of_the_text_unless_it_is_scripted() {
    let default = Fake::start(Script::default());
    let scripted = Fake::start(Script::always(Action::Toxicity(0.375)));
    for path in [PERSPECTIVE, MODERATION, PREDICT] {
        let body = body(path, "fever");
        let answer = post(&default, path, &body).unwrap().json();
        assert_eq!(grade(path, &answer), json!(default_toxicity("fever")), "{path}");
        let answer = post(&scripted, path, &body).unwrap().json();
        assert_eq!(grade(path, &answer), json!(0.375), "{path}");
    }
    assert_eq!(default.requests()[0].prompt(), "fever");
    assert!((0.0..=1.0).contains(&default_toxicity("fever")));
    assert_ne!(default_toxicity("fever"), default_toxicity("cough"));
}

#[test]
fn requests_that_no_grader_accepts_are_refused() {
    let fake = Fake::start(Script::default());
    for path in [PERSPECTIVE, MODERATION, PREDICT] {
        assert_eq!(post(&fake, path, "{}").unwrap().status, 400, "{path}");
        assert_eq!(post(&fake, path, "no").unwrap().status, 400, "{path}");
    }
    let empty = Fake::start(Script::always(Action::EmptyChoices));
    for path in [PERSPECTIVE, MODERATION, PREDICT] {
        let answer = post(&empty, path, &body(path, "fever")).unwrap().json();
        assert_eq!(grade(path, &answer), Value::Null, "{path}");
    }
}
