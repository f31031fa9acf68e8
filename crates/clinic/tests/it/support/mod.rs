//! Runs the binary in an empty folder with an empty environment.

mod browser;
mod checker;
mod page;
pub mod project;
pub mod refusals;
mod reviewers;
mod server;
mod site;
#[cfg(target_os = "linux")]
mod space;
mod tasks;
pub mod writer;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use clinic_fake::Fake;
use serde_json::Value;
use tempfile::TempDir;

pub use browser::Browser;
pub use checker::{Checker, checked, is_check};
pub use page::{Page, status};
pub use reviewers::{Reviewed, Table, warning};
pub use server::{Sick, down_for, is_for, prompts};
pub use site::{Asked, Sent, Site};
#[cfg(target_os = "linux")]
pub use space::can_mount;
pub use tasks::{CATEGORIES, DISTRIBUTION, JUDGED, PAIR, SIMILAR, TOXIC};

/// Longest that any command may take; only a test that fails comes near it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder for one test, with `data`, `tasks` and the runs.
pub struct Bench {
    folder: TempDir,
    env: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A command that goes on.
pub struct Running {
    child: Child,
    out: PathBuf,
    err: PathBuf,
}

impl Bench {
    pub fn new() -> Self {
        let bench = Self { folder: TempDir::new().unwrap(), env: Vec::new() };
        bench.write("data/manifest.toml", "name = \"test\"\nversion = \"1\"\n");
        bench
    }

    /// A bench with one task and the file `questions` in English.
    pub fn with(task: &str, questions: &str) -> Self {
        let bench = Self::new();
        bench.task(task);
        bench.write("data/questions.csv", questions);
        bench
    }

    /// A bench with a judged task of `n` items, "ask 0" and so on.
    pub fn of(n: usize) -> Self {
        let rows: String = (0..n).map(|i| format!("{i},ask {i}\n")).collect();
        Self::with(JUDGED, &format!("id,English\n{rows}"))
    }

    /// Adds a variable to the environment of every command.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        let path = self.path(name);
        fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Puts a task's file where its name belongs.
    pub fn task(&self, text: &str) {
        let name = text.split('"').nth(1).unwrap();
        self.write(&format!("tasks/{name}.toml"), text);
    }

    /// Starts `clinic` with arguments separated by spaces.
    pub fn start(&self, line: &str) -> Running {
        let log = TempDir::new_in(self.folder.path()).unwrap().keep();
        let (out, err) = (log.join("stdout"), log.join("stderr"));
        let child = Command::new(env!("CARGO_BIN_EXE_clinic"))
            .args(line.split_whitespace())
            .env_clear()
            .envs(self.env.iter().cloned())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(File::create(&out).unwrap())
            .stderr(File::create(&err).unwrap())
            .spawn()
            .unwrap();
        Running { child, out, err }
    }

    /// Runs `clinic` to its end.
    pub fn clinic(&self, line: &str) -> Outcome {
        self.start(line).end()
    }

    /// The line of a run of this bench's tasks and data, in the folder `run`.
    pub fn line(command: &str, task: &str, fake: &Fake, more: &str) -> String {
        format!(
            "{command} --tasks-dir tasks --data data --tasks {task} --out run --retry-delay 0.01 \
             --model openai/m --base-url {} {more}",
            fake.base_url()
        )
    }

    /// Generates the answers of the judged task.
    pub fn generate(&self, fake: &Fake, more: &str) -> Outcome {
        self.clinic(&Self::line("generate", "judged", fake, more))
    }

    /// Runs a task, all models on one server, and gives its figures.
    pub fn run(&self, task: &str, fake: &Fake, more: &str) -> Outcome {
        let url = fake.base_url();
        let judge = format!("--json --judge openai/judge --judge-base-url {url} {more}");
        self.clinic(&Self::line("run", task, fake, &judge))
    }

    /// The states of the run's responses, in order.
    pub fn states(&self) -> Vec<String> {
        self.column("SELECT state FROM responses ORDER BY id")
    }

    /// One column of the run's store.
    pub fn column(&self, query: &str) -> Vec<String> {
        let db = rusqlite::Connection::open(self.path("run/run.sqlite")).unwrap();
        let mut query = db.prepare(query).unwrap();
        let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// Every file below the folder of the run.
    pub fn files(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut folders = vec![self.path("run")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if entry.is_dir() {
                    folders.push(entry);
                } else {
                    files.push((entry.clone(), fs::read(entry).unwrap()));
                }
            }
        }
        files
    }

    /// The text with all that differs between two runs of a test taken out.
    pub fn redact(&self, text: &str, fake: Option<&Fake>) -> String {
        let text = text.replace(&*self.folder.path().to_string_lossy(), "[FOLDER]");
        match fake {
            Some(fake) => text.replace(&fake.address().to_string(), "[SERVER]"),
            None => text,
        }
    }
}

impl Outcome {
    /// Fails unless the command ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Fails unless stderr holds each of these.
    #[track_caller]
    pub fn says(self, words: &[&str]) -> Self {
        for word in words {
            assert!(self.err.contains(word), "'{word}' is not in: {}{}", self.err, self.out);
        }
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}{}", self.out, self.err))
    }

    /// The figure of a metric in a language, by its part where it has parts.
    #[track_caller]
    pub fn figure(&self, language: &str, metric: &str, part: Option<&str>) -> Value {
        let json = self.json();
        let rows = json["rows"].as_array().unwrap();
        let wanted = |row: &&Value| {
            row["language"] == language && row["metric"] == metric && row["part"].as_str() == part
        };
        rows.iter().find(wanted).cloned().unwrap_or_else(|| panic!("{metric} in {json:#}"))
    }
}

impl Running {
    /// Waits until it ends by itself.
    pub fn end(mut self) -> Outcome {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if begun.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                self.child.wait().unwrap();
                panic!("no end after {PATIENCE:?}: {:?}", self.read(ExitStatus::default()));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        self.read(status)
    }

    /// What it has said so far.
    pub fn stderr(&self) -> String {
        fs::read_to_string(&self.err).unwrap()
    }

    /// What has come of it so far.
    pub fn stdout(&self) -> String {
        fs::read_to_string(&self.out).unwrap()
    }

    /// The most memory that it held at one time so far, in bytes.
    #[cfg(target_os = "linux")]
    pub fn most_memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().strip_suffix(" kB").unwrap().parse::<usize>().unwrap() << 10
    }

    /// `kill -9`: the process has no say in it.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The same, unless it has ended by itself before.
    pub fn kill_if_alive(mut self) -> Option<Outcome> {
        if let Some(status) = self.child.try_wait().unwrap() {
            return Some(self.read(status));
        }
        self.kill();
        None
    }

    /// Sends a signal by its name, such as INT.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(status.success());
    }

    fn read(&self, status: ExitStatus) -> Outcome {
        let text = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        Outcome { code: status.code(), out: text(&self.out), err: text(&self.err) }
    }
}

/// Waits until something holds.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Fails unless two numbers are the same but for rounding.
#[track_caller]
pub fn near(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap_or_else(|| panic!("{found} is no number"));
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
}
