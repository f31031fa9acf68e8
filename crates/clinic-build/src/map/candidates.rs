//! The nearest vectors of each vector, without the whole table of similarities.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use rayon::prelude::*;

use super::similar::{LANES, Vectors};

/// Candidates that a vector brings.
const NEAREST: usize = 32;
/// Rows at a time: their sums stay in registers while a column is read once.
const ROWS: usize = 4;
/// Columns at a time: with 1,024 numbers each they fit into a core's second cache.
const COLUMNS: usize = 128;
/// Rows that a thread takes at a time.
const SHARE: usize = 256;

/// Two vectors that are near.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Candidate {
    pub row: usize,
    pub column: usize,
    /// Cosine similarity.
    pub similarity: f32,
}

/// The nearest of each row and of each column whose similarity is at least `floor`, without those
/// that are apart. A pair that is near both ways stands there twice.
pub fn candidates(
    rows: &Vectors,
    columns: &Vectors,
    apart: &BTreeSet<(usize, usize)>,
    floor: f32,
) -> Vec<Candidate> {
    let begins: Vec<usize> = (0..rows.len()).step_by(SHARE).collect();
    let begin = || (Vec::new(), vec![Nearest::default(); columns.len()]);
    let look = |(mut found, mut of_columns): (Vec<Candidate>, Vec<Nearest>), begin: &usize| {
        let end = rows.len().min(begin + SHARE);
        let mut of_rows = vec![Nearest::default(); end - begin];
        let mut see = |row: usize, column: usize, similarity: f32| {
            if similarity >= floor && (apart.is_empty() || !apart.contains(&(row, column))) {
                of_rows[row - begin].put(similarity, column);
                of_columns[column].put(similarity, row);
            }
        };
        blocks(rows, columns, *begin, end, &mut see);
        for (row, nearest) in (*begin..).zip(of_rows) {
            let candidate = |(similarity, column)| Candidate { row, column, similarity };
            found.extend(nearest.0.into_iter().map(candidate));
        }
        (found, of_columns)
    };
    // The nearest of all are among the nearest of each part, whatever the parts.
    let join = |mut one: (Vec<Candidate>, Vec<Nearest>), other: (Vec<Candidate>, Vec<Nearest>)| {
        one.0.extend(other.0);
        for (one, other) in one.1.iter_mut().zip(other.1) {
            other.0.into_iter().for_each(|(similarity, row)| one.put(similarity, row));
        }
        one
    };
    let (mut found, of_columns) = begins.par_iter().fold(begin, look).reduce(begin, join);
    for (column, nearest) in of_columns.into_iter().enumerate() {
        let candidate = |(similarity, row)| Candidate { row, column, similarity };
        found.extend(nearest.0.into_iter().map(candidate));
    }
    found.par_sort_unstable_by_key(|near| (near.row, near.column));
    found.dedup_by_key(|near| (near.row, near.column));
    found
}

/// All similarities of some rows, a block at a time.
fn blocks(
    rows: &Vectors,
    columns: &Vectors,
    begin: usize,
    end: usize,
    see: &mut impl FnMut(usize, usize, f32),
) {
    for first in (0..columns.len()).step_by(COLUMNS) {
        let last = columns.len().min(first + COLUMNS);
        for row in (begin..end).step_by(ROWS) {
            // At the end the last row stands in for those that are none.
            let of: [&[f32]; ROWS] = std::array::from_fn(|i| rows.row((row + i).min(end - 1)));
            for column in first..last {
                let similar = dots(of, columns.row(column));
                for (i, similarity) in similar.into_iter().enumerate().take(end - row) {
                    see(row + i, column, similarity);
                }
            }
        }
    }
}

/// The products of some rows with one column. Sums go side by side in the same lanes on every
/// machine, so that the result is the same to the bit.
fn dots(rows: [&[f32]; ROWS], column: &[f32]) -> [f32; ROWS] {
    let mut sums = [[0.0_f32; LANES]; ROWS];
    let (column, _) = column.as_chunks::<LANES>();
    let rows = rows.map(|row| &row.as_chunks::<LANES>().0[..column.len()]);
    for (place, b) in column.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(rows) {
            let a = &row[place];
            for lane in 0..LANES {
                sums[lane] += a[lane] * b[lane];
            }
        }
    }
    sums.map(|sums| sums.iter().sum())
}

/// The nearest of one vector, the nearest first.
#[derive(Debug, Clone, Default)]
struct Nearest(Vec<(f32, usize)>);

impl Nearest {
    fn put(&mut self, similarity: f32, id: usize) {
        let new = (similarity, id);
        if self.0.len() == NEAREST && self.0.last().is_some_and(|last| order(last, &new).is_lt()) {
            return;
        }
        let place = self.0.partition_point(|known| order(known, &new).is_lt());
        self.0.truncate(NEAREST - 1);
        self.0.insert(place, new);
    }
}

/// Nearer ones first; of equal ones, the one that came earlier.
fn order(one: &(f32, usize), other: &(f32, usize)) -> Ordering {
    other.0.total_cmp(&one.0).then(one.1.cmp(&other.1))
}
