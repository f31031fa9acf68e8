//! Where each item stands on its way into the set.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::Project;
use crate::layout::Chosen;
use crate::review::{Standing, standings};
use crate::store::{Level, StoreError, Text};

/// Where an item, or its text in one language, stands; what is worse comes later, and an item stands
/// where the worst of its texts does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It may be published.
    Included,
    /// People have yet to rate it.
    Waiting,
    /// People disagree, and one more is to say.
    Disputed,
    /// No check has looked at it as it is now.
    Unchecked,
    /// People took it out.
    Excluded,
    /// A check holds it back.
    Blocked,
    /// A language is not written yet.
    Unfinished,
}

impl State {
    /// All of them, the best first.
    pub const ALL: [Self; 7] = [
        Self::Included,
        Self::Waiting,
        Self::Disputed,
        Self::Unchecked,
        Self::Excluded,
        Self::Blocked,
        Self::Unfinished,
    ];

    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Waiting => "waiting",
            Self::Disputed => "disputed",
            Self::Unchecked => "unchecked",
            Self::Excluded => "excluded",
            Self::Blocked => "blocked",
            Self::Unfinished => "unfinished",
        }
    }
}

/// An item with all that is known of it.
#[derive(Debug, Clone)]
pub struct Whole {
    /// The item, with its texts in the project's languages, in their order.
    pub chosen: Chosen,
    /// Tag of each of the project's languages to where the text stands.
    pub states: BTreeMap<&'static str, State>,
}

impl Whole {
    /// Where the item stands.
    pub fn state(&self) -> State {
        self.states.values().copied().max().unwrap_or(State::Unfinished)
    }
}

/// The items of the project's tasks, in the order of tasks and then of their making.
pub fn items(project: &Project) -> Result<Vec<Whole>, StoreError> {
    let store = project.store();
    let standings = standings(project)?;
    let mut checked: BTreeSet<(i64, String, String)> = BTreeSet::new();
    for finding in store.findings(None)? {
        if let (Some(item), Some(language), Some(digest)) =
            (finding.item, finding.language, finding.digest)
            && finding.level == Level::Pass
            && finding.name == READ
        {
            checked.insert((item, language, digest));
        }
    }
    let mut items = Vec::new();
    for task in project.tasks() {
        for item in project.items(Some(&task.name))? {
            let mut texts = store.texts(item.id)?;
            let order = |text: &Text| {
                project.languages().iter().position(|language| language.tag == text.language)
            };
            texts.retain(|text| order(text).is_some());
            texts.sort_by_key(order);
            let states = project
                .languages()
                .iter()
                .map(|language| {
                    let text = texts.iter().find(|text| text.language == language.tag);
                    let state = match text {
                        None => State::Unfinished,
                        Some(text) => {
                            let key = (item.id, text.language.clone());
                            state(standings.get(&key), || {
                                let (id, language) = key;
                                checked.contains(&(id, language, text.cells.digest()))
                            })
                        }
                    };
                    (language.tag.as_str(), state)
                })
                .collect();
            items.push(Whole { chosen: Chosen { item, texts }, states });
        }
    }
    Ok(items)
}

/// The name of the finding that says that checks have read a text.
const READ: &str = "read";

fn state(standing: Option<&Standing>, is_checked: impl FnOnce() -> bool) -> State {
    match standing {
        Some(Standing::Included) => State::Included,
        Some(Standing::Waiting { .. }) => State::Waiting,
        Some(Standing::Disputed { .. }) => State::Disputed,
        Some(Standing::Excluded { .. }) => State::Excluded,
        None if is_checked() => State::Blocked,
        None => State::Unchecked,
    }
}

/// How far a task's items are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// The task.
    pub task: String,
    /// Items that [publish] wants.
    pub wanted: usize,
    /// Items that are there, whole or not.
    pub items: usize,
    /// Items by where they stand.
    pub states: BTreeMap<State, usize>,
    /// Texts by where they stand and tag of the language; those that may be published are left out.
    pub languages: BTreeMap<State, BTreeMap<&'static str, usize>>,
}

impl Tally {
    /// Counts the items of a task.
    pub fn of(project: &Project, task: &str, items: &[Whole]) -> Self {
        let mut tally = Self {
            task: task.to_owned(),
            wanted: project.config().publish.items_of(task),
            items: 0,
            states: BTreeMap::new(),
            languages: BTreeMap::new(),
        };
        for whole in items.iter().filter(|whole| whole.chosen.item.body.task == task) {
            tally.items += 1;
            *tally.states.entry(whole.state()).or_default() += 1;
            for (tag, state) in whole.states.iter().filter(|(_, state)| **state != State::Included)
            {
                *tally.languages.entry(*state).or_default().entry(tag).or_default() += 1;
            }
        }
        tally
    }

    /// Items in a state.
    pub fn count(&self, state: State) -> usize {
        self.states.get(&state).copied().unwrap_or(0)
    }
}
