//! llama.cpp's log: never printed, and kept while a model loads, for the reason of a failure.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, Once};

use llama_cpp_2::{LogOptions, send_logs_to_tracing};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{NoSubscriber, with_default};
use tracing::{Event, Level, Metadata, Subscriber};

static REDIRECTED: Once = Once::new();

/// Runs `work` with llama.cpp's log in hand; returns what it gave and the errors logged.
pub(crate) fn capture<T>(work: impl FnOnce() -> T) -> (T, String) {
    redirect();
    let errors = Arc::new(Mutex::new(Vec::new()));
    let result = with_default(Errors(errors.clone()), work);
    let errors = errors.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).join("; ");
    (result, if errors.is_empty() { "it gave no reason".to_owned() } else { errors })
}

/// Runs `work` with llama.cpp's log thrown away.
pub(crate) fn silence<T>(work: impl FnOnce() -> T) -> T {
    redirect();
    with_default(NoSubscriber::default(), work)
}

/// llama.cpp writes to stderr until told otherwise; tracing lets a thread choose a listener.
fn redirect() {
    REDIRECTED.call_once(|| send_logs_to_tracing(LogOptions::default()));
}

struct Errors(Arc<Mutex<Vec<String>>>);

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == Level::ERROR {
            let mut errors = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            event.record(&mut Messages(&mut errors));
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Messages<'a>(&'a mut Vec<String>);

impl Visit for Messages<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            let text = format!("{value:?}");
            self.0.push(text.trim_matches('"').trim().to_owned());
        }
    }
}
