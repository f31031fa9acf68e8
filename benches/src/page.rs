//! `docs/performance.md`: static text, and figures that were measured.

use std::error::Error;
use std::fmt::{Display, Write};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::measure::Usage;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/performance.md");

const HEAD: &str = "# Performance

`make bench` measures all of this and writes this page: no figure in it was typed by hand. \
`target/release/clinic-bench NAME ...` measures single sections, and writes no page.

";

const READING: &str = "
**How to read it.** Every program runs as a user runs it, as a process of its own from its start to \
its end, with its start-up and all that it stores. Every request goes to a server in the bench's \
own process, on the same cores, that speaks OpenAI's protocol and counts; a run that did not ask \
for what it should, once, or kept fewer answers, ends the bench with an error. CPU is user and \
system time of the program, all threads; *server* is the CPU time of that server meanwhile. Memory \
is the largest resident set of any one process. s: seconds, ms: milliseconds, MB: 1,000,000 \
bytes. Of several runs the median counts, and of two the faster; the largest memory counts.

";

/// A table in Markdown.
pub struct Table(String);

impl Table {
    /// Without rows; the first column holds words, the others numbers.
    pub fn new(columns: &[&str]) -> Self {
        let rule = format!("|---|{}", "---:|".repeat(columns.len() - 1));
        Self(format!("| {} |\n{rule}\n", columns.join(" | ")))
    }

    /// With one more row.
    pub fn row(&mut self, cells: &[&dyn Display]) {
        let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
        self.0 += &format!("| {} |\n", cells.join(" | "));
    }
}

impl Display for Table {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.0)
    }
}

/// Columns of [`used`].
pub const USED: [&str; 4] = ["wall, s", "CPU, s", "server, s", "memory, MB"];

/// Cells of what a program used.
pub fn used(usage: &Usage) -> [String; 4] {
    [seconds(usage.wall), seconds(usage.cpu), seconds(usage.server), megabytes(usage.memory)]
}

/// Seconds.
pub fn seconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64())
}

/// MB of bytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.0}", bytes as f64 / 1e6)
}

/// A whole number with commas.
pub fn whole(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Writes the page from its sections.
pub fn write(
    clinic: &Path,
    load: Option<String>,
    sections: &[String],
) -> Result<(), Box<dyn Error>> {
    let version = Command::new(clinic).arg("--version").output()?.stdout;
    let mut page = format!("{HEAD}{}: {}", today()?, String::from_utf8(version)?.trim());
    write!(page, ", {} cores", std::thread::available_parallelism()?)?;
    if let Some(memory) = memory() {
        write!(page, ", {memory:.0} GB of memory")?;
    }
    match kernel() {
        Some(kernel) => write!(page, ", Linux {kernel}")?,
        None => write!(page, ", {}", std::env::consts::OS)?,
    }
    if let Some(load) = load {
        write!(page, ", a load of {load} before the first run")?;
    }
    writeln!(page, ".\n{READING}{}", sections.join("\n"))?;
    Ok(std::fs::write(PATH, page.trim_end().to_owned() + "\n")?)
}

/// Processes that wanted to run in the last minute, on average; only Linux tells.
pub fn load() -> Option<String> {
    let text = std::fs::read_to_string("/proc/loadavg").ok()?;
    text.split(' ').next().map(str::to_owned)
}

/// Day in UTC.
fn today() -> rusqlite::Result<String> {
    rusqlite::Connection::open_in_memory()?.query_row("SELECT date('now')", [], |row| row.get(0))
}

/// Memory of the machine in GB; only Linux tells.
fn memory() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: f64 = total.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024.0 / 1e9)
}

/// Major and minor version of Linux: the rest may name the machine.
fn kernel() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").ok()?;
    let mut parts = text.split(['.', '-']);
    Some(format!("{}.{}", parts.next()?, parts.next()?))
}
