//! The language identifier on the starter set: as good as its page says, and the page is the code's.

use clinic_core::dataset::Dataset;

#[path = "../examples/languages.rs"]
#[allow(dead_code)]
mod page;

#[test]
fn the_page_is_what_the_code_gives() {
    let (totals, page) = page::measure(&Dataset::starter().unwrap()).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/languages.md");
    let known = std::fs::read_to_string(file).unwrap();
    assert!(known.trim_end() == page, "docs/languages.md is not up to date: make languages");
    assert!(totals.alarms <= 1, "{}", totals.alarms);
    assert!(totals.right * 100 >= totals.texts * 97, "{} of {}", totals.right, totals.texts);
    assert!(totals.seen * 1_000 >= totals.others * 995, "{} of {}", totals.seen, totals.others);
}
