//! The published layout: folders a task and a language, files with `Question` and `Response`.
//!
//! A row belongs to the item whose text its question holds. Under the protocol `reference` rows
//! belong by their place alone, as in the published scripts: where a file is short they shift.

mod align;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use clinic_core::dataset::Table;
use clinic_core::digest;
use clinic_core::language::Language;
use clinic_core::published::layout::{MIDDLE, QUESTION, RESPONSE, ResponseFile, response_files};
use clinic_core::published::{Protocol, Published};
use clinic_core::sample::Sample;
use clinic_core::task::Task;

use super::{ImportError, Skipped};
use crate::run::Answers;

/// Folders below the one that is imported in which task folders are looked for.
const DEPTH: usize = 2;

/// A folder of one task and one model.
struct TaskFolder {
    path: PathBuf,
    task: String,
    model: String,
}

/// What a folder holds.
pub struct Import {
    /// The model's name in files and folders.
    pub model: String,
    /// Tags of the languages that have any file.
    pub languages: BTreeSet<String>,
    /// Names of the tasks that have any file.
    pub tasks: BTreeSet<String>,
    /// What was not read, and why.
    pub skipped: Vec<Skipped>,
    /// Response file to SHA-256.
    pub digests: BTreeMap<String, String>,
    answers: HashMap<Place, (String, String)>,
}

/// A sample and a variant.
#[derive(PartialEq, Eq, Hash, Clone)]
struct Place {
    task: String,
    language: String,
    item: String,
    variant: String,
}

impl Place {
    fn of(sample: &Sample, variant: &str) -> Self {
        Self {
            task: sample.task.clone(),
            language: sample.language.clone(),
            item: sample.item.clone(),
            variant: variant.to_owned(),
        }
    }
}

/// The samples of a dataset, and how many rows each group of its files has.
pub struct Data<'a> {
    /// Tasks, in the order of the run.
    pub tasks: &'a [Task],
    /// Languages that are known.
    pub languages: &'a [Language],
    /// Their samples.
    pub samples: &'a [Sample],
    /// Tasks that are known and not wanted: their folders are passed over without a word.
    pub unwanted: &'a [Task],
    /// Rows of the first file of a group, by task and group.
    pub rows: &'a dyn Fn(&Task, Option<&str>) -> usize,
}

impl Answers for Import {
    fn find(&self, sample: &Sample, variant: &str) -> Result<(&str, &str), String> {
        let found = self.answers.get(&Place::of(sample, variant));
        let (question, response) =
            found.ok_or_else(|| "the imported files hold no response to this".to_owned())?;
        Ok((question, response))
    }
}

/// Reads a folder: the one above the model's, the model's own, or one of a task.
pub fn read(
    folder: &Path,
    model: Option<&str>,
    protocol: Protocol,
    data: &Data<'_>,
) -> Result<Import, ImportError> {
    let mut folders = Vec::new();
    find(folder, DEPTH, &mut folders)?;
    let models: BTreeSet<String> = folders.iter().map(|folder| folder.model.clone()).collect();
    let found: Vec<String> = models.into_iter().collect();
    let model = match (model, found.as_slice()) {
        (_, []) => return Err(ImportError::Nothing(folder.to_owned())),
        (Some(wanted), found) if found.iter().any(|m| m == wanted) => wanted.to_owned(),
        (Some(wanted), _) => {
            return Err(ImportError::NoModel { wanted: wanted.to_owned(), found });
        }
        (None, [only]) => only.clone(),
        (None, _) => return Err(ImportError::Models(found)),
    };
    let mut import = Import {
        model,
        languages: BTreeSet::new(),
        tasks: BTreeSet::new(),
        skipped: Vec::new(),
        digests: BTreeMap::new(),
        answers: HashMap::new(),
    };
    let files = response_files(data.tasks);
    folders.retain(|folder| folder.model == import.model);
    for task_folder in &folders {
        let own: Vec<&ResponseFile<'_>> =
            files.iter().filter(|file| file.folders().contains(&task_folder.task)).collect();
        if own.is_empty() {
            let folder = |published: &Published| published.folders.contains(&task_folder.task);
            if !data.unwanted.iter().any(|t| t.published.as_ref().is_some_and(folder)) {
                import.skip(&task_folder.path, "no task has such a folder");
            }
            continue;
        }
        import.read_task(folder, task_folder, &own, protocol, data)?;
    }
    import.skipped.sort();
    Ok(import)
}

/// Finds the folders of tasks.
fn find(folder: &Path, depth: usize, found: &mut Vec<TaskFolder>) -> Result<(), ImportError> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if let Some((task, model)) = name.split_once(MIDDLE) {
        found.push(TaskFolder {
            path: folder.to_owned(),
            task: task.to_owned(),
            model: model.to_owned(),
        });
        return Ok(());
    }
    for path in entries(folder)? {
        if depth > 0 && path.is_dir() {
            find(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

/// The entries of a folder, in order of their names.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, ImportError> {
    let io = |source| ImportError::Io { path: folder.to_owned(), source };
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .map_err(io)?;
    entries.sort();
    Ok(entries)
}

impl Import {
    fn skip(&mut self, path: &Path, why: impl Into<String>) {
        self.skipped.push(Skipped { path: path.to_owned(), why: why.into(), partly: false });
    }

    fn read_task(
        &mut self,
        root: &Path,
        folder: &TaskFolder,
        files: &[&ResponseFile<'_>],
        protocol: Protocol,
        data: &Data<'_>,
    ) -> Result<(), ImportError> {
        for path in entries(&folder.path)? {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if !path.is_dir() {
                self.skip(&path, "a folder for a language is expected here");
                continue;
            }
            let Some(language) =
                data.languages.iter().find(|l| l.english.eq_ignore_ascii_case(&name))
            else {
                self.skip(&path, "no known language has this name");
                continue;
            };
            for path in entries(&path)? {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let same = |file: &&&ResponseFile<'_>| {
                    file.name(&language.english, &self.model).eq_ignore_ascii_case(&name)
                };
                match files.iter().find(same) {
                    Some(file) => self.read_file(root, &path, file, language, protocol, data),
                    None => {
                        let expected: Vec<String> = files
                            .iter()
                            .map(|file| file.name(&language.english, &self.model))
                            .collect();
                        self.skip(&path, format!("expected here: {}", expected.join(", ")));
                    }
                }
            }
        }
        Ok(())
    }

    fn read_file(
        &mut self,
        root: &Path,
        path: &Path,
        file: &ResponseFile<'_>,
        language: &Language,
        protocol: Protocol,
        data: &Data<'_>,
    ) {
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let table = match read_table(path, &shown) {
            Ok(table) => table,
            Err(why) => return self.skip(path, why),
        };
        let columns = (table.column(QUESTION), table.column(RESPONSE));
        let (Some(question), Some(response)) = columns else {
            let found = table.headers().join(", ");
            let why = format!("needs the columns {QUESTION} and {RESPONSE}, and has {found}");
            return self.skip(path, why);
        };
        let mut samples: Vec<&Sample> = data
            .samples
            .iter()
            .filter(|s| s.language == language.tag && s.group.as_deref() == file.group)
            .filter(|s| file.tasks.iter().any(|task| task.name == s.task))
            .collect();
        samples.sort_by_key(|sample| sample.row);
        let questions: Vec<&str> = (0..table.len()).map(|row| table.cell(row, question)).collect();
        let total = (data.rows)(file.tasks[0], file.group);
        let held: Vec<usize> = (0..total).filter(|row| file.holds(*row, total)).collect();
        let places =
            align::Expected { samples: &samples, variant: file.variant, held: &held, total };
        let aligned = places.align(&questions, protocol);
        if !aligned.notes.is_empty() {
            let (why, partly) = (aligned.notes.join("; "), !aligned.rows.is_empty());
            self.skipped.push(Skipped { path: path.to_owned(), why, partly });
        }
        if aligned.rows.is_empty() {
            return;
        }
        self.digests.insert(shown, table.digest.clone());
        self.languages.insert(language.tag.clone());
        for (sample, row) in aligned.rows {
            self.tasks.insert(sample.task.clone());
            let cells =
                (table.cell(row, question).to_owned(), table.cell(row, response).to_owned());
            self.answers.insert(Place::of(sample, file.variant), cells);
        }
    }
}

fn read_table(path: &Path, shown: &str) -> Result<Table, String> {
    // A pipe or a device would never end.
    if !path.is_file() {
        return Err("not a file".to_owned());
    }
    let bytes = fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
    let digest = digest::hex(&[&bytes]);
    Table::parse(shown, &bytes, digest).map_err(|error| error.to_string())
}
