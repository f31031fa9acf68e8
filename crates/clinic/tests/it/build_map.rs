//! `clinic build map`: links, vectors, people, and what can go wrong between them.

use std::collections::BTreeMap;
use std::time::Duration;

use clinic_build::Project;
use clinic_build::store::{NewDocument, Pair, PairState};
use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::{Bench, until};

const CONFIG: &str = "name = \"set\"\nversion = \"1\"\nlicense = \"CC0-1.0\"\nabout = \"A test.\"\n\
                      languages = [\"en\", \"es\", \"sw\"]\ntasks = [\"honesty\"]\n";

fn document(language: &str, title: &str, link: Option<&str>) -> NewDocument {
    NewDocument {
        source: "own".to_owned(),
        name: format!("{language}/{title}"),
        language: language.to_owned(),
        title: title.to_owned(),
        text: format!("What to know about {title}."),
        license: "CC0-1.0".to_owned(),
        address: String::new(),
        dated: None,
        sha256: title.to_owned(),
        link: link.map(str::to_owned),
        groups: Vec::new(),
        recent: false,
    }
}

/// A bench with a project of these documents, each with its number from 1 on.
fn project(documents: &[(&str, &str, Option<&str>)]) -> Bench {
    let bench = Bench::new();
    let project = Project::create(&bench.path("set"), CONFIG).unwrap();
    for (language, title, link) in documents {
        project.store().put_document(&document(language, title, *link)).unwrap();
    }
    bench
}

/// A server whose vector of a text is what its first line has in brackets.
fn server() -> Fake {
    Fake::start(Script::new(|seen, _| vectors(seen)))
}

fn vectors(seen: &Seen) -> Action {
    if seen.path == "/info" {
        return Action::Default;
    }
    let inputs = seen.body["inputs"].as_array().unwrap().iter();
    let texts: Vec<&str> = inputs.map(|text| text.as_str().unwrap()).collect();
    if texts.iter().any(|text| text.starts_with("refused")) {
        return Action::status(413, &[], "{\"error\":\"too long\"}");
    }
    let vector = |text: &&str| -> Value {
        let (_, numbers) = text.lines().next().unwrap().rsplit_once('[').unwrap();
        numbers.trim_end_matches(']').split(' ').map(|n| n.parse::<f64>().unwrap()).collect()
    };
    Action::Json(200, texts.iter().map(vector).collect())
}

fn line(fake: &Fake) -> String {
    format!(
        "build map set --json --retry-delay 0.01 --embedder tei/fake/embedding \
         --embedder-base-url {}",
        fake.root_url()
    )
}

fn embedded(fake: &Fake) -> usize {
    fake.requests().iter().filter(|seen| seen.path == "/embed").count()
}

/// The pairs of a language by English document: the other one, its state, who found it.
fn pairs(bench: &Bench, language: &str) -> BTreeMap<i64, (Option<i64>, String, String)> {
    let project = Project::look(&bench.path("set")).unwrap();
    let told = |word: Value| word.as_str().unwrap().to_owned();
    let pair =
        |pair: Pair| (pair.english, (pair.other, told(json!(pair.state)), told(json!(pair.how))));
    project.store().pairs(Some(language)).unwrap().into_iter().map(pair).collect()
}

fn is(other: impl Into<Option<i64>>, state: &str, how: &str) -> (Option<i64>, String, String) {
    (other.into(), state.to_owned(), how.to_owned())
}

/// Flu and asthma in English and Spanish; of the Spanish ones the first is doubtful.
fn doubtful() -> Bench {
    project(&[
        ("en", "flu [1 0 0]", None),
        ("en", "asthma [0 1 0]", None),
        ("es", "gripe [0.85 0 0.5]", None),
        ("es", "asma [0 0.99 0.1]", None),
        ("es", "=dolor; \"x\" [0 0 1]", None),
    ])
}

#[test]
fn without_an_embedder_links_pair_what_a_source_links() {
    let bench = project(&[
        ("en", "flu", Some("1")),
        ("en", "asthma", Some("2")),
        ("es", "gripe antigua", Some("1")),
        ("es", "gripe", Some("1")),
        ("es", "asma", None),
        ("sw", "pumu", Some("2")),
    ]);
    let done = bench.clinic("build map set --json").exits(0);
    let done = done.says(&["Spanish: links with several documents: 1"]);
    let spanish = &done.json()["languages"][0];
    assert_eq!(spanish["language"], "es");
    assert_eq!((&spanish["english"], &spanish["by_link"]), (&json!(2), &json!(1)));
    assert_eq!((&spanish["unmapped"], &spanish["unclaimed"]), (&json!(1), &json!(2)));
    assert_eq!(pairs(&bench, "es")[&1], is(4, "mapped", "link"));
    assert_eq!(pairs(&bench, "es")[&2], is(None, "unmapped", "none"));
    assert_eq!(pairs(&bench, "sw")[&2], is(6, "mapped", "link"));
    let before = pairs(&bench, "es");
    let table = bench.clinic("build map set").exits(0).out;
    assert_eq!(before, pairs(&bench, "es"));
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    insta::assert_snapshot!(table, @r"
    language English by link by vectors by people doubtful unmapped unclaimed
    ─────────────────────────────────────────────────────────────────────────
    es             2       1          0         0        0        1         2
    sw             2       1          0         0        0        1         0
    ");
    let listed = bench.clinic("build map set --list unmapped --languages Spanish").exits(0).out;
    assert!(listed.contains("asthma") && !listed.contains("flu"), "{listed}");
}

#[test]
fn vectors_pair_what_links_leave_and_are_asked_for_once() {
    let (bench, fake) = (
        project(&[
            ("en", "flu [1 0 0]", Some("1")),
            ("en", "asthma [0 1 0]", None),
            ("en", "gout [0 0 1]", None),
            ("es", "gripe [0 1 0]", Some("1")),
            ("es", "asma [0 0.99 0.1]", None),
            ("es", "gota [0.5 0 0.85]", None),
            ("sw", "pumu [0.1 2 0]", None),
        ]),
        server(),
    );
    bench.clinic(&line(&fake)).exits(0);
    let spanish = pairs(&bench, "es");
    assert_eq!(spanish[&1], is(4, "mapped", "link"), "its vector does not matter");
    assert_eq!(spanish[&2], is(5, "mapped", "embedding"));
    assert_eq!(spanish[&3], is(6, "doubtful", "embedding"));
    assert_eq!(pairs(&bench, "sw")[&2], is(7, "mapped", "embedding"));
    let asked = fake.requests();
    let texts: Vec<&Value> = asked.iter().map(|seen| &seen.body["inputs"]).collect();
    assert!(!json!(texts).to_string().contains("gripe"), "what a link has needs no vector");
    let (before, calls) = (bench.clinic("build map set --list mapped --json").out, embedded(&fake));
    bench.clinic(&line(&fake)).exits(0);
    assert_eq!(embedded(&fake), calls);
    assert_eq!(bench.clinic("build map set --list mapped --json").out, before);
    let store = Project::look(&bench.path("set")).unwrap();
    let basis = store.store().basis("es").unwrap().unwrap();
    assert!(basis.embedder.is_some_and(|name| name.contains("fake/embedding")));
    assert_eq!((basis.threshold, basis.margin), (0.9, 0.01));
    // Without an embedder its pairs go, and come back for nothing.
    bench.clinic("build map set").exits(0).says(&["3 pairs that vectors had found are gone"]);
    assert_eq!(pairs(&bench, "es")[&2], is(None, "unmapped", "none"));
    assert_eq!(store.store().basis("es").unwrap().unwrap().embedder, None);
    bench.clinic(&line(&fake)).exits(0);
    assert_eq!((embedded(&fake), pairs(&bench, "es")), (calls, spanish));
}

#[test]
fn a_document_whose_text_is_refused_is_told_and_the_others_are_mapped() {
    let (bench, fake) = (
        project(&[
            ("en", "flu [1 0]", None),
            ("en", "asthma [0 1]", None),
            ("es", "refused [1 0]", None),
            ("es", "asma [0 1]", None),
        ]),
        server(),
    );
    let done = bench.clinic(&line(&fake)).exits(0).json();
    assert_eq!(done["languages"][0]["without_vector"], 1);
    assert!(done["dropped"][0]["what"].as_str().unwrap().contains("refused"), "{done}");
    assert_eq!(pairs(&bench, "es")[&2], is(4, "mapped", "embedding"));
    assert_eq!(pairs(&bench, "es")[&1], is(None, "unmapped", "none"));
}

#[test]
fn people_decide_on_doubtful_pairs_and_their_word_stays() {
    let (bench, fake) = (doubtful(), server());
    bench.clinic(&line(&fake)).exits(0).says(&[]);
    assert_eq!(pairs(&bench, "es")[&1], is(3, "doubtful", "embedding"));
    bench.clinic("build map set --export out.csv").exits(0);
    let again = bench.clinic("build map set --export out.csv").exits(2);
    again.says(&["somebody's decisions"]);
    let text = String::from_utf8(bench.read("out.csv")).unwrap();
    assert!(text.starts_with("\u{feff}english_id,other_id,language,"), "{text}");
    assert!(text.contains("1,3,es,flu [1 0 0],gripe [0.85 0 0.5],What to know about"), "{text}");
    let decided = |answer: &str| text.trim_end().to_owned() + answer + "\n";

    bench.write("no.csv", decided("no"));
    let done = bench.clinic("build map set --decisions no.csv --name ana --json").exits(0).json();
    assert_eq!((&done["new"], &done["known"]), (&json!(1), &json!(0)));
    let again = bench.clinic("build map set --decisions no.csv --name ana --json").exits(0).json();
    assert_eq!((&again["new"], &again["known"]), (&json!(0), &json!(1)));
    bench.clinic(&line(&fake)).exits(0);
    assert_eq!(pairs(&bench, "es")[&1], is(None, "unmapped", "none"));
    // The last word counts, whoever has it.
    bench.write("yes.csv", decided("YES"));
    bench.clinic("build map set --decisions yes.csv --name ben").exits(0);
    bench.clinic("build map set").exits(0);
    assert_eq!(pairs(&bench, "es")[&1], is(3, "mapped", "person"));
    // The document has a new form at its source: what was said of it holds.
    let project = Project::look(&bench.path("set")).unwrap();
    let changed =
        NewDocument { sha256: "2".to_owned(), ..document("es", "gripe [0.85 0 0.5]", None) };
    let (new, _) = project.store().put_document(&changed).unwrap();
    bench.clinic("build map set").exits(0);
    assert_eq!(pairs(&bench, "es")[&1], is(new, "mapped", "person"));
    assert_eq!(project.store().decisions().unwrap().len(), 1);
}

#[test]
fn a_file_comes_back_however_a_spreadsheet_saved_it() {
    let header = "english_id,other_id,language,english_title,other_title,same";
    let rows = "1,3,es,flu [1 0 0],gripe [0.85 0 0.5],yes\n\
                2,5,es,asthma [0 1 0],\"'=dolor;' \"\"x\"\" [0 0 1]\",no\n";
    let plain = format!("{header}\n{rows}");
    let semicolons = "same;other_id;english_id;notes;english_title;other_title\r\n\
                      yes;3;1;;flu [1 0 0];gripe [0.85 0 0.5]\r\n;;;;;\r\n\
                      no;5;2;so;asthma [0 1 0];\"'=dolor; \"\"x\"\" [0 0 1]\"\r\n";
    let wide: Vec<u8> = std::iter::once(0xfeff_u16)
        .chain(semicolons.replace(';', "\t").replace("dolor\t", "dolor;").encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let shown = plain.replace(";' \"\"x", "; \"\"x");
    for file in [
        shown.clone().into_bytes(),
        format!("\u{feff}{shown}").into_bytes(),
        semicolons.into(),
        format!("sep=;\r\n{semicolons}").into_bytes(),
        wide,
    ] {
        let bench = doubtful();
        bench.write("file.csv", &file);
        bench.clinic("build map set --decisions file.csv --name ana").exits(0);
        let said = Project::look(&bench.path("set")).unwrap().store().decisions().unwrap();
        let said: Vec<_> = said.iter().map(|d| (d.english, d.other, d.same)).collect();
        assert_eq!(said, [(1, 3, true), (2, 5, false)], "{}", String::from_utf8_lossy(&file));
    }
}

#[test]
fn a_damaged_file_is_refused_whole_and_each_wrong_row_is_named() {
    let bench = doubtful();
    let header = "english_id,other_id,language,english_title,other_title,same\n";
    let good = "2,4,es,asthma [0 1 0],asma [0 0.99 0.1],yes\n";
    let refused = |rows: &str, words: &[&str]| {
        bench.write("bad.csv", format!("{header}{good}{rows}"));
        let done = bench.clinic("build map set --decisions bad.csv --name ana").exits(2);
        done.says(&["bad.csv: nothing was kept"]).says(words);
    };
    for (row, words) in [
        (
            "1,3,es,influenza,gripe [0.85 0 0.5],yes\n",
            ["row 3: document 1 has the title 'flu [1 0 0]'", "'influenza'"],
        ),
        (
            "1,4,es,flu [1 0 0],gripe [0.85 0 0.5],yes\n",
            ["row 3: document 4 has the title", "'gripe"],
        ),
        (
            "1,99,es,flu [1 0 0],gripe [0.85 0 0.5],yes\n",
            ["row 3: other_id is 99", "no such document"],
        ),
        (
            "3,1,es,gripe [0.85 0 0.5],flu [1 0 0],yes\n",
            ["row 3: english_id must name an English", ""],
        ),
        ("1.0,3,es,flu [1 0 0],gripe [0.85 0 0.5],yes\n", ["row 3: english_id is '1.0'", ""]),
        (
            "1,3,es,flu [1 0 0],gripe [0.85 0 0.5],perhaps\n",
            ["row 3: 'same' is 'perhaps'", "yes or no"],
        ),
        (
            "1,3,es,flu [1 0 0],gripe [0.85 0 0.5]\n",
            ["row 3: it has 5 cells and the first row 6", ""],
        ),
        ("2,4,es,asthma [0 1 0],asma [0 0.99 0.1],no\n", ["row 3: row 2 says something else", ""]),
        (
            "2,3,es,asthma [0 1 0],gripe [0.85 0 0.5],yes\n",
            ["row 3: row 2 says yes to another pair", ""],
        ),
        (
            "1,4,es,flu [1 0 0],asma [0 0.99 0.1],yes\n",
            ["row 3: row 2 says yes to another pair", ""],
        ),
        (",,,,,\nx,3,es,a,b,yes\n", ["row 4: english_id is 'x'", ""]),
    ] {
        refused(row, &words);
    }
    for (file, word) in [
        (&b"english_id,other_id,same\n1,3,yes\n"[..], "lacks the column 'english_title'"),
        (b"\xff\xfe\x00", "lacks the column"),
        (b"english_id,\xe9\n", "CSV UTF-8"),
        (b"", "lacks the column"),
    ] {
        bench.write("bad.csv", file);
        bench.clinic("build map set --decisions bad.csv --name ana").exits(2).says(&[word]);
    }
    bench.write("bad.csv", format!("{header}{good}"));
    bench.clinic("build map set --decisions bad.csv --name \u{202e}ana").exits(2).says(&["name"]);
    bench.clinic("build map set --decisions none.csv --name ana").exits(2).says(&["none.csv"]);
    let project = Project::look(&bench.path("set")).unwrap();
    assert_eq!(project.store().decisions().unwrap(), []);
}

#[test]
fn rows_that_are_gone_are_told_and_change_nothing() {
    let (bench, fake) = (doubtful(), server());
    bench.clinic(&line(&fake)).exits(0);
    bench.write("few.csv", "english_id,other_id,language,english_title,other_title,same\n");
    let done = bench.clinic("build map set --decisions few.csv --name ana").exits(0);
    done.says(&["1 doubtful pairs are not in the file", "1 and 3"]);
    assert_eq!(pairs(&bench, "es")[&1], is(3, "doubtful", "embedding"));
}

#[test]
fn decisions_need_no_lock_and_mapping_does() {
    let bench = doubtful();
    let held = Project::open(&bench.path("set")).unwrap();
    bench.clinic("build map set").exits(1).says(&["another clinic works on"]);
    let rows = "english_id,other_id,language,english_title,other_title,same\n\
                1,3,es,flu [1 0 0],gripe [0.85 0 0.5],yes\n";
    bench.write("file.csv", rows);
    bench.clinic("build map set --decisions file.csv --name ana").exits(0);
    bench.clinic("build map set --list mapped").exits(0);
    drop(held);
    bench.clinic("build map set").exits(0);
    assert_eq!(pairs(&bench, "es")[&1], is(3, "mapped", "person"));
}

#[test]
fn a_kill_loses_no_vector_that_was_kept_and_no_pair() {
    let documents: Vec<(String, String)> = ["en", "es", "sw"]
        .into_iter()
        .flat_map(|language| {
            let title = move |i: usize| {
                let angle = i as f64 / 90.0;
                format!("{language} {i} [{} {} 0]", angle.cos(), angle.sin())
            };
            (0..90).map(move |i| (language.to_owned(), title(i)))
        })
        .collect();
    let documents: Vec<(&str, &str, Option<&str>)> =
        documents.iter().map(|(language, title)| (&**language, &**title, None)).collect();
    let whole = project(&documents);
    let fake = server();
    whole.clinic(&line(&fake)).exits(0);
    let (requests, expected) = (embedded(&fake), pairs(&whole, "sw"));
    for moment in [1, 4, 7] {
        let bench = project(&documents);
        let slow =
            Fake::start(Script::new(|seen, _| vectors(seen)).latency(Duration::from_millis(20)));
        let pace = format!("{} --max-connections 1", line(&slow));
        let run = bench.start(&pace);
        until("some vectors", || embedded(&slow) >= moment);
        run.kill();
        let spanish = pairs(&bench, "es").len();
        assert!(spanish == 0 || spanish == 90, "{spanish} pairs are half a language");
        bench.clinic(&pace).exits(0);
        assert_eq!(pairs(&bench, "sw"), expected);
        assert!(embedded(&slow) <= requests + 1, "{} of {requests}", embedded(&slow));
    }
}

#[test]
fn foreign_titles_steer_neither_a_terminal_nor_a_spreadsheet() {
    let (bench, fake) = (
        project(&[
            ("en", "=1+1\u{1b}[31m \u{202e} [1 0]", None),
            ("es", "@x\u{7} [0.85 0.5]", None),
        ]),
        server(),
    );
    bench.clinic(&line(&fake)).exits(0);
    assert_eq!(pairs(&bench, "es")[&1].1, json!(PairState::Doubtful).as_str().unwrap());
    let listed = bench.clinic("build map set --list doubtful").exits(0).out;
    assert!(!listed.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{listed}");
    bench.clinic("build map set --export out.csv").exits(0);
    let text = String::from_utf8(bench.read("out.csv")).unwrap();
    assert!(text.contains(",'=1+1") && text.contains(",'@x"), "{text}");
    let decided = text.trim_end().to_owned() + "no\n";
    bench.write("in.csv", decided);
    bench.clinic("build map set --decisions in.csv --name ana").exits(0);
}
