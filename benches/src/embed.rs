//! Texts embedded a second: a run with answers is scored by similarity.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clinic_fake::{Fake, Script};

const SAMPLES: usize = 4_000;
/// An answer and a reference each.
const TEXTS: usize = 2 * SAMPLES;
/// Texts in a request, and requests at once, as `clinic` sends them.
const BATCH: usize = 32;
const CONNECTIONS: usize = 20;
const LATENCY: Duration = Duration::from_millis(50);

const TASK: &str = r#"name = "similar"
dimension = "robustness"
title = "Similar"
asks = "For the benchmark."
data.samples = 1
data.groups = [{ files = { question = "questions" } }]
data.references = { reference = { columns = ["reference"] } }
prompt.frame = "{question}"
generation.max_tokens = 16
metrics = [{ name = "near", kind = "mean", of = "near", better = "higher", means = "m" }]
example = { question = "q", response = "r", outcome = "o" }

[scorer]
kind = "similarity"
similarities = [{ score = "near", plus = ["response:question", "reference:reference"] }]
"#;

/// Prints how long it takes.
pub fn bench(clinic: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (data, tasks) = (folder.join("similar-data"), folder.join("similar-tasks"));
    std::fs::create_dir_all(&data)?;
    std::fs::create_dir_all(&tasks)?;
    std::fs::write(tasks.join("similar.toml"), TASK)?;
    let mut csv = "English,reference\n".to_owned();
    for i in 0..SAMPLES {
        writeln!(csv, "How is child number {i}?,Child number {i} is well and has no fever.")?;
    }
    std::fs::write(data.join("questions.csv"), csv)?;
    std::fs::write(data.join("manifest.toml"), "name = \"bench\"\n")?;

    let out = folder.join("similar");
    let model = Fake::start(Script::default().forget_requests());
    let mut generate = Command::new(clinic);
    generate.args(["generate", "--model", "openai/bench", "--base-url", &model.base_url()]);
    generate.args(["--tasks", "similar", "--max-connections", "100"]);
    generate.arg("--tasks-dir").arg(tasks).arg("--data").arg(data).arg("--out").arg(&out);
    run(generate)?;

    let server = Fake::start(Script::default().latency(LATENCY).forget_requests());
    let mut score = Command::new(clinic);
    score.arg("score").arg(&out).args(["--embedder", "openai/bench"]);
    score.args(["--embedder-base-url", &server.base_url()]);
    let begun = Instant::now();
    run(score)?;
    let wall = begun.elapsed().as_secs_f64();

    let db = rusqlite::Connection::open(out.join("run.sqlite"))?;
    let query = "SELECT count(*) FROM embeddings";
    let kept = db.query_row(query, [], |row| row.get::<_, i64>(0))? as usize;
    if kept != TEXTS {
        return Err(format!("{} requests, {kept} vectors kept", server.count()).into());
    }
    let ideal = TEXTS.div_ceil(BATCH).div_ceil(CONNECTIONS) as f64 * LATENCY.as_secs_f64();
    println!(
        "{TEXTS} texts embedded in {wall:.2} s, {:.0} a second; ideal {ideal:.2} s, {} requests in \
         flight at most",
        TEXTS as f64 / wall,
        server.peak()
    );
    Ok(())
}

/// Runs a command that must end well.
pub fn run(mut command: Command) -> Result<(), Box<dyn Error>> {
    command.env_remove("OPENAI_API_KEY").stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{status}: {command:?}").into()) }
}
