//! Rubrics in place of a task's own: one file a task, with the same keys as in a task file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{LibraryError, Task, Verdict, check};
use crate::language::Languages;

/// The file of one task's rubrics, and where it came from.
#[derive(Debug, Clone)]
pub struct Rubrics {
    /// The task's name: the file's, without its extension.
    pub task: String,
    /// The file, for errors.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    questions: Vec<Replacement>,
}

/// What is put in the place of a question's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    score: String,
    rubric: String,
    verdicts: Option<Vec<Verdict>>,
}

impl Rubrics {
    /// Reads the `.toml` files of a folder.
    pub fn folder(folder: &Path) -> Result<Vec<Self>, LibraryError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| LibraryError::Io { path, source }
        };
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
            .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
            .map_err(io(folder))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
        paths.sort();
        if paths.is_empty() {
            let problem = "the folder holds no .toml file".to_owned();
            return Err(LibraryError::Wrong { file: folder.to_owned(), problem });
        }
        let read = |file: PathBuf| {
            let text = std::fs::read_to_string(&file).map_err(io(&file))?;
            let task = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok(Self { task, file, text })
        };
        paths.into_iter().map(read).collect()
    }

    /// Puts them in the place of a task's own.
    pub fn apply(&self, task: &mut Task) -> Result<(), LibraryError> {
        let wrong = |problem: String| LibraryError::Wrong { file: self.file.clone(), problem };
        let file: File = toml::from_str(&self.text).map_err(|e| wrong(e.to_string()))?;
        let Some(questions) = task.scorer.questions_mut() else {
            let why = format!("the task '{}' has no judge, so no rubric", task.name);
            return Err(wrong(why));
        };
        let mut seen: Vec<String> = Vec::new();
        for replacement in file.questions {
            if seen.contains(&replacement.score) {
                return Err(wrong(format!("questions: '{}' is there twice", replacement.score)));
            }
            seen.push(replacement.score.clone());
            let known: Vec<String> = questions.iter().map(|q| q.score.clone()).collect();
            let question = questions.iter_mut().find(|q| q.score == replacement.score);
            let question = question.ok_or_else(|| {
                let known = known.join(", ");
                wrong(format!(
                    "questions: no question gives '{}'; they give {known}",
                    replacement.score
                ))
            })?;
            question.rubric = replacement.rubric;
            if let Some(verdicts) = replacement.verdicts {
                question.verdicts = verdicts;
            }
        }
        check::check(task, Languages::current())
            .map_err(|(key, why)| wrong(format!("{key}: {why}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::Library;

    fn apply(task: &str, text: &str) -> Result<Task, String> {
        let mut task = Library::builtin().unwrap().find(task).unwrap().clone();
        let file = PathBuf::from(format!("{}.toml", task.name));
        let rubrics = Rubrics { task: task.name.clone(), file, text: text.to_owned() };
        rubrics.apply(&mut task).map(|()| task).map_err(|error| error.to_string())
    }

    #[test]
    fn a_rubric_takes_the_place_of_a_tasks_own() {
        let task =
            apply("ood", "[[questions]]\nscore = \"admits\"\nrubric = \"Does it?\"").unwrap();
        assert_eq!(task.scorer.questions()[0].rubric, "Does it?");
        assert_eq!(task.scorer.questions()[0].verdicts.len(), 2);
    }

    #[test]
    fn a_rubric_that_cannot_be_used_is_refused_with_its_place() {
        let question = "[[questions]]\nscore = \"admits\"\n";
        let verdict = |name: &str, score: &str| {
            format!("[[questions.verdicts]]\nname = \"{name}\"\nscore = {score}\nmeans = \"m\"\n")
        };
        for (task, text, why) in [
            (
                "ood",
                "[[questions]]\nscore = \"x\"\nrubric = \"r\"".to_owned(),
                "no question gives 'x'; they give admits",
            ),
            ("ood", format!("{question}rubric = \" \""), "the rubric is empty"),
            ("ood", format!("{question}rubrik = \"r\""), "unknown field `rubrik`"),
            (
                "ood",
                format!("{question}rubric = \"r\"\n{}{}", verdict("a", "1"), verdict("a", "0")),
                "'a' is listed twice",
            ),
            (
                "ood",
                format!("{question}rubric = \"r\"\n{}{}", verdict("a", "7"), verdict("b", "0")),
                "must be from 0 to 1",
            ),
            (
                "ood",
                format!("{question}rubric = \"r\"\n{}{}", verdict("a", "1"), verdict("b", "0")),
                "the rule 'not-knowing' may say",
            ),
            ("colloquial", format!("{question}rubric = \"r\""), "has no judge"),
            (
                "ood",
                format!("{question}rubric = \"r\"\n{question}rubric = \"s\""),
                "'admits' is there twice",
            ),
        ] {
            let error = apply(task, &text).unwrap_err();
            assert!(error.contains(why) && error.contains(".toml"), "{error}");
        }
    }
}
