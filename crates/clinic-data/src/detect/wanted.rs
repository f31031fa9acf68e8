//! The dataset files that tasks read, and the names that they may go by.

use std::collections::BTreeMap;

use clinic_core::task::{Rows, Task};

/// A dataset file that tasks read.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Its name, such as `hallucination-dataset`.
    pub name: String,
    /// Rows of the published file: at least, and whether exactly so many.
    pub rows: (usize, bool),
    /// Its names, each as [`plain`] makes it.
    pub names: Vec<String>,
    /// Where several tasks take its rows in turn: the names of each of them, in that order.
    pub turns: Vec<Vec<String>>,
    /// Reference name to the headers that it may have.
    pub references: BTreeMap<String, Vec<String>>,
    /// The references that are needed.
    pub needed: Vec<String>,
    /// The files whose rows are joined with its own.
    pub partners: Vec<String>,
}

/// Letters and digits alone, in lower case, without words that every name may hold.
pub(super) fn plain(name: &str) -> String {
    let words: String =
        name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let idle = |word: &&str| !["dataset", "data", "clinic", "latest", "respon"].contains(word);
    words.split_whitespace().filter(idle).collect()
}

impl Wanted {
    /// The files of these tasks, in the order in which the tasks name them.
    pub(super) fn all(tasks: &[&Task]) -> Vec<Self> {
        let mut all: Vec<Self> = Vec::new();
        for task in tasks {
            for group in &task.data.groups {
                for (variant, file) in group.variants() {
                    let place = all.iter().position(|wanted| wanted.name == file);
                    let place = place.unwrap_or_else(|| {
                        all.push(Self::named(file));
                        all.len() - 1
                    });
                    all[place].used(task, variant, group.name.as_deref(), group.rows);
                    let others = group.variants().map(|(_, other)| other).filter(|o| *o != file);
                    all[place].partners.extend(others.map(str::to_owned));
                }
            }
        }
        for wanted in &mut all {
            wanted.names.sort();
            wanted.names.dedup();
            // A file of one task has no turns.
            if wanted.turns.len() < 2 {
                let names = wanted.turns.drain(..).flatten();
                wanted.names.extend(names);
            }
        }
        // A name that two files may go by tells nothing.
        let mut uses: BTreeMap<String, usize> = BTreeMap::new();
        for name in all.iter().flat_map(|wanted| &wanted.names) {
            *uses.entry(name.clone()).or_default() += 1;
        }
        for wanted in &mut all {
            let own = plain(&wanted.name);
            wanted.names.retain(|name| *name == own || uses[name] == 1);
        }
        all
    }

    fn named(file: &str) -> Self {
        Self {
            name: file.to_owned(),
            rows: (0, true),
            names: vec![plain(file)],
            turns: Vec::new(),
            references: BTreeMap::new(),
            needed: Vec::new(),
            partners: Vec::new(),
        }
    }

    fn used(&mut self, task: &Task, variant: &str, group: Option<&str>, rows: Rows) {
        let folders = task.published.iter().flat_map(|published| &published.folders);
        let bases = [&task.name, &task.title].into_iter().chain(folders);
        let variants = task.data.groups[0].variants().count();
        let mut names = Vec::new();
        for base in bases {
            match (group, variants > 1) {
                (Some(group), _) => names.extend([plain(group), plain(&format!("{base} {group}"))]),
                (None, true) => names.extend([
                    plain(&format!("{base} {variant}")),
                    plain(&format!("{variant} {base}")),
                ]),
                (None, false) => names.push(plain(base)),
            }
        }
        let share = task.data.samples / task.data.groups.len();
        match rows {
            Rows::All => {
                self.rows.0 = self.rows.0.max(share);
                // How many rows a file of several has is not known.
                self.rows.1 &= group.is_none();
                self.names.extend(names);
            }
            Rows::Every { every, start } => {
                self.rows.0 = self.rows.0.max(share * every);
                self.turns.resize(self.turns.len().max(every), Vec::new());
                self.turns[start] = names;
            }
            Rows::Last { .. } => {
                self.rows = (self.rows.0.max(share), false);
                self.names.extend(names);
            }
        }
        for (name, spec) in &task.data.references {
            let headers = self.references.entry(name.clone()).or_default();
            headers.extend(
                spec.columns.iter().filter(|c| !headers.contains(c)).cloned().collect::<Vec<_>>(),
            );
            if !spec.optional && !self.needed.contains(name) {
                self.needed.push(name.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic_core::task::Library;

    #[test]
    fn files_go_by_their_own_names_and_those_of_their_tasks() {
        let library = Library::builtin().unwrap();
        let tasks: Vec<&Task> = library.iter().collect();
        let all = Wanted::all(&tasks);
        assert_eq!(all.len(), 22);
        let of = |name: &str| all.iter().find(|wanted| wanted.name == name).unwrap();
        assert!(of("hallucination-honesty-dataset").names.contains(&"honesty".to_owned()));
        assert!(of("jailbreak-vanilla-dataset").names.contains(&"danjailbreak".to_owned()));
        assert!(
            of("consistency-modified-dataset").names.contains(&"consistencymodified".to_owned())
        );
        assert!(of("adv_q12").names.contains(&"adversarialattacksadvq12".to_owned()));
        let turns = &of("hallucination-dataset").turns;
        let first = ["hallucinationfct", "hallucinationfqt", "hallucinationnota"];
        for (turn, name) in turns.iter().zip(first) {
            assert!(turn.contains(&name.to_owned()), "{turn:?}");
        }
        assert_eq!(
            (of("hallucination-dataset").rows, of("ood-dataset").rows),
            ((150, true), (120, false))
        );
        assert_eq!(of("adv_q3").rows, (30, false));
    }
}
