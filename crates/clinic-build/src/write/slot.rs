//! One slot: the item in English, and then in all other languages side by side.

use clinic_core::digest;
use clinic_core::exchange::{Message, Prompt, Request, Sampling};
use clinic_core::language::{Language, Languages};
use clinic_core::plain::plain;
use clinic_core::task::Task;
use clinic_engine::model::{Failure, Model, ModelError};
use clinic_engine::run::{CallError, Caller, Structured};
use serde_json::Value;

use super::fault::{Fault, Sort};
use super::plan::{Slot, key};
use super::reply::{self, Read};
use super::{request, rules};
use crate::error::StepError;
use crate::project::Project;
use crate::recipe::Recipe;
use crate::store::{Cells, Document, Failed, Item, NewItem, Text};

/// Who writes, and how it is asked.
pub(super) struct Writer<'a> {
    pub project: &'a Project,
    pub model: &'a dyn Model,
    pub caller: &'a Caller,
    pub structured: Structured,
    pub reasoning_tokens: u32,
}

/// How a slot ended.
pub(super) enum Ended {
    /// Its item is there in all languages.
    Whole,
    /// In these languages no reply could be used.
    Dropped(Vec<Failed>),
    /// The provider gave no reply; nothing is known of the slot.
    Unanswered(ModelError),
}

/// Why there is no text.
enum Miss {
    /// No reply could be used; so many were asked for, all told.
    Fault(Fault, u32),
    Unanswered(ModelError),
    End(StepError),
}

impl<E: Into<StepError>> From<E> for Miss {
    fn from(error: E) -> Self {
        Self::End(error.into())
    }
}

/// A reply that can be used.
struct Kept {
    read: Read,
    cells: Cells,
    prompt: String,
    seed: u64,
}

/// What a text is asked for.
struct Wanted<'a> {
    task: &'a Task,
    recipe: &'a Recipe,
    key: &'a str,
    place: usize,
    language: &'a Language,
    /// The cells of the English text, where this is another language.
    english: Option<&'a Cells>,
    /// Replies that were asked for in an earlier session.
    spent: u32,
}

impl Writer<'_> {
    /// Fills a slot as far as replies can be used.
    pub async fn fill(
        &self,
        task: &Task,
        recipe: &Recipe,
        slot: &Slot,
    ) -> Result<Ended, StepError> {
        let store = self.project.store();
        let document = store.document(slot.document)?;
        let (item, english) = match &slot.item {
            Some(item) => {
                let texts = store.texts(item.id)?;
                let Some(english) = texts.into_iter().find(|text| text.language == "en") else {
                    let what = format!("build.sqlite: the item {} has no English", item.body.key);
                    return Err(StepError::Input(what));
                };
                (item.clone(), english)
            }
            None => match self.english(task, recipe, slot, &document).await {
                Ok(made) => made,
                Err(miss) => return self.ended(recipe, slot, vec![("en", miss)]),
            },
        };
        let others = slot.lacking.iter().map(|(tag, version)| {
            let (item, english, document) = (&item, &english, &document);
            async move {
                let text = self.other(task, recipe, slot, item, english, document, tag, *version);
                (tag.as_str(), text.await)
            }
        });
        let outcomes = futures::future::join_all(others).await;
        let misses: Vec<(&str, Miss)> =
            outcomes.into_iter().filter_map(|(tag, text)| Some((tag, text.err()?))).collect();
        self.ended(recipe, slot, misses)
    }

    /// How a slot ends with these misses; what could not be written is kept, so that the next run
    /// passes over it.
    fn ended(
        &self,
        recipe: &Recipe,
        slot: &Slot,
        misses: Vec<(&str, Miss)>,
    ) -> Result<Ended, StepError> {
        let (mut dropped, mut unanswered, mut end) = (Vec::new(), None, None);
        for (language, miss) in misses {
            match miss {
                Miss::Fault(fault, attempts) => {
                    let failed = self.failed(recipe, slot, language, attempts, &fault);
                    self.project.store().put_failed(&failed)?;
                    dropped.push(failed);
                }
                Miss::Unanswered(error) => unanswered = Some(error),
                // Being stopped follows from another error, if there is one.
                Miss::End(error) if end.is_none() || !is_stop(&error) => end = Some(error),
                Miss::End(_) => {}
            }
        }
        match (end, unanswered) {
            (Some(error), _) => Err(error),
            (None, _) if !dropped.is_empty() => Ok(Ended::Dropped(dropped)),
            (None, Some(error)) => Ok(Ended::Unanswered(error)),
            (None, None) => Ok(Ended::Whole),
        }
    }

    fn failed(
        &self,
        recipe: &Recipe,
        slot: &Slot,
        language: &str,
        attempts: u32,
        fault: &Fault,
    ) -> Failed {
        Failed {
            task: recipe.task.clone(),
            document: slot.document,
            nth: slot.nth,
            recipe: recipe.digest.clone(),
            language: language.to_owned(),
            model: self.model.identity().to_owned(),
            attempts,
            sort: fault.sort.to_string(),
            why: fault.what.clone(),
        }
    }

    /// Writes the item in English and keeps it.
    async fn english(
        &self,
        task: &Task,
        recipe: &Recipe,
        slot: &Slot,
        document: &Document,
    ) -> Result<(Item, Text), Miss> {
        let key = key(self.project, recipe, document, slot.nth);
        let characters = self.project.config().write.characters;
        let asked = request::english(task, recipe, document, slot.nth, characters);
        let wanted = Wanted {
            task,
            recipe,
            key: &key,
            place: slot.place.unwrap_or(0),
            language: language("en")?,
            english: None,
            spent: slot.spent.get("en").copied().unwrap_or(0),
        };
        let kept = self.ask(&wanted, asked).await?;
        let body = NewItem {
            key: key.clone(),
            task: task.name.clone(),
            document: document.id,
            nth: slot.nth,
            place: slot.place,
            domains: kept.read.domains.clone(),
            recipe: recipe.digest.clone(),
            seed: self.project.config().seed,
        };
        let text = self.text("en", document.id, kept);
        let id = self.project.store().put_item(&body, &text)?;
        self.made_good(recipe, slot, "en")?;
        Ok((Item { id, body }, text))
    }

    /// Writes the item in another language and keeps it.
    #[expect(clippy::too_many_arguments, reason = "each is another part of one request")]
    async fn other(
        &self,
        task: &Task,
        recipe: &Recipe,
        slot: &Slot,
        item: &Item,
        english: &Text,
        source: &Document,
        tag: &str,
        version: i64,
    ) -> Result<(), Miss> {
        let (store, language) = (self.project.store(), language(tag)?);
        let document = store.document(version)?;
        let characters = self.project.config().write.characters;
        let asked = request::translation(
            task,
            recipe,
            language,
            source,
            &english.fields,
            &document,
            characters,
        );
        let wanted = Wanted {
            task,
            recipe,
            key: &item.body.key,
            place: item.body.place.unwrap_or(0),
            language,
            english: Some(&english.cells),
            spent: slot.spent.get(tag).copied().unwrap_or(0),
        };
        let kept = self.ask(&wanted, asked).await?;
        store.put_text(item.id, &self.text(tag, document.id, kept))?;
        self.made_good(recipe, slot, tag)?;
        Ok(())
    }

    fn text(&self, language: &str, document: i64, kept: Kept) -> Text {
        Text {
            language: language.to_owned(),
            document,
            fields: kept.read.fields,
            cells: kept.cells,
            model: self.model.identity().to_owned(),
            prompt: kept.prompt,
            seed: kept.seed,
            time: String::new(),
        }
    }

    /// Forgets an earlier failure.
    fn made_good(&self, recipe: &Recipe, slot: &Slot, language: &str) -> Result<(), StepError> {
        if slot.spent.contains_key(language) {
            let nothing = Sort::Empty.with("");
            let failed = self.failed(recipe, slot, language, 0, &nothing);
            self.project.store().forget_failed(&failed)?;
        }
        Ok(())
    }

    /// Asks until a reply can be used, or as often as may be.
    async fn ask(&self, wanted: &Wanted<'_>, asked: Vec<Message>) -> Result<Kept, Miss> {
        let Wanted { recipe, language, .. } = wanted;
        let domains = wanted.english.is_none();
        let config = &self.project.config().write;
        let schema = reply::schema(recipe, domains);
        let (mut messages, mut last) = (asked.clone(), Sort::Empty.with("nothing was asked"));
        let attempts = wanted.spent..wanted.spent + config.attempts;
        for attempt in attempts.clone() {
            let seed = seed(wanted.key, &language.tag, attempt);
            let request = Request {
                prompt: Prompt::Chat(messages.clone()),
                sampling: Sampling {
                    max_tokens: config.max_tokens,
                    reasoning_tokens: self.reasoning_tokens,
                    temperature: Some(config.temperature),
                    top_p: None,
                    seed,
                },
                schema: Some(schema.clone()),
            };
            let said = match self.structured.ask(self.caller, self.model, request).await {
                Ok(said) => said,
                Err(CallError::Model(error)) if error.kind.blames_request() => {
                    let why = format!("the model refuses it: {}", plain(&error.message, 200));
                    return Err(Miss::Fault(Sort::Refused.with(why), attempt + 1));
                }
                Err(CallError::Model(error)) if error.kind != Failure::Unusable => {
                    return Err(Miss::Unanswered(error));
                }
                Err(error) => return Err(error.into()),
            };
            let read = reply::read(recipe, domains, &said);
            let made = read.and_then(|read| {
                let (place, english) = (wanted.place, wanted.english);
                let cells =
                    rules::cells(wanted.task, recipe, &read.fields, place, language, english)?;
                Ok((read, cells))
            });
            match made {
                Ok((read, cells)) => {
                    let prompt = digest::hex(&[written(&messages).as_bytes()]);
                    return Ok(Kept { read, cells, prompt, seed });
                }
                Err(fault) => {
                    messages = request::again(&asked, &said.text, &fault);
                    last = fault;
                }
            }
        }
        Err(Miss::Fault(last, attempts.end))
    }
}

/// Messages as they are hashed: the JSON of a list of roles and contents.
fn written(messages: &[Message]) -> String {
    let of = |message: &Message| serde_json::json!(message);
    Value::Array(messages.iter().map(of).collect()).to_string()
}

/// The seed of an attempt, in 31 bits, which every provider takes.
fn seed(key: &str, language: &str, attempt: u32) -> u64 {
    let parts = [b"write".as_slice(), key.as_bytes(), language.as_bytes(), &attempt.to_le_bytes()];
    digest::number(&parts) & 0x7fff_ffff
}

/// A language of the project by its tag.
fn language(tag: &str) -> Result<&'static Language, StepError> {
    let missing = || StepError::Input(format!("no language has the tag '{tag}'"));
    Languages::current().tag(tag).ok_or_else(missing)
}

/// Whether an error only says that another one ended the step.
pub(super) fn is_stop(error: &StepError) -> bool {
    matches!(error, StepError::Call(CallError::Stopped))
}
