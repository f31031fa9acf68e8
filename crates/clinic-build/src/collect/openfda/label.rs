//! Drug labels: a document a label, of the sections that tell of its use and its dangers.

use clinic_core::digest;
use reqwest::Url;
use serde_json::Value;

use super::super::desk::Desk;
use super::super::fetch::Failed;
use super::super::read::short;
use super::super::read::text::tidy;
use super::super::shelf::Draft;
use super::super::why::Why;
use super::pages::{Pages, search_of};
use super::{classes, day, word, words};

/// The sections that are taken, and what they are called.
const SECTIONS: [(&str, &str); 22] = [
    ("boxed_warning", "Boxed warning"),
    ("purpose", "Purpose"),
    ("indications_and_usage", "Indications and usage"),
    ("dosage_and_administration", "Dosage and administration"),
    ("dosage_forms_and_strengths", "Dosage forms and strengths"),
    ("contraindications", "Contraindications"),
    ("warnings", "Warnings"),
    ("warnings_and_cautions", "Warnings and precautions"),
    ("precautions", "Precautions"),
    ("do_not_use", "Do not use"),
    ("ask_doctor", "Ask a doctor"),
    ("when_using", "When using"),
    ("stop_use", "Stop use"),
    ("adverse_reactions", "Adverse reactions"),
    ("drug_interactions", "Drug interactions"),
    ("pregnancy_or_breast_feeding", "Pregnancy or breast-feeding"),
    ("pregnancy", "Pregnancy"),
    ("pediatric_use", "Pediatric use"),
    ("geriatric_use", "Geriatric use"),
    ("overdosage", "Overdosage"),
    ("storage_and_handling", "Storage and handling"),
    ("information_for_patients", "Information for patients"),
];

/// Bytes of a label's text at most.
const LONGEST: usize = 2 << 20;

/// Reads the labels that the source names.
pub async fn read(desk: &mut Desk<'_, '_>) -> Result<(), Failed> {
    let mut pages = Pages::new(desk, search_of(desk)?)?;
    let limit = desk.source.limit.unwrap_or(usize::MAX);
    let (mut read, home) = (0, desk.home()?);
    while let Some(page) = pages.next(desk).await? {
        if read == 0 {
            desk.shelf.expect(page.total.min(limit));
        }
        for record in page.records {
            if read == limit {
                return Ok(());
            }
            read += 1;
            put(desk, home.as_ref(), &record)?;
        }
        if read == limit {
            return Ok(());
        }
    }
    Ok(())
}

fn put(desk: &mut Desk<'_, '_>, home: Option<&Url>, label: &Value) -> Result<(), Failed> {
    // The set's number stays when the label has a new version.
    let name = [word(label, "set_id"), word(label, "id")].into_iter().find(|id| !id.is_empty());
    let Some(name) = name else {
        let why = Why::Unreadable("a record has neither set_id nor id".into());
        return desk.shelf.drop(Some("en"), "", &desk.source.from, why);
    };
    let address = address(desk, home, "set_id", name);
    let text = sections(label);
    if text.is_empty() {
        let why = Why::NoText("it has none of the sections that are read".into());
        return desk.shelf.drop(Some("en"), name, &address, why);
    }
    if text.len() > LONGEST {
        let why = Why::Long(format!("its sections have more than {LONGEST} bytes"));
        return desk.shelf.drop(Some("en"), name, &address, why);
    }
    desk.shelf.put(Draft {
        name: name.to_owned(),
        language: "en".into(),
        title: title(&label["openfda"]).unwrap_or_else(|| short(&text)),
        text,
        address,
        dated: day(word(label, "effective_time")),
        sha256: digest::hex(&[label.to_string().as_bytes()]),
        link: None,
        groups: classes(label),
        recent: false,
    })
}

/// The sections of a label, each under its name.
pub fn sections(label: &Value) -> String {
    let mut text = String::new();
    for (field, name) in SECTIONS {
        let section = tidy(&words(label, field).join("\n\n"));
        if !section.is_empty() {
            text.push_str(&format!("{name}\n{section}\n\n"));
        }
    }
    tidy(&text)
}

/// Brand name and substance.
pub fn title(openfda: &Value) -> Option<String> {
    let (brand, generic) = (word(openfda, "brand_name"), word(openfda, "generic_name"));
    match (brand.trim(), generic.trim()) {
        ("", "") => None,
        ("", name) | (name, "") => Some(short(name)),
        (brand, generic) if brand.eq_ignore_ascii_case(generic) => Some(short(brand)),
        (brand, generic) => Some(short(&format!("{brand} ({generic})"))),
    }
}

/// The address of one record: the search that finds it alone, or the file that holds it.
pub fn address(desk: &Desk<'_, '_>, home: Option<&Url>, field: &str, name: &str) -> String {
    let Some(home) = home else { return desk.source.from.clone() };
    let mut url = home.clone();
    let quoted = format!("{field}:\"{}\"", name.replace(['"', '\\'], ""));
    url.query_pairs_mut().clear().append_pair("search", &quoted);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_label_is_its_sections_in_order() {
        let label = json!({
            "warnings": ["Do not drive.", "Keep away."],
            "indications_and_usage": "For coughs.",
            "openfda": {"brand_name": ["Tussol"], "generic_name": ["TUSSOLINE"]},
            "spl_unclassified_section": ["no"],
        });
        assert_eq!(
            sections(&label),
            "Indications and usage\nFor coughs.\n\nWarnings\nDo not drive.\n\nKeep away."
        );
        assert_eq!(title(&label["openfda"]).as_deref(), Some("Tussol (TUSSOLINE)"));
        assert_eq!(title(&json!({"generic_name": ["x"]})).as_deref(), Some("x"));
        assert_eq!(title(&Value::Null), None);
    }
}
