//! A dataset file in the chosen rows of a table, as an entry of the manifest: which column is which,
//! which items there are in which languages, and what is odd about them.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use clinic_core::dataset::{FileEntry, Values};
use clinic_core::language::Languages;

use super::Found;
use super::piece::{Piece, is_id};
use super::wanted::Wanted;

/// A dataset file in the chosen rows of a table.
pub(super) fn found(
    wanted: &Wanted,
    piece: &Piece,
    rows: BTreeMap<String, Values>,
    chosen: &[Vec<usize>],
    why: String,
) -> Found {
    let mut entry = FileEntry { rows, sha256: Some(piece.digest.clone()), ..piece.entry.clone() };
    let (mut reasons, mut doubts) = (vec![why], piece.doubts.clone());
    reasons.extend(piece.notes.clone());
    references(wanted, piece, &mut entry, &mut reasons, &mut doubts);
    let (languages, items) = match &piece.language {
        Some(column) if piece.languages.len() < 2 => {
            long(piece, column, chosen, &mut entry, &mut doubts)
        }
        _ => wide(piece, chosen, &mut entry, &mut doubts),
    };
    let known = Languages::current();
    let mut languages: Vec<String> = languages;
    languages.sort_by_key(|tag| known.position(tag));
    let (least, exact) = wanted.rows;
    if items < least || (exact && items != least) {
        let at_least = if exact { "" } else { "at least " };
        doubts.push(format!("{items} items, the published file has {at_least}{least}"));
    }
    let all = known.iter().count();
    let lacking: Vec<&str> = known
        .iter()
        .filter(|language| !languages.contains(&language.tag))
        .map(|language| language.english.as_str())
        .collect();
    match lacking.len() {
        0 => {}
        few if few <= 3 => doubts.push(format!("without {}", lacking.join(", "))),
        _ => doubts.push(format!("in {} of {all} languages", languages.len())),
    }
    Found {
        name: wanted.name.clone(),
        place: piece.label.clone(),
        rows: items,
        languages,
        reasons,
        doubts,
        entry,
    }
}

/// Finds the columns of the references; those with other headers are put into the entry.
fn references(
    wanted: &Wanted,
    piece: &Piece,
    entry: &mut FileEntry,
    reasons: &mut Vec<String>,
    doubts: &mut Vec<String>,
) {
    for (name, headers) in &wanted.references {
        if headers.iter().any(|header| piece.headers.contains(header)) {
            continue;
        }
        let letters = |text: &str| -> String {
            text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let alike = |header: &&String| {
            let header = letters(header);
            header == letters(name) || headers.iter().any(|h| letters(h) == header)
        };
        match piece.headers.iter().find(alike) {
            Some(header) => {
                reasons.push(format!("column {header} is the reference {name}"));
                entry.references.insert(name.clone(), header.clone());
            }
            None if wanted.needed.contains(name) => {
                doubts
                    .push(format!("no column for the reference {name} ({})", headers.join(" or ")));
            }
            None => {}
        }
    }
}

fn wide(
    piece: &Piece,
    chosen: &[Vec<usize>],
    entry: &mut FileEntry,
    doubts: &mut Vec<String>,
) -> (Vec<String>, usize) {
    let known = Languages::current();
    for (tag, header) in &piece.languages {
        if known.tag(tag).is_some_and(|language| language.english != *header) {
            entry.languages.insert(tag.clone(), header.clone());
        }
    }
    let rows: Vec<usize> = chosen.iter().flatten().copied().collect();
    let unique = |ids: &Vec<String>| {
        let mut seen = HashSet::new();
        rows.iter().all(|row| !ids[*row].is_empty() && seen.insert(&ids[*row]))
    };
    entry.id = piece.ids.iter().find(|(_, ids)| unique(ids)).map(|(header, _)| header.clone());
    if entry.id.is_none() {
        doubts.extend(idle_id(piece));
    }
    extras(piece, entry);
    (piece.languages.keys().cloned().collect(), rows.len())
}

fn long(
    piece: &Piece,
    column: &str,
    chosen: &[Vec<usize>],
    entry: &mut FileEntry,
    doubts: &mut Vec<String>,
) -> (Vec<String>, usize) {
    let known = Languages::current();
    let kinds = &piece.kinds[column];
    let tag = |row: usize| {
        known.find(&kinds.values[kinds.rows[row] as usize]).ok().map(|l| l.tag.as_str())
    };
    let taken: BTreeSet<&str> = piece.kinds.keys().map(String::as_str).collect();
    entry.language = Some(column.to_owned());
    entry.text = piece.text(&taken);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in chosen.iter().flatten().filter_map(|row| tag(*row)) {
        *counts.entry(tag).or_default() += 1;
    }
    let most = counts.values().max().copied().unwrap_or(0);
    // Ids that no two languages share number the rows and not the items.
    let shared = |cells: &Vec<String>| {
        let mut ids: BTreeMap<&str, HashSet<&str>> = BTreeMap::new();
        let rows = || chosen.iter().flatten().filter_map(|row| Some((tag(*row)?, &cells[*row])));
        let alone =
            rows().all(|(tag, id)| !id.is_empty() && ids.entry(tag).or_default().insert(id));
        let all: HashSet<&str> = ids.values().flatten().copied().collect();
        alone && ids.values().all(|own| own.len() * 10 >= all.len() * 9)
    };
    let used =
        |header: &String| entry.rows.contains_key(header) || entry.text.as_ref() == Some(header);
    let id = piece.ids.iter().find(|(header, cells)| !used(header) && shared(cells));
    match id {
        Some((header, _)) => entry.id = Some(header.clone()),
        None => {
            doubts.extend(idle_id(piece));
            if counts.len() > 1 {
                let alike = "no column of ids: rows are matched by their order in each language";
                doubts.push(alike.to_owned());
            }
            let short: Vec<&str> =
                counts.iter().filter(|(_, count)| **count < most).map(|(tag, _)| *tag).collect();
            if !short.is_empty() {
                doubts.push(format!("{} with fewer rows than others: left out", short.join(", ")));
            }
            counts.retain(|_, count| *count == most);
        }
    }
    extras(piece, entry);
    (counts.into_keys().map(str::to_owned).collect(), most)
}

/// A column that is named as one of ids and cannot be used as such.
fn idle_id(piece: &Piece) -> Option<String> {
    let (header, _) = piece.ids.iter().find(|(header, _)| is_id(header))?;
    let why = "a cell is empty, is there twice, or is not the same in other languages";
    Some(format!("the column {header} does not tell items apart: {why}"))
}

/// Columns of domains and sources.
fn extras(piece: &Piece, entry: &mut FileEntry) {
    let of = |names: &[&str]| {
        piece.headers.iter().find(|header| names.contains(&header.to_lowercase().as_str())).cloned()
    };
    entry.domains = of(&["domains", "domain"]);
    entry.source = of(&["source", "sources"]);
}
