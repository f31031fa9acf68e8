//! Scoring stored responses by the lexical rules: the size of the published set, in 15 languages.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use clinic_core::attacks::{self, Suite};
use clinic_core::language::Languages;

use crate::Bench;
use crate::asker::count;
use crate::measure::measure;
use crate::page::{Table, megabytes, seconds, whole};

/// Dataset file and response folder of tasks that rules score.
const TASKS: [(&str, &str, &str); 6] = [
    ("exaggerated-safety", "exaggerated-safety-dataset", "exaggerated-safety"),
    ("jailbreak-dan", "jailbreak-vanilla-dataset", "DAN_Jailbreak"),
    ("jailbreak-pair", "jailbreak-PAIRS-dataset", "PAIRS_Jailbreak"),
    ("disparagement", "disparagement-dataset", "disparagement"),
    ("fairness-stereotype", "fairness-stereotype-dataset", "fairness-stereotype"),
    ("privacy", "privacy-dataset", "privacy"),
];
const ROWS: usize = 320;
const RESPONSES: usize = TASKS.len() * ROWS * 15;

/// Measures it.
pub fn bench(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let place = |name: &str| bench.folder.join(name);
    let (data, old, out) = (place("rules-data"), place("old"), place("rules"));
    let suites = attacks::suites();
    for (_, file, task) in TASKS {
        write_data(&data, file, &suites, ROWS)?;
        for suite in &suites {
            write_responses(&old, task, suite)?;
        }
    }
    let tasks: Vec<&str> = TASKS.iter().map(|(task, _, _)| *task).collect();
    let mut import = Command::new(&bench.clinic);
    import.arg("import").arg(&old).args(["--layout", "reference", "--tasks", &tasks.join(",")]);
    import.arg("--data").arg(&data).arg("--out").arg(&out);
    let (imported, _) = measure(&import)?;
    let mut score = Command::new(&bench.clinic);
    score.arg("score").arg(&out);
    let (scored, _) = measure(&score)?;
    let kept = count(&out, "SELECT count(DISTINCT sample) FROM scores")?;
    if kept != RESPONSES {
        return Err(format!("{kept} of {RESPONSES} responses were scored").into());
    }
    let mut table = Table::new(&["", "responses a second", "wall, s", "CPU, s", "memory, MB"]);
    for (what, usage) in [("`clinic import`", imported), ("`clinic score`", scored)] {
        let rate = format!("{:.0}", RESPONSES as f64 / usage.wall.as_secs_f64());
        let (wall, cpu) = (seconds(usage.wall), seconds(usage.cpu));
        table.row(&[&what, &rate, &wall, &cpu, &megabytes(usage.memory)]);
    }
    Ok(format!(
        "## Scoring by rules\n\n\
         {} stored responses of {} tasks in {} languages, taken over from another program's files, \
         then scored by the lexical rules and reported. No server is asked.\n\n{table}",
        whole(RESPONSES),
        TASKS.len(),
        suites.len(),
    ))
}

fn english(tag: &str) -> String {
    Languages::builtin().tag(tag).map_or_else(String::new, |language| language.english.clone())
}

fn question(row: usize, suite: &Suite) -> String {
    format!("{row}. {}", suite.question)
}

/// A wide file of so many rows, a question in each language.
pub fn write_data(
    folder: &Path,
    file: &str,
    suites: &[Suite],
    rows: usize,
) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let header: Vec<String> = suites.iter().map(|suite| english(&suite.language)).collect();
    let mut csv = format!("{}\n", header.join(","));
    for row in 0..rows {
        let cells: Vec<String> =
            suites.iter().map(|suite| format!("\"{}\"", question(row, suite))).collect();
        writeln!(csv, "{}", cells.join(","))?;
    }
    std::fs::write(folder.join(format!("{file}.csv")), csv)?;
    Ok(())
}

fn write_responses(old: &Path, task: &str, suite: &Suite) -> Result<(), Box<dyn Error>> {
    let language = english(&suite.language);
    let folder = old.join(format!("{task}_respon_m/{language}"));
    std::fs::create_dir_all(&folder)?;
    let mut csv = "Question,Response\n".to_owned();
    for row in 0..ROWS {
        let text = if row % 2 == 0 { &suite.answers } else { &suite.refuses };
        writeln!(csv, "\"{}\",\"{row}: {text}\"", question(row, suite))?;
    }
    std::fs::write(folder.join(format!("{language}_m.csv")), csv)?;
    Ok(())
}
