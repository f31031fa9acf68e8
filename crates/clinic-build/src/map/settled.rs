//! What is known of a language's documents before vectors are compared: what people said, and the
//! sources' own links.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::{Decision, Head, How};

/// What is known before vectors are compared.
#[derive(Debug, Default)]
pub struct Settled {
    /// English document to its version, and who says so.
    pub pairs: BTreeMap<i64, (i64, How)>,
    /// Documents of the language that belong to an English one.
    pub taken: BTreeSet<i64>,
    /// Further documents of links that have a pair: they are versions of an English document, too.
    pub spare: BTreeSet<i64>,
    /// English documents and others that people said are no versions of one.
    pub apart: BTreeSet<(i64, i64)>,
    /// Links under which the language has several documents.
    pub several: usize,
}

impl Settled {
    /// Decisions come first, of contradicting ones the last; then links.
    pub fn of(english: &[Head], others: &[Head], decisions: &[Decision]) -> Self {
        let mut settled = Self::default();
        settled.decide(english, others, decisions);
        settled.link(english, others);
        settled
    }

    fn decide(&mut self, english: &[Head], others: &[Head], decisions: &[Decision]) {
        let ids = |heads: &[Head]| heads.iter().map(|head| head.id).collect::<BTreeSet<i64>>();
        let (english, others) = (ids(english), ids(others));
        let ours = |d: &&Decision| english.contains(&d.english) && others.contains(&d.other);
        for decision in decisions.iter().rev().filter(ours) {
            match decision.same {
                true => self.put(decision.english, decision.other, How::Person),
                false => _ = self.apart.insert((decision.english, decision.other)),
            }
        }
    }

    /// Under each link of a source, the document that came last belongs to the English one that came
    /// last, and so on.
    fn link(&mut self, english: &[Head], others: &[Head]) {
        let of_links = by_link(others);
        for (link, english) in by_link(english) {
            let Some(others) = of_links.get(&link) else { continue };
            self.several += usize::from(others.len() > 1);
            for english in english.iter().rev() {
                let free = |other: &&i64| self.is_free(*english, **other);
                if let Some(other) = others.iter().rev().find(free) {
                    self.put(*english, *other, How::Link);
                }
            }
            if others.iter().any(|other| self.taken.contains(other)) {
                self.spare.extend(others.iter().filter(|other| !self.taken.contains(other)));
            }
        }
    }

    fn is_free(&self, english: i64, other: i64) -> bool {
        !self.pairs.contains_key(&english)
            && !self.taken.contains(&other)
            && !self.apart.contains(&(english, other))
    }

    fn put(&mut self, english: i64, other: i64, how: How) {
        if self.is_free(english, other) {
            self.pairs.insert(english, (other, how));
            self.taken.insert(other);
        }
    }
}

/// Documents by source and link, in the order of their coming.
fn by_link(heads: &[Head]) -> BTreeMap<(&str, &str), Vec<i64>> {
    let mut of: BTreeMap<(&str, &str), Vec<i64>> = BTreeMap::new();
    for head in heads {
        if let Some(link) = &head.link {
            of.entry((&head.source, link)).or_default().push(head.id);
        }
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(id: i64, source: &str, link: &str) -> Head {
        Head {
            id,
            source: source.to_owned(),
            name: id.to_string(),
            language: "x".to_owned(),
            title: String::new(),
            link: (!link.is_empty()).then(|| link.to_owned()),
            groups: Vec::new(),
            recent: false,
        }
    }

    fn said(english: i64, other: i64, same: bool) -> Decision {
        Decision { english, other, same, name: "ana".to_owned() }
    }

    fn pairs(settled: &Settled) -> Vec<(i64, i64, How)> {
        settled.pairs.iter().map(|(english, (other, how))| (*english, *other, *how)).collect()
    }

    #[test]
    fn links_hold_within_their_source() {
        let english = [head(1, "a", "x"), head(2, "b", "x"), head(3, "a", ""), head(4, "a", "y")];
        let others = [head(11, "b", "x"), head(12, "a", ""), head(13, "a", "z")];
        let settled = Settled::of(&english, &others, &[]);
        assert_eq!(pairs(&settled), [(2, 11, How::Link)]);
        assert_eq!((settled.several, settled.spare.len()), (0, 0));
    }

    #[test]
    fn of_several_under_a_link_the_last_counts_and_the_others_stand_aside() {
        let english = [head(1, "a", "x"), head(2, "a", "y")];
        let others = [head(11, "a", "x"), head(12, "a", "x"), head(13, "a", "y")];
        let settled = Settled::of(&english, &others, &[]);
        assert_eq!(pairs(&settled), [(1, 12, How::Link), (2, 13, How::Link)]);
        assert_eq!((settled.several, settled.spare), (1, BTreeSet::from([11])));
        let english = [head(1, "a", "x"), head(2, "a", "x")];
        let settled = Settled::of(&english, &others, &[]);
        assert_eq!(pairs(&settled), [(1, 11, How::Link), (2, 12, How::Link)]);
        let settled = Settled::of(&english, &others[..1], &[]);
        assert_eq!(pairs(&settled), [(2, 11, How::Link)]);
    }

    #[test]
    fn what_people_say_comes_before_links_and_their_last_word_counts() {
        let english = [head(1, "a", "x"), head(2, "a", "y")];
        let others = [head(11, "a", "x"), head(12, "a", "y")];
        let of = |decisions: &[Decision]| Settled::of(&english, &others, decisions);
        assert_eq!(pairs(&of(&[said(1, 12, true)])), [(1, 12, How::Person)]);
        let no = of(&[said(1, 11, false)]);
        assert_eq!(pairs(&no), [(2, 12, How::Link)]);
        assert_eq!(no.apart, BTreeSet::from([(1, 11)]));
        let twice = of(&[said(1, 11, true), said(1, 12, true)]);
        assert_eq!(pairs(&twice), [(1, 12, How::Person)]);
        let both = of(&[said(1, 12, true), said(2, 12, true)]);
        assert_eq!(pairs(&both), [(1, 11, How::Link), (2, 12, How::Person)]);
        // Of documents that are no longer there nothing is known.
        assert_eq!(pairs(&of(&[said(1, 99, true), said(98, 12, true)])).len(), 2);
    }
}
