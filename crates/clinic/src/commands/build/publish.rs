//! `clinic build publish`: the set, its data card and its proof.

use std::collections::BTreeMap;
use std::path::Path;

use clinic_build::Project;
use clinic_build::publish::{self, Options, Outcome, Published, State, Tally};
use serde_json::json;

use crate::args::PublishArgs;
use crate::exit::{Exit, Wrong};
use crate::print;

pub fn publish(args: &PublishArgs) -> anyhow::Result<Exit> {
    let project = Project::open(&args.dir)?;
    let out = args.out.clone().unwrap_or_else(|| args.dir.join("published"));
    let dir = args.dir.display();
    outside(&args.dir, &out)?;
    match publish::publish(&project, &out, Options { fewer: args.fewer })? {
        Outcome::Published(published) => {
            if args.json {
                print::json(&json!({ "published": published }));
            } else {
                show(&published);
            }
            print::status(&format!("next: clinic run --data {} --model MODEL", out.display()));
            Ok(Exit::Done)
        }
        Outcome::Short(tallies) => {
            if args.json {
                print::json(&json!({ "published": null, "tasks": tallies }));
            } else {
                print::result(&lacking(&tallies));
            }
            let any = tallies.iter().any(|tally| tally.count(State::Included) > 0);
            let fewer = if any && !args.fewer { ", or publish what there is: --fewer" } else { "" };
            print::status(&format!(
                "nothing was published: there are fewer items than build.toml wants; see what to do \
                 next: clinic build status {dir}{fewer}"
            ));
            Ok(Exit::Missing)
        }
    }
}

fn show(published: &Published) {
    let width = print::width();
    let mut table = clinic_report::grid(width);
    table.set_header(["task", "items"]);
    for (task, items) in &published.items {
        table.add_row([task.clone(), items.to_string()]);
    }
    print::result(&clinic_report::finish(&mut table));
    print::result(&format!(
        "{} samples in {}: {}",
        published.samples,
        published.languages.join(", "),
        published.folder.display()
    ));
    if !published.short.is_empty() {
        print::result("");
        print::result(&lacking(&published.short));
    }
    for warning in &published.warnings {
        print::result(&clinic_report::wrap("warning: ", warning, width));
    }
    for gap in &published.gaps {
        print::result(&clinic_report::wrap("know first: ", gap, width));
    }
}

/// What each task has and lacks, and why.
fn lacking(tallies: &[Tally]) -> String {
    let mut table = clinic_report::grid(print::width());
    table.set_header(["task", "wanted", "has", "where its other items stand"]);
    for tally in tallies {
        let others = State::ALL.into_iter().filter(|state| *state != State::Included);
        let told: Vec<String> = others
            .filter(|state| tally.count(*state) > 0)
            .map(|state| {
                let languages = tally.languages.get(&state).map(by_language).unwrap_or_default();
                format!("{} {}{languages}", tally.count(state), state.name())
            })
            .collect();
        let told = if told.is_empty() { "there are no others".to_owned() } else { told.join("; ") };
        table.add_row([
            tally.task.clone(),
            tally.wanted.to_string(),
            tally.count(State::Included).to_string(),
            told,
        ]);
    }
    clinic_report::finish(&mut table)
}

fn by_language(texts: &BTreeMap<&'static str, usize>) -> String {
    let told: Vec<String> = texts.iter().map(|(tag, n)| format!("{tag} {n}")).collect();
    format!(" ({})", told.join(", "))
}

/// Refuses a place inside the project, where a step could take the set for a source; `published`
/// itself is meant for it.
fn outside(dir: &Path, out: &Path) -> Result<(), Wrong> {
    let whole = |path: &Path| {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let parent = path.parent().and_then(|parent| parent.canonicalize().ok());
        parent.zip(path.file_name()).map_or(path.clone(), |(parent, name)| parent.join(name))
    };
    let project = dir.canonicalize().unwrap_or_else(|_| whole(dir));
    let out = whole(out);
    if out.starts_with(&project) && out != project.join("published") {
        let what = format!("{} is inside the project", out.display());
        return Err(Wrong::new(what).hint("name a folder outside, or leave --out out"));
    }
    Ok(())
}
