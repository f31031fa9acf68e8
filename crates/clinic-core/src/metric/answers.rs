//! Distinct answers and how often they were given, counted fast enough to be drawn again and again.

use std::collections::{BTreeMap, BTreeSet};

use super::of_counts;
use crate::task::MetricKind;

/// Answers by the unit that is drawn: a cluster, an item.
pub(crate) struct Counted {
    /// Numbers of the answers of each unit.
    units: Vec<Vec<usize>>,
    /// Distinct answers; they are numbered in the order of the alphabet.
    names: usize,
}

impl Counted {
    /// Counts `answers`, each with the number of its unit, of which there are so many.
    pub(crate) fn of(answers: &[(usize, &str)], units: usize) -> Self {
        let names: BTreeSet<&str> = answers.iter().map(|(_, name)| *name).collect();
        let numbers: BTreeMap<&str, usize> =
            names.iter().enumerate().map(|(number, name)| (*name, number)).collect();
        let mut found = vec![Vec::new(); units];
        for (unit, name) in answers {
            found[*unit].push(numbers[name]);
        }
        Self { units: found, names: names.len() }
    }

    /// How many units there are.
    pub(crate) fn units(&self) -> usize {
        self.units.len()
    }

    /// The statistic of these units, each as often as it comes.
    pub(crate) fn statistic(
        &self,
        kind: MetricKind,
        drawn: impl Iterator<Item = usize>,
    ) -> Option<f64> {
        let mut counts = vec![0; self.names];
        for unit in drawn {
            self.units[unit].iter().for_each(|name| counts[*name] += 1);
        }
        of_counts(kind, &counts)
    }

    /// The statistic of all.
    pub(crate) fn whole(&self, kind: MetricKind) -> Option<f64> {
        self.statistic(kind, 0..self.units())
    }
}

/// Skewness of the frequencies of distinct answers; `None` below three of them.
pub(crate) fn skewness_of<'a>(answers: impl Iterator<Item = &'a str>) -> Option<f64> {
    let all: Vec<(usize, &str)> = answers.map(|answer| (0, answer)).collect();
    Counted::of(&all, 1).whole(MetricKind::Skewness)
}
