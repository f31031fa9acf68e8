//! Texts of a column that are nearly the same: MinHash over 4-letter shingles (A. Broder, "On the
//! resemblance and containment of documents", 1997), with bands so that not all pairs are compared.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::{File, Finding, Severity};

/// Hash functions; in bands of [`BAND`].
const HASHES: usize = 48;
const BAND: usize = 6;
/// Letters of a shingle.
const SHINGLE: usize = 4;
/// Share of shingles in common (Jaccard) from which two texts are nearly the same.
const NEAR: f64 = 0.8;
/// Characters of a text that are looked at.
const LONGEST_TEXT: usize = 20_000;
/// Texts of one band that are compared with the first of them, at most.
const MOST: usize = 50;

/// Pairs of nearly the same texts in a column, each told at the later one.
pub(super) fn duplicates(file: &File<'_>, column: usize, rows: &[usize]) -> Vec<Finding> {
    let shingles: Vec<HashSet<u64>> =
        rows.iter().map(|row| shingles(file.table.cell(*row, column))).collect();
    let mut buckets: HashMap<(usize, u64), Vec<usize>> = HashMap::new();
    for (i, set) in shingles.iter().enumerate().filter(|(_, set)| !set.is_empty()) {
        for (band, hashes) in signature(set).chunks(BAND).enumerate() {
            let mut hasher = DefaultHasher::new();
            hashes.hash(&mut hasher);
            let bucket = buckets.entry((band, hasher.finish())).or_default();
            if bucket.len() < MOST {
                bucket.push(i);
            }
        }
    }
    let mut nearest: HashMap<usize, usize> = HashMap::new();
    for bucket in buckets.values() {
        for (k, later) in bucket.iter().enumerate() {
            let earlier = bucket[..k]
                .iter()
                .find(|earlier| similarity(&shingles[**earlier], &shingles[*later]) >= NEAR);
            if let Some(earlier) = earlier {
                let known = nearest.entry(*later).or_insert(*earlier);
                *known = (*known).min(*earlier);
            }
        }
    }
    let mut pairs: Vec<(usize, usize)> = nearest.into_iter().collect();
    pairs.sort_unstable();
    pairs
        .into_iter()
        .map(|(later, earlier)| {
            let line = file.table.cell_line(rows[earlier], column);
            let problem = if shingles[later] == shingles[earlier] {
                format!("the same text as on line {line}")
            } else {
                format!("nearly the same text as on line {line}")
            };
            let todo = "take one of the items out, if they are not meant to be alike";
            file.finding(Severity::Warning, "duplicate", (Some(rows[later]), column), problem, todo)
        })
        .collect()
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

fn similarity(a: &HashSet<u64>, b: &HashSet<u64>) -> f64 {
    let both = a.intersection(b).count();
    both as f64 / (a.len() + b.len() - both) as f64
}
