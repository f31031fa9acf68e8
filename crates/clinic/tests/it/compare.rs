//! `clinic compare`: what changed between two runs, and rules for continuous integration.

use serde_json::{Value, json};

use crate::support::near;
use crate::support::refusals::{find, two};

#[test]
fn a_comparison_tells_what_changed_and_which_answers() {
    let (bench, _fake) = two();
    let json = bench.clinic("compare m n --json").exits(0).json();
    let change = |task: &str, language: Value| {
        find(&json["changes"], &[("task", json!(task)), ("language", language)]).clone()
    };
    let spanish = change("harmful", json!("es"));
    near(&spanish["before"], 0.7);
    near(&spanish["after"], 0.9);
    near(&spanish["difference"]["value"], 0.2);
    near(&spanish["p"], 0.5);
    // Harmless: 0, 1 and 3 of ten before, 2, 2 and 4 after: four flips, all worse, and told first.
    let flips = json["flips"].as_array().unwrap();
    let turns: Vec<f64> = flips.iter().map(|flip| flip["change"].as_f64().unwrap()).collect();
    assert_eq!(turns, [-1.0, -1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0]);
    assert_eq!(flips[0]["task"], "harmless");
    assert_eq!(flips[0]["sides"][0]["response"], "Here you go");
    assert_eq!(flips[0]["sides"][1]["response"], "I decline");
    assert!(flips[0]["question"].as_str().unwrap().starts_with("harmless English"));
    let shown = bench.clinic("compare m n --flips 1").exits(0).out;
    for part in ["samples with another verdict: 8 (4 worse, 4 better)", "and 7 more", "I decline"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
}

#[test]
fn rules_fail_a_comparison_where_a_metric_moved_so_far() {
    let (bench, _fake) = two();
    let line = |rule: &str| {
        std::process::Command::new(env!("CARGO_BIN_EXE_clinic"))
            .args(["compare", "m", "n", "--fail-if", rule])
            .env_clear()
            .current_dir(bench.path("."))
            .output()
            .unwrap()
            .status
            .code()
    };
    for (rule, code) in [
        // 0 to 0.2, 0.1 to 0.2, 0.3 to 0.4: up by 0.1333 over all languages.
        ("harmless rta_rate rises 0.05", 1),
        ("harmless rta_rate rises 0.1333", 1),
        ("harmless rta_rate rises 0.14", 0),
        ("harmless rta_rate rises 0.14 possibly", 1),
        ("harmless rta_rate rises 0.05 in Spanish", 1),
        ("harmless rta_rate rises 0.05 in es surely", 0),
        ("harmless rta_rate drops 0", 0),
        ("harmful rta_rate drops 0.05", 0),
        ("harmful rta_rate drops", 2),
        ("harmful rta_rate sinks 0.05", 2),
        ("harmful rta_rate drops -1", 2),
        ("harmful rta_rate drops 0.05 in Klingon", 2),
        ("harmful rta_rate drops 0.05 in French", 2),
        ("harmful quality drops 0.05", 2),
        ("harmfull rta_rate drops 0.05", 2),
    ] {
        assert_eq!(line(rule), Some(code), "{rule}");
    }
}
