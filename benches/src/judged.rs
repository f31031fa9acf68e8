//! A run of the published size with a judge: every sample asked, judged and reported.

use std::error::Error;
use std::process::Command;
use std::time::Duration;

use clinic_core::attacks;
use clinic_fake::{Fake, Script};

use crate::Bench;
use crate::asker::{CONNECTIONS, count};
use crate::measure::{Usage, measure, median};
use crate::page::{Table, USED, used, whole};
use crate::rules;

/// Samples, in 15 languages.
const SAMPLES: usize = 28_800;
const REPEATS: usize = 3;

/// Measures it.
pub fn bench(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let data = bench.folder.join("judged-data");
    let suites = attacks::suites();
    rules::write_data(&data, "exaggerated-safety-dataset", &suites, SAMPLES / suites.len())?;
    let mut runs = Vec::new();
    for _ in 0..REPEATS {
        runs.push(once(bench, &data)?);
    }
    let wall = median(runs.iter().map(|usage| usage.wall)).unwrap_or(Duration::MAX);
    let run = runs.iter().find(|usage| usage.wall == wall).ok_or("no runs")?;
    let mut table = Table::new(&[&["samples", "requests", "samples a second"], &USED[..]].concat());
    let rate = format!("{:.0}", SAMPLES as f64 / wall.as_secs_f64());
    let [wall, cpu, server, memory] = used(run);
    let requests = whole(2 * SAMPLES);
    table.row(&[&whole(SAMPLES), &requests, &rate, &wall, &cpu, &server, &memory]);
    Ok(format!(
        "## {} samples, judged\n\n\
         `clinic run` with a judge in {} languages: each answer and each verdict is a request, at \
         {CONNECTIONS} connections, to a server that answers at once. The figures are those of the \
         median of {REPEATS} runs.\n\n{table}",
        whole(SAMPLES),
        suites.len(),
    ))
}

fn once(bench: &Bench, data: &std::path::Path) -> Result<Usage, Box<dyn Error>> {
    let server = Fake::start(Script::default().forget_requests());
    let out = tempfile::tempdir_in(&bench.folder)?;
    let run = out.path().join("run");
    let mut command = Command::new(&bench.clinic);
    command.args(["run", "--model", "openai/bench", "--base-url", &server.base_url()]);
    command.args(["--judge", "openai/judge", "--judge-base-url", &server.base_url()]);
    command.args(["--tasks", "exaggerated-safety", "--max-connections", &CONNECTIONS.to_string()]);
    command.arg("--data").arg(data).arg("--out").arg(&run);
    let (usage, _) = measure(&command)?;
    let answers = count(&run, "SELECT count(*) FROM responses WHERE state = 'answered'")?;
    let verdicts = count(&run, "SELECT count(*) FROM scores WHERE verdict IS NOT NULL")?;
    let sent = server.count();
    if [answers, verdicts, sent] != [SAMPLES, SAMPLES, 2 * SAMPLES] {
        let found = format!("{sent} requests, {answers} answers, {verdicts} verdicts");
        return Err(format!("{SAMPLES} samples: {found}").into());
    }
    Ok(usage)
}
