//! What is to be written: the slots of a task, in an order that the seed decides.
//!
//! A slot is (English document, n). The first slots that can be written whole become the items, so
//! that the set is the same however often the step was stopped and in whatever order replies came.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use clinic_core::digest;
use clinic_core::task::Task;

use super::summary::Documents;
use crate::project::Project;
use crate::recipe::{FieldKind, Recipe};
use crate::store::{Document, Failed, Item, PairState, StoreError};

/// What is known of a task before anything is asked.
pub(super) struct Plan<'a> {
    pub task: &'a Task,
    pub recipe: &'a Recipe,
    /// Items that are wanted.
    pub wanted: usize,
    /// Items that are written in all languages.
    pub whole: usize,
    /// Items that lack a language.
    pub unfinished: usize,
    /// Items by an earlier form of the recipe, which count for nothing.
    pub outdated: usize,
    /// Slots that can still become whole items, in their order.
    pub slots: Vec<Slot>,
    /// What this model could not write before.
    pub failed: Vec<Failed>,
    pub documents: Documents,
}

/// A place for an item.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Number of the English document.
    pub document: i64,
    /// Which item of the task from this document, from 0.
    pub nth: usize,
    /// Place of the right option, where the program places it.
    pub place: Option<usize>,
    /// The item, where its English text is there.
    pub item: Option<Item>,
    /// The languages that are lacking, English aside, with the document's version.
    pub lacking: Vec<(String, i64)>,
    /// Replies that were asked for in an earlier session, and were not usable, by language.
    pub spent: BTreeMap<String, u32>,
}

/// Plans a task. With `retry`, what failed before is tried again.
pub(super) fn plan<'a>(
    project: &'a Project,
    task: &'a Task,
    model: &str,
    retry: bool,
) -> Result<Plan<'a>, StoreError> {
    let (store, recipe) = (project.store(), project.recipe(&task.name));
    let others: Vec<&str> =
        project.languages().iter().map(|l| l.tag.as_str()).filter(|tag| *tag != "en").collect();
    let heads = store.heads("en")?;
    let mut documents = Documents::new(&others);
    let mut ranked: Vec<(String, i64)> = Vec::new();
    let versions = versions(project)?;
    let none = HashMap::new();
    for head in heads.iter().filter(|head| head.recent || !recipe.recent) {
        let mapped = versions.get(&head.id).unwrap_or(&none);
        documents.count(|language| mapped.contains_key(language));
        if others.iter().all(|language| mapped.contains_key(*language)) {
            let parts = [&task.name, &head.source, &head.name].map(String::as_bytes);
            let [task, source, name] = parts;
            let seed = project.config().seed.to_le_bytes();
            ranked.push((digest::hex(&[b"slot", &seed, task, source, name]), head.id));
        }
    }
    ranked.sort();

    let (items, written) = (project.items(Some(&task.name))?, store.languages_of(&task.name)?);
    let (current, outdated): (Vec<Item>, Vec<Item>) =
        items.into_iter().partition(|item| item.body.recipe == recipe.digest);
    let no_language = BTreeSet::new();
    let lacks = |item: &Item| -> Vec<&str> {
        let has = written.get(&item.id).unwrap_or(&no_language);
        others.iter().filter(|language| !has.contains(**language)).copied().collect()
    };
    let whole = current.iter().filter(|item| lacks(item).is_empty()).count();
    let (found, outdated) = (current.len(), outdated.len());
    let mut by_slot: HashMap<(i64, usize), Item> =
        current.into_iter().map(|item| ((item.body.document, item.body.nth), item)).collect();

    let failed = store.failed(&task.name, &recipe.digest, model)?;
    let mut slots = Vec::new();
    let nths = 0..project.config().write.per_document;
    let all = nths.flat_map(|nth| ranked.iter().map(move |(_, document)| (*document, nth)));
    for (index, (document, nth)) in all.enumerate() {
        let before =
            failed.iter().filter(|failed| (failed.document, failed.nth) == (document, nth));
        let spent: BTreeMap<String, u32> =
            before.map(|failed| (failed.language.clone(), failed.attempts)).collect();
        let item = by_slot.remove(&(document, nth));
        let lacking: Vec<&str> = item.as_ref().map_or_else(|| others.clone(), &lacks);
        let is_whole = item.is_some() && lacking.is_empty();
        if is_whole || (!retry && !spent.is_empty()) {
            continue;
        }
        let version = |language: &str| (language.to_owned(), versions[&document][language]);
        let lacking = lacking.into_iter().map(version).collect();
        let place = place(recipe, project.config().seed, index);
        slots.push(Slot { document, nth, place, item, lacking, spent });
    }
    Ok(Plan {
        task,
        recipe,
        wanted: project.config().write.items_of(&task.name),
        whole,
        unfinished: found - whole,
        outdated,
        slots,
        failed,
        documents,
    })
}

/// English document to its version in each language that it is mapped in.
fn versions(project: &Project) -> Result<HashMap<i64, HashMap<String, i64>>, StoreError> {
    let mut versions: HashMap<i64, HashMap<String, i64>> = HashMap::new();
    for pair in project.store().pairs(None)? {
        if let (PairState::Mapped, Some(other)) = (pair.state, pair.other) {
            versions.entry(pair.english).or_default().insert(pair.language, other);
        }
    }
    Ok(versions)
}

/// The place of a slot's right option: of each four slots, one a place, in an order drawn from the
/// seed. `None` where a task has no options; the last where nothing else is right.
fn place(recipe: &Recipe, seed: u64, index: usize) -> Option<usize> {
    match recipe.options_field()?.kind {
        FieldKind::NoneRight => Some(3),
        _ => {
            let block = (index / 4).to_le_bytes();
            let task = recipe.task.as_bytes();
            let mut places = [0_usize, 1, 2, 3];
            places.sort_by_key(|place| {
                digest::hex(&[b"place", &seed.to_le_bytes(), task, &block, &[*place as u8]])
            });
            Some(places[index % 4])
        }
    }
}

/// The item's key in the published set: it follows from the document and the recipe alone.
pub(super) fn key(project: &Project, recipe: &Recipe, document: &Document, nth: usize) -> String {
    let body = &document.body;
    let hash = digest::hex(&[
        body.source.as_bytes(),
        body.name.as_bytes(),
        body.sha256.as_bytes(),
        &nth.to_le_bytes(),
        recipe.digest.as_bytes(),
        &project.config().seed.to_le_bytes(),
    ]);
    format!("{}-{}", recipe.task, &hash[..10])
}
