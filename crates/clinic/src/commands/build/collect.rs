//! `clinic build collect`: documents of the sources, into the store.

use std::collections::BTreeMap;
use std::sync::Arc;

use clinic_build::Project;
use clinic_build::collect::{self, Collecting, Summary};
use clinic_core::plain::plain;
use clinic_engine::run::Stop;

use super::pdf;
use super::step::{Ended, drive};
use crate::args::CollectArgs;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{offline, print};

/// Seconds that a stop may take.
const LAST: f64 = 10.0;

/// What is told of each reason.
const EXAMPLES: usize = 3;

pub fn collect(args: &CollectArgs) -> anyhow::Result<Exit> {
    let project = Project::open(&args.dir)?;
    let stop = Arc::new(Stop::default());
    let listener = Arc::new(Progress::new(None, 0.0));
    let how = Collecting {
        sources: args.sources.clone(),
        offline: offline::is_offline(),
        pdf: pdf::reader(stop.clone()),
        listener: listener.clone(),
        stop: stop.clone(),
    };
    let work = collect::collect(&project, &how);
    let summary = match drive(project.folder(), "collect", stop, listener, LAST, work)? {
        Ended::Done(summary) => summary,
        Ended::Early(exit) => return Ok(exit),
    };
    if args.json {
        print::json(&summary);
    } else {
        print::result(&table(&summary));
        reasons(&summary);
    }
    Ok(ending(&summary, &args.dir.display().to_string()))
}

fn table(summary: &Summary) -> String {
    let mut table = clinic_report::grid(print::width());
    table.set_header(["source", "language", "new", "changed", "same", "gone", "dropped"]);
    for row in &summary.rows {
        let counts = [row.new, row.changed, row.same, row.gone, row.dropped];
        let mut cells = vec![plain(&row.source, 40), row.language.clone().unwrap_or("?".into())];
        cells.extend(counts.map(|count| count.to_string()));
        table.add_row(cells);
    }
    clinic_report::finish(&mut table)
}

/// Reasons with how often each was met, and the first of each.
fn reasons(summary: &Summary) {
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for left in &summary.dropped {
        kinds.entry(left.kind).or_default().push(format!("{}: {}", left.what, left.why));
    }
    for (kind, all) in kinds {
        print::result(&format!("\ndropped  {kind}: {}", all.len()));
        for one in all.iter().take(EXAMPLES) {
            print::result(&clinic_report::wrap("         ", one, print::width()));
        }
        if all.len() > EXAMPLES {
            print::result("         … all with --json");
        }
    }
    for passed in &summary.passed_over {
        print::status(&format!(
            "note: {} documents of {} were passed over: not in the project's languages, approved \
             too early, or in no language's folder",
            passed.documents, passed.source
        ));
    }
}

fn ending(summary: &Summary, dir: &str) -> Exit {
    for failed in &summary.failed {
        print::status(&format!(
            "source {} could not be read, and what was known of it stays: {}",
            failed.source, failed.why
        ));
    }
    let unfetched = summary.unfetched();
    if unfetched > 0 {
        print::status(&format!(
            "{unfetched} documents could not be fetched; try again: clinic build collect {dir}"
        ));
    }
    if unfetched + summary.failed.len() > 0 { Exit::Missing } else { Exit::Done }
}
