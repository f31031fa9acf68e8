//! What must hold in a task beyond its shape: each name that it uses exists.

use std::collections::BTreeSet;

use super::{MetricKind, Of, Operand, Reads, Rows, Scorer, Task};
use crate::language::Languages;
use crate::prompt::placeholders;
use crate::published::{self, Protocol};
use crate::rules;

/// A key of the file and what is wrong with it.
pub(super) type Problem = (String, String);

fn problem<T>(key: impl Into<String>, why: impl Into<String>) -> Result<T, Problem> {
    Err((key.into(), why.into()))
}

/// Checks a task that has been read.
pub(super) fn check(task: &Task, languages: &Languages) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if task.name.is_empty() || !task.name.chars().all(plain) {
        return problem("name", "use lower-case letters, digits and hyphens");
    }
    check_data(task)?;
    check_prompt(task, languages)?;
    check_generation(task)?;
    check_scorer(task, &task.scorer).map_err(within("scorer"))?;
    check_metrics(task)?;
    let Some(published) = &task.published else { return Ok(()) };
    if let Some(scorer) = &published.scorer {
        check_scorer(task, scorer).map_err(within("published.scorer"))?;
    }
    published::check(published, task.scorer_of(Protocol::Reference))
}

/// Puts the table's name before the key of a problem.
fn within(table: &str) -> impl Fn(Problem) -> Problem {
    let table = table.to_owned();
    move |(key, why)| (if key.is_empty() { table.clone() } else { format!("{table}.{key}") }, why)
}

fn variants(task: &Task) -> BTreeSet<&str> {
    task.data.groups.iter().flat_map(|g| g.variants().map(|(name, _)| name)).collect()
}

fn check_data(task: &Task) -> Result<(), Problem> {
    let groups = &task.data.groups;
    if groups.is_empty() {
        return problem("data.groups", "name at least one file");
    }
    let mut names = BTreeSet::new();
    for (i, group) in groups.iter().enumerate() {
        let key = format!("data.groups[{i}]");
        if group.files.is_empty() || group.variants().count() != group.files.len() {
            return problem(key + ".files", "give a file name, as text, for each variant");
        }
        match &group.name {
            None if groups.len() > 1 => {
                return problem(key + ".name", "each of several groups needs a name");
            }
            name if !names.insert(name.clone()) => {
                return problem(key + ".name", "two groups have this name");
            }
            _ => {}
        }
        if let Rows::Every { every, start } = group.rows
            && start >= every
        {
            return problem(key + ".rows", format!("start {start} must be below every {every}"));
        }
        if group.variants().map(|(n, _)| n).collect::<BTreeSet<_>>() != variants(task) {
            return problem(key + ".files", "every group must have the same variants");
        }
    }
    for (name, reference) in &task.data.references {
        if reference.columns.is_empty() {
            return problem(format!("data.references.{name}.columns"), "name at least one column");
        }
    }
    let cluster = task.data.cluster.iter().cloned().collect();
    for (key, names) in [
        ("data.differ", &task.data.differ),
        ("data.within", &task.data.within),
        ("data.cluster", &cluster),
    ] {
        if let Some(lost) = names.iter().find(|name| !task.data.references.contains_key(*name)) {
            return problem(key, format!("there is no [data.references.{lost}]"));
        }
    }
    Ok(())
}

fn check_prompt(task: &Task, languages: &Languages) -> Result<(), Problem> {
    let used: BTreeSet<&str> = placeholders(&task.prompt.frame).collect();
    if !used.contains("question") {
        return problem("prompt.frame", "it must hold {question}");
    }
    for name in &used {
        if *name != "question" && !task.prompt.texts.contains_key(*name) {
            return problem("prompt.frame", format!("{{{name}}} has no [prompt.texts.{name}]"));
        }
    }
    for (name, texts) in &task.prompt.texts {
        let key = format!("prompt.texts.{name}");
        if !used.contains(name.as_str()) {
            return problem(key, format!("the frame does not hold {{{name}}}"));
        }
        for (tag, text) in texts {
            if languages.tag(tag).is_none() {
                return problem(format!("{key}.{tag}"), "languages.toml has no such tag");
            }
            if text.trim().is_empty() {
                return problem(format!("{key}.{tag}"), "the text is empty");
            }
        }
    }
    Ok(())
}

fn check_generation(task: &Task) -> Result<(), Problem> {
    let generation = &task.generation;
    if generation.max_tokens == 0 {
        return problem("generation.max_tokens", "must be at least 1");
    }
    if generation.temperature.is_some_and(|t| !(0.0..=2.0).contains(&t)) {
        return problem("generation.temperature", "must be from 0 to 2");
    }
    if generation.top_p.is_some_and(|p| !(p > 0.0 && p <= 1.0)) {
        return problem("generation.top_p", "must be above 0 and at most 1");
    }
    Ok(())
}

fn check_scorer(task: &Task, scorer: &Scorer) -> Result<(), Problem> {
    let variants = variants(task);
    let reference = |key: String, name: &str| {
        if task.data.references.contains_key(name) {
            Ok(())
        } else {
            problem(key, format!("there is no [data.references.{name}]"))
        }
    };
    let variant = |key: String, name: &str| {
        if variants.contains(name) { Ok(()) } else { problem(key, format!("no variant '{name}'")) }
    };
    match scorer {
        Scorer::Choice(choices) => {
            for (i, choice) in choices.iter().enumerate() {
                variant(format!("choices[{i}].variant"), &choice.variant)?;
                reference(format!("choices[{i}].answer"), &choice.answer)?;
            }
        }
        Scorer::Similarity(similarities) => {
            for (i, similarity) in similarities.iter().enumerate() {
                for operand in similarity.operands() {
                    let key = format!("similarities[{i}]");
                    match operand {
                        Operand::Response(name) => variant(key, name)?,
                        Operand::Reference(name) => reference(key, name)?,
                    }
                }
            }
        }
        Scorer::Distribution { .. } => {}
        Scorer::Judge(_) | Scorer::Categories(_) | Scorer::Toxicity(_) => {
            if variants.len() != 1 {
                return problem("kind", "a judge reads one variant, the task has several");
            }
            check_questions(task, scorer)?;
        }
    }
    let names = scorer.scores();
    match names.iter().enumerate().find(|(i, name)| names[..*i].contains(name)) {
        Some((_, name)) => problem("", format!("two scores are named '{name}'")),
        None => Ok(()),
    }
}

fn check_questions(task: &Task, scorer: &Scorer) -> Result<(), Problem> {
    let questions = scorer.questions();
    let numbered = !matches!(scorer, Scorer::Categories(_));
    for (i, question) in questions.iter().enumerate() {
        let key = format!("questions[{i}]");
        for shown in &question.shows {
            if shown != "question" && !task.data.references.contains_key(shown) {
                return problem(key + ".shows", format!("there is no '{shown}' to show"));
            }
        }
        if question.rubric.trim().is_empty() {
            return problem(key + ".rubric", "the rubric is empty");
        }
        if question.verdicts.len() < 2 {
            return problem(key + ".verdicts", "a judge needs at least two verdicts to pick from");
        }
        for (j, verdict) in question.verdicts.iter().enumerate() {
            let key = format!("{key}.verdicts[{j}]");
            if question.verdicts[..j].iter().any(|other| other.name == verdict.name) {
                return problem(key, format!("'{}' is listed twice", verdict.name));
            }
            match verdict.score {
                None if numbered => return problem(key + ".score", "give the verdict's score"),
                Some(_) if !numbered => {
                    return problem(key + ".score", "a category has no score");
                }
                Some(score) => {
                    let (fits, why) = match question.reads {
                        Reads::Json => ((0.0..=1.0).contains(&score), "must be from 0 to 1"),
                        Reads::SecondToLast => (
                            (0..=9).any(|digit| f64::from(digit) == score),
                            "must be a digit, since one is read",
                        ),
                    };
                    if !fits {
                        return problem(key + ".score", why);
                    }
                }
                None => {}
            }
        }
        for (score, verdict) in &question.only_if {
            let earlier = questions[..i].iter().find(|q| &q.score == score);
            if earlier.and_then(|q| q.verdict(verdict)).is_none() {
                return problem(
                    key + ".only_if",
                    format!("no earlier question gives '{score}' the verdict '{verdict}'"),
                );
            }
        }
        if let Some(name) = &question.rules {
            let Some(rule) = rules::find(name) else {
                return problem(key + ".rules", format!("there is no rule '{name}'"));
            };
            if let Some(missing) =
                rule.verdicts().iter().find(|verdict| question.verdict(verdict).is_none())
            {
                return problem(
                    key + ".verdicts",
                    format!("the rule '{name}' may say '{missing}', which is not listed"),
                );
            }
        }
    }
    Ok(())
}

fn check_metrics(task: &Task) -> Result<(), Problem> {
    let scores = task.scorer.scores();
    if task.metrics.is_empty() {
        return problem("metrics", "name at least one metric");
    }
    for (i, metric) in task.metrics.iter().enumerate() {
        let key = format!("metrics[{i}]");
        if task.metrics[..i].iter().any(|other| other.name == metric.name) {
            return problem(key + ".name", "two metrics have this name");
        }
        let read: Vec<&str> = match &metric.of {
            Of::One(name) => vec![name],
            Of::Pair(names) => names.iter().map(String::as_str).collect(),
        };
        if let Some(unknown) = read.iter().find(|name| !scores.contains(name)) {
            return problem(key + ".of", format!("the scorer gives no score '{unknown}'"));
        }
        if (read.len() == 2) != (metric.kind == MetricKind::Drop) {
            return problem(key + ".of", "a drop reads two scores, every other kind one");
        }
        let fits = match metric.kind {
            MetricKind::Rate | MetricKind::Mean => {
                !matches!(task.scorer, Scorer::Categories(_) | Scorer::Distribution { .. })
            }
            MetricKind::Drop => matches!(task.scorer, Scorer::Judge(_) | Scorer::Choice(_)),
            MetricKind::Shares => matches!(task.scorer, Scorer::Judge(_) | Scorer::Categories(_)),
            MetricKind::Skewness | MetricKind::Entropy | MetricKind::Commonest => {
                matches!(task.scorer, Scorer::Distribution { .. })
            }
        };
        if !fits {
            return problem(key + ".kind", "this metric cannot fold what the scorer gives");
        }
        if metric
            .range
            .is_some_and(|[least, most]| least >= most || metric.kind != MetricKind::Mean)
        {
            return problem(key + ".range", "a mean, and only it, may have [least, most]");
        }
        let listed = metric.category.as_ref().is_some_and(|category| {
            let questions = task.scorer.questions();
            questions
                .iter()
                .any(|q| read.contains(&q.score.as_str()) && q.verdict(category).is_some())
        });
        if listed != (metric.kind == MetricKind::Shares) {
            return problem(key + ".category", "shares, and only they, name one of the verdicts");
        }
    }
    if task.refusing.is_some() && task.metrics[0].kind != MetricKind::Rate {
        return problem("refusing", "the first metric must be the rate of refusals");
    }
    Ok(())
}
