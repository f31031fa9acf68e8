//! Embedders behind the OpenAI protocol: `/embeddings`; and what all embedders behind HTTP share.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::http::Endpoint;
use super::limits::Told;
use super::window::{Seen, Window};
use super::{Embedder, Failure, ModelError};

/// An embedder behind an OpenAI-compatible server.
pub struct OpenAiEmbedder {
    endpoint: Endpoint,
    model: String,
    identity: String,
    window: Window,
    /// One call at a time finds out what the server reads.
    finding_out: Mutex<()>,
}

impl OpenAiEmbedder {
    /// The embedding model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        let model = model.into();
        let identity = format!("{model} at {}", endpoint.base_url());
        Self { endpoint, model, identity, window: Window::new(), finding_out: Mutex::new(()) }
    }

    /// The vectors of some texts, and the tokens that the server says to have read.
    async fn request(&self, texts: &[&str]) -> Result<(Vec<Vec<f32>>, Option<usize>), ModelError> {
        let body = json!({"model": self.model, "input": texts, "encoding_format": "float"});
        let answer = self.endpoint.post("/embeddings", &body).await.map_err(length_told)?;
        let tokens = answer["usage"]["prompt_tokens"].as_u64().map(|tokens| tokens as usize);
        Ok((read(&answer, texts.len())?, tokens))
    }

    /// The vector of a text that the server may have cut.
    async fn alone(&self, text: &str) -> Result<Vec<f32>, ModelError> {
        let (vectors, read) = self.request(&[text]).await?;
        let vector = vectors.into_iter().next().unwrap_or_default();
        if self.window.judge(read) == Seen::Whole {
            return Ok(vector);
        }
        let _turn = self.finding_out.lock().await;
        if self.window.judge(read) == Seen::Whole {
            return Ok(vector);
        }
        match self.request(&[&Window::longer(text)]).await {
            Ok((_, longer)) => self
                .window
                .compare(read, longer)
                .map(|()| vector)
                .map_err(|why| ModelError::new(Failure::TooLong, why)),
            Err(error) if error.kind.blames_request() => {
                self.window.open();
                Ok(vector)
            }
            Err(error) => Err(error),
        }
    }
}

impl Embedder for OpenAiEmbedder {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, ModelError>> {
        async move {
            let mut vectors = vec![Vec::new(); texts.len()];
            let mut rest: Vec<usize> = (0..texts.len()).collect();
            rest.sort_by_key(|i| texts[*i].len());
            // From the longest on, until what was read shows that the others are read whole.
            while let Some(i) = rest.pop_if(|i| !self.window.holds(&texts[*i])) {
                vectors[i] = self.alone(&texts[i]).await?;
            }
            if rest.is_empty() {
                return Ok(vectors);
            }
            rest.sort_unstable();
            let batch: Vec<&str> = rest.iter().map(|i| texts[*i].as_str()).collect();
            for (i, vector) in rest.into_iter().zip(self.request(&batch).await?.0) {
                vectors[i] = vector;
            }
            Ok(vectors)
        }
        .boxed()
    }
}

/// What servers say of a text that is longer than the model takes, in small letters.
const LENGTH: [&str; 7] = [
    "context length",
    "context size",
    "maximum model length",
    "must have less than",
    "too large to process",
    "too long",
    "maximum input length",
];

/// An error that speaks of a text's length is told apart, whatever its status: llama-server sends
/// 500, OpenAI and vLLM 400, text-embeddings-inference 413.
pub(super) fn length_told(mut error: ModelError) -> ModelError {
    let said = error.message.to_lowercase();
    let refused = matches!(error.kind, Failure::Rejected | Failure::Server);
    if refused && LENGTH.iter().any(|words| said.contains(words)) {
        error.kind = Failure::TooLong;
    }
    error
}

/// The vector in a JSON array; null, which stands for NaN in JSON, is no number.
pub(super) fn numbers(value: &Value) -> Option<Vec<f32>> {
    let number = |x: &Value| match x {
        Value::Null => Some(f32::NAN),
        x => x.as_f64().map(|x| x as f32),
    };
    value.as_array()?.iter().map(number).collect()
}

/// The vectors in a response body, in the order of the texts.
fn read(body: &Value, count: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    let malformed = |why: String| ModelError::new(Failure::Malformed, why);
    let data = body["data"].as_array().ok_or_else(|| malformed("the answer has no data".into()))?;
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; count];
    for (i, entry) in data.iter().enumerate() {
        let place = entry["index"].as_u64().map_or(i, |index| index as usize);
        match (vectors.get_mut(place), numbers(&entry["embedding"])) {
            (Some(slot @ None), Some(vector)) => *slot = Some(vector),
            _ => return Err(malformed(format!("embedding {i} is out of place or no vector"))),
        }
    }
    let vectors: Option<Vec<Vec<f32>>> = vectors.into_iter().collect();
    vectors.ok_or_else(|| malformed(format!("{} vectors came for {count} texts", data.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_vectors_come_in_the_order_of_their_index() {
        let body =
            json!({"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]});
        assert_eq!(read(&body, 2).unwrap(), [[1.0, 0.0], [0.0, 1.0]]);
    }

    #[test]
    fn embedded_answers_of_another_shape_are_refused() {
        for data in [
            json!([{"index": 0, "embedding": [1, 0]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 0, "embedding": [1, 0]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 9, "embedding": [1, 0]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 1, "embedding": ["a", 1]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 1, "embedding": null}]),
            json!("no"),
        ] {
            let error = read(&json!({"data": data}), 2).unwrap_err();
            assert_eq!(error.kind, Failure::Malformed, "{data}");
        }
    }

    #[test]
    fn embedded_null_is_no_number() {
        assert!(numbers(&json!([1, null])).unwrap()[1].is_nan());
        assert!(numbers(&json!([1e300])).unwrap()[0].is_infinite());
    }

    #[test]
    fn embedder_errors_of_length_are_told_apart() {
        let kind = |kind, said: &str| length_told(ModelError::new(kind, said)).kind;
        for said in [
            "400: This model's maximum context length is 8192 tokens, however you requested 9001",
            "413: `inputs` must have less than 512 tokens. Given: 900",
            "400: the input length exceeds the context length",
        ] {
            assert_eq!(kind(Failure::Rejected, said), Failure::TooLong, "{said}");
        }
        let said = "500: input (900 tokens) is too large to process. increase the batch size";
        assert_eq!(kind(Failure::Server, said), Failure::TooLong);
        let batch = "413: batch size 64 > maximum allowed batch size 32";
        assert_eq!(kind(Failure::Rejected, batch), Failure::Rejected);
        assert_eq!(kind(Failure::Unusable, "401: context length"), Failure::Unusable);
    }
}
