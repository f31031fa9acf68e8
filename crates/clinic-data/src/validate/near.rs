//! Texts of a column that are nearly the same: MinHash over 4-letter shingles (A. Broder, "On the
//! resemblance and containment of documents", 1997), with bands so that not all pairs are compared.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{File, Finding, Severity};

/// Hash functions; in bands of [`BAND`].
const HASHES: usize = 48;
const BAND: usize = 6;
/// Letters of a shingle.
const SHINGLE: usize = 4;
/// Share of shingles in common (Jaccard) from which two texts of a column are nearly the same.
const NEAR: f64 = 0.8;
/// Characters of a text that are looked at.
const LONGEST_TEXT: usize = 20_000;
/// Texts of one band that are compared with the first of them, at most.
const MOST: usize = 50;
/// Texts of which all are compared with all.
const ALL: usize = 500;

/// Two texts of a list that are nearly the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Place of the later one.
    pub later: usize,
    /// Place of the first one that it is like.
    pub earlier: usize,
    /// Share of 4-letter shingles in common (Jaccard), from 0 to 1; 1 for texts with the same letters
    /// and digits in order.
    pub similarity: f64,
}

/// Texts that are nearly the same as an earlier one: `least` of their shingles or more in common.
///
/// All are compared with all up to 500 texts; of more, those that MinHash brings together: 99.8 % of
/// pairs with 0.9 in common, 91 % with 0.8, few below 0.7. Texts below four letters are like none.
pub fn pairs(texts: &[&str], least: f64) -> Vec<Pair> {
    let shingles: Vec<HashSet<u64>> = texts.iter().map(|text| shingles(text)).collect();
    let buckets = if texts.len() <= ALL { vec![whole(&shingles)] } else { bands(&shingles) };
    let mut nearest: BTreeMap<usize, usize> = BTreeMap::new();
    for bucket in &buckets {
        for (k, later) in bucket.iter().enumerate() {
            let earlier = bucket[..k]
                .iter()
                .find(|earlier| near(&shingles[**earlier], &shingles[*later], least));
            if let Some(earlier) = earlier {
                let known = nearest.entry(*later).or_insert(*earlier);
                *known = (*known).min(*earlier);
            }
        }
    }
    let pair = |(later, earlier): (usize, usize)| Pair {
        later,
        earlier,
        similarity: jaccard(&shingles[earlier], &shingles[later]),
    };
    nearest.into_iter().map(pair).collect()
}

/// Share of 4-letter shingles that two texts have in common, from 0 to 1.
pub fn similarity(a: &str, b: &str) -> f64 {
    jaccard(&shingles(a), &shingles(b))
}

/// Pairs of nearly the same texts in a column, each told at the later one.
pub(super) fn duplicates(file: &File<'_>, column: usize, rows: &[usize]) -> Vec<Finding> {
    let texts: Vec<&str> = rows.iter().map(|row| file.table.cell(*row, column)).collect();
    pairs(&texts, NEAR)
        .into_iter()
        .map(|pair| {
            let line = file.table.cell_line(rows[pair.earlier], column);
            let problem = match pair.similarity {
                1.0 => format!("the same text as on line {line}"),
                _ => format!("nearly the same text as on line {line}"),
            };
            let todo = "take one of the items out, if they are not meant to be alike";
            let place = (Some(rows[pair.later]), column);
            file.finding(Severity::Warning, "duplicate", place, problem, todo)
        })
        .collect()
}

/// All texts that can be like another.
fn whole(shingles: &[HashSet<u64>]) -> Vec<usize> {
    (0..shingles.len()).filter(|i| !shingles[*i].is_empty()).collect()
}

/// Texts that share a band of their signatures.
fn bands(shingles: &[HashSet<u64>]) -> Vec<Vec<usize>> {
    let mut buckets: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    for i in whole(shingles) {
        for (band, hashes) in signature(&shingles[i]).chunks(BAND).enumerate() {
            let mut hasher = DefaultHasher::new();
            hashes.hash(&mut hasher);
            let bucket = buckets.entry((band, hasher.finish())).or_default();
            if bucket.len() < MOST {
                bucket.push(i);
            }
        }
    }
    buckets.into_values().collect()
}

fn shingles(text: &str) -> HashSet<u64> {
    let letters: Vec<char> = text
        .chars()
        .take(LONGEST_TEXT)
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let hash = |letters: &[char]| {
        let mut hasher = DefaultHasher::new();
        letters.hash(&mut hasher);
        hasher.finish()
    };
    letters.windows(SHINGLE).map(hash).collect()
}

fn signature(set: &HashSet<u64>) -> Vec<u64> {
    (0..HASHES as u64)
        .map(|i| {
            // Odd multipliers permute 64-bit numbers.
            let multiplier = i.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let mix = |hash: &u64| (hash ^ (hash >> 29)).wrapping_mul(multiplier).rotate_left(31);
            set.iter().map(|hash| mix(hash).wrapping_mul(multiplier)).min().unwrap_or(0)
        })
        .collect()
}

/// Whether two sets have enough in common; what their sizes tell comes first.
fn near(a: &HashSet<u64>, b: &HashSet<u64>, least: f64) -> bool {
    let (small, large) = (a.len().min(b.len()), a.len().max(b.len()));
    small as f64 >= least * large as f64 && jaccard(a, b) >= least
}

fn jaccard(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    match a.len() + b.len() - both {
        0 => 0.0,
        any => both as f64 / any as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of 60 words, of which `other` are not those of the text 0.
    fn text(n: usize, other: usize) -> String {
        let word = |i: usize| match i < other {
            true => format!("{:x}", ((n * 64 + i + 1) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            false => format!("word{i}"),
        };
        (0..60).map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn near_texts_are_found_among_few_and_among_many() {
        for many in [20, 2 * ALL] {
            let mut texts: Vec<String> = (0..many).map(|n| text(n, 60)).collect();
            texts[3] = text(0, 0);
            texts[7] = text(0, 0).to_uppercase() + "!";
            texts[11] = text(5, 1);
            texts[13] = String::new();
            texts[14] = "  ".into();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let found = pairs(&texts, 0.8);
            let places: Vec<_> = found.iter().map(|pair| (pair.later, pair.earlier)).collect();
            assert_eq!(places, [(7, 3), (11, 3)], "of {many}");
            assert_eq!(found[0].similarity, 1.0);
            assert!(found[1].similarity > 0.8 && found[1].similarity < 1.0);
            assert_eq!(pairs(&texts, 0.99).len(), 1);
        }
        assert_eq!(similarity("abc", "abc"), 0.0, "below four letters");
    }
}
