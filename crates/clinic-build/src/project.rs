//! The folder of a project: `build.toml`, `build.sqlite`, `calls.sqlite`.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clinic_core::language::Language;
use clinic_core::task::Task;
use clinic_engine::run;
use serde::Serialize;

use crate::config::{Config, ConfigError};
use crate::recipe::{Recipe, RecipeError, Recipes};
use crate::store::{Item, Store, StoreError};

const CONFIG: &str = "build.toml";
const STORE: &str = "build.sqlite";
const CALLS: &str = "calls.sqlite";
const LOCK: &str = "build.lock";

/// A project that has been made.
pub struct Project {
    folder: PathBuf,
    text: String,
    plan: Plan,
    store: Store,
    /// Held until the project is dropped; those who only read or rate hold none.
    _lock: Option<File>,
}

/// Why a project cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A file or folder that the system does not give.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was asked for.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder holds a project already.
    #[error("{} holds a project already; name another folder", .0.display())]
    Exists(PathBuf),
    /// `build.toml` is gone from a project.
    #[error("{}: {STORE} holds documents, and {CONFIG} is gone; put it back, or name another folder",
        .0.display())]
    Headless(PathBuf),
    /// The folder holds no project.
    #[error("{} holds no project: there is no {CONFIG} in it; make one with `clinic build init`",
        .0.display())]
    None(PathBuf),
    /// Another process works on it.
    #[error("another clinic works on {}; wait for it or stop it", .0.display())]
    Locked(PathBuf),
    /// `build.toml`.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A recipe.
    #[error(transparent)]
    Recipe(#[from] RecipeError),
    /// A store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Project {
    /// Makes a project with this `build.toml` in a folder that holds none.
    pub fn create(folder: &Path, config: &str) -> Result<Self, ProjectError> {
        let file = folder.join(CONFIG);
        Plan::read(folder, config)?;
        fs::create_dir_all(folder).map_err(io(folder))?;
        let lock = lock(folder)?;
        if file.exists() {
            return Err(ProjectError::Exists(folder.to_owned()));
        }
        clear(folder)?;
        Store::create(&folder.join(STORE))?;
        run::Store::create(&folder.join(CALLS), &[], &[], &[])?;
        // Last: a folder without it holds no project, only what a crash left.
        let mut new =
            OpenOptions::new().write(true).create_new(true).open(&file).map_err(io(&file))?;
        new.write_all(config.as_bytes()).and_then(|()| new.sync_all()).map_err(io(&file))?;
        drop(lock);
        Self::look(folder)
    }

    /// Opens a project for a step: no other step may work on it meanwhile.
    pub fn open(folder: &Path) -> Result<Self, ProjectError> {
        is_project(folder)?;
        let lock = lock(folder)?;
        Self::with(folder, Some(lock))
    }

    /// Opens a project to read it, to rate its items, or to decide on its pairs, also while a step
    /// works on it.
    pub fn look(folder: &Path) -> Result<Self, ProjectError> {
        is_project(folder)?;
        Self::with(folder, None)
    }

    fn with(folder: &Path, lock: Option<File>) -> Result<Self, ProjectError> {
        let file = folder.join(CONFIG);
        let text = fs::read_to_string(&file).map_err(io(&file))?;
        let plan = Plan::read(folder, &text)?;
        let store = Store::open(&folder.join(STORE))?;
        let folder = folder.to_owned();
        Ok(Self { folder, text, plan, store, _lock: lock })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What `build.toml` says.
    pub fn config(&self) -> &Config {
        &self.plan.config
    }

    /// `build.toml` as it stands.
    pub fn config_text(&self) -> &str {
        &self.text
    }

    /// The languages, English first.
    pub fn languages(&self) -> &[&'static Language] {
        &self.plan.languages
    }

    /// The tasks, in the library's order.
    pub fn tasks(&self) -> &[Task] {
        &self.plan.tasks
    }

    /// The recipe of a task; each of the project's tasks has one.
    pub fn recipe(&self, task: &str) -> &Recipe {
        self.plan.recipes.of(task)
    }

    /// The store.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The items of the set, or of a task: those of this seed. With another seed it is another set,
    /// and what was written for the first one waits for that seed to come back.
    pub fn items(&self, task: Option<&str>) -> Result<Vec<Item>, StoreError> {
        let mut items = self.store.items(task)?;
        items.retain(|item| item.body.seed == self.plan.config.seed);
        Ok(items)
    }

    /// The replies and vectors that were paid for, to go on with.
    pub fn calls(&self) -> Result<Arc<run::Store>, ProjectError> {
        Ok(Arc::new(run::Store::open(&self.folder.join(CALLS), true)?))
    }

    /// What all steps have spent so far.
    pub fn spent(&self, calls: &run::Store) -> Result<Spent, ProjectError> {
        let models = self.store.models()?;
        let unsure = calls.unsure()?;
        let mut spent = Spent { usd: unsure, unsure, unpriced: Vec::new() };
        for (identity, usage) in calls.judged()? {
            let used = models.iter().find(|used| used.model.identity == identity);
            match used.and_then(|used| used.model.known_price()) {
                Some(price) => spent.usd += price.of(usage),
                None => {
                    spent.unpriced.push(used.map_or(identity, |used| used.model.label()));
                }
            }
        }
        Ok(spent)
    }
}

/// What a project has cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spent {
    /// USD, as far as prices are known.
    pub usd: f64,
    /// USD of these that calls may have cost at most of which no usage came: cut off, or in flight
    /// when the program was killed.
    pub unsure: f64,
    /// Models that answered and of which no price is known.
    pub unpriced: Vec<String>,
}

/// `build.toml` and all that it names.
struct Plan {
    config: Config,
    languages: Vec<&'static Language>,
    tasks: Vec<Task>,
    recipes: Recipes,
}

impl Plan {
    fn read(folder: &Path, text: &str) -> Result<Self, ProjectError> {
        let file = folder.join(CONFIG);
        let config = Config::parse(&file, text)?;
        let wrong = |problem| ConfigError { file: file.clone(), problem };
        let languages = config.languages().map_err(wrong)?;
        let tasks = config.tasks(folder).map_err(wrong)?;
        let own = config.recipes_dir.as_ref().map(|recipes| folder.join(recipes));
        let recipes = Recipes::load(own.as_deref(), &tasks)?;
        Ok(Self { config, languages, tasks, recipes })
    }
}

fn io(path: &Path) -> impl Fn(io::Error) -> ProjectError {
    move |source| ProjectError::Io { path: path.to_owned(), source }
}

/// Takes away the stores that a crash left before there was a project.
fn clear(folder: &Path) -> Result<(), ProjectError> {
    let store = folder.join(STORE);
    let holds = match Store::open(&store).and_then(|store| store.count_documents()) {
        Ok(counts) => !counts.is_empty(),
        // A crash may leave a file without tables; what cannot be read otherwise may hold all.
        Err(error) => store.exists() && !error.to_string().contains("no such table"),
    };
    if holds {
        return Err(ProjectError::Headless(folder.to_owned()));
    }
    for name in [STORE, CALLS] {
        for ending in ["", "-wal", "-shm"] {
            let path = folder.join(format!("{name}{ending}"));
            match fs::remove_file(&path) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io(&path)(e)),
                _ => {}
            }
        }
    }
    Ok(())
}

fn is_project(folder: &Path) -> Result<(), ProjectError> {
    match folder.join(CONFIG).exists() {
        true => Ok(()),
        false => Err(ProjectError::None(folder.to_owned())),
    }
}

/// Takes the lock, or tells that another process has it.
fn lock(folder: &Path) -> Result<File, ProjectError> {
    let path = folder.join(LOCK);
    let file = File::create(&path).map_err(io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ProjectError::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(ProjectError::Io { path, source }),
    }
}
