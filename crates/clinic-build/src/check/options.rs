//! `options`: nothing but its content may tell which option is right.
//!
//! Warns of a text whose longest option is more than `option_ratio` times as long as its shortest
//! (options below 8 characters count as 8), and of tasks: where the right option is the longest of
//! four too often (exact binomial against one in four, one-sided), or where the places A to D are not
//! alike (`clinic_core::stats::evenly`), by chance less often than `balance_p`. Options that say
//! "none of the above" stand last by the task's design and are left out of all this.

use std::collections::BTreeMap;

use clinic_core::stats;

use super::set::{Entry, Said, Set, TaskItems};
use crate::recipe::{FieldKind, Options};
use crate::store::{Finding, Text};

const NAME: &str = "options";
/// Shorter options differ in length by a digit or two.
const SHORT: usize = 8;

pub(super) fn check(set: &Set<'_>) -> Vec<Finding> {
    set.tasks.iter().flat_map(|task| of_task(set, task)).collect()
}

fn of_task(set: &Set<'_>, task: &TaskItems<'_>) -> Vec<Finding> {
    let Some(field) = task.recipe.options_field() else { return Vec::new() };
    let config = &set.project.config().check;
    let mut findings = Vec::new();
    // Language to items with options, and those of them whose right one is the longest.
    let mut longest: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for entry in &task.entries {
        for text in &entry.texts {
            match entry.recipe.options(&text.fields) {
                Ok(Some(options)) => {
                    findings.extend(lengths(entry, text, &options, config.option_ratio));
                    let counts = longest.entry(&text.language).or_default();
                    counts.0 += 1;
                    counts.1 += usize::from(right_is_longest(&options));
                }
                Ok(None) => {}
                Err(why) => {
                    let problem = format!("its options do not fit the recipe as it is now: {why}");
                    let todo = "write the item anew with the recipe, or put the old recipe back";
                    findings.push(entry.on(text, Said::warn(NAME, problem, todo)));
                }
            }
        }
    }
    if field.kind == FieldKind::Options {
        findings.extend(longest.iter().filter_map(|(language, (n, right))| {
            let p = stats::binomial_at_least(*right, *n, 0.25);
            let problem = format!("the right option is the longest in {right} of {n} items");
            let todo = "tell the writer to make options alike, or rewrite some";
            let said = Said::warn(NAME, format!("{problem} (p = {p:.1e})"), todo).measure(p);
            (p < config.balance_p).then(|| said.of(Some(task.task), Some(language)))
        }));
        findings.extend(places(task, config.balance_p));
    }
    findings
}

fn lengths(entry: &Entry<'_>, text: &Text, options: &Options, most: f64) -> Option<Finding> {
    let right = (!options.last).then_some(&options.right);
    let lengths: Vec<usize> =
        options.wrong.iter().chain(right).map(|option| option.chars().count()).collect();
    let (short, long) = (lengths.iter().min()?, lengths.iter().max()?);
    let ratio = *long.max(&SHORT) as f64 / *short.max(&SHORT) as f64;
    let problem = format!("its options have from {short} to {long} characters");
    let todo = "look whether the length gives the answer away";
    let said = || Said::warn(NAME, problem, todo).measure(ratio);
    (ratio > most).then(|| entry.on(text, said()))
}

fn right_is_longest(options: &Options) -> bool {
    let length = |option: &String| option.chars().count();
    options.wrong.iter().all(|wrong| length(wrong) < length(&options.right))
}

/// The places of the right options, which are the same in every language.
fn places(task: &TaskItems<'_>, least: f64) -> Option<Finding> {
    let mut counts = [0; 4];
    for place in task.entries.iter().filter_map(|entry| entry.item.body.place) {
        *counts.get_mut(place)? += 1;
    }
    let p = stats::evenly(&counts);
    let [a, b, c, d] = counts;
    let problem = format!("right options stand at A {a}, B {b}, C {c}, D {d} (p = {p:.1e})");
    let todo = "publish items whose places are balanced, or write more";
    (p < least).then(|| Said::warn(NAME, problem, todo).measure(p).of(Some(task.task), None))
}
