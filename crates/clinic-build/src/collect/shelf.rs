//! Where the documents of a source are looked at, kept and counted.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use clinic_core::digest;
use clinic_core::identify::{Match, compare};
use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_engine::run::{CallError, Event, Listener, Stage, Stop};

use super::STEP;
use super::fetch::Failed;
use super::summary::{Left, Passed, Row, Summary};
use super::why::Why;
use crate::config::Source;
use crate::error::StepError;
use crate::project::Project;
use crate::store::{Dropped, NewDocument};

/// Characters of a name or address that are told.
const TOLD: usize = 300;

/// A document that was read, before it is looked at.
pub struct Draft {
    /// Its name at the source.
    pub name: String,
    /// Tag of its language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// Its text, as it is kept.
    pub text: String,
    /// URL, or path from the project's folder.
    pub address: String,
    /// The day that the source gives it.
    pub dated: Option<String>,
    /// SHA-256 of the bytes as they came.
    pub sha256: String,
    /// As in [`NewDocument`].
    pub link: Option<String>,
    /// What the source files it under.
    pub groups: Vec<String>,
    /// Whether it is about what models cannot have learned yet.
    pub recent: bool,
}

/// Name and tag of the language: what tells the documents of a source apart.
type Key = (String, String);

/// The documents of one source.
pub struct Shelf<'a> {
    project: &'a Project,
    source: &'a Source,
    listener: Arc<dyn Listener>,
    stop: Arc<Stop>,
    /// What the store had before.
    before: HashMap<Key, i64>,
    /// What it has now, and where that came from.
    now: HashMap<Key, (i64, String)>,
    /// Texts by language and digest, and where they came from.
    texts: HashMap<Key, String>,
    /// What nobody could look at.
    unseen: Vec<Key>,
    rows: BTreeMap<Option<String>, Row>,
    dropped: Vec<Left>,
    passed: usize,
    begun: bool,
}

impl<'a> Shelf<'a> {
    pub fn new(
        project: &'a Project,
        source: &'a Source,
        listener: Arc<dyn Listener>,
        stop: Arc<Stop>,
    ) -> Result<Self, StepError> {
        let before = project.store().current(&source.name)?;
        let before = before.into_iter().map(|one| ((one.name, one.language), one.id)).collect();
        Ok(Self {
            project,
            source,
            listener,
            stop,
            before,
            now: HashMap::new(),
            texts: HashMap::new(),
            unseen: Vec::new(),
            rows: BTreeMap::new(),
            dropped: Vec::new(),
            passed: 0,
            begun: false,
        })
    }

    /// So many documents are to be read.
    pub fn expect(&mut self, total: usize) {
        self.begun = true;
        self.listener.on(&Event::Started { stage: Stage::Step(STEP), total, done: 0 });
    }

    /// Looks at a document and keeps it, or drops it.
    pub fn put(&mut self, draft: Draft) -> Result<(), Failed> {
        let key = (draft.name.clone(), draft.language.clone());
        let text = (draft.language.clone(), digest::hex(&[draft.text.as_bytes()]));
        let why = self.look(&draft).or_else(|| match self.now.get(&key) {
            Some((_, other)) => Some(Why::Twice(other.clone())),
            None => self.texts.get(&text).cloned().map(Why::Same),
        });
        if let Some(why) = why {
            return self.drop(Some(&draft.language), &draft.name, &draft.address, why);
        }
        let address = draft.address.clone();
        let (id, is_new) = self.project.store().put_document(&NewDocument {
            source: self.source.name.clone(),
            name: draft.name,
            language: draft.language,
            title: draft.title,
            text: draft.text,
            license: self.source.license.clone(),
            address: draft.address,
            dated: draft.dated,
            sha256: draft.sha256,
            link: draft.link,
            groups: draft.groups,
            recent: draft.recent || self.source.recent,
        })?;
        let before = self.before.get(&key).copied();
        let row = self.row(Some(&key.1));
        match before {
            Some(before) if before == id => row.same += 1,
            Some(_) => row.changed += 1,
            None if is_new => row.new += 1,
            // It was gone, and is there again as it was.
            None => row.new += 1,
        }
        self.texts.insert(text, address.clone());
        self.now.insert(key, (id, address));
        self.done(false)
    }

    /// Leaves a document out: its language and name where they are known, what is told of it, why.
    pub fn drop(
        &mut self,
        language: Option<&str>,
        name: &str,
        what: &str,
        why: Why,
    ) -> Result<(), Failed> {
        if let (true, Some(language)) = (why.is_unseen(), language) {
            self.unseen.push((name.to_owned(), language.to_owned()));
        }
        self.row(language).dropped += 1;
        self.dropped.push(Left {
            source: self.source.name.clone(),
            what: plain(what, TOLD),
            kind: why.kind(),
            why: why.to_string(),
        });
        self.done(true)
    }

    /// Documents that nobody asked for.
    pub fn pass(&mut self, documents: usize) {
        self.passed += documents;
    }

    /// Ends the source. Where it was read `whole`, the store's other documents of it are gone.
    pub fn finish(mut self, whole: bool, summary: &mut Summary) -> Result<(), StepError> {
        if self.begun {
            self.listener.on(&Event::Finished { stage: Stage::Step(STEP) });
        }
        let store = self.project.store();
        if whole {
            let unseen = self.unseen.iter().filter_map(|key| self.before.get(key));
            let mut kept: Vec<i64> = unseen.copied().collect();
            kept.extend(self.now.values().map(|(id, _)| *id));
            store.keep_only(&self.source.name, &kept)?;
            let before = std::mem::take(&mut self.before);
            for key in before.into_keys() {
                if !self.now.contains_key(&key) && !self.unseen.contains(&key) {
                    self.row(Some(&key.1)).gone += 1;
                }
            }
        }
        let dropped: Vec<Dropped> = self
            .dropped
            .iter()
            .map(|left| Dropped {
                what: left.what.clone(),
                why: format!("{}: {}", left.kind, left.why),
            })
            .collect();
        store.set_dropped(STEP, &self.source.name, &dropped)?;
        let position = |tag: &Option<String>| {
            tag.as_ref().map_or(usize::MAX, |tag| Languages::current().position(tag))
        };
        let mut rows: Vec<Row> = self.rows.into_values().collect();
        rows.sort_by_key(|row| position(&row.language));
        summary.rows.extend(rows);
        summary.dropped.extend(self.dropped);
        if self.passed > 0 {
            let source = self.source.name.clone();
            summary.passed_over.push(Passed { source, documents: self.passed });
        }
        Ok(())
    }

    /// What is wrong with a document by itself.
    fn look(&self, draft: &Draft) -> Option<Why> {
        let least = self.project.config().collect.least_characters;
        let characters = draft.text.chars().count();
        if characters < least {
            return Some(Why::Short { characters, least });
        }
        let english = |tag: &str| {
            Languages::current().tag(tag).map_or(tag.to_owned(), |found| found.english.clone())
        };
        match compare(&draft.text, &draft.language) {
            Match::Other(seems) => {
                Some(Why::Language { claimed: english(&draft.language), seems: seems.map(english) })
            }
            Match::Same | Match::Unknown => None,
        }
    }

    fn row(&mut self, language: Option<&str>) -> &mut Row {
        let language = language.map(str::to_owned);
        let source = self.source.name.clone();
        self.rows.entry(language.clone()).or_insert(Row {
            source,
            language,
            new: 0,
            changed: 0,
            same: 0,
            gone: 0,
            dropped: 0,
        })
    }

    fn done(&self, failed: bool) -> Result<(), Failed> {
        self.listener.on(&Event::Done { failed });
        match self.stop.asked() {
            true => Err(Failed::Step(StepError::Call(CallError::Stopped))),
            false => Ok(()),
        }
    }
}
