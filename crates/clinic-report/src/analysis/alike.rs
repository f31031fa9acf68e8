//! Whether runs can be compared: what differs between them beside the model.

use std::collections::{BTreeMap, BTreeSet};

use clinic_engine::run::Run;

use crate::evidence::Evidence;

/// What makes the numbers of two runs unlike, a line each; nothing where they can be compared.
///
/// Only tasks that both have are looked at. Another model, system prompt, seed or limit is what a
/// comparison is for.
pub fn differences(a: (&Run, &Evidence), b: (&Run, &Evidence)) -> Vec<String> {
    let mut found = Vec::new();
    let (one, other) = (a.0.plan(), b.0.plan());
    if one.protocol != other.protocol {
        found.push(format!("protocol {} against {}", one.protocol, other.protocol));
    }
    let hashes = |run: &Run| -> BTreeMap<String, String> {
        run.plan().tasks.iter().map(|task| (task.name.clone(), task.sha256.clone())).collect()
    };
    let (of_one, of_other) = (hashes(a.0), hashes(b.0));
    let shared: BTreeSet<&String> =
        of_one.keys().filter(|task| of_other.contains_key(*task)).collect();
    if shared.is_empty() {
        found.push("they have no task in common".to_owned());
    }
    if !one.languages.iter().any(|tag| other.languages.contains(tag)) {
        found.push("they have no language in common".to_owned());
    }
    let tasks: Vec<&str> =
        shared.iter().filter(|t| of_one[**t] != of_other[**t]).map(|t| t.as_str()).collect();
    if !tasks.is_empty() {
        found.push(format!("the task files differ of {}", tasks.join(", ")));
    }
    let files: Vec<&str> = one
        .data
        .files
        .iter()
        .filter(|(file, sha256)| other.data.files.get(*file).is_some_and(|s| s != *sha256))
        .map(|(file, _)| file.as_str())
        .collect();
    if !files.is_empty() {
        found.push(format!("the data files differ: {}", files.join(", ")));
    }
    let mut scorers: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for task in shared {
        let (x, y) = (&a.1.tasks[task].scorer, &b.1.tasks[task].scorer);
        if x != y {
            scorers.entry((x, y)).or_default().push(task);
        }
    }
    for ((x, y), tasks) in scorers {
        found.push(format!("scored by {x} against {y}: {}", tasks.join(", ")));
    }
    found
}
