//! Which documents of two languages are versions of one, by their vectors alone.

use std::collections::BTreeSet;

use super::assign::{Edge, assign};
use super::candidates::{Candidate, candidates};
use crate::config::MapConfig;

/// Numbers of a vector that are multiplied side by side.
pub(super) const LANES: usize = 16;

/// Parts of a similarity of 1, for exact sums.
const PARTS: f64 = 16_777_216.0;

/// Vectors of one length, as rows of length 1.
#[derive(Debug, Clone, Default)]
pub struct Vectors {
    /// Numbers a row: the vectors' own, filled up with zeros to a multiple of [`LANES`].
    width: usize,
    rows: Vec<f32>,
}

impl Vectors {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a vector, whose length does not matter, as long as all have as many numbers as the first
    /// and one of them is not 0.
    ///
    /// # Panics
    /// Where the number of numbers is another.
    pub fn push(&mut self, vector: &[f32]) {
        let width = vector.len().next_multiple_of(LANES);
        if self.rows.is_empty() {
            self.width = width;
        }
        assert_eq!(self.width, width, "vectors of several models");
        let squares: f64 = vector.iter().map(|x| f64::from(*x).powi(2)).sum();
        let length = squares.sqrt().max(f64::MIN_POSITIVE);
        self.rows.extend(vector.iter().map(|x| (f64::from(*x) / length) as f32));
        self.rows.resize(self.rows.len() + width - vector.len(), 0.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len().checked_div(self.width).unwrap_or(0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.rows[row * self.width..][..self.width]
    }
}

/// A version that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found {
    /// Its row among the vectors of the other language.
    pub other: usize,
    /// Cosine similarity.
    pub similarity: f32,
    /// Whether a person has to say: the similarity is below the threshold, or another document is
    /// within the margin.
    pub doubtful: bool,
}

/// For each English vector the version that was found, one to one: of all ways to pair vectors whose
/// similarity is at least `doubtful`, one that makes the sum of what they have above `doubtful`
/// largest. `apart` are pairs (English, other) that are known to be none.
///
/// Each vector brings its 32 nearest alone, so that memory does not grow with the product of the two
/// numbers. The result does not depend on the number of threads.
pub fn pair(
    english: &Vectors,
    others: &Vectors,
    apart: &BTreeSet<(usize, usize)>,
    config: &MapConfig,
) -> Vec<Option<Found>> {
    if english.is_empty() || others.is_empty() {
        return vec![None; english.len()];
    }
    let floor = (config.doubtful - config.margin) as f32;
    let near = candidates(english, others, apart, floor);
    let edges: Vec<Edge> = near.iter().filter_map(|near| edge(near, config)).collect();
    let assigned = assign(english.len(), others.len(), &edges);
    let rivals = Rivals::of(english.len(), others.len(), &near);
    let found = |(row, column): (usize, Option<usize>)| {
        let of = |near: &Candidate| (near.row, near.column);
        let place = near.binary_search_by_key(&(row, column?), of).ok()?;
        let Candidate { column: other, similarity, .. } = near[place];
        let rival = rivals.nearest(row, other) > f64::from(similarity) - config.margin;
        let doubtful = rival || f64::from(similarity) < config.threshold;
        Some(Found { other, similarity, doubtful })
    };
    assigned.into_iter().enumerate().map(found).collect()
}

/// What a candidate counts in the assignment; nothing below `doubtful`.
fn edge(near: &Candidate, config: &MapConfig) -> Option<Edge> {
    let above = f64::from(near.similarity) - config.doubtful;
    let weight = (above >= 0.0).then(|| 1 + (above * PARTS).round() as i64)?;
    Some(Edge { row: near.row, column: near.column, weight })
}

/// The two nearest of each document.
struct Rivals {
    rows: Vec<[(f32, usize); 2]>,
    columns: Vec<[(f32, usize); 2]>,
}

impl Rivals {
    fn of(rows: usize, columns: usize, near: &[Candidate]) -> Self {
        let none = [(f32::NEG_INFINITY, usize::MAX); 2];
        let mut rivals = Self { rows: vec![none; rows], columns: vec![none; columns] };
        for near in near {
            put(&mut rivals.rows[near.row], near.similarity, near.column);
            put(&mut rivals.columns[near.column], near.similarity, near.row);
        }
        rivals
    }

    /// The similarity of the nearest document to either of the two that is not the other.
    fn nearest(&self, row: usize, column: usize) -> f64 {
        let other_than = |two: &[(f32, usize); 2], own: usize| {
            two.iter().find(|(_, id)| *id != own).map_or(f32::NEG_INFINITY, |(s, _)| *s)
        };
        let (one, other) =
            (other_than(&self.rows[row], column), other_than(&self.columns[column], row));
        f64::from(one.max(other))
    }
}

fn put(two: &mut [(f32, usize); 2], similarity: f32, id: usize) {
    if similarity > two[0].0 {
        *two = [(similarity, id), two[0]];
    } else if similarity > two[1].0 {
        two[1] = (similarity, id);
    }
}
