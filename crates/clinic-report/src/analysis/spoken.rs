//! Answers in the wrong language.

use std::collections::BTreeMap;

use clinic_core::identify::Match;
use clinic_core::stats;
use clinic_engine::run::Run;

use super::types::{Measured, WrongLanguage};
use crate::evidence::Evidence;

/// The share of responses in another language: over all languages, then in each.
///
/// Only responses that are long enough to tell are counted; an item with all its forms and
/// translations is one cluster.
pub(super) fn pictures(run: &Run, evidence: &Evidence) -> Vec<WrongLanguage> {
    let tags = run.plan().languages.iter().map(|tag| Some(tag.as_str()));
    std::iter::once(None).chain(tags).map(|tag| picture(evidence, tag)).collect()
}

fn picture(evidence: &Evidence, tag: Option<&str>) -> WrongLanguage {
    let mut values = Vec::new();
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut untold, mut expected, mut before) = (0, 0, 0);
    for cells in evidence.tasks.values() {
        let cells_of = cells.languages.iter().filter(|(own, _)| tag.is_none_or(|tag| tag == *own));
        for sampled in cells_of.flat_map(|(_, cell)| &cell.samples) {
            // Clusters of different tasks are different ones.
            let cluster = before + sampled.cluster;
            for spoken in &sampled.spoken {
                expected += 1;
                match spoken {
                    Match::Same => values.push((cluster, 0.0)),
                    Match::Other(other) => {
                        values.push((cluster, 1.0));
                        *others.entry(other.unwrap_or("?")).or_default() += 1;
                    }
                    Match::Unknown => untold += 1,
                }
            }
        }
        before += cells.clusters;
    }
    let mean = stats::clustered_mean(&values);
    let interval = mean.as_ref().and_then(|mean| mean.wilson());
    let mut others: Vec<(String, usize)> =
        others.into_iter().map(|(tag, n)| (tag.to_owned(), n)).collect();
    others.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    WrongLanguage {
        language: tag.map(str::to_owned),
        share: Measured::new(mean.map(|mean| mean.value), interval, values.len(), expected),
        untold,
        others,
    }
}
