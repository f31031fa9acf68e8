//! What whoever uses a set must know first: what it lacks, and what nobody looked at.

use std::collections::BTreeSet;

use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_core::stats::wilson;
use clinic_core::task::Library;

use super::facts::Facts;
use super::origin;
use super::state::State;
use super::words::{count, number};
use crate::StepError;
use crate::store::{How, Level, PairState};

/// Below it, Krippendorff would draw no conclusion from ratings (Content Analysis, 2nd ed., 2004,
/// p. 241).
const LEAST_ALPHA: f64 = 0.667;

/// The gaps, the gravest first, each a sentence or two without markup.
pub fn gaps(facts: &Facts<'_>) -> Result<Vec<String>, StepError> {
    let mut gaps = Vec::new();
    review(facts, &mut gaps);
    for finding in facts.general_findings() {
        let of: Vec<&str> =
            finding.task.iter().chain(&finding.language).map(String::as_str).collect();
        let of = if of.is_empty() { String::new() } else { format!(" ({})", of.join(", ")) };
        let level = if finding.level == Level::Block { "fails" } else { "warns" };
        let problem = plain(&finding.problem, 300);
        gaps.push(format!("The check '{}'{of} {level}: {problem}.", finding.name));
    }
    models(facts, &mut gaps);
    licenses(facts, &mut gaps);
    size(facts, &mut gaps);
    pairs(facts, &mut gaps)?;
    let warned: usize = facts.checks.iter().map(|check| check.warned).sum();
    if warned > 0 {
        gaps.push("Some items carry warnings of checks; provenance.jsonl names them.".into());
    }
    let outdated = origin::outdated(facts.project, facts.set)?;
    if outdated > 0 {
        gaps.push(format!(
            "{} written from a document that its source has changed or taken away since.",
            were(outdated, "item")
        ));
    }
    left_out(facts, &mut gaps)?;
    Ok(gaps)
}

fn were(n: usize, one: &str) -> String {
    format!("{} {}", count(n, one), if n == 1 { "was" } else { "were" })
}

fn review(facts: &Facts<'_>, gaps: &mut Vec<String>) {
    let (rule, said) = (&facts.project.config().review, &facts.reviewed);
    let texts: usize = facts.set.values().flatten().map(|chosen| chosen.texts.len()).sum();
    if said.ratings == 0 {
        gaps.push(
            "No person has reviewed this set: what is wrong in it, only programs have looked for. \
             Do not use it for claims about models or for decisions."
                .into(),
        );
    } else if said.texts < texts {
        let lacking = texts - said.texts;
        gaps.push(format!("No person has reviewed {lacking} of its {texts} texts."));
    }
    if said.ratings > 0 && rule.reviewers == 1 && said.each.1 < 2 {
        gaps.push(
            "One person has rated each text, so that nobody knows how far people would agree."
                .into(),
        );
    }
    let whole = |row: &&crate::review::AgreementRow| {
        row.language.is_none() && row.task.is_none() && row.criterion.is_none()
    };
    let Some(row) = facts.agreement.iter().find(whole) else { return };
    if let Some(alpha) = row.alpha.filter(|alpha| alpha.value < LEAST_ALPHA) {
        let same =
            row.same.map(|same| format!(", although {:.0} % of marks are the same", 100.0 * same));
        gaps.push(format!(
            "Beyond chance reviewers agree little: Krippendorff's alpha over all criteria is {}, \
             below {LEAST_ALPHA}, from which on conclusions are usually drawn{}.",
            number(alpha.value),
            same.unwrap_or_default()
        ));
    }
}

fn models(facts: &Facts<'_>, gaps: &mut Vec<String>) {
    for model in facts.models.iter().filter(|model| model.steps.contains("write")) {
        if model.steps.contains("check") {
            gaps.push(format!(
                "{} both wrote items and checked them: a model that grades itself.",
                plain(&model.label, 100)
            ));
        }
    }
}

fn licenses(facts: &Facts<'_>, gaps: &mut Vec<String>) {
    if facts.other_licenses.is_empty() {
        return;
    }
    let licenses: Vec<String> = facts
        .other_licenses
        .iter()
        .map(|(license, n)| format!("'{}' ({})", plain(license, 200), count(*n, "document")))
        .collect();
    gaps.push(format!(
        "Documents that items were written from have other licences than the set's {}: {}. Make \
         sure that they allow it.",
        plain(&facts.project.config().license, 100),
        licenses.join(", ")
    ));
}

fn size(facts: &Facts<'_>, gaps: &mut Vec<String>) {
    let short: Vec<String> = facts
        .tallies
        .iter()
        .filter_map(|tally| {
            let published = facts.set.get(&tally.task).map_or(0, Vec::len);
            let free = tally.count(State::Included);
            let why = if free > published {
                format!(" (with {free} to choose from)")
            } else {
                String::new()
            };
            let told = format!("{} {published} of {}{why}", tally.task, tally.wanted);
            (published < tally.wanted).then_some(told)
        })
        .collect();
    if !short.is_empty() {
        gaps.push(format!("Fewer items than planned: {}.", short.join(", ")));
    }
    let Some(least) = facts.set.values().map(Vec::len).min() else { return };
    // Where it is widest: at one half.
    let half = wilson(0.5, least).map(|interval| 50.0 * (interval.1 - interval.0));
    if let Some(half) = half.filter(|_| least < 50) {
        gaps.push(format!(
            "With {} in a task and a language, a share is known to about ±{half:.0} percentage \
             points (95 %): too little to tell most models apart.",
            count(least, "item")
        ));
    }
}

fn pairs(facts: &Facts<'_>, gaps: &mut Vec<String>) -> Result<(), StepError> {
    let used: BTreeSet<i64> =
        facts.set.values().flatten().map(|chosen| chosen.item.body.document).collect();
    let pairs = facts.project.store().pairs(None)?;
    let doubtful = pairs.iter().filter(|pair| pair.state == PairState::Doubtful).count();
    if doubtful > 0 {
        gaps.push(format!(
            "{} of documents wait for a person's word; no item was written from them.",
            count(doubtful, "pair")
        ));
    }
    let alike = pairs.iter().filter(|pair| {
        pair.state == PairState::Mapped
            && pair.how == How::Embedding
            && used.contains(&pair.english)
    });
    let alike = alike.count();
    if alike > 0 {
        gaps.push(format!(
            "{} of documents that items were written from {} joined by similarity alone.",
            count(alike, "pair"),
            if alike == 1 { "was" } else { "were" }
        ));
    }
    Ok(())
}

fn left_out(facts: &Facts<'_>, gaps: &mut Vec<String>) -> Result<(), StepError> {
    let library = Library::builtin().map_err(|error| StepError::Input(error.to_string()))?;
    let all = library.select(&[]).map_err(|error| StepError::Input(error.to_string()))?;
    let without: Vec<&str> = all
        .iter()
        .map(|task| task.name.as_str())
        .filter(|name| !facts.set.contains_key(*name))
        .collect();
    if !without.is_empty() {
        gaps.push(format!(
            "It lacks {} of the benchmark's {} tasks: {}.",
            without.len(),
            all.len(),
            without.join(", ")
        ));
    }
    let known: Vec<_> = Languages::current().iter().collect();
    let lacking: Vec<&str> = known
        .iter()
        .filter(|language| !facts.languages().iter().any(|own| own.tag == language.tag))
        .map(|language| language.english.as_str())
        .collect();
    if !lacking.is_empty() {
        gaps.push(format!(
            "It lacks {} of the benchmark's {} languages: {}.",
            lacking.len(),
            known.len(),
            lacking.join(", ")
        ));
    }
    let domains: Vec<&str> = crate::Domain::ALL
        .into_iter()
        .filter(|domain| !facts.domains.contains_key(domain))
        .map(crate::Domain::name)
        .collect();
    if !domains.is_empty() {
        gaps.push(format!("No item is of the domains {}.", domains.join(", ")));
    }
    Ok(())
}
