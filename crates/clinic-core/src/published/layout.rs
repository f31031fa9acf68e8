//! The layout of published response files: `{model}/{task}_respon_{model}/{Language}/…csv`.

use super::Published;
use crate::task::Task;

/// Header of the column with the full prompt.
pub const QUESTION: &str = "Question";
/// Header of the column with the response.
pub const RESPONSE: &str = "Response";
/// What stands between the task and the model in a folder's name.
pub const MIDDLE: &str = "_respon_";

/// The response file of one variant: one a language.
#[derive(Debug, Clone)]
pub struct ResponseFile<'a> {
    /// Tasks whose rows share the file: those that have the folder, the variant and the group.
    pub tasks: Vec<&'a Task>,
    /// The group of dataset files, where the tasks have several.
    pub group: Option<&'a str>,
    /// The variant whose responses it holds.
    pub variant: &'a str,
    /// What stands between language and model in its name, such as `_original`.
    pub infix: String,
}

impl<'a> ResponseFile<'a> {
    /// Names of the task in folders: the scorers', then the generators'.
    pub fn folders(&self) -> &'a [String] {
        self.published().map_or(&[], |published| &published.folders)
    }

    /// The table of its first task, which the others share as far as folders go.
    fn published(&self) -> Option<&'a Published> {
        self.tasks[0].published.as_ref()
    }

    /// The name of the file, from the language's folder.
    pub fn name(&self, language: &str, model: &str) -> String {
        format!("{language}{}_{model}.csv", self.infix)
    }

    /// Whether it holds the row of a dataset file of `total` rows.
    pub fn holds(&self, row: usize, total: usize) -> bool {
        let groups = self.tasks.iter().flat_map(|task| &task.data.groups);
        groups
            .filter(|group| group.name.as_deref() == self.group)
            .any(|group| group.rows.contains(row, total))
    }
}

/// The response files of some tasks; those without a published table have none.
pub fn response_files(tasks: &[Task]) -> Vec<ResponseFile<'_>> {
    let mut files: Vec<ResponseFile<'_>> = Vec::new();
    for task in tasks {
        let Some(published) = &task.published else { continue };
        for group in &task.data.groups {
            for (variant, _) in group.variants() {
                let name = group.name.as_deref();
                let same = |file: &&mut ResponseFile<'_>| {
                    file.folders() == published.folders
                        && file.group == name
                        && file.variant == variant
                };
                if let Some(file) = files.iter_mut().find(same) {
                    file.tasks.push(task);
                    continue;
                }
                let infix = match name {
                    _ if group.files.len() > 1 => format!("_{variant}"),
                    Some(name) => format!("_{name}"),
                    None => String::new(),
                };
                files.push(ResponseFile { tasks: vec![task], group: name, variant, infix });
            }
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Library;

    #[test]
    fn files_have_the_published_names() {
        let library = Library::builtin().unwrap();
        let tasks: Vec<Task> = library.iter().cloned().collect();
        let files = response_files(&tasks);
        let name = |folder: &str, infix: &str| {
            let file = files.iter().find(|f| f.folders()[0] == folder && f.infix == infix).unwrap();
            (file.name("Hindi", "m"), file.tasks.len())
        };
        assert_eq!(name("ood", ""), ("Hindi_m.csv".to_owned(), 1));
        assert_eq!(name("consistency", "_modified").0, "Hindi_modified_m.csv");
        assert_eq!(name("adversarial-attacks", "_adv_q12").0, "Hindi_adv_q12_m.csv");
        assert_eq!(name("_hallucinations", ""), ("Hindi_m.csv".to_owned(), 3));
        // 12 tasks of one file, 2 of two, 5 attack types, 3 tests in one file.
        assert_eq!(files.len(), 12 + 2 * 2 + 5 + 1);
    }

    #[test]
    fn a_file_holds_the_rows_of_all_its_tasks() {
        let library = Library::builtin().unwrap();
        let tasks: Vec<Task> = library.iter().cloned().collect();
        let files = response_files(&tasks);
        let file = |folder: &str| files.iter().find(|f| f.folders()[0] == folder).unwrap();
        assert!((0..6).all(|row| file("_hallucinations").holds(row, 6)));
        let held: Vec<usize> = (0..123).filter(|row| file("ood").holds(*row, 123)).collect();
        assert_eq!((held[0], held.len()), (3, 120));
    }
}
