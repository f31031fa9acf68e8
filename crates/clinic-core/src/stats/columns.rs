//! The cluster bootstrap of many means at once.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rayon::prelude::*;

use super::Interval;
use super::bootstrap::{draw, percentile};

/// Sums and counts of the values of each cluster in many columns (a model, a model in a language).
#[derive(Debug, Clone)]
pub struct Totals {
    columns: usize,
    clusters: usize,
    /// A row a cluster: the sums of all columns, then the counts of all columns.
    cells: Vec<f64>,
}

impl Totals {
    /// Without values.
    pub fn new(columns: usize, clusters: usize) -> Self {
        Self { columns, clusters, cells: vec![0.0; 2 * columns * clusters] }
    }

    /// Adds one value of a cluster to a column.
    ///
    /// # Panics
    /// Where there is no such column or cluster.
    pub fn add(&mut self, column: usize, cluster: usize, value: f64) {
        assert!(column < self.columns && cluster < self.clusters, "no cell {column}, {cluster}");
        let row = cluster * 2 * self.columns;
        self.cells[row + column] += value;
        self.cells[row + self.columns + column] += 1.0;
    }
}

/// Bootstrapped means of many columns, made by [`means`].
#[derive(Debug, Clone)]
pub struct Means {
    columns: usize,
    /// A row a replicate; NaN where a column has no value.
    values: Vec<f64>,
}

/// Cluster bootstrap of the means of many columns at once: `sum_c w_c sum_c / sum_c w_c count_c`
/// with `w_c` how often cluster c was drawn, which is the same for all columns of a replicate, so
/// that their differences are paired.
///
/// The draws are those of [`clusters`](super::bootstrap::clusters), and so do not depend on the
/// number of threads. It needs 8 bytes a replicate and column.
pub fn means(totals: &Totals, replicates: usize, seed: u64) -> Means {
    let columns = totals.columns;
    let base = ChaCha8Rng::seed_from_u64(seed);
    let mut values = vec![0.0; replicates * columns];
    let scratch = || (vec![0; totals.clusters], vec![0.0; 2 * columns]);
    // A chunk must not be empty; without columns there is none.
    values.par_chunks_mut(columns.max(1)).enumerate().for_each_init(
        scratch,
        |(times, drawn), (replicate, row)| {
            draw(&base, replicate, times);
            drawn.fill(0.0);
            for (times, cells) in times.iter().zip(totals.cells.chunks(2 * columns)) {
                if *times > 0 {
                    let times = f64::from(*times);
                    drawn.iter_mut().zip(cells).for_each(|(sum, cell)| *sum += times * cell);
                }
            }
            let (sums, counts) = drawn.split_at(columns);
            for ((mean, sum), count) in row.iter_mut().zip(sums).zip(counts) {
                *mean = sum / count;
            }
        },
    );
    Means { columns, values }
}

impl Means {
    /// Percentile interval of what is made of a replicate's means, which come in the order of the
    /// columns: one of them (`|means| means[2]`), a difference, a mean over languages.
    ///
    /// A column without a value in a replicate is NaN there, and what is made of it must be, too.
    /// `None` as for [`percentile`].
    pub fn interval(&self, of: impl Fn(&[f64]) -> f64) -> Option<Interval> {
        percentile(self.rows().map(|row| Some(of(row)).filter(|value| value.is_finite())), 0.95)
    }

    /// The replicates: the means of all columns in each.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks(self.columns.max(1))
    }

    /// The percentile interval of each column.
    pub fn intervals(&self) -> Vec<Option<Interval>> {
        (0..self.columns).into_par_iter().map(|column| self.interval(|row| row[column])).collect()
    }
}
