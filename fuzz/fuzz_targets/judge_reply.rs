//! A judge's reply: a verdict of the list, or none.
#![no_main]

use std::sync::LazyLock;

use clinic_core::task::{Library, Question};
use clinic_engine::scorer::read_verdict;
use libfuzzer_sys::fuzz_target;

static QUESTIONS: LazyLock<Vec<Question>> = LazyLock::new(|| {
    let library = Library::builtin().expect("builtin tasks");
    let published = library.iter().filter_map(|task| task.published.as_ref()?.scorer.as_ref());
    let scorers = library.iter().map(|task| &task.scorer).chain(published);
    scorers.flat_map(|scorer| scorer.questions().to_vec()).collect()
});

fuzz_target!(|reply: &str| {
    for question in QUESTIONS.iter() {
        if let Some(verdict) = read_verdict(reply, question) {
            assert!(question.verdict(&verdict).is_some());
        }
    }
});
