//! The rule of inclusion: what ratings of a text come to.

use serde::Serialize;

use crate::config::ReviewConfig;
use crate::recipe::Criterion;
use crate::store::NewRating;

/// What people's ratings of a text come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "standing")]
pub enum Standing {
    /// Not enough people have rated it.
    Waiting {
        /// Ratings that it has.
        ratings: usize,
        /// Ratings that it needs.
        wanted: usize,
    },
    /// It may be published.
    Included,
    /// It may not.
    Excluded {
        /// Why not, without names.
        why: String,
    },
    /// They disagree: one more person is wanted.
    Disputed {
        /// Ratings that it has.
        ratings: usize,
    },
}

impl Standing {
    /// Whether one more rating could decide.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Waiting { .. } | Self::Disputed { .. })
    }
}

/// Whether a rating says something of every criterion; of one that was skipped it is not so.
pub(super) fn is_whole(rating: &NewRating, criteria: &[&Criterion]) -> bool {
    !rating.skipped && criteria.iter().all(|criterion| rating.marks.contains_key(&criterion.name))
}

/// Whether a person would have the text published.
pub(super) fn passes(rule: &ReviewConfig, rating: &NewRating, criteria: &[&Criterion]) -> bool {
    !rating.r#unsafe && low(rule, rating, criteria).next().is_none()
}

/// The criteria on which it is rated too low.
fn low<'a>(
    rule: &ReviewConfig,
    rating: &NewRating,
    criteria: &[&'a Criterion],
) -> impl Iterator<Item = &'a str> {
    let mark = |name: &str| rating.marks.get(name).copied().unwrap_or(0);
    criteria.iter().map(|c| c.name.as_str()).filter(move |name| mark(name) < rule.least)
}

/// What whole ratings of one text, one a person, come to.
pub(super) fn judge(
    rule: &ReviewConfig,
    ratings: &[&NewRating],
    criteria: &[&Criterion],
) -> Standing {
    let n = ratings.len();
    let alarms = ratings.iter().filter(|rating| rating.r#unsafe).count();
    if alarms > 0 && rule.unsafe_excludes {
        return Standing::Excluded { why: format!("{alarms} of {n} call it unsafe") };
    }
    let good = ratings.iter().filter(|rating| passes(rule, rating, criteria)).count();
    let bad = n - good;
    // Nobody has to be asked then, but what somebody said against a text still counts.
    if rule.reviewers == 0 {
        return match bad {
            0 => Standing::Included,
            _ => Standing::Excluded { why: why(rule, ratings, criteria, bad) },
        };
    }
    if n < rule.reviewers {
        return Standing::Waiting { ratings: n, wanted: rule.reviewers };
    }
    match (good, bad) {
        (_, 0) => Standing::Included,
        // Those who disagree, and as long as nobody has the majority after that.
        (1.., _) if rule.third && (n == rule.reviewers || good == bad) => {
            Standing::Disputed { ratings: n }
        }
        _ if rule.third && good > bad => Standing::Included,
        _ => Standing::Excluded { why: why(rule, ratings, criteria, bad) },
    }
}

fn why(rule: &ReviewConfig, ratings: &[&NewRating], criteria: &[&Criterion], bad: usize) -> String {
    let is_low = |name: &str| ratings.iter().any(|r| low(rule, r, criteria).any(|l| l == name));
    let mut names: Vec<&str> =
        criteria.iter().map(|c| c.name.as_str()).filter(|name| is_low(name)).collect();
    if ratings.iter().any(|rating| rating.r#unsafe) {
        names.push("unsafe");
    }
    format!("{bad} of {} are against it: {}", ratings.len(), names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A rating as `54`: a mark a criterion; `!` calls the text unsafe.
    fn rating(text: &str) -> NewRating {
        let marks = text.chars().filter(char::is_ascii_digit).zip(["a", "b"]);
        NewRating {
            item: 1,
            language: "es".to_owned(),
            digest: "d".to_owned(),
            reviewer: "ana".to_owned(),
            skipped: false,
            r#unsafe: text.contains('!'),
            marks: marks.map(|(mark, name)| (name.to_owned(), mark as u8 - b'0')).collect(),
            comment: String::new(),
            via: "page".to_owned(),
        }
    }

    fn judged(rule: &ReviewConfig, ratings: &str) -> String {
        let criterion = |name: &str| Criterion {
            name: name.to_owned(),
            asks: String::new(),
            worst: String::new(),
            best: String::new(),
        };
        let criteria = [criterion("a"), criterion("b")];
        let ratings: Vec<NewRating> = ratings.split_whitespace().map(rating).collect();
        let ratings: Vec<&NewRating> = ratings.iter().collect();
        match judge(rule, &ratings, &criteria.iter().collect::<Vec<_>>()) {
            Standing::Waiting { ratings, wanted } => format!("waiting {ratings}/{wanted}"),
            Standing::Included => "included".to_owned(),
            Standing::Excluded { why } => why,
            Standing::Disputed { ratings } => format!("disputed {ratings}"),
        }
    }

    #[test]
    fn the_rule_in_a_table() {
        let usual = ReviewConfig::default();
        let rule = |reviewers, unsafe_excludes, third| ReviewConfig {
            reviewers,
            least: 4,
            unsafe_excludes,
            third,
        };
        for (rule, ratings, expected) in [
            (&usual, "", "waiting 0/2"),
            (&usual, "55", "waiting 1/2"),
            (&usual, "11", "waiting 1/2"),
            (&usual, "44 55", "included"),
            (&usual, "44 53", "disputed 2"),
            (&usual, "33 53", "2 of 2 are against it: a, b"),
            (&usual, "44 53 44", "included"),
            (&usual, "44 53 35", "2 of 3 are against it: a, b"),
            // Two who saved at once: all that was said counts.
            (&usual, "44 44 44", "included"),
            (&usual, "44 44 43", "included"),
            (&usual, "44 44 43 43", "disputed 4"),
            (&usual, "44 44 43 43 55", "included"),
            // One who calls it unsafe is enough, at any time, whoever else says what.
            (&usual, "55!", "1 of 1 call it unsafe"),
            (&usual, "55! 55 55 55", "1 of 4 call it unsafe"),
            (&rule(2, false, true), "55!", "waiting 1/2"),
            (&rule(2, false, true), "55! 55", "disputed 2"),
            (&rule(2, false, true), "55! 55 55", "included"),
            (&rule(2, false, true), "55! 55!", "2 of 2 are against it: unsafe"),
            // Nobody more is asked.
            (&rule(2, true, false), "55 53", "1 of 2 are against it: b"),
            (&rule(2, true, false), "55 55 53", "1 of 3 are against it: b"),
            (&rule(3, true, true), "55 55 11", "disputed 3"),
            (&rule(3, true, true), "55 55 11 11", "disputed 4"),
            (&rule(3, true, true), "55 55 11 11 11", "3 of 5 are against it: a, b"),
            (&rule(1, true, true), "55", "included"),
            (&rule(1, true, true), "51", "1 of 1 are against it: b"),
            (&rule(0, true, true), "", "included"),
            (&rule(0, true, true), "55!", "1 of 1 call it unsafe"),
            // Nobody has to be asked, but a word against counts.
            (&rule(0, true, true), "55", "included"),
            (&rule(0, true, true), "55 53", "1 of 2 are against it: b"),
        ] {
            assert_eq!(judged(rule, ratings), expected, "{rule:?} {ratings}");
        }
    }

    #[test]
    fn a_rating_without_a_criterion_or_skipped_is_none() {
        let [a, b] = ["a", "b"].map(|name| Criterion {
            name: name.to_owned(),
            asks: String::new(),
            worst: String::new(),
            best: String::new(),
        });
        assert!(is_whole(&rating("45"), &[&a, &b]));
        assert!(!is_whole(&rating("4"), &[&a, &b]));
        assert!(is_whole(&rating("4"), &[&a]));
        assert!(!is_whole(&NewRating { skipped: true, ..rating("45") }, &[&a, &b]));
    }
}
