//! The folder of a run: made whole or not at all, and worked on by one process at a time.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clinic_core::sample::{Gap, Sample};
use clinic_core::task::{LibraryError, Rubrics, Task};

use super::plan::Plan;
use super::response::State;
use super::store::{Store, StoreError};
use crate::model::ModelError;
use crate::pace::Broke;

const PLAN: &str = "run.toml";
const STORE: &str = "run.sqlite";
const LOCK: &str = "run.lock";

/// A run that has been made.
pub struct Run {
    folder: PathBuf,
    plan: Plan,
    tasks: Vec<Task>,
    store: Arc<Store>,
    /// Held until the run is dropped; readers hold none.
    _lock: Option<File>,
}

/// Why a run cannot be made, opened or gone on with.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file or folder that the system does not give.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was asked for.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The folder holds something already.
    #[error(
        "{folder} holds a run already; go on with `clinic resume {folder}`, or name another \
        --out"
    )]
    Exists {
        /// The folder.
        folder: String,
    },
    /// The folder holds no run.
    #[error("{} holds no run: there is no {PLAN} in it", .0.display())]
    NoRun(PathBuf),
    /// Another process works on it.
    #[error("another clinic works on {}; wait for it or stop it", .0.display())]
    Locked(PathBuf),
    /// `run.toml` is not a plan.
    #[error("{}: {problem}", path.display())]
    Plan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A task file in the store.
    #[error(transparent)]
    Task(#[from] LibraryError),
    /// The budget.
    #[error(transparent)]
    Broke(#[from] Broke),
    /// A model that answers no request at all.
    #[error("{model} cannot be used: {error}")]
    Unusable {
        /// The model's name.
        model: String,
        /// What it said.
        error: ModelError,
    },
}

impl Run {
    /// Makes a run in a folder that is empty or not there.
    pub fn create(
        folder: &Path,
        plan: Plan,
        tasks: Vec<Task>,
        samples: &[Sample],
        gaps: &[Gap],
    ) -> Result<Self, RunError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| RunError::Io { path, source }
        };
        fs::create_dir_all(folder).map_err(io(folder))?;
        let lock = lock(folder)?;
        let (plan_file, store_file) = (folder.join(PLAN), folder.join(STORE));
        // run.toml is written last: a folder without it holds no run, only what a crash left.
        if plan_file.exists() {
            return Err(RunError::Exists { folder: folder.display().to_string() });
        }
        if holds_responses(&store_file) {
            let problem = format!(
                "it is gone, and {STORE} holds responses; put it back, or name another --out"
            );
            return Err(RunError::Plan { path: plan_file, problem });
        }
        for leftover in
            [&store_file, &folder.join("run.sqlite-wal"), &folder.join("run.sqlite-shm")]
        {
            match fs::remove_file(leftover) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(io(leftover)(e)),
                _ => {}
            }
        }
        Store::create(&store_file, &tasks.iter().collect::<Vec<_>>(), samples, gaps)?;
        write_plan(folder, &plan)?;
        let store = Arc::new(Store::open(&store_file, true)?);
        Ok(Self { folder: folder.to_owned(), plan, tasks, store, _lock: Some(lock) })
    }

    /// Opens a run to go on with it.
    pub fn open(folder: &Path) -> Result<Self, RunError> {
        let plan = read_plan(folder)?;
        let lock = lock(folder)?;
        Self::with(folder, plan, true, Some(lock))
    }

    /// Opens a run to look at it, also while another process works on it. One of an earlier version is
    /// brought up to date first.
    pub fn look(folder: &Path) -> Result<Self, RunError> {
        let plan = read_plan(folder)?;
        match Self::with(folder, plan, false, None) {
            Err(RunError::Store(StoreError::Older(_))) => Self::open(folder),
            run => run,
        }
    }

    fn with(folder: &Path, plan: Plan, write: bool, lock: Option<File>) -> Result<Self, RunError> {
        let store = Arc::new(Store::open(&folder.join(STORE), write)?);
        let mut tasks: Vec<Task> = store
            .tasks()?
            .into_iter()
            .map(|(name, text)| {
                let file = folder.join(STORE).join(format!("{name}.toml"));
                Task::parse(&file, text.as_bytes())
            })
            .collect::<Result<_, _>>()?;
        for (task, text) in store.rubrics()? {
            let file = folder.join(STORE).join(format!("rubrics of {task}.toml"));
            let rubrics = Rubrics { task, file, text };
            for task in tasks.iter_mut().filter(|task| task.name == rubrics.task) {
                rubrics.apply(task)?;
            }
        }
        Ok(Self { folder: folder.to_owned(), plan, tasks, store, _lock: lock })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it asks.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Its tasks, as they were when it was made, in order.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    /// The task of this name.
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name == name)
    }

    /// What it holds.
    pub fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Scores by these rubrics from now on, and by the tasks' own where there is none.
    pub fn set_rubrics(&mut self, rubrics: &[Rubrics]) -> Result<(), RunError> {
        let mut tasks = Vec::new();
        for (name, text) in self.store.tasks()? {
            let mut task = Task::parse(Path::new(&format!("{name}.toml")), text.as_bytes())?;
            for rubrics in rubrics.iter().filter(|rubrics| rubrics.task == name) {
                rubrics.apply(&mut task)?;
            }
            tasks.push(task);
        }
        self.store.set_rubrics(rubrics)?;
        self.tasks = tasks;
        Ok(())
    }

    /// Changes the plan: a crash leaves the old one or the new one, and no mixture.
    pub fn change(&mut self, change: impl FnOnce(&mut Plan)) -> Result<(), RunError> {
        change(&mut self.plan);
        write_plan(&self.folder, &self.plan)
    }
}

/// Whether a store holds anything that was paid for.
fn holds_responses(store: &Path) -> bool {
    let tally = Store::open(store, false).and_then(|store| store.tally());
    tally.is_ok_and(|tally| tally.iter().any(|(state, _)| *state != State::Pending))
}

fn lock(folder: &Path) -> Result<File, RunError> {
    let path = folder.join(LOCK);
    let io = |source| RunError::Io { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(RunError::Locked(folder.to_owned())),
        Err(TryLockError::Error(source)) => Err(RunError::Io { path, source }),
    }
}

/// A new file for what is not whole yet. What stands there is removed, so that a link in a folder that
/// came from elsewhere is not written through.
pub fn fresh(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::create_new(path),
    }
}

/// Writes the plan whole: a crash leaves the old one or the new one.
fn write_plan(folder: &Path, plan: &Plan) -> Result<(), RunError> {
    let path = folder.join(PLAN);
    let text = toml::to_string(plan)
        .map_err(|e| RunError::Plan { path: path.clone(), problem: e.to_string() })?;
    let half = folder.join("run.toml.new");
    let write = || -> io::Result<()> {
        let mut file = fresh(&half)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&half, &path)
    };
    write().map_err(|source| RunError::Io { path: path.clone(), source })
}

fn read_plan(folder: &Path) -> Result<Plan, RunError> {
    let path = folder.join(PLAN);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(RunError::NoRun(folder.to_owned()));
        }
        Err(source) => return Err(RunError::Io { path, source }),
    };
    toml::from_str(&text).map_err(|e| RunError::Plan { path, problem: e.to_string() })
}
