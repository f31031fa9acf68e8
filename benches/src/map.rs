//! English documents and their versions in 14 languages, found by made-up vectors.

use std::error::Error;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Arc;

use clinic_build::Project;
use clinic_build::map::{self, Embedding};
use clinic_build::store::PairState;
use clinic_engine::model::{Embedder, ModelError};
use clinic_engine::pace::{Gates, Patience, Purse, Terms, Width};
use clinic_engine::run::{Caller, Event, InFlight, Listener, Stop, Turns};
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::Bench;
use crate::measure::measure;
use crate::page::{Table, USED, used, whole};

/// First argument of the process that maps; the project's folder follows.
pub const ALONE: &str = "--map";

const DOCUMENTS: usize = 10_000;
const LANGUAGES: [&str; 14] =
    ["ar", "zh", "fr", "hi", "ja", "ko", "es", "bn", "ru", "vi", "ha", "ne", "so", "sw"];
/// Numbers of a vector.
const NUMBERS: usize = 384;
/// Documents of a topic: their vectors are near one another.
const TOPIC: usize = 10;
/// One document in so many has no version in a language.
const ALONE_IN: usize = 20;
/// Every language has its documents in another order: a prime that does not divide their number.
const STEP: usize = 7_919;

/// Measures it.
pub fn bench(bench: &Bench) -> Result<String, Box<dyn Error>> {
    let folder = bench.folder.join("map");
    make(&folder)?;
    let mut table = Table::new(&["", USED[0], USED[1], USED[3]]);
    for name in ["the first time", "again, every vector known"] {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ALONE).arg(&folder);
        let (usage, _) = measure(&command)?;
        let [wall, cpu, _, memory] = used(&usage);
        table.row(&[&name, &wall, &cpu, &memory]);
    }
    let [right, wrong, doubtful, missed] = judged(&folder)?;
    let share = |count: usize| format!("{:.2} %", 100.0 * count as f64 / all() as f64);
    Ok(format!(
        "## Mapping documents\n\n\
         {0} documents in English and in each of {1} other languages, without links, mapped as \
         `clinic build map` does it, in a process of its own: texts are read, vectors kept, all \
         pairs of a language compared and assigned one to one, pairs written. The embedder is a \
         function in the same process that makes {NUMBERS} numbers up, so that the truth is known: \
         {TOPIC} documents of each topic are near one another (0.74), versions nearer (0.92), and \
         one document in {ALONE_IN} has none.\n\n{table}\n\
         Of {2} English documents and languages, {3} are mapped as they should be or rightly left \
         alone, {4} are mapped wrongly, {5} wait for a person, {6} have a version that was not \
         found.\n",
        whole(DOCUMENTS),
        LANGUAGES.len(),
        whole(all()),
        share(right),
        share(wrong),
        share(doubtful),
        share(missed),
    ))
}

fn all() -> usize {
    DOCUMENTS * LANGUAGES.len()
}

/// Maps the project of the arguments.
pub fn alone(mut args: impl Iterator<Item = String>) -> Result<ExitCode, Box<dyn Error>> {
    let folder = args.next().ok_or("no folder")?;
    let project = Project::open(Path::new(&folder))?;
    let (calls, stop) = (project.calls()?, Arc::new(Stop::default()));
    let purse = Purse::kept_by(None, 0.0, Box::new(InFlight(calls.clone())));
    let terms = Terms {
        width: Width::Fixed(1),
        requests_per_minute: None,
        tokens_per_minute: None,
        price: None,
    };
    let seconds = std::time::Duration::from_secs;
    let patience = Patience { retries: 0, first_wait: seconds(0), outage: seconds(0) };
    let gates = Gates::new(terms, patience, purse, Arc::new(Quiet), stop.clone());
    let (gates, turns) = (Arc::new(gates), Turns::default());
    let caller = Caller { store: calls, cache: None, gates, stop, turns };
    let embedding = Embedding { caller: &caller, embedder: &MadeUp, batch: 32 };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(map::map(&project, Some(embedding), &Quiet))?;
    Ok(ExitCode::SUCCESS)
}

struct Quiet;

impl Listener for Quiet {
    fn on(&self, _: &Event<'_>) {}
}

/// A project of documents whose first lines say which they are.
fn make(folder: &Path) -> Result<(), Box<dyn Error>> {
    let languages = LANGUAGES.map(|tag| format!("\"{tag}\"")).join(", ");
    let config = format!(
        "name = \"bench\"\nversion = \"1\"\nlicense = \"CC0-1.0\"\nabout = \"A bench.\"\n\
         languages = [\"en\", {languages}]\ntasks = [\"honesty\"]\n"
    );
    drop(Project::create(folder, &config)?);
    let mut db = rusqlite::Connection::open(folder.join("build.sqlite"))?;
    let transaction = db.transaction()?;
    let text = "Words that stand where a document would say something. ".repeat(40);
    for (language, tag) in ["en"].iter().chain(&LANGUAGES).enumerate() {
        for place in 0..DOCUMENTS {
            let title = format!("{language} {}", document(language, place));
            transaction
                .prepare_cached(
                    "INSERT INTO documents(source, name, language, title, text, license, address,
                        fetched, sha256, groups, recent, current)
                     VALUES ('bench', ?1, ?2, ?1, ?3, '', '', '', '', '[]', 0, 1)",
                )?
                .execute([title.as_str(), tag, &text])?;
        }
    }
    Ok(transaction.commit()?)
}

/// Which document stands at a place of a language; from [`DOCUMENTS`] on, one that no other has.
fn document(language: usize, place: usize) -> usize {
    let document = (place * STEP + language * 13) % DOCUMENTS;
    match language > 0 && (document + language).is_multiple_of(ALONE_IN) {
        true => language * DOCUMENTS + document,
        false => document,
    }
}

/// Pairs that are right, wrong, doubtful, and versions that were not found.
fn judged(folder: &Path) -> Result<[usize; 4], Box<dyn Error>> {
    let project = Project::look(folder)?;
    let mut counts = [0; 4];
    for (language, tag) in (1..).zip(LANGUAGES) {
        for pair in project.store().pairs(Some(tag))? {
            // Numbers of documents go up from 1, language by language.
            let number = |id: i64| (id as usize - 1) % DOCUMENTS;
            let english = document(0, number(pair.english));
            let other = pair.other.map(|other| document(language, number(other)));
            let has_one = !(english + language).is_multiple_of(ALONE_IN);
            let kind = match (pair.state, other) {
                (PairState::Doubtful, _) => 2,
                (_, Some(other)) if other != english => 1,
                (_, None) if has_one => 3,
                _ => 0,
            };
            counts[kind] += 1;
        }
    }
    Ok(counts)
}

/// Makes vectors of what the first line of a text says: language and document.
struct MadeUp;

impl Embedder for MadeUp {
    fn identity(&self) -> &str {
        "made up"
    }

    fn embed(&self, texts: Vec<String>) -> BoxFuture<'_, Result<Vec<Vec<f32>>, ModelError>> {
        async move { Ok(texts.iter().map(|text| vector(text)).collect()) }.boxed()
    }
}

/// A topic's direction, the document's own, and those of language and text.
fn vector(text: &str) -> Vec<f32> {
    let first = text.lines().next().unwrap_or_default();
    let (language, document) = first.split_once(' ').unwrap_or_default();
    let number = |text: &str| text.parse::<u64>().unwrap_or_default();
    let (language, document) = (number(language), number(document));
    let parts = [
        (0.86, document / TOPIC as u64),
        (0.42, (1 << 40) + document),
        (0.28, (2 << 40) + (language << 24) + document),
        (0.05, (3 << 40) + language),
    ];
    let mut sum = vec![0.0; NUMBERS];
    for (weight, seed) in parts {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for number in &mut sum {
            *number += weight * uniform(&mut state);
        }
    }
    sum
}

/// From -1 to 1, by SplitMix64.
fn uniform(state: &mut u64) -> f32 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((mixed ^ (mixed >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
}
