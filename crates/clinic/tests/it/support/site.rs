//! A web site for tests: bytes of any kind, by a rule, a connection a request.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

/// What came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query.
    pub path: String,
    /// Headers by their names in lower case.
    pub headers: HashMap<String, String>,
    /// When.
    pub at: Instant,
}

/// What is sent.
pub struct Sent {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    /// Bytes of zeros that follow, without a length.
    endless: usize,
}

impl Sent {
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), kind.to_owned())];
        Self { status, headers, body: body.into(), endless: 0 }
    }

    pub fn status(status: u16) -> Self {
        Self::new(status, "text/plain", "")
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn endless(mut self, bytes: usize) -> Self {
        self.endless = bytes;
        self
    }
}

/// A running site on 127.0.0.1.
pub struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    most: Arc<AtomicUsize>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Site {
    /// Answers each request as `rule` says; requests that come at once are answered at once.
    pub fn start(rule: impl Fn(&Asked) -> Sent + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, most) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let ends = Arc::new(AtomicBool::new(false));
        let (log, peak, end) = (asked.clone(), most.clone(), ends.clone());
        let rule = Arc::new(rule);
        let thread = std::thread::spawn(move || {
            let now = Arc::new(AtomicUsize::new(0));
            for stream in listener.incoming() {
                if end.load(SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let (rule, log) = (rule.clone(), log.clone());
                let (now, peak) = (now.clone(), peak.clone());
                std::thread::spawn(move || {
                    peak.fetch_max(now.fetch_add(1, SeqCst) + 1, SeqCst);
                    // A client that leaves early is no concern of the site.
                    let _ = answer(stream, &*rule, &log);
                    now.fetch_sub(1, SeqCst);
                });
            }
        });
        Self { address, asked, most, ends, thread: Some(thread) }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths of the requests so far.
    pub fn paths(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.path).collect()
    }

    /// The most requests at one time.
    pub fn most_at_once(&self) -> usize {
        self.most.load(SeqCst)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.ends.store(true, SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(
    mut stream: TcpStream,
    rule: &dyn Fn(&Asked) -> Sent,
    log: &Mutex<Vec<Asked>>,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
    let mut headers = HashMap::new();
    for line in lines {
        let line = line?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let asked = Asked { path, headers, at: Instant::now() };
    log.lock().unwrap().push(asked.clone());
    let sent = rule(&asked);
    let mut head = format!("HTTP/1.1 {} Status\r\nconnection: close\r\n", sent.status);
    for (name, value) in &sent.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if sent.endless == 0 {
        head.push_str(&format!("content-length: {}\r\n", sent.body.len()));
    }
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&sent.body)?;
    let mut left = sent.endless;
    while left > 0 {
        let piece = left.min(1 << 16);
        stream.write_all(&vec![b'0'; piece])?;
        left -= piece;
    }
    stream.flush()
}
