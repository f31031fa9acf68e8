//! `clinic data validate`: what is wrong in a dataset.

use clinic_core::task::Task;
use clinic_data::validate::{self, Findings, Severity};
use serde_json::{Value, json};

use crate::args::ValidateArgs;
use crate::commands::selection;
use crate::exit::Exit;
use crate::print;

/// Findings of a check that are shown without `--all`.
const SHOWN: usize = 5;

/// Looks at every cell; exit code 1 where there are errors.
pub fn validate(args: &ValidateArgs) -> anyhow::Result<Exit> {
    let library = selection::library(args.what.tasks_dir.as_deref())?;
    let tasks: Vec<&Task> = library.select(&args.what.tasks)?;
    let (data, source) = selection::dataset(&args.what.data, &library)?;
    selection::check_files(&data, &library)?;
    let languages = selection::languages(&args.what, &data, &tasks)?;
    let found = validate::validate(&data, &tasks, &languages);
    let errors = found.count(Severity::Error);
    let exit = if errors > 0 || found.samples == 0 { Exit::Failed } else { Exit::Done };
    if args.json {
        let counts: Vec<Value> = found
            .counts
            .iter()
            .map(|((severity, check), n)| json!({"severity": severity, "check": check, "count": n}))
            .collect();
        print::json(&json!({
            "data": source, "samples": found.samples, "languages": languages.len(),
            "usable": exit == Exit::Done, "counts": counts, "findings": found.findings,
        }));
        return Ok(exit);
    }
    show(&found, args.all);
    let n = |severity| found.count(severity);
    print::result(&format!(
        "{} samples in {} languages: {} errors, {} warnings, {} notes",
        found.samples,
        languages.len(),
        errors,
        n(Severity::Warning),
        n(Severity::Note)
    ));
    let verdict = match exit {
        Exit::Done => "a run may use it",
        _ if found.samples == 0 => "it holds no sample: a run cannot use it",
        _ => "a run should not use it before the errors are mended",
    };
    print::result(verdict);
    Ok(exit)
}

fn show(found: &Findings, all: bool) {
    let width = print::width();
    for ((severity, check), count) in &found.counts {
        print::result(&format!("{severity} {check}: {count}"));
        let these = found.findings.iter().filter(|f| f.severity == *severity && f.check == *check);
        let shown = if all { usize::MAX } else { SHOWN };
        for finding in these.take(shown) {
            let mut place = finding.file.clone();
            if let Some(line) = finding.line {
                place.push_str(&format!(", line {line}"));
            }
            if let Some(column) = &finding.column {
                place.push_str(&format!(", column {column}"));
            }
            let line = format!("{place}: {}. To do: {}.", finding.problem, finding.todo);
            print::result(&clinic_report::wrap("  ", &line, width));
        }
        if *count > shown {
            print::result(&format!("  and {} more: --all lists them", count - shown));
        } else if all && *count > validate::MOST {
            print::result(&format!("  and {} more", count - validate::MOST));
        }
    }
}
