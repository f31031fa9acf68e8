//! What is compiled in holds together: 18 tasks, 15 languages, and a starter set that feeds them.

use clinic_core::choice::{Choice, find_choice, parse_options};
use clinic_core::dataset::Dataset;
use clinic_core::language::Languages;
use clinic_core::task::{Dimension, Library, Scorer};

const STARTER: [&str; 3] = ["en", "es", "sw"];

#[test]
fn the_eighteen_tasks_add_up_to_the_published_set() {
    let library = Library::builtin().unwrap();
    assert_eq!(library.iter().count(), 18);
    assert_eq!(library.iter().map(|task| task.data.samples).sum::<usize>(), 1_920);
    let in_dimension = |d| library.iter().filter(|task| task.dimension == d).count();
    assert_eq!(Dimension::ALL.map(in_dimension), [6, 4, 3, 4, 1]);
}

#[test]
fn every_text_of_a_prompt_is_there_in_all_languages() {
    for task in Library::builtin().unwrap().iter() {
        for (name, texts) in &task.prompt.texts {
            for language in Languages::builtin().iter() {
                assert!(
                    texts.contains_key(&language.tag),
                    "{}: {name}.{}",
                    task.name,
                    language.tag
                );
            }
        }
    }
}

#[test]
fn the_starter_set_feeds_every_task_in_its_three_languages_without_a_gap() {
    let languages = Languages::builtin();
    let languages: Vec<_> = STARTER.iter().map(|tag| languages.tag(tag).unwrap()).collect();
    let data = Dataset::starter().unwrap();
    for task in Library::builtin().unwrap().iter() {
        let reading = data.read(task, &languages).unwrap();
        assert_eq!(reading.gaps, [], "{}", task.name);
        for tag in STARTER {
            let count = reading.samples.iter().filter(|s| s.language == tag).count();
            assert!(count >= 4, "{} {tag}: {count} items", task.name);
        }
    }
}

#[test]
fn every_right_answer_of_the_starter_set_is_one_of_its_options() {
    let languages = Languages::builtin();
    let languages: Vec<_> = STARTER.iter().map(|tag| languages.tag(tag).unwrap()).collect();
    let data = Dataset::starter().unwrap();
    let mut checked = 0;
    for task in Library::builtin().unwrap().iter() {
        let answer = match &task.scorer {
            Scorer::Choice(choices) => choices[0].answer.as_str(),
            _ if task.data.references.contains_key("ground_truth") => "ground_truth",
            _ => continue,
        };
        for sample in data.read(task, &languages).unwrap().samples {
            for variant in &sample.variants {
                let options = parse_options(&variant.text);
                let letters: String = options.iter().map(|o| o.letter).collect();
                assert_eq!(letters, "ABCD", "{} {} {}", task.name, sample.language, sample.item);
                let right = find_choice(&sample.references[answer], &options);
                assert!(matches!(right, Choice::One(_)), "{} {sample:?}: {right:?}", task.name);
                checked += 1;
            }
        }
    }
    assert!(checked >= 4 * 3 * 4, "{checked}");
}
