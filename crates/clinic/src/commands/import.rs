//! `clinic import`: responses of other programs become a run that can be scored.

use std::fmt::Write;

use clinic_core::language::Languages;
use clinic_engine::import::reference::{self, Data};
use clinic_engine::run::{self, Format, Imported, ModelRef, Plan, Run};
use serde_json::json;

use super::selection;
use super::session;
use crate::args::{ImportArgs, ImportLayout};
use crate::exit::{Exit, Wrong};
use crate::print;

/// Most reasons told where nothing could be read.
const REASONS: usize = 5;

pub fn import(args: &ImportArgs) -> anyhow::Result<Exit> {
    let ImportLayout::Reference = args.layout;
    if let Some(option) = args.unasked.given() {
        let what =
            format!("{option}: imported responses were asked for elsewhere, under what they were");
        return Err(Wrong::new(what)
            .hint("it is an option of clinic run and clinic generate")
            .into());
    }
    let mut selection = selection::select(&args.what)?;
    session::check_protocol(args.protocol.into(), &selection.tasks)?;
    let library = selection::library(args.what.tasks_dir.as_deref())?;
    let (data, _) = selection::dataset(&args.what.data, &library)?;
    let rows = |task: &clinic_core::task::Task, group: Option<&str>| {
        let mut groups = task.data.groups.iter().filter(|g| g.name.as_deref() == group);
        let file = groups.next().and_then(|group| group.variants().next());
        let table = file.and_then(|(_, file)| data.table(file).ok().flatten());
        table.map_or(0, |table| table.len())
    };
    let wanted = |name: &str| selection.tasks.iter().any(|task| task.name == name);
    let unwanted: Vec<_> = library.iter().filter(|task| !wanted(&task.name)).cloned().collect();
    let known: Vec<_> = Languages::current().iter().cloned().collect();
    let found = reference::read(
        &args.folder,
        args.model.as_deref(),
        args.protocol.into(),
        &Data {
            tasks: &selection.tasks,
            languages: &known,
            samples: &selection.samples,
            unwanted: &unwanted,
            rows: &rows,
        },
    )?;
    if found.tasks.is_empty() {
        let mut what = format!("no response file in {} could be read", args.folder.display());
        for skipped in found.skipped.iter().take(REASONS) {
            let _ = write!(what, "\n  {}: {}", skipped.path.display(), skipped.why);
        }
        return Err(Wrong::new(what).hint("the layout: clinic import --help").into());
    }
    selection.keep(&found.tasks, &found.languages);
    let plan = Plan {
        imported: Some(Imported { layout: "reference".to_owned(), joined: args.protocol.into() }),
        model: ModelRef {
            name: found.model.clone(),
            base_url: None,
            identity: format!("{}, imported", found.model),
            price: None,
        },
        ..selection.plan(args.protocol.into(), Format::Raw)
    };
    let folder = args.out.clone().unwrap_or_else(|| session::free_folder(&found.model));
    let run = Run::create(&folder, plan, selection.tasks, &selection.samples, &selection.gaps)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let imported = runtime.block_on(run::import(&run, &found))?;
    let expected: usize = run.store().tally()?.iter().map(|(_, n)| n).sum();
    if args.json {
        print::json(&json!({
            "run": run.folder(), "model": found.model, "imported": imported,
            "expected": expected, "skipped": found.skipped, "files": found.digests,
        }));
    } else {
        print::result(&format!("{imported} of {expected} responses of {}", found.model));
        for skipped in &found.skipped {
            let path = skipped.path.strip_prefix(&args.folder).unwrap_or(&skipped.path);
            let line = format!("{}: {}", path.display(), skipped.why);
            let lead = if skipped.partly { "partly read: " } else { "skipped: " };
            print::result(&clinic_report::wrap(lead, &line, print::width()));
        }
        print::result(&format!("score them: clinic score {}", run.folder().display()));
    }
    Ok(if imported < expected || !found.skipped.is_empty() { Exit::Missing } else { Exit::Done })
}
