//! Pairs from vectors alone.

use std::collections::BTreeSet;

use super::candidates::candidates;
use super::{Found, Vectors, pair};
use crate::config::MapConfig;

fn vectors(rows: &[&[f32]]) -> Vectors {
    let mut vectors = Vectors::new();
    rows.iter().for_each(|row| vectors.push(row));
    vectors
}

fn config(threshold: f64, doubtful: f64, margin: f64) -> MapConfig {
    MapConfig { threshold, doubtful, margin, ..MapConfig::default() }
}

/// Rows that scatter: numbers by SplitMix64.
fn scattered(rows: usize, width: usize, seed: u64) -> Vectors {
    let mut state = seed;
    let mut vectors = Vectors::new();
    for _ in 0..rows {
        let row: Vec<f32> = (0..width)
            .map(|_| {
                state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                ((mixed ^ (mixed >> 31)) >> 40) as f32 / 8_388_608.0 - 1.0
            })
            .collect();
        vectors.push(&row);
    }
    vectors
}

fn others(found: &[Option<Found>]) -> Vec<Option<usize>> {
    found.iter().map(|found| found.map(|found| found.other)).collect()
}

#[test]
fn length_does_not_matter_and_direction_does() {
    let english = vectors(&[&[3.0, 0.0], &[0.0, 0.1], &[-1.0, 0.0]]);
    let other = vectors(&[&[0.0, 7.0], &[100.0, 0.0]]);
    let found = pair(&english, &other, &BTreeSet::new(), &config(0.9, 0.8, 0.01));
    assert_eq!(others(&found), [Some(1), Some(0), None]);
    assert!(found.iter().flatten().all(|f| !f.doubtful && (f.similarity - 1.0).abs() < 1e-6));
}

#[test]
fn a_pair_is_doubtful_below_the_threshold_and_none_below_doubtful() {
    let english = vectors(&[&[1.0, 0.0]]);
    let at = |similarity: f32| vectors(&[&[similarity, (1.0 - similarity * similarity).sqrt()]]);
    let of = |similarity: f32| {
        pair(&english, &at(similarity), &BTreeSet::new(), &config(0.9, 0.8, 0.01))[0]
    };
    assert!(of(0.95).is_some_and(|found| !found.doubtful));
    assert!(of(0.85).is_some_and(|found| found.doubtful));
    assert_eq!(of(0.75), None);
}

#[test]
fn a_rival_of_either_document_makes_a_pair_doubtful() {
    let one = vectors(&[&[1.0, 0.0, 0.0]]);
    let two = vectors(&[&[1.0, 0.05, 0.0], &[1.0, 0.0, 0.06]]);
    let of = |english: &Vectors, other: &Vectors, margin: f64| {
        let found = pair(english, other, &BTreeSet::new(), &config(0.9, 0.8, margin));
        found.into_iter().flatten().collect::<Vec<_>>()
    };
    for (english, other) in [(&one, &two), (&two, &one)] {
        assert!(matches!(of(english, other, 0.01)[..], [Found { doubtful: true, .. }]));
        assert!(matches!(of(english, other, 1e-5)[..], [Found { doubtful: false, .. }]));
    }
    // A rival below `doubtful` is one still.
    let near = vectors(&[&[0.9, 0.43589, 0.0], &[0.895, 0.0, 0.44606]]);
    let found = pair(&one, &near, &BTreeSet::new(), &config(0.9, 0.898, 0.01));
    assert!(found[0].is_some_and(|found| found.other == 0 && found.doubtful));
}

#[test]
fn what_people_keep_apart_is_neither_a_pair_nor_a_rival() {
    let english = vectors(&[&[1.0, 0.0, 0.0]]);
    let other = vectors(&[&[1.0, 0.0, 0.0], &[1.0, 0.1, 0.0]]);
    let found = pair(&english, &other, &BTreeSet::from([(0, 0)]), &config(0.9, 0.8, 0.01));
    assert!(found[0].is_some_and(|found| found.other == 1 && !found.doubtful));
    let all = BTreeSet::from([(0, 0), (0, 1)]);
    assert_eq!(pair(&english, &other, &all, &config(0.9, 0.8, 0.01)), [None]);
}

#[test]
fn equal_documents_are_paired_one_to_one_and_are_doubtful() {
    let same = |rows: usize| vectors(&vec![&[1.0, 2.0][..]; rows]);
    let found = pair(&same(5), &same(3), &BTreeSet::new(), &config(0.9, 0.8, 0.01));
    assert!(found.iter().flatten().all(|found| found.doubtful));
    let used: BTreeSet<usize> = found.iter().flatten().map(|found| found.other).collect();
    assert_eq!((found.iter().flatten().count(), used.len()), (3, 3));
}

#[test]
fn the_best_pairs_together_count_and_not_each_for_itself() {
    // The first English row is nearest to the first other, but the second has no one else.
    let english = vectors(&[&[1.0, 0.2, 0.0], &[1.0, -0.3, 0.0]]);
    let other = vectors(&[&[1.0, 0.0, 0.0], &[1.0, 0.5, 0.2]]);
    let found = pair(&english, &other, &BTreeSet::new(), &config(0.9, 0.8, 0.0));
    assert_eq!(others(&found), [Some(1), Some(0)]);
}

#[test]
fn candidates_are_the_nearest_of_all() {
    // More than a share of rows and a block of columns; a width that is no multiple of the lanes.
    let (rows, columns) = (scattered(601, 21, 1), scattered(301, 21, 2));
    let similar = |r: usize, c: usize| -> f32 {
        rows.row(r).iter().zip(columns.row(c)).map(|(a, b)| a * b).sum()
    };
    let floor = 0.1;
    let near = candidates(&rows, &columns, &BTreeSet::new(), floor);
    assert!(near.windows(2).all(|two| (two[0].row, two[0].column) < (two[1].row, two[1].column)));
    let known: BTreeSet<(usize, usize)> = near.iter().map(|near| (near.row, near.column)).collect();
    for near in &near {
        assert!((near.similarity - similar(near.row, near.column)).abs() < 1e-5);
    }
    for row in 0..601 {
        let mut all: Vec<(f32, usize)> = (0..301).map(|c| (similar(row, c), c)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        assert!(all[..30].iter().all(|(s, c)| *s < floor || known.contains(&(row, *c))), "{row}");
    }
    for column in 0..301 {
        let mut all: Vec<(f32, usize)> = (0..601).map(|r| (similar(r, column), r)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        assert!(all[..30].iter().all(|(s, r)| *s < floor || known.contains(&(*r, column))));
    }
    assert!(near.len() < 32 * 902);
}

#[test]
fn a_column_that_is_near_to_no_row_first_still_brings_its_nearest() {
    // Each row has 40 columns that are nearer to it than the last one.
    let row = |i: usize| [1.0, (i * 37 % 1_100) as f32 / 4_400.0];
    let mut rows = Vectors::new();
    (0..1_100).for_each(|i| rows.push(&row(i)));
    let mut columns = Vectors::new();
    (0..40).for_each(|i| columns.push(&[1.0, i as f32 / 160.0]));
    columns.push(&[1.0, 0.8]);
    let mut nearest: Vec<usize> = (0..1_100).collect();
    nearest.sort_by(|a, b| row(*b)[1].total_cmp(&row(*a)[1]));
    let expected: BTreeSet<usize> = nearest[..32].iter().copied().collect();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
    let near = pool.install(|| candidates(&rows, &columns, &BTreeSet::new(), 0.5));
    let found = near.iter().filter(|near| near.column == 40).map(|near| near.row);
    assert_eq!(found.collect::<BTreeSet<usize>>(), expected);
}

#[test]
fn threads_do_not_matter() {
    let (english, other) = (scattered(700, 8, 3), scattered(650, 8, 4));
    let of = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| pair(&english, &other, &BTreeSet::new(), &config(0.9, 0.5, 0.01)))
    };
    let one = of(1);
    assert!(one.iter().flatten().count() > 500);
    assert_eq!(one, of(2));
    assert_eq!(one, of(5));
}
