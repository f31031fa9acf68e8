//! The fake provider for a shell: its base URL on the first line of stdout, its counts on the
//! last, when it is told to stop. Meanwhile `GET /count` answers the same counts.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clinic_fake::{Action, Fake, Script};

const USAGE: &str = "\
Usage: clinic-fake [--port N] [--latency-ms N] [--text TEXT]

  --port N        listen on this port of 127.0.0.1 [default: any free one]
  --latency-ms N  wait this long before each answer [default: 0]
  --text TEXT     answer this to every prompt [default: a hash of the prompt]
";

#[derive(Default)]
struct Options {
    port: u16,
    latency: Duration,
    text: Option<String>,
}

impl Options {
    /// Parses the arguments; nothing when help is wanted.
    fn parse(mut args: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self::default();
        while let Some(name) = args.next() {
            if name == "--help" || name == "-h" {
                return Ok(None);
            }
            let mut value = || args.next().ok_or_else(|| format!("{name} needs a value"));
            let number = |value: String| format!("{name} takes a whole number, not '{value}'");
            match name.as_str() {
                "--port" => {
                    let value = value()?;
                    options.port = value.parse().map_err(|_| number(value))?;
                }
                "--latency-ms" => {
                    let value = value()?;
                    let parsed = value.parse().map_err(|_| number(value))?;
                    options.latency = Duration::from_millis(parsed);
                }
                "--text" => options.text = Some(value()?),
                _ => return Err(format!("there is no argument '{name}'")),
            }
        }
        Ok(Some(options))
    }
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => return finish(write!(io::stdout(), "{USAGE}")),
        Err(message) => {
            let _ = write!(io::stderr(), "error: {message}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    finish(serve(options))
}

fn finish(result: io::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: Options) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        // Listening to signals before the first line is out: whoever read it may send one.
        let told_to_stop = stop_signal()?;
        let action = options.text.map_or(Action::Default, Action::Text);
        let script = Script::always(action).latency(options.latency).forget_requests();
        let fake = Fake::start_on(options.port, script)?;
        let mut out = io::stdout();
        writeln!(out, "{}", fake.base_url())?;
        out.flush()?;
        told_to_stop.await?;
        writeln!(out, "{}", fake.counts())
    })
}

/// Registers now; the future ends at the first of SIGTERM and ctrl-c.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        Ok(())
    })
}

/// The future ends at ctrl-c.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}
