//! From a queue to a file.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use clinic_report::export::harmless;
use serde::Serialize;

use super::{DIGEST, FIXED, Kind, MARK, NONE, SAID, criteria, shown, write};
use crate::review::queue::{Queue, Reviewer};
use crate::{Project, ProjectError, StepError};

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The file.
    pub file: PathBuf,
    /// Texts that wait for the person, a row each.
    pub rows: usize,
}

/// A row with the language that its texts are in.
pub(super) struct Line {
    pub cells: Vec<String>,
    pub language: String,
}

/// Writes what waits for a person as a new file; one that is there is never replaced, since it may
/// hold ratings.
pub fn export(project: &Project, reviewer: &Reviewer, file: &Path) -> Result<Exported, StepError> {
    let kind = Kind::of(file)?;
    let io = |source| ProjectError::Io { path: file.to_owned(), source };
    let queue = Queue::of(project, reviewer)?;
    let own = || queue.wanted.iter().map(|key| (key, &queue.texts[key]));
    let criteria = criteria(project, own().map(|(_, text)| text));
    let rated = criteria.iter().map(|name| format!("{MARK}{name}"));
    let header: Vec<String> =
        FIXED.map(str::to_owned).into_iter().chain(rated).chain(SAID.map(str::to_owned)).collect();
    let mut lines = Vec::new();
    for (n, ((item, language), text)) in own().enumerate() {
        let mut cells = vec![
            format!("{} of {}", n + 1, queue.wanted.len()),
            harmless(&reviewer.name),
            harmless(&text.name),
            language.clone(),
            format!("{DIGEST}{}", text.digest),
            text.task.clone(),
        ];
        cells.extend(shown(project, text, *item, language)?);
        let rated = text.criteria(project);
        let is_rated = |name: &String| rated.iter().any(|criterion| criterion.name == *name);
        cells.extend(criteria.iter().map(|name| if is_rated(name) { "" } else { NONE }.to_owned()));
        cells.extend(SAID.map(|_| String::new()));
        lines.push(Line { cells, language: language.clone() });
    }
    let bytes = match kind {
        Kind::Csv => write::csv(&header, &lines),
        Kind::Xlsx => {
            let mut help = Vec::new();
            for (_, text) in own() {
                let recipe = project.recipe(&text.task);
                for criterion in text.criteria(project) {
                    let [asks, worst, best] =
                        [&criterion.asks, &criterion.worst, &criterion.best].map(String::as_str);
                    let line = [criterion.name.as_str(), asks, worst, best].map(str::to_owned);
                    if !help.contains(&line) {
                        help.push(line);
                    }
                }
                let line = [&text.task, &recipe.holds, "", ""].map(str::to_owned);
                if !help.contains(&line) {
                    help.push(line);
                }
            }
            write::xlsx(&header, &lines, &help)
        }
    };
    let bytes = bytes
        .map_err(|error| StepError::Input(format!("{} cannot be made: {error}", file.display())))?;
    let mut new =
        OpenOptions::new().write(true).create_new(true).open(file).map_err(|error| match error
            .kind()
        {
            std::io::ErrorKind::AlreadyExists => StepError::Input(format!(
                "{} is there already and may hold ratings; name another file",
                file.display()
            )),
            _ => io(error).into(),
        })?;
    if let Err(error) = new.write_all(&bytes).and_then(|()| new.sync_all()) {
        // Half a table must not look like one.
        let _ = fs::remove_file(file);
        return Err(io(error).into());
    }
    Ok(Exported { file: file.to_owned(), rows: lines.len() })
}
