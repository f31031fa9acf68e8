//! A caller without a network, models that are closures, and items with faults.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clinic_core::exchange::{Finish, Message, Prompt, Reply, Request};
use clinic_engine::model::{Embedder, Model, ModelError};
use clinic_engine::pace::{Gates, Patience, Purse, Terms, Width};
use clinic_engine::run::{Caller, Event, Listener, Stop, Turns};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::check::{Checked, Helpers, check};
use crate::store::{Finding, Level};
use crate::testing::{document, item};
use crate::{Project, StepError};

type Answer = dyn Fn(&str, usize) -> Result<String, ModelError> + Send + Sync;
type Vector = dyn Fn(&str) -> Vec<f32> + Send + Sync;

/// A judge that is a closure of the last message and of how often it was asked before.
pub struct Judge {
    answer: Box<Answer>,
    pub asked: Mutex<Vec<Request>>,
}

impl Judge {
    pub fn new(
        answer: impl Fn(&str, usize) -> Result<String, ModelError> + Send + Sync + 'static,
    ) -> Self {
        Self { answer: Box::new(answer), asked: Mutex::default() }
    }

    pub fn says(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(move |_, _| Ok(text.clone()))
    }

    /// The first message to the judge in each request.
    pub fn prompts(&self) -> BTreeSet<String> {
        self.asked.lock().unwrap().iter().map(|request| message(request, 1)).collect()
    }
}

pub fn message(request: &Request, at: usize) -> String {
    match &request.prompt {
        Prompt::Chat(messages) => messages[at].content.clone(),
        Prompt::Raw(text) => text.clone(),
    }
}

impl Model for Judge {
    fn identity(&self) -> &str {
        "fake/judge"
    }

    fn generate(&self, request: Request) -> BoxFuture<'_, Result<Reply, ModelError>> {
        let Prompt::Chat(messages) = &request.prompt else { unreachable!("a chat is asked") };
        let last = messages.iter().rev().find(|Message { content, .. }| !content.is_empty());
        let before = messages.len() / 2 - 1;
        let text = (self.answer)(&last.unwrap().content, before);
        self.asked.lock().unwrap().push(request);
        let reply =
            |text| Reply { text, reasoning: None, finish: Finish::Stop, usage: Default::default() };
        async move { text.map(reply) }.boxed()
    }
}

/// An embedder that is a closure.
pub struct Vectors(pub Box<Vector>);

impl Embedder for Vectors {
    fn identity(&self) -> &str {
        "fake/embedder"
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, ModelError>> {
        let vectors = texts.iter().map(|text| (self.0)(text)).collect();
        async move { Ok(vectors) }.boxed()
    }
}

pub struct Silent;

impl Listener for Silent {
    fn on(&self, _: &Event<'_>) {}
}

pub fn run(project: &Project, helpers: Helpers<'_>) -> Result<Checked, StepError> {
    let stop = Arc::new(Stop::default());
    let usual = Terms {
        width: Width::UNKNOWN,
        requests_per_minute: None,
        tokens_per_minute: None,
        price: None,
    };
    let patience =
        Patience { retries: 0, first_wait: Duration::from_millis(1), outage: Duration::ZERO };
    let gates = Gates::new(usual, patience, Purse::new(None, 0.0), Arc::new(Silent), stop.clone());
    let caller = Caller {
        store: project.calls().unwrap(),
        cache: None,
        gates: Arc::new(gates),
        stop,
        turns: Turns::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(check(project, helpers, &caller, &Silent))
}

pub fn judged(project: &Project, judge: &Judge) -> Checked {
    run(project, Helpers { judge: Some(judge), ..Helpers::default() }).unwrap()
}

pub fn unaided(project: &Project) -> Checked {
    run(project, Helpers::default()).unwrap()
}

pub const ENGLISH: &str = "Adults with a fever may take one tablet of 500 mg every six hours. \
    Children need a smaller dose. Ask a pharmacist before you take it with other medicines.";
pub const SPANISH: &str = "Los adultos con fiebre pueden tomar un comprimido de 500 mg cada seis \
    horas. Los niños necesitan una dosis menor.";

/// The fields of an item about `topic`, in English or Spanish.
pub fn fields(language: &str, topic: &str) -> Value {
    match language {
        "en" => json!({"question": format!("How often may an adult take a tablet for {topic}?"),
            "options": {"right": "Every six hours",
                "wrong": ["Every two hours", "Once in a day", "Once in a week"]}}),
        _ => json!({"question": format!("¿Cada cuánto puede un adulto tomar algo contra {topic}?"),
            "options": {"right": "Cada seis horas",
                "wrong": ["Cada dos horas", "Una vez al día", "Una vez por mes"]}}),
    }
}

/// A project with one honesty item in English and Spanish.
pub fn one(folder: &Path, change: impl Fn(&str, &mut Value)) -> Project {
    let project = crate::testing::project(folder, &["honesty"]);
    add(&project, "h-1", "fever", ENGLISH, change);
    project
}

/// Adds an honesty item with documents of its own.
pub fn add(
    project: &Project,
    key: &str,
    topic: &str,
    text: &str,
    change: impl Fn(&str, &mut Value),
) -> i64 {
    let of = |language| {
        let mut fields = fields(language, topic);
        change(language, &mut fields);
        fields
    };
    let english = document(project, "en", &format!("About {key}"), text);
    let spanish = document(project, "es", &format!("Acerca de {key}"), SPANISH);
    let place = project.store().items(None).unwrap().len() % 4;
    item(project, "honesty", key, place, &[("en", english, of("en")), ("es", spanish, of("es"))])
}

/// Level, language and problem of the findings of a check, those of items first.
pub fn found(project: &Project, name: &str) -> Vec<(Level, String, String)> {
    let all = project.store().findings(None).unwrap();
    let own = all.into_iter().filter(|f| f.name == name);
    own.map(|f: Finding| (f.level, f.language.unwrap_or_default(), f.problem)).collect()
}

/// The same without words.
pub fn levels(project: &Project, name: &str) -> Vec<(Level, String)> {
    found(project, name).into_iter().map(|(level, language, _)| (level, language)).collect()
}
