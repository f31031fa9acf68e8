//! `statistics/`: samples by dimension, task, language and domain, as tables and charts.

use std::collections::BTreeMap;

use clinic_report::chart::{self, Bar};

use super::facts::Facts;
use super::folder::Output;
use super::words;
use crate::{Domain, StepError};

/// A table: what it counts, its header, its rows.
struct Table {
    name: &'static str,
    title: &'static str,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// The column that the chart draws, behind that of its labels.
    draws: usize,
}

/// Writes a CSV and an SVG a table, and a page with all of them.
pub fn write(output: &Output, facts: &Facts<'_>) -> Result<(), StepError> {
    let mut page = String::from(
        "# Statistics\n\nSamples: an item in a language is one; of a task with several files a row \
         of each is one.\n\n",
    );
    for table in tables(facts) {
        let name = table.name;
        output.write(&format!("statistics/{name}.csv"), table.csv()?)?;
        let bar = |row: &Vec<String>| Bar {
            label: row[0].clone(),
            value: row[table.draws].parse().unwrap_or(0.0),
        };
        let bars: Vec<Bar> = table.rows.iter().map(bar).collect();
        output.write(&format!("statistics/{name}.svg"), chart::bars(table.title, &bars))?;
        page += &format!("## {}\n\n", table.title);
        let escaped = |row: &Vec<String>| row.iter().map(|cell| words::escaped(cell)).collect();
        let rows: Vec<Vec<String>> = table.rows.iter().map(escaped).collect();
        page += &words::table(&table.header, &rows);
        page += &format!("![{}]({name}.svg)\n\n", table.title);
    }
    output.write("statistics/statistics.md", page.trim_end().to_owned() + "\n")?;
    output.write("statistics/task-by-language.csv", by_language(facts).csv()?)
}

impl Table {
    fn csv(&self) -> Result<Vec<u8>, StepError> {
        let fail = |error: &dyn std::fmt::Display| {
            StepError::Input(format!("statistics/{}.csv: {error}", self.name))
        };
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(&self.header).map_err(|error| fail(&error))?;
        for row in &self.rows {
            writer.write_record(row).map_err(|error| fail(&error))?;
        }
        writer.into_inner().map_err(|error| fail(&error.error()))
    }
}

fn tables(facts: &Facts<'_>) -> [Table; 4] {
    let stats = &facts.stats;
    let mut items: BTreeMap<_, usize> = BTreeMap::new();
    for task in &facts.tasks {
        *items.entry(task.dimension).or_default() += facts.set[&task.name].len();
    }
    let dimensions = stats.dimensions.iter().map(|(dimension, samples)| {
        let items = items.get(dimension).copied().unwrap_or(0);
        vec![dimension.to_string(), items.to_string(), samples.to_string()]
    });
    let tasks = stats.tasks.iter().map(|task| {
        let samples = task.languages.values().sum::<usize>();
        let items = facts.set.get(&task.name).map_or(0, Vec::len);
        vec![task.name.clone(), task.dimension.to_string(), items.to_string(), samples.to_string()]
    });
    let languages = facts.languages().iter().zip(&stats.languages).map(|(language, count)| {
        vec![
            language.english.clone(),
            language.tag.clone(),
            language.tier.to_string(),
            count.samples.to_string(),
            format!("{:.1}", count.characters.mean),
            count.characters.median.to_string(),
            format!("{:.1}", count.words.mean),
            count.words.median.to_string(),
        ]
    });
    let domains = Domain::ALL.into_iter().map(|domain| {
        let items = facts.domains.get(&domain).copied().unwrap_or(0);
        let samples = stats.domains.get(domain.name()).copied().unwrap_or(0);
        vec![domain.name().to_owned(), items.to_string(), samples.to_string()]
    });
    [
        Table {
            name: "dimensions",
            title: "Samples by dimension",
            header: vec!["dimension", "items", "samples"],
            rows: dimensions.collect(),
            draws: 2,
        },
        Table {
            name: "tasks",
            title: "Samples by task",
            header: vec!["task", "dimension", "items", "samples"],
            rows: tasks.collect(),
            draws: 3,
        },
        Table {
            name: "languages",
            title: "Samples by language",
            header: vec![
                "language",
                "tag",
                "tier",
                "samples",
                "mean characters",
                "median characters",
                "mean words",
                "median words",
            ],
            rows: languages.collect(),
            draws: 3,
        },
        Table {
            name: "domains",
            title: "Samples by domain; one in two domains counts in both",
            header: vec!["domain", "items", "samples"],
            rows: domains.collect(),
            draws: 2,
        },
    ]
}

/// A row a task and language.
fn by_language(facts: &Facts<'_>) -> Table {
    let rows = facts.stats.tasks.iter().flat_map(|task| {
        facts.languages().iter().map(|language| {
            let samples = task.languages.get(&language.tag).copied().unwrap_or(0);
            vec![task.name.clone(), language.english.clone(), samples.to_string()]
        })
    });
    Table {
        name: "task-by-language",
        title: "Samples by task and language",
        header: vec!["task", "language", "samples"],
        rows: rows.collect(),
        draws: 2,
    }
}
