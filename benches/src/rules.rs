//! Scoring stored responses by the lexical rules: the size of the published set, in 15 languages.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clinic_core::attacks::{self, Suite};
use clinic_core::language::Languages;

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

/// Prints how long it takes.
pub fn bench(clinic: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (data, old, out) = (folder.join("rules-data"), folder.join("old"), folder.join("rules"));
    let suites = attacks::suites();
    for (_, file, task) in TASKS {
        write_data(&data, file, &suites)?;
        for suite in &suites {
            write_responses(&old, task, suite)?;
        }
    }
    let tasks: Vec<&str> = TASKS.iter().map(|(task, _, _)| *task).collect();
    let mut import = Command::new(clinic);
    import.arg("import").arg(&old).args(["--layout", "reference", "--tasks", &tasks.join(",")]);
    import.arg("--data").arg(&data).arg("--out").arg(&out);
    let begun = Instant::now();
    super::embed::run(import)?;
    let imported = begun.elapsed().as_secs_f64();
    let mut score = Command::new(clinic);
    score.arg("score").arg(&out);
    let begun = Instant::now();
    super::embed::run(score)?;
    let scored = begun.elapsed().as_secs_f64();
    let db = rusqlite::Connection::open(out.join("run.sqlite"))?;
    let query = "SELECT count(DISTINCT sample) FROM scores";
    let kept = db.query_row(query, [], |row| row.get::<_, i64>(0))? as usize;
    if kept != RESPONSES {
        return Err(format!("{kept} of {RESPONSES} responses were scored").into());
    }
    println!(
        "{RESPONSES} responses of 15 languages imported in {imported:.2} s, scored by rules and \
         reported in {scored:.2} s"
    );
    Ok(())
}

fn english(tag: &str) -> String {
    Languages::builtin().tag(tag).map_or_else(String::new, |language| language.english.clone())
}

fn question(row: usize, suite: &Suite) -> String {
    format!("{row}. {}", suite.question)
}

fn write_data(folder: &Path, file: &str, suites: &[Suite]) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let header: Vec<String> = suites.iter().map(|suite| english(&suite.language)).collect();
    let mut csv = format!("{}\n", header.join(","));
    for row in 0..ROWS {
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
