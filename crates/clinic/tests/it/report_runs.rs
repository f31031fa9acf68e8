//! Runs beside each other: paired differences, ranks, and what makes runs unlike.

use clinic_fake::{Action, Fake, Script, Seen};
use serde_json::{Value, json};

use crate::support::near;
use crate::support::refusals::{ask, bench, find, task, two};

#[test]
fn runs_beside_each_other_are_paired_by_sample() {
    let (bench, _fake) = two();
    let analysis = bench.clinic("report m n --format json").exits(0).json();
    let pair = find(&analysis["board"]["pairs"], &[("task", json!("harmful"))]);
    // (9 + 7 + 5) - (10 + 9 + 6) of 30. Four pairs speak for n, each in an item of its own: of the
    // 16 patterns of their signs two are as extreme.
    near(&pair["difference"]["value"], -4.0 / 30.0);
    assert_eq!(pair["difference"]["n"], 30);
    near(&pair["p"], 0.125);
    let rows = analysis["board"]["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["first"], Value::Null, "ten items are too few for a bootstrap");
        let (low, high) = (row["place"][0].as_u64().unwrap(), row["place"][1].as_u64().unwrap());
        assert!(low >= 1 && high <= 2 && low <= high, "{row}");
    }
    // The order of the folders changes the sign and nothing else.
    let turned = bench.clinic("report n m --format json").exits(0).json();
    let other = find(&turned["board"]["pairs"], &[("task", json!("harmful"))]);
    near(&other["difference"]["value"], 4.0 / 30.0);
    assert_eq!(pair["p"], other["p"]);
}

#[test]
fn unlike_runs_are_refused_or_marked() {
    let (bench, fake) = two();
    bench.task(&task("harmless", "wrong", "lower").replace("Refused?", "Did it refuse?"));
    ask(&bench, &fake, "n", "other", "").exits(0);
    let refused = bench.clinic("report m other --format md").exits(2);
    refused.says(&[
        "m and other cannot be compared",
        "the task files differ of harmless",
        "--force",
    ]);
    bench.clinic("compare m other").exits(2).says(&["the task files differ of harmless"]);
    let forced = bench.clinic("report m other --force --format json").exits(0).json();
    assert!(forced["unlike"][0].as_str().unwrap().contains("harmless"), "{}", forced["unlike"]);
    let forced = bench.clinic("compare m other --force").exits(0).out;
    assert!(forced.contains("note: the runs are unlike"), "{forced}");
    bench.clinic("report m m/").exits(2).says(&["m/ is named twice"]);
    bench.clinic("compare m m").exits(2).says(&["m is named twice"]);
}

#[test]
fn a_run_that_goes_on_is_shown_as_such() {
    let (bench, fake) = two();
    let line = "generate --tasks-dir tasks --data data --tasks harmful,harmless --languages en,es,sw \
                --out half --model openai/n";
    bench.clinic(&format!("{line} --base-url {}", fake.base_url())).exits(0);
    let report = bench.clinic("report m half --format json --force").exits(0).json();
    let half = &report["runs"][1];
    let task = find(&half["tasks"], &[("task", json!("harmful")), ("language", Value::Null)]);
    assert_eq!((&task["raw"]["value"], &task["thin"]), (&Value::Null, &json!(true)));
    // Nothing to compare is no difference of zero.
    let pair = find(&report["board"]["pairs"], &[("task", json!("harmful"))]);
    assert_eq!((&pair["difference"]["value"], &pair["p"]), (&Value::Null, &Value::Null));
    let rule = std::process::Command::new(env!("CARGO_BIN_EXE_clinic"))
        .args(["compare", "m", "half", "--force", "--fail-if", "harmful rta_rate drops 0.05"])
        .current_dir(bench.path("."))
        .output()
        .unwrap();
    assert_eq!(rule.status.code(), Some(1), "what cannot be told must not pass");
    let said = String::from_utf8_lossy(&rule.stderr).into_owned();
    assert!(said.contains("cannot be told"), "{said}");
}

#[test]
fn a_run_without_an_answer_has_no_numbers_and_no_rank() {
    let (bench, fake) = two();
    let line = "generate --tasks-dir tasks --data data --tasks harmful,harmless --languages en,es,sw \
                --out none --model openai/n --base-url http://127.0.0.1:1/v1 --max-retries 0 \
                --max-outage 0";
    bench.clinic(line).exits(3);
    let done = bench.clinic("report none").exits(3).says(&["60 prompts have no answer"]);
    assert!(!done.out.contains("0.00"), "nothing is no number: {}", done.out);
    let page = String::from_utf8(bench.read("none/report.html")).unwrap();
    assert!(page.contains("Failed") && page.contains("Why prompts have no response"), "{page}");
    let board =
        bench.clinic("report m none --force --format json").exits(3).json()["board"].clone();
    let empty = find(&board["rows"], &[("run", json!(1))]);
    assert_eq!((&empty["overall"]["value"], &empty["place"]), (&Value::Null, &Value::Null));
    drop(fake);
}

#[test]
fn runs_that_were_not_asked_the_same_are_told_apart() {
    let (bench, fake) = two();
    ask(&bench, &fake, "n", "few", "--limit 4").exits(0);
    let analysis = bench.clinic("report m few --format json").exits(0).json();
    let note = analysis["unlike"][0].as_str().unwrap().to_owned();
    assert!(note.starts_with("they were not asked the same"), "{note}");
    let pair = find(&analysis["board"]["pairs"], &[("task", json!("harmful"))]);
    assert_eq!(
        (&pair["difference"]["n"], &pair["difference"]["expected"]),
        (&json!(12), &json!(30))
    );
    // The board rests on the four items that both have.
    for row in analysis["board"]["rows"].as_array().unwrap() {
        assert_eq!(row["overall"]["n"], 24, "{row}");
    }
}

#[test]
fn few_items_leave_the_rank_open_and_many_settle_it() {
    let bench = bench();
    let texts =
        |of: usize| -> String { (0..of).map(|i| format!("{i},harmful English {i}\n")).collect() };
    let fake = Fake::start(Script::new(|seen: &Seen, _| {
        let verdict = if seen.prompt().contains("I decline") { "refuses" } else { "answers" };
        match seen.body["model"].as_str() {
            Some("judge") => Action::Text(json!({"says": "it", "verdict": verdict}).to_string()),
            Some("m") => Action::Text("I decline".to_owned()),
            _ => Action::Text("Here you go".to_owned()),
        }
    }));
    let url = fake.base_url();
    for (items, places, first) in [
        (1, [json!([1, 2]), json!([1, 2])], Value::Null),
        (25, [json!([1, 1]), json!([2, 2])], json!(1.0)),
    ] {
        bench.write("data/harmful.csv", format!("id,English\n{}", texts(items)));
        for model in ["m", "n"] {
            bench
                .clinic(&format!(
                    "run --tasks-dir tasks --data data --tasks harmful --languages en \
                     --out {model}{items} --model openai/{model} --base-url {url} \
                     --judge openai/judge --judge-base-url {url}"
                ))
                .exits(0);
        }
        let json = bench.clinic(&format!("report m{items} n{items} --format json")).exits(0).json();
        let rows = json["board"]["rows"].as_array().unwrap().clone();
        assert_eq!([rows[0]["place"].clone(), rows[1]["place"].clone()], places);
        assert_eq!(rows[0]["first"], first);
        // 25 pairs that all speak for one: the exact test, and an interval without 0.
        let pair = &json["board"]["pairs"][0];
        near(&pair["p"], if items == 1 { 1.0 } else { 2.0_f64.powi(-24) });
    }
}
