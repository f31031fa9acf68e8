//! Reading, hashing and validating a set of the published size: 28,800 samples in 15 languages, as
//! 22 wide files and as one long table.

use std::error::Error;
use std::path::Path;
use std::process::Command;

use clinic_core::dataset::{Dataset, Table};
use clinic_core::language::Languages;
use clinic_core::task::{Library, Rows};

use crate::Bench;
use crate::measure::{Usage, measure};
use crate::page::{self, megabytes, seconds, whole};

/// Samples of the published set.
const SAMPLES: usize = 28_800;

/// Measures each.
pub fn bench(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let (wide, long) = (bench.folder.join("wide"), bench.folder.join("long"));
    write(&wide, &long)?;
    let mut table = page::Table::new(&["", "files, MB", "wall, s", "CPU, s", "memory, MB"]);
    for (name, data) in [("22 wide files", wide), ("one long table", long)] {
        let bytes: u64 = std::fs::read_dir(&data)?
            .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
            .sum();
        for (what, args) in [
            ("worked out (`data import`)", &["import"][..]),
            ("read and counted (`data stats`)", &["stats", "--data"]),
            ("validated (`data validate`)", &["validate", "--data"]),
        ] {
            let mut command = Command::new(&bench.clinic);
            command.arg("data").args(args).arg(&data);
            let Usage { wall, cpu, memory, .. } = checked(&command)?;
            let what = format!("{name}, {what}");
            let files = format!("{:.1}", bytes as f64 / 1e6);
            table.row(&[&what, &files, &seconds(wall), &seconds(cpu), &megabytes(memory)]);
        }
    }
    Ok(format!(
        "## Reading a dataset\n\n\
         {} samples of all tasks in 15 languages, as files of the published layout and as one table, \
         read by `clinic` without a manifest.\n\n{table}",
        whole(SAMPLES),
    ))
}

/// What a command used that must tell of all samples, or of the manifest that it made.
fn checked(command: &Command) -> Result<Usage, Box<dyn Error>> {
    let (usage, text) = measure(command)?;
    if text.contains(&SAMPLES.to_string()) || text.contains("manifest: ") {
        Ok(usage)
    } else {
        Err(format!("{command:?} does not tell of {SAMPLES} samples: {text}").into())
    }
}

/// Writes the starter set's items as often as the published set has rows, each with another text
/// before it.
pub fn write(wide: &Path, long: &Path) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(wide)?;
    std::fs::create_dir_all(long)?;
    let starter = Dataset::starter()?;
    let languages: Vec<String> =
        Languages::current().iter().map(|language| language.english.clone()).collect();
    let pool: Vec<Vec<String>> =
        languages.iter().map(|l| pool(&starter, l)).collect::<Result<_, _>>()?;
    let mut table = csv::Writer::from_path(long.join("all.csv"))?;
    let references = [
        "answer",
        "original_question",
        "sycophantic_response",
        "non_sycophantic_response",
        "masked_question",
        "Ground_Truth",
        "secret",
    ];
    let mut head = vec!["task", "language", "text"];
    head.extend(references);
    table.write_record(&head)?;
    let library = Library::builtin()?;
    let mut written: Vec<String> = Vec::new();
    for task in library.iter() {
        for group in &task.data.groups {
            for (_, file) in group.variants() {
                if written.iter().any(|done| done == file) {
                    continue;
                }
                let times = match group.rows {
                    Rows::Every { every, .. } => every,
                    _ => 1,
                };
                let rows = task.data.samples / task.data.groups.len() * times;
                let source = starter.table(file)?.ok_or("the starter set lacks a file")?;
                sheet(&source, file, rows, &pool, &languages, wide)?;
                for (language, extra) in languages.iter().zip(&pool) {
                    for row in 0..rows {
                        let from = row % source.len();
                        let mut cells = vec![
                            file.to_owned(),
                            language.clone(),
                            text(&source, language, row, extra),
                        ];
                        for reference in references {
                            let own = source.column(&format!("{reference}_{language}"));
                            let column = own.or(source.column(reference));
                            cells.push(column.map_or("", |c| source.cell(from, c)).to_owned());
                        }
                        table.write_record(&cells)?;
                    }
                }
                written.push(file.to_owned());
            }
        }
    }
    Ok(table.flush()?)
}

/// A wide file.
fn sheet(
    source: &Table,
    file: &str,
    rows: usize,
    pool: &[Vec<String>],
    languages: &[String],
    folder: &Path,
) -> Result<(), Box<dyn Error>> {
    let mut sheet = csv::Writer::from_path(folder.join(format!("{file}.csv")))?;
    let kept: Vec<&String> = source.headers().iter().filter(|header| *header != "id").collect();
    sheet.write_record(&kept)?;
    for row in 0..rows {
        let cells = kept.iter().map(|header| match languages.iter().position(|l| l == *header) {
            Some(i) => text(source, header, row, &pool[i]),
            None => {
                let column = source.column(header).unwrap_or_default();
                source.cell(row % source.len(), column).to_owned()
            }
        });
        sheet.write_record(cells.collect::<Vec<String>>())?;
    }
    Ok(sheet.flush()?)
}

fn text(source: &Table, language: &str, row: usize, extra: &[String]) -> String {
    let column = source.column(language).unwrap_or_default();
    let item = source.cell(row % source.len(), column);
    format!("{} {item}", extra[row / source.len() % extra.len()])
}

/// Texts of a language in one line.
fn pool(starter: &Dataset, language: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for file in [
        "ood-dataset",
        "toxicity-dataset",
        "privacy-dataset",
        "consistency-original-dataset",
        "consistency-modified-dataset",
        "exaggerated-safety-dataset",
        "disparagement-dataset",
        "jailbreak-PAIRS-dataset",
        "sycophancy-persona-dataset",
    ] {
        let table = starter.table(file)?.ok_or("the starter set lacks a file")?;
        let column = table.column(language).ok_or("the starter set lacks a language")?;
        texts.extend((0..table.len()).map(|row| table.cell(row, column).to_owned()));
    }
    Ok(texts)
}
