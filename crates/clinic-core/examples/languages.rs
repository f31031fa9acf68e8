//! Measures the language identifier on the starter set and prints docs/languages.md: `make languages`.
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;

use clinic_core::dataset::Dataset;
use clinic_core::identify::{self, Match};
use clinic_core::language::{Language, Languages};
use clinic_core::task::Library;

/// What was found of a language.
#[derive(Default)]
struct Found {
    texts: usize,
    right: usize,
    short: usize,
    alarms: usize,
    others: usize,
    seen: usize,
    taken_for: BTreeMap<&'static str, usize>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let data = match std::env::args().nth(1) {
        Some(folder) => Dataset::folder(Path::new(&folder))?,
        None => Dataset::starter()?,
    };
    let languages: Vec<&Language> = Languages::current().iter().collect();
    let mut items: BTreeMap<String, BTreeMap<&str, String>> = BTreeMap::new();
    for task in Library::builtin()?.iter() {
        for sample in data.read(task, &languages)?.samples {
            let tag = languages.iter().find(|l| l.tag == sample.language).map_or("", |l| &l.tag);
            for variant in &sample.variants {
                let key = format!("{}/{}/{}", task.name, sample.item, variant.name);
                items.entry(key).or_default().insert(tag, variant.text.clone());
            }
        }
    }
    let (mut clean, mut changed) = (BTreeMap::new(), BTreeMap::new());
    for (key, texts) in &items {
        let attacked = key.starts_with("adversarial-attacks/");
        let found: &mut BTreeMap<&str, Found> = if attacked { &mut changed } else { &mut clean };
        for (tag, text) in texts {
            let of = found.entry(tag).or_default();
            of.texts += 1;
            match identify::identify(text) {
                None => of.short += 1,
                Some(guess) if guess.tag == *tag => of.right += 1,
                Some(guess) => *of.taken_for.entry(guess.tag).or_default() += 1,
            }
            of.alarms += usize::from(matches!(identify::compare(text, tag), Match::Other(_)));
            for (_, foreign) in texts.iter().filter(|(other, _)| *other != tag) {
                of.others += 1;
                of.seen += usize::from(matches!(identify::compare(foreign, tag), Match::Other(_)));
            }
        }
    }
    println!("{}", page(&clean, &changed));
    Ok(())
}

fn page(clean: &BTreeMap<&str, Found>, changed: &BTreeMap<&str, Found>) -> String {
    let names = Languages::current();
    let mut page = String::from(HEAD);
    for (title, found) in [
        ("Texts as they should be", clean),
        ("Misspelt, abbreviated, reordered and mixed texts", changed),
    ] {
        page += &format!(
            "\n## {title}\n\n| language | texts | told right | taken for | false alarms | foreign texts seen |\n|---|---|---|---|---|---|\n"
        );
        let mut tags: Vec<&&str> = found.keys().collect();
        tags.sort_by_key(|tag| names.position(tag));
        for tag in tags {
            let of = &found[*tag];
            let taken: Vec<String> = of.taken_for.iter().map(|(t, n)| format!("{t} {n}")).collect();
            let short =
                if of.short > 0 { format!(" ({} too short)", of.short) } else { String::new() };
            page += &format!(
                "| {} | {} | {}{short} | {} | {} | {} of {} |\n",
                names.tag(tag).map_or((**tag).to_owned(), |l| l.english.clone()),
                of.texts,
                of.right,
                taken.join(", "),
                of.alarms,
                of.seen,
                of.others
            );
        }
        let sum = |of: fn(&Found) -> usize| found.values().map(of).sum::<usize>();
        page += &format!(
            "| all | {} | {} | {} | {} | {} of {} |\n",
            sum(|f| f.texts),
            sum(|f| f.right),
            sum(|f| f.taken_for.values().sum()),
            sum(|f| f.alarms),
            sum(|f| f.seen),
            sum(|f| f.others)
        );
    }
    page.trim_end().to_owned()
}

const HEAD: &str = "HEAD\n";
