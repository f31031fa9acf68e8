//! A provider that costs nothing and misbehaves on request, for tests and benchmarks.
//!
//! It speaks the OpenAI protocol over HTTP/1.1, plain or inside TLS, on 127.0.0.1: chat,
//! completions, embeddings, moderations, the list of models and batches; Anthropic's Messages and
//! their batches; Perspective; and `/embed`, `/predict` and `/info` of text-embeddings-inference.
//! By default every answer is a pure function of the request. A
//! [`Script`] replaces that with an [`Action`] a request, down to a connection that breaks in the
//! middle of a body, which is why HTTP is written by hand here. The server keeps what it saw, so
//! that a test can ask what a client sent, how often, and how many at once.
//!
//! ```
//! use clinic_fake::{Action, Fake, Script};
//!
//! // The first attempt at each body is turned away, the second gets the usual answer.
//! let busy = Action::status(429, &[("retry-after", "1")], "slow down");
//! let fake = Fake::start(Script::attempts([busy, Action::Default]));
//! assert!(fake.base_url().ends_with("/v1"));
//! assert_eq!(fake.count(), 0);
//! ```

mod answer;
mod batch;
mod embedding;
mod grading;
mod http;
mod messages;
mod schema;
mod script;
mod seen;
mod serve;
mod stream;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use serde_json::Value;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub use answer::default_text;
pub use batch::BatchEnd;
pub use embedding::{DIMENSIONS, embedding};
pub use grading::default_toxicity;
pub use script::{Action, Script};
pub use seen::Seen;
pub use stream::certificate;

/// A running server on 127.0.0.1. Dropping it breaks every connection and frees the port.
pub struct Fake {
    scheme: &'static str,
    address: SocketAddr,
    log: Arc<seen::Log>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Fake {
    /// Starts a server on a free port, in a thread of its own, so that a plain `#[test]` can use
    /// it.
    ///
    /// # Panics
    /// When the machine has no port or thread to give.
    pub fn start(script: Script) -> Self {
        Self::start_on(0, script).expect("a free port on 127.0.0.1")
    }

    /// As [`Fake::start`], inside TLS and with a [`certificate`] that nobody vouches for.
    ///
    /// # Panics
    /// When the machine has no port or thread to give.
    pub fn start_tls(script: Script) -> Self {
        let tls = stream::acceptor().expect("a certificate and its key");
        Self::serve(0, script, Some(tls)).expect("a free port on 127.0.0.1")
    }

    /// Starts a server on this port; 0 stands for any free one.
    pub fn start_on(port: u16, script: Script) -> io::Result<Self> {
        Self::serve(port, script, None)
    }

    fn serve(port: u16, script: Script, tls: Option<TlsAcceptor>) -> io::Result<Self> {
        let scheme = if tls.is_some() { "https" } else { "http" };
        let log = Arc::new(seen::Log::new(script.keeps_requests));
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        let shared = Arc::clone(&log);
        let thread = thread::Builder::new().name("clinic-fake".to_owned()).spawn(move || {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            serve::run(address, script, tls, shared, &tell, stopped);
        })?;
        let address = told.recv().map_err(|_| io::Error::other("the server did not start"))??;
        Ok(Self { scheme, address, log, stop: Some(stop), thread: Some(thread) })
    }

    /// What a client takes for its base URL: `http://127.0.0.1:PORT/v1`, or `https` with TLS.
    pub fn base_url(&self) -> String {
        format!("{}://{}/v1", self.scheme, self.address)
    }

    /// What a client of Perspective or text-embeddings-inference takes: `http://127.0.0.1:PORT`.
    pub fn root_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, in the order of arrival. Empty for [`Script::forget_requests`].
    pub fn requests(&self) -> Vec<Seen> {
        self.log.requests()
    }

    /// Every request that came as part of a batch, as it would have come by itself. Empty for
    /// [`Script::forget_requests`].
    pub fn batch_requests(&self) -> Vec<Seen> {
        self.log.batch_requests()
    }

    /// Requests that came as part of a batch; [`Fake::count`] has only what came by itself.
    pub fn batch_lines(&self) -> usize {
        self.log.tally().batch_lines
    }

    /// Requests that arrived whole.
    pub fn count(&self) -> usize {
        self.log.tally().count
    }

    /// Requests that were given a whole response, of any status. A client that has read a
    /// response finds it counted.
    pub fn answered(&self) -> usize {
        self.log.tally().answered
    }

    /// The most requests that were in flight at one time.
    pub fn peak(&self) -> usize {
        self.log.tally().peak
    }

    /// Distinct bodies that arrived more than once at the same path, by themselves or in a batch.
    pub fn bodies_seen_twice(&self) -> usize {
        self.log.tally().bodies_seen_twice
    }

    /// All the counts at one moment, as `GET /count` answers them.
    pub fn counts(&self) -> Value {
        self.log.tally().to_json()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // An error means that the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
