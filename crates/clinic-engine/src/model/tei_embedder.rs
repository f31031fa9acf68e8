//! Embedders behind text-embeddings-inference: its own `/embed`, which can be told not to cut.

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::embeddings::{length_told, numbers};
use super::http::Endpoint;
use super::limits::Told;
use super::{Embedder, Failure, ModelError};

/// An embedder behind a text-embeddings-inference server.
pub struct TeiEmbedder {
    endpoint: Endpoint,
    identity: String,
}

/// What a server says of itself at `/info`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The model's name on the hub, or its folder.
    pub model: String,
    /// Its revision, where the server knows it.
    pub revision: Option<String>,
    /// The numbers that it computes with, such as float16.
    pub dtype: Option<String>,
}

impl TeiEmbedder {
    /// The model that a server serves, by the name that the user gives it.
    pub fn new(endpoint: Endpoint, name: &str, served: Option<&Served>) -> Self {
        let mut identity = format!("tei/{name} at {}", endpoint.base_url());
        if let Some(Served { model, revision, dtype }) = served {
            identity.push_str(&format!(" serving {model}"));
            identity.extend(revision.iter().map(|revision| format!("@{revision}")));
            identity.extend(dtype.iter().map(|dtype| format!(" in {dtype}")));
        }
        Self { endpoint, identity }
    }
}

impl Embedder for TeiEmbedder {
    fn identity(&self) -> &str {
        &self.identity
    }

    fn told(&self) -> Option<Told> {
        self.endpoint.told()
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, ModelError>> {
        async move {
            let body = json!({"inputs": texts, "normalize": true, "truncate": false});
            let answer = self.endpoint.post("/embed", &body).await.map_err(length_told)?;
            read(&answer, texts.len())
        }
        .boxed()
    }
}

/// Asks a server what it serves.
pub async fn served(endpoint: &Endpoint) -> Result<Served, ModelError> {
    let info = endpoint.get("/info").await?;
    let text = |key: &str| info[key].as_str().map(str::to_owned);
    let model = text("model_id");
    let model =
        model.ok_or_else(|| ModelError::new(Failure::Malformed, "/info has no model_id"))?;
    Ok(Served { model, revision: text("model_sha"), dtype: text("model_dtype") })
}

/// The vectors in a response body: an array of arrays, in the order of the texts.
fn read(body: &Value, count: usize) -> Result<Vec<Vec<f32>>, ModelError> {
    let malformed = |why: String| ModelError::new(Failure::Malformed, why);
    let rows = body.as_array().ok_or_else(|| malformed("the answer is no array".into()))?;
    if rows.len() != count {
        return Err(malformed(format!("{} vectors came for {count} texts", rows.len())));
    }
    let vectors: Option<Vec<_>> = rows.iter().map(numbers).collect();
    vectors.ok_or_else(|| malformed("the answer holds what is no vector".into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::http::Timeouts;

    #[test]
    fn embedder_answers_are_arrays_of_arrays() {
        assert_eq!(read(&json!([[1, 0], [0.5, 1]]), 2).unwrap(), [[1.0, 0.0], [0.5, 1.0]]);
        for body in [json!([[1, 0]]), json!({"data": []}), json!([[1], ["a"]]), json!([[1], 2])] {
            assert_eq!(read(&body, 2).unwrap_err().kind, Failure::Malformed, "{body}");
        }
    }

    #[test]
    fn the_embedder_identity_holds_what_is_served() {
        let endpoint = || Endpoint::new("http://localhost:1/", None, Timeouts::default()).unwrap();
        let bare = TeiEmbedder::new(endpoint(), "BAAI/bge-m3", None);
        assert_eq!(bare.identity(), "tei/BAAI/bge-m3 at http://localhost:1");
        let served = Served {
            model: "BAAI/bge-m3".to_owned(),
            revision: Some("5617".to_owned()),
            dtype: Some("float16".to_owned()),
        };
        let told = TeiEmbedder::new(endpoint(), "m", Some(&served));
        let expected = "tei/m at http://localhost:1 serving BAAI/bge-m3@5617 in float16";
        assert_eq!(told.identity(), expected);
    }
}
