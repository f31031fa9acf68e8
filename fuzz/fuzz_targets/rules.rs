//! Letters and lexical rules: a verdict of the rule, or none.
#![no_main]

use std::collections::BTreeMap;

use clinic_core::choice::{find_choice, first_capital, parse_options};
use clinic_core::rules::{self, RuleAnswer, RuleInput};
use libfuzzer_sys::fuzz_target;

const LANGUAGES: [&str; 15] = [
    "en", "ar", "zh", "fr", "hi", "ja", "ko", "es", "bn", "ru", "vi", "ha", "ne", "so", "sw",
];

fuzz_target!(|input: (u8, &str, &str)| {
    let (language, question, response) = input;
    let language = LANGUAGES[usize::from(language) % LANGUAGES.len()];
    find_choice(response, &parse_options(question));
    first_capital(response);
    let references = BTreeMap::from([
        ("ground_truth".to_owned(), question.to_owned()),
        ("secret".to_owned(), question.to_owned()),
    ]);
    for rule in rules::all() {
        let input = RuleInput { language, question, response, references: &references };
        if let RuleAnswer::Says { verdict, .. } = rule.judge(&input) {
            assert!(rule.verdicts().contains(&verdict));
        }
    }
});
