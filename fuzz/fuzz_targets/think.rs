//! Reasoning told from the answer: an answer never holds a tag, and nothing else is lost.
#![no_main]

use clinic_core::published::{self, Reading};
use clinic_core::{plain, reasoning};
use clinic_core::task::Library;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::builtin().expect("builtin tasks"));

fuzz_target!(|text: &str| {
    let answer = reasoning::split(text).answer.unwrap_or_default();
    assert!(!answer.contains("<think>") && !answer.contains("</think>"));
    for task in LIBRARY.iter() {
        let Some(published) = &task.published else { continue };
        if let Reading::Text(read) = published::read(published, text) {
            let ascii = published.clean.contains(&published::Step::Ascii);
            assert!(!ascii || read.is_ascii());
        }
    }
    let shown = plain::revealed(text);
    assert!(!shown.contains(['\u{200b}', '\u{202e}', '\u{e0041}', '\u{1b}']));
});
