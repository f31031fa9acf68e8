//! Texts embedded a second: a run with answers is scored by similarity.

use std::error::Error;
use std::fmt::Write;
use std::process::Command;
use std::time::Duration;

use clinic_fake::{Fake, Script};

use crate::Bench;
use crate::asker::count;
use crate::measure::measure;
use crate::page::{Table, USED, used, whole};

const SAMPLES: usize = 4_000;
/// An answer and a reference each.
const TEXTS: usize = 2 * SAMPLES;
/// Texts in a request, as `clinic` sends them, and requests at once.
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

/// Measures it.
pub fn bench(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let (data, tasks) = (bench.folder.join("similar-data"), bench.folder.join("similar-tasks"));
    std::fs::create_dir_all(&data)?;
    std::fs::create_dir_all(&tasks)?;
    std::fs::write(tasks.join("similar.toml"), TASK)?;
    let mut csv = "English,reference\n".to_owned();
    for i in 0..SAMPLES {
        writeln!(csv, "How is child number {i}?,Child number {i} is well and has no fever.")?;
    }
    std::fs::write(data.join("questions.csv"), csv)?;
    std::fs::write(data.join("manifest.toml"), "name = \"bench\"\n")?;

    let out = bench.folder.join("similar");
    let model = Fake::start(Script::default().forget_requests());
    let mut generate = Command::new(&bench.clinic);
    generate.args(["generate", "--model", "openai/bench", "--base-url", &model.base_url()]);
    generate.args(["--tasks", "similar", "--max-connections", "100"]);
    generate.arg("--tasks-dir").arg(tasks).arg("--data").arg(data).arg("--out").arg(&out);
    measure(&generate)?;

    let server = Fake::start(Script::default().latency(LATENCY).forget_requests());
    let mut score = Command::new(&bench.clinic);
    score.arg("score").arg(&out).args(["--embedder", "openai/bench"]);
    score.args(["--embedder-base-url", &server.base_url()]);
    score.args(["--max-connections", &CONNECTIONS.to_string()]);
    let (usage, _) = measure(&score)?;

    let kept = count(&out, "SELECT count(*) FROM embeddings")?;
    if kept != TEXTS {
        return Err(format!("{} requests, {kept} vectors kept", server.count()).into());
    }
    let ideal = TEXTS.div_ceil(BATCH).div_ceil(CONNECTIONS) as f64 * LATENCY.as_secs_f64();
    let wall = usage.wall.as_secs_f64();
    let columns = ["texts", "texts a second", "times the ideal", "in flight at most"];
    let mut table = Table::new(&[&columns[..], &USED].concat());
    let rates = [format!("{:.0}", TEXTS as f64 / wall), format!("{:.2}", wall / ideal)];
    let [wall, cpu, server_cpu, memory] = used(&usage);
    table.row(&[
        &whole(TEXTS),
        &rates[0],
        &rates[1],
        &server.peak(),
        &wall,
        &cpu,
        &server_cpu,
        &memory,
    ]);
    Ok(format!(
        "## Embedding\n\n\
         `clinic score` of {} answers by their similarity to a reference: {BATCH} texts a request, \
         {CONNECTIONS} requests at once, to a server that answers each after {} ms. The ideal is \
         {ideal:.2} s.\n\n{table}",
        whole(SAMPLES),
        LATENCY.as_millis(),
    ))
}
