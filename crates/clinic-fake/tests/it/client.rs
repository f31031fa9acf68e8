//! A tiny blocking client that reads exactly what HTTP promises and no byte more.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use clinic_fake::Fake;
use serde_json::{Value, json};

pub const CHAT: &str = "/v1/chat/completions";
pub const COMPLETION: &str = "/v1/completions";
pub const EMBEDDING: &str = "/v1/embeddings";

pub struct Client(TcpStream);

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }

    pub fn text(&self) -> Value {
        self.json()["choices"][0]["message"]["content"].clone()
    }

    pub fn finish(&self) -> Value {
        self.json()["choices"][0]["finish_reason"].clone()
    }
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a listening server");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
        Self(stream)
    }

    pub fn patience(self, time: Duration) -> Self {
        self.0.set_read_timeout(Some(time)).expect("a socket");
        self
    }

    pub fn write(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).expect("an open connection");
    }

    pub fn ask(&mut self, method: &str, path: &str, body: &str) -> io::Result<Answer> {
        let length = body.len();
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: fake\r\nContent-Length: {length}\r\n\r\n");
        self.write(format!("{request}{body}").as_bytes());
        self.read()
    }

    /// Reads one response; an error when the connection ends before it does.
    pub fn read(&mut self) -> io::Result<Answer> {
        let head = self.head()?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().expect("a number"));
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        Ok(Answer { status, head, body })
    }

    pub fn head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.0.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        Ok(String::from_utf8(head).expect("text"))
    }

    /// All that comes until the server closes.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("an orderly end");
        rest
    }
}

pub fn chat(prompt: &str) -> String {
    json!({"model": "m", "messages": [{"role": "user", "content": prompt}]}).to_string()
}

pub fn completion(prompt: &str) -> String {
    json!({"model": "m", "prompt": prompt}).to_string()
}

pub fn inputs(texts: &[&str]) -> String {
    json!({"model": "m", "input": texts}).to_string()
}

/// A vector as the client of a provider reads it.
pub fn numbers(vector: &Value) -> Vec<f32> {
    let numbers = vector.as_array().expect("a list").iter();
    numbers.map(|number| number.as_f64().expect("a number") as f32).collect()
}

/// One request on a connection of its own.
pub fn post(fake: &Fake, path: &str, body: &str) -> io::Result<Answer> {
    Client::new(fake.address()).ask("POST", path, body)
}
