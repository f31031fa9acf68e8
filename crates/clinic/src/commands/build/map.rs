//! `clinic build map`: English documents find their versions in the other languages.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::sync::Arc;

use clinic_build::map::{self, Embedding, Mapped, sheet};
use clinic_build::store::PairState;
use clinic_build::{Project, StepError};
use clinic_core::language::Languages;
use clinic_engine::run::Stop;
use clinic_report::{finish, grid, plain};
use serde_json::{Value, json};

use super::step::{Ended, ask, drive, way};
use crate::args::{Choice, Listed, MapArgs};
use crate::commands::work::EMBED_BATCH;
use crate::exit::{Exit, Wrong};
use crate::progress::Progress;
use crate::{models, money, print};

pub fn map(args: &MapArgs) -> anyhow::Result<Exit> {
    let tags = tags(&args.languages)?;
    if let Some(file) = &args.decisions {
        return decide(args, file);
    }
    if let Some(file) = &args.export {
        return export(args, file, &tags);
    }
    if let Some(listed) = args.list {
        return list(args, listed, &tags);
    }
    if !tags.is_empty() {
        return Err(Wrong::new("--languages goes with --list or --export")
            .hint("map takes all languages of build.toml")
            .into());
    }
    let project = Project::open(&args.dir)?;
    match mapped(args, &project)? {
        Ended::Early(exit) => Ok(exit),
        Ended::Done(mapped) => {
            tell(args, &project, &mapped)?;
            Ok(Exit::Done)
        }
    }
}

fn mapped(args: &MapArgs, project: &Project) -> anyhow::Result<Ended<Vec<Mapped>>> {
    let Some(Choice::Model(name)) = &args.embedder else {
        money::check_prices(&args.money, &[])?;
        let (stop, listener) = (Arc::new(Stop::default()), Arc::new(Progress::new(None, 0.0)));
        let step = map::map(project, None, &*listener);
        return drive(&args.dir, "map", stop, listener.clone(), args.pace.timeout, step);
    };
    let mut ready = models::embedder(name, args.embedder_base_url.as_deref(), &args.pace)?;
    money::price(&mut ready.named, &args.money);
    let models = [(&ready.named, ready.model.width())];
    let way = way(project, "map", &models, &args.pace, &args.money)?;
    let embedder = &ready.model;
    ask(project, "map", &way, &args.pace, |caller, listener| async move {
        let embedding = Embedding { caller: &caller, embedder: &**embedder, batch: EMBED_BATCH };
        map::map(project, Some(embedding), &*listener).await
    })
}

fn tell(args: &MapArgs, project: &Project, mapped: &[Mapped]) -> anyhow::Result<()> {
    if args.json {
        let dropped = project.store().dropped("map")?;
        let dropped = dropped.iter().map(|(language, dropped)| {
            json!({ "language": language, "what": dropped.what, "why": dropped.why })
        });
        print::json(&json!({ "languages": mapped, "dropped": dropped.collect::<Vec<Value>>() }));
        return Ok(());
    }
    let mut table = grid(print::width());
    let figures =
        ["English", "by link", "by vectors", "by people", "doubtful", "unmapped", "unclaimed"];
    table.set_header(["language"].iter().chain(&figures));
    for row in mapped {
        let counts = [
            row.english,
            row.by_link,
            row.by_embedding,
            row.by_person,
            row.doubtful,
            row.unmapped,
            row.unclaimed,
        ];
        let counts = figures.iter().zip(counts).map(|(name, n)| format!("{n:>0$}", name.len()));
        table.add_row([row.language.clone()].into_iter().chain(counts));
    }
    print::result(&finish(&mut table));
    for (language, dropped) in project.store().dropped("map")?.iter().take(10) {
        print::status(&format!("{language}: {}: {}", plain(&dropped.what, 80), dropped.why));
    }
    let without: usize = mapped.iter().map(|row| row.without_vector).max().unwrap_or(0);
    if without > 0 {
        print::status("documents without a vector were not compared; map again to ask once more");
    }
    if mapped.iter().any(|row| row.doubtful > 0) {
        let dir = args.dir.display();
        print::status(&format!("doubtful pairs: clinic build map {dir} --export doubtful.csv"));
    }
    Ok(())
}

fn list(args: &MapArgs, listed: Listed, tags: &[String]) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    let state = match listed {
        Listed::Mapped => PairState::Mapped,
        Listed::Doubtful => PairState::Doubtful,
        Listed::Unmapped => PairState::Unmapped,
    };
    let store = project.store();
    let mut rows = Vec::new();
    for pair in store.pairs(None)? {
        if pair.state == state && (tags.is_empty() || tags.contains(&pair.language)) {
            let english = store.document(pair.english)?.body.title;
            let other = pair.other.map(|other| store.document(other)).transpose()?;
            rows.push((pair, english, other.map(|other| other.body.title)));
        }
    }
    if args.json {
        let rows = rows.iter().map(|(pair, english, other)| {
            json!({ "pair": pair, "english_title": english, "other_title": other })
        });
        print::json(&rows.collect::<Vec<Value>>());
        return Ok(Exit::Done);
    }
    let mut table = grid(print::width());
    table.set_header(["", "id", "English", "id", "version", "similar"]);
    for (pair, english, other) in &rows {
        table.add_row([
            pair.language.clone(),
            pair.english.to_string(),
            plain(english, 60),
            pair.other.map(|other| other.to_string()).unwrap_or_default(),
            plain(other.as_deref().unwrap_or_default(), 60),
            pair.similarity.map(|similarity| format!("{similarity:.3}")).unwrap_or_default(),
        ]);
    }
    print::result(&finish(&mut table));
    Ok(Exit::Done)
}

fn export(args: &MapArgs, file: &Path, tags: &[String]) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    let (bytes, pairs) = sheet::write(&project, tags)?;
    let new = OpenOptions::new().write(true).create_new(true).open(file);
    let mut new = new.map_err(|error| {
        let what = Wrong::new(format!("{}: {error}", file.display()));
        match error.kind() {
            ErrorKind::AlreadyExists => {
                what.hint("it may hold somebody's decisions; name a new file")
            }
            _ => what,
        }
    })?;
    new.write_all(&bytes)?;
    new.sync_all()?;
    let (dir, shown) = (args.dir.display(), file.display());
    match args.json {
        true => print::json(&json!({ "file": file, "pairs": pairs })),
        false => print::result(&format!("{shown}: {pairs} doubtful pairs")),
    }
    print::status(&format!(
        "write yes or no into the column 'same', then: clinic build map {dir} --decisions {shown} \
         --name YOU"
    ));
    Ok(Exit::Done)
}

fn decide(args: &MapArgs, file: &Path) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    let name = args.name.as_deref().unwrap_or_default();
    let answers = sheet::read(&project, file, name)?;
    let store = project.store();
    let said = store.decisions_now().map_err(StepError::from)?;
    let new: Vec<_> = answers.decisions.iter().filter(|new| !said.contains(new)).cloned().collect();
    store.decide(&new).map_err(StepError::from)?;
    let known = answers.decisions.len() - new.len();
    let (open, missing) = (answers.open, answers.missing.len());
    if args.json {
        print::json(&json!({
            "new": new.len(), "known": known, "open": open, "missing": answers.missing,
        }));
    } else {
        print::result(&format!(
            "{} decisions kept, {known} were known, {open} rows left open",
            new.len()
        ));
    }
    if missing > 0 {
        let named: Vec<String> =
            answers.missing.iter().take(10).map(|(a, b)| format!("{a} and {b}")).collect();
        let more = if missing > named.len() { ", …" } else { "" };
        print::status(&format!(
            "{missing} doubtful pairs are not in the file and stay as they are: {}{more}",
            named.join(", ")
        ));
    }
    print::status(&format!("next: clinic build map {} …", args.dir.display()));
    Ok(Exit::Done)
}

fn tags(languages: &[String]) -> anyhow::Result<Vec<String>> {
    let tag = |name: &String| Ok(Languages::current().find(name.trim())?.tag.clone());
    let tags: BTreeSet<String> = languages.iter().map(tag).collect::<anyhow::Result<_>>()?;
    Ok(tags.into_iter().collect())
}
