//! `clinic view`: a local page to read the samples of runs, until Ctrl-C.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clinic_core::plain::plain;
use clinic_engine::run::{Run, RunError};
use clinic_report::server::{Server, ServerError};
use clinic_report::view::{Choice, View};
use serde_json::json;

use crate::args::ViewArgs;
use crate::exit::{Exit, Wrong};
use crate::print;

/// Longest name of a person, in characters.
const LONGEST_NAME: usize = 200;

pub fn view(args: &ViewArgs) -> anyhow::Result<Exit> {
    let query = args.open.as_deref().map(query).transpose()?.unwrap_or_default();
    let name = match &args.name {
        Some(name) => person(name).ok_or_else(|| {
            Wrong::new(format!(
                "--name '{name}': a name is on one line, up to {LONGEST_NAME} characters"
            ))
        })?,
        None => whoami::fallible::username()
            .ok()
            .and_then(|name| person(&name))
            .unwrap_or_else(|| "unknown".to_owned()),
    };
    twice(&args.runs)?;
    let runs = args.runs.iter().map(|run| Run::look(run)).collect::<Result<Vec<_>, RunError>>()?;
    let view = Arc::new(View::new(runs, &name));
    let server = Server::bind(args.port.unwrap_or(0), 1).map_err(|error| match &error {
        ServerError::Port { .. } => anyhow::Error::new(
            Wrong::new(error.to_string()).hint("leave --port out for one that is free"),
        ),
        _ => error.into(),
    })?;
    let address = format!("{}{query}", server.addresses().concat());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        let ended = tokio::signal::ctrl_c();
        if args.json {
            print::json(&json!({ "address": address }));
        } else {
            print::result(&address);
        }
        print::status("the page is there until Ctrl-C; only this machine reaches it");
        tokio::select! {
            served = server.serve(view) => served.map(|()| Exit::Failed),
            _ = ended => Ok(Exit::Done),
        }
    })?;
    // A page that is being made is of no use any more.
    runtime.shutdown_background();
    Ok(exit)
}

/// The query of a link, with its question mark.
fn query(link: &str) -> Result<String, Wrong> {
    let query = link.split_once('?').map_or(link, |(_, query)| query);
    let choice = Choice::parse(query).map_err(|error| {
        Wrong::new(format!("--open cannot be read: {error}"))
            .hint("give the link as `Copy link` on the page gives it, in quotes")
    })?;
    Ok(choice.link())
}

fn person(name: &str) -> Option<String> {
    let name = name.trim();
    (!name.is_empty() && plain(name, LONGEST_NAME) == name).then(|| name.to_owned())
}

/// Refuses a run that is named twice: its samples would all seem to agree.
fn twice(runs: &[impl AsRef<Path>]) -> Result<(), Wrong> {
    let mut seen = BTreeMap::new();
    for run in runs {
        let run = run.as_ref();
        // One that is not there is told apart later, by what is wrong with it.
        let Ok(place) = run.canonicalize() else { continue };
        if let Some(earlier) = seen.insert(place, run) {
            let (a, b) = (earlier.display(), run.display());
            let what = if a.to_string() == b.to_string() {
                format!("the run {a} is named twice")
            } else {
                format!("{a} and {b} are the same run")
            };
            return Err(Wrong::new(what).hint("name each run once"));
        }
    }
    Ok(())
}
