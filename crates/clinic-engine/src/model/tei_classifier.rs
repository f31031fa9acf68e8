//! Any classifier behind the `/predict` of text-embeddings-inference.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::http::{Answer, Endpoint};
use super::limits::Told;
use super::{Classifier, Failure, Grade, ModelError};

/// Labels that mean toxic, in the spelling of [`plain`].
const TOXIC: [&str; 15] = [
    "toxic",
    "toxicity",
    "label_1",
    "1",
    "unsafe",
    "hate",
    "hateful",
    "hatespeech",
    "hate_speech",
    "offensive",
    "offense",
    "abusive",
    "harmful",
    "is_toxic",
    "true",
];

/// Labels that mean the contrary.
const BENIGN: [&str; 24] = [
    "non_toxic",
    "nontoxic",
    "not_toxic",
    "neutral",
    "label_0",
    "0",
    "safe",
    "clean",
    "normal",
    "not_hate",
    "nothate",
    "non_hate",
    "no_hate",
    "not_hateful",
    "non_hateful",
    "non_hatespeech",
    "non_hate_speech",
    "not_hate_speech",
    "non_offensive",
    "not_offensive",
    "not_offense",
    "benign",
    "harmless",
    "false",
];

/// A sequence classifier; the grade is its probability of one label.
pub struct TeiClassifier {
    endpoint: Endpoint,
    name: String,
    label: Option<String>,
    identity: String,
    measures: String,
}

impl TeiClassifier {
    /// The classifier that an endpoint serves. Without a label, it must have two kinds of labels
    /// that are known by name: one for toxic, the others for the contrary.
    pub fn new(endpoint: Endpoint, name: impl Into<String>, label: Option<String>) -> Self {
        let name = name.into();
        let measures = match &label {
            Some(label) => format!("label {label}"),
            None => "its label for toxic".to_owned(),
        };
        let identity = format!("{name} at {}, {measures}", endpoint.base_url());
        Self { endpoint, name, label, identity, measures }
    }

    fn read<'a>(&self, body: &'a Value) -> Result<Grade, ModelError> {
        // A batch of one may come as a list of one list.
        let list = if body[0].is_array() { &body[0] } else { body };
        let label = |entry: &'a Value| Some((entry["label"].as_str()?, &entry["score"]));
        let scores: Option<Vec<_>> =
            list.as_array().and_then(|list| list.iter().map(label).collect());
        let Some(scores) = scores.filter(|scores| !scores.is_empty()) else {
            let why = "the answer is no list of labels with scores";
            return Err(ModelError::new(Failure::Malformed, why));
        };
        match self.pick(&scores) {
            Some(score) => Grade::read(score),
            None => Err(ModelError::new(Failure::Unusable, self.unknown(&scores))),
        }
    }

    /// The score of the label that means toxic, where there is no doubt which that is.
    fn pick<'a>(&self, scores: &[(&str, &'a Value)]) -> Option<&'a Value> {
        let is_toxic = |label: &str| match &self.label {
            Some(wanted) => label.eq_ignore_ascii_case(wanted),
            None => TOXIC.contains(&plain(label).as_str()),
        };
        let (toxic, others): (Vec<_>, Vec<_>) =
            scores.iter().partition(|(label, _)| is_toxic(label));
        // Labels beside the two kinds would share the probability, and the number would be wrong.
        let known = !others.is_empty()
            && others.iter().all(|(label, _)| BENIGN.contains(&plain(label).as_str()));
        match toxic.as_slice() {
            [(_, score)] if known || self.label.is_some() => Some(score),
            _ => None,
        }
    }

    fn unknown(&self, scores: &[(&str, &Value)]) -> String {
        let labels: Vec<String> =
            scores.iter().map(|(label, _)| clinic_core::plain::plain(label, 40)).collect();
        // A label that is known to be harmless is no example of one for toxic.
        let doubtful = |label: &&String| !BENIGN.contains(&plain(label).as_str());
        let first = labels.iter().find(doubtful).map_or("LABEL", String::as_str);
        let all = labels.join(", ");
        match &self.label {
            Some(label) => format!("it has no label '{label}'; its labels are {all}"),
            None => format!(
                "which of its labels means toxic is not known: {all}; name it, as in \
                 tei/{}:{first}",
                self.name
            ),
        }
    }
}

impl Classifier for TeiClassifier {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn measures(&self) -> &str {
        &self.measures
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn classify(&self, text: String, _: String) -> BoxFuture<'_, Result<Grade, ModelError>> {
        async move {
            let answer = self.endpoint.send("/predict", &build(&text)).await?;
            if let Some(why) = not_graded(&answer) {
                return Ok(Grade::NotGraded(why.to_owned()));
            }
            self.read(&self.endpoint.accept(&answer)?)
        }
        .boxed()
    }
}

/// A text that is too long is to be refused: the grade of its beginning is not its grade.
fn build(text: &str) -> Value {
    json!({"inputs": text, "truncate": false, "raw_scores": false})
}

fn not_graded(answer: &Answer) -> Option<&'static str> {
    let tokenizer = || {
        let kind = answer.json()["error_type"].as_str().unwrap_or_default().to_ascii_lowercase();
        kind == "tokenizer"
    };
    match answer.status.as_u16() {
        413 => Some("the text is too long for the classifier"),
        422 if tokenizer() => Some("the classifier cannot cut the text into tokens"),
        _ => None,
    }
}

/// A label in one spelling.
fn plain(label: &str) -> String {
    label.trim().to_lowercase().replace(['-', ' '], "_")
}

#[cfg(test)]
mod tests {
    use super::super::http::Timeouts;
    use super::*;

    fn classifier(label: Option<&str>) -> TeiClassifier {
        let endpoint = Endpoint::new("http://localhost:1", None, Timeouts::default()).unwrap();
        TeiClassifier::new(endpoint, "c", label.map(str::to_owned))
    }

    fn labels(scores: &[(&str, f64)]) -> Value {
        scores.iter().map(|(label, score)| json!({"label": label, "score": score})).collect()
    }

    #[test]
    fn nothing_is_cut_silently() {
        let whole = json!({"inputs": "a", "truncate": false, "raw_scores": false});
        assert_eq!(build("a"), whole);
    }

    #[test]
    fn the_label_for_toxic_is_found_by_its_name() {
        for (benign, toxic) in [
            ("neutral", "toxic"),
            ("Non-Toxic", "Toxic"),
            ("LABEL_0", "LABEL_1"),
            ("0", "1"),
            ("safe", "unsafe"),
            ("nothate", "hate"),
            ("not-offensive", "offensive"),
        ] {
            let body = labels(&[(benign, 0.75), (toxic, 0.25)]);
            assert_eq!(classifier(None).read(&body).unwrap(), Grade::Toxicity(0.25), "{toxic}");
            let nested = json!([body]);
            assert_eq!(classifier(None).read(&nested).unwrap(), Grade::Toxicity(0.25));
        }
    }

    #[test]
    fn labels_that_leave_a_doubt_are_refused_by_name() {
        for scores in [
            &[("joy", 0.9), ("anger", 0.1)][..],
            &[("toxic", 0.2), ("obscene", 0.3), ("insult", 0.5)],
            &[("hate", 0.2), ("offensive", 0.3), ("normal", 0.5)],
            &[("LABEL_0", 0.2), ("LABEL_1", 0.3), ("LABEL_2", 0.5)],
            &[("toxic", 0.2)],
            &[("LABEL_0", 0.2)],
            &[("neutral", 0.9)],
        ] {
            let error = classifier(None).read(&labels(scores)).unwrap_err();
            assert_eq!(error.kind, Failure::Unusable);
            for (label, _) in scores {
                assert!(error.message.contains(label), "{}", error.message);
            }
            assert!(error.message.contains("as in tei/c:"), "{}", error.message);
            assert!(!error.message.contains("tei/c:neutral"), "{}", error.message);
        }
    }

    #[test]
    fn a_label_that_is_named_is_taken_or_missed() {
        let body = labels(&[("joy", 0.9), ("anger", 0.1)]);
        assert_eq!(classifier(Some("Anger")).read(&body).unwrap(), Grade::Toxicity(0.1));
        let error = classifier(Some("toxic")).read(&body).unwrap_err();
        assert_eq!(error.kind, Failure::Unusable);
        assert_eq!(error.message, "it has no label 'toxic'; its labels are joy, anger");
    }

    #[test]
    fn wrong_shapes_are_errors_and_not_grades() {
        for body in [
            json!({}),
            json!([]),
            json!([0.3]),
            json!([{"score": 0.3}]),
            json!([{"label": "neutral", "score": 0.1}, {"label": "toxic", "score": 7.0}]),
        ] {
            assert_eq!(
                classifier(None).read(&body).unwrap_err().kind,
                Failure::Malformed,
                "{body}"
            );
        }
    }
}
