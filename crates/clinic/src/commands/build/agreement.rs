//! `clinic build review --agreement`: how texts stand, and how far the reviewers agree.

use std::collections::BTreeMap;

use clinic_build::Project;
use clinic_build::review::{self, AgreementRow, Counts, Figure, Standing};
use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_report::{finish, grid, wrap};
use serde_json::json;

use crate::exit::Exit;
use crate::print;

pub fn print(project: &Project, is_json: bool) -> anyhow::Result<Exit> {
    let standings = review::standings(project)?;
    let rows = review::agreement(project)?;
    let items: BTreeMap<i64, (String, String)> = project
        .store()
        .items(None)?
        .into_iter()
        .map(|item| (item.id, (item.body.key, item.body.task)))
        .collect();
    if is_json {
        let texts: Vec<_> = standings
            .iter()
            .map(|((item, language), standing)| {
                let (key, task) = items.get(item).cloned().unwrap_or_default();
                let mut text = json!({ "item": key, "task": task, "language": language });
                if let (Some(text), Ok(serde_json::Value::Object(standing))) =
                    (text.as_object_mut(), serde_json::to_value(standing))
                {
                    text.extend(standing);
                }
                text
            })
            .collect();
        let all = Counts::of(standings.values());
        print::json(&json!({ "standings": texts, "counts": all, "agreement": rows }));
        return Ok(Exit::Done);
    }
    let width = print::width();
    let languages = project.languages().iter().map(|language| {
        let of = standings.iter().filter(|((_, tag), _)| *tag == language.tag);
        (language.english.clone(), Counts::of(of.map(|(_, standing)| standing)))
    });
    let tasks = project.tasks().iter().map(|task| {
        let is = |item: &i64| items.get(item).is_some_and(|(_, name)| *name == task.name);
        let of = standings.iter().filter(|((item, _), _)| is(item));
        (task.name.clone(), Counts::of(of.map(|(_, standing)| standing)))
    });
    let mut parts = vec![
        counted("language", languages, width),
        counted("task", tasks, width),
        measured(&rows, width),
    ];
    parts.extend(excluded(&standings, &items, width));
    print::result(&parts.join("\n\n"));
    Ok(Exit::Done)
}

fn counted(name: &str, rows: impl Iterator<Item = (String, Counts)>, width: usize) -> String {
    let mut table = grid(width);
    table.set_header([name, "texts", "waiting", "disputed", "included", "excluded"]);
    for (name, Counts { waiting, included, excluded, disputed }) in rows {
        let all = waiting + included + excluded + disputed;
        let numbers = [all, waiting, disputed, included, excluded].map(|n| n.to_string());
        table.add_row(std::iter::once(name).chain(numbers));
    }
    finish(&mut table)
}

fn measured(rows: &[AgreementRow], width: usize) -> String {
    let mut table = grid(width);
    table.set_header(["agreement on", "texts", "people", "same", "Cohen κ", "Fleiss κ", "α"]);
    for row in rows {
        let same = row.same.map_or("–".to_owned(), |same| format!("{:.0} %", same * 100.0));
        table.add_row([
            subject(row),
            row.texts.to_string(),
            row.people.to_string(),
            same,
            cell(row.cohen),
            cell(row.fleiss),
            cell(row.alpha),
        ]);
    }
    let note = "κ and α: 1 is agreement, 0 what chance would do; in brackets 95 %, from 20 items on. \
        – : undefined, as where nothing varies. Cohen's κ is of two people, by the square of the \
        distance; α is ordinal, of include and unsafe nominal. Of each text the first people count, \
        as many as [review] reviewers asks for.";
    format!("{}\n{}", finish(&mut table), wrap("", note, width))
}

fn subject(row: &AgreementRow) -> String {
    let of = match (&row.language, &row.task) {
        (Some(tag), _) => {
            let known = Languages::current().tag(tag);
            known.map_or(tag.clone(), |language| language.english.clone())
        }
        (_, Some(task)) => task.clone(),
        (None, None) => "all".to_owned(),
    };
    let criterion = row.criterion.as_deref().unwrap_or("all criteria");
    format!("{of}: {criterion}")
}

fn cell(figure: Option<Figure>) -> String {
    let Some(Figure { value, interval, .. }) = figure else { return "–".to_owned() };
    // Adding 0 takes the sign from what is rounded to -0.00.
    let two = |x: f64| format!("{:.2}", (x * 100.0).round() / 100.0 + 0.0);
    let interval = interval.map(|(low, high)| format!(" ({}, {})", two(low), two(high)));
    format!("{}{}", two(value), interval.unwrap_or_default())
}

/// Texts that are taken out, and why.
fn excluded(
    standings: &BTreeMap<review::Key, Standing>,
    items: &BTreeMap<i64, (String, String)>,
    width: usize,
) -> Option<String> {
    let mut lines = Vec::new();
    for ((item, language), standing) in standings {
        if let Standing::Excluded { why } = standing {
            let key = items.get(item).map_or("", |(key, _)| key.as_str());
            let line = format!("{} {language}: {why}", plain(key, 80));
            lines.push(wrap("  ", &line, width));
        }
    }
    (!lines.is_empty()).then(|| format!("excluded\n{}", lines.join("\n")))
}
