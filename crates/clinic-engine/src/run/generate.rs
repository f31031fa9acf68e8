//! The first half of a run: every pending prompt gets a response or a reason.

use std::collections::VecDeque;
use std::sync::Arc;

use clinic_core::exchange::{Finish, Reply, Usage};
use clinic_core::{plain, reasoning};
use futures::channel::mpsc::UnboundedSender;
use futures::stream::{self, StreamExt};
use tracing::Instrument;

use super::ask::{Caller, call, key};
use super::event::{Event, Listener, Stage};
use super::folder::{Run, RunError};
use super::response::{Response, State};
use super::store::{Ask, Store, StoreError};
use super::work::{Ready, stop_at, unless_ended};
use super::writer::Write;
use crate::model::{Model, ModelError};
use crate::scorer::ScorerError;

/// What generating needs beside the run.
pub struct Generation {
    /// The model under test.
    pub model: Arc<dyn Model>,
    /// The way to it.
    pub caller: Caller,
    /// Who hears of events.
    pub listener: Arc<dyn Listener>,
}

/// Rows read from the store at once.
const PAGE: usize = 1_000;

/// Calls to a place at the endpoint: those that wait to try again hold none.
const CALLS: usize = 2;

/// Asks every prompt that has no answer yet. Samples that have nothing more to wait for are told to
/// `ready`.
pub(super) async fn generate(
    run: &Run,
    with: &Generation,
    ready: Option<UnboundedSender<Ready>>,
) -> Result<(), RunError> {
    let store = run.store();
    let tally = store.tally()?;
    let total = tally.iter().map(|(_, n)| n).sum();
    let open = |s: &State| matches!(s, State::Pending | State::Failed);
    let done = tally.iter().filter(|(s, _)| !open(s)).map(|(_, n)| n).sum();
    with.listener.on(&Event::Started { stage: Stage::Generate, total, done });
    if let Some(ready) = &ready {
        store.settled()?.into_iter().for_each(|sample| tell(ready, sample));
    }
    let stop = &with.caller.stop;
    let asks = stream::unfold(Feed::new(store), |mut feed| async {
        if stop.asked() {
            return None;
        }
        feed.next().transpose().map(|ask| (ask, feed))
    });
    let calls = CALLS * with.caller.gates.of(with.model.identity()).most();
    let outcomes = asks
        .map(|ask| async {
            let outcome = match ask {
                Ok(ask) => answer(run, with, ask, ready.as_ref()).await,
                Err(error) => Err(error.into()),
            };
            stop_at(&with.caller, outcome)
        })
        .buffer_unordered(calls);
    let mut outcomes = std::pin::pin!(outcomes);
    // The first error ends the feeding; what is in flight is still waited for and kept.
    let mut first = Ok(());
    while let Some(outcome) = outcomes.next().await {
        first = first.and(outcome);
    }
    with.listener.on(&Event::Finished { stage: Stage::Generate });
    first
}

fn tell(ready: &UnboundedSender<Ready>, sample: Ready) {
    // Whoever scores may have ended at an error, which is told elsewhere.
    let _ = ready.unbounded_send(sample);
}

/// Pending rows, a page at a time.
struct Feed<'a> {
    store: &'a Store,
    page: VecDeque<Ask>,
    after: i64,
}

impl<'a> Feed<'a> {
    fn new(store: &'a Store) -> Self {
        Self { store, page: VecDeque::new(), after: 0 }
    }

    fn next(&mut self) -> Result<Option<Ask>, StoreError> {
        if self.page.is_empty() {
            self.page = self.store.to_ask(self.after, PAGE)?.into();
        }
        let ask = self.page.pop_front();
        self.after = ask.as_ref().map_or(self.after, |ask| ask.row);
        Ok(ask)
    }
}

async fn answer(
    run: &Run,
    with: &Generation,
    ask: Ask,
    ready: Option<&UnboundedSender<Ready>>,
) -> Result<(), RunError> {
    let store = run.store();
    let sample = store.sample(ask.sample)?;
    let Some(task) = run.task(&sample.task) else { return Ok(()) };
    let request = run.plan().request(task, &sample, &ask.variant, &ask.prompt);
    let identity = with.model.identity();
    let key = key(identity, &request);
    let cache = &with.caller.cache;
    let shared = cache.as_ref().map(|cache| cache.get(&key)).transpose()?.flatten();
    let cached = shared.is_some();
    let (reply, attempts) = match shared {
        Some(reply) => (Ok(reply), 0),
        None => {
            let span = tracing::info_span!(
                "sample",
                task = task.name,
                language = sample.language,
                item = sample.item,
                variant = ask.variant
            );
            let told = || with.model.told();
            let attempt = || with.model.generate(request.clone());
            let asked = with.caller.through(identity, call(&key, &request), told, attempt);
            asked.instrument(span).await
        }
    };
    // Kept in the run first: a cache that cannot be written must not cost an answer.
    let to_share = reply.as_ref().ok().filter(|_| !cached && cache.is_some()).cloned();
    let reply = match reply {
        Ok(reply) => Ok(reply),
        Err(error) => {
            let model = &run.plan().model.name;
            match unless_ended(ScorerError::unless_own(error, model))? {
                Some(error) => Err(error),
                // Its attempts were cut short, so it stays pending.
                None => return Ok(()),
            }
        }
    };
    tracing::debug!(target: "clinic::text", key, prompt = ask.prompt, ?reply, "answer");
    let sampling = request.sampling;
    // An answer that ended at its own limit was no reasoning.
    let beyond = |reply: &Reply| {
        let used = reply.usage.completion_tokens;
        used == 0 || used > u64::from(sampling.max_tokens)
    };
    let thinks = sampling.reasoning_tokens > 0 && reply.as_ref().is_ok_and(beyond);
    let response = response(ask.variant, ask.prompt, reply, attempts, thinks);
    let event = Event::Answered { state: response.state, cached };
    let write = Write::Response { row: ask.row, response: Box::new(response) };
    store.writer()?.write(write).await?;
    with.listener.on(&event);
    if let (Some(reply), Some(cache)) = (to_share, cache) {
        cache.put(&key, &reply)?;
    }
    if let Some(ready) = ready
        && (sample.variants.len() == 1 || store.is_settled(ask.sample)?)
    {
        tell(ready, Ready { task: sample.task, id: ask.sample });
    }
    Ok(())
}

/// The row of a reply or of its absence. `thinks`: it used
/// tokens that it was given to reason with.
pub(super) fn response(
    variant: String,
    prompt: String,
    reply: Result<Reply, ModelError>,
    attempts: u32,
    thinks: bool,
) -> Response {
    let mut response = Response {
        variant,
        prompt,
        state: State::Failed,
        text: None,
        raw: None,
        reasoning: None,
        truncated: false,
        error: None,
        attempts,
        usage: Usage::default(),
    };
    let reply = match reply {
        Ok(reply) => reply,
        Err(error) => {
            response.error = Some(error.message);
            return response;
        }
    };
    response.usage = reply.usage;
    response.truncated = reply.finish == Finish::Length;
    let parts = reasoning::split(&reply.text);
    let thought = [reply.reasoning, parts.reasoning];
    let thought = thought.into_iter().flatten().collect::<Vec<_>>().join("\n");
    response.reasoning = Some(thought).filter(|t| !t.is_empty());
    let mut answer = parts.answer.filter(|answer| plain::is_visible(answer));
    // A template may open the reasoning where only the server sees it: what a thinking model was cut
    // off in, without having closed anything, is no answer.
    if thinks && reply.finish == Finish::Length && response.reasoning.is_none() {
        response.reasoning = answer.take();
    }
    response.state = match (&answer, reply.finish) {
        (_, Finish::Filtered) => State::Filtered,
        (Some(_), _) => State::Answered,
        (None, Finish::Length) if response.reasoning.is_some() => State::CutOff,
        (None, _) => State::Empty,
    };
    let raw = reply.text.trim();
    response.raw = (Some(raw) != answer.as_deref() && !raw.is_empty()).then(|| raw.to_owned());
    response.text = answer;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(
        text: &str,
        reasoning: Option<&str>,
        finish: Finish,
        thinks: bool,
    ) -> (State, Option<String>) {
        let reply = Reply {
            text: text.to_owned(),
            reasoning: reasoning.map(str::to_owned),
            finish,
            usage: Usage::default(),
        };
        let response = response("question".to_owned(), String::new(), Ok(reply), 1, thinks);
        (response.state, response.text)
    }

    #[test]
    fn each_reply_has_one_state() {
        let text = |t: &str| Some(t.to_owned());
        for (reply, reasoning, finish, expected) in [
            (" B ", None, Finish::Stop, (State::Answered, text("B"))),
            ("B", None, Finish::Length, (State::Answered, text("B"))),
            (" ", None, Finish::Stop, (State::Empty, None)),
            ("\u{200b}\u{feff}", None, Finish::Stop, (State::Empty, None)),
            ("", None, Finish::Length, (State::Empty, None)),
            ("<think>hm", None, Finish::Length, (State::CutOff, None)),
            ("", Some("hm"), Finish::Length, (State::CutOff, None)),
            ("<think>hm</think>", None, Finish::Stop, (State::Empty, None)),
            ("<think>hm</think>B", None, Finish::Stop, (State::Answered, text("B"))),
            ("", None, Finish::Filtered, (State::Filtered, None)),
        ] {
            assert_eq!(state(reply, reasoning, finish, false), expected, "{reply}");
        }
    }

    #[test]
    fn a_thinking_model_that_is_cut_off_has_not_answered() {
        let cut = |text, finish| state(text, None, finish, true);
        assert_eq!(cut("so the dose", Finish::Length), (State::CutOff, None));
        assert_eq!(
            cut("so</think>5 mg", Finish::Length),
            (State::Answered, Some("5 mg".to_owned()))
        );
        assert_eq!(cut("5 mg", Finish::Stop), (State::Answered, Some("5 mg".to_owned())));
    }
}
