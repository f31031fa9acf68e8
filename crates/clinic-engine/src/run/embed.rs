//! Embedding with patience: batches side by side, every vector checked and kept before it counts.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clinic_core::digest;
use futures::{StreamExt, stream};

use super::ask::{CallError, Caller};
use super::writer::Write;
use crate::model::{Embedder, Failure, ModelError};
use crate::pace::Call;

/// What came of a text, by its row.
type Embedded = (usize, Result<Vec<f32>, ModelError>);

impl Caller {
    /// The vectors of some texts, in order, from the store or the embedder.
    ///
    /// A text that is refused, or whose vector cannot be compared with the others, is an error of
    /// its own; those beside it are kept.
    pub async fn embed(
        &self,
        embedder: &dyn Embedder,
        texts: &[String],
        batch: usize,
    ) -> Result<Vec<Result<Vec<f32>, ModelError>>, CallError> {
        let identity = embedder.identity();
        let keys: Vec<String> =
            texts.iter().map(|text| digest::hex(&[identity.as_bytes(), text.as_bytes()])).collect();
        let mut found = Vec::new();
        for key in &keys {
            found.push(self.store.vector(key)?.map(Ok));
        }
        let missing: Vec<usize> = (0..texts.len()).filter(|i| found[*i].is_none()).collect();
        let mut length = self.store.vector_length(identity)?;
        let given_up = AtomicBool::new(false);
        let parts: Vec<_> = missing
            .chunks(batch.max(1))
            .map(|rows| self.batch(embedder, texts, &keys, rows, &given_up))
            .collect();
        // In order, so that the same vector sets the length each time.
        let side_by_side = self.gates.of(identity).most();
        let mut parts = stream::iter(parts).buffered(side_by_side);
        let mut outcome = Ok(());
        while let Some((vectors, ended)) = parts.next().await {
            let mut kept = Vec::new();
            for (row, vector) in vectors {
                let vector = vector.and_then(|vector| comparable(vector, &mut length));
                if let Ok(vector) = &vector {
                    kept.push((keys[row].clone(), vector.clone()));
                }
                found[row] = Some(vector);
            }
            if !kept.is_empty() {
                let write = Write::Vectors { model: identity.to_owned(), vectors: kept };
                self.store.writer()?.write(write).await?;
            }
            // What is in flight is paid for, so it is awaited and kept.
            if let Err(error) = ended
                && outcome.is_ok()
            {
                given_up.store(true, Relaxed);
                outcome = Err(error);
            }
        }
        outcome.map(|()| found.into_iter().flatten().collect())
    }

    /// What came of some rows, up to what ended the whole.
    async fn batch(
        &self,
        embedder: &dyn Embedder,
        texts: &[String],
        keys: &[String],
        rows: &[usize],
        given_up: &AtomicBool,
    ) -> (Vec<Embedded>, Result<(), CallError>) {
        let mut waiting = vec![rows];
        let mut done = Vec::new();
        while let Some(rows) = waiting.pop() {
            if given_up.load(Relaxed) {
                return (done, Err(CallError::Stopped));
            }
            let wanted: Vec<String> = rows.iter().map(|row| texts[*row].clone()).collect();
            let bytes = wanted.iter().map(String::len).sum();
            let call = Call { key: &keys[rows[0]], bytes, tokens: 0 };
            let attempt = || embedder.embed(wanted.clone());
            match self.through(embedder.identity(), call, || embedder.told(), attempt).await.0 {
                Ok(vectors) => {
                    // An embedder that gives too few leaves the last ones without.
                    let mut vectors = vectors.into_iter();
                    done.extend(rows.iter().map(|row| (*row, vectors.next().ok_or_else(none))));
                }
                // One text that is refused must not take its batch with it.
                Err(CallError::Model(error)) if error.kind.blames_request() && rows.len() > 1 => {
                    let (first, rest) = rows.split_at(rows.len() / 2);
                    waiting.extend([rest, first]);
                }
                // A number that JSON cannot hold spoils the whole answer: each text is asked for once.
                Err(CallError::Model(error))
                    if error.kind == Failure::Malformed && rows.len() > 1 =>
                {
                    for row in rows {
                        if self.stop.asked() {
                            return (done, Err(CallError::Stopped));
                        }
                        let vectors = embedder.embed(vec![texts[*row].clone()]).await;
                        let vector = vectors.and_then(|v| v.into_iter().next().ok_or_else(none));
                        done.push((*row, vector));
                    }
                }
                Err(CallError::Model(error)) if error.kind != Failure::Unusable => {
                    done.extend(rows.iter().map(|row| (*row, Err(error.clone()))));
                }
                Err(error) => return (done, Err(error)),
            }
        }
        (done, Ok(()))
    }
}

fn none() -> ModelError {
    ModelError::new(Failure::Malformed, "a text got no vector")
}

/// A vector that has a direction, and the length of those before it.
fn comparable(vector: Vec<f32>, length: &mut Option<usize>) -> Result<Vec<f32>, ModelError> {
    let malformed = |why: String| Err(ModelError::new(Failure::Malformed, why));
    if vector.iter().any(|x| !x.is_finite()) {
        return malformed("the vector holds what is no number".to_owned());
    }
    if vector.iter().all(|x| *x == 0.0) {
        return malformed("the vector is zero, so it has no direction".to_owned());
    }
    let expected = *length.get_or_insert(vector.len());
    if vector.len() != expected {
        let got = vector.len();
        return malformed(format!(
            "a vector of {got} numbers came where the first had {expected}; the model behind this \
             name was changed"
        ));
    }
    Ok(vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_embedded_vector_has_a_direction_and_the_length_of_the_first() {
        let mut length = None;
        for bad in [vec![], vec![0.0, 0.0], vec![1.0, f32::NAN], vec![f32::INFINITY, 1.0]] {
            assert!(comparable(bad, &mut length).is_err());
            assert_eq!(length, None, "a vector that is refused sets no length");
        }
        assert!(comparable(vec![0.0, 3.0], &mut length).is_ok());
        let error = comparable(vec![1.0; 4], &mut length).unwrap_err().to_string();
        assert!(error.contains("4 numbers") && error.contains("had 2"), "{error}");
    }
}
