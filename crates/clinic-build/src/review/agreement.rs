//! How far the reviewers agree, beyond chance.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::stats::agreement::{self, Measure, Scale, Unit, Weights};
use serde::Serialize;

use super::rule;
use super::texts::{Looked, look};
use crate::Project;
use crate::recipe::Criterion;
use crate::store::{NewRating, Rating, StoreError};

/// The name of the row on what people call unsafe.
pub const UNSAFE: &str = "unsafe";
/// The name of the row on whether people would have the text published.
pub const INCLUDE: &str = "include";

/// How far people agree on some texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgreementRow {
    /// Tag of the language; `None`: all.
    pub language: Option<String>,
    /// The task's name; `None`: all.
    pub task: Option<String>,
    /// The criterion, [`UNSAFE`] or [`INCLUDE`]; `None`: all criteria together.
    pub criterion: Option<String>,
    /// People who rated any of them.
    pub people: usize,
    /// Texts that two or more people rated.
    pub texts: usize,
    /// Share of pairs of ratings of a text that are the same, chance included.
    pub same: Option<f64>,
    /// Cohen's kappa, by the square of the distance; only where there are two people.
    pub cohen: Option<Figure>,
    /// Fleiss' kappa, of texts that as many people rated as `[review] reviewers` asks for.
    pub fleiss: Option<Figure>,
    /// Krippendorff's alpha: ordinal of criteria, nominal of [`UNSAFE`] and [`INCLUDE`].
    pub alpha: Option<Figure>,
}

/// A measure of agreement, at most 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figure {
    /// The measure.
    pub value: f64,
    /// Its interval at 95 %, over items; `None` of fewer than 20 items, and where it has none.
    pub interval: Option<(f64, f64)>,
    /// Texts, or texts by criteria, that it rests on.
    pub units: usize,
    /// Ratings of these.
    pub ratings: usize,
}

/// What is compared.
#[derive(Clone, Copy)]
enum Of<'a> {
    All,
    Criterion(&'a str),
    Unsafe,
    Include,
}

/// A text with the ratings that are compared.
struct Rated<'a> {
    item: i64,
    language: &'a str,
    text: &'a Looked,
    criteria: Vec<&'a Criterion>,
    ratings: Vec<&'a Rating>,
}

/// Agreement on all ready texts: of all together by criterion, and of each language and each task.
///
/// Of each text the first people count, as many as `[review] reviewers` asks for and two at least:
/// whoever was asked because these disagreed would make people seem to agree less than they do.
pub fn agreement(project: &Project) -> Result<Vec<AgreementRow>, StoreError> {
    let looked = look(project)?;
    let each = project.config().review.reviewers.max(2);
    let rated: Vec<Rated<'_>> = looked
        .iter()
        .map(|((item, language), text)| {
            let criteria = text.criteria(project);
            let mut ratings = text.whole(&criteria);
            ratings.truncate(each);
            Rated { item: *item, language, text, criteria, ratings }
        })
        .filter(|rated| !rated.ratings.is_empty())
        .collect();
    let mut criteria: Vec<&str> = Vec::new();
    for criterion in rated.iter().flat_map(|rated| &rated.criteria) {
        if !criteria.contains(&criterion.name.as_str()) {
            criteria.push(&criterion.name);
        }
    }
    let every: Vec<&Rated<'_>> = rated.iter().collect();
    let whole = [Of::All, Of::Include, Of::Unsafe];
    let single = criteria.into_iter().map(Of::Criterion);
    let mut rows: Vec<AgreementRow> =
        whole.into_iter().chain(single).map(|of| row(project, &every, of)).collect();
    for language in project.languages() {
        let some = chosen(&every, |rated| rated.language == language.tag);
        rows.extend(whole.into_iter().filter(|_| !some.is_empty()).map(|of| AgreementRow {
            language: Some(language.tag.clone()),
            ..row(project, &some, of)
        }));
    }
    for task in project.tasks() {
        let some = chosen(&every, |rated| rated.text.task == task.name);
        rows.extend(
            whole.into_iter().filter(|_| !some.is_empty()).map(|of| AgreementRow {
                task: Some(task.name.clone()),
                ..row(project, &some, of)
            }),
        );
    }
    Ok(rows)
}

fn chosen<'a>(rated: &[&'a Rated<'a>], is: impl Fn(&Rated<'_>) -> bool) -> Vec<&'a Rated<'a>> {
    rated.iter().copied().filter(|rated| is(rated)).collect()
}

fn row(project: &Project, rated: &[&Rated<'_>], of: Of<'_>) -> AgreementRow {
    let names: BTreeSet<&str> =
        rated.iter().flat_map(|r| &r.ratings).map(|r| r.body.reviewer.as_str()).collect();
    let place: BTreeMap<&str, usize> = names.iter().enumerate().map(|(i, n)| (*n, i)).collect();
    let (mut units, mut clusters) = (Vec::new(), Vec::new());
    for rated in rated {
        for value in values(project, rated, of) {
            let mut unit: Unit = vec![None; names.len()];
            for rating in &rated.ratings {
                unit[place[rating.body.reviewer.as_str()]] = Some(value(&rating.body));
            }
            units.push(unit);
            clusters.push(rated.item as usize);
        }
    }
    let scale = match of {
        Of::All | Of::Criterion(_) => Scale::Ordinal,
        Of::Unsafe | Of::Include => Scale::Nominal,
    };
    let seed = project.config().seed;
    let estimate = |units: &[Unit], clusters: &[usize], measure| {
        agreement::estimate(units, clusters, seed, measure).map(figure)
    };
    let cohen = Measure::Cohen(Weights::Quadratic);
    let each = project.config().review.reviewers.max(2);
    let (full, of_full): (Vec<Unit>, Vec<usize>) = units
        .iter()
        .zip(&clusters)
        .filter(|(unit, _)| unit.iter().flatten().count() == each)
        .map(|(unit, cluster)| (unit.clone(), *cluster))
        .unzip();
    AgreementRow {
        language: None,
        task: None,
        criterion: match of {
            Of::All => None,
            Of::Criterion(name) => Some(name.to_owned()),
            Of::Unsafe => Some(UNSAFE.to_owned()),
            Of::Include => Some(INCLUDE.to_owned()),
        },
        people: names.len(),
        texts: rated
            .iter()
            .filter(|rated| rated.ratings.len() > 1 && !values(project, rated, of).is_empty())
            .count(),
        same: same(&units),
        cohen: (names.len() == 2).then(|| estimate(&units, &clusters, cohen)).flatten(),
        fleiss: estimate(&full, &of_full, Measure::Fleiss),
        alpha: estimate(&units, &clusters, Measure::Alpha(scale)),
    }
}

type Value<'a> = Box<dyn Fn(&NewRating) -> u8 + 'a>;

/// What each rating of a text is worth: a number a criterion, or one in all.
fn values<'a>(project: &'a Project, rated: &'a Rated<'_>, of: Of<'a>) -> Vec<Value<'a>> {
    let mark = |name: &'a str| -> Value<'a> {
        Box::new(move |rating| rating.marks.get(name).copied().unwrap_or(0))
    };
    let names = || rated.criteria.iter().map(|criterion| criterion.name.as_str());
    match of {
        Of::All => names().map(mark).collect(),
        Of::Criterion(name) => names().filter(|own| *own == name).map(mark).collect(),
        Of::Unsafe => vec![Box::new(|rating| u8::from(rating.r#unsafe))],
        Of::Include => vec![Box::new(|rating| {
            u8::from(rule::passes(&project.config().review, rating, &rated.criteria))
        })],
    }
}

fn figure(of: agreement::Agreement) -> Figure {
    Figure { value: of.value, interval: of.interval, units: of.units, ratings: of.ratings }
}

/// Share of pairs of ratings of a unit that are the same.
fn same(units: &[Unit]) -> Option<f64> {
    let (mut alike, mut pairs) = (0, 0);
    for unit in units {
        let ratings: Vec<u8> = unit.iter().copied().flatten().collect();
        for (i, first) in ratings.iter().enumerate() {
            alike += ratings[i + 1..].iter().filter(|second| *second == first).count();
            pairs += ratings.len() - i - 1;
        }
    }
    (pairs > 0).then(|| alike as f64 / pairs as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::fixture::Bench;

    fn find<'a>(
        rows: &'a [AgreementRow],
        language: Option<&str>,
        criterion: Option<&str>,
    ) -> &'a AgreementRow {
        let wanted = |row: &&AgreementRow| {
            row.language.as_deref() == language
                && row.task.is_none()
                && row.criterion.as_deref() == criterion
        };
        rows.iter().find(wanted).unwrap()
    }

    #[test]
    fn ratings_of_two_are_compared_by_language_and_criterion() {
        let bench = Bench::new(30);
        let store = bench.project.store();
        for item in 0..30 {
            let mark = 1 + (item % 5) as u8;
            for language in ["en", "es"] {
                let other = if language == "es" && item % 3 == 0 { 6 - mark } else { mark };
                let ana = bench.rating("ana", item, language, mark);
                let ben = bench.rating("ben", item, language, other);
                store.rate(&[ana, ben]).unwrap();
            }
        }
        let rows = agreement(&bench.project).unwrap();
        let (english, spanish) = (find(&rows, Some("en"), None), find(&rows, Some("es"), None));
        assert_eq!((english.people, english.texts, english.same), (2, 30, Some(1.0)));
        assert_eq!(english.cohen.unwrap().value, 1.0);
        assert_eq!(english.alpha.unwrap().value, 1.0);
        let spanish = [spanish.cohen, spanish.fleiss, spanish.alpha].map(Option::unwrap);
        for figure in spanish {
            assert!(figure.value < 0.9, "{figure:?}");
            let (low, high) = figure.interval.unwrap();
            assert!(low < figure.value && figure.value < high, "{figure:?}");
        }
        // The English form is not compared with itself: only Spanish texts have this criterion.
        assert_eq!(find(&rows, None, Some("same")).texts, 30);
        assert_eq!(find(&rows, None, Some("same")).alpha.unwrap().units, 30);
        assert_eq!(find(&rows, None, Some("correct")).alpha.unwrap().units, 60);
        // Nobody called anything unsafe: there is nothing that chance could have done.
        let alarms = find(&rows, None, Some(UNSAFE));
        assert_eq!((alarms.same, alarms.alpha), (Some(1.0), None));
    }

    #[test]
    fn who_is_asked_because_two_disagree_does_not_count() {
        let bench = Bench::new(4);
        let store = bench.project.store();
        let rate = |name: &str, item: usize, mark: u8| {
            store.rate(&[bench.rating(name, item, "es", mark)]).unwrap();
        };
        for item in 0..4 {
            rate("ana", item, 5);
            rate("ben", item, if item < 2 { 5 } else { 3 });
        }
        let before = agreement(&bench.project).unwrap();
        for item in 2..4 {
            rate("cleo", item, 1);
        }
        // Who came first stays first, whoever says what again.
        rate("ana", 3, 5);
        assert_eq!(agreement(&bench.project).unwrap(), before);
        assert_eq!(find(&before, None, Some(INCLUDE)).people, 2);
        assert_eq!(find(&before, None, Some(INCLUDE)).same, Some(0.5));
    }

    #[test]
    fn two_of_many_are_no_pair_for_cohen() {
        let bench = Bench::new(3);
        for (item, names) in [["ana", "ben"], ["ben", "cleo"], ["ana", "cleo"]].iter().enumerate() {
            for (i, name) in names.iter().enumerate() {
                let new = bench.rating(name, item, "es", 3 + i as u8);
                bench.project.store().rate(&[new]).unwrap();
            }
        }
        let rows = agreement(&bench.project).unwrap();
        let row = find(&rows, None, None);
        assert_eq!((row.people, row.texts, row.cohen), (3, 3, None));
        assert!(row.fleiss.is_some() && row.alpha.is_some());
    }
}
