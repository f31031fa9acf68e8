//! The report of 13 models over a set of the published size: every statistic, one page.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clinic_fake::{Fake, Script};

use crate::asker::{CONNECTIONS, count};
use crate::measure::measure;
use crate::page::{Table, megabytes, seconds, whole};
use crate::{Bench, data};

const SAMPLES: usize = 28_800;
const MODELS: usize = 13;

/// Measures it.
pub fn bench(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let runs = runs(bench)?;
    let out = bench.folder.join("report.html");
    let mut table = Table::new(&["", "wall, s", "CPU, s", "memory, MB", "file, MB"]);
    for (what, runs) in [("one model", &runs[..1]), ("13 models", &runs[..])] {
        let mut command = Command::new(&bench.clinic);
        command.arg("report").args(runs).args(["--format", "html", "--out"]).arg(&out);
        let (usage, _) = measure(&command)?;
        let size = format!("{:.2}", fs::metadata(&out)?.len() as f64 / 1e6);
        let (wall, cpu) = (seconds(usage.wall), seconds(usage.cpu));
        table.row(&[&what, &wall, &cpu, &megabytes(usage.memory), &size]);
    }
    Ok(format!(
        "## Reports\n\n\
         `clinic report` of {MODELS} models over {} samples each in 15 languages: all intervals, \
         gaps to English, the paired differences of each two models on each task, and ranks from \
         10,000 replicates of a bootstrap.\n\n{table}",
        whole(SAMPLES),
    ))
}

/// One run with a judge and an embedder, and as many like it as there are models, with other
/// verdicts here and there.
pub fn runs(bench: &Bench) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let place = |name: &str| bench.folder.join(name);
    data::write(&place("report-data"), &place("report-long"))?;
    let server = Fake::start(Script::default().forget_requests());
    let url = server.base_url();
    let first = place("model-0");
    let mut command = Command::new(&bench.clinic);
    command.args(["run", "--model", "openai/model-0", "--base-url", &url]);
    command.args(["--judge", "openai/judge", "--judge-base-url", &url]);
    command.args(["--embedder", "openai/embedder", "--embedder-base-url", &url]);
    command.args(["--max-connections", &CONNECTIONS.to_string()]);
    command.arg("--data").arg(place("report-data")).arg("--out").arg(&first);
    measure(&command)?;
    let scored = count(&first, "SELECT count(DISTINCT sample) FROM scores")?;
    if scored != SAMPLES {
        return Err(format!("{scored} of {SAMPLES} samples were scored").into());
    }
    let mut runs = vec![first.clone()];
    for model in 1..MODELS {
        let run = place(&format!("model-{model}"));
        copy(&first, &run, model)?;
        runs.push(run);
    }
    Ok(runs)
}

fn copy(first: &Path, run: &Path, model: usize) -> Result<(), Box<dyn Error>> {
    fs::create_dir(run)?;
    let plan = fs::read_to_string(first.join("run.toml"))?;
    fs::write(run.join("run.toml"), plan.replace("model-0", &format!("model-{model}")))?;
    let from = rusqlite::Connection::open(first.join("run.sqlite"))?;
    let copy = run.join("run.sqlite");
    from.execute("VACUUM INTO ?1", [copy.to_string_lossy()])?;
    // Another verdict for each hundredth sample and more of them with each model.
    rusqlite::Connection::open(copy)?.execute(
        "UPDATE scores SET outcome = '{\"number\":' || (outcome = '{\"number\":0.0}') || '.0}'
         WHERE outcome IN ('{\"number\":0.0}', '{\"number\":1.0}')
         AND (sample * 7919 + ?1 * 104729) % 100 < 3 * ?1",
        [model as i64],
    )?;
    Ok(())
}
