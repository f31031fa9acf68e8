//! One request at a time, as robots.txt and the server's own words allow, and nothing twice.

mod address;
mod cache;
mod retry;
mod robots;

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clinic_engine::run::{CallError, Event, Listener, Stop, StoreError};
use futures::StreamExt;
use reqwest::header::{CONTENT_TYPE, ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use reqwest::header::{LAST_MODIFIED, LINK};
use reqwest::{Client, StatusCode, Url};
use tokio::time::{Instant, sleep_until};

use super::why::Why;
use crate::config::CollectConfig;
use crate::error::StepError;
use crate::project::ProjectError;
use crate::store::{Fetched, Store};
use address::{may_ask, next_of, redirect};
use retry::Patience;
use robots::Rules;

/// What a server is told of who asks.
const AGENT: &str = concat!("clinic/", env!("CARGO_PKG_VERSION"));

/// Redirects that are followed from one address.
const REDIRECTS: usize = 5;

/// For a connection, for silence in an exchange, and for a whole exchange.
const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(60);
const WHOLE: Duration = Duration::from_secs(1800);

/// What an address holds.
#[derive(Debug)]
pub struct Body {
    /// The bytes, unpacked.
    pub bytes: Vec<u8>,
    /// Where they came from in the end.
    pub address: Url,
    /// Content-Type.
    pub kind: Option<String>,
    /// The address of the page behind this one.
    pub next: Option<String>,
}

/// Why there is no body.
#[derive(Debug)]
pub enum Failed {
    /// This address gives none.
    Why(Why),
    /// The step ends.
    Step(StepError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Step(error.into())
    }
}

impl From<Why> for Failed {
    fn from(why: Why) -> Self {
        Self::Why(why)
    }
}

/// Fetches bodies.
pub struct Fetcher<'a> {
    /// Made at the first request, since it reads certificates.
    client: Option<Client>,
    offline: bool,
    pause: Duration,
    max_bytes: u64,
    cache: PathBuf,
    store: &'a Store,
    listener: Arc<dyn Listener>,
    stop: Arc<Stop>,
    servers: HashMap<String, Server>,
}

/// What is known of a server.
#[derive(Default)]
struct Server {
    rules: Option<Arc<Rules>>,
    /// When it may be asked again.
    free: Option<Instant>,
}

/// One answer.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Answer {
    fn header(&self, name: reqwest::header::HeaderName) -> Option<String> {
        let value = self.headers.get(name)?.to_str().ok()?;
        (value.len() <= 2_000).then(|| value.to_owned())
    }
}

impl<'a> Fetcher<'a> {
    /// Nothing is asked yet. `offline` forbids all that would be.
    pub fn new(
        config: &CollectConfig,
        folder: &Path,
        store: &'a Store,
        offline: bool,
        listener: Arc<dyn Listener>,
        stop: Arc<Stop>,
    ) -> Self {
        Self {
            client: None,
            offline,
            pause: Duration::from_secs_f64(config.pause),
            max_bytes: config.max_bytes,
            cache: folder.join("cache"),
            store,
            listener,
            stop,
            servers: HashMap::new(),
        }
    }

    /// What an address holds; from the cache where its server says that nothing changed. `home` is
    /// the address that the user named, from which this one came.
    pub async fn get(&mut self, address: &Url, home: &Url) -> Result<Body, Failed> {
        let mut address = address.clone();
        address.set_fragment(None);
        if self.offline {
            return Err(not_fetched("the network is forbidden by --offline".into()));
        }
        for _ in 0..=REDIRECTS {
            may_ask(&address, home)?;
            let rules = self.rules(&address).await?;
            rules.allow(&address)?;
            let known = self.store.fetched(address.as_str())?;
            let kept = known.and_then(|known| {
                let bytes = cache::read(&self.cache, &known.sha256, self.max_bytes)?;
                Some((known, bytes))
            });
            let asked = kept.as_ref().map(|(known, _)| known);
            let answer = self.ask(&address, asked, rules.delay, self.max_bytes).await?;
            if answer.status == StatusCode::NOT_MODIFIED
                && let Some((known, bytes)) = kept
            {
                return Ok(Body { bytes, address, kind: known.kind, next: known.next });
            }
            if answer.status.is_redirection() {
                address = redirect(&address, &answer)?;
                continue;
            }
            return self.keep(address, answer);
        }
        Err(not_fetched(format!("{address} is redirected more than {REDIRECTS} times")))
    }

    /// Keeps a whole answer.
    fn keep(&self, address: Url, answer: Answer) -> Result<Body, Failed> {
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                return Err(Why::Absent(format!("the server says {}", answer.status)).into());
            }
            status => return Err(not_fetched(format!("the server says {status}"))),
        }
        let next = answer.header(LINK).and_then(|link| next_of(&address, &link));
        let kind = answer.header(CONTENT_TYPE);
        let sha256 = cache::write(&self.cache, &answer.bytes).map_err(|e| self.cannot(e))?;
        let (etag, modified) = (answer.header(ETAG), answer.header(LAST_MODIFIED));
        let fetched = Fetched { etag, modified, next: next.clone(), sha256, kind: kind.clone() };
        self.store.put_fetched(address.as_str(), &fetched)?;
        Ok(Body { bytes: answer.bytes, address, kind, next })
    }

    /// What robots.txt of an address's server says; asked once in a step.
    async fn rules(&mut self, address: &Url) -> Result<Arc<Rules>, Failed> {
        let origin = address.origin().ascii_serialization();
        if let Some(rules) = self.servers.get(&origin).and_then(|server| server.rules.clone()) {
            return Ok(rules);
        }
        let rules = Arc::new(self.read_rules(address).await?);
        self.servers.entry(origin).or_default().rules = Some(rules.clone());
        Ok(rules)
    }

    /// As RFC 9309 has it: no robots.txt allows all, and one that cannot be reached allows nothing.
    async fn read_rules(&mut self, address: &Url) -> Result<Rules, Failed> {
        let mut place = address.clone();
        place.set_path("/robots.txt");
        place.set_query(None);
        for _ in 0..=REDIRECTS {
            let answer = match self.ask(&place, None, None, robots::MOST).await {
                Ok(answer) => answer,
                Err(Failed::Why(Why::Long(_))) => return Ok(Rules::closed("it is too long")),
                Err(Failed::Why(why)) => return Ok(Rules::closed(&why.to_string())),
                Err(step) => return Err(step),
            };
            if answer.status.is_redirection() {
                match redirect(&place, &answer).and_then(|to| may_ask(&to, address).map(|()| to)) {
                    Ok(to) => place = to,
                    Err(_) => return Ok(Rules::closed("its redirect leads nowhere")),
                }
                continue;
            }
            return Ok(match answer.status.as_u16() {
                200..300 => Rules::read(&answer.bytes),
                400..500 => Rules::open(),
                status => Rules::closed(&format!("the server says {status}")),
            });
        }
        Ok(Rules::closed("it is redirected without end"))
    }

    /// One request, and more where the server is busy or the line broke.
    async fn ask(
        &mut self,
        address: &Url,
        known: Option<&Fetched>,
        delay: Option<Duration>,
        most: u64,
    ) -> Result<Answer, Failed> {
        let mut patience = Patience::new(self.pause);
        loop {
            self.wait_for_turn(address).await?;
            let stop = self.stop.clone();
            let outcome = tokio::select! {
                outcome = self.once(address, known, most) => outcome,
                () = stop.wait() => return Err(stopped()),
            };
            let pause = self.pause.max(delay.unwrap_or_default());
            let origin = address.origin().ascii_serialization();
            self.servers.entry(origin).or_default().free = Some(Instant::now() + pause);
            let (message, asked) = match outcome {
                Ok(answer) if retry::is_busy(answer.status) => {
                    let asked = retry::asked(&answer.headers);
                    (format!("the server says {}", answer.status), asked)
                }
                Ok(answer) => return Ok(answer),
                Err(Failed::Why(Why::NotFetched(message))) => (message, None),
                Err(other) => return Err(other),
            };
            let wait =
                patience.next(asked).map_err(|why| not_fetched(format!("{message}{why}")))?;
            let message = format!("{address}: {message}");
            self.listener.on(&Event::Retrying { message: &message, wait });
            self.wait(Instant::now() + wait).await?;
        }
    }

    /// Waits until the server may be asked: a pause after its last answer.
    async fn wait_for_turn(&self, address: &Url) -> Result<(), Failed> {
        let origin = address.origin().ascii_serialization();
        if let Some(free) = self.servers.get(&origin).and_then(|server| server.free) {
            self.wait(free).await?;
        }
        if self.stop.asked() { Err(stopped()) } else { Ok(()) }
    }

    async fn wait(&self, until: Instant) -> Result<(), Failed> {
        tokio::select! {
            () = sleep_until(until) => Ok(()),
            () = self.stop.wait() => Err(stopped()),
        }
    }

    async fn once(
        &mut self,
        address: &Url,
        known: Option<&Fetched>,
        most: u64,
    ) -> Result<Answer, Failed> {
        let broke = |error: reqwest::Error| not_fetched(said(error));
        let mut request = self.client()?.get(address.clone());
        if let Some(etag) = known.and_then(|known| known.etag.as_ref()) {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(modified) = known.and_then(|known| known.modified.as_ref()) {
            request = request.header(IF_MODIFIED_SINCE, modified);
        }
        let response = request.send().await.map_err(broke)?;
        let long = || Failed::Why(Why::Long(format!("it has more than {most} bytes (max_bytes)")));
        if response.content_length().is_some_and(|length| length > most) {
            return Err(long());
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let (mut bytes, mut pieces) = (Vec::new(), response.bytes_stream());
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(broke)?;
            if (bytes.len() + piece.len()) as u64 > most {
                return Err(long());
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(Answer { status, headers, bytes })
    }

    /// The folder of the cache, or this machine, is not as it must be.
    fn cannot(&self, source: io::Error) -> Failed {
        let path = self.cache.clone();
        Failed::Step(StepError::Project(ProjectError::Io { path, source }))
    }

    fn client(&mut self) -> Result<Client, Failed> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        let client = Client::builder()
            .user_agent(AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .timeout(WHOLE)
            .build()
            .map_err(|e| self.cannot(io::Error::other(e)))?;
        self.client = Some(client.clone());
        Ok(client)
    }
}

fn stopped() -> Failed {
    Failed::Step(StepError::Call(CallError::Stopped))
}

fn not_fetched(why: String) -> Failed {
    Failed::Why(Why::NotFetched(why))
}

/// An error with its causes, without the address, which is told beside it.
fn said(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}
