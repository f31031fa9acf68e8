//! The program: its first line, its answers and its last line.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::client::{CHAT, Client, chat};

/// Ends the process with the test, even one that fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn says_where_it_is_and_what_it_counted() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinic-fake"));
    command.args(["--port", "0", "--latency-ms", "5", "--text", "yes"]);
    let mut running = Running(command.stdout(Stdio::piped()).spawn().unwrap());
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    let mut url = String::new();
    out.read_line(&mut url).unwrap();
    let address = url.trim().strip_prefix("http://").unwrap().strip_suffix("/v1").unwrap();

    let mut client = Client::new(address.parse().unwrap());
    assert_eq!(client.ask("POST", CHAT, &chat("hello")).unwrap().text(), "yes");
    let counts = client.ask("GET", "/count", "").unwrap().json();
    assert_eq!((&counts["count"], &counts["bodies_seen_twice"]), (&1.into(), &0.into()));

    let id = running.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&rest).unwrap(), counts);
    assert!(running.0.wait().unwrap().success());
}

#[test]
fn refuses_arguments_that_it_does_not_know() {
    for args in [&["--prot", "1"][..], &["--port"], &["--port", "many"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_clinic-fake")).args(args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
    }
}
