//! Which items of a task are published: by the seed, spread over domains, documents and places of
//! the right option.
//!
//! The domain that is chosen least so far has the next turn; of its items one from the document that
//! is used least, then at the place of the right option that is used least, then as the seed orders
//! them. An item in two domains counts for both.

use std::collections::BTreeMap;

use clinic_core::digest;

use crate::Domain;
use crate::store::Item;

/// The items that are chosen, at most `wanted`, in the order of the choice.
pub fn choose<'a>(seed: u64, task: &str, items: &[&'a Item], wanted: usize) -> Vec<&'a Item> {
    let drawn = |what: &str| {
        digest::hex(&[b"publish", &seed.to_le_bytes(), task.as_bytes(), what.as_bytes()])
    };
    let mut left: Vec<(String, &Item)> =
        items.iter().map(|item| (drawn(&item.body.key), *item)).collect();
    left.sort_by(|a, b| a.0.cmp(&b.0));
    let mut domains = Domain::ALL;
    domains.sort_by_key(|domain| drawn(domain.name()));

    let mut used = Used::default();
    let mut chosen = Vec::new();
    while chosen.len() < wanted {
        let has = |domain: &Domain| left.iter().any(|(_, item)| item.body.domains.contains(domain));
        let next = domains.into_iter().filter(has).min_by_key(|domain| used.domain(*domain));
        // Items without a domain come last.
        let fits = |item: &Item| next.is_none_or(|domain| item.body.domains.contains(&domain));
        let best = left
            .iter()
            .enumerate()
            .filter(|(_, (_, item))| fits(item))
            .min_by_key(|(_, (_, item))| used.document_and_place(item))
            .map(|(at, _)| at);
        let Some(best) = best else { break };
        let (_, item) = left.remove(best);
        used.count(item);
        chosen.push(item);
    }
    chosen
}

/// How often each thing was chosen.
#[derive(Default)]
struct Used {
    domains: BTreeMap<Domain, usize>,
    documents: BTreeMap<i64, usize>,
    places: BTreeMap<Option<usize>, usize>,
}

impl Used {
    fn domain(&self, domain: Domain) -> usize {
        self.domains.get(&domain).copied().unwrap_or(0)
    }

    fn document_and_place(&self, item: &Item) -> (usize, usize) {
        let document = self.documents.get(&item.body.document).copied().unwrap_or(0);
        (document, self.places.get(&item.body.place).copied().unwrap_or(0))
    }

    fn count(&mut self, item: &Item) {
        for domain in &item.body.domains {
            *self.domains.entry(*domain).or_default() += 1;
        }
        *self.documents.entry(item.body.document).or_default() += 1;
        *self.places.entry(item.body.place).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::NewItem;

    fn item(id: i64, document: i64, place: Option<usize>, domains: &[Domain]) -> Item {
        let body = NewItem {
            key: format!("t-{id}"),
            task: "t".into(),
            document,
            nth: 0,
            place,
            domains: domains.to_vec(),
            recipe: String::new(),
            seed: 0,
        };
        Item { id, body }
    }

    fn chosen(seed: u64, items: &[Item], wanted: usize) -> Vec<i64> {
        let items: Vec<&Item> = items.iter().collect();
        choose(seed, "t", &items, wanted).iter().map(|item| item.id).collect()
    }

    #[test]
    fn domains_take_turns_until_one_has_no_more() {
        use Domain::{Emergency, Pharmacology, Surgery};
        let of = |id| match id {
            0..20 => Pharmacology,
            20..23 => Surgery,
            _ => Emergency,
        };
        let items: Vec<Item> = (0..40).map(|id| item(id, id, None, &[of(id)])).collect();
        let count = |wanted: usize, domain| {
            chosen(7, &items, wanted).into_iter().filter(|id| of(*id) == domain).count()
        };
        assert_eq!([Pharmacology, Surgery, Emergency].map(|d| count(9, d)), [3, 3, 3]);
        assert_eq!([Pharmacology, Surgery, Emergency].map(|d| count(15, d)), [6, 3, 6]);
        assert_eq!(chosen(7, &items, 99).len(), 40, "no more than there are");
    }

    #[test]
    fn documents_and_then_places_are_used_alike() {
        // Ten items of one document, one of each of five others.
        let items: Vec<Item> = (0..15)
            .map(|id| item(id, id.max(9), Some(id as usize % 2), &[Domain::Surgery]))
            .collect();
        let six = chosen(1, &items, 6);
        assert_eq!(six.iter().filter(|id| **id <= 9).count(), 1, "{six:?}");
        let items: Vec<Item> = (0..12)
            .map(|id| item(id, id, Some(usize::from(id >= 8)), &[Domain::Surgery]))
            .collect();
        let eight = chosen(1, &items, 8);
        assert_eq!(eight.iter().filter(|id| **id >= 8).count(), 4, "{eight:?}");
    }

    #[test]
    fn the_seed_decides_and_the_order_of_coming_does_not() {
        let items: Vec<Item> =
            (0..30).map(|id| item(id, id, None, &[Domain::Diagnostics])).collect();
        let mut turned = items.clone();
        turned.reverse();
        assert_eq!(chosen(3, &items, 10), chosen(3, &turned, 10));
        assert_ne!(chosen(3, &items, 10), chosen(4, &items, 10));
        let none: Vec<Item> = (0..3).map(|id| item(id, id, None, &[])).collect();
        assert_eq!(chosen(3, &none, 2).len(), 2, "items without a domain are items too");
    }
}
