//! Wall time, CPU time and largest resident memory of a program.
//!
//! The system tells a process what its children used, all of them together. So that a figure is one
//! program's, the bench starts itself again for each, and that process starts the program and tells.

use std::error::Error;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// First argument of the process that measures; a program and its arguments follow.
pub const MEASURE: &str = "--measure";

/// What a program used.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// From its start to its end.
    pub wall: Duration,
    /// Of all its threads and children, in user and system mode.
    pub cpu: Duration,
    /// Largest resident memory, in bytes; of several processes, the largest one's.
    pub memory: u64,
    /// CPU time of this process meanwhile, which is that of the local server.
    pub server: Duration,
}

/// Runs a program that must end well; what it used, and its stdout.
pub fn measure(command: &Command) -> Result<(Usage, String), Box<dyn Error>> {
    let mut measured = Command::new(std::env::current_exe()?);
    measured.arg(MEASURE).arg(command.get_program()).args(command.get_args());
    measured.env_remove("OPENAI_API_KEY").stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => measured.env(name, value),
            None => measured.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        measured.current_dir(folder);
    }
    let before = used::own()?;
    let output = measured.output()?;
    let server = used::own()?.saturating_sub(before);
    let text = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {command:?}\n{text}\n{said}", output.status).into());
    }
    let (stdout, told) = text.trim_end().rsplit_once('\n').ok_or("no figures")?;
    let figures: Vec<u64> = told.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [wall, cpu, memory] = figures[..] else { return Err("not three figures".into()) };
    let (wall, cpu) = (Duration::from_micros(wall), Duration::from_micros(cpu));
    Ok((Usage { wall, cpu, memory, server }, stdout.to_owned()))
}

/// Runs the program of these arguments and tells what it used, in a last line of its own.
pub fn child(mut args: impl Iterator<Item = String>) -> Result<ExitCode, Box<dyn Error>> {
    let program = args.next().ok_or("no program to measure")?;
    let begun = Instant::now();
    let status = Command::new(program).args(args).status()?;
    let wall = begun.elapsed();
    let (cpu, memory) = used::by_children()?;
    println!("\n{} {} {memory}", wall.as_micros(), cpu.as_micros());
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// A figure in the middle; of an even number, the lower one of the two.
pub fn median<T: PartialOrd + Copy>(figures: impl Iterator<Item = T>) -> Option<T> {
    let mut figures: Vec<T> = figures.collect();
    figures.sort_by(|one, other| one.partial_cmp(other).unwrap_or(std::cmp::Ordering::Equal));
    figures.get(figures.len().checked_sub(1)? / 2).copied()
}

#[cfg(unix)]
mod used {
    use std::time::Duration;

    use nix::sys::resource::{Usage, UsageWho, getrusage};
    use nix::sys::time::TimeVal;

    /// CPU time of this process.
    pub fn own() -> nix::Result<Duration> {
        getrusage(UsageWho::RUSAGE_SELF).map(|usage| cpu(&usage))
    }

    /// CPU time and largest resident memory, in bytes, of the children that have ended.
    pub fn by_children() -> nix::Result<(Duration, u64)> {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        Ok((cpu(&usage), unit * usage.max_rss().unsigned_abs()))
    }

    fn cpu(usage: &Usage) -> Duration {
        let micros = |time: TimeVal| {
            time.tv_sec().unsigned_abs() * 1_000_000 + time.tv_usec().unsigned_abs()
        };
        Duration::from_micros(micros(usage.user_time()) + micros(usage.system_time()))
    }
}

#[cfg(not(unix))]
mod used {
    use std::time::Duration;

    const WHY: &str = "the benches need Unix, which tells what a program used";

    pub fn own() -> Result<Duration, &'static str> {
        Err(WHY)
    }

    pub fn by_children() -> Result<(Duration, u64), &'static str> {
        Err(WHY)
    }
}
