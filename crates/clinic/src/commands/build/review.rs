//! `clinic build review`: a page for each reviewer, tables out and back, and how far they agree.

use std::path::Path;
use std::sync::Arc;

use clinic_build::Project;
use clinic_build::review::{self, Imported, NameError, Pages, Reviewer};
use clinic_core::plain::plain;
use clinic_report::server::{Server, ServerError};
use serde_json::json;

use super::agreement;
use crate::args::ReviewArgs;
use crate::exit::{Exit, Wrong};
use crate::print;

/// Most wrong rows that are listed; --json lists them all.
const LISTED: usize = 50;

pub fn review(args: &ReviewArgs) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    if args.agreement {
        return agreement::print(&project, args.json);
    }
    if project.config().review.reviewers == 0 {
        let what = "nobody is to review: [review] reviewers of build.toml is 0";
        return Err(Wrong::new(what).hint("say there how many people rate each text").into());
    }
    let texts = args.reviewers.iter().chain(&args.name);
    let reviewers: Vec<Reviewer> = texts
        .map(|text| Reviewer::parse(text, &project).map_err(Wrong::new))
        .collect::<Result<_, _>>()?;
    review::check_names(&project, &reviewers).map_err(|error| match error {
        NameError::Store(error) => anyhow::Error::new(error),
        other => Wrong::new(other.to_string()).into(),
    })?;
    match (&args.export, &args.import, reviewers.first()) {
        (Some(file), _, Some(reviewer)) => export(args, &project, reviewer, file),
        (_, Some(file), Some(reviewer)) => import(args, &project, reviewer, file),
        _ => serve(args, project, reviewers),
    }
}

fn serve(args: &ReviewArgs, project: Project, reviewers: Vec<Reviewer>) -> anyhow::Result<Exit> {
    let port = args.port.unwrap_or(0);
    let server = Server::bind(port, reviewers.len()).map_err(|error| match &error {
        ServerError::Port { .. } => anyhow::Error::new(
            Wrong::new(error.to_string()).hint("leave --port out for one that is free"),
        ),
        _ => error.into(),
    })?;
    let pages: Vec<(String, String)> =
        reviewers.iter().map(|reviewer| reviewer.name.clone()).zip(server.addresses()).collect();
    if review::ready(&project)?.is_empty() {
        print::status("no text may be seen by people yet; first: clinic build check");
    }
    let site = Arc::new(Pages::new(project, reviewers));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let exit = runtime.block_on(async {
        let ended = tokio::signal::ctrl_c();
        if args.json {
            let pages: Vec<_> = pages
                .iter()
                .map(|(name, address)| json!({ "name": name, "address": address }))
                .collect();
            print::json(&pages);
        } else {
            let lines = pages.iter().map(|(name, address)| format!("{address}  {name}"));
            print::result(&lines.collect::<Vec<_>>().join("\n"));
        }
        print::status(
            "give each their own address; the pages are there until Ctrl-C, for this machine alone",
        );
        tokio::select! {
            served = server.serve(site) => served.map(|()| Exit::Failed),
            _ = ended => Ok(Exit::Done),
        }
    })?;
    // A page that is being made is of no use any more.
    runtime.shutdown_background();
    Ok(exit)
}

fn export(
    args: &ReviewArgs,
    project: &Project,
    reviewer: &Reviewer,
    file: &Path,
) -> anyhow::Result<Exit> {
    let exported = review::export(project, reviewer, file)?;
    if args.json {
        print::json(&exported);
    } else {
        let name = plain(&reviewer.name, 200);
        let rows = texts(exported.rows);
        print::result(&format!("{}: {rows} for {name}", exported.file.display()));
    }
    Ok(Exit::Done)
}

fn import(
    args: &ReviewArgs,
    project: &Project,
    reviewer: &Reviewer,
    file: &Path,
) -> anyhow::Result<Exit> {
    let imported = review::import(project, reviewer, file, args.partial)?;
    let Imported { added, known, empty, wrong } = &imported;
    if args.json {
        print::json(&imported);
    } else {
        print::result(&format!(
            "{added} ratings added, {known} known before, {empty} rows empty, {} wrong",
            wrong.len()
        ));
    }
    for wrong in wrong.iter().take(LISTED) {
        let row = wrong.row.map(|row| format!("row {row}: ")).unwrap_or_default();
        print::status(&plain(&format!("{row}{}", wrong.problem), 600));
    }
    if wrong.len() > LISTED {
        print::status(&format!("and {} more; --json lists them all", wrong.len() - LISTED));
    }
    match (wrong.is_empty(), args.partial) {
        (true, _) => Ok(Exit::Done),
        (false, true) => Ok(Exit::Missing),
        (false, false) => Err(Wrong::new(format!(
            "{} has wrong rows, so that nothing of it was taken",
            file.display()
        ))
        .hint("mend them, or take the good ones by --partial")
        .into()),
    }
}

fn texts(n: usize) -> String {
    format!("{n} text{}", if n == 1 { "" } else { "s" })
}
