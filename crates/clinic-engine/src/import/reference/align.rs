//! Which row of a response file belongs to which item.

use std::collections::BTreeSet;

use clinic_core::published::Protocol;
use clinic_core::sample::Sample;

/// What a response file should hold.
pub(super) struct Expected<'a> {
    /// Samples, in order of their rows in the dataset.
    pub samples: &'a [&'a Sample],
    /// The variant that was asked.
    pub variant: &'a str,
    /// Rows of the dataset file that the file stands for.
    pub held: &'a [usize],
    /// Rows of the dataset file.
    pub total: usize,
}

/// Which sample got which row, and what is odd.
#[derive(Default)]
pub(super) struct Aligned<'a> {
    pub rows: Vec<(&'a Sample, usize)>,
    pub notes: Vec<String>,
}

impl<'a> Expected<'a> {
    /// Joins samples and rows, by question or, under the protocol `reference`, by place.
    pub fn align(&self, questions: &[&str], protocol: Protocol) -> Aligned<'a> {
        // A file may hold a row for each of the dataset, or for those that the task reads.
        let whole = questions.len() == self.total && self.total != self.held.len();
        let place = |sample: &Sample| {
            if whole { Some(sample.row) } else { self.held.iter().position(|r| *r == sample.row) }
        };
        let mut aligned = Aligned::default();
        let expected = if whole { self.total } else { self.held.len() };
        if questions.len() != expected {
            let (what, n) = if questions.len() < expected {
                ("short of", expected - questions.len())
            } else {
                ("long by", questions.len() - expected)
            };
            aligned.notes.push(format!("{what} {n} rows: {} of {expected}", questions.len()));
        }
        let questions: Vec<String> = questions.iter().map(|text| folded(text)).collect();
        let holds = |row: usize, sample: &Sample| {
            let text = folded(sample.variant(self.variant).unwrap_or_default());
            questions.get(row).is_some_and(|question| question.contains(&text))
        };
        if protocol == Protocol::Reference {
            let by_place = |sample: &&'a Sample| {
                Some((*sample, place(sample).filter(|row| *row < questions.len())?))
            };
            aligned.rows = self.samples.iter().filter_map(by_place).collect();
            let odd = aligned.rows.iter().filter(|(sample, row)| !holds(*row, sample)).count();
            if odd > 0 {
                aligned.notes.push(format!(
                    "{odd} rows hold another question than the item at their place, to which they \
                     are given, as in the published scripts"
                ));
            }
            return aligned;
        }
        // A row belongs to the longest item in its question; two of one length leave it to neither.
        let texts: Vec<String> = self
            .samples
            .iter()
            .map(|sample| folded(sample.variant(self.variant).unwrap_or_default()))
            .collect();
        let owner = |row: usize| -> Option<&str> {
            let found = texts.iter().filter(|text| questions[row].contains(text.as_str()));
            let longest = found.clone().map(String::len).max()?;
            let mut best: Vec<&str> =
                found.filter(|t| t.len() == longest).map(String::as_str).collect();
            best.dedup();
            if best.len() == 1 { best.pop() } else { None }
        };
        let owners: Vec<Option<&str>> = (0..questions.len()).map(owner).collect();
        let mut free: BTreeSet<usize> = (0..questions.len()).collect();
        let mut elsewhere = Vec::new();
        for (sample, text) in self.samples.iter().zip(&texts) {
            let fits = |row: &usize| owners.get(*row).copied().flatten() == Some(text.as_str());
            match place(sample).filter(|row| free.contains(row) && fits(row)) {
                Some(row) => {
                    free.remove(&row);
                    aligned.rows.push((sample, row));
                }
                None => elsewhere.push((*sample, text)),
            }
        }
        let (mut moved, mut lost) = (0, 0);
        for (sample, text) in elsewhere {
            let fits: Vec<usize> =
                free.iter().copied().filter(|row| owners[*row] == Some(text.as_str())).collect();
            // Two rows that fit equally well fit neither.
            if let [row] = fits[..] {
                free.remove(&row);
                aligned.rows.push((sample, row));
                moved += 1;
            } else {
                lost += 1;
            }
        }
        if moved > 0 {
            aligned.notes.push(format!(
                "{moved} rows stand elsewhere than in the dataset, found by question"
            ));
        }
        if !free.is_empty() {
            aligned.notes.push(format!(
                "{} rows are not used: their question is no item's, or the item has its response",
                free.len()
            ));
        }
        if lost > 0 {
            aligned
                .notes
                .push(format!("{lost} items are in no row's question and have no response"));
        }
        aligned
    }
}

/// Text without regard to white space.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic_core::sample::Variant;

    fn samples(rows: &[(usize, &str)]) -> Vec<Sample> {
        let sample = |(row, text): &(usize, &str)| Sample {
            task: "t".to_owned(),
            language: "en".to_owned(),
            item: row.to_string(),
            group: None,
            row: *row,
            variants: vec![Variant { name: "question".to_owned(), text: (*text).to_owned() }],
            references: Default::default(),
            english: Default::default(),
            domains: Vec::new(),
            source: None,
        };
        rows.iter().map(sample).collect()
    }

    fn align(
        rows: &[(usize, &str)],
        held: &[usize],
        total: usize,
        questions: &[&str],
        protocol: Protocol,
    ) -> (Vec<(usize, usize)>, usize) {
        let samples = samples(rows);
        let samples: Vec<&Sample> = samples.iter().collect();
        let expected = Expected { samples: &samples, variant: "question", held, total };
        let aligned = expected.align(questions, protocol);
        let mut rows: Vec<_> = aligned.rows.iter().map(|(s, row)| (s.row, *row)).collect();
        rows.sort_unstable();
        (rows, aligned.notes.len())
    }

    const THREE: [(usize, &str); 3] = [(0, "fever"), (1, "a  cough"), (2, "pain")];

    #[test]
    fn rows_belong_to_the_item_in_their_question() {
        let whole = ["Q: fever", "Q: a cough\nAnswer:", "Q: pain"];
        assert_eq!(
            align(&THREE, &[0, 1, 2], 3, &whole, Protocol::Default),
            (vec![(0, 0), (1, 1), (2, 2)], 0)
        );
        // The second row is missing: nothing shifts, and two notes say so.
        let short = ["Q: fever", "Q: pain"];
        assert_eq!(
            align(&THREE, &[0, 1, 2], 3, &short, Protocol::Default),
            (vec![(0, 0), (2, 1)], 3)
        );
    }

    #[test]
    fn as_published_a_short_file_shifts() {
        let short = ["Q: fever", "Q: pain"];
        assert_eq!(
            align(&THREE, &[0, 1, 2], 3, &short, Protocol::Reference),
            (vec![(0, 0), (1, 1)], 2)
        );
    }

    #[test]
    fn a_file_of_the_last_rows_or_of_all_is_read() {
        let last = [(1, "a cough"), (2, "pain")];
        let expected = (vec![(1, 0), (2, 1)], 0);
        assert_eq!(align(&last, &[1, 2], 3, &["a cough", "pain"], Protocol::Reference), expected);
        let all = ["fever", "a cough", "pain"];
        assert_eq!(align(&last, &[1, 2], 3, &all, Protocol::Reference), (vec![(1, 1), (2, 2)], 0));
    }

    #[test]
    fn a_row_belongs_to_the_longest_item_in_its_question() {
        let items = [(0, "ibuprofen?"), (1, "ibuprofen? I am pregnant")];
        let swapped = ["Q: ibuprofen? I am pregnant", "Q: ibuprofen?"];
        let rows = |questions: &[&str]| align(&items, &[0, 1], 2, questions, Protocol::Default).0;
        assert_eq!(rows(&swapped), [(0, 1), (1, 0)]);
        assert_eq!(rows(&swapped[..1]), [(1, 0)], "the other item has no row");
        let letters = [(0, "A"), (1, "B")];
        let row = ["Answer me: is it B"];
        assert_eq!(align(&letters, &[0, 1], 2, &row, Protocol::Default).0, []);
    }

    #[test]
    fn two_rows_that_fit_equally_well_fit_neither() {
        let twice = ["pain", "Q: fever", "fever again"];
        assert_eq!(align(&[(0, "fever")], &[0], 1, &twice, Protocol::Default), (vec![], 3));
    }
}
