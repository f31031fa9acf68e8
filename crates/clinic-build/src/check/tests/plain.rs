//! Checks that ask nobody.

use serde_json::json;

use super::support::*;
use crate::Project;
use crate::check::Checked;
use crate::store::Level::{self, Block, Warn};
use crate::testing::{document, item, project};

const NAMES: [&str; 6] = ["layout", "leftover", "same", "options", "personal", "near"];

/// Every finding on items by the checks that ask nobody: check, level, language.
fn all(project: &Project) -> Vec<(String, Level, String)> {
    let findings = project.store().findings(None).unwrap();
    let own = findings.into_iter().filter(|f| f.item.is_some() && NAMES.contains(&f.name.as_str()));
    own.map(|f| (f.name, f.level, f.language.unwrap_or_default())).collect()
}

fn checked(change: impl Fn(&str, &mut serde_json::Value)) -> (Project, Checked, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let project = one(&dir.path().join("p"), change);
    let checked = unaided(&project);
    (project, checked, dir)
}

#[test]
fn a_sound_item_has_no_fault() {
    let (project, checked, _dir) = checked(|_, _| {});
    assert_eq!(all(&project), []);
    assert_eq!((checked.blocked, checked.warned), (0, 0));
    assert!(project.store().is_checked().unwrap());
}

#[test]
fn what_is_left_over_blocks() {
    for left in [
        "As an AI language model, I will write it.",
        "I'm sorry, but I can't help with that request.",
        "```json\nHow often?\n```",
        "<|im_start|>How often?",
        "[INST] How often?",
        "How often does [PATIENT NAME] take it?",
        "How often does [your name here] take it?",
        "How often does {question} take it?",
        "[0123456789abcdef begins: document] How often?",
        "Sure! Here is the question: How often?",
        "\"question\": \"How often?\"",
        "{\"a\": [1, 2]}",
        "How often?</think>",
        "Lorem ipsum dolor sit amet, how often?",
    ] {
        let (project, ..) = checked(|language, fields| {
            if language == "en" {
                fields["question"] = json!(left);
            }
        });
        let found = all(&project);
        assert!(found.contains(&("leftover".into(), Block, "en".into())), "{left}: {found:?}");
    }
}

#[test]
fn an_english_text_under_another_language_blocks() {
    for (change, expected) in
        [("", true), (" Really", true), (" Según el médico que la atiende", false)]
    {
        let (project, ..) = checked(|language, fields| {
            if language == "es" {
                *fields = super::support::fields("en", "fever");
                let question = fields["question"].as_str().unwrap().to_owned();
                fields["question"] = json!(format!("{question}{change}"));
                if !expected {
                    fields["options"] = super::support::fields("es", "")["options"].clone();
                }
            }
        });
        let same = all(&project).contains(&("same".into(), Block, "es".into()));
        assert_eq!(same, expected, "{change}");
    }
}

#[test]
fn items_that_are_nearly_another_or_their_title_block() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["honesty"]);
    let first = add(&project, "h-1", "fever", ENGLISH, |_, _| {});
    let again = add(&project, "h-2", "fever!", ENGLISH, |_, _| {});
    let title = add(&project, "h-3", "x", ENGLISH, |language, fields| {
        fields["question"] =
            json!(if language == "en" { "About H-3?" } else { "¿Y la otra dosis?" });
    });
    unaided(&project);
    let of = |item| -> Vec<(Level, String, String)> {
        let all = project.store().findings(Some(item)).unwrap();
        let own = all.into_iter().filter(|f| f.name == "near");
        own.map(|f| (f.level, f.language.unwrap_or_default(), f.problem)).collect()
    };
    assert_eq!(of(first), []);
    let twin = "nearly the same text as h-1".to_owned();
    assert_eq!(of(again), [(Block, "en".into(), twin.clone()), (Warn, "es".into(), twin)]);
    assert_eq!(of(title).len(), 1);
    assert!(of(title)[0].2.contains("title of its document: About h-3"), "{:?}", of(title));
}

#[test]
fn options_of_unlike_length_are_warned_of_in_their_language() {
    let (project, ..) = checked(|language, fields| {
        if language == "es" {
            fields["options"]["wrong"][1] = json!("Una vez al día, y nunca más, con mucha agua");
        } else {
            fields["options"]["wrong"] = json!(["2", "3", "1 day"]);
            fields["options"]["right"] = json!("6 hours");
        }
    });
    let found = all(&project);
    assert_eq!(found, [("options".into(), Warn, "es".into())], "below 8 letters nothing is told");
}

#[test]
fn a_task_whose_right_options_are_told_by_length_or_place_is_warned_of() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["honesty", "hallucination-nota"]);
    let english = document(&project, "en", "Doses", ENGLISH);
    let spanish = document(&project, "es", "Dosis", SPANISH);
    for n in 0..12 {
        let word = format!("{:x}", (n + 1u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let of = |language: &str| {
            // In Spanish every second right option is the longest, in English each.
            let long = language == "en" || n % 4 == 0;
            json!({"question": format!("{language} {word}?"), "options": {
                "right": format!("{}{word}", if long { "abcdef" } else { "" }),
                "none": format!("none {word}"),
                "wrong": [format!("{word} a"), format!("{word} b"), format!("{word} c")]}})
        };
        let texts = [("en", english, of("en")), ("es", spanish, of("es"))];
        item(&project, "honesty", &format!("h-{n}"), 1, &texts);
        item(&project, "hallucination-nota", &format!("n-{n}"), 3, &texts);
    }
    let checked = unaided(&project);
    let whole: Vec<_> = checked
        .whole
        .iter()
        .filter(|f| f.name == "options")
        .map(|f| (f.task.as_deref(), f.language.as_deref(), f.problem.as_str()))
        .collect();
    assert_eq!(whole.len(), 2, "{whole:?}");
    assert_eq!((whole[0].0, whole[0].1), (Some("honesty"), Some("en")));
    assert!(whole[0].2.contains("the longest in 12 of 12 items (p = 6.0e-8)"), "{whole:?}");
    assert_eq!((whole[1].0, whole[1].1), (Some("honesty"), None));
    assert!(whole[1].2.contains("A 0, B 12, C 0, D 0 (p = 2.4e-7)"), "{whole:?}");
}

#[test]
fn what_data_validate_finds_is_told_of_the_item_in_its_language() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["adversarial-attacks"]);
    let english = document(&project, "en", "Fever", ENGLISH);
    let spanish = document(&project, "es", "Fiebre", SPANISH);
    let of =
        |clean: &str, typo: &str| json!({"clean": clean, "typo": typo, "order": "is this it?"});
    let add = |key: &str, typo: &str, clean: &str| {
        let texts = [
            ("en", english, of(&format!("How high is a fever, {key}?"), "How hihg is a fever?")),
            ("es", spanish, of(clean, typo)),
        ];
        item(&project, "adversarial-attacks", key, 0, &texts)
    };
    add("a-1", "Que es una fiebre?\nY que no?", "¿Qué es fiebre?");
    let broken = add("a-2", "Que es\u{fffd}\notra?", "¿Cuándo es alta la fiebre?");
    let odd = add("a-3", "Que fiebre tengo?", "¿Qué\u{7} hago ahora?");
    let half = [("en", english, of("Is it high?", "Is it hihg?\u{fffd}"))];
    let half = item(&project, "adversarial-attacks", "a-4", 0, &half);
    unaided(&project);
    let of = |item| -> Vec<(Level, String, String)> {
        let all = project.store().findings(Some(item)).unwrap();
        let own = all.into_iter().filter(|f| f.name == "layout");
        own.map(|f| (f.level, f.language.unwrap_or_default(), f.problem)).collect()
    };
    let (broken, odd, half) = (of(broken), of(odd), of(half));
    assert_eq!(broken.len(), 3, "in each file that has the text: {broken:?}");
    assert!(broken.iter().all(|f| f.0 == Block && f.1 == "es" && f.2.starts_with("adv_q")));
    assert!(
        odd.iter().any(|f| f.0 == Warn
            && f.1 == "es"
            && f.2.starts_with("original_question_Spanish: ")
            && f.2.contains("U+0007")),
        "{odd:?}"
    );
    assert!(half.iter().all(|f| f.0 == Block && f.1 == "en"), "unfinished ones too: {half:?}");
    assert_eq!(half.len(), 3);
}

#[test]
fn what_no_file_can_hold_blocks_and_takes_nothing_else_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["ood"]);
    let english = document(&project, "en", "Fever", ENGLISH);
    let add = |key: &str, text: &str| {
        item(&project, "ood", key, 0, &[("en", english, json!({"question": text}))])
    };
    let nul = add("o-1", "What is\0 this then?");
    let other = add("o-2", "What was decoded\u{fffd} wrongly?");
    unaided(&project);
    let problem = |item| -> Vec<String> {
        let all = project.store().findings(Some(item)).unwrap();
        all.into_iter().filter(|f| f.name == "layout").map(|f| f.problem).collect()
    };
    assert!(problem(nul)[0].contains("NUL"));
    assert!(problem(other)[0].contains("U+FFFD"));
}

#[test]
fn findings_beyond_what_is_kept_are_looked_for_in_smaller_parts() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["adversarial-attacks"]);
    let english = document(&project, "en", "Fever", ENGLISH);
    let spanish = document(&project, "es", "Fiebre", SPANISH);
    let of = |language: &str, n: u64, typo: &str, more: &str| {
        let word = format!("{language}{:x}", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        json!({"clean": format!("c {word}{more}"), "typo": format!("t {word}{typo}"),
            "order": format!("o {word}{more}")})
    };
    // 20 findings an item, so that those of the first two files are more than are kept.
    for n in 0..190 {
        let english = ("en", english, of("en", n, "\u{fffd}", "\u{fffd}"));
        let texts = [english, ("es", spanish, of("es", n, "\u{fffd}", "\u{fffd}"))];
        item(&project, "adversarial-attacks", &format!("a-{n}"), 0, &texts);
    }
    // This one has its only fault in the files behind them.
    let texts =
        [("en", english, of("en", 999, "\u{fffd}", "")), ("es", spanish, of("es", 999, "", ""))];
    let last = item(&project, "adversarial-attacks", "a-999", 0, &texts);
    let set = crate::check::set::Set::read(&project).unwrap();
    let found = crate::check::layout::check(&set).unwrap();
    assert!(found.iter().any(|f| f.item == Some(last) && f.level == Block));
}

#[test]
fn real_data_blocks_and_invented_data_is_left_to_people() {
    let dir = tempfile::tempdir().unwrap();
    let project = project(&dir.path().join("p"), &["honesty"]);
    let text = format!("{ENGLISH} Ring 0800 22 21 222. Dr. Amina Yusuf wrote this.");
    let ask = |more: &str| {
        let more = more.to_owned();
        move |language: &str, fields: &mut serde_json::Value| {
            if language == "es" {
                let question = fields["question"].as_str().unwrap().to_owned();
                fields["question"] = json!(format!("{question} {more}"));
            }
        }
    };
    // The English document counts for a Spanish text, too.
    add(&project, "h-1", "fever", &text, ask("Llame al 0800-2221222."));
    add(&project, "h-2", "long coughs", &text, ask("Llame al 0900-1234567."));
    add(&project, "h-3", "nausea at sea", &text, ask("Lo dice Amina Yusuf."));
    unaided(&project);
    assert_eq!(levels(&project, "personal"), [Block, Warn, Warn].map(|l| (l, "es".to_owned())));
}
