//! `clinic build collect`: documents of every kind of source, and what hostile ones may not do.

mod folder;
mod hostile;
mod kinds;
mod pdf;
mod web;

use serde_json::Value;

use crate::support::{Bench, Outcome};

const ENGLISH: &str = "Wash your hands with soap and clean water before you cook, before you eat, \
    and each time after you have been to the toilet. Rub them for twenty seconds, also between the \
    fingers and under the nails, and dry them with a clean towel.";
const SPANISH: &str = "Lávese las manos con jabón y agua limpia antes de cocinar, antes de comer y \
    cada vez que haya ido al baño. Frótelas durante veinte segundos, también entre los dedos y \
    debajo de las uñas, y séquelas con una toalla limpia que nadie más use.";
const SWAHILI: &str = "Nawa mikono yako kwa sabuni na maji safi kabla ya kupika, kabla ya kula na \
    kila mara baada ya kutoka chooni. Isugue kwa sekunde ishirini, pia kati ya vidole na chini ya \
    kucha, kisha ikaushe kwa taulo safi ambalo halitumiwi na mtu mwingine.";
const ARABIC: &str = "اغسل يديك بالماء النظيف والصابون قبل أن تطبخ وقبل أن تأكل وفي كل مرة بعد \
    الخروج من المرحاض. افركهما لمدة عشرين ثانية، وكذلك بين الأصابع وتحت الأظافر، ثم جففهما \
    بمنشفة نظيفة لا يستعملها أحد غيرك، وعلّم أطفالك أن يفعلوا مثل ذلك كل يوم.";

/// A document of the store.
#[derive(Debug, Clone, PartialEq)]
struct Doc {
    name: String,
    language: String,
    title: String,
    text: String,
    address: String,
    dated: Option<String>,
    sha256: String,
    link: Option<String>,
    groups: String,
    recent: bool,
    current: bool,
}

/// A project with these sources, as TOML.
fn project(sources: &str) -> Bench {
    let bench = Bench::new();
    bench.clinic("build init p --languages es,sw,ar").exits(0);
    settings(&bench, "pause = 0", sources);
    bench
}

fn settings(bench: &Bench, collect: &str, sources: &str) {
    bench.write(
        "p/build.toml",
        format!(
            "name = \"p\"\nversion = \"1\"\nlicense = \"CC0-1.0\"\nabout = \"A test.\"\n\
             languages = [\"en\", \"es\", \"sw\", \"ar\"]\ntasks = [\"honesty\"]\n{sources}\n\
             [collect]\n{collect}\n"
        ),
    );
}

/// One source.
fn source(kind: &str, from: &str, more: &str) -> String {
    format!(
        "[[sources]]\nname = \"src\"\nkind = \"{kind}\"\nfrom = \"{from}\"\nlicense = \"free\"\n\
         {more}\n"
    )
}

fn collect(bench: &Bench) -> Outcome {
    bench.clinic("build collect p --json")
}

/// All documents, in the order of their coming.
fn documents(bench: &Bench) -> Vec<Doc> {
    let db = rusqlite::Connection::open(bench.path("p/build.sqlite")).unwrap();
    let mut query = db
        .prepare(
            "SELECT name, language, title, text, address, dated, sha256, link, groups, recent,
                current FROM documents ORDER BY id",
        )
        .unwrap();
    let rows = query.query_map([], |row| {
        Ok(Doc {
            name: row.get(0)?,
            language: row.get(1)?,
            title: row.get(2)?,
            text: row.get(3)?,
            address: row.get(4)?,
            dated: row.get(5)?,
            sha256: row.get(6)?,
            link: row.get(7)?,
            groups: row.get(8)?,
            recent: row.get(9)?,
            current: row.get(10)?,
        })
    });
    rows.unwrap().collect::<Result<_, _>>().unwrap()
}

/// Name, language and link of the current documents.
fn current(bench: &Bench) -> Vec<(String, String, Option<String>)> {
    let current = documents(bench).into_iter().filter(|doc| doc.current);
    current.map(|doc| (doc.name, doc.language, doc.link)).collect()
}

/// New, changed, same, gone and dropped of a language.
#[track_caller]
fn counts(json: &Value, language: &str) -> [u64; 5] {
    let rows = json["rows"].as_array().unwrap();
    let row = rows.iter().find(|row| row["language"] == language);
    let row = row.unwrap_or_else(|| panic!("{language} in {json:#}"));
    ["new", "changed", "same", "gone", "dropped"].map(|key| row[key].as_u64().unwrap())
}

/// Why something was dropped, by the end of what is told of it.
#[track_caller]
fn why(json: &Value, what: &str) -> String {
    let dropped = json["dropped"].as_array().unwrap();
    let told = |left: &&Value| left["what"].as_str().unwrap().ends_with(what);
    let left = dropped.iter().find(told).unwrap_or_else(|| panic!("{what} in {json:#}"));
    format!("{}: {}", left["kind"].as_str().unwrap(), left["why"].as_str().unwrap())
}

/// A file of the fixtures.
fn fixture(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/collect/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}
