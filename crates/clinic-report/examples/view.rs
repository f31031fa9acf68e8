//! How long the pages of `clinic view` take: 13 runs of 28,800 samples, 374,400 together.
//!
//! `cargo run --release -p clinic-report --example view -- FOLDER` makes the runs in a folder, 2 GB,
//! unless they are there, and prints the table of docs/view.md. Each page is asked for over HTTP, as a
//! browser does, and read to its end.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clinic_core::language::Languages;
use clinic_core::published::Protocol;
use clinic_core::sample::{Sample, Variant};
use clinic_core::task::{Library, Task};
use clinic_engine::run::{DataRef, Format, ModelRef, Plan, Run, TaskRef};
use clinic_engine::scorer::Judging;
use clinic_report::server::Server;
use clinic_report::view::View;

const RUNS: usize = 13;
const TASKS: usize = 16;
const ITEMS: usize = 120;

/// Times that each page is asked for.
const REPEATS: usize = 15;

/// What is asked for, and its query.
const PAGES: [(&str, &str); 10] = [
    ("the first page", ""),
    ("a page in the middle of the eighth run", "from=14000:openai/model%20%238"),
    ("one language", "language=ar"),
    ("one task, one language, one model", "task=ood&language=ar&model=openai/model%20%2313"),
    ("a common verdict", "verdict=good"),
    ("a rare verdict (1 in 1,000)", "verdict=unsure"),
    ("a rare verdict in one language", "verdict=unsure&language=sw"),
    ("a verdict that no sample has", "verdict=nothing&language=sw"),
    ("responses that were cut off (1 in 500)", "state=cut_off"),
    ("a text that is nowhere: 5,000 samples are read", "text=zebra"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name a folder for the runs")?);
    let first = folder.join("run-1");
    if !first.join("run.toml").exists() {
        make(&first)?;
    }
    for n in 2..=RUNS {
        let run = folder.join(format!("run-{n}"));
        fs::create_dir_all(&run)?;
        for file in ["run.sqlite", "run.toml"] {
            if !run.join(file).exists() {
                fs::copy(first.join(file), run.join(file))?;
            }
        }
    }
    let begun = Instant::now();
    let runs = (1..=RUNS).map(|n| Run::look(&folder.join(format!("run-{n}"))));
    let view = Arc::new(View::new(runs.collect::<Result<_, _>>()?, "bench"));
    let server = Server::bind(0, 1)?;
    let address = server.addresses().remove(0);
    let opened = begun.elapsed();
    let runtime = tokio::runtime::Runtime::new()?;
    // It ends with the program.
    let _serving = runtime.spawn(server.serve(view));

    let mut out = std::io::stdout().lock();
    writeln!(out, "Opening 13 runs: {} ms.\n", opened.as_millis())?;
    writeln!(out, "| page | first, ms | median, ms | longest, ms | size, kB |")?;
    writeln!(out, "|---|---|---|---|---|")?;
    for (name, query) in PAGES {
        let mut times = Vec::new();
        let mut size = 0;
        for _ in 0..REPEATS {
            let begun = Instant::now();
            size = get(&address, query)?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        let first = times[0];
        times.sort_by(f64::total_cmp);
        let (median, longest) = (times[REPEATS / 2], times[REPEATS - 1]);
        writeln!(out, "| {name} | {first:.0} | {median:.0} | {longest:.0} | {} |", size / 1000)?;
    }
    Ok(())
}

/// Asks for a page and gives its size in bytes; anything but a page is an error.
fn get(address: &str, query: &str) -> Result<usize, Box<dyn Error>> {
    let rest = address.strip_prefix("http://").ok_or("no address")?;
    let (host, path) = rest.split_once('/').ok_or("no path")?;
    let mut stream = TcpStream::connect(host)?;
    write!(stream, "GET /{path}?{query} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(format!("{query}: {}", String::from_utf8_lossy(&answer)).into());
    }
    Ok(answer.len())
}

/// A run whose samples are about as long as those of the benchmark, all answered and judged.
fn make(folder: &Path) -> Result<(), Box<dyn Error>> {
    let tasks: Vec<Task> = Library::builtin()?.iter().take(TASKS).cloned().collect();
    let tags: Vec<String> =
        Languages::current().iter().map(|language| language.tag.clone()).collect();
    let mut samples = Vec::new();
    for task in &tasks {
        for item in 0..ITEMS {
            samples.extend(tags.iter().map(|tag| sample(&task.name, item, tag)));
        }
    }
    let run = Run::create(folder, plan(&tasks, tags), tasks, &samples, &[])?;
    let db = rusqlite::Connection::open(run.store().path())?;
    db.execute_batch(
        r#"BEGIN;
        UPDATE responses SET
            text = 'Answer ' || id || ' ' || replace(hex(zeroblob(75)), '00', 'a few words '),
            state = CASE WHEN id % 500 = 0 THEN 'cut_off' ELSE 'answered' END;
        INSERT INTO scores SELECT id, 0, 'good', '{"number":1.0}',
            CASE WHEN id % 1000 = 7 THEN 'unsure' WHEN id % 3 = 0 THEN 'bad' ELSE 'good' END,
            replace(hex(zeroblob(20)), '00', 'a reason '), 'judge openai/judge' FROM samples;
        COMMIT;
        PRAGMA wal_checkpoint(TRUNCATE);"#,
    )?;
    Ok(())
}

fn sample(task: &str, item: usize, tag: &str) -> Sample {
    let text = format!("Question {item} in {tag}: {}", "words of it ".repeat(25));
    Sample {
        task: task.to_owned(),
        language: tag.to_owned(),
        item: item.to_string(),
        group: None,
        row: item,
        variants: vec![Variant { name: "question".to_owned(), text }],
        references: BTreeMap::from([("truth".to_owned(), "what is so ".repeat(10))]),
        english: BTreeMap::new(),
        domains: vec!["bench".to_owned()],
        source: None,
    }
}

fn plan(tasks: &[Task], languages: Vec<String>) -> Plan {
    let name = || "bench".to_owned();
    let task = |task: &Task| TaskRef { name: task.name.clone(), sha256: String::new() };
    Plan {
        clinic: env!("CARGO_PKG_VERSION").to_owned(),
        seed: 0,
        protocol: Protocol::Default,
        prompt_format: Format::Chat,
        reasoning_tokens: 0,
        score: true,
        languages,
        tiers: BTreeMap::new(),
        budget: None,
        batch: false,
        limit: None,
        imported: None,
        model: ModelRef {
            name: "openai/model".to_owned(),
            base_url: None,
            identity: name(),
            price: None,
        },
        judge: None,
        toxicity: None,
        judging: Judging::default(),
        embedder: None,
        earlier: Vec::new(),
        system: None,
        data: DataRef { source: name(), name: name(), version: name(), files: BTreeMap::new() },
        tasks: tasks.iter().map(task).collect(),
    }
}
