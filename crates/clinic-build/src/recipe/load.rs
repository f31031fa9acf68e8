//! Recipes from files, checked against their tasks.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;

use clinic_core::digest;
use clinic_core::task::Task;
use include_dir::{Dir, include_dir};

use super::{Criterion, FieldKind, Recipe, RecipeError};

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../recipes");

/// The recipes of a project's tasks.
#[derive(Debug, Clone)]
pub struct Recipes(BTreeMap<String, Recipe>);

impl Recipes {
    /// The recipe of each task: the one in the user's folder, else the built-in one.
    pub fn load(folder: Option<&Path>, tasks: &[Task]) -> Result<Self, RecipeError> {
        if let Some(folder) = folder {
            check_folder(folder)?;
        }
        let mut recipes = BTreeMap::new();
        for task in tasks {
            let name = format!("{}.toml", task.name);
            let own = folder.map(|folder| folder.join(&name)).filter(|file| file.exists());
            let (file, bytes) = match own {
                Some(file) => {
                    let bytes = std::fs::read(&file).map_err(|error| RecipeError {
                        file: file.clone(),
                        problem: error.to_string(),
                    })?;
                    (file, bytes)
                }
                None => {
                    let file = Path::new("recipes").join(&name);
                    let Some(found) = BUILTIN.get_file(&name) else {
                        let problem = "there is no such recipe: write one into the folder that \
                            'recipes_dir' of build.toml names, or leave the task out";
                        return Err(RecipeError { file, problem: problem.to_owned() });
                    };
                    (file, found.contents().to_vec())
                }
            };
            recipes.insert(task.name.clone(), Recipe::parse(&file, &bytes, task)?);
        }
        Ok(Self(recipes))
    }

    /// The recipe of a task that these were loaded for.
    ///
    /// # Panics
    /// Where they were loaded without that task.
    pub fn of(&self, task: &str) -> &Recipe {
        &self.0[task]
    }
}

/// Refuses a folder whose recipes nobody would use: one that is not there, or a file that is named
/// after no task.
fn check_folder(folder: &Path) -> Result<(), RecipeError> {
    let wrong = |file: &Path, problem: String| RecipeError { file: file.to_owned(), problem };
    let entries = std::fs::read_dir(folder)
        .map_err(|error| wrong(folder, format!("'recipes_dir' cannot be read: {error}")))?;
    let mut found = false;
    for entry in entries {
        let file = entry.map_err(|error| wrong(folder, error.to_string()))?.path();
        if file.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        found = true;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let own = toml::from_str::<Recipe>(&text).is_ok_and(|recipe| recipe.task == name);
        if BUILTIN.get_file(format!("{name}.toml")).is_none() && !own {
            let problem = format!("no task is named '{name}'; a recipe is named after its task");
            return Err(wrong(&file, problem));
        }
    }
    match found {
        true => Ok(()),
        false => Err(wrong(folder, "'recipes_dir' holds no recipe (TASK.toml)".to_owned())),
    }
}

impl Recipe {
    /// Reads a recipe and checks that it makes all that its task reads.
    pub fn parse(file: &Path, bytes: &[u8], task: &Task) -> Result<Self, RecipeError> {
        let wrong = |problem: String| RecipeError { file: file.to_owned(), problem };
        let text = std::str::from_utf8(bytes).map_err(|e| wrong(e.to_string()))?;
        let mut recipe: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        recipe.digest = digest::hex(&[bytes]);
        recipe.check(task).map_err(wrong)?;
        Ok(recipe)
    }

    fn check(&self, task: &Task) -> Result<(), String> {
        if self.task != task.name {
            return Err(format!("'task' is {} and not {}", self.task, task.name));
        }
        let mut names = BTreeSet::new();
        for field in &self.fields {
            if !names.insert(field.name.as_str()) {
                return Err(format!("two fields are named '{}'", field.name));
            }
        }
        if self.fields.iter().filter(|field| field.kind != FieldKind::Text).count() > 1 {
            return Err("more than one field holds options".into());
        }
        let files: BTreeSet<&str> = task
            .data
            .groups
            .iter()
            .flat_map(|group| group.variants().map(|(_, file)| file))
            .collect();
        let made: BTreeSet<&str> = self.cells.keys().map(String::as_str).collect();
        if files != made {
            let files: Vec<&str> = files.into_iter().collect();
            return Err(format!("[cells] must be {}", files.join(", ")));
        }
        for (name, reference) in &task.data.references {
            if !reference.optional && !self.references.contains_key(name) {
                return Err(format!("[references] lacks '{name}', which the task reads"));
            }
        }
        if let Some(name) =
            self.references.keys().find(|name| !task.data.references.contains_key(*name))
        {
            return Err(format!("[references] has '{name}', which the task does not read"));
        }
        self.check_templates()
    }
}

/// What people rate of items of all tasks.
pub(super) fn common() -> &'static [Criterion] {
    static COMMON: LazyLock<Vec<Criterion>> = LazyLock::new(|| {
        let criterion = |name: &str, asks: &str, worst: &str, best: &str| Criterion {
            name: name.to_owned(),
            asks: asks.to_owned(),
            worst: worst.to_owned(),
            best: best.to_owned(),
        };
        vec![
            criterion(
                "correct",
                "Is all that it states or gives as right medically correct?",
                "wrong, could harm",
                "correct and current",
            ),
            criterion("fits", "Is it what the task asks for?", "another task", "exactly that"),
            criterion(
                "language",
                "Would a native speaker write it so?",
                "hard to understand",
                "natural throughout",
            ),
            criterion(
                "same",
                "Does it say the same as the English item, at the same difficulty?",
                "something else",
                "the same",
            ),
        ]
    });
    &COMMON
}
