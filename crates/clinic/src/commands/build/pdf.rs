//! PDF in a process of its own: a hostile file may break that one, or use up its time or memory.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clinic_build::collect::pdf;
use clinic_engine::run::Stop;

use crate::exit::Exit;

/// What reading a PDF may take: time, seconds of a processor, and KiB of memory.
const LONGEST: Duration = Duration::from_secs(100);
const PROCESSOR: u32 = 60;
const MEMORY: u32 = 2 << 20;

/// Stands before the text: what libraries print comes before it.
const MARK: &[u8] = b"\n\x01clinic: the text of a PDF\x01\n";

/// A reader that works until `stop` is asked.
pub fn reader(stop: Arc<Stop>) -> pdf::Reader {
    Arc::new(move |bytes| {
        let mut child = start().map_err(|e| format!("no process to read the PDF in: {e}"))?;
        let outcome = converse(&mut child, bytes, &stop);
        // It has ended already, or must.
        let _ = child.kill();
        let _ = child.wait();
        outcome
    })
}

/// The process itself: a PDF on stdin, its text on stdout.
pub fn read() -> anyhow::Result<Exit> {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    let (exit, said) = match pdf::text(&bytes) {
        Ok(text) => (Exit::Done, text),
        Err(why) => (Exit::Failed, why),
    };
    let mut out = std::io::stdout().lock();
    out.write_all(MARK)?;
    out.write_all(said.as_bytes())?;
    out.flush()?;
    Ok(exit)
}

fn start() -> std::io::Result<Child> {
    let this = std::env::current_exe()?;
    let mut command = if cfg!(unix) {
        // A system that knows one of these limits not goes without it.
        let limits = format!(
            "ulimit -c 0; ulimit -t {PROCESSOR}; ulimit -v {MEMORY}; exec \"$0\" build pdf-text"
        );
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(limits).arg(this);
        shell
    } else {
        let mut command = Command::new(this);
        command.args(["build", "pdf-text"]);
        command
    };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

fn converse(child: &mut Child, bytes: &[u8], stop: &Stop) -> Result<String, String> {
    let (Some(mut stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the process that reads the PDF has no pipes".into());
    };
    std::thread::scope(|scope| {
        // Where the reader ends early, it does so with the rest unread.
        scope.spawn(move || drop(stdin.write_all(bytes)));
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            let most = (pdf::MOST + (1 << 20)) as u64;
            stdout.take(most).read_to_end(&mut said).map(|_| said)
        });
        let begun = Instant::now();
        let status = loop {
            match child.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) if begun.elapsed() > LONGEST || stop.asked() => {
                    let _ = child.kill();
                    return Err(format!("reading it takes more than {} s", LONGEST.as_secs()));
                }
                Ok(None) => std::thread::sleep(Duration::from_millis(2)),
                Err(error) => {
                    let _ = child.kill();
                    return Err(format!("the process that reads the PDF: {error}"));
                }
            }
        };
        let said = said.join().ok().and_then(Result::ok).unwrap_or_default();
        let at = said.windows(MARK.len()).position(|window| window == MARK);
        let text = at.map(|at| String::from_utf8_lossy(&said[at + MARK.len()..]).into_owned());
        match (text, status.code()) {
            (Some(text), Some(0)) => Ok(text),
            (Some(why), Some(_)) => Err(why),
            _ => {
                Err("its reader broke down, or used up its time or memory; the PDF is damaged or \
                      hostile"
                    .into())
            }
        }
    })
}
