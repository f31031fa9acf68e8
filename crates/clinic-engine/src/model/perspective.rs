//! Google's Perspective: the toxicity of a comment, in the languages that it knows.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::http::{Answer, Endpoint};
use super::limits::Told;
use super::{Classifier, Failure, Grade, ModelError};

const PATH: &str = "/v1alpha1/comments:analyze";

/// In a header the key stays out of addresses, which end up in logs.
const KEY_HEADER: &str = "x-goog-api-key";

/// Languages of the attribute TOXICITY, by Perspective's own codes.
const LANGUAGES: [&str; 18] = [
    "ar", "cs", "de", "en", "es", "fr", "hi", "hi-Latn", "id", "it", "ja", "ko", "nl", "pl", "pt",
    "ru", "sv", "zh",
];

/// Quotas are counted by the minute.
const QUOTA_WINDOW: Duration = Duration::from_secs(60);

/// Perspective's attribute TOXICITY.
pub struct Perspective {
    endpoint: Endpoint,
    always_english: bool,
    identity: String,
}

impl Perspective {
    /// Perspective at an endpoint. With `always_english`, every text is sent as if it were English,
    /// as the published scripts do, and no language is unsupported.
    pub fn new(endpoint: Endpoint, always_english: bool) -> Self {
        let language = if always_english { " as English" } else { "" };
        let identity = format!("TOXICITY{language} at {}", endpoint.base_url());
        Self { endpoint: endpoint.key_header(KEY_HEADER), always_english, identity }
    }

    async fn grade(&self, text: &str, language: &str) -> Result<Grade, ModelError> {
        let Some(code) = self.code(language) else {
            let why = format!("Perspective does not support the language '{language}'");
            return Ok(Grade::NotGraded(why));
        };
        let answer = self.endpoint.send(PATH, &build(text, code)).await?;
        if let Some(why) = not_graded(&answer) {
            return Ok(Grade::NotGraded(why.to_owned()));
        }
        match self.endpoint.accept(&answer) {
            Ok(body) => read(&body),
            Err(error) => Err(self.explain(error, &answer)),
        }
    }

    /// What Perspective is told of a language.
    fn code<'a>(&self, language: &'a str) -> Option<&'a str> {
        if self.always_english {
            return Some("en");
        }
        LANGUAGES.contains(&language).then_some(language)
    }

    /// The error with what Google's own reasons say beyond the status.
    fn explain(&self, error: ModelError, answer: &Answer) -> ModelError {
        let body = answer.json();
        let said = self.endpoint.said_in(answer);
        if error.kind == Failure::Busy || over_quota(&body) {
            let mut error = ModelError::new(Failure::Busy, format!("out of quota: {said}"));
            error.retry_after = Some(quota_wait(answer.wait, &body));
            return error;
        }
        if reasons(&body).any(|reason| reason == "API_KEY_INVALID") {
            return ModelError::new(Failure::Unusable, format!("{said}; check the key"));
        }
        error
    }
}

impl Classifier for Perspective {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn measures(&self) -> &str {
        if self.always_english { "TOXICITY, every language sent as English" } else { "TOXICITY" }
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn classify(&self, text: String, language: String) -> BoxFuture<'_, Result<Grade, ModelError>> {
        async move { self.grade(&text, &language).await }.boxed()
    }
}

fn build(text: &str, language: &str) -> Value {
    json!({
        "comment": {"text": text, "type": "PLAIN_TEXT"},
        "languages": [language],
        "requestedAttributes": {"TOXICITY": {}},
        "doNotStore": true,
    })
}

fn read(body: &Value) -> Result<Grade, ModelError> {
    Grade::read(&body["attributeScores"]["TOXICITY"]["summaryScore"]["value"])
}

/// Why the text itself is refused, where it is.
fn not_graded(answer: &Answer) -> Option<&'static str> {
    match answer.status.as_u16() {
        413 => Some("the text is too long for Perspective"),
        400 => refusal(&answer.json()),
        _ => None,
    }
}

fn refusal(body: &Value) -> Option<&'static str> {
    let kinds = details(body).filter_map(|detail| detail["errorType"].as_str());
    for kind in kinds {
        let why = match kind {
            "COMMENT_TOO_LONG" => "the text is too long for Perspective",
            "COMMENT_EMPTY" => "the response is empty",
            "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE" => "Perspective refuses the language",
            _ => continue,
        };
        return Some(why);
    }
    None
}

fn details(body: &Value) -> impl Iterator<Item = &Value> {
    body["error"]["details"].as_array().into_iter().flatten()
}

/// Reasons in the newer shape of Google's errors, and in the older.
fn reasons(body: &Value) -> impl Iterator<Item = &str> {
    let older = body["error"]["errors"].as_array().into_iter().flatten();
    details(body).chain(older).filter_map(|detail| detail["reason"].as_str())
}

fn over_quota(body: &Value) -> bool {
    const REASONS: [&str; 4] =
        ["RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"];
    body["error"]["status"] == "RESOURCE_EXHAUSTED"
        || reasons(body).any(|reason| REASONS.contains(&reason))
}

/// How long to wait for new quota: what Google asks for, or until the next minute's.
fn quota_wait(header: Option<Duration>, body: &Value) -> Duration {
    header.or_else(|| delay(body)).unwrap_or(QUOTA_WINDOW)
}

/// The wait in a `RetryInfo`, such as "12s".
fn delay(body: &Value) -> Option<Duration> {
    let text = details(body).find_map(|detail| detail["retryDelay"].as_str())?;
    let seconds: f64 = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds.min(3600.0)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::http::Timeouts;
    use super::*;

    #[test]
    fn languages_go_under_their_own_code_or_all_as_english() {
        let perspective = |english| {
            let endpoint = Endpoint::new("http://localhost:1", None, Timeouts::default()).unwrap();
            Perspective::new(endpoint, english)
        };
        let own = perspective(false);
        for known in ["en", "ar", "zh", "fr", "hi", "ja", "ko", "es", "ru"] {
            assert_eq!(own.code(known), Some(known));
        }
        for unknown in ["bn", "vi", "ha", "ne", "so", "sw"] {
            assert_eq!(own.code(unknown), None);
            assert_eq!(perspective(true).code(unknown), Some("en"));
        }
        assert_ne!(own.identity(), perspective(true).identity(), "grades are not mixed");
        assert_ne!(own.measures(), perspective(true).measures());
    }

    #[test]
    fn a_request_names_one_language_and_forbids_to_keep_the_text() {
        let body = build("hola", "es");
        assert_eq!(body["comment"]["text"], "hola");
        assert_eq!(body["languages"], json!(["es"]));
        assert_eq!(body["requestedAttributes"], json!({"TOXICITY": {}}));
        assert_eq!(body["doNotStore"], true);
    }

    #[test]
    fn the_summary_score_is_the_grade() {
        let body = json!({"attributeScores": {"TOXICITY": {
            "spanScores": [{"begin": 0, "end": 4, "score": {"value": 0.9, "type": "PROBABILITY"}}],
            "summaryScore": {"value": 0.4445, "type": "PROBABILITY"}}},
            "languages": ["en"], "detectedLanguages": ["en"]});
        assert_eq!(read(&body).unwrap(), Grade::Toxicity(0.4445));
        for wrong in [json!({}), json!({"attributeScores": {"TOXICITY": {"summaryScore": 0.4}}})] {
            assert_eq!(read(&wrong).unwrap_err().kind, Failure::Malformed);
        }
        let beyond = json!({"attributeScores": {"TOXICITY": {"summaryScore": {"value": 1.5}}}});
        assert_eq!(read(&beyond).unwrap_err().kind, Failure::Malformed);
    }

    #[test]
    fn refusals_of_a_text_are_told_from_other_errors() {
        let body = |kind: &str| {
            json!({"error": {"code": 400, "message": "m", "status": "INVALID_ARGUMENT", "details": [
                {"@type": "type.googleapis.com/x.ErrorInfo", "errorType": kind}]}})
        };
        assert!(refusal(&body("COMMENT_TOO_LONG")).unwrap().contains("too long"));
        assert!(
            refusal(&body("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE")).unwrap().contains("language")
        );
        assert!(refusal(&body("COMMENT_EMPTY")).unwrap().contains("empty"));
        assert_eq!(refusal(&body("INVALID_REQUEST")), None);
    }

    #[test]
    fn quotas_are_known_in_every_shape() {
        let newer = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [
            {"reason": "RATE_LIMIT_EXCEEDED"}, {"retryDelay": "12.5s"}]}});
        assert!(over_quota(&newer));
        assert_eq!(delay(&newer), Some(Duration::from_millis(12_500)));
        let older = json!({"error": {"code": 403, "errors": [{"reason": "rateLimitExceeded"}]}});
        assert!(over_quota(&older));
        assert_eq!(delay(&older), None);
        assert_eq!(quota_wait(None, &older), QUOTA_WINDOW);
        assert_eq!(quota_wait(Some(Duration::ZERO), &newer), Duration::ZERO);
        let forbidden = json!({"error": {"code": 403, "status": "PERMISSION_DENIED", "details": [
            {"reason": "SERVICE_DISABLED"}]}});
        assert!(!over_quota(&forbidden));
    }
}
