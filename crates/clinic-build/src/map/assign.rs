//! One-to-one assignment in a sparse graph that maximises the sum of weights.
//!
//! Shortest augmenting paths with potentials (Jonker & Volgenant 1987; Ahuja, Magnanti & Orlin 1993,
//! ch. 12), in each connected component by itself. Weights are whole numbers, so that sums are exact
//! and the result is the same on every machine and with any number of threads.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rayon::prelude::*;

/// A row and a column that may be assigned to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    /// Row.
    pub row: usize,
    /// Column.
    pub column: usize,
    /// What the pair counts, above 0.
    pub weight: i64,
}

/// The column of each row, or `None`: of all ways in which no column has two rows, one whose sum of
/// weights is largest. `edges` are sorted, and none stands there twice.
pub fn assign(rows: usize, columns: usize, edges: &[Edge]) -> Vec<Option<usize>> {
    let found: Vec<(usize, usize)> = components(rows, columns, edges)
        .into_par_iter()
        .flat_map_iter(|edges| Component::new(&edges).solve())
        .collect();
    let mut of_rows = vec![None; rows];
    found.into_iter().for_each(|(row, column)| of_rows[row] = Some(column));
    of_rows
}

/// The edges of each connected component, in their order.
fn components(rows: usize, columns: usize, edges: &[Edge]) -> Vec<Vec<Edge>> {
    let mut above: Vec<usize> = (0..rows + columns).collect();
    fn root(above: &mut [usize], mut node: usize) -> usize {
        while above[node] != node {
            above[node] = above[above[node]];
            node = above[node];
        }
        node
    }
    for edge in edges {
        let (one, other) = (root(&mut above, edge.row), root(&mut above, rows + edge.column));
        above[one.max(other)] = one.min(other);
    }
    let mut of: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        of.entry(root(&mut above, edge.row)).or_default().push(*edge);
    }
    of.into_values().collect()
}

/// The assignment as one of least cost: an edge costs what it weighs below 0, and each row has a
/// place of its own, beside the columns, that costs nothing.
struct Component {
    /// Numbers of rows and columns outside.
    rows: Vec<usize>,
    columns: Vec<usize>,
    /// Columns and costs of each row.
    edges: Vec<Vec<(usize, i64)>>,
    row_of: Vec<Option<usize>>,
    column_of: Vec<Option<usize>>,
    /// Potentials: no cost is below the sum of those of its row and column, and that of an assigned
    /// pair equals it. A row's own place has the potential 0.
    row_potential: Vec<i64>,
    column_potential: Vec<i64>,
}

/// Where a shortest path ends.
enum End {
    /// At a column that no row has.
    Column(usize),
    /// At a row that gives its column up.
    Row(usize),
}

impl Component {
    fn new(edges: &[Edge]) -> Self {
        let mut columns: Vec<usize> = edges.iter().map(|edge| edge.column).collect();
        columns.sort_unstable();
        columns.dedup();
        let (mut rows, mut of_rows): (Vec<usize>, Vec<Vec<(usize, i64)>>) = Default::default();
        for edge in edges {
            if rows.last() != Some(&edge.row) {
                rows.push(edge.row);
                of_rows.push(Vec::new());
            }
            let column = columns.partition_point(|column| *column < edge.column);
            if let Some(row) = of_rows.last_mut() {
                row.push((column, -edge.weight));
            }
        }
        Self {
            row_of: vec![None; columns.len()],
            column_of: vec![None; rows.len()],
            row_potential: vec![0; rows.len()],
            column_potential: vec![0; columns.len()],
            edges: of_rows,
            rows,
            columns,
        }
    }

    fn solve(mut self) -> Vec<(usize, usize)> {
        let mut search = Search::new(self.columns.len());
        for row in 0..self.rows.len() {
            self.augment(row, &mut search);
        }
        let assigned = self.column_of.iter().zip(&self.rows);
        assigned.filter_map(|(column, row)| Some((*row, self.columns[(*column)?]))).collect()
    }

    /// Gives a row a column or its own place by the shortest path from it, along which other rows
    /// change theirs.
    fn augment(&mut self, start: usize, search: &mut Search) {
        search.clear();
        // The least that makes no cost of the row too low.
        let least = self.edges[start].iter().map(|(c, cost)| cost - self.column_potential[*c]);
        self.row_potential[start] = least.min().unwrap_or(0).min(0);
        let mut nearest = (-self.row_potential[start], start);
        self.reach(start, 0, search);
        let (length, end) = loop {
            let Some((at, column)) = search.next() else {
                break (nearest.0, End::Row(nearest.1));
            };
            if nearest.0 < at {
                break (nearest.0, End::Row(nearest.1));
            }
            let Some(row) = self.row_of[column] else {
                break (at, End::Column(column));
            };
            search.passed.push((column, at));
            nearest = nearest.min((at - self.row_potential[row], row));
            self.reach(row, at, search);
        };
        self.row_potential[start] += length;
        for (column, at) in &search.passed {
            self.column_potential[*column] -= length - at;
            if let Some(row) = self.row_of[*column] {
                self.row_potential[row] += length - at;
            }
        }
        let mut column = match end {
            End::Column(column) => column,
            End::Row(row) => match self.column_of[row].take() {
                Some(column) => column,
                None => return,
            },
        };
        // Backwards along the path: each column goes to the row before it.
        loop {
            let row = search.from[column];
            self.row_of[column] = Some(row);
            match self.column_of[row].replace(column) {
                Some(before) if row != start => column = before,
                _ => return,
            }
        }
    }

    /// The columns that a row at this distance can have.
    fn reach(&self, row: usize, at: i64, search: &mut Search) {
        for (column, cost) in &self.edges[row] {
            let further = cost - self.row_potential[row] - self.column_potential[*column];
            search.offer(*column, at + further, row);
        }
    }
}

/// Dijkstra's algorithm over columns.
struct Search {
    distance: Vec<i64>,
    /// The row from which a column was reached.
    from: Vec<usize>,
    touched: Vec<usize>,
    /// Columns whose distance is final, with it.
    passed: Vec<(usize, i64)>,
    heap: BinaryHeap<Reverse<(i64, usize)>>,
}

impl Search {
    fn new(columns: usize) -> Self {
        Self {
            distance: vec![i64::MAX; columns],
            from: vec![0; columns],
            touched: Vec::new(),
            passed: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    fn clear(&mut self) {
        self.touched.drain(..).for_each(|column| self.distance[column] = i64::MAX);
        self.passed.clear();
        self.heap.clear();
    }

    fn offer(&mut self, column: usize, distance: i64, from: usize) {
        if distance < self.distance[column] {
            if self.distance[column] == i64::MAX {
                self.touched.push(column);
            }
            self.distance[column] = distance;
            self.from[column] = from;
            self.heap.push(Reverse((distance, column)));
        }
    }

    /// The nearest column whose distance is not final.
    fn next(&mut self) -> Option<(i64, usize)> {
        loop {
            let Reverse((distance, column)) = self.heap.pop()?;
            if distance == self.distance[column] {
                return Some((distance, column));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest sum of weights, by trying all.
    fn best(edges: &[Edge], row: usize, rows: usize, taken: u64) -> i64 {
        if row == rows {
            return 0;
        }
        let with = edges.iter().filter(|edge| edge.row == row && taken & 1 << edge.column == 0);
        let with = with.map(|e| e.weight + best(edges, row + 1, rows, taken | 1 << e.column));
        with.max().unwrap_or(0).max(best(edges, row + 1, rows, taken))
    }

    fn sum(rows: usize, columns: usize, edges: &[Edge]) -> i64 {
        let found = assign(rows, columns, edges);
        let mut taken: Vec<usize> = found.iter().flatten().copied().collect();
        let all = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), all, "a column has two rows: {found:?}");
        let weight = |(row, column): (usize, &Option<usize>)| {
            let edge = |column| edges.iter().find(|e| e.row == row && e.column == column);
            column.map_or(0, |column| edge(column).expect("an edge").weight)
        };
        found.iter().enumerate().map(weight).sum()
    }

    #[test]
    fn no_assignment_is_better() {
        // SplitMix64: enough chance for small graphs, the same each time.
        let mut state = 7_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) % below
        };
        for case in 0..3_000 {
            let (rows, columns) = (1 + draw(6) as usize, 1 + draw(6) as usize);
            let (dense, heaviest) = (1 + draw(10), [2, 5, 1_000_000][draw(3) as usize]);
            let mut edges = Vec::new();
            for (row, column) in (0..rows).flat_map(|r| (0..columns).map(move |c| (r, c))) {
                if draw(10) < dense {
                    edges.push(Edge { row, column, weight: 1 + draw(heaviest) as i64 });
                }
            }
            assert_eq!(sum(rows, columns, &edges), best(&edges, 0, rows, 0), "{case}: {edges:?}");
        }
    }

    #[test]
    fn one_good_pair_is_worth_more_than_two_poor_ones() {
        let edge = |row, column, weight| Edge { row, column, weight };
        let edges = [edge(0, 0, 1), edge(1, 0, 19), edge(1, 1, 1)];
        assert_eq!(assign(2, 2, &edges), [None, Some(0)]);
        let edges = [edge(0, 0, 10), edge(1, 0, 19), edge(1, 1, 10)];
        assert_eq!(assign(2, 2, &edges), [Some(0), Some(1)]);
        assert_eq!(assign(3, 0, &[]), [None; 3]);
    }

    #[test]
    fn a_long_chain_changes_hands_to_its_end() {
        // Row i prefers column i, and the last row can have column 0 alone: all move up by one.
        let n = 500;
        let mut edges: Vec<Edge> = (0..n - 1)
            .flat_map(|i| [(i, i, 1_000), (i, i + 1, 999)])
            .map(|(row, column, weight)| Edge { row, column, weight })
            .collect();
        edges.push(Edge { row: n - 1, column: 0, weight: 1_000_000 });
        let found = assign(n, n, &edges);
        assert_eq!(found[n - 1], Some(0));
        assert!((0..n - 1).all(|i| found[i] == Some(i + 1)));
    }
}
