//! `clinic build status`: one look at a whole project.

use std::collections::BTreeMap;

use clinic_build::Project;
use clinic_build::publish::State;
use clinic_build::status::{self, Status};
use clinic_core::language::Languages;
use serde_json::json;

use crate::args::StatusArgs;
use crate::exit::Exit;
use crate::print;

pub fn status(args: &StatusArgs) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    let status = status::status(&project)?;
    let (dir, next) = (args.dir.display(), &status.next);
    let command = format!("clinic build {} {dir} {}", next.step, next.arguments);
    let command = command.trim_end();
    if args.json {
        print::json(&json!({
            "name": project.config().name, "version": project.config().version,
            "status": status, "command": command,
        }));
        return Ok(Exit::Done);
    }
    print::result(&format!("{} {}", project.config().name, project.config().version));
    show(&status);
    let line = format!("{command}   ({})", next.why);
    print::result(&clinic_report::wrap("next: ", &line, print::width()));
    Ok(Exit::Done)
}

fn show(status: &Status) {
    let width = print::width();
    if !status.documents.is_empty() {
        table(
            &["source", "documents"],
            status.documents.iter().map(|(source, languages)| {
                vec![clinic_report::plain(source, 40), counts(languages)]
            }),
        );
    }
    if status.pairs.iter().any(|pairs| pairs.looked) {
        table(
            &["versions in", "mapped", "doubtful", "unmapped"],
            status.pairs.iter().filter(|pairs| pairs.looked).map(|pairs| {
                vec![
                    english(&pairs.language),
                    pairs.mapped.to_string(),
                    pairs.doubtful.to_string(),
                    pairs.unmapped.to_string(),
                ]
            }),
        );
    }
    table(
        &["task", "to publish", "to write", "written", "whole", "where its items stand"],
        status.tasks.iter().map(|task| {
            let states = State::ALL.into_iter().filter(|state| task.tally.count(*state) > 0);
            let told: Vec<String> =
                states.map(|s| format!("{} {}", task.tally.count(s), s.name())).collect();
            vec![
                task.tally.task.clone(),
                task.tally.wanted.to_string(),
                task.to_write.to_string(),
                task.tally.items.to_string(),
                task.whole.to_string(),
                told.join(", "),
            ]
        }),
    );
    if !status.reviewers.is_empty() {
        table(
            &["reviewer", "texts rated", "skipped", "changed since"],
            status.reviewers.iter().map(|reviewer| {
                vec![
                    clinic_report::plain(&reviewer.name, 40),
                    reviewer.rated.to_string(),
                    reviewer.skipped.to_string(),
                    reviewer.outdated.to_string(),
                ]
            }),
        );
    }
    for (step, n) in &status.dropped {
        print::result(&format!("left out by {step}: {n}"));
    }
    if status.pairs.iter().any(|pairs| pairs.doubtful > 0) {
        let line = "doubtful pairs wait for a person: clinic build map --help tells how";
        print::result(&clinic_report::wrap("", line, width));
    }
    let spent = &status.spent;
    print::result(&format!("spent: USD {}", clinic_report::money(spent.usd)));
    if spent.unsure > 0.0 {
        let line = format!(
            "of these at most USD {} for calls of which no usage came: cut off, or in flight when \
             the program was killed",
            clinic_report::money(spent.unsure)
        );
        print::result(&clinic_report::wrap("", &line, width));
    }
    if !spent.unpriced.is_empty() {
        let line = format!("not counted, since no price is known: {}", spent.unpriced.join(", "));
        print::result(&clinic_report::wrap("", &line, width));
    }
}

fn table(header: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    let mut table = clinic_report::grid(print::width());
    table.set_header(header.to_vec());
    rows.for_each(|row| _ = table.add_row(row));
    print::result(&clinic_report::finish(&mut table));
    print::result("");
}

fn counts(languages: &BTreeMap<String, usize>) -> String {
    let told: Vec<String> = languages.iter().map(|(tag, n)| format!("{tag} {n}")).collect();
    told.join(", ")
}

fn english(tag: &str) -> String {
    Languages::current().tag(tag).map_or_else(|| tag.to_owned(), |l| l.english.clone())
}
