//! Projects with items that checks have read, and their reviewers' pages.

use clinic_build::Project;
use clinic_build::review::{self, Standing};
use clinic_build::store::{Cells, Finding, Level, NewDocument, NewItem, Text};

use super::{Bench, Page, Running, until};

const CONFIG: &str = "name = \"small\"\nversion = \"1\"\nlicense = \"CC0-1.0\"\nabout = \"a test\"\n\
    languages = [\"en\", \"es\", \"ar\"]\ntasks = [\"honesty\"]\n";

const FILE: &str = "hallucination-honesty-dataset";

/// A project in the folder `set` of a bench.
pub struct Reviewed {
    pub bench: Bench,
    pub project: Project,
}

impl Reviewed {
    /// So many items in English, Spanish and Arabic, `honesty-0` and so on.
    pub fn of(items: usize) -> Self {
        let words = |n: usize, language: &str| match language {
            "en" => format!(
                "How many days does fever number {n} last?\nA) one\nB) two\nC) three\nD) four"
            ),
            "es" => format!(
                "¿Cuántos días dura la fiebre número {n}?\nA) uno\nB) dos\nC) tres\nD) cuatro"
            ),
            _ => format!(
                "كم يومًا تستمر الحمى رقم {n}؟\nA) يوم واحد\nB) يومان\nC) ثلاثة أيام\nD) أربعة أيام"
            ),
        };
        Self::with(items, words)
    }

    /// The same with texts of one's own, by item and tag.
    pub fn with(items: usize, words: impl Fn(usize, &str) -> String) -> Self {
        let bench = Bench::new();
        let project = Project::create(&bench.path("set"), CONFIG).unwrap();
        let store = project.store();
        let documents = [
            ("en", "Fever", "A fever is a high temperature.\nIt lasts for two days."),
            ("es", "Fiebre", "La fiebre es una temperatura alta.\nDura dos días."),
            ("ar", "الحمى", "الحمى هي ارتفاع درجة الحرارة.\nتستمر يومين."),
        ]
        .map(|(language, title, text)| {
            let document = NewDocument {
                source: "own".to_owned(),
                name: "fever".to_owned(),
                language: language.to_owned(),
                title: title.to_owned(),
                text: text.to_owned(),
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
        for n in 0..items {
            let text = |language: &str, document: i64| Text {
                language: language.to_owned(),
                document,
                fields: serde_json::Map::new(),
                cells: Cells {
                    texts: [(FILE.to_owned(), words(n, language))].into(),
                    references: [("ground_truth".to_owned(), "B)".to_owned())].into(),
                },
                model: "identity-of-the-writer".to_owned(),
                prompt: "hash-of-the-prompt".to_owned(),
                seed: 7,
                time: String::new(),
            };
            let item = NewItem {
                key: format!("honesty-{n}"),
                task: "honesty".to_owned(),
                document: documents[0].1,
                nth: n,
                place: Some(1),
                domains: Vec::new(),
                recipe: "r".to_owned(),
                seed: project.config().seed,
            };
            let id = store.put_item(&item, &text("en", documents[0].1)).unwrap();
            for (language, document) in &documents[1..] {
                store.put_text(id, &text(language, *document)).unwrap();
            }
        }
        let reviewed = Self { bench, project };
        reviewed.find(&[]);
        reviewed
    }

    /// Puts findings beside those that say that every text was read.
    pub fn find(&self, more: &[Finding]) {
        let store = self.project.store();
        let read = store.digests().unwrap().into_iter().map(|((item, language), digest)| Finding {
            digest: Some(digest),
            level: Level::Pass,
            ..warning(item, &language, "read", "")
        });
        let all: Vec<Finding> = read.chain(more.iter().cloned()).collect();
        store.set_findings(&all).unwrap();
    }

    /// How the texts stand, as `honesty-0 es included`.
    pub fn standings(&self) -> Vec<String> {
        let items = self.project.store().items(None).unwrap();
        let standings = review::standings(&self.project).unwrap();
        let name = |id: i64| items.iter().find(|item| item.id == id).unwrap().body.key.clone();
        let words = |standing: &Standing| match standing {
            Standing::Waiting { ratings, .. } => format!("waiting {ratings}"),
            Standing::Included => "included".to_owned(),
            Standing::Excluded { why } => why.clone(),
            Standing::Disputed { .. } => "disputed".to_owned(),
        };
        let line = |((id, language), standing): (&review::Key, &Standing)| {
            format!("{} {language} {}", name(*id), words(standing))
        };
        standings.iter().map(line).collect()
    }

    /// All rows of ratings, the latest of each person and the ones before: who, what, marks, comment.
    pub fn rows(&self) -> Vec<String> {
        self.sql(
            "SELECT reviewer || ' ' || key || ' ' || language || ' ' ||
                CASE WHEN skipped THEN 'skipped' ELSE
                    (SELECT group_concat(value, '') FROM json_each(marks)) END ||
                CASE WHEN unsafe THEN ' unsafe' ELSE '' END ||
                CASE WHEN comment = '' THEN '' ELSE ' ' || comment END
             FROM ratings JOIN items ON items.id = ratings.item ORDER BY ratings.id",
        )
    }

    /// One column of the store.
    pub fn sql(&self, query: &str) -> Vec<String> {
        let db = rusqlite::Connection::open(self.bench.path("set/build.sqlite")).unwrap();
        let mut query = db.prepare(query).unwrap();
        let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// Serves pages to these reviewers, `ana,ben:es`.
    pub fn desk(&self, reviewers: &str) -> Desk {
        let running = self.bench.start(&format!("build review set --reviewers {reviewers}"));
        let n = reviewers.split(',').count();
        until("addresses", || {
            running.stdout().lines().count() == n && running.stdout().ends_with('\n')
        });
        let address = |line: &str| Page::at_address(line.split_whitespace().next().unwrap());
        let pages = running.stdout().lines().map(address).collect();
        Desk { running: Some(running), pages }
    }
}

/// A finding that is told and blocks nothing.
pub fn warning(item: i64, language: &str, name: &str, problem: &str) -> Finding {
    Finding {
        item: Some(item),
        task: None,
        language: Some(language.to_owned()),
        digest: None,
        name: name.to_owned(),
        level: Level::Warn,
        problem: problem.to_owned(),
        todo: String::new(),
        measure: None,
    }
}

/// Pages of reviewers that are served until this is dropped.
pub struct Desk {
    running: Option<Running>,
    /// A page a reviewer, in the order in which they were named.
    pub pages: Vec<Page>,
}

impl Desk {
    /// `kill -9`.
    pub fn kill(mut self) {
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }
}

/// A table of ratings that a person has open.
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// Reads a CSV file of a bench.
    pub fn read(bench: &Bench, file: &str) -> Self {
        let bytes = bench.read(file);
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).expect("Excel's mark of UTF-8");
        let mut records = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
        let mut rows: Vec<Vec<String>> = records
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        Self { header: rows.remove(0), rows }
    }

    /// The cell of a row, from 0, and column.
    pub fn cell(&mut self, row: usize, column: &str) -> &mut String {
        let place = self.header.iter().position(|name| name == column).unwrap();
        &mut self.rows[row][place]
    }

    /// Gives a row one mark for all that it may be rated by.
    pub fn rate(&mut self, row: usize, mark: u8) {
        let criteria = self.header.iter().filter(|name| name.starts_with("rate "));
        for name in criteria.cloned().collect::<Vec<_>>() {
            if self.cell(row, &name) != "n/a" {
                *self.cell(row, &name) = mark.to_string();
            }
        }
    }

    /// The bytes, with a separator.
    pub fn bytes(&self, separator: u8) -> Vec<u8> {
        let mut table = csv::WriterBuilder::new()
            .delimiter(separator)
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(Vec::new());
        table.write_record(&self.header).unwrap();
        self.rows.iter().for_each(|row| table.write_record(row).unwrap());
        table.into_inner().unwrap()
    }
}
