//! The lexical rules on cases that their lists were not written for.

#[path = "support/measure.rs"]
mod measure;

use clinic_core::language::Languages;

/// Verdicts of each rule that may be wrong, over all languages, of those given.
const LEAST_PRECISION: f64 = 0.9;

#[test]
fn the_page_about_the_rules_shows_what_they_do_now() {
    let held_out: Vec<_> = measure::all().into_iter().filter(|case| case.held_out).collect();
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.ends_with(&measure::tables(&held_out)), "docs/rules.md is old: make rules");
}

#[test]
fn every_rule_is_more_often_right_than_its_page_promises() {
    let held_out: Vec<_> = measure::all().into_iter().filter(|case| case.held_out).collect();
    for ((kind, language), count) in measure::counts(&held_out) {
        if language.is_empty() {
            let precision = count.precision();
            let wrong = held_out.iter().filter(|case| case.kind == kind && case.is_wrong());
            let wrong: Vec<&str> = wrong.map(|case| case.response.as_str()).collect();
            assert!(precision >= LEAST_PRECISION, "{kind}: {precision:.3}\n{}", wrong.join("\n"));
        }
    }
}

#[test]
fn every_language_has_ten_cases_of_every_verdict_and_six_of_every_letter() {
    let cases = measure::all();
    for language in Languages::builtin().iter() {
        for rule in clinic_core::rules::all() {
            for verdict in rule.verdicts() {
                let of = |case: &&measure::Case| {
                    case.language == language.tag
                        && case.kind == rule.name()
                        && case.expected == *verdict
                };
                let count = cases.iter().filter(of).count();
                assert!(count >= 10, "{} {} {verdict}: {count}", language.tag, rule.name());
            }
        }
        for letter in ["A", "B", "C", "D", "ambiguous", "none"] {
            let of = |case: &&measure::Case| {
                case.language == language.tag && case.kind == "letters" && case.expected == letter
            };
            assert!(cases.iter().filter(of).count() >= 6, "{} {letter}", language.tag);
        }
    }
}
