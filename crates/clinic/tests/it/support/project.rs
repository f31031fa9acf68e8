//! Projects of `clinic build` whose stores are filled from the starter set, without any step.

use std::collections::BTreeMap;

use clinic_build::store::{Cells, Finding, Level, NewDocument, NewItem, NewRating, Text};
use clinic_build::{Domain, Project};
use clinic_core::dataset::{Dataset, Table};
use clinic_core::language::{Language, Languages};
use clinic_core::task::{Library, Task};
use clinic_engine::run::ModelRef;

use super::Bench;

/// A project whose items are those of the starter set, as many a task as there are, or `most`; each
/// was written from a document of its own, and read by checks.
pub fn from_starter(bench: &Bench, name: &str, tags: &[&str], most: usize, more: &str) -> Project {
    let config = format!(
        "name = \"{name}\"\nversion = \"0.1\"\nlicense = \"CC-BY-4.0\"\nabout = \"For tests.\"\n\
         languages = {tags:?}\n{more}\n[[sources]]\nname = \"own\"\nkind = \"folder\"\n\
         from = \"documents\"\nlicense = \"CC-BY-4.0\"\n"
    );
    let project = Project::create(&bench.path(name), &config).unwrap();
    let model = ModelRef {
        name: "openai/writer".into(),
        base_url: Some("http://10.1.2.3:8000/v1".into()),
        identity: "writer at http://10.1.2.3:8000/v1".into(),
        price: None,
    };
    project.store().uses("write", &model).unwrap();
    for task in project.tasks() {
        Rows::of(task).fill(&project, task, most, &model.identity);
    }
    check(&project, &[]);
    project
}

/// Notes that checks have read every text, and what else they found.
pub fn check(project: &Project, more: &[Finding]) {
    let read =
        project.store().digests().unwrap().into_iter().map(|((item, language), digest)| Finding {
            digest: Some(digest),
            language: Some(language),
            ..finding(Some(item), "read", Level::Pass)
        });
    let all: Vec<Finding> = read.chain(more.iter().cloned()).collect();
    project.store().set_findings(&all).unwrap();
}

/// A finding on an item in all languages, or on the whole set.
pub fn finding(item: Option<i64>, name: &str, level: Level) -> Finding {
    Finding {
        item,
        task: None,
        language: None,
        digest: None,
        name: name.into(),
        level,
        problem: format!("what {name} found"),
        todo: "look".into(),
        measure: None,
    }
}

/// Puts one time in the place of all that the store has.
pub fn at_one_time(bench: &Bench, name: &str) {
    let db = rusqlite::Connection::open(bench.path(name).join("build.sqlite")).unwrap();
    for (table, column) in
        [("documents", "fetched"), ("texts", "time"), ("findings", "time"), ("ratings", "time")]
    {
        db.execute(&format!("UPDATE {table} SET {column} = '2026-01-02T03:04:05Z'"), []).unwrap();
    }
}

/// What a person says of every text of a task: of the n-th item one mark for all criteria.
pub fn rate(project: &Project, name: &str, task: &str, mark: impl Fn(usize) -> u8) {
    let ratings: Vec<NewRating> = project
        .store()
        .items(Some(task))
        .unwrap()
        .iter()
        .enumerate()
        .flat_map(|(n, item)| {
            let mark = mark(n);
            let texts = project.store().texts(item.id).unwrap();
            texts.into_iter().map(move |text| NewRating {
                item: item.id,
                digest: text.cells.digest(),
                reviewer: name.into(),
                skipped: false,
                r#unsafe: false,
                marks: project.recipe(task).criteria().map(|c| (c.name.clone(), mark)).collect(),
                comment: "between us".into(),
                via: "page".into(),
                language: text.language,
            })
        })
        .collect();
    project.store().rate(&ratings).unwrap();
}

/// The rows of a task in the starter set: dataset file to the table and its rows.
struct Rows(BTreeMap<String, (Table, Vec<usize>)>);

impl Rows {
    fn of(task: &Task) -> Self {
        let starter = Dataset::starter().unwrap();
        let mut files = BTreeMap::new();
        for group in &task.data.groups {
            for (_, file) in group.variants() {
                let table = starter.table(file).unwrap().unwrap();
                let total = table.len();
                let rows = (0..total).filter(|row| group.rows.contains(*row, total)).collect();
                files.insert(file.to_owned(), (table, rows));
            }
        }
        Self(files)
    }

    fn fill(&self, project: &Project, task: &Task, most: usize, model: &str) {
        let items = self.0.values().map(|(_, rows)| rows.len()).min().unwrap();
        for n in 0..items.min(most) {
            let texts: Vec<Text> = project
                .languages()
                .iter()
                .map(|language| Text {
                    language: language.tag.clone(),
                    document: document(project, task, n, language),
                    fields: serde_json::Map::new(),
                    cells: self.cells(task, n, language),
                    model: model.to_owned(),
                    prompt: format!("{n:064}"),
                    seed: n as u64,
                    time: String::new(),
                })
                .collect();
            let item = NewItem {
                key: format!("{}-{n}", task.name),
                task: task.name.clone(),
                document: texts[0].document,
                nth: 0,
                place: None,
                domains: self.domains(n),
                recipe: project.recipe(&task.name).digest.clone(),
                seed: project.config().seed,
            };
            let id = project.store().put_item(&item, &texts[0]).unwrap();
            texts[1..].iter().for_each(|text| project.store().put_text(id, text).unwrap());
        }
    }

    fn cells(&self, task: &Task, n: usize, language: &Language) -> Cells {
        let texts = self.0.iter().map(|(file, (table, rows))| {
            (file.clone(), cell(table, rows[n], &language.english).unwrap())
        });
        let (table, rows) = self.0.values().next().unwrap();
        let references = task.data.references.iter().filter_map(|(name, spec)| {
            let own = spec.columns.iter().find_map(|column| {
                let own = cell(table, rows[n], &format!("{column}_{}", language.english));
                own.or_else(|| cell(table, rows[n], column))
            });
            Some((name.clone(), own?))
        });
        Cells { texts: texts.collect(), references: references.collect() }
    }

    fn domains(&self, n: usize) -> Vec<Domain> {
        let (table, rows) = self.0.values().next().unwrap();
        let names = cell(table, rows[n], "domains").unwrap();
        names.split(';').filter_map(|name| Domain::of(name.trim())).collect()
    }
}

fn cell(table: &Table, row: usize, header: &str) -> Option<String> {
    let column = table.column(header)?;
    Some(table.cell(row, column).to_owned()).filter(|cell| !cell.is_empty())
}

fn document(project: &Project, task: &Task, n: usize, language: &Language) -> i64 {
    let name = format!("{}-{n}", task.name);
    let new = NewDocument {
        source: "own".into(),
        title: format!("The document {name}"),
        text: format!("What {name} says, in {}.", language.english),
        license: "CC-BY-4.0".into(),
        address: format!("documents/{}/{name}.txt", language.tag),
        dated: Some("2024-05-06".into()),
        sha256: clinic_core::digest::hex(&[name.as_bytes(), language.tag.as_bytes()]),
        link: Some(name.clone()),
        groups: Vec::new(),
        recent: false,
        language: language.tag.clone(),
        name,
    };
    project.store().put_document(&new).unwrap().0
}

/// All 18 tasks.
pub fn all_tasks() -> Vec<String> {
    let library = Library::builtin().unwrap();
    library.select(&[]).unwrap().iter().map(|task| task.name.clone()).collect()
}

/// The English name of a language.
pub fn english(tag: &str) -> String {
    Languages::current().tag(tag).unwrap().english.clone()
}
