//! Progress on stderr: a bar on a terminal, one plain line now and then elsewhere.

use std::io::IsTerminal;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use clinic_engine::run::{Event, Listener, Stage, State};
use indicatif::{ProgressBar, ProgressStyle};

use crate::print;

/// Time between plain lines.
const QUIET: Duration = Duration::from_secs(10);

/// Listens to a run and shows where it is.
pub struct Progress(Mutex<Shown>);

struct Shown {
    bar: Option<ProgressBar>,
    terminal: bool,
    stage: Option<Stage>,
    total: usize,
    done: usize,
    begun: Instant,
    since: usize,
    spoke: Instant,
    tokens: u64,
    cached: usize,
    failed: usize,
    retries: usize,
    last_retry: String,
}

impl Default for Progress {
    fn default() -> Self {
        let now = Instant::now();
        Self(Mutex::new(Shown {
            bar: None,
            terminal: std::io::stderr().is_terminal(),
            stage: None,
            total: 0,
            done: 0,
            begun: now,
            since: 0,
            spoke: now,
            tokens: 0,
            cached: 0,
            failed: 0,
            retries: 0,
            last_retry: String::new(),
        }))
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
            Event::Answered { state, cached, tokens } => {
                self.done += 1;
                self.tokens += tokens;
                self.cached += usize::from(*cached);
                self.failed += usize::from(*state == State::Failed);
            }
            Event::Retrying { message, wait } => {
                self.retries += 1;
                let message = clinic_report::plain(message, 60);
                self.last_retry = format!("{message}; again in {:.1} s", wait.as_secs_f64());
            }
            Event::Scored { failed } => {
                self.done += 1;
                self.failed += failed;
            }
            Event::Finished { .. } => return self.finish(),
        }
        self.show();
    }

    fn start(&mut self, stage: Stage, total: usize, done: usize) {
        let terminal = self.terminal;
        *self = Self {
            bar: terminal.then(|| bar(total)),
            terminal,
            stage: Some(stage),
            total,
            done,
            begun: Instant::now(),
            since: done,
            spoke: Instant::now(),
            tokens: 0,
            cached: 0,
            failed: 0,
            retries: 0,
            last_retry: String::new(),
        };
        if done > 0 {
            print::status(&format!("{}: {done} of {total} are done already", self.name()));
        }
    }

    fn name(&self) -> &'static str {
        match self.stage {
            Some(Stage::Generate) => "generate",
            Some(Stage::Score) => "score",
            None => "",
        }
    }

    fn show(&mut self) {
        let line = match &self.bar {
            Some(_) => self.line(),
            None if self.spoke.elapsed() >= QUIET => self.line(),
            None => return,
        };
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done as u64);
                bar.set_message(line);
            }
            None => {
                print::status(&line);
                self.spoke = Instant::now();
            }
        }
    }

    fn line(&self) -> String {
        let seconds = self.begun.elapsed().as_secs_f64().max(0.001);
        let rate = (self.done - self.since) as f64 / seconds;
        let mut parts = vec![format!("{} {}/{}", self.name(), self.done, self.total)];
        parts.push(format!("{rate:.1}/s"));
        if self.tokens > 0 {
            parts.push(format!("{:.0} tokens/s", self.tokens as f64 / seconds));
        }
        for (n, what) in
            [(self.cached, "cached"), (self.failed, "failed"), (self.retries, "retries")]
        {
            if n > 0 {
                parts.push(format!("{n} {what}"));
            }
        }
        if rate > 0.0 && self.done < self.total {
            let left = (self.total - self.done) as f64 / rate;
            parts.push(format!("{} left", clock(left)));
        }
        if !self.last_retry.is_empty() && self.done < self.total {
            parts.push(self.last_retry.clone());
        }
        parts.join(", ")
    }

    fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        let took = clock(self.begun.elapsed().as_secs_f64());
        print::status(&format!("{} (took {took})", self.line()));
    }
}

fn bar(total: usize) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    let style = ProgressStyle::with_template("{wide_bar} {msg}");
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
