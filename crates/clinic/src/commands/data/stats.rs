//! `clinic data stats`: how many samples a dataset gives, and how long they are.

use std::collections::BTreeMap;
use std::path::Path;

use clinic_data::stats::Stats;
use clinic_report::chart::{self, Bar};
use serde_json::json;

use crate::args::StatsArgs;
use crate::commands::selection;
use crate::exit::{Exit, Wrong};
use crate::print;

/// Samples by dimension, task, language and domain, lengths, and the gaps.
pub fn stats(args: &StatsArgs) -> anyhow::Result<Exit> {
    let selection = selection::select(&args.what)?;
    let stats = Stats::of(&selection.tasks, &selection.languages, &selection.samples);
    if let Some(folder) = &args.charts {
        charts(&stats, folder)?;
    }
    let data = &selection.data;
    if args.json {
        let tasks: BTreeMap<&str, &BTreeMap<String, usize>> =
            stats.tasks.iter().map(|task| (task.name.as_str(), &task.languages)).collect();
        let published: BTreeMap<&str, usize> =
            stats.tasks.iter().map(|task| (task.name.as_str(), task.published)).collect();
        print::json(&json!({
            "name": data.name, "version": data.version, "samples": stats.samples,
            "dimensions": stats.dimensions, "tasks": tasks, "domains": stats.domains,
            "without_domain": stats.without_domain, "languages": stats.languages,
            "published": {
                "tasks": published, "a_language": published.values().sum::<usize>(),
                "differs": !stats.as_published(),
            },
            "gaps": selection.gaps, "files": data.files,
        }));
        return Ok(Exit::Done);
    }
    print::result(format!("{} {}", data.name, data.version).trim());
    show(&stats);
    for gap in &selection.gaps {
        print::gap(gap);
    }
    Ok(Exit::Done)
}

fn show(stats: &Stats) {
    let mut table = clinic_report::grid(print::width());
    table.set_header(["task", "a language", "in all", "published, a language"]);
    let mut dimension = None;
    for task in &stats.tasks {
        if dimension.replace(task.dimension) != Some(task.dimension) {
            let name = task.dimension.to_string().to_uppercase();
            let all = stats.dimensions.get(&task.dimension).copied().unwrap_or(0);
            table.add_row([name, String::new(), all.to_string(), String::new()]);
        }
        let (least, most) = (
            task.languages.values().min().unwrap_or(&0),
            task.languages.values().max().unwrap_or(&0),
        );
        let range = if least == most { most.to_string() } else { format!("{least} to {most}") };
        let mark = if task.differs() { " *" } else { "" };
        let all = task.languages.values().sum::<usize>().to_string();
        table.add_row([task.name.clone(), range, all, format!("{}{mark}", task.published)]);
    }
    print::result(&clinic_report::finish(&mut table));
    let published: usize = stats.tasks.iter().map(|task| task.published).sum();
    let line = format!(
        "{} samples in {} languages; the published set has {} a language for these tasks{}",
        stats.samples,
        stats.languages.len(),
        grouped(published),
        if stats.as_published() { ", as this one" } else { " (* differs)" }
    );
    print::result(&clinic_report::wrap("", &line, print::width()));
    print::result("");
    let mut table = clinic_report::grid(print::width());
    table.set_header([
        "language",
        "samples",
        "characters: mean",
        "median",
        "most",
        "words: mean",
        "median",
        "most",
    ]);
    for language in &stats.languages {
        let (letters, words) = (&language.characters, &language.words);
        table.add_row([
            language.english.clone(),
            language.samples.to_string(),
            format!("{:.0}", letters.mean),
            letters.median.to_string(),
            letters.most.to_string(),
            format!("{:.0}", words.mean),
            words.median.to_string(),
            words.most.to_string(),
        ]);
    }
    print::result(&clinic_report::finish(&mut table));
    print::result("");
    if stats.domains.is_empty() {
        print::result("no sample names a domain");
        return;
    }
    let mut table = clinic_report::grid(print::width());
    table.set_header(["domain", "samples", "share of all"]);
    for (domain, count) in &stats.domains {
        let share = 100.0 * *count as f64 / stats.samples as f64;
        table.add_row([domain.clone(), count.to_string(), format!("{share:.0} %")]);
    }
    if stats.without_domain > 0 {
        let share = 100.0 * stats.without_domain as f64 / stats.samples as f64;
        let none = "none named".to_owned();
        table.add_row([none, stats.without_domain.to_string(), format!("{share:.0} %")]);
    }
    print::result(&clinic_report::finish(&mut table));
    let both =
        "A sample in two domains counts in both, so that the shares add up to more than 100 %.";
    print::result(&clinic_report::wrap("", both, print::width()));
}

/// A number with commas between its thousands.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits"))
        .collect();
    groups.join(",")
}

/// Writes the counts as SVG files.
fn charts(stats: &Stats, folder: &Path) -> anyhow::Result<()> {
    let bar = |label: &str, value: f64| Bar { label: label.to_owned(), value };
    let dimensions = stats.dimensions.iter().map(|(d, n)| bar(&d.to_string(), *n as f64));
    let tasks =
        stats.tasks.iter().map(|t| bar(&t.name, t.languages.values().sum::<usize>() as f64));
    let languages = stats.languages.iter().map(|l| bar(&l.english, l.samples as f64));
    let domains = stats.domains.iter().map(|(domain, n)| bar(domain, *n as f64));
    let characters = stats.languages.iter().map(|l| bar(&l.english, l.characters.mean));
    let words = stats.languages.iter().map(|l| bar(&l.english, l.words.mean));
    let both = "Samples by domain; one in two domains counts in both";
    let write = |name: &str, title: &str, bars: Vec<Bar>| {
        let path = folder.join(name);
        std::fs::write(&path, chart::bars(title, &bars))
            .map_err(|error| Wrong::new(format!("cannot write {}: {error}", path.display())))
    };
    std::fs::create_dir_all(folder)
        .map_err(|error| Wrong::new(format!("cannot make {}: {error}", folder.display())))?;
    write("dimensions.svg", "Samples by dimension", dimensions.collect())?;
    write("tasks.svg", "Samples by task", tasks.collect())?;
    write("languages.svg", "Samples by language", languages.collect())?;
    write("domains.svg", both, domains.collect())?;
    write("characters.svg", "Mean characters of a text by language", characters.collect())?;
    write("words.svg", "Mean words of a text by language", words.collect())?;
    print::status(&format!("charts: {}", folder.display()));
    Ok(())
}
