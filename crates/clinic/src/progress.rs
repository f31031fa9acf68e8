//! Progress on stderr: a bar on a terminal, one plain line now and then elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clinic_engine::model::Failure;
use clinic_engine::run::{Event, Listener, Stage, State};
use indicatif::{ProgressBar, ProgressStyle};

use crate::print;

/// Time between plain lines.
const QUIET: Duration = Duration::from_secs(10);

/// Time between looks of the bar: a message costs more than most events.
const LOOK: Duration = Duration::from_millis(100);

/// Listens to a run and shows where it is.
pub struct Progress(Mutex<Shown>);

struct Shown {
    bar: Option<ProgressBar>,
    terminal: bool,
    generate: Half,
    score: Half,
    spoke: Instant,
    budget: Option<f64>,
    /// Requests that are out.
    in_flight: usize,
    /// Batches that are out, their requests that are done, and all of these.
    batches: (usize, u64, u64),
    /// Tokens that came.
    tokens: u64,
    usd: f64,
    cached: usize,
    retries: usize,
    /// Attempts that failed, by kind.
    troubles: BTreeMap<&'static str, usize>,
    last_retry: String,
}

/// One half of the work. A step of making a set stands where scoring does.
#[derive(Default)]
struct Half {
    name: &'static str,
    total: usize,
    done: usize,
    /// Done when this session began.
    before: usize,
    failed: usize,
    begun: Option<Instant>,
    over: bool,
}

impl Progress {
    /// Nothing has happened yet, but `spent` was before, in USD; the budget is shown beside it.
    pub fn new(budget: Option<f64>, spent: f64) -> Self {
        Self(Mutex::new(Shown {
            bar: None,
            terminal: std::io::stderr().is_terminal(),
            generate: Half::default(),
            score: Half::default(),
            spoke: Instant::now(),
            budget,
            in_flight: 0,
            batches: (0, 0, 0),
            tokens: 0,
            usd: spent,
            cached: 0,
            retries: 0,
            troubles: BTreeMap::new(),
            last_retry: String::new(),
        }))
    }
}

impl Progress {
    /// Says something on a line of its own.
    pub fn say(&self, line: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).say(line);
    }

    /// Shows where the run is.
    pub fn show(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).show();
    }
}

impl Listener for Progress {
    fn on(&self, event: &Event<'_>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).on(event);
    }
}

impl Shown {
    fn on(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { stage, total, done } => self.start(*stage, *total, *done),
            Event::Sent => self.in_flight += 1,
            Event::Called { usage, usd, error } => {
                self.in_flight = self.in_flight.saturating_sub(1);
                self.tokens += usage.completion_tokens;
                self.usd += usd;
                if let Some(error) = error.filter(|error| error.kind != Failure::Stopped) {
                    *self.troubles.entry(error.kind.name()).or_default() += 1;
                }
            }
            Event::Answered { state, cached } => {
                self.generate.done += 1;
                self.cached += usize::from(*cached);
                self.generate.failed += usize::from(*state == State::Failed);
            }
            Event::Retrying { message, wait } => {
                self.retries += 1;
                let message = clinic_report::plain(message, 60);
                self.last_retry = format!("{message}; again in {:.1} s", wait.as_secs_f64());
            }
            Event::Scored { failed } => {
                self.score.done += 1;
                self.score.failed += failed;
            }
            Event::Done { failed } => {
                self.score.done += 1;
                self.score.failed += usize::from(*failed);
            }
            Event::Batches { batches, done, total } => {
                self.batches = (*batches, *done, *total);
            }
            Event::Notice { message } => return self.say(&clinic_report::plain(message, 300)),
            Event::Finished { stage } => return self.finish(*stage),
        }
        self.show();
    }

    fn half(&mut self, stage: Stage) -> &mut Half {
        match stage {
            Stage::Generate => &mut self.generate,
            Stage::Score | Stage::Step(_) => &mut self.score,
        }
    }

    fn start(&mut self, stage: Stage, total: usize, done: usize) {
        let begun = Some(Instant::now());
        let name = name(stage);
        *self.half(stage) = Half { name, total, done, before: done, begun, ..Half::default() };
        if self.terminal && self.bar.is_none() {
            self.bar = Some(bar());
        }
        if done > 0 {
            print::status(&format!("{name}: {done} of {total} are done already"));
        }
    }

    fn show(&mut self) {
        let due = if self.bar.is_some() { LOOK } else { QUIET };
        let works = |half: &Half| half.begun.is_some() && !half.over;
        if !works(&self.generate) && !works(&self.score) {
            return;
        }
        if self.spoke.elapsed() < due {
            return;
        }
        self.spoke = Instant::now();
        match &self.bar {
            Some(bar) => {
                let halves = [&self.generate, &self.score];
                bar.set_length(halves.iter().map(|half| half.total as u64).sum());
                bar.set_position(halves.iter().map(|half| half.done as u64).sum());
                bar.set_message(self.place().join(", "));
                // A line that is too long would be broken, and the bar drawn over it.
                bar.set_prefix(clinic_report::plain(&self.facts().join(", "), print::width() - 2));
            }
            None => print::status(&[self.place(), self.facts()].concat().join(", ")),
        }
    }

    /// Where the run is and how long it will take: what fits into 80 columns.
    fn place(&self) -> Vec<String> {
        let mut parts: Vec<String> = [&self.generate, &self.score]
            .into_iter()
            .filter(|half| half.begun.is_some() && !half.over)
            .map(Half::line)
            .collect();
        let (batches, done, total) = self.batches;
        if batches > 0 {
            parts.push(format!("batches out: {batches} ({done}/{total})"));
        }
        if self.in_flight > 0 {
            parts.push(format!("{} in flight", self.in_flight));
        }
        // Scoring cannot be faster than the answers come.
        let asks = self.generate.begun.is_some() && !self.generate.over;
        if let Some(left) = if asks { self.generate.left() } else { self.score.left() } {
            parts.push(format!("{} left", clock(left)));
        }
        parts
    }

    /// Cost, cache, tokens, retries and failures by kind, the last retry.
    fn facts(&self) -> Vec<String> {
        let mut facts = Vec::new();
        if self.usd > 0.0 || self.budget.is_some() {
            let of = self.budget.map(|usd| format!(" (budget {})", clinic_report::money(usd)));
            facts.push(format!("USD {}{}", clinic_report::money(self.usd), of.unwrap_or_default()));
        }
        if self.tokens > 0 {
            facts.push(format!("{} tokens", self.tokens));
        }
        if self.cached > 0 {
            facts.push(format!("{} cached", self.cached));
        }
        let troubles: Vec<String> =
            self.troubles.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        if !troubles.is_empty() {
            facts.push(format!("{} retries ({})", self.retries, troubles.join(", ")));
        }
        if !self.last_retry.is_empty() {
            facts.push(self.last_retry.clone());
        }
        facts
    }

    fn finish(&mut self, stage: Stage) {
        let tokens = self.tokens;
        let half = self.half(stage);
        half.over = true;
        let mut parts = vec![half.line()];
        if stage == Stage::Generate && tokens > 0 {
            parts.push(format!("{:.0} tokens/s", tokens as f64 / half.seconds()));
        }
        let took = clock(half.seconds());
        self.last_retry.clear();
        parts.extend(self.facts());
        if [&self.generate, &self.score].iter().all(|half| half.begun.is_none() || half.over)
            && let Some(bar) = self.bar.take()
        {
            bar.finish_and_clear();
        }
        let line = format!("{} (took {took})", parts.join(", "));
        self.say(&line);
    }

    /// A line of its own, above the bar.
    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| print::status(line)),
            None => print::status(line),
        }
    }
}

impl Half {
    fn seconds(&self) -> f64 {
        self.begun.map_or(0.001, |begun| begun.elapsed().as_secs_f64().max(0.001))
    }

    fn rate(&self) -> f64 {
        (self.done - self.before) as f64 / self.seconds()
    }

    fn line(&self) -> String {
        let failed =
            if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        let rate = self.rate();
        format!("{} {}/{} {rate:.1}/s{failed}", self.name, self.done, self.total)
    }

    /// Seconds that are left at this rate.
    fn left(&self) -> Option<f64> {
        let rate = self.rate();
        let left = self.total.saturating_sub(self.done) as f64;
        (!self.over && rate > 0.0 && left > 0.0).then(|| left / rate)
    }
}

fn name(stage: Stage) -> &'static str {
    match stage {
        Stage::Generate => "generate",
        Stage::Score => "score",
        Stage::Step(name) => name,
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{wide_bar} {percent:>3} %\n{wide_msg}\n{prefix}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}

/// Seconds as people say them.
fn clock(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{seconds:.1} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}
