//! What the server saw: each request, and the counts that tests ask for.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// GET, POST.
    pub method: String,
    /// The path as it was sent, with its query.
    pub path: String,
    /// Headers by lower-cased name; one that was repeated is joined by ", ".
    pub headers: BTreeMap<String, String>,
    /// The parsed body; null for one that is absent or not JSON.
    pub body: Value,
    /// When the last byte had arrived.
    pub at: Instant,
}

impl Seen {
    /// A header by its name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// All that the model is shown, a line each: the messages, the prompts, the inputs, the comment.
    pub fn prompt(&self) -> String {
        prompts(&self.body).join("\n")
    }

    /// The path without its query.
    pub(crate) fn route(&self) -> &str {
        self.path.split_once('?').map_or(&self.path, |(route, _)| route)
    }
}

/// The texts in a body of any kind: messages, prompts, inputs or a comment.
pub(crate) fn prompts(body: &Value) -> Vec<String> {
    if let Some(messages) = body["messages"].as_array() {
        return messages.iter().map(|message| content(&message["content"])).collect();
    }
    let places = [&body["prompt"], &body["input"], &body["inputs"], &body["comment"]["text"]];
    match places.into_iter().find(|given| !given.is_null()).unwrap_or(&Value::Null) {
        Value::String(text) => vec![text.clone()],
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A message's content: a text, or parts of which some are text.
fn content(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        _ => String::new(),
    }
}

/// The counts at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub count: usize,
    pub answered: usize,
    pub peak: usize,
    pub bodies_seen_twice: usize,
    pub batch_lines: usize,
    in_flight: usize,
}

impl Tally {
    pub fn to_json(self) -> Value {
        json!({
            "count": self.count,
            "bodies_seen_twice": self.bodies_seen_twice,
            "batch_lines": self.batch_lines,
            "answered": self.answered,
            "peak": self.peak,
        })
    }
}

#[derive(Default)]
struct State {
    tally: Tally,
    /// How often each body came, by the hash of its path and bytes.
    times: HashMap<u64, usize>,
    requests: Vec<Arc<Seen>>,
    batch_requests: Vec<Seen>,
}

impl State {
    /// Counts a body; says which time it is seen at its path.
    fn count_body(&mut self, seen: &Seen, raw: &[u8]) -> usize {
        let mut hasher = DefaultHasher::new();
        (seen.route(), raw).hash(&mut hasher);
        let times = self.times.entry(hasher.finish()).or_default();
        *times += 1;
        self.tally.bodies_seen_twice += usize::from(*times == 2 && !raw.is_empty());
        *times
    }
}

/// Everything seen so far, shared by the connections and the [`Fake`](crate::Fake).
pub(crate) struct Log {
    keeps_requests: bool,
    state: Mutex<State>,
}

impl Log {
    pub fn new(keeps_requests: bool) -> Self {
        Self { keeps_requests, state: Mutex::default() }
    }

    /// Notes a request; says which time its body is seen, and counts it as in flight for as long
    /// as the ticket lives.
    pub fn arrive(self: &Arc<Self>, seen: &Arc<Seen>, raw: &[u8]) -> (usize, Ticket) {
        let mut state = self.lock();
        if self.keeps_requests {
            state.requests.push(Arc::clone(seen));
        }
        let nth = state.count_body(seen, raw);
        let tally = &mut state.tally;
        tally.count += 1;
        tally.in_flight += 1;
        tally.peak = tally.peak.max(tally.in_flight);
        (nth, Ticket(Arc::clone(self)))
    }

    /// Notes a request of a batch; says which time its body is seen, live or in a batch.
    pub fn arrive_in_batch(&self, seen: &Seen) -> usize {
        let mut state = self.lock();
        if self.keeps_requests {
            state.batch_requests.push(seen.clone());
        }
        state.tally.batch_lines += 1;
        state.count_body(seen, seen.body.to_string().as_bytes())
    }

    pub fn batch_requests(&self) -> Vec<Seen> {
        self.lock().batch_requests.clone()
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.lock().requests.iter().map(|seen| Seen::clone(seen)).collect()
    }

    pub fn tally(&self) -> Tally {
        self.lock().tally
    }

    /// A rule that panicked leaves the counts whole, so a poisoned lock is no reason to stop.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request in flight.
pub(crate) struct Ticket(Arc<Log>);

impl Ticket {
    /// The last bytes are about to be sent. Counted before the write, so that a client that has
    /// read them never finds the counts behind.
    pub fn settle(self) -> Settled {
        self.0.lock().tally.answered += 1;
        Settled(Arc::clone(&self.0))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.lock().tally.in_flight -= 1;
    }
}

/// A request counted as answered.
pub(crate) struct Settled(Arc<Log>);

impl Settled {
    /// The write failed after all.
    pub fn take_back(self) {
        self.0.lock().tally.answered -= 1;
    }
}
