//! `answered`: whether the document answers the item, for tasks whose recipe is `grounded`.
//!
//! A judge sees what an item of the task must be, the item and its document in the same language,
//! and says yes, partly or no, with words of the document. Its word alone is not taken: the quoted
//! words must stand in the document. Yes passes, partly warns, no blocks, and so does a quote that
//! is not there. A reply that cannot be read is asked for once more; after that the text is told as
//! not checked, which is never a pass.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use clinic_core::exchange::{Finish, Message, Prompt, Request, Role, Sampling};
use clinic_core::plain::plain;
use clinic_core::reply;
use clinic_engine::model::{Failure, Model};
use clinic_engine::run::{CallError, Caller, Event, Listener, Structured};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::json;

use super::prompt::{self, Shown};
use super::quote::{self, Quoted};
use super::set::{Entry, Said, Set};
use crate::StepError;
use crate::store::{Finding, Text};

pub(super) const NAME: &str = "answered";
/// Tokens of a reply at most, reasoning aside.
const REPLY: u32 = 600;
/// Replies asked for until one can be used.
const ASKS: u64 = 2;
/// Characters of a reply that is shown when it is asked for again.
const REPAIRED: usize = 2_000;

const UNCHECKED: &str = "run clinic build check again, with another judge if need be";

/// A judge's reply: these three keys, each once, and no other.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Verdict {
    answered: Answered,
    quote: String,
    why: String,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Answered {
    Yes,
    Partly,
    No,
}

/// The texts that a document must answer.
pub(super) fn texts<'s>(
    set: &'s Set<'_>,
) -> impl Iterator<Item = (&'s Entry<'s>, &'s Text)> + use<'s> {
    set.tasks
        .iter()
        .filter(|task| task.recipe.grounded)
        .flat_map(|task| &task.entries)
        .flat_map(|entry| entry.texts.iter().map(move |text| (entry, text)))
}

/// What stands for the check where no judge is named.
pub(super) fn not_done() -> Finding {
    let problem = "not done: no judge is named, so that nobody has looked whether documents answer \
        all items";
    Said::warn(NAME, problem, "name one: clinic build check --judge").of(None, None)
}

/// The findings, and how many texts could not be checked since a call failed.
pub(super) async fn check(
    set: &Set<'_>,
    judge: &dyn Model,
    reasoning_tokens: u32,
    caller: &Caller,
    listener: &dyn Listener,
) -> Result<(Vec<Finding>, usize), StepError> {
    let asking = Asking { set, judge, reasoning_tokens, caller, structured: Structured::default() };
    let width = caller.gates.of(judge.identity()).most().max(1);
    let over = AtomicBool::new(false);
    let one = async |(entry, text): (&Entry<'_>, &Text)| {
        if over.load(Relaxed) {
            return Err(CallError::Stopped.into());
        }
        let said = asking.said(entry, text).await;
        // Nothing more is sent; what is in flight is paid for, and so awaited and kept.
        over.fetch_or(said.is_err(), Relaxed);
        if let Ok((_, failed)) = &said {
            listener.on(&Event::Done { failed: *failed });
        }
        said.map(|(said, failed)| (entry.on(text, said), failed))
    };
    let all: Vec<_> = texts(set).map(one).collect();
    // In order, so that findings stand in one order whoever answers first.
    let answers: Vec<Result<(Finding, bool), StepError>> =
        stream::iter(all).buffered(width).collect().await;
    let (mut findings, mut failed, mut ended) = (Vec::new(), 0, None);
    for answer in answers {
        match answer {
            Ok((finding, lost)) => {
                findings.push(finding);
                failed += usize::from(lost);
            }
            Err(StepError::Call(CallError::Stopped)) if ended.is_some() => {}
            Err(error) => ended = Some(worse(ended, error)),
        }
    }
    if let Some(error) = ended {
        return Err(error);
    }
    findings.extend(own_work(set, judge));
    Ok((findings, failed))
}

/// Of two reasons to end, the one that says more than that it was stopped.
fn worse(known: Option<StepError>, new: StepError) -> StepError {
    match known {
        Some(known) if !matches!(known, StepError::Call(CallError::Stopped)) => known,
        _ => new,
    }
}

/// A model that grades what it wrote itself is no second opinion.
fn own_work(set: &Set<'_>, judge: &dyn Model) -> Option<Finding> {
    let all = texts(set).count();
    let own = texts(set).filter(|(_, text)| text.model == judge.identity()).count();
    let problem = format!("the judge wrote {own} of the {all} texts itself");
    let todo = "name another model as the judge";
    (own > 0).then(|| Said::warn(NAME, problem, todo).of(None, None))
}

struct Asking<'a> {
    set: &'a Set<'a>,
    judge: &'a dyn Model,
    reasoning_tokens: u32,
    caller: &'a Caller,
    structured: Structured,
}

impl Asking<'_> {
    /// What the judge says of a text, and whether a call failed.
    async fn said(&self, entry: &Entry<'_>, text: &Text) -> Result<(Said, bool), StepError> {
        let (title, document) = self.set.document(text)?;
        let shown =
            Shown::new(entry, text, &title, &document, self.set.project.config().write.characters);
        let first = [
            Message { role: Role::System, content: prompt::SYSTEM.to_owned() },
            Message { role: Role::User, content: shown.prompt() },
        ];
        let mut messages = first.to_vec();
        let mut last = None;
        for ask in 0..ASKS {
            let reply = match self.call(messages.clone(), ask).await {
                Ok(reply) => reply,
                Err(CallError::Model(error)) if error.kind != Failure::Unusable => {
                    return Ok((unchecked(&format!("the judge failed: {error}")), true));
                }
                Err(error) => return Err(error.into()),
            };
            let judged = judged(&reply.text, reply.finish, &shown, &document);
            if judged.is_final {
                return Ok((judged.said, false));
            }
            messages = first.to_vec();
            if !reply.text.trim().is_empty() {
                let content = reply.text.chars().take(REPAIRED).collect();
                messages.push(Message { role: Role::Assistant, content });
                messages.push(Message { role: Role::User, content: judged.repair });
            }
            last = Some(judged.said);
        }
        Ok((last.unwrap_or_else(|| unchecked("the judge was not asked")), false))
    }

    async fn call(
        &self,
        messages: Vec<Message>,
        seed: u64,
    ) -> Result<clinic_core::exchange::Reply, CallError> {
        let request = Request {
            prompt: Prompt::Chat(messages),
            sampling: Sampling {
                max_tokens: REPLY,
                reasoning_tokens: self.reasoning_tokens,
                temperature: Some(0.0),
                top_p: None,
                seed,
            },
            schema: Some(schema()),
        };
        self.structured.ask(self.caller, self.judge, request).await
    }
}

fn schema() -> serde_json::Value {
    json!({
        "type": "object",
        "properties": {
            "quote": {"type": "string", "maxLength": 600},
            "why": {"type": "string", "maxLength": 300},
            "answered": {"type": "string", "enum": ["yes", "partly", "no"]},
        },
        "required": ["quote", "why", "answered"],
        "additionalProperties": false,
    })
}

/// What came of a reply.
struct Judged {
    said: Said,
    /// Whether asking again could not change it.
    is_final: bool,
    /// What the judge is told when it is asked again.
    repair: String,
}

fn judged(text: &str, finish: Finish, shown: &Shown, document: &str) -> Judged {
    let again = |said, repair: &str| Judged { said, is_final: false, repair: repair.to_owned() };
    let last = |said| Judged { said, is_final: true, repair: String::new() };
    if finish == Finish::Filtered {
        return last(unchecked("the provider held the judge's reply back"));
    }
    let verdict = reply::object::<Verdict>(text)
        .filter(|verdict| !shown.texts().iter().any(|shown| reply::stands_in(verdict, shown)));
    let Some(verdict) = verdict else {
        let said = unchecked("the judge's reply cannot be read");
        return again(said, &format!("That reply cannot be read. {}", prompt::FORM));
    };
    let why = plain(&verdict.why, 200);
    if verdict.answered == Answered::No {
        let said = Said::block(NAME, format!("its document does not answer it: {why}"), TODO);
        return last(said);
    }
    let words = plain(&verdict.quote, 200);
    let problem = match quote::find(&verdict.quote, document) {
        Quoted::Found if verdict.answered == Answered::Yes => {
            return last(Said::pass(NAME, format!("\"{words}\"")).measure(1.0));
        }
        Quoted::Found => {
            let problem = format!("its document answers it in part: {why} \"{words}\"");
            return last(Said::warn(NAME, problem, "read the document beside it").measure(1.0));
        }
        Quoted::Short => {
            format!("the judge quotes too little to show that its document answers it: \"{words}\"")
        }
        Quoted::Lost { run, words: all } => format!(
            "what the judge quotes does not stand in its document, {run} of {all} words in a row do: \
             \"{words}\""
        ),
    };
    let said = Said::block(NAME, problem, TODO).measure(0.0);
    again(
        said,
        &format!("Those words do not stand in the document, or are too few. {}", prompt::FORM),
    )
}

const TODO: &str = "have another item written from the document";

fn unchecked(why: &str) -> Said {
    Said::warn(NAME, format!("could not be checked: {}", plain(why, 300)), UNCHECKED)
}
