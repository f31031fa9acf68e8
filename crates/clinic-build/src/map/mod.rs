//! Step 2: English documents find their versions in the other languages.
//!
//! What people said comes first, then the sources' own links, then vectors of the documents' titles
//! and beginnings. `docs/build/map.md` tells what is mapped, doubtful and unmapped.

mod assign;
mod candidates;
mod settled;
pub mod sheet;
mod similar;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use clinic_engine::model::Embedder;
use clinic_engine::run::{CallError, Caller, Event, Listener, Stage};
use serde::Serialize;

pub use similar::{Found, Vectors, pair};

use crate::store::{Basis, Dropped, Head, How, Pair, PairState, StoreError};
use crate::{Project, StepError};
use settled::Settled;

const STEP: &str = "map";
/// Texts that are read and embedded before the next are.
const AT_ONCE: usize = 1_024;

/// The way to an embedder.
pub struct Embedding<'a> {
    /// Asks and keeps.
    pub caller: &'a Caller,
    /// The embedder.
    pub embedder: &'a dyn Embedder,
    /// Texts a request.
    pub batch: usize,
}

/// How a language is mapped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mapped {
    /// Tag of the language.
    pub language: String,
    /// English documents.
    pub english: usize,
    /// Of these, how many have a version: said by people,
    pub by_person: usize,
    /// by the source's link,
    pub by_link: usize,
    /// and by similarity.
    pub by_embedding: usize,
    /// How many wait for a person.
    pub doubtful: usize,
    /// How many have none.
    pub unmapped: usize,
    /// Documents of the language.
    pub documents: usize,
    /// Of these, how many belong to no English one.
    pub unclaimed: usize,
    /// Documents, English ones among them, that got no vector.
    pub without_vector: usize,
}

/// What is known of one language before its vectors.
struct Known {
    language: String,
    english: BTreeSet<i64>,
    others: BTreeSet<i64>,
    settled: Settled,
}

/// Maps all languages anew, each in a transaction, and tells how they stand.
pub async fn map(
    project: &Project,
    embedding: Option<Embedding<'_>>,
    listener: &dyn Listener,
) -> Result<Vec<Mapped>, StepError> {
    let english = project.store().heads("en")?;
    let known = known(project, &english, listener)?;
    let Some(embedding) = embedding else {
        let lost = found_by_vectors(project)?;
        for known in &known {
            keep(project, &english, known, &BTreeMap::new(), None)?;
        }
        if lost > 0 {
            let told = "pairs that vectors had found are gone, since no embedder was named; name \
                        it again to have them back, which costs nothing";
            listener.on(&Event::Notice { message: &format!("{lost} {told}") });
        }
        return standing(project);
    };
    let wanted: BTreeSet<i64> = known.iter().flat_map(|known| known.english.clone()).collect();
    let total = wanted.len() + known.iter().map(|known| known.others.len()).sum::<usize>();
    let stage = Stage::Step(STEP);
    listener.on(&Event::Started { stage, total, done: 0 });
    let first = embed(project, &embedding, "en", &wanted, listener).await?;
    for known in &known {
        let others = embed(project, &embedding, &known.language, &known.others, listener).await?;
        let found = compare(project, known, &first, &others);
        keep(project, &english, known, &found, Some(embedding.embedder.identity()))?;
    }
    listener.on(&Event::Finished { stage });
    standing(project)
}

/// What people and links say of each language; nothing is left to compare where one side has none.
fn known(
    project: &Project,
    english: &[Head],
    listener: &dyn Listener,
) -> Result<Vec<Known>, StepError> {
    let decisions = project.store().decisions_now()?;
    let mut all = Vec::new();
    for language in project.languages().iter().filter(|language| language.tag != "en") {
        let others = project.store().heads(&language.tag)?;
        let settled = Settled::of(english, &others, &decisions);
        if settled.several > 0 {
            let told = format!(
                "{}: links with several documents: {}; the one that came last is taken",
                language.english, settled.several
            );
            listener.on(&Event::Notice { message: &told });
        }
        let free = |id: &i64| !settled.taken.contains(id) && !settled.spare.contains(id);
        let mut others: BTreeSet<i64> = others.iter().map(|head| head.id).filter(free).collect();
        let alone = |id: &i64| !settled.pairs.contains_key(id);
        let mut english: BTreeSet<i64> = english.iter().map(|head| head.id).filter(alone).collect();
        if english.is_empty() || others.is_empty() {
            (english, others) = Default::default();
        }
        all.push(Known { language: language.tag.clone(), english, others, settled });
    }
    Ok(all)
}

/// Vectors of documents, with their numbers.
#[derive(Default)]
struct Embedded {
    ids: Vec<i64>,
    vectors: Vectors,
}

async fn embed(
    project: &Project,
    embedding: &Embedding<'_>,
    language: &str,
    wanted: &BTreeSet<i64>,
    listener: &dyn Listener,
) -> Result<Embedded, StepError> {
    let Embedding { caller, embedder, batch } = embedding;
    let characters = project.config().map.characters;
    let wanted: Vec<i64> = wanted.iter().copied().collect();
    let (mut embedded, mut dropped) = (Embedded::default(), Vec::new());
    for ids in wanted.chunks(AT_ONCE) {
        if caller.stop.asked() {
            return Err(CallError::Stopped.into());
        }
        let texts = project.store().beginnings(ids, characters)?;
        let vectors = caller.embed(*embedder, &texts, *batch).await?;
        for ((id, text), vector) in ids.iter().zip(texts).zip(vectors) {
            let failed = vector.is_err();
            match vector {
                Ok(vector) => {
                    embedded.ids.push(*id);
                    embedded.vectors.push(&vector);
                }
                Err(why) => {
                    let title = text.lines().next().unwrap_or_default();
                    let what = format!("document {id}: {title}");
                    dropped.push(Dropped { what, why: format!("it got no vector: {why}") });
                }
            }
            listener.on(&Event::Done { failed });
        }
    }
    project.store().set_dropped(STEP, language, &dropped)?;
    Ok(embedded)
}

/// A version found by vectors: its number, the similarity, and whether it is doubtful.
type Version = (i64, f64, bool);

fn compare(
    project: &Project,
    known: &Known,
    english: &Embedded,
    others: &Embedded,
) -> BTreeMap<i64, Version> {
    let mut rows = Embedded::default();
    let ours = english.ids.iter().enumerate().filter(|(_, id)| known.english.contains(id));
    for (row, id) in ours {
        rows.ids.push(*id);
        rows.vectors.push(english.vectors.row(row));
    }
    let place = |ids: &[i64], id: &i64| ids.binary_search(id).ok();
    let apart = known.settled.apart.iter().filter_map(|(english, other)| {
        Some((place(&rows.ids, english)?, place(&others.ids, other)?))
    });
    let found = pair(&rows.vectors, &others.vectors, &apart.collect(), &project.config().map);
    let version = |found: Found| {
        (others.ids[found.other], f64::from(found.similarity).min(1.0), found.doubtful)
    };
    rows.ids.into_iter().zip(found).filter_map(|(id, found)| Some((id, version(found?)))).collect()
}

/// Writes the pairs of a language.
fn keep(
    project: &Project,
    english: &[Head],
    known: &Known,
    found: &BTreeMap<i64, Version>,
    embedder: Option<&str>,
) -> Result<(), StoreError> {
    let pair = |head: &Head| {
        let settled = known.settled.pairs.get(&head.id);
        let (other, state, how, similarity) = match (settled, found.get(&head.id)) {
            (Some((other, how)), _) => (Some(*other), PairState::Mapped, *how, None),
            (None, Some((other, similarity, doubtful))) => {
                let state = if *doubtful { PairState::Doubtful } else { PairState::Mapped };
                (Some(*other), state, How::Embedding, Some(*similarity))
            }
            (None, None) => (None, PairState::Unmapped, How::None, None),
        };
        Pair { english: head.id, language: known.language.clone(), other, state, how, similarity }
    };
    let pairs: Vec<Pair> = english.iter().map(pair).collect();
    let config = &project.config().map;
    let basis = Basis {
        embedder: embedder.map(str::to_owned),
        threshold: config.threshold,
        doubtful: config.doubtful,
        margin: config.margin,
        characters: config.characters,
    };
    project.store().set_mapped(&known.language, &pairs, &basis)
}

/// Pairs of the store that vectors found.
fn found_by_vectors(project: &Project) -> Result<usize, StoreError> {
    let pairs = project.store().pairs(None)?;
    Ok(pairs.iter().filter(|pair| pair.how == How::Embedding).count())
}

/// How each language stands in the store.
pub fn standing(project: &Project) -> Result<Vec<Mapped>, StepError> {
    let store = project.store();
    let dropped = store.dropped(STEP)?;
    let languages = project.languages().iter().filter(|language| language.tag != "en");
    let standing = |tag: &String| -> Result<Mapped, StepError> {
        let heads = store.heads(tag)?;
        let mut mapped = Mapped {
            language: tag.clone(),
            documents: heads.len(),
            without_vector: dropped.iter().filter(|(of, _)| of == tag || of == "en").count(),
            ..Mapped::default()
        };
        let mut claimed = BTreeSet::new();
        for pair in store.pairs(Some(tag))? {
            mapped.english += 1;
            match (pair.state, pair.how) {
                (PairState::Unmapped, _) => mapped.unmapped += 1,
                (PairState::Doubtful, _) => mapped.doubtful += 1,
                (PairState::Mapped, How::Person) => mapped.by_person += 1,
                (PairState::Mapped, How::Link) => mapped.by_link += 1,
                (PairState::Mapped, _) => mapped.by_embedding += 1,
            }
            claimed.extend(pair.other);
        }
        mapped.unclaimed = heads.iter().filter(|head| !claimed.contains(&head.id)).count();
        Ok(mapped)
    };
    languages.map(|language| standing(&language.tag)).collect()
}
