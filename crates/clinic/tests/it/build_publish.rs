//! `clinic build publish` and `clinic build status`: the set is whole or not there, other programs
//! read it, a run runs on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clinic_build::store::Level;
use clinic_fake::{Fake, Script};
use serde_json::{Value, json};

use crate::exports_readers::read_by;
#[cfg(target_os = "linux")]
use crate::support::can_mount;
use crate::support::project::{
    all_tasks, at_one_time, check, english, finding, from_starter, rate,
};
use crate::support::{Bench, until};

const NOBODY: &str = "[review]\nreviewers = 0\n[publish]\nitems = 3\n";

/// File to SHA-256, as `SHA256SUMS` lists them; fails unless each is so and no other is there.
#[track_caller]
fn sums(folder: &Path) -> BTreeMap<String, String> {
    let list = fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
    let listed: BTreeMap<String, String> = list
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .map(|(sum, name)| (name.to_owned(), sum.to_owned()))
        .collect();
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            match path.is_dir() {
                true => folders.push(path),
                false if name == "SHA256SUMS" => {}
                false => {
                    _ = found.insert(name, clinic_core::digest::hex(&[&fs::read(path).unwrap()]))
                }
            }
        }
    }
    assert_eq!(found, listed);
    listed
}

/// The text without SHA-256 of recipes and files, which other work changes.
fn without_sums(text: &str) -> String {
    let is_sum = |word: &&str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = text.split([' ', '`', '\n', ',']);
    words.filter(is_sum).fold(text.to_owned(), |text, sum| text.replace(sum, "[SHA-256]"))
}

#[test]
fn a_set_of_all_tasks_is_published_and_a_run_runs_on_it() {
    let bench = Bench::new();
    from_starter(&bench, "p", &["en", "es", "ar"], 3, NOBODY);
    let done = bench.clinic("build publish p --json").exits(0);
    let published = &done.json()["published"];
    assert_eq!(published["items"].as_object().unwrap().len(), 18);
    assert!(published["items"].as_object().unwrap().values().all(|n| *n == 3));
    // The adversarial task counts items, of five rows each.
    assert_eq!(published["samples"], (17 * 3 + 5 * 3) * 3);
    assert!(done.err.contains("next: clinic run --data p/published"), "{}", done.err);

    let valid = bench.clinic("data validate --data p/published --json").exits(0).json();
    assert_eq!((&valid["usable"], &valid["samples"]), (&json!(true), &published["samples"]));
    let unlocked = valid["counts"].as_array().unwrap().iter().any(|count| count["check"] == "lock");
    assert!(!unlocked, "{valid:#}");

    let fake = Fake::start(Script::default());
    let line = format!(
        "run --data p/published --model openai/m --base-url {} --out run --json --languages en,ar \
         --tasks honesty,hallucination-nota,colloquial,adversarial-attacks",
        fake.base_url()
    );
    // Without an embedder the adversarial task is asked and not scored.
    let ran = bench.clinic(&line);
    assert!(matches!(ran.code, Some(0 | 3)), "{}", ran.err);
    assert_eq!(bench.states().len(), 2 * (3 + 3 + 2 * 3 + 5 * 3));
}

#[test]
fn croissant_and_the_hub_read_the_card() {
    let bench = Bench::new();
    let project = from_starter(
        &bench,
        "p",
        &["en", "es", "ar"],
        3,
        "[review]\nreviewers = 2\n[publish]\nitems = 3\ncreators = [\"A hospital\"]\nurl = \"https://example.org/set\"\ncite = \"A set, 2026\"\n",
    );
    for task in all_tasks() {
        rate(&project, "ana", &task, |_| 5);
        rate(&project, "ben", &task, |_| 4);
    }
    bench.clinic("build publish p").exits(0);
    let found = read_by("croissant", &[bench.path("p/published")]);
    assert_eq!(found["errors"], json!([]), "{found:#}");
    assert_eq!(found["warnings"], json!([]), "{found:#}");
    assert_eq!((&found["name"], &found["version"]), (&json!("p"), &json!("0.1")));
    let sets = found["records"].as_object().unwrap();
    assert_eq!(sets.len(), 22, "a record set a dataset file");
    // Their records are the rows of our files.
    let honesty = sets["hallucination-honesty-dataset"].as_array().unwrap();
    let table = fs::read(bench.path("p/published/hallucination-honesty-dataset.csv")).unwrap();
    let mut table = csv::Reader::from_reader(table.as_slice());
    let headers = table.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!((honesty.len(), rows.len()), (3, 3));
    for (theirs, ours) in honesty.iter().zip(&rows) {
        for (header, cell) in headers.iter().zip(ours) {
            assert_eq!(theirs[format!("hallucination-honesty-dataset/{header}")], cell);
        }
    }
    assert!(headers.iter().any(|header| header == english("ar")));
    let head = &found["head"];
    assert_eq!(head["language"], json!(["en", "es", "ar"]));
    assert_eq!((&head["license"], &head["pretty_name"]), (&json!("cc-by-4.0"), &json!("p")));
    assert_eq!(head["configs"].as_array().unwrap().len(), 22);
}

#[test]
fn the_card_tells_no_names_and_no_addresses_of_servers() {
    let bench = Bench::new();
    let tasks = "tasks = [\"honesty\", \"colloquial\"]\n";
    let more = format!("{tasks}[review]\nreviewers = 2\n[publish]\nitems = 3\n");
    let project = from_starter(&bench, "p", &["en", "es"], 4, &more);
    for task in ["honesty", "colloquial"] {
        rate(&project, "Ana Bravo", task, |n| if n < 2 { 4 } else { 5 });
        rate(&project, "Ben Quast", task, |n| if n < 3 { 4 } else { 5 });
    }
    at_one_time(&bench, "p");
    bench.clinic("build publish p").exits(0);
    for name in sums(&bench.path("p/published")).keys() {
        let text = String::from_utf8(bench.read(&format!("p/published/{name}"))).unwrap();
        for secret in
            ["Bravo", "Quast", "between us", "10.1.2.3", &*bench.path("").to_string_lossy()]
        {
            assert!(!text.contains(secret), "{secret} in {name}");
        }
    }
    let card = String::from_utf8(bench.read("p/published/README.md")).unwrap();
    insta::assert_snapshot!(without_sums(&card));
}

#[test]
fn what_is_lacking_is_told_and_what_there_is_can_be_published() {
    let bench = Bench::new();
    let more =
        "tasks = [\"honesty\", \"colloquial\"]\n[review]\nreviewers = 1\n[publish]\nitems = 3\n";
    let project = from_starter(&bench, "p", &["en", "es"], 4, more);
    rate(&project, "ana", "honesty", |_| 5);
    let items = project.store().items(Some("honesty")).unwrap();
    let held: Vec<_> =
        items[..2].iter().map(|item| finding(Some(item.id), "answered", Level::Block)).collect();
    check(&project, &held);
    drop(project);
    let short = bench.clinic("build publish p").exits(3);
    assert!(
        short.err.contains("--fewer") && short.err.contains("clinic build status p"),
        "{}",
        short.err
    );
    insta::assert_snapshot!(short.out);
    assert!(!bench.path("p/published").exists());
    let lacking = bench.clinic("build publish p --json").exits(3).json();
    assert_eq!(lacking["published"], Value::Null);
    assert_eq!(lacking["tasks"][0]["languages"]["blocked"], json!({"en": 2, "es": 2}));

    let done = bench.clinic("build publish p --fewer").exits(0);
    assert!(
        done.out.contains("know first: Fewer items than planned: honesty 2 of 3"),
        "{}",
        done.out
    );
    let manifest = String::from_utf8(bench.read("p/published/manifest.toml")).unwrap();
    assert!(!manifest.contains("colloquial"), "{manifest}");
}

#[test]
fn a_kill_leaves_the_earlier_set_or_the_new_one() {
    let bench = Bench::new();
    let more = format!("tasks = [\"honesty\"]\n{}", NOBODY.replace('3', "2"));
    from_starter(&bench, "p", &["en", "es"], 9, &more);
    bench.clinic("build publish p").exits(0);
    let one = sums(&bench.path("p/published"));
    let text = String::from_utf8(bench.read("p/build.toml")).unwrap();
    bench.write("p/build.toml", text.replace("items = 2", "items = 3"));
    bench.clinic("build publish p --out two").exits(0);
    let two = sums(&bench.path("two"));
    assert_ne!(one, two, "the test needs two sets");
    for moment in
        ["", "manifest.toml", "provenance.jsonl", "statistics/tasks.svg", "README.md", "SHA256SUMS"]
    {
        let half = bench.path("p/.published.new").join(moment);
        let running = bench.start("build publish p");
        // It may have ended before anybody saw that.
        let mut looks = 0;
        until(moment, || {
            looks += 1;
            half.exists() || looks > 2_000
        });
        running.kill_if_alive();
        // Between the two moves at the end there is none, and the next step mends that.
        if bench.path("p/published").exists() {
            let found = sums(&bench.path("p/published"));
            assert!(found == one || found == two);
        }
        bench.clinic("build publish p").exits(0);
        assert_eq!(sums(&bench.path("p/published")), two);
        assert!(
            !bench.path("p/.published.new").exists() && !bench.path("p/.published.old").exists()
        );
        bench.write("p/build.toml", text.clone());
        bench.clinic("build publish p").exits(0);
        assert_eq!(sums(&bench.path("p/published")), one, "the same store gives the same bytes");
        bench.write("p/build.toml", text.replace("items = 2", "items = 3"));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_earlier_set() {
    let bench = Bench::new();
    from_starter(&bench, "p", &["en", "es"], 4, NOBODY);
    bench.clinic("build publish p --out disk/set").exits(0);
    let before = sums(&bench.path("disk/set"));
    fs::rename(bench.path("disk"), bench.path("before")).unwrap();
    fs::create_dir(bench.path("disk")).unwrap();
    let publish = "clinic build publish p --out disk/set";
    let commands = match can_mount() {
        true => [
            "mount -t tmpfs -o size=4m none disk && cp -r before/set disk/set".to_owned(),
            "head -c $(($(stat -f -c %a disk) * $(stat -f -c %S disk) - 65536)) /dev/zero > disk/filler".to_owned(),
            publish.to_owned(),
            "cp -r disk after; rm disk/filler".to_owned(),
            format!("{publish} && cp -r disk/set freed"),
        ],
        // No file beyond 4 KiB.
        false => [
            "cp -r before/set disk/set".to_owned(),
            "true".to_owned(),
            format!("trap '' XFSZ; ulimit -f 8; exec {publish}"),
            "cp -r disk after".to_owned(),
            format!("{publish} && cp -r disk/set freed"),
        ],
    };
    let [made, filled, full, copied, freed]: [_; 5] = bench.shell(&commands).try_into().unwrap();
    for done in [made, filled, copied, freed] {
        done.exits(0);
    }
    full.exits(1).says(&["disk/.set.new/"]);
    assert_eq!(sums(&bench.path("after/set")), before);
    assert!(!bench.path("after/.set.new").exists());
    assert_eq!(sums(&bench.path("freed")), before);
}

#[test]
fn a_folder_of_something_else_is_not_replaced() {
    let bench = Bench::new();
    from_starter(&bench, "p", &["en", "es"], 4, &format!("tasks = [\"honesty\"]\n{NOBODY}"));
    bench.write("thesis/chapter.txt", "years of work");
    bench
        .clinic("build publish p --out thesis")
        .exits(2)
        .says(&["thesis cannot be replaced", "--out"]);
    assert_eq!(bench.read("thesis/chapter.txt"), b"years of work");
    bench.clinic("build publish p").exits(0);
    bench.write("p/published/README.md", "my own words");
    bench.clinic("build publish p").exits(2).says(&["README.md was changed since"]);
    assert_eq!(bench.read("p/published/README.md"), b"my own words");
}

#[test]
fn the_status_tells_how_far_a_project_is_and_what_comes_next() {
    let bench = Bench::new();
    bench.clinic("build init empty --languages es").exits(0);
    let next = bench.clinic("build status empty --json").exits(0).json();
    assert_eq!(next["command"], "clinic build collect empty");

    let more = "tasks = [\"honesty\", \"colloquial\", \"adversarial-attacks\"]\n[review]\nreviewers = 1\n[publish]\nitems = 3\n";
    let project = from_starter(&bench, "p", &["en", "es", "ar"], 4, more);
    let command = || bench.clinic("build status p --json").exits(0).json()["command"].clone();
    assert_eq!(command(), "clinic build map p --embedder MODEL");
    for language in ["es", "ar"] {
        let english = project.store().heads("en").unwrap();
        let own = project.store().heads(language).unwrap();
        let pairs: Vec<_> = english
            .iter()
            .zip(&own)
            .map(|(english, other)| clinic_build::store::Pair {
                english: english.id,
                language: language.into(),
                other: Some(other.id),
                state: clinic_build::store::PairState::Mapped,
                how: clinic_build::store::How::Link,
                similarity: None,
            })
            .collect();
        project.store().set_pairs(language, &pairs).unwrap();
    }
    assert_eq!(command(), "clinic build review p --reviewers NAMES");
    rate(&project, "ana", "honesty", |_| 5);
    let first = project.store().items(Some("colloquial")).unwrap()[0].id;
    check(&project, &[finding(Some(first), "answered", Level::Block)]);
    let told = bench.clinic("build status p").exits(0);
    insta::assert_snapshot!(told.out);
    assert!(told.out.lines().all(|line| line.chars().count() <= 80), "{}", told.out);
    rate(&project, "ana", "colloquial", |_| 5);
    rate(&project, "ana", "adversarial-attacks", |_| 5);
    assert_eq!(command(), "clinic build publish p");
    bench.clinic("build publish p").exits(0);
}
