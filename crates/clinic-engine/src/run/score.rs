//! The second half of a run: every sample gets its scores or a reason.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use clinic_core::score::{Outcome, Score};
use futures::channel::mpsc::UnboundedReceiver;
use futures::stream::{self, StreamExt};

use super::event::{Event, Listener, Stage};
use super::folder::{Run, RunError};
use super::work::{Ready, stop_at, unless_ended};
use super::writer::Write;
use crate::scorer::{self, Input, Panel, Scorer};

/// What scoring needs beside the run.
pub struct Scoring {
    /// Judges and embedder.
    pub panel: Panel,
    /// Who hears of events.
    pub listener: Arc<dyn Listener>,
}

/// Samples read from the store at once.
const PAGE: usize = 512;

/// Samples of one task that are scored together.
type Unit = (usize, Vec<i64>);

/// Scores every sample from the responses that the store holds, as `ready` names them and then all
/// that are left.
///
/// Scoring again asks judges and embedder only what they were not asked before.
pub(super) async fn score(
    run: &Run,
    with: &Scoring,
    ready: Option<UnboundedReceiver<Ready>>,
) -> Result<(), RunError> {
    let store = run.store();
    let stop = &with.panel.caller.stop;
    let total = store.count(None)?;
    store.set_half_scored(true)?;
    with.listener.on(&Event::Started { stage: Stage::Score, total, done: 0 });
    let scorers: Vec<_> = run.tasks().iter().map(|task| scorer::build(task, &with.panel)).collect();
    let feed = Feed::new(run, &scorers, ready);
    let units = stream::unfold(feed, |mut feed| async {
        if stop.asked() {
            return None;
        }
        let unit = feed.next().await.transpose();
        // What it waited for may never have come.
        unit.filter(|_| !stop.asked()).map(|unit| (unit, feed))
    });
    let outcomes = units
        .map(|unit| async {
            let outcome = match unit {
                Ok((task, ids)) => one(run, with, scorers[task].as_ref(), &ids).await,
                Err(error) => Err(error),
            };
            stop_at(&with.panel.caller, outcome)
        })
        .buffer_unordered(with.panel.width());
    let mut outcomes = std::pin::pin!(outcomes);
    // The first error ends the feeding; what is in flight is still waited for and kept.
    let mut first = Ok(());
    while let Some(outcome) = outcomes.next().await {
        first = first.and(outcome);
    }
    if first.is_ok() && !stop.asked() {
        store.set_half_scored(false)?;
    }
    with.listener.on(&Event::Finished { stage: Stage::Score });
    first
}

/// Scores some samples of a task and keeps what came of it.
async fn one(run: &Run, with: &Scoring, scorer: &dyn Scorer, ids: &[i64]) -> Result<(), RunError> {
    let store = run.store();
    let mut inputs = Vec::new();
    for id in ids {
        let (sample, responses) = (store.sample(*id)?, store.responses(*id)?);
        inputs.push(Input { id: *id, sample, responses });
    }
    // Where it is stopped, the replies that came are in the store; the next scoring begins with them.
    let Some(scores) = unless_ended(scorer.score(&inputs).await)? else { return Ok(()) };
    let (writer, identity) = (store.writer()?, scorer.identity());
    let writes = ids.iter().zip(scores).map(|(id, scores)| {
        let failed = |score: &&Score| matches!(score.outcome, Outcome::Failed(_));
        let failed = scores.iter().filter(failed).count();
        let write = Write::Scores { sample: *id, scores, scorer: identity.clone() };
        async move {
            writer.write(write).await?;
            with.listener.on(&Event::Scored { failed });
            Ok::<_, RunError>(())
        }
    });
    futures::future::try_join_all(writes).await?;
    Ok(())
}

/// What is to be scored next: samples that are ready, then all others, task by task.
struct Feed<'a> {
    run: &'a Run,
    scorers: &'a [Box<dyn Scorer + 'a>],
    ready: Option<UnboundedReceiver<Ready>>,
    /// Place of each task by name.
    places: HashMap<&'a str, usize>,
    /// Samples that wait for others of their task, to be scored together.
    waiting: Vec<Vec<i64>>,
    /// Samples that were given out.
    given: HashSet<i64>,
    task: usize,
    after: i64,
    units: VecDeque<Unit>,
}

impl<'a> Feed<'a> {
    fn new(
        run: &'a Run,
        scorers: &'a [Box<dyn Scorer + 'a>],
        ready: Option<UnboundedReceiver<Ready>>,
    ) -> Self {
        let names = run.tasks().iter().enumerate();
        Self {
            run,
            scorers,
            ready,
            places: names.map(|(place, task)| (task.name.as_str(), place)).collect(),
            waiting: vec![Vec::new(); scorers.len()],
            given: HashSet::new(),
            task: 0,
            after: 0,
            units: VecDeque::new(),
        }
    }

    async fn next(&mut self) -> Result<Option<Unit>, RunError> {
        while let Some(ready) = &mut self.ready {
            let Some(Ready { task, id }) = ready.next().await else {
                self.ready = None;
                break;
            };
            let Some(place) = self.places.get(task.as_str()).copied() else { continue };
            self.waiting[place].push(id);
            if self.waiting[place].len() >= self.scorers[place].together() {
                let ids = std::mem::take(&mut self.waiting[place]);
                self.given.extend(&ids);
                return Ok(Some((place, ids)));
            }
        }
        while self.units.is_empty() && self.task < self.scorers.len() {
            self.page()?;
        }
        Ok(self.units.pop_front())
    }

    /// Reads on in the task that is due; what was given out already is passed over.
    fn page(&mut self) -> Result<(), RunError> {
        let name = &self.run.tasks()[self.task].name;
        let page = self.run.store().ids(name, self.after, PAGE)?;
        let Some(last) = page.last() else {
            (self.task, self.after) = (self.task + 1, 0);
            return Ok(());
        };
        self.after = *last;
        let left: Vec<i64> = page.into_iter().filter(|id| !self.given.contains(id)).collect();
        for ids in left.chunks(self.scorers[self.task].together()) {
            self.units.push_back((self.task, ids.to_vec()));
        }
        Ok(())
    }
}
