//! The texts that people may see, and what was said of each.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::{self, Standing};
use crate::Project;
use crate::recipe::Criterion;
use crate::store::{Level, Rating, StoreError};

/// An item in one language: the item's number and the language's tag.
pub type Key = (i64, String);

/// The name of the finding that says that checks have read a text.
const READ: &str = "read";

/// The common criterion that compares a text with its English form.
const SAME: &str = "same";

/// Texts that people may see: checked as they are now, and not blocked, nor their English form.
/// Those of tasks and languages that `build.toml` no longer names are none.
pub fn ready(project: &Project) -> Result<BTreeSet<Key>, StoreError> {
    Ok(look(project)?.into_keys().collect())
}

/// What the ratings of every ready text come to.
pub fn standings(project: &Project) -> Result<BTreeMap<Key, Standing>, StoreError> {
    let looked = look(project)?;
    Ok(looked.into_iter().map(|(key, text)| (key, text.standing(project))).collect())
}

/// A ready text with what people said of it.
#[derive(Debug)]
pub(super) struct Looked {
    /// The item's key.
    pub name: String,
    /// The task's name.
    pub task: String,
    /// Whether it is the English form.
    pub is_english: bool,
    /// Digest of its cells.
    pub digest: String,
    /// The last rating of each person on it as it is now, skips among them, by who came first.
    pub ratings: Vec<Rating>,
}

impl Looked {
    /// What people rate of it.
    pub fn criteria<'a>(&self, project: &'a Project) -> Vec<&'a Criterion> {
        criteria(project, &self.task, self.is_english)
    }

    /// The ratings that count: whole ones.
    pub fn whole(&self, criteria: &[&Criterion]) -> Vec<&Rating> {
        self.ratings.iter().filter(|rating| rule::is_whole(&rating.body, criteria)).collect()
    }

    /// What they come to.
    pub fn standing(&self, project: &Project) -> Standing {
        let criteria = self.criteria(project);
        let ratings: Vec<_> =
            self.whole(&criteria).into_iter().map(|rating| &rating.body).collect();
        rule::judge(&project.config().review, &ratings, &criteria)
    }

    /// What a person said of it: a whole rating, or a skip.
    pub fn said(&self, project: &Project, name: &str) -> Option<&Rating> {
        let criteria = self.criteria(project);
        let counts = |r: &&Rating| r.body.skipped || rule::is_whole(&r.body, &criteria);
        self.ratings.iter().filter(|rating| rating.body.reviewer == name).find(counts)
    }
}

/// What people rate of a text of a task. The English form is not compared with itself.
pub(super) fn criteria<'a>(
    project: &'a Project,
    task: &str,
    is_english: bool,
) -> Vec<&'a Criterion> {
    let all = project.recipe(task).criteria();
    all.filter(|criterion| !is_english || criterion.name != SAME).collect()
}

/// Every ready text with its ratings.
pub(super) fn look(project: &Project) -> Result<BTreeMap<Key, Looked>, StoreError> {
    let store = project.store();
    let (mut read, mut blocked) = (BTreeSet::new(), BTreeSet::new());
    for finding in store.findings(None)? {
        let Some(item) = finding.item else { continue };
        if finding.level == Level::Block {
            blocked.insert((item, finding.language.clone()));
        }
        if let (true, Some(language), Some(digest)) =
            (finding.name == READ, finding.language, finding.digest)
        {
            read.insert((item, language, digest));
        }
    }
    let blocked = |item: i64, language: &str| {
        let by = |language: Option<&str>| blocked.contains(&(item, language.map(str::to_owned)));
        by(None) || by(Some("en")) || by(Some(language))
    };
    let tasks: BTreeSet<&str> = project.tasks().iter().map(|task| task.name.as_str()).collect();
    let languages: BTreeSet<&str> =
        project.languages().iter().map(|language| language.tag.as_str()).collect();
    let items: BTreeMap<i64, _> =
        project.items(None)?.into_iter().map(|i| (i.id, i.body)).collect();
    let mut looked = BTreeMap::new();
    for ((item, language), digest) in store.digests()? {
        let Some(body) = items.get(&item).filter(|body| tasks.contains(&*body.task)) else {
            continue;
        };
        let known = (item, language, digest);
        if !read.contains(&known) || blocked(item, &known.1) || !languages.contains(&*known.1) {
            continue;
        }
        let (_, language, digest) = known;
        let text = Looked {
            name: body.key.clone(),
            task: body.task.clone(),
            is_english: language == "en",
            digest,
            ratings: Vec::new(),
        };
        looked.insert((item, language), text);
    }
    for rating in store.ratings()? {
        let key = (rating.body.item, rating.body.language.clone());
        let text = looked.get_mut(&key).filter(|text| text.digest == rating.body.digest);
        if let Some(text) = text {
            text.ratings.push(rating);
        }
    }
    for text in looked.values_mut() {
        text.ratings.sort_by_key(|rating| rating.first);
    }
    Ok(looked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::fixture::{Bench, finding};
    use crate::store::{Finding, NewRating};

    fn names(bench: &Bench) -> Vec<String> {
        let place = |item| bench.items.iter().position(|known| *known == item).unwrap();
        let ready = ready(&bench.project).unwrap();
        ready.into_iter().map(|(item, language)| format!("{}{language}", place(item))).collect()
    }

    #[test]
    fn what_is_blocked_or_not_read_is_shown_to_nobody() {
        let bench = Bench::new(2);
        let all = ["0ar", "0en", "0es", "1ar", "1en", "1es"];
        assert_eq!(names(&bench), all);
        let (first, level) = (Some(bench.items[0]), Level::Block);
        for (finding, expected) in [
            (finding(first, Some("es"), "x", level), &["0ar", "0en", "1ar", "1en", "1es"][..]),
            (finding(first, Some("en"), "x", level), &["1ar", "1en", "1es"]),
            (finding(first, None, "x", level), &["1ar", "1en", "1es"]),
            (finding(first, None, "x", Level::Warn), &all),
            (finding(None, None, "x", level), &all),
        ] {
            bench.find(std::slice::from_ref(&finding));
            assert_eq!(names(&bench), expected, "{finding:?}");
        }
        // Read as it was before: the finding is of another text.
        let store = bench.project.store();
        let mut findings = store.findings(None).unwrap();
        for finding in &mut findings {
            if finding.item == first && finding.language.as_deref() == Some("es") {
                finding.digest = Some("of another text".to_owned());
            }
        }
        store.set_findings(&findings).unwrap();
        assert_eq!(names(&bench), ["0ar", "0en", "1ar", "1en", "1es"]);
        store.set_findings(&[] as &[Finding]).unwrap();
        assert!(names(&bench).is_empty());
    }

    #[test]
    fn the_last_word_of_a_person_on_the_text_as_it_is_counts() {
        let bench = Bench::new(1);
        let (store, key) = (bench.project.store(), (bench.items[0], "es".to_owned()));
        let standing = || standings(&bench.project).unwrap()[&key].clone();
        let waiting = |ratings| Standing::Waiting { ratings, wanted: 2 };
        assert_eq!(standing(), waiting(0));
        let say = |new: NewRating| store.rate(&[new]).unwrap();
        say(bench.rating("ana", 0, "es", 5));
        say(bench.rating("ana", 0, "en", 5));
        say(bench.rating("ana", 0, "es", 4));
        assert_eq!(standing(), waiting(1), "one person is one");
        say(NewRating { skipped: true, ..bench.rating("ben", 0, "es", 5) });
        assert_eq!(standing(), waiting(1), "a skip is no rating");
        say(NewRating { digest: "old".to_owned(), ..bench.rating("cleo", 0, "es", 5) });
        assert_eq!(standing(), waiting(1), "it is of another text");
        let mut half = bench.rating("cleo", 0, "es", 5);
        half.marks.remove("same");
        say(half);
        assert_eq!(standing(), waiting(1), "it lacks a criterion");
        say(bench.rating("ben", 0, "es", 3));
        assert_eq!(standing(), Standing::Disputed { ratings: 2 });
        say(bench.rating("ben", 0, "es", 5));
        assert_eq!(standing(), Standing::Included, "ben has changed his mind");
        say(NewRating { r#unsafe: true, ..bench.rating("dora", 0, "es", 5) });
        let why = "1 of 3 call it unsafe".to_owned();
        assert_eq!(standing(), Standing::Excluded { why });
    }
}
