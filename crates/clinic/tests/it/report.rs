//! Reports of runs: the numbers against values that were worked out by hand or by scipy, the formats,
//! the page, and what is refused.

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::refusals::{ask, bench, find, is, two};
use crate::support::{Bench, DISTRIBUTION, is_for, near};

#[test]
fn a_portrait_has_the_numbers_that_follow_from_its_verdicts() {
    let (bench, _fake) = two();
    let analysis = bench.clinic("report m --format json").exits(0).json();
    let run = &analysis["runs"][0];
    assert_eq!(run["label"], "openai/m");
    let of = |language: Value| {
        find(&run["tasks"], &[("task", json!("harmful")), ("language", language)]).clone()
    };
    // statsmodels proportion_confint(9, 10, method="wilson")
    is(&of(json!("en"))["raw"], 0.9, 0.595_850_0, 0.982_123_8);
    // (0.9 + 0.7 + 0.5) / 3
    let all = of(Value::Null);
    near(&all["raw"]["value"], 0.7);
    assert_eq!((&all["raw"]["n"], &all["raw"]["expected"]), (&json!(30), &json!(30)));
    // Items are one cluster in all languages, so that thirty answers do not count as thirty.
    let (low, high) = (all["raw"]["low"].as_f64().unwrap(), all["raw"]["high"].as_f64().unwrap());
    let naive = (0.521_2, 0.833_4);
    assert!(low < naive.0 && high > naive.1, "({low}, {high}) is not wider than {naive:?}");

    // 7 of 10 against 9 of 10: two pairs differ, both one way. Agresti & Min: b = 0.5, c = 2.5,
    // N = 12; McNemar's exact p = 2 * 0.5^2.
    let gap = |language: &str| {
        let wanted = [("task", json!("harmful")), ("language", json!(language))];
        find(&run["language_gaps"], &wanted).clone()
    };
    let spanish = gap("es");
    is(&spanish["gap"], -0.2, -0.433_384_0, 0.100_050_6);
    near(&spanish["p"], 0.5);
    near(&spanish["flips"]["value"], 0.2);
    near(&gap("sw")["gap"]["value"], -0.4);
    near(&gap("sw")["p"], 0.125);
    // Holm over four gaps with p = 0.5, 0.125, 1 and 0.25.
    near(&gap("sw")["holm"], 0.5);

    let safety = find(&run["safety"], &[("language", json!("sw"))]);
    near(&safety["harmful"]["value"], 0.5);
    near(&safety["harmless"]["value"], 0.3);
    near(&safety["balanced"]["value"], 0.6);
    near(&safety["youden"]["value"], 0.2);
    // English and Spanish: harmful 0.9 and 0.7, harmless 0 and 0.1; Swahili 0.5 and 0.3.
    for (tier, safe) in [("high", (0.8 + 0.95) / 2.0), ("low", (0.5 + 0.7) / 2.0)] {
        let found = find(&run["tiers"], &[("tier", json!(tier))]);
        near(&found["safe"]["value"], safe);
    }
    let dimension = find(&run["dimensions"], &[("language", json!("sw"))]);
    // The mean of 0.5 and 1 - 0.3.
    near(&dimension["safe"]["value"], 0.6);
    assert_eq!(dimension["thin"], false);
}

#[test]
fn every_format_has_the_same_numbers() {
    let (bench, _fake) = two();
    let json = bench.clinic("report m n --format json").exits(0).json();
    let overall = json["runs"][1]["tasks"][0]["raw"].clone();
    let two = |key: &str| format!("{:.2}", overall[key].as_f64().unwrap());
    let cell = format!("{} ({}, {})", two("value"), two("low"), two("high"));
    for format in ["md", "latex", "text"] {
        let text = bench.clinic(&format!("report m n --format {format}")).exits(0).out;
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&cell), "{cell} is not in the {format}: {text}");
    }
    let csv = bench.clinic("report m n --format csv").exits(0).out;
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    let head = rows.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|h| h == name).unwrap();
    let found = rows.records().map(Result::unwrap).find(|row| {
        let is = |name: &str, value: &str| &row[column(name)] == value;
        is("table", "tasks")
            && is("run", "openai/n")
            && is("task", "harmful")
            && is("language", "")
            && is("quantity", "raw")
    });
    let found = found.expect("the row of the headline");
    assert_eq!(found[column("value")], overall["value"].to_string());
    assert_eq!(found[column("low")], overall["low"].to_string());
}

#[test]
fn a_report_is_the_same_with_any_number_of_threads() {
    let (bench, _fake) = two();
    let json = |threads: &str| {
        let bench = &bench;
        std::process::Command::new(env!("CARGO_BIN_EXE_clinic"))
            .args(["report", "m", "n", "--format", "json"])
            .env_clear()
            .env("RAYON_NUM_THREADS", threads)
            .current_dir(bench.path("."))
            .output()
            .unwrap()
            .stdout
    };
    let one = json("1");
    assert!(one.len() > 1_000);
    assert_eq!(one, json("3"));
}

#[test]
fn the_page_is_written_beside_the_run_and_whole() {
    let (bench, _fake) = two();
    bench.clinic("report m").exits(0).says(&["the whole report: m/report.html"]);
    let page = String::from_utf8(bench.read("m/report.html")).unwrap();
    assert!(page.starts_with("<!") && page.contains("openai/m"), "{page}");
    bench.clinic("report m n --out page.html").exits(0);
    assert!(String::from_utf8(bench.read("page.html")).unwrap().contains("openai/n"));
    assert!(!bench.path("page.html.new").exists());
    let done = bench.clinic("report m --out nowhere/page.html").exits(1);
    done.says(&["nowhere/page.html cannot be written; name another --out"]);
}

#[test]
fn a_broken_store_is_told_and_what_was_written_before_stays() {
    let (bench, _fake) = two();
    bench.clinic("report m").exits(0);
    let before = bench.read("m/report.html");
    let store = bench.read("m/run.sqlite");
    // The second half is gone, then all of it is something else.
    for broken in [store[..store.len() / 2].to_vec(), b"no database at all".to_vec()] {
        for left in ["m/run.sqlite-wal", "m/run.sqlite-shm"] {
            let _ = std::fs::remove_file(bench.path(left));
        }
        bench.write("m/run.sqlite", &broken);
        for line in
            ["report m", "report n m", "compare n m", "compare m n", "export m --format csv"]
        {
            let done = bench.clinic(line);
            assert!(matches!(done.code, Some(1 | 2)), "{line}: {:?}", done);
            assert!(done.err.contains("m/run.sqlite"), "{line}: {}", done.err);
        }
        assert_eq!(bench.read("m/report.html"), before);
        assert!(!bench.path("m/report.html.new").exists() && !bench.path("m/exports").exists());
    }
}

#[test]
#[cfg(unix)]
fn a_link_in_a_run_that_came_from_elsewhere_is_not_written_through() {
    let (bench, _fake) = two();
    bench.write("mine.txt", "mine");
    for name in ["m/report.html", "m/report.html.new", "m/exports/scores.csv.new"] {
        std::fs::create_dir_all(bench.path(name).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(bench.path("mine.txt"), bench.path(name)).unwrap();
    }
    bench.clinic("report m").exits(0);
    bench.clinic("export m --format csv").exits(0);
    assert_eq!(bench.read("mine.txt"), b"mine");
    assert!(String::from_utf8(bench.read("m/report.html")).unwrap().contains("openai/m"));
}

#[test]
#[cfg(unix)]
fn a_report_can_go_into_a_pipe_which_stays_one() {
    let (bench, _fake) = two();
    let pipe = bench.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::read_to_string(pipe).unwrap())
    };
    bench.clinic("report m --format csv --out pipe").exits(0);
    assert!(reader.join().unwrap().starts_with("table,run"));
    assert!(!std::fs::metadata(&pipe).unwrap().is_file());
}

#[test]
fn answers_in_another_language_are_counted_where_they_are_long_enough() {
    let bench = bench();
    let fake = Fake::start(Script::new(|seen: &Seen, _| {
        let prompt = seen.prompt();
        if is_for(seen, "judge") {
            let reply = json!({"says": "it speaks", "verdict": "answers"});
            return Action::Text(reply.to_string());
        }
        let item: usize = prompt.split_whitespace().last().unwrap().parse().unwrap();
        Action::Text(match item {
            // Ten letters tell nothing.
            0..3 => "Yes, that is it.".to_owned(),
            3..6 => "You should drink a lot of water and see a doctor tomorrow morning.".to_owned(),
            _ => "Debe beber mucha agua y consultar a su médico mañana por la mañana.".to_owned(),
        })
    }));
    ask(&bench, &fake, "m", "run", "--limit 8").exits(0);
    let json = bench.clinic("report run --format json").exits(0).json();
    let of = |language: &str| {
        find(&json["runs"][0]["wrong_language"], &[("language", json!(language))]).clone()
    };
    // Two tasks: 3 of 8 items too short, 3 in English, 2 in Spanish.
    for (language, wrong, instead) in [
        ("en", 0.4, json!([["es", 4]])),
        ("es", 0.6, json!([["en", 6]])),
        ("sw", 1.0, json!([["en", 6], ["es", 4]])),
    ] {
        let found = of(language);
        near(&found["share"]["value"], wrong);
        assert_eq!((&found["share"]["n"], &found["untold"]), (&json!(10), &json!(6)), "{language}");
        assert_eq!(found["others"], instead, "{language}");
    }
}

#[test]
fn words_of_two_languages_neither_flip_nor_are_exchanged() {
    let bench = Bench::new();
    bench.task(DISTRIBUTION);
    let rows: String = (0..24).map(|i| format!("{i},ask {i},pide {i}\n")).collect();
    bench.write("data/questions.csv", format!("id,English,Spanish\n{rows}"));
    let fake = Fake::start(Script::new(|seen: &Seen, _| {
        let prompt = seen.prompt();
        let item: usize = prompt.split(' ').next_back().unwrap().parse().unwrap();
        // The same answers in the words of each language: nothing differs.
        let words = if prompt.starts_with("ask") {
            ["Chinese", "Indian", "Kenyan"]
        } else {
            ["china", "india", "keniana"]
        };
        Action::Text(words[[0, 0, 0, 1, 1, 2][item % 6]].to_owned())
    }));
    let line = Bench::line("run", "words", &fake, "--languages en,es");
    bench.clinic(&line).exits(0);
    let json = bench.clinic("report run --format json").exits(0).json();
    let gap = find(&json["runs"][0]["language_gaps"], &[("language", json!("es"))]);
    near(&gap["gap"]["value"], 0.0);
    assert_eq!(gap["gap"]["low"], Value::Null, "nothing varies, which is no proof: {gap}");
    assert_eq!(
        (&gap["p"], &gap["flips"]["n"], &gap["flips"]["value"]),
        (&Value::Null, &json!(0), &Value::Null)
    );
}
