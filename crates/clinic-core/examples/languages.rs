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
    println!("{}", measure(&data)?.1);
    Ok(())
}

/// Counts of the unchanged texts, and the page.
pub fn measure(data: &Dataset) -> Result<(Totals, String), Box<dyn std::error::Error>> {
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
    let sum = |of: fn(&Found) -> usize| clean.values().map(of).sum::<usize>();
    let totals = Totals {
        texts: sum(|found| found.texts),
        right: sum(|found| found.right),
        alarms: sum(|found| found.alarms),
        others: sum(|found| found.others),
        seen: sum(|found| found.seen),
    };
    Ok((totals, page(&clean, &changed)))
}

/// Counts over all languages.
pub struct Totals {
    /// Texts.
    pub texts: usize,
    /// Of these, told right.
    pub right: usize,
    /// Of these, taken to be in another language than theirs.
    pub alarms: usize,
    /// Pairs of a text and another language.
    pub others: usize,
    /// Of these, seen to be in another language.
    pub seen: usize,
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

const HEAD: &str = "\
# Telling languages apart

Made by `make languages`; a test fails where this page is not what the code gives.

`clinic data validate` has to know whether a text is in the language of its column, in all 15 languages. The identifier (`crates/clinic-core/src/identify.rs`) goes by script where that says it all (Chinese, Japanese, Korean), and elsewhere by the n-grams of letters in words, counted by `make ngrams` from the translations of the Universal Declaration of Human Rights in 61 languages: the 12 others of the 15, and 49 that are easily taken for one of them. Nothing of this project is in that table, so that the starter set can measure it.

Why not a library: lingua and whatlang do not know all 15. langram does, but reads its models from a file of its own that no package registry has, so that the program would no longer work alone. The crate of cld3 holds code made by an older protobuf, which no longer compiles with the one that systems have, and would be the build's second C++. On the texts of the first table below, cld3 itself (by its Python package, `scripts/cld3.py`) tells 1,419 of 1,425 right, eleven more than ours.

What the columns mean. *Told right*: the likeliest of the 61 languages is the text's. *False alarms*: texts that the check would call foreign; it does so only where another language leads clearly: by `LEAD`, which was chosen on the texts of the second table in seven of the languages, or by `LEAD_OF_OTHERS` for a language that is none of the 15, which was chosen when two Hausa texts of the first table had been called foreign. So the false alarms are not blind, and the other columns are. *Foreign texts seen*: of the same items in each other language, put into this language's column, those that the check sees. Texts of fewer than 12 letters are never judged. Texts of the starter set are a few sentences long; single words and names would be told much worse.

The limits: a close language that is not among the 61 is taken for its neighbour, as Dari is for Persian; a text in two languages counts as the one that it has more of; Chinese is not told from Cantonese, nor simplified from traditional characters; and the declaration's legal prose is not how people write, which costs most in short texts.
";
