//! Inspect AI's log, format version 2: a zip a task, `inspect/TIME_TASK_ID.eval`, all languages in it.
//!
//! What each field holds is told in `docs/exports.md`. A sample is an item in a language; an item of
//! several variants is one sample, since its scores are of all of them: its messages are a pair of
//! prompt and answer a variant, in order, each marked with its variant.

mod header;
mod sample;
mod summary;
mod usage;

use std::collections::BTreeMap;
use std::io::{self, Write};

use clinic_core::digest;
use clinic_core::exchange::Usage;
use clinic_core::score::Outcome;
use clinic_core::task::Task;
use clinic_engine::run::{Run, State};
use serde::Serialize;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use self::sample::Answered;
use super::names::{self, NO_TIME, SampleIds};
use super::{Export, ExportError, Folder, Out, each_sample_of};
use crate::summary::Summary;

/// Logs that Inspect AI opens.
pub struct Inspect;

impl Export for Inspect {
    fn name(&self) -> &'static str {
        "inspect"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        folder.anew("inspect")?;
        let (summary, run_id) = (Summary::of(run)?, names::run_id(run));
        for task in run.tasks() {
            let time = NO_TIME.replace(':', "-");
            let task_id = names::id(&["task", &run_id, &task.name]);
            let name = format!("inspect/{time}_{}_{task_id}.eval", task.name);
            let log = Log { run, task, task_id, model: run.plan().model.label() };
            folder.file(&name, |out| log.write(&summary, out))?;
        }
        Ok(())
    }
}

/// The log of one task.
struct Log<'a> {
    run: &'a Run,
    task: &'a Task,
    /// The same each time that the run is exported.
    task_id: String,
    /// The model's label.
    model: String,
}

/// What the samples of a task came to.
#[derive(Default)]
struct Tally {
    samples: usize,
    /// Ids in the log of samples in the store.
    ids: BTreeMap<i64, String>,
    /// Samples without an error.
    completed: usize,
    pending: usize,
    failed: usize,
    unscored: usize,
    failed_scores: usize,
    /// Scores that no asking can bring.
    not_scored: usize,
    tokens: Usage,
    /// Hash of all that the samples hold.
    content: String,
}

impl Tally {
    fn count(&mut self, answered: &Answered, scored_run: bool) {
        self.samples += 1;
        for response in &answered.responses {
            self.pending += usize::from(response.state == State::Pending);
            self.failed += usize::from(response.state == State::Failed);
            self.tokens.prompt_tokens += response.usage.prompt_tokens;
            self.tokens.completion_tokens += response.usage.completion_tokens;
            self.tokens.reasoning_tokens += response.usage.reasoning_tokens;
        }
        self.unscored += usize::from(scored_run && answered.scores.is_empty());
        for (score, _) in &answered.scores {
            self.failed_scores += usize::from(matches!(score.outcome, Outcome::Failed(_)));
            self.not_scored += usize::from(matches!(score.outcome, Outcome::NotScored(_)));
        }
    }
}

impl Log<'_> {
    fn write(&self, summary: &Summary, out: &mut Out) -> Result<(), ExportError> {
        let mut zip = ZipWriter::new(out);
        let (mut tally, mut ids) = (Tally::default(), SampleIds::default());
        each_sample_of(self.run, &self.task.name, |key, sample| {
            let answered = Answered::of(self, key, sample)?;
            tally.count(&answered, self.run.plan().score);
            let id = ids.of(&answered.sample);
            // As in a log of Inspect's own, what was not begun is not there.
            if answered.begun() {
                let whole = answered.whole(&id);
                let bytes = put(&mut zip, &format!("samples/{id}_epoch_1.json"), &whole)?;
                tally.content = digest::hex(&[tally.content.as_bytes(), &bytes]);
                tally.completed += usize::from(whole["error"].is_null());
                tally.ids.insert(key, id);
            }
            Ok(())
        })?;
        let header = header::of(self, summary, &tally);
        put(&mut zip, "_journal/start.json", &header::start(&header))?;
        self.summaries(&tally, &mut zip)?;
        put(&mut zip, "header.json", &header)?;
        zip.finish().map_err(io::Error::from)?;
        Ok(())
    }

    /// The list of samples without their messages: read again, so that not all are held at once.
    fn summaries(&self, tally: &Tally, zip: &mut ZipWriter<&mut Out>) -> Result<(), ExportError> {
        begin(zip, "summaries.json")?;
        zip.write_all(b"[")?;
        let mut comma = false;
        each_sample_of(self.run, &self.task.name, |key, sample| {
            // A sample that another process has begun since is not in the log.
            let Some(id) = tally.ids.get(&key) else { return Ok(()) };
            let whole = Answered::of(self, key, sample)?.whole(id);
            if comma {
                zip.write_all(b",")?;
            }
            comma = true;
            Ok(zip.write_all(&bytes(&summary::of(&whole))?)?)
        })?;
        Ok(zip.write_all(b"]")?)
    }
}

fn begin(zip: &mut ZipWriter<&mut Out>, name: &str) -> Result<(), ExportError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    Ok(zip.start_file(name, options).map_err(io::Error::from)?)
}

/// Adds a file of JSON and gives its bytes.
fn put(zip: &mut ZipWriter<&mut Out>, name: &str, value: &Value) -> Result<Vec<u8>, ExportError> {
    begin(zip, name)?;
    let bytes = bytes(value)?;
    zip.write_all(&bytes)?;
    Ok(bytes)
}

fn bytes(value: &impl Serialize) -> Result<Vec<u8>, ExportError> {
    Ok(serde_json::to_vec(value).map_err(io::Error::from)?)
}
