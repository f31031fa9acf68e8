//! `clinic view` while it serves.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Bench, Outcome, Running, until};

/// A page that is served until it is dropped.
pub struct Page {
    running: Option<Running>,
    /// Its address, token included, without a query.
    pub address: String,
}

impl Page {
    /// Starts `clinic view` with arguments separated by spaces.
    #[track_caller]
    pub fn of(bench: &Bench, arguments: &str) -> Self {
        let running = bench.start(&format!("view {arguments}"));
        until("an address", || running.stdout().ends_with('\n'));
        let address = running.stdout().trim().split('?').next().unwrap().to_owned();
        Self { running: Some(running), address }
    }

    /// A page of a server that somebody else ends.
    pub fn at_address(address: &str) -> Self {
        Self { running: None, address: address.to_owned() }
    }

    /// The address of a query.
    pub fn at(&self, query: &str) -> String {
        format!("{}?{query}", self.address)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn origin(&self) -> &str {
        self.address.rsplitn(3, '/').nth(2).unwrap()
    }

    /// Sends a request as it stands, but for `{host}` and `{token}`, and gives the whole answer.
    pub fn send(&self, request: &str) -> String {
        let host = self.origin().strip_prefix("http://").unwrap();
        let token = self.address.rsplit('/').nth(1).unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let request = request.replace("{host}", host).replace("{token}", token);
        // The server may close before all was sent.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// The answer to `GET` of a path and query behind the token.
    pub fn get(&self, path: &str) -> String {
        let rest = "HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n";
        self.send(&format!("GET /{{token}}/{path} {rest}"))
    }

    /// The answer to the form of a mark, sent from a page of this origin.
    pub fn post(&self, origin: &str, body: &str) -> String {
        self.post_to("mark", origin, body)
    }

    /// The answer to a form for a path behind the token.
    pub fn post_to(&self, path: &str, origin: &str, body: &str) -> String {
        let length = body.len();
        self.send(&format!(
            "POST /{{token}}/{path} HTTP/1.1\r\nHost: {{host}}\r\nOrigin: {origin}\r\n\
             Connection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// The form of the score `good` of an English item of openai/m, filled in.
    pub fn form(&self, item: usize, more: &str) -> String {
        let html = self.get(&format!("?of=openai/m&sample=judged:en:{item}"));
        let seen = html.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        format!(
            "of=openai/m&task=judged&language=en&item={item}&score=good&seen={seen}&name=Amina\
             &back=language=en&{more}"
        )
    }

    /// Ends it as Ctrl-C does.
    pub fn end(mut self) -> Outcome {
        let running = self.running.take().unwrap();
        running.signal("INT");
        running.end()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.kill();
        }
    }
}

/// The status of an answer; 0 where there is none.
pub fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}
