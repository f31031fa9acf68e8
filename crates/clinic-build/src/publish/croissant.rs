//! `croissant.json`: the set in Croissant's words (MLCommons, version 1.0), with those of its
//! vocabulary for responsible AI that fit.

use clinic_core::dataset::Dataset;
use clinic_core::language::Languages;
use clinic_core::plain::plain;
use clinic_data::lock::Locked;
use serde_json::{Map, Value, json};

use super::facts::Facts;
use super::folder::Output;
use super::license;
use super::words::count;
use crate::StepError;

/// The specifications that the file keeps to.
const CROISSANT: &str = "http://mlcommons.org/croissant/1.0";
const RAI: &str = "http://mlcommons.org/croissant/RAI/1.0";

/// The whole file.
pub fn croissant(
    facts: &Facts<'_>,
    data: &Dataset,
    files: &[Locked],
    output: &Output,
) -> Result<String, StepError> {
    let config = facts.project.config();
    let mut distribution = Vec::new();
    let mut record_sets = Vec::new();
    for file in files {
        distribution.push(file_object(&file.path, "text/csv", &file.sha256, "A dataset file."));
        let table = data.table(&file.name).map_err(|error| StepError::Input(error.to_string()))?;
        let headers = table.as_ref().map(|table| table.headers()).unwrap_or_default();
        record_sets.push(record_set(file, headers));
    }
    let provenance = output.sha256("provenance.jsonl")?;
    let about = "Where each text comes from: documents, model, prompt, warnings, ratings.";
    distribution.push(file_object("provenance.jsonl", "application/jsonlines", &provenance, about));

    let mut set = Map::new();
    set.insert("@context".into(), context());
    set.insert("@type".into(), json!("sc:Dataset"));
    set.insert("dct:conformsTo".into(), json!([CROISSANT, RAI]));
    set.insert("name".into(), json!(config.name.trim()));
    set.insert("description".into(), json!(config.about.trim()));
    set.insert("version".into(), json!(config.version.trim()));
    set.insert("license".into(), json!(license::address(&config.license)));
    set.insert("datePublished".into(), json!(facts.newest));
    set.insert("inLanguage".into(), json!(tags(facts)));
    set.insert(
        "keywords".into(),
        json!(["health", "benchmark", "trustworthiness", "multilingual"]),
    );
    let publish = &config.publish;
    if let Some(url) = &publish.url {
        set.insert("url".into(), json!(url));
    }
    if !publish.creators.is_empty() {
        let creator = |name: &String| json!({"@type": "sc:Organization", "name": name});
        let creators: Vec<Value> = publish.creators.iter().map(creator).collect();
        set.insert("creator".into(), json!(creators));
    }
    if let Some(cite) = &publish.cite {
        set.insert("citeAs".into(), json!(cite));
    }
    responsible(facts, &mut set);
    set.insert("distribution".into(), json!(distribution));
    set.insert("recordSet".into(), json!(record_sets));
    let text = serde_json::to_string_pretty(&set)
        .map_err(|error| StepError::Input(format!("croissant.json: {error}")))?;
    Ok(text + "\n")
}

fn tags<'a>(facts: &Facts<'a>) -> Vec<&'a str> {
    facts.project.languages().iter().map(|language| language.tag.as_str()).collect()
}

fn file_object(path: &str, format: &str, sha256: &str, about: &str) -> Value {
    json!({
        "@type": "cr:FileObject",
        "@id": path,
        "name": path,
        "description": about,
        "contentUrl": path,
        "encodingFormat": format,
        "sha256": sha256,
    })
}

/// A dataset file's rows, a field a column.
fn record_set(file: &Locked, headers: &[String]) -> Value {
    let fields: Vec<Value> = headers
        .iter()
        .map(|header| {
            json!({
                "@type": "cr:Field",
                "@id": format!("{}/{header}", file.name),
                "name": header,
                "description": about(header),
                "dataType": "sc:Text",
                "source": {
                    "fileObject": { "@id": file.path },
                    "extract": { "column": header },
                },
            })
        })
        .collect();
    json!({
        "@type": "cr:RecordSet",
        "@id": file.name,
        "name": file.name,
        "description": "An item a row, the same in all languages.",
        "key": { "@id": format!("{}/id", file.name) },
        "field": fields,
    })
}

/// What a column holds.
fn about(header: &str) -> String {
    let is_language = |name: &str| Languages::current().iter().any(|l| l.english == name);
    match (header, header.rsplit_once('_')) {
        ("id", _) => "The item, the same in every file and in provenance.jsonl.".to_owned(),
        ("domains", _) => "Domains of healthcare, separated by semicolons.".to_owned(),
        ("source", _) => "The English document that the item was written from.".to_owned(),
        (name, _) if is_language(name) => format!("The text in {name}."),
        (_, Some((reference, name))) if is_language(name) => {
            format!("The reference {reference} in {name}.")
        }
        _ => format!("The reference {header}, in English or for all languages."),
    }
}

/// What the vocabulary for responsible AI has words for.
fn responsible(facts: &Facts<'_>, set: &mut Map<String, Value>) {
    let mut say = |key: &str, value: Value| _ = set.insert(format!("rai:{key}"), value);
    let sources: Vec<String> = facts
        .sources
        .iter()
        .map(|source| {
            let licenses: Vec<&str> = source.licenses.iter().map(String::as_str).collect();
            let documents = source.documents.values().sum();
            format!(
                "{} ({}; {}; {})",
                source.name,
                source.address.as_deref().unwrap_or("files of the makers"),
                count(documents, "document"),
                licenses.join("; ")
            )
        })
        .map(|told| plain(&told, 1_000))
        .collect();
    say("dataCollection", json!(format!("Documents of these sources: {}.", sources.join(", "))));
    say("dataCollectionType", json!(["Secondary Data Analysis", "Others"]));
    let read = facts.sources.iter().map(|source| &source.fetched);
    let first = read.clone().map(|(first, _)| first).min();
    if let (Some(first), Some(last)) = (first, read.map(|(_, last)| last).max()) {
        say("dataCollectionTimeframe", json!([first, last]));
    }
    say(
        "dataManipulationProtocol",
        json!(
            "A model wrote each item in English from a document, and in each other language from \
             the document's version in that language. A program placed the options."
        ),
    );
    let models: Vec<String> = facts
        .models
        .iter()
        .map(|model| {
            let steps: Vec<&str> = model.steps.iter().map(String::as_str).collect();
            plain(&format!("{} ({}): {}", model.label, model.identity, steps.join(", ")), 500)
        })
        .collect();
    say("machineAnnotationTools", json!(models));
    let (rule, said) = (&facts.project.config().review, &facts.reviewed);
    let annotation = match said.ratings {
        0 => "Nobody has reviewed the set.".to_owned(),
        _ => format!(
            "{} people rated the texts from 1 to 5 by the criteria of each task, without sight of \
             one another's ratings; {} had to rate each text and to give at least {} on each \
             criterion.",
            said.people, rule.reviewers, rule.least
        ),
    };
    say("dataAnnotationProtocol", json!([annotation]));
    if said.ratings > 0 {
        let (least, most) = said.each;
        say("annotationsPerItem", json!(format!("{least} to {most} ratings a text")));
    }
    let analysis: Vec<String> = facts
        .agreement
        .iter()
        .filter_map(|row| {
            let alpha = row.alpha?;
            let part = |name: &Option<String>| name.clone().unwrap_or_else(|| "all".to_owned());
            let interval = alpha.interval.map(|(low, high)| format!(" ({low:.3} to {high:.3})"));
            Some(format!(
                "Krippendorff's alpha {:.3}{} on {} units; language {}, task {}, criterion {}",
                alpha.value,
                interval.unwrap_or_default(),
                alpha.units,
                part(&row.language),
                part(&row.task),
                part(&row.criterion)
            ))
        })
        .collect();
    if !analysis.is_empty() {
        say("dataAnnotationAnalysis", json!(analysis));
    }
    say("dataLimitations", json!(facts.gaps));
    say(
        "dataUseCases",
        json!(["Measuring how far a language model can be trusted with health questions."]),
    );
    say(
        "personalSensitiveInformation",
        json!([
            "Persons in the items are meant to be invented. Checks looked for personal data of \
             real people; what they found is told under the check 'personal'."
        ]),
    );
}

/// The context that Croissant's specification gives for version 1.0.
fn context() -> Value {
    json!({
        "@language": "en",
        "@vocab": "https://schema.org/",
        "citeAs": "cr:citeAs",
        "column": "cr:column",
        "conformsTo": "dct:conformsTo",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "data": { "@id": "cr:data", "@type": "@json" },
        "dataType": { "@id": "cr:dataType", "@type": "@vocab" },
        "dct": "http://purl.org/dc/terms/",
        "examples": { "@id": "cr:examples", "@type": "@json" },
        "extract": "cr:extract",
        "field": "cr:field",
        "fileProperty": "cr:fileProperty",
        "fileObject": "cr:fileObject",
        "fileSet": "cr:fileSet",
        "format": "cr:format",
        "includes": "cr:includes",
        "isLiveDataset": "cr:isLiveDataset",
        "jsonPath": "cr:jsonPath",
        "key": "cr:key",
        "md5": "cr:md5",
        "parentField": "cr:parentField",
        "path": "cr:path",
        "recordSet": "cr:recordSet",
        "references": "cr:references",
        "regex": "cr:regex",
        "repeated": "cr:repeated",
        "replace": "cr:replace",
        "sc": "https://schema.org/",
        "separator": "cr:separator",
        "source": "cr:source",
        "subField": "cr:subField",
        "transform": "cr:transform",
    })
}
