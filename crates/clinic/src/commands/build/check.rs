//! `clinic build check`: what must be true of items before people see them.

use std::collections::BTreeMap;

use clinic_build::check::{self, Checked, Helpers, OfLanguage};
use clinic_build::store::{Finding, Level};
use clinic_build::{Project, StepError};
use clinic_core::language::Languages;
use clinic_engine::model::preset;
use clinic_report::{finish, grid, plain, wrap};

use super::step::{Ended, ask, way};
use crate::args::{CheckItemsArgs, Choice};
use crate::exit::Exit;
use crate::{models, money, print};

pub fn check(args: &CheckItemsArgs) -> anyhow::Result<Exit> {
    if args.list {
        return list(args);
    }
    let project = Project::open(&args.dir)?;
    let (judge_url, embedder_url) =
        (args.judge_base_url.as_deref(), args.embedder_base_url.as_deref());
    let mut judge =
        args.judge.as_ref().map(|name| models::model(name, judge_url, &args.pace)).transpose()?;
    let mut embedder = match &args.embedder {
        Some(Choice::Model(name)) => Some(models::embedder(name, embedder_url, &args.pace)?),
        Some(Choice::None) | None => None,
    };
    let mut used = Vec::new();
    if let Some(judge) = &mut judge {
        money::price(&mut judge.named, &args.money);
    }
    if let Some(embedder) = &mut embedder {
        money::price(&mut embedder.named, &args.money);
    }
    used.extend(judge.as_ref().map(|ready| (&ready.named, ready.model.width())));
    used.extend(embedder.as_ref().map(|ready| (&ready.named, ready.model.width())));
    let thinking = args.judge.as_ref().and_then(|name| preset::of(&models::text(name)));
    let thinking = thinking.map_or(0, |preset| preset.reasoning_tokens);
    let helpers = Helpers {
        judge: judge.as_ref().map(|ready| ready.model.as_ref()),
        reasoning_tokens: args.judge_reasoning_tokens.unwrap_or(thinking),
        embedder: embedder.as_ref().map(|ready| ready.model.as_ref()),
    };
    let way = way(&project, check::STEP, &used, &args.pace, &args.money)?;
    let told = &project;
    let ended = ask(&project, check::STEP, &way, &args.pace, |caller, listener| async move {
        check::check(told, helpers, &caller, listener.as_ref()).await
    })?;
    let checked = match ended {
        Ended::Done(checked) => checked,
        Ended::Early(exit) => return Ok(exit),
    };
    if args.json {
        print::json(&checked);
    } else {
        show(&checked);
    }
    let dir = args.dir.display();
    if checked.failed > 0 {
        print::status(&format!(
            "{} texts could not be checked since calls failed; run this again",
            checked.failed
        ));
        return Ok(Exit::Missing);
    }
    if checked.blocked + checked.warned > 0 {
        print::status(&format!("what was found, item by item: clinic build check {dir} --list"));
    }
    print::status(&format!("next: clinic build review {dir} --reviewers NAMES"));
    Ok(Exit::Done)
}

/// Blocks, warnings and passes of a check, and its findings by language.
type ByLanguage<'a> = ([usize; 3], Vec<(usize, &'a str)>);

fn show(checked: &Checked) {
    let width = print::width();
    let mut table = grid(width);
    table.set_header(["check", "blocks", "warns", "passes", "mostly in"]);
    let mut checks: BTreeMap<&str, ByLanguage<'_>> = BTreeMap::new();
    for count in &checked.counts {
        let (sums, languages) = checks.entry(&count.check).or_default();
        for (sum, n) in sums.iter_mut().zip([count.block, count.warn, count.pass]) {
            *sum += n;
        }
        let found = count.block + count.warn;
        if let Some(tag) = count.language.as_deref().filter(|_| found > 0) {
            languages.push((found, tag));
        }
    }
    for (check, (sums, mut languages)) in checks {
        languages.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
        let names: Vec<String> =
            languages.iter().take(3).map(|(n, tag)| format!("{} {n}", name(tag))).collect();
        let mut row = vec![check.to_owned()];
        row.extend(sums.map(|n| n.to_string()));
        row.push(names.join(", "));
        table.add_row(row);
    }
    print::result(&finish(&mut table));
    print::result("");
    print::result(&languages(&checked.languages, width));
    print::result("");
    for finding in &checked.whole {
        print::result(&line(finding, None, width));
    }
    print::result(&format!(
        "{} items, {} texts: {} blocked, {} to be warned of",
        checked.items, checked.texts, checked.blocked, checked.warned
    ));
}

fn languages(rows: &[OfLanguage], width: usize) -> String {
    let compared = rows.iter().any(|row| row.meaning.is_some());
    let mut table = grid(width);
    let mut header = vec!["language", "texts", "blocked", "warned"];
    if compared {
        header.extend(["similarity to English (95 %)", "lowest", "n"]);
    }
    table.set_header(header);
    for row in rows {
        let counts = [row.texts, row.blocked, row.warned];
        let mut cells = vec![name(&row.language)];
        cells.extend(counts.map(|n| n.to_string()));
        if let Some(meaning) = &row.meaning {
            let interval = meaning
                .interval
                .map(|(low, high)| format!(" ({low:.3}, {high:.3})"))
                .unwrap_or_default();
            cells.push(format!("{:.3}{interval}", meaning.mean));
            cells.push(format!("{:.3} {}", meaning.lowest, meaning.lowest_item));
            cells.push(meaning.n.to_string());
        }
        table.add_row(cells);
    }
    finish(&mut table)
}

fn name(tag: &str) -> String {
    Languages::current().tag(tag).map_or_else(|| tag.to_owned(), |l| l.english.clone())
}

/// What blocks and warns, item by item, as the last check left it.
fn list(args: &CheckItemsArgs) -> anyhow::Result<Exit> {
    let project = Project::look(&args.dir)?;
    let store = project.store();
    let keys: BTreeMap<i64, String> = store
        .items(None)
        .map_err(StepError::from)?
        .into_iter()
        .map(|item| (item.id, item.body.key))
        .collect();
    let mut findings = store.findings(None).map_err(StepError::from)?;
    findings.retain(|finding| finding.level != Level::Pass);
    let key = |finding: &Finding| finding.item.and_then(|item| keys.get(&item));
    if args.json {
        let rows = findings.iter().map(|finding| {
            let mut row = serde_json::json!(finding);
            row["key"] = serde_json::json!(key(finding));
            row
        });
        print::json(&rows.collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    for finding in &findings {
        print::result(&line(finding, key(finding), print::width()));
    }
    if !store.is_checked().map_err(StepError::from)? {
        print::status(&format!(
            "nothing has been checked yet: clinic build check {}",
            args.dir.display()
        ));
    } else if findings.is_empty() {
        print::status("nothing blocks and nothing warns");
    }
    Ok(Exit::Done)
}

/// A finding: what it means, where, what is wrong, what to do.
fn line(finding: &Finding, key: Option<&String>, width: usize) -> String {
    let level = match finding.level {
        Level::Block => "block",
        Level::Warn => "warn",
        Level::Pass => "pass",
    };
    let place = key.or(finding.task.as_ref()).map(|place| format!(" {place}")).unwrap_or_default();
    let language = finding.language.as_deref().map(|tag| format!(" {tag}")).unwrap_or_default();
    let todo = match finding.todo.as_str() {
        "" => String::new(),
        todo => format!(". To do: {todo}"),
    };
    let text = format!("{}{todo}.", finding.problem.trim_end_matches('.'));
    wrap(&format!("{level} {}{place}{language}: ", finding.name), &plain(&text, 600), width)
}
