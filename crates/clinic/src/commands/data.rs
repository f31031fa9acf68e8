//! `clinic data`: what a dataset holds.

use std::collections::BTreeMap;

use serde_json::json;

use super::selection;
use crate::args::StatsArgs;
use crate::exit::Exit;
use crate::print;

/// `clinic data stats`: samples by task and language, and the gaps.
pub fn stats(args: &StatsArgs) -> anyhow::Result<Exit> {
    let selection = selection::select(&args.what)?;
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for sample in &selection.samples {
        *counts.entry((&sample.task, &sample.language)).or_default() += 1;
    }
    let count = |task: &str, tag: &str| counts.get(&(task, tag)).copied().unwrap_or(0);
    if args.json {
        let tasks: BTreeMap<&str, BTreeMap<&str, usize>> = selection
            .tasks
            .iter()
            .map(|task| {
                let tags = selection.languages.iter().map(|l| l.tag.as_str());
                (task.name.as_str(), tags.map(|tag| (tag, count(&task.name, tag))).collect())
            })
            .collect();
        print::json(&json!({
            "name": selection.data.name, "version": selection.data.version,
            "samples": selection.samples.len(), "tasks": tasks, "gaps": selection.gaps,
            "files": selection.data.files,
        }));
        return Ok(Exit::Done);
    }
    let data = &selection.data;
    print::result(format!("{} {}", data.name, data.version).trim());
    let mut table = clinic_report::grid(print::width());
    let mut header = vec!["task".to_owned()];
    header.extend(selection.languages.iter().map(|l| l.tag.clone()));
    header.push("all".to_owned());
    table.set_header(header);
    for task in &selection.tasks {
        let row: Vec<usize> =
            selection.languages.iter().map(|l| count(&task.name, &l.tag)).collect();
        let mut cells = vec![task.name.clone()];
        cells.extend(row.iter().map(usize::to_string));
        cells.push(row.iter().sum::<usize>().to_string());
        table.add_row(cells);
    }
    print::result(&clinic_report::finish(&mut table));
    print::result(&format!("{} samples", selection.samples.len()));
    for gap in &selection.gaps {
        print::gap(gap);
    }
    Ok(Exit::Done)
}
