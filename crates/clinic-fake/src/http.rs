//! Just enough HTTP/1.1 for a client with keep-alive: requests read, responses as bytes.

use std::collections::BTreeMap;
use std::io;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::time;

use crate::Seen;
use crate::stream::Stream;

const MOST_HEAD: usize = 64 << 10;
const MOST_BODY: usize = 64 << 20;

/// A request with what only the server needs of it.
pub(crate) struct Incoming {
    pub seen: Seen,
    pub raw: Vec<u8>,
    pub keep_alive: bool,
}

/// Why there is no next request.
pub(crate) enum End {
    /// The client left.
    Gone,
    /// What came is not HTTP that this server reads.
    Refused(u16, &'static str),
}

impl From<io::Error> for End {
    fn from(_: io::Error) -> Self {
        Self::Gone
    }
}

/// One client's connection, and what it sent that was not read yet.
pub(crate) struct Connection {
    stream: Stream,
    unread: Vec<u8>,
}

impl Connection {
    pub fn new(stream: Stream) -> Self {
        Self { stream, unread: Vec::new() }
    }

    /// Waits for a whole request.
    pub async fn next(&mut self) -> Result<Incoming, End> {
        let mut searched = 0;
        let end = loop {
            if let Some(end) = find(&self.unread[searched..], b"\r\n\r\n") {
                break searched + end;
            }
            searched = self.unread.len().saturating_sub(3);
            if self.unread.len() > MOST_HEAD {
                return Err(End::Refused(431, "the headers are too long"));
            }
            self.read().await?;
        };
        let Some(head) = std::str::from_utf8(&self.unread[..end]).ok().and_then(Head::parse) else {
            return Err(End::Refused(400, "this is not HTTP/1.1"));
        };
        self.unread.drain(..end + 4);

        if head.headers.contains_key("transfer-encoding") {
            return Err(End::Refused(411, "the request needs a content-length"));
        }
        let length = match head.headers.get("content-length").map(|length| length.parse()) {
            None => 0,
            Some(Ok(length)) if length <= MOST_BODY => length,
            Some(Ok(_)) => return Err(End::Refused(413, "the body is too long")),
            Some(Err(_)) => return Err(End::Refused(400, "the content-length is not a number")),
        };
        if head.headers.get("expect").is_some_and(|what| what == "100-continue") {
            self.send(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        while self.unread.len() < length {
            self.read().await?;
        }
        let rest = self.unread.split_off(length);
        let raw = std::mem::replace(&mut self.unread, rest);

        let body = serde_json::from_slice(&raw).unwrap_or(Value::Null);
        let Head { method, path, headers, keep_alive } = head;
        let seen = Seen { method, path, headers, body, at: Instant::now() };
        Ok(Incoming { seen, raw, keep_alive })
    }

    /// Waits, and says whether the client is still there.
    pub async fn pause(&mut self, time: Duration) -> bool {
        if time.is_zero() {
            return true;
        }
        tokio::select! {
            () = time::sleep(time) => true,
            () = self.gone() => false,
        }
    }

    /// Waits until the client leaves.
    pub async fn gone(&mut self) {
        while self.unread.len() <= MOST_BODY && self.read().await.is_ok() {}
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write(bytes).await
    }

    /// Says that nothing more will be sent, and waits until the client leaves.
    pub async fn half_close(&mut self) {
        if self.stream.shut().await.is_ok() {
            self.gone().await;
        }
    }

    /// Ends the connection with a reset (RST) in the place of an orderly end.
    pub fn reset(&self) {
        // Where this fails the client sees an orderly end, which a test of resets tells apart.
        let _ = self.stream.tcp().set_zero_linger();
    }

    async fn read(&mut self) -> io::Result<()> {
        self.unread.reserve(4096);
        match self.stream.read(&mut self.unread).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

struct Head {
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    keep_alive: bool,
}

impl Head {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.split("\r\n");
        let mut first = lines.next()?.split(' ');
        let (method, path, version) = (first.next()?, first.next()?, first.next()?);
        if !version.starts_with("HTTP/1.") || first.next().is_some() {
            return None;
        }
        let mut headers: BTreeMap<String, String> = BTreeMap::new();
        for line in lines {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            headers
                .entry(name.to_ascii_lowercase())
                .and_modify(|before| *before = format!("{before}, {value}"))
                .or_insert_with(|| value.to_owned());
        }
        let keep_alive = match headers.get("connection") {
            Some(wish) => !wish.eq_ignore_ascii_case("close"),
            None => version != "HTTP/1.0",
        };
        Some(Self { method: method.to_owned(), path: path.to_owned(), headers, keep_alive })
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// A response before it is bytes.
pub(crate) struct Response {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        Self { status, headers, body: body.into() }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    pub fn text(status: u16, mut headers: Vec<(String, String)>, body: String) -> Self {
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            headers.push(("content-type".to_owned(), "text/plain; charset=utf-8".to_owned()));
        }
        Self { status, headers, body: body.into() }
    }

    /// The status line and the headers, which promise the whole body.
    pub fn head(&self, keep_alive: bool) -> Vec<u8> {
        let mut head = self.first_lines();
        head.push_str(&format!("content-length: {}\r\n", self.body.len()));
        head.push_str(if keep_alive { "\r\n" } else { "connection: close\r\n\r\n" });
        head.into_bytes()
    }

    /// The same with no word of the body's length: it lasts as long as the connection.
    pub fn endless_head(&self) -> Vec<u8> {
        format!("{}connection: close\r\n\r\n", self.first_lines()).into_bytes()
    }

    fn first_lines(&self) -> String {
        let (status, reason) = (self.status, reason(self.status));
        let mut lines = format!("HTTP/1.1 {status} {reason}\r\n");
        for (name, value) in &self.headers {
            lines.push_str(&format!("{name}: {value}\r\n"));
        }
        lines
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        529 => "Overloaded",
        _ => "Status",
    }
}
