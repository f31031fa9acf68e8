//! Languages against English, item by item: items are the same in all of them.

use clinic_core::metric;
use clinic_core::stats;
use clinic_core::task::Task;
use clinic_engine::run::Run;

use super::paired::{Paired, adjust, difference};
use super::portrait::tiers_of;
use super::types::{LanguageGap, Measured};
use crate::evidence::{Cells, Evidence};

const ENGLISH: &str = "en";

/// The gaps of every task in every language but English, then in every tier; none where the run has
/// no English.
pub(super) fn of(run: &Run, evidence: &Evidence) -> Vec<LanguageGap> {
    let plan = run.plan();
    if !plan.languages.iter().any(|tag| tag == ENGLISH) {
        return Vec::new();
    }
    let tiers = tiers_of(plan);
    let others: Vec<&str> =
        plan.languages.iter().map(String::as_str).filter(|tag| *tag != ENGLISH).collect();
    let mut known: Vec<_> = others.iter().filter_map(|tag| tiers.get(tag).copied()).collect();
    known.sort_unstable();
    known.dedup();
    let (mut single, mut grouped) = (Vec::new(), Vec::new());
    for task in run.tasks() {
        let cells = &evidence.tasks[&task.name];
        for tag in &others {
            single.push(LanguageGap {
                language: Some((*tag).to_owned()),
                ..gap(task, cells, &[*tag], tag)
            });
        }
        for tier in &known {
            let tags: Vec<&str> =
                others.iter().copied().filter(|tag| tiers.get(tag) == Some(tier)).collect();
            let gap = gap(task, cells, &tags, &tier.to_string());
            grouped.push(LanguageGap { tier: Some(*tier), ..gap });
        }
    }
    for table in [&mut single, &mut grouped] {
        adjust(table.iter_mut().map(|gap| (gap.p, &mut gap.holm)));
    }
    single.append(&mut grouped);
    single
}

fn gap(task: &Task, cells: &Cells, tags: &[&str], name: &str) -> LanguageGap {
    let spec = &task.metrics[0];
    let english = cells.cell(ENGLISH);
    let pairs: Vec<Paired<'_>> =
        tags.iter().map(|tag| Paired::of(cells.cell(tag), english)).collect();
    let found = difference(spec, &pairs, cells.clusters, &["gap", &task.name, name]);
    // A word that fills a blank is another one in each language: it can neither flip nor be exchanged.
    let verdicts = metric::is_mean(spec.kind);
    let flips = pairs.iter().filter(|_| verdicts).flat_map(|pair| pair.flips(spec));
    let flips: Vec<(usize, f64)> = flips.collect();
    let mean = stats::clustered_mean(&flips);
    let interval = mean.as_ref().and_then(|mean| mean.wilson());
    LanguageGap {
        dimension: task.dimension,
        task: task.name.clone(),
        metric: spec.name.clone(),
        language: None,
        tier: None,
        gap: found.difference,
        flips: Measured::new(
            mean.map(|mean| mean.value),
            interval,
            flips.len(),
            found.difference.expected,
        ),
        p: found.p.filter(|_| verdicts),
        holm: None,
    }
}
