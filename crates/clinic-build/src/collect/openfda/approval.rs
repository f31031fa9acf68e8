//! Approvals of Drugs@FDA: a document an application, of its facts and of its label.

use std::collections::HashMap;

use clinic_core::digest;
use reqwest::Url;
use serde_json::Value;

use super::super::desk::Desk;
use super::super::fetch::Failed;
use super::super::read::short;
use super::super::read::text::tidy;
use super::super::shelf::Draft;
use super::super::why::Why;
use super::label::{address, sections, title};
use super::pages::{Pages, asking, search_of};
use super::{classes, day, word, words};

/// The name of the labels beside the approvals.
const LABELS: &str = "label.json";

/// Reads the approvals that the source names.
pub async fn read(desk: &mut Desk<'_, '_>) -> Result<(), Failed> {
    let after = desk.source.approved_after.clone();
    let mut pages = Pages::new(desk, search(desk, after.as_deref())?)?;
    let limit = desk.source.limit.unwrap_or(usize::MAX);
    let (mut approvals, home) = (Vec::new(), desk.home()?);
    while let Some(page) = pages.next(desk).await? {
        for record in page.records {
            match approved(&record) {
                Some(day) if after.as_ref().is_none_or(|after| day > *after) => {
                    approvals.push((record, day));
                }
                _ => desk.shelf.pass(1),
            }
        }
        if approvals.len() >= limit {
            break;
        }
    }
    approvals.truncate(limit);
    desk.shelf.expect(approvals.len());
    let beside = labels_beside(desk).await?;
    for (record, day) in approvals {
        let number = word(&record, "application_number").to_owned();
        if number.is_empty() {
            let why = Why::Unreadable("a record has no application_number".into());
            desk.shelf.drop(Some("en"), "", &desk.source.from.clone(), why)?;
            continue;
        }
        let address = address(desk, home.as_ref(), "application_number", &number);
        let label = match (&home, &beside) {
            (Some(home), _) => match fetched_label(desk, home, &number).await {
                Ok(label) => label,
                Err(Failed::Why(why)) => {
                    // Without its label the document would be another, and look as if it had changed.
                    let why = Why::NotFetched(format!("its label: {why}"));
                    desk.shelf.drop(Some("en"), &number, &address, why)?;
                    continue;
                }
                Err(step) => return Err(step),
            },
            (None, labels) => labels.get(&number).cloned(),
        };
        let label = label.unwrap_or(Value::Null);
        let named = title(&record["openfda"]).or_else(|| title(&label["openfda"]));
        let product = record["products"].get(0).map_or("", |product| word(product, "brand_name"));
        desk.shelf.put(Draft {
            language: "en".into(),
            title: named
                .unwrap_or_else(|| short(if product.is_empty() { &number } else { product })),
            text: tidy(&format!("{}\n\n{}", facts(&record, &number, &day), sections(&label))),
            name: number,
            address,
            dated: Some(day),
            sha256: digest::hex(&[format!("{record}{label}").as_bytes()]),
            link: None,
            groups: classes(&record),
            recent: desk.source.approved_after.is_some(),
        })?;
    }
    Ok(())
}

/// The source's search, and the days that are asked for: fewer pages for the server.
fn search(desk: &Desk<'_, '_>, after: Option<&str>) -> Result<Option<String>, Failed> {
    let own = search_of(desk)?;
    let Some(after) = after else { return Ok(own) };
    let from = after.replace('-', "");
    let days = format!("submissions.submission_status_date:[{from} TO 99991231]");
    Ok(Some(match own {
        Some(own) => format!("({own}) AND {days}"),
        None => days,
    }))
}

/// The day on which an application was first approved.
fn approved(record: &Value) -> Option<String> {
    let submissions = record["submissions"].as_array()?;
    let original = submissions.iter().filter(|one| {
        word(one, "submission_type") == "ORIG" && word(one, "submission_status") == "AP"
    });
    original.filter_map(|one| day(word(one, "submission_status_date"))).min()
}

/// What an application says, in lines.
fn facts(record: &Value, number: &str, day: &str) -> String {
    let mut lines = vec![format!("Application: {number}")];
    let mut line = |name: &str, value: &str| {
        if !value.trim().is_empty() {
            lines.push(format!("{name}: {}", short(value)));
        }
    };
    line("Sponsor", word(record, "sponsor_name"));
    line("First approved", day);
    for product in record["products"].as_array().into_iter().flatten().take(50) {
        let ingredients = product["active_ingredients"].as_array().into_iter().flatten();
        let ingredients: Vec<String> = ingredients
            .take(50)
            .map(|one| format!("{} {}", word(one, "name"), word(one, "strength")).trim().to_owned())
            .collect();
        let parts = [
            word(product, "brand_name").to_owned(),
            ingredients.join(", "),
            word(product, "dosage_form").to_owned(),
            word(product, "route").to_owned(),
            word(product, "marketing_status").to_owned(),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        line("Product", &parts.join("; "));
    }
    line("Class", &words(&record["openfda"], "pharm_class_epc").join(", "));
    lines.join("\n")
}

/// The label of an application, from the address beside that of the approvals.
async fn fetched_label(
    desk: &mut Desk<'_, '_>,
    home: &Url,
    number: &str,
) -> Result<Option<Value>, Failed> {
    let Ok(labels) = home.join(LABELS) else { return Ok(None) };
    let quoted = format!("openfda.application_number:\"{}\"", number.replace(['"', '\\'], ""));
    match desk.fetch(&asking(&labels, Some(&quoted), 1, 0)).await {
        Ok(found) => {
            let page: Value = serde_json::from_slice(&found.bytes)
                .map_err(|error| Why::Unreadable(format!("no whole JSON: {error}")))?;
            Ok(page["results"].get(0).cloned())
        }
        Err(Failed::Why(Why::Absent(_))) => Ok(None),
        Err(other) => Err(other),
    }
}

/// Labels by application, from the file beside that of the approvals, where there is one.
async fn labels_beside(desk: &mut Desk<'_, '_>) -> Result<HashMap<String, Value>, Failed> {
    let path = desk.path().with_file_name(LABELS);
    if desk.source.is_remote() || !path.exists() {
        return Ok(HashMap::new());
    }
    let found = desk.file(&path, LABELS.into())?;
    let bytes = found.bytes;
    let page: Result<Value, _> = desk.apart(move || serde_json::from_slice(&bytes)).await?;
    let page =
        page.map_err(|error| Why::Unreadable(format!("{LABELS} is no whole JSON: {error}")))?;
    let mut labels = HashMap::new();
    for label in page["results"].as_array().into_iter().flatten() {
        for number in words(&label["openfda"], "application_number") {
            labels.entry(number.to_owned()).or_insert_with(|| label.clone());
        }
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_application_counts_from_its_first_approval() {
        let of = |kind: &str, status: &str, day: &str| {
            json!({"submission_type": kind, "submission_status": status,
                   "submission_status_date": day})
        };
        let record = json!({"submissions": [
            of("SUPPL", "AP", "20200101"), of("ORIG", "TA", "20210101"),
            of("ORIG", "AP", "20250802"), of("ORIG", "AP", "20250701"),
        ]});
        assert_eq!(approved(&record).as_deref(), Some("2025-07-01"));
        assert_eq!(approved(&json!({"submissions": [of("SUPPL", "AP", "20250101")]})), None);
        assert_eq!(approved(&json!({})), None);
    }

    #[test]
    fn the_facts_are_lines() {
        let record = json!({"sponsor_name": "Acme", "products": [
            {"brand_name": "ZORVEX", "active_ingredients": [{"name": "ZORVINE", "strength": "5MG"}],
             "dosage_form": "TABLET", "route": "ORAL", "marketing_status": "Prescription"}]});
        assert_eq!(
            facts(&record, "NDA1", "2025-07-01"),
            "Application: NDA1\nSponsor: Acme\nFirst approved: 2025-07-01\n\
             Product: ZORVEX; ZORVINE 5MG; TABLET; ORAL; Prescription"
        );
    }
}
