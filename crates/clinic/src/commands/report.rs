//! `clinic report`: runs as a table, a page, or tables for papers and other programs.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clinic_engine::run::{Run, fresh};
use clinic_report::analysis::{Analysis, AnalysisError};
use clinic_report::formats::Format;
use clinic_report::{Layout, html};

use super::work;
use crate::args::{ReportArgs, ReportFormat};
use crate::exit::{Exit, Wrong};
use crate::print;

const PAGE: &str = "report.html";

pub fn report(args: &ReportArgs) -> anyhow::Result<Exit> {
    let runs: Vec<Run> = args.runs.iter().map(|run| Run::look(run)).collect::<Result<_, _>>()?;
    check_twice(&args.runs.iter().collect::<Vec<_>>())?;
    if args.json {
        let [run] = runs.as_slice() else {
            let wrong = Wrong::new("--json is for one run");
            return Err(wrong.hint("several: --format json").into());
        };
        return work::conclude(run, true, args.all);
    }
    let all: Vec<&Run> = runs.iter().collect();
    let analysis = Analysis::of(&all, args.force).map_err(|error| unlike(error.into()))?;
    let layout = Layout { width: print::width(), all: args.all };
    let text = || analysis.to_text(layout);
    match args.format {
        None => {
            print::result(&text());
            let path = args.out.clone().unwrap_or_else(|| page(&runs));
            match write(&path, &html::page(&analysis)) {
                // The table is there, and nobody asked for this place by name.
                Err(error) if args.out.is_none() => print::status(&format!("no page: {error:#}")),
                written => {
                    written?;
                    print::status(&format!("the whole report: {}", path.display()));
                }
            }
        }
        Some(format) => {
            let text = match format {
                ReportFormat::Html => html::page(&analysis),
                ReportFormat::Text => text(),
                ReportFormat::Md => Format::Markdown.write(&analysis),
                ReportFormat::Latex => Format::Latex.write(&analysis),
                ReportFormat::Csv => Format::Csv.write(&analysis),
                ReportFormat::Json => Format::Json.write(&analysis),
            };
            match &args.out {
                Some(path) => {
                    write(path, &text)?;
                    print::result(&path.display().to_string());
                }
                None => print::result(&text),
            }
        }
    }
    let ends =
        analysis.runs.iter().zip(&runs).map(|(portrait, run)| work::ending(&portrait.summary, run));
    Ok(if ends.filter(|end| *end != Exit::Done).count() > 0 { Exit::Missing } else { Exit::Done })
}

fn page(runs: &[Run]) -> PathBuf {
    match runs {
        [run] => run.folder().join(PAGE),
        _ => PathBuf::from(PAGE),
    }
}

/// The same run twice says nothing, and is a slip.
pub fn check_twice(folders: &[&PathBuf]) -> anyhow::Result<()> {
    let whole: Vec<PathBuf> =
        folders.iter().map(|f| f.canonicalize().unwrap_or_else(|_| f.to_path_buf())).collect();
    for (i, folder) in whole.iter().enumerate() {
        if whole[..i].contains(folder) {
            let told = folders[i].display();
            return Err(Wrong::new(format!("{told} is named twice")).into());
        }
    }
    Ok(())
}

/// Runs that cannot be compared are wrong input, with a way on.
pub fn unlike(error: anyhow::Error) -> anyhow::Error {
    match error.downcast::<AnalysisError>() {
        Ok(AnalysisError::Store(error)) => error.into(),
        Ok(error @ AnalysisError::Published(_)) => {
            Wrong::new(error.to_string()).hint("score it as usual: clinic score RUN").into()
        }
        Ok(error) => Wrong::new(error.to_string())
            .hint("score both in the same way (clinic score), or compare all the same: --force")
            .into(),
        Err(error) => error,
    }
}

/// Writes a file whole or not at all; what is no file (a pipe, a device) is written to as it stands.
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let in_place = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    let mut half = path.as_os_str().to_owned();
    half.push(".new");
    let half = Path::new(&half);
    let whole = || {
        let mut file = fresh(half)?;
        file.write_all(text.as_bytes())?;
        fs::rename(half, path)
    };
    let written = match in_place {
        true => fs::OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes())),
        false => whole().inspect_err(|_| {
            // That it was not written is told; what is left of it helps nobody.
            let _ = fs::remove_file(half);
        }),
    };
    written.with_context(|| format!("{} cannot be written; name another --out", path.display()))
}
