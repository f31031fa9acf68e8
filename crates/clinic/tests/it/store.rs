//! The folder of a run: what is not one is refused, and what is one is not harmed.

use clinic_fake::{Fake, Script};

use crate::support::Bench;

/// A finished run, and the commands that open it.
fn finished() -> (Bench, Fake) {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    bench.generate(&fake, "").exits(0);
    (bench, fake)
}

const OPENING: [&str; 5] =
    ["report run", "export run --format csv", "resume run", "score run", "report run --json"];

/// Fails unless every command that opens the run ends with this code and these words.
#[track_caller]
fn refused(bench: &Bench, code: i32, words: &[&str]) {
    for line in OPENING {
        let done = bench.clinic(line).exits(code).says(&["error: "]).says(words);
        assert_eq!(done.out, "", "{line}");
    }
}

fn execute(bench: &Bench, statement: &str) {
    let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
    db.execute_batch(statement).unwrap();
}

#[test]
fn a_store_of_another_version_is_refused_with_what_to_do() {
    let (bench, fake) = finished();
    execute(&bench, "UPDATE meta SET value = '99' WHERE key = 'store_version'");
    let todo = "this clinic reads versions 2 to 4; use the clinic that run.toml names";
    refused(&bench, 2, &["run/run.sqlite has store version 99", todo]);
    execute(&bench, "DELETE FROM meta");
    refused(&bench, 2, &["run/run.sqlite has store version none", todo]);
    assert_eq!(fake.count(), 3);
    assert_eq!(bench.states(), ["answered"; 3]);
}

/// What a store of version 3 lacked.
const TO_3: &str = "
    DROP TABLE marks;
    DROP INDEX responses_by_state; DROP INDEX scores_by_verdict;
    UPDATE meta SET value = '3' WHERE key = 'store_version';";

/// What a store of version 2 lacked beside that.
const TO_2: &str = "
    ALTER TABLE responses DROP COLUMN reasoning_tokens;
    ALTER TABLE responses DROP COLUMN batch;
    DROP TABLE charges; DROP TABLE batch_calls; DROP TABLE batches;
    UPDATE meta SET value = '2' WHERE key = 'store_version';";

#[test]
fn a_store_of_an_earlier_version_is_brought_up_to_date() {
    let olds = [TO_3.to_owned(), format!("{TO_3}{TO_2}")];
    for old in &olds {
        for command in ["report run --json", "resume run --json", "score run --json"] {
            let (bench, fake) = finished();
            bench.clinic("score run").exits(0);
            let expected = bench.clinic("report run --json").exits(0).json();
            execute(&bench, old);
            let found = bench.clinic(command).exits(0).json();
            assert_eq!(found["rows"], expected["rows"], "{command}");
            assert_eq!(bench.column("SELECT value FROM meta WHERE key = 'store_version'"), ["4"]);
            let states = bench.column("SELECT state FROM responses WHERE batch = 0");
            assert_eq!(states, ["answered"; 3]);
            bench.clinic("export run --format csv").exits(0);
            assert_eq!(fake.count(), 3, "nothing is asked again");
        }
        // A new run and one that was brought up to date have the same tables and indexes.
        let (bench, new) = (finished().0, finished().0);
        execute(&bench, old);
        bench.clinic("report run").exits(0);
        for table in ["table_info", "index_info"] {
            let columns = format!(
                "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_{table}(m.name) c
                 ORDER BY 1"
            );
            assert_eq!(bench.column(&columns), new.column(&columns));
        }
    }
}

#[test]
fn a_folder_without_a_plan_holds_no_run() {
    let bench = Bench::new();
    refused(&bench, 2, &["run holds no run: there is no run.toml in it"]);
    bench.write("run/notes.txt", "mine");
    refused(&bench, 2, &["run holds no run: there is no run.toml in it"]);
    assert_eq!(bench.files().len(), 1, "nothing is made by looking");
}

#[test]
fn a_plan_that_cannot_be_read() {
    let (bench, _fake) = finished();
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    for (broken, words) in [
        ("", &["run/run.toml", "missing field"][..]),
        ("= nonsense", &["run/run.toml", "line 1"]),
        (&format!("colour = 1\n{plan}"), &["run/run.toml", "line 1", "`colour`"]),
        (&plan.replace("seed = 0", "seed = \"a\""), &["run/run.toml", "line 2", "seed"]),
    ] {
        bench.write("run/run.toml", broken);
        refused(&bench, 2, words);
    }
    bench.write("run/run.toml", plan);
    bench.clinic("resume run").exits(0);
}

#[test]
fn a_store_that_is_gone_or_damaged() {
    let (bench, fake) = finished();
    bench.write("run/run.sqlite", "this is no database, however long it may be");
    refused(&bench, 1, &["run/run.sqlite: the file is damaged"]);
    std::fs::remove_file(bench.path("run/run.sqlite")).unwrap();
    refused(&bench, 1, &["run/run.sqlite: unable to open database file"]);
    assert!(!bench.path("run/run.sqlite").exists(), "no empty one is put in its place");
    assert_eq!(fake.count(), 3);
}

#[test]
fn a_folder_that_cannot_be_made() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    bench.write("file", "mine");
    let line = Bench::line("generate", "judged", &fake, "");
    for (out, word) in [("file/run", "file/run: "), ("file", "file: ")] {
        let done = bench.clinic(&line.replace("--out run", &format!("--out {out}"))).exits(1);
        done.says(&[&format!("error: {word}")]);
    }
    assert_eq!((fake.count(), bench.read("file")), (0, b"mine".to_vec()));
}

#[test]
fn a_run_is_not_written_over() {
    let (bench, fake) = finished();
    let before = (bench.read("run/run.toml"), bench.read("run/run.sqlite"));
    for command in ["generate", "run"] {
        let line = Bench::line(command, "judged", &fake, "--seed 7");
        let done = bench.clinic(&line).exits(2);
        done.says(&["run holds a run already", "`clinic resume run`", "another --out"]);
    }
    assert_eq!((bench.read("run/run.toml"), bench.read("run/run.sqlite")), before);
    assert_eq!(fake.count(), 3);
    bench.clinic("resume run").exits(0);
}

#[test]
fn answers_are_not_thrown_away_where_the_plan_is_gone() {
    let (bench, fake) = finished();
    let plan = bench.read("run/run.toml");
    std::fs::remove_file(bench.path("run/run.toml")).unwrap();
    let done = bench.generate(&fake, "").exits(2);
    done.says(&["run/run.toml: it is gone", "run.sqlite holds responses", "another --out"]);
    bench.write("run/run.toml", plan);
    bench.clinic("resume run").exits(0);
    assert_eq!((bench.states(), fake.count()), (vec!["answered".to_owned(); 3], 3));
}

#[test]
fn what_a_crash_left_of_a_run_that_was_never_made_is_replaced() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    bench.write("run/run.sqlite", "half");
    bench.write("run/run.toml.new", "half");
    bench.generate(&fake, "").exits(0);
    assert_eq!(bench.states(), ["answered"; 3]);
    bench.clinic("resume run").exits(0);
}

#[test]
fn a_run_goes_on_with_its_own_model_only() {
    let (bench, fake) = finished();
    let other = Fake::start(Script::default());
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    let line = format!("base_url = \"{}\"", fake.base_url());
    assert!(plan.contains(&line));
    bench.write(
        "run/run.toml",
        plan.replace(&line, &format!("base_url = \"{}\"", other.base_url())),
    );
    let done = bench.clinic("resume run").exits(2);
    done.says(&["the model is not the one that this run began with", "hint: start a new run"]);
    assert_eq!(other.count(), 0);
}

#[test]
fn the_plan_says_what_was_run() {
    let (bench, fake) = finished();
    let plan = String::from_utf8(bench.read("run/run.toml")).unwrap();
    let digest = |file: &str| {
        use std::process::Command;
        let done = Command::new("sha256sum").arg(bench.path(file)).output().unwrap();
        String::from_utf8(done.stdout).unwrap().split(' ').next().unwrap().to_owned()
    };
    let address = fake.base_url();
    for part in [
        &*digest("data/questions.csv"),
        &*digest("tasks/judged.toml"),
        env!("CARGO_PKG_VERSION"),
        "seed = 0",
        "openai/m",
        &address,
    ] {
        assert!(plan.contains(part), "{part} is not in {plan}");
    }
}
