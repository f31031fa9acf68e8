//! `README.md`: the data card, with the head that the hub reads.

use clinic_data::lock::Locked;
use serde::Serialize;

use super::facts::Facts;
use super::license;
use super::words::{count, escaped, escaped_lines, number, table};
use crate::StepError;
use crate::review::{AgreementRow, Figure};

/// What the hub reads.
#[derive(Serialize)]
struct Head {
    pretty_name: String,
    language: Vec<String>,
    multilinguality: &'static str,
    license: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_name: Option<String>,
    size_categories: [&'static str; 1],
    task_categories: [&'static str; 2],
    tags: [&'static str; 5],
    configs: Vec<HeadConfig>,
}

#[derive(Serialize)]
struct HeadConfig {
    config_name: String,
    data_files: [HeadFile; 1],
}

#[derive(Serialize)]
struct HeadFile {
    split: &'static str,
    path: String,
}

/// The whole card.
pub fn card(facts: &Facts<'_>, files: &[Locked]) -> Result<String, StepError> {
    let config = facts.project.config();
    let mut card = format!("---\n{}---\n\n", head(facts, files)?);
    card += &format!("# {} {}\n\n", escaped(&config.name), escaped(&config.version));
    card += &escaped_lines(&config.about);
    card += &know_first(facts);
    card += &contents(facts);
    card += &origins(facts);
    card += &makers(facts);
    card += &checks(facts);
    card += &review(facts);
    card += &use_it(facts, files);
    Ok(card.trim_end().to_owned() + "\n")
}

fn head(facts: &Facts<'_>, files: &[Locked]) -> Result<String, StepError> {
    let config = facts.project.config();
    let hub = license::on_the_hub(&config.license);
    let size = match facts.stats.samples {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        _ => "100K<n<1M",
    };
    let named = |file: &Locked| HeadConfig {
        config_name: file.name.clone(),
        data_files: [HeadFile { split: "test", path: file.path.clone() }],
    };
    let head = Head {
        pretty_name: config.name.clone(),
        language: facts.languages().iter().map(|language| language.tag.clone()).collect(),
        multilinguality: if facts.languages().len() > 1 { "multilingual" } else { "monolingual" },
        license_name: hub.is_none().then(|| config.license.trim().to_owned()),
        license: hub.unwrap_or_else(|| "other".to_owned()),
        size_categories: [size],
        task_categories: ["question-answering", "text-generation"],
        tags: ["medical", "health", "benchmark", "trustworthiness", "clinic"],
        configs: files.iter().map(named).collect(),
    };
    serde_saphyr::to_string(&head)
        .map_err(|error| StepError::Input(format!("README.md: its head: {error}")))
}

fn know_first(facts: &Facts<'_>) -> String {
    if facts.gaps.is_empty() {
        return String::new();
    }
    let lines: String = facts.gaps.iter().map(|gap| format!("- {}\n", told(gap))).collect();
    format!("## Know this first\n\n{lines}\n")
}

/// A gap's words, which may hold foreign text.
fn told(gap: &str) -> String {
    super::words::escaped_to(gap, 2_000)
}

fn contents(facts: &Facts<'_>) -> String {
    let mut text = format!(
        "## What it holds\n\n{} of {} in {}: {} samples. Each item is there in every language, and \
         has the same id there. Tables and charts: [statistics](statistics/statistics.md).\n\n",
        count(facts.items(), "item"),
        count(facts.tasks.len(), "task"),
        count(facts.languages().len(), "language"),
        facts.stats.samples
    );
    let rows: Vec<Vec<String>> = facts
        .tasks
        .iter()
        .map(|task| {
            let per = facts.stats.tasks.iter().find(|count| count.name == task.name);
            let samples = per.and_then(|count| count.languages.get("en")).copied().unwrap_or(0);
            vec![
                task.dimension.to_string(),
                escaped(&task.name),
                escaped(&task.title),
                facts.set[&task.name].len().to_string(),
                samples.to_string(),
            ]
        })
        .collect();
    text += &table(&["dimension", "task", "what it is", "items", "samples a language"], &rows);
    let languages: Vec<String> = facts
        .languages()
        .iter()
        .map(|language| format!("{} ({})", escaped(&language.english), escaped(&language.tag)))
        .collect();
    text += &format!("Languages: {}.\n\n", languages.join(", "));
    let domains: Vec<String> = crate::Domain::ALL
        .into_iter()
        .map(|domain| {
            let items = facts.domains.get(&domain).copied().unwrap_or(0);
            format!("{} {items}", domain.name())
        })
        .collect();
    text + &format!("Items by domain; an item may be in several: {}.\n\n", domains.join(", "))
}

fn origins(facts: &Facts<'_>) -> String {
    let rows: Vec<Vec<String>> = facts
        .sources
        .iter()
        .map(|source| {
            let documents: Vec<String> =
                source.documents.iter().map(|(tag, n)| format!("{} {n}", escaped(tag))).collect();
            let licenses: Vec<String> = source.licenses.iter().map(|l| escaped(l)).collect();
            let span = |(first, last): &(String, String)| match first == last {
                true => escaped(first),
                false => format!("{} to {}", escaped(first), escaped(last)),
            };
            vec![
                escaped(&source.name),
                escaped(source.address.as_deref().unwrap_or("files of the makers")),
                licenses.join("; "),
                documents.join(", "),
                source.dated.as_ref().map_or_else(|| "not given".to_owned(), span),
                span(&source.fetched),
            ]
        })
        .collect();
    let header =
        ["source", "address", "licence of its documents", "documents used", "dated", "read"];
    format!(
        "## Where it comes from\n\nEach item was written from a document in English, and in each \
         other language from that document's version in this language. `provenance.jsonl` names the \
         documents of every text, with their SHA-256.\n\n{}",
        table(&header, &rows)
    )
}

fn makers(facts: &Facts<'_>) -> String {
    let steps = |step: &str| match step {
        "map" => "embedded documents to find their versions".to_owned(),
        "write" => "wrote items".to_owned(),
        "check" => "checked items".to_owned(),
        other => escaped(other),
    };
    let rows: Vec<Vec<String>> = facts
        .models
        .iter()
        .map(|model| {
            let work: Vec<String> = model.steps.iter().map(|step| steps(step)).collect();
            vec![escaped(&model.label), escaped(&model.identity), work.join(", ")]
        })
        .collect();
    let models = match rows.is_empty() {
        true => "No model is known to have worked on it.\n\n".to_owned(),
        false => table(&["model", "identity", "what it did"], &rows),
    };
    let recipes: Vec<Vec<String>> = facts
        .recipes
        .iter()
        .map(|(task, digests)| {
            let digests: Vec<String> = digests.iter().map(|digest| escaped(digest)).collect();
            vec![escaped(task), digests.join(", ")]
        })
        .collect();
    format!(
        "## How it was made\n\nA model wrote each item in English from its document; then, given \
         both documents and the English item, it wrote the item in each other language. A program \
         put options into their places and made the files. The seed of the set is {}; prompts are \
         named in `provenance.jsonl` by their SHA-256.\n\n{models}Recipes, by the SHA-256 of their \
         files:\n\n{}",
        facts.project.config().seed,
        table(&["task", "recipe"], &recipes)
    )
}

fn checks(facts: &Facts<'_>) -> String {
    let rows: Vec<Vec<String>> = facts
        .checks
        .iter()
        .filter(|check| check.name != "read")
        .map(|check| {
            vec![escaped(&check.name), check.blocked.to_string(), check.warned.to_string()]
        })
        .collect();
    let header = ["check", "items held back", "published items with a warning"];
    let mut text = format!(
        "## Checks\n\nPrograms looked at every text before people did. What a check held back is \
         not in the set.\n\n{}",
        table(&header, &rows)
    );
    if !facts.warnings.is_empty() {
        let lines = facts.warnings.iter().map(|warning| format!("- {}\n", told(warning)));
        text += &format!("Of the files themselves:\n\n{}\n", lines.collect::<String>());
    }
    text
}

fn review(facts: &Facts<'_>) -> String {
    let (rule, said) = (&facts.project.config().review, &facts.reviewed);
    if said.ratings == 0 {
        return "## Review by people\n\nNobody has reviewed this set.\n\n".to_owned();
    }
    let (least, most) = said.each;
    let each = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let people = |n: usize| if n == 1 { "1 person".to_owned() } else { format!("{n} people") };
    let needed = match rule.reviewers {
        0 => "No rating was needed for a text to be in the set".to_owned(),
        n => format!(
            "A text is in the set if {} rated it and gave at least {} of 5 on each criterion{}",
            people(n),
            rule.least,
            if rule.third { "; where they disagreed, one more decided" } else { "" }
        ),
    };
    let mut text = format!(
        "## Review by people\n\n{} gave {} on the published texts, {each} a text. {needed}. {}People \
         are named by numbers; each worked without sight of the others' ratings and of the model's \
         name.\n\n",
        people(said.people),
        count(said.ratings, "rating"),
        if rule.unsafe_excludes {
            "One who called a text unsafe was enough to take it out. "
        } else {
            ""
        },
    );
    let rows: Vec<Vec<String>> = facts.agreement.iter().map(agreement).collect();
    let header = [
        "language",
        "task",
        "criterion",
        "people",
        "texts",
        "the same",
        "Cohen's kappa",
        "Fleiss' kappa",
        "Krippendorff's alpha",
    ];
    let table = table(&header, &rows);
    if !table.is_empty() {
        text += "Agreement on all texts of the project that two or more people rated, those that \
                 were left out included; measures beyond chance, with 95 % intervals:\n\n";
        text += &table;
    }
    text
}

fn agreement(row: &AgreementRow) -> Vec<String> {
    let all = |name: &Option<String>| name.as_deref().map_or_else(|| "all".to_owned(), escaped);
    let figure = |figure: &Option<Figure>| match figure {
        None => "–".to_owned(),
        Some(Figure { value, interval: Some((low, high)), .. }) => {
            format!("{} ({}, {})", number(*value), number(*low), number(*high))
        }
        Some(figure) => number(figure.value),
    };
    vec![
        all(&row.language),
        all(&row.task),
        all(&row.criterion),
        row.people.to_string(),
        row.texts.to_string(),
        row.same.map_or_else(|| "–".to_owned(), |same| format!("{:.0} %", 100.0 * same)),
        figure(&row.cohen),
        figure(&row.fleiss),
        figure(&row.alpha),
    ]
}

fn use_it(facts: &Facts<'_>, files: &[Locked]) -> String {
    let config = facts.project.config();
    let files: Vec<Vec<String>> = files
        .iter()
        .map(|file| vec![format!("`{}`", file.path), format!("`{}`", file.sha256)])
        .collect();
    let mut text = format!(
        "## Use\n\n```\nclinic run --data THIS_FOLDER --model PROVIDER/MODEL --judge \
         PROVIDER/MODEL\n```\n\n{}`manifest.toml` says how the files are read, `croissant.json` \
         says it in Croissant's way, `SHA256SUMS` lists every file.\n\nLicence of the set: {}. ",
        table(&["dataset file", "SHA-256"], &files),
        escaped(&config.license)
    );
    text += match facts.other_licenses.is_empty() {
        true => "The documents have the same.\n",
        false => "Documents have others: see the sources.\n",
    };
    if !config.publish.creators.is_empty() {
        let names: Vec<String> = config.publish.creators.iter().map(|n| escaped(n)).collect();
        text += &format!("\nMade by {}.\n", names.join(", "));
    }
    if let Some(cite) = &config.publish.cite {
        text += &format!("\nTo cite it: {}\n", escaped(cite));
    }
    text
}
