//! Embedders behind the OpenAI protocol: `/embeddings`.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::http::Endpoint;
use super::{Embedder, Failure, ModelError};

/// An embedder behind an OpenAI-compatible server.
pub struct OpenAiEmbedder {
    endpoint: Endpoint,
    model: String,
    identity: String,
}

impl OpenAiEmbedder {
    /// The embedding model of this name at an endpoint.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        let model = model.into();
        let identity = format!("{model} at {}", endpoint.base_url());
        Self { endpoint, model, identity }
    }
}

impl Embedder for OpenAiEmbedder {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, ModelError>> {
        async move {
            let body = json!({"model": self.model, "input": texts, "encoding_format": "float"});
            read(&self.endpoint.post("/embeddings", &body).await?, texts.len())
        }
        .boxed()
    }
}

/// The vectors in a response body, in the order of the texts.
fn read(body: &Value, count: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    let malformed = |why: String| ModelError::new(Failure::Malformed, why);
    let data = body["data"].as_array().ok_or_else(|| malformed("the answer has no data".into()))?;
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; count];
    for (i, entry) in data.iter().enumerate() {
        let place = entry["index"].as_u64().map_or(i, |index| index as usize);
        let numbers = entry["embedding"].as_array();
        let vector = numbers.and_then(|numbers| {
            numbers.iter().map(|x| x.as_f64().map(|x| x as f32)).collect::<Option<Vec<f32>>>()
        });
        match (vectors.get_mut(place), vector) {
            (Some(slot @ None), Some(vector)) => *slot = Some(vector),
            _ => return Err(malformed(format!("embedding {i} is out of place or no vector"))),
        }
    }
    let vectors: Option<Vec<Vec<f32>>> = vectors.into_iter().collect();
    let vectors = vectors
        .ok_or_else(|| malformed(format!("{} vectors came for {count} texts", data.len())))?;
    let length = vectors.first().map_or(0, Vec::len);
    for vector in &vectors {
        let norm = vector.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        if vector.len() != length || !norm.is_finite() || norm <= 0.0 {
            let why = "the vectors differ in length, are zero, or hold what is no number";
            return Err(malformed(why.to_owned()));
        }
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_in_the_order_of_their_index() {
        let body =
            json!({"data": [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]});
        assert_eq!(read(&body, 2).unwrap(), [[1.0, 0.0], [0.0, 1.0]]);
    }

    #[test]
    fn vectors_that_cannot_be_compared_are_refused() {
        for data in [
            json!([{"index": 0, "embedding": [1, 0]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 0, "embedding": [1, 0]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 9, "embedding": [1, 0]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 1, "embedding": [1]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 1, "embedding": [null, 1]}]),
            json!([{"index": 0, "embedding": [1, 0]}, {"index": 1, "embedding": [0, 0]}]),
            json!("no"),
        ] {
            let error = read(&json!({"data": data}), 2).unwrap_err();
            assert_eq!(error.kind, Failure::Malformed, "{data}");
        }
    }
}
