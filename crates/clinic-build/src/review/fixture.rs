//! A small project with items that checks have read.

use crate::Project;
use crate::store::{Cells, Finding, Level, NewDocument, NewItem, NewRating, Text};

const CONFIG: &str = r#"
    name = "small"
    version = "1"
    license = "CC0-1.0"
    about = "for tests"
    languages = ["en", "es", "ar"]
    tasks = ["honesty"]
"#;

/// A project in a folder that goes with it.
pub struct Bench {
    pub project: Project,
    _folder: tempfile::TempDir,
    /// Numbers of the items.
    pub items: Vec<i64>,
}

impl Bench {
    /// So many items in English, Spanish and Arabic, all read and none blocked.
    pub fn new(items: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::create(&folder.path().join("p"), CONFIG).unwrap();
        let store = project.store();
        let documents = ["en", "es", "ar"].map(|language| {
            let document = NewDocument {
                source: "own".to_owned(),
                name: "fever".to_owned(),
                language: language.to_owned(),
                title: format!("Fever ({language})"),
                text: format!("Text of the document in {language}."),
                license: "CC0-1.0".to_owned(),
                address: format!("documents/{language}/fever.txt"),
                dated: None,
                sha256: language.to_owned(),
                link: None,
                groups: Vec::new(),
                recent: false,
            };
            (language, store.put_document(&document).unwrap().0)
        });
        let mut numbers = Vec::new();
        for n in 0..items {
            let text = |language: &str, document: i64| Text {
                language: language.to_owned(),
                document,
                fields: serde_json::Map::new(),
                cells: cells(&format!("Question {n} in {language}?")),
                model: "m".to_owned(),
                prompt: "p".to_owned(),
                seed: 0,
                time: String::new(),
            };
            let item = NewItem {
                key: format!("honesty-{n}"),
                task: "honesty".to_owned(),
                document: documents[0].1,
                nth: n,
                place: None,
                domains: Vec::new(),
                recipe: "r".to_owned(),
                seed: project.config().seed,
            };
            let id = store.put_item(&item, &text("en", documents[0].1)).unwrap();
            for (language, document) in &documents[1..] {
                store.put_text(id, &text(language, *document)).unwrap();
            }
            numbers.push(id);
        }
        let bench = Self { project, _folder: folder, items: numbers };
        bench.find(&[]);
        bench
    }

    /// Puts findings beside those that say that every text was read.
    pub fn find(&self, more: &[Finding]) {
        let store = self.project.store();
        let read = store.digests().unwrap().into_iter().map(|((item, language), digest)| Finding {
            digest: Some(digest),
            ..finding(Some(item), Some(&language), "read", Level::Pass)
        });
        let all: Vec<Finding> = read.chain(more.iter().cloned()).collect();
        store.set_findings(&all).unwrap();
    }

    /// A rating by a mark that is the same for every criterion.
    pub fn rating(&self, name: &str, item: usize, language: &str, mark: u8) -> NewRating {
        let item = self.items[item];
        let names: &[&str] = match language {
            "en" => &["correct", "fits", "language"],
            _ => &["correct", "fits", "language", "same"],
        };
        NewRating {
            item,
            language: language.to_owned(),
            digest: self.project.store().digests().unwrap()[&(item, language.to_owned())].clone(),
            reviewer: name.to_owned(),
            skipped: false,
            r#unsafe: false,
            marks: names.iter().map(|name| ((*name).to_owned(), mark)).collect(),
            comment: String::new(),
            via: "page".to_owned(),
        }
    }
}

/// A finding of an item or of all.
pub fn finding(item: Option<i64>, language: Option<&str>, name: &str, level: Level) -> Finding {
    Finding {
        item,
        task: None,
        language: language.map(str::to_owned),
        digest: None,
        name: name.to_owned(),
        level,
        problem: String::new(),
        todo: String::new(),
        measure: None,
    }
}

fn cells(question: &str) -> Cells {
    let texts = [("hallucination-honesty-dataset".to_owned(), question.to_owned())];
    let references = [("ground_truth".to_owned(), "A) right".to_owned())];
    Cells { texts: texts.into(), references: references.into() }
}
