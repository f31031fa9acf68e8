//! Clusters: samples that are not independent of each other, since they ask the same thing.

use std::collections::BTreeMap;

/// The number of each item's cluster, from 0 in the order in which they come.
///
/// An item with all its translations is one cluster. Where a task alters one question in several
/// ways, its items come with the text that they share (`data.cluster` of the task): items that have
/// the same text in any language are one cluster too.
///
/// `samples`: item, tag of the language, shared text.
pub fn clusters<'a>(
    samples: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>,
) -> BTreeMap<String, usize> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut first: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (item, language, shared) in samples {
        let place = *places.entry(item).or_insert_with(|| {
            parents.push(parents.len());
            parents.len() - 1
        });
        let Some(shared) = shared else { continue };
        let other = *first.entry((language, shared)).or_insert(place);
        let (a, b) = (root(&parents, place), root(&parents, other));
        // The earlier one stays, so that numbers follow the order.
        parents[a.max(b)] = a.min(b);
    }
    let mut numbers = BTreeMap::new();
    let mut roots: Vec<usize> = (0..parents.len()).map(|i| root(&parents, i)).collect();
    roots.sort_unstable();
    roots.dedup();
    for (item, place) in places {
        // Every root is in the list.
        let number = roots.binary_search(&root(&parents, place)).unwrap_or_default();
        numbers.insert(item.to_owned(), number);
    }
    numbers
}

fn root(parents: &[usize], mut place: usize) -> usize {
    while parents[place] != place {
        place = parents[place];
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_one_cluster_in_all_languages() {
        let samples = [("b", "en", None), ("a", "en", None), ("b", "sw", None)];
        let found = clusters(samples.into_iter());
        assert_eq!(found, BTreeMap::from([("b".to_owned(), 0), ("a".to_owned(), 1)]));
    }

    #[test]
    fn forms_of_one_question_are_one_cluster_also_where_only_one_language_shows_it() {
        let samples = [
            ("typo-1", "en", Some("q1")),
            ("typo-2", "en", Some("q2")),
            ("typo-3", "en", Some("q3")),
            ("order-1", "sw", Some("swali")),
            ("typo-1", "sw", Some("swali")),
            ("order-2", "en", Some("q2")),
            // The same words in another language prove nothing.
            ("order-3", "sw", Some("q3")),
        ];
        let found = clusters(samples.into_iter());
        let of = |item: &str| found[item];
        assert_eq!((of("typo-1"), of("order-1")), (0, 0));
        assert_eq!((of("typo-2"), of("order-2")), (1, 1));
        assert_eq!((of("typo-3"), of("order-3")), (2, 3));
    }

    #[test]
    fn chains_are_joined() {
        let samples = [
            ("a", "en", Some("x")),
            ("b", "en", Some("y")),
            ("c", "en", Some("x")),
            ("c", "sw", Some("z")),
            ("b", "sw", Some("z")),
        ];
        assert!(clusters(samples.into_iter()).values().all(|number| *number == 0));
    }
}
