use clinic_core::task::Library;
use serde_json::{Map, Value, json};

use super::*;
use crate::store::Cells;

fn tasks() -> Vec<clinic_core::task::Task> {
    let library = Library::builtin().expect("the built-in tasks");
    let all = library.select(&[]).expect("all tasks");
    all.into_iter().cloned().collect()
}

/// Fields as a model would fill them: each text another, with all that it must hold.
fn filled(recipe: &Recipe) -> Map<String, Value> {
    let field = |field: &Field| {
        let must: Vec<&str> =
            field.tokens.iter().chain(field.fills.keys()).map(String::as_str).collect();
        let text = format!("{} of it {}", field.name, must.join(" "));
        let value = match field.kind {
            FieldKind::Text => json!(text),
            FieldKind::Options => json!({"right": "r", "wrong": ["x", "y", "z"]}),
            FieldKind::NoneRight => json!({"none": "n", "wrong": ["x", "y", "z"]}),
        };
        (field.name.clone(), value)
    };
    recipe.fields.iter().map(field).collect()
}

#[test]
fn each_task_has_its_recipe_and_what_it_makes_is_whole() {
    let tasks = tasks();
    assert_eq!(tasks.len(), 18);
    let recipes = Recipes::load(None, &tasks).unwrap_or_else(|e| panic!("{e}"));
    for task in &tasks {
        let recipe = recipes.of(&task.name);
        let Cells { texts, references } =
            recipe.render(&filled(recipe), 1).unwrap_or_else(|e| panic!("{}: {e}", task.name));
        for (file, text) in texts.iter().chain(&references) {
            assert!(!text.trim().is_empty() && !text.contains('{'), "{} {file}", task.name);
        }
        for token in &task.data.tokens {
            assert!(texts.values().all(|text| text.contains(token)), "{} {token}", task.name);
        }
        for name in task.data.within.iter().chain(&task.data.differ) {
            assert!(references.contains_key(name), "{} makes no {name}", task.name);
        }
        let mut names: Vec<&str> = recipe.criteria().map(|c| c.name.as_str()).collect();
        let plain = |name: &&str| name.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        assert!(names.iter().all(plain), "{}: {names:?}", task.name);
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{}: a criterion has two meanings", task.name);
    }
}

#[test]
fn only_new_documents_serve_what_nobody_can_know() {
    let tasks = tasks();
    let recipes = Recipes::load(None, &tasks).unwrap();
    let recent = tasks.iter().filter(|task| recipes.of(&task.name).recent);
    assert_eq!(recent.map(|task| task.name.as_str()).collect::<Vec<_>>(), ["ood"]);
}

fn of(task: &str) -> Recipe {
    let tasks = tasks();
    Recipes::load(None, &tasks).unwrap().of(task).clone()
}

#[test]
fn a_claim_is_for_the_letter_of_the_first_wrong_option() {
    let recipe = of("hallucination-fct");
    for (place, letter) in [(0, "B"), (1, "A"), (2, "A"), (3, "A")] {
        let cells = recipe.render(&filled(&recipe), place).unwrap();
        let text = &cells.texts["hallucination-dataset"];
        assert!(text.contains(&format!("claim of it {letter}\n")), "{text}");
        assert!(text.contains(&format!("{letter}) x")), "{text}");
    }
    let mut fields = filled(&recipe);
    fields["claim"] = json!("My aunt is sure that it is B.");
    assert_eq!(recipe.render(&fields, 0), Err("claim does not hold [LETTER]".to_owned()));
}

#[test]
fn none_of_the_above_stands_last_and_braces_in_a_text_are_text() {
    let recipe = of("hallucination-nota");
    let mut fields = filled(&recipe);
    fields["question"] = json!("Which {options} {letter}?");
    let cells = recipe.render(&fields, 0).unwrap();
    assert_eq!(
        cells.texts["hallucination-dataset"],
        "Which {options} {letter}?\nA) x\nB) y\nC) z\nD) n"
    );
}

#[test]
fn a_recipe_that_fills_with_what_there_is_not_is_refused() {
    let tasks = tasks();
    let task = tasks.iter().find(|task| task.name == "ood").unwrap();
    let text = r#"
        task = "ood"
        holds = "h"
        stays = "s"
        grounded = true
        cells = { ood-dataset = "{question}" }
        [[fields]]
        name = "question"
        means = "m"
        fills = { "[X]" = "letter" }"#;
    let error = Recipe::parse(std::path::Path::new("ood.toml"), text.as_bytes(), task).unwrap_err();
    assert!(error.to_string().contains("fills '[X]' with 'letter'"), "{error}");
}

#[test]
fn options_carry_no_letters_and_differ_in_what_they_say() {
    let recipes = Recipes::load(None, &tasks()).unwrap();
    let recipe = recipes.of("honesty");
    let with = |right: &str, wrong: &str| {
        let mut fields = filled(recipe);
        fields["options"] = json!({"right": right, "wrong": [wrong, "other", "third"]});
        recipe.options(&fields).map(|_| ())
    };
    for lettered in [
        "A) x",
        "(A) x",
        "[b] x",
        "a) x",
        "A. x",
        "A: x",
        "A - x",
        "A– x",
        "Option A: x",
        "**A.** x",
        "1. x",
        "1) x",
        "\"A) x\"",
        "- B) x",
    ] {
        let said = with(lettered, "y").unwrap_err();
        assert!(said.contains("carries a letter"), "{lettered}: {said}");
    }
    for plain in [
        "A negative test",
        "Aspirin",
        "B cells",
        "1.5 mg",
        "2-3 days",
        "4 hours",
        "Vitamin D: 400 IU",
        "C-reactive protein",
        "a day",
        "10. day",
    ] {
        assert_eq!(with(plain, "y"), Ok(()), "{plain}");
    }
    for (one, two) in [("Six hours", "six hours."), ("Rest", "\"Rest\""), ("2 mg", "2\u{a0}mg")] {
        assert!(with(one, two).unwrap_err().contains("the same"), "{one} {two}");
    }
    assert_eq!(with("+", "-"), Ok(()));
}

#[test]
fn a_folder_of_recipes_that_nobody_would_use_is_refused() {
    let tasks = tasks();
    let folder = tempfile::TempDir::new().unwrap();
    let load = || Recipes::load(Some(folder.path()), &tasks).map(|_| ()).map_err(|e| e.to_string());
    assert!(load().unwrap_err().contains("holds no recipe"));
    std::fs::write(folder.path().join("toxicty.toml"), "task = \"toxicity\"").unwrap();
    assert!(load().unwrap_err().contains("no task is named 'toxicty'"));
    let gone = folder.path().join("gone");
    assert!(Recipes::load(Some(&gone), &tasks).unwrap_err().to_string().contains("recipes_dir"));
}
