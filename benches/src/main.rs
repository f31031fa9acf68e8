//! What `clinic` costs against a local server, beside two other programs, as whole programs:
//! start-up and durable store included.
//!
//! `make bench` builds it in release mode and runs it, which writes `docs/performance.md`.
//! `clinic-bench NAME ...` runs only those of the sections; `peers` adds the other programs to
//! `requests` and `memory`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod asker;
mod data;
mod embed;
mod judged;
mod llama;
mod map;
mod measure;
mod page;
mod peers;
mod report;
mod requests;
mod rules;
mod statistics;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use asker::Asker;

/// What sections need.
struct Bench {
    /// The program.
    clinic: PathBuf,
    /// A folder for their files.
    folder: PathBuf,
    /// Other programs that ask.
    peers: Vec<Box<dyn Asker>>,
}

/// Measures, and tells it in Markdown: a heading, what was done, and tables.
type Section = fn(&Bench) -> Result<String, Box<dyn Error>>;

/// The sections in the order of the page; a line here adds one.
const SECTIONS: [(&str, Section); 10] = [
    ("requests", requests::few),
    ("memory", requests::many),
    ("judged", judged::bench),
    ("embedder", embed::bench),
    ("rules", rules::bench),
    ("data", data::bench),
    ("report", report::bench),
    ("statistics", statistics::bench),
    ("map", map::bench),
    ("llama", llama::bench),
];

/// Adds the other programs to the sections that ask.
const PEERS: &str = "peers";

/// Stands in their place.
const WITHOUT_PEERS: &str = "Inspect AI and lm-evaluation-harness could not be installed, so they \
are missing here.\n";

fn main() -> ExitCode {
    run().unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

fn run() -> Result<ExitCode, Box<dyn Error>> {
    let mut args = std::env::args().skip(1).peekable();
    if args.next_if(|arg| arg == measure::MEASURE).is_some() {
        return measure::child(args);
    }
    if args.next_if(|arg| arg == map::ALONE).is_some() {
        return map::alone(args);
    }
    let wanted: Vec<String> = args.collect();
    let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).chain([PEERS]).collect();
    if let Some(unknown) = wanted.iter().find(|name| !names.contains(&name.as_str())) {
        return Err(format!("no section '{unknown}'; there are {}", names.join(", ")).into());
    }
    let whole = wanted.is_empty();
    let load = page::load();
    let folder = tempfile::tempdir()?;
    let mut bench =
        Bench { clinic: beside("clinic")?, folder: folder.path().to_owned(), peers: Vec::new() };
    let mut told = Vec::new();
    if whole || wanted.iter().any(|name| name == PEERS) {
        match peers::install() {
            Ok(peers) => bench.peers = peers,
            Err(why) => {
                println!("without Inspect AI and lm-evaluation-harness: {why}");
                told.push(WITHOUT_PEERS.to_owned());
            }
        }
    }
    for (name, section) in SECTIONS {
        if whole || wanted.iter().any(|wanted| wanted == name) {
            let text = section(&bench)?;
            println!("{text}");
            told.push(text);
        }
    }
    if whole {
        page::write(&bench.clinic, load, &told)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// A program that was built beside this one.
fn beside(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = std::env::current_exe()?.with_file_name(name);
    if path.is_file() { Ok(path) } else { Err(format!("build {name} first: make bench").into()) }
}
