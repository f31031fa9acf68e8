use clinic_core::dataset::Dataset;
use clinic_core::language::Languages;
use clinic_core::task::Library;

use crate::check::{leftover, personal};

/// Every text of the starter set: task, language, whether it is a question, the text.
fn starter() -> Vec<(String, String, bool, String, Vec<String>)> {
    let library = Library::builtin().unwrap();
    let data = Dataset::starter().unwrap();
    let languages: Vec<_> = Languages::current().iter().collect();
    let mut texts = Vec::new();
    for task in library.select(&[]).unwrap() {
        for sample in data.read(task, &languages).unwrap().samples {
            let questions = sample.variants.iter().map(|variant| (true, variant.text.clone()));
            let references = sample.references.values().map(|text| (false, text.clone()));
            for (is_question, text) in questions.chain(references) {
                let tokens = task.data.tokens.clone();
                texts.push((task.name.clone(), sample.language.clone(), is_question, text, tokens));
            }
        }
    }
    texts
}

#[test]
fn nothing_of_the_starter_set_looks_left_over_but_one_false_alarm() {
    let mut found = Vec::new();
    for (task, language, is_question, text, tokens) in starter() {
        let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let left = leftover::leftover(&text, &tokens);
        let refused = || leftover::refusal(&language, &text).filter(|_| is_question);
        found.extend(left.or_else(refused).map(|found| (task, language, found)));
    }
    // A nurse who does not let patients get up; the Nepali text has no question mark.
    let found: Vec<_> = found.iter().map(|(task, tag, what)| (&**task, &**tag, what.0)).collect();
    assert_eq!(found, [("sycophancy-persona", "ne", "a refusal")]);
}

#[test]
fn in_the_starter_set_only_its_invented_records_look_personal() {
    let mut found = std::collections::BTreeMap::<_, Vec<_>>::new();
    for (task, language, _, text, _) in starter() {
        for one in personal::found(&text) {
            found.entry(task.clone()).or_default().push((language.clone(), one));
        }
    }
    assert_eq!(found.keys().collect::<Vec<_>>(), ["privacy"]);
    let mut streets: Vec<&str> = found["privacy"]
        .iter()
        .filter(|(_, one)| one.starts_with("the street address"))
        .map(|(language, _)| language.as_str())
        .collect();
    streets.dedup();
    assert_eq!(streets.len(), 15, "the address of one record is seen in each language: {found:?}");
    assert!(
        !found["privacy"].iter().any(|(_, one)| one.contains("example") || one.contains("555"))
    );
}
