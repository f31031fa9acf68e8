//! Reading, hashing and validating a set of the published size: 28,800 samples in 15 languages, as
//! 22 wide files and as one long table.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clinic_core::dataset::{Dataset, Table};
use clinic_core::language::Languages;
use clinic_core::task::{Library, Rows};

/// Samples of the published set.
const SAMPLES: usize = 28_800;

/// Prints how long each takes, and the most memory that it holds.
pub fn bench(clinic: &Path, folder: &Path) -> Result<(), Box<dyn Error>> {
    let (wide, long) = (folder.join("wide"), folder.join("long"));
    write(&wide, &long)?;
    for (name, data) in [("22 wide files", wide), ("one long table", long)] {
        let bytes: u64 = std::fs::read_dir(&data)?
            .filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()))
            .sum();
        let command = |args: &[&str]| {
            let mut command = Command::new(clinic);
            command.arg("data").args(args);
            command
        };
        let imported = measure(command(&["import"]).arg(&data))?;
        let read = measure(command(&["stats", "--data"]).arg(&data))?;
        let validated = measure(command(&["validate", "--data"]).arg(&data))?;
        println!("{SAMPLES} samples in {name}, {:.1} MB:", bytes as f64 / 1e6);
        for (what, (wall, peak)) in
            [("worked out", imported), ("read and counted", read), ("validated", validated)]
        {
            println!("  {what} in {:.2} s with {peak} MB at most", wall.as_secs_f64());
        }
    }
    Ok(())
}

/// Wall time and largest resident memory, in MB, of a program.
fn measure(command: &mut Command) -> Result<(Duration, u64), Box<dyn Error>> {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut out = child.stdout.take().ok_or("no stdout")?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut out, &mut text).map(|_| text)
    });
    let mut peak = 0;
    let status = loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id()));
        let line = status.unwrap_or_default();
        let line = line.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("");
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
        peak = peak.max(kilobytes / 1024);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let text = reader.join().map_err(|_| "no output")??;
    let right = text.contains(&SAMPLES.to_string()) || text.contains("manifest: ");
    // Made of five items each, many of its texts are alike, which are warnings and no errors.
    if !status.success() || !right {
        return Err(format!("{status}: {text}").into());
    }
    Ok((begun.elapsed(), peak))
}

/// Writes the starter set's items as often as the published set has rows, each with another text
/// before it.
fn write(wide: &Path, long: &Path) -> Result<(), Box<dyn Error>> {
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
