//! The doubtful pairs as CSV that spreadsheets open.

use clinic_core::plain::plain;

use super::{BEGINS, COLUMNS, TITLE, shown};
use crate::store::{Pair, PairState};
use crate::{Project, StepError};

/// The doubtful pairs of a project as CSV with the columns english_id, other_id, language, both
/// titles and beginnings, similarity, and an empty column `same`, for yes or no; and how many there
/// are. It begins with the mark by which Excel knows UTF-8.
pub fn write(project: &Project, languages: &[String]) -> Result<(Vec<u8>, usize), StepError> {
    let pairs = project.store().pairs(None)?;
    let wanted = |pair: &&Pair| {
        pair.state == PairState::Doubtful
            && (languages.is_empty() || languages.contains(&pair.language))
    };
    let mut csv = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
    let mut count = 0;
    put(&mut csv, &COLUMNS)?;
    for pair in pairs.iter().filter(wanted) {
        let Some(other) = pair.other else { continue };
        let (english, other) = (side(project, pair.english)?, side(project, other)?);
        let similarity = pair.similarity.map(|s| format!("{s:.3}")).unwrap_or_default();
        put(
            &mut csv,
            &[
                &english.id,
                &other.id,
                &pair.language,
                &english.title,
                &other.title,
                &english.begins,
                &other.begins,
                &similarity,
                "",
            ],
        )?;
        count += 1;
    }
    let bytes = csv.into_inner().map_err(|error| StepError::Input(error.to_string()))?;
    Ok((bytes, count))
}

struct Side {
    id: String,
    title: String,
    begins: String,
}

fn side(project: &Project, id: i64) -> Result<Side, StepError> {
    let whole = project.store().beginnings(&[id], TITLE + 4 * BEGINS)?.swap_remove(0);
    let (title, text) = whole.split_once('\n').unwrap_or((&whole, ""));
    let begins = clinic_report::export::harmless(&plain(text, BEGINS));
    Ok(Side { id: id.to_string(), title: shown(title), begins })
}

fn put(csv: &mut csv::Writer<Vec<u8>>, cells: &[&str]) -> Result<(), StepError> {
    csv.write_record(cells).map_err(|error| StepError::Input(error.to_string()))
}
