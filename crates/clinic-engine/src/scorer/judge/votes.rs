//! Several votes of a judge, made one judgement.

use std::collections::BTreeMap;

use super::Judgement;

/// One verdict that a judge gave.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Vote {
    pub verdict: String,
    pub why: String,
}

/// The commonest verdict; none where two are equally common, or where fewer than half of the
/// replies hold one. `note` goes before the reason.
pub(super) fn settle(votes: Vec<Option<Vote>>, note: Option<String>) -> Judgement {
    let asked = votes.len();
    let cast: Vec<Vote> = votes.into_iter().flatten().collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for vote in &cast {
        *counts.entry(&vote.verdict).or_default() += 1;
    }
    let tally: Vec<String> = counts.iter().map(|(name, n)| format!("{name} {n}")).collect();
    let tally = format!("votes: {} of {asked}", tally.join(", "));
    if cast.is_empty() || cast.len() * 2 < asked {
        let why = "the judge gave no verdict";
        return Judgement::CannotTell(match asked {
            1 => why.to_owned(),
            _ => format!("{why} often enough ({tally})"),
        });
    }
    let most = counts.values().copied().max().unwrap_or_default();
    let mut leading = counts.iter().filter(|(_, n)| **n == most);
    let (Some((name, _)), None) = (leading.next(), leading.next()) else {
        return Judgement::CannotTell(format!("the judge's votes are tied ({tally})"));
    };
    let name = (*name).to_owned();
    let account = cast.iter().find(|vote| vote.verdict == name).map(|vote| vote.why.clone());
    let parts = [note, (asked > 1).then_some(tally), account];
    let why: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    Judgement::Verdict { name, why: why.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vote(verdict: &str) -> Option<Vote> {
        Some(Vote { verdict: verdict.to_owned(), why: format!("it {verdict}") })
    }

    fn name(votes: Vec<Option<Vote>>) -> Option<String> {
        match settle(votes, None) {
            Judgement::Verdict { name, .. } => Some(name),
            Judgement::CannotTell(_) => None,
        }
    }

    #[test]
    fn the_commonest_verdict_counts_and_a_tie_does_not() {
        assert_eq!(name(vec![vote("a"), vote("b"), vote("b")]).as_deref(), Some("b"));
        assert_eq!(name(vec![vote("a"), vote("b")]), None);
        assert_eq!(name(vec![vote("a"), None, None]), None, "most replies say nothing");
        assert_eq!(name(vec![vote("a"), vote("a"), None]).as_deref(), Some("a"));
        assert_eq!(name(vec![None]), None);
        assert_eq!(name(vec![]), None);
    }

    #[test]
    fn the_reason_tells_the_votes_and_what_was_cut() {
        let note = Some("the judge saw 5 of 9 characters".to_owned());
        let settled = settle(vec![vote("a"), vote("b"), vote("b")], note);
        let why = "the judge saw 5 of 9 characters; votes: a 1, b 2 of 3; it b".to_owned();
        assert_eq!(settled, Judgement::Verdict { name: "b".to_owned(), why });
        let alone = settle(vec![vote("a")], None);
        assert_eq!(alone, Judgement::Verdict { name: "a".to_owned(), why: "it a".to_owned() });
    }
}
