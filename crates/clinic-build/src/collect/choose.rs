//! Which documents of a source are taken, where there is a limit.

use std::collections::{BTreeMap, HashSet};

/// Something that may be taken: the tag of its language, and its link.
pub trait Candidate {
    /// Tag of its language.
    fn language(&self) -> &str;
    /// Documents with the same link are versions of one.
    fn link(&self) -> Option<&str>;
}

/// The first `limit` of each language in their order; in other languages than English the versions
/// of what was taken in English come first.
pub fn choose<T: Candidate>(all: Vec<T>, limit: Option<usize>) -> Vec<T> {
    let Some(limit) = limit else { return all };
    let english = all.iter().filter(|one| one.language() == "en").take(limit);
    let links: HashSet<String> = english.filter_map(|one| one.link().map(str::to_owned)).collect();
    let is_version = |one: &T| one.link().is_some_and(|link| links.contains(link));
    let mut taken = vec![false; all.len()];
    let mut room: BTreeMap<&str, usize> = BTreeMap::new();
    for versions in [true, false] {
        for (one, taken) in all.iter().zip(&mut taken) {
            let left = room.entry(one.language()).or_insert(limit);
            if !*taken && (!versions || is_version(one)) && *left > 0 {
                *left -= 1;
                *taken = true;
            }
        }
    }
    all.into_iter().zip(taken).filter_map(|(one, taken)| taken.then_some(one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Candidate for (&str, &str) {
        fn language(&self) -> &str {
            self.0
        }
        fn link(&self) -> Option<&str> {
            Some(self.1)
        }
    }

    #[test]
    fn versions_of_what_was_taken_come_first() {
        let all =
            vec![("es", "z"), ("es", "b"), ("en", "a"), ("en", "b"), ("en", "c"), ("es", "x")];
        assert_eq!(
            choose(all.clone(), Some(2)),
            [("es", "z"), ("es", "b"), ("en", "a"), ("en", "b")]
        );
        assert_eq!(choose(all.clone(), None), all);
    }
}
