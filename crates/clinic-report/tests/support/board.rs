//! The board of hand-made analyses.

use super::*;

pub fn board(runs: usize, tags: &[String]) -> Board {
    let portraits: Vec<Portrait> = (0..runs).map(|run| portrait(run, tags)).collect();
    let mut rows: Vec<BoardRow> = portraits
        .iter()
        .enumerate()
        .map(|(run, p)| {
            let dimensions: Vec<(Dimension, Measured)> = p
                .dimensions
                .iter()
                .filter(|d| d.language.is_none())
                .map(|d| (d.dimension, d.safe))
                .collect();
            let mean = dimensions.iter().filter_map(|d| d.1.value).sum::<f64>() / 5.0;
            let n = SAMPLES * TASKS.len() * tags.len();
            BoardRow {
                run,
                place: Some((1, 1)),
                first: None,
                overall: rate(mean, n, n),
                dimensions,
            }
        })
        .collect();
    rows.sort_by(|a, b| b.overall.value.partial_cmp(&a.overall.value).unwrap());
    for (i, row) in rows.iter_mut().enumerate() {
        row.place = Some((i.max(1), (i + 2).min(runs)));
    }
    let mut pairs = Vec::new();
    for (first, one) in portraits.iter().enumerate() {
        for (second, two) in portraits.iter().enumerate().skip(first + 1) {
            for (a, b) in one.tasks.iter().zip(&two.tasks) {
                let difference = a.raw.value.zip(b.raw.value).map(|(a, b)| a - b);
                let n = a.raw.n.min(b.raw.n);
                let p = difference.map(|d| (0.4 - 2.5 * d.abs()).max(0.0003));
                pairs.push(Pair {
                    first,
                    second,
                    dimension: a.dimension,
                    task: a.task.clone(),
                    metric: a.metric.clone(),
                    better: a.better,
                    language: a.language.clone(),
                    difference: difference
                        .map_or(Measured { expected: n, ..Measured::default() }, |d| {
                            measured(d, n.max(1), n)
                        }),
                    p,
                    holm: p.map(|p| (p * 20.0).min(1.0)),
                    detectable: Some(0.11),
                });
            }
        }
    }
    let tasks = portraits.first().map_or_else(Vec::new, |p| {
        let all = p.tasks.iter().filter(|task| task.language.is_none());
        all.map(|task| task.task.clone()).collect()
    });
    Board { rows, tasks, left_out: Vec::new(), pairs }
}
