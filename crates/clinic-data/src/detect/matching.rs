//! Which table is which dataset file: by names, by a column that names tasks, by what only one
//! file has.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use clinic_core::dataset::{FileEntry, Values};
use clinic_core::language::Languages;

use super::piece::{Piece, is_id};
use super::wanted::{Wanted, plain};
use super::{Found, Look, Unused};

/// Sorts the tables to the dataset files.
pub(super) fn sort(wanted: &[Wanted], pieces: &[Piece], mut unused: Vec<Unused>) -> Look {
    let all = wanted;
    let mut candidates: BTreeMap<usize, Vec<(usize, Found)>> = BTreeMap::new();
    for (p, piece) in pieces.iter().enumerate() {
        let by_name =
            wanted.iter().position(|wanted| names(piece).iter().any(|n| wanted.names.contains(n)));
        if let Some(w) = by_name {
            let why = "the name of the file".to_owned();
            let rows: Vec<Vec<usize>> = vec![(0..piece.rows).collect()];
            candidates
                .entry(w)
                .or_default()
                .push((p, found(&wanted[w], piece, BTreeMap::new(), &rows, why)));
            continue;
        }
        for (w, rows, chosen) in by_columns(wanted, piece) {
            let said: Vec<String> =
                rows.iter().map(|(header, value)| said(header, value)).collect();
            let why = format!("rows with {}", said.join(" and "));
            candidates
                .entry(w)
                .or_default()
                .push((p, found(&wanted[w], piece, rows, &chosen, why)));
        }
    }
    let mut look =
        Look { found: Vec::new(), doubtful: Vec::new(), missing: Vec::new(), unused: Vec::new() };
    let (mut used, mut lost) = (HashSet::new(), Vec::new());
    for (w, wanted) in wanted.iter().enumerate() {
        let mut these = candidates.remove(&w).unwrap_or_default();
        let stranger = |(p, found): &(usize, Found)| {
            let by_name = found.entry.rows.is_empty() && !found.languages.is_empty();
            by_name && strange(wanted, all, &pieces[*p]).is_some()
        };
        if these.iter().any(stranger) {
            for (p, found) in &mut these {
                found.doubts.extend(strange(wanted, all, &pieces[*p]));
            }
            used.extend(these.iter().map(|(p, _)| *p));
            look.doubtful.extend(these.into_iter().map(|(_, found)| found));
            continue;
        }
        used.extend(these.iter().map(|(p, _)| *p));
        let good = |found: &Found| !found.languages.is_empty();
        match these.iter().filter(|(_, found)| good(found)).count() {
            1 => {
                let at = these.iter().position(|(_, found)| good(found)).unwrap_or_default();
                look.found.push(these.swap_remove(at).1);
            }
            0 if these.is_empty() => lost.push(wanted),
            _ => {
                for (_, found) in &mut these {
                    found.doubts.push(if good(found) {
                        "more than one table may be this dataset file".to_owned()
                    } else {
                        "no column is a language's, and none names languages".to_owned()
                    });
                }
                look.doubtful.extend(these.into_iter().map(|(_, found)| found));
            }
        }
    }
    // What nothing names may be in a table that is nothing else.
    let free: Vec<&Piece> = pieces
        .iter()
        .enumerate()
        .filter(|(p, _)| !used.contains(p))
        .map(|(_, piece)| piece)
        .collect();
    for wanted in lost {
        let guesses = by_content(wanted, &free);
        if guesses.is_empty() {
            look.missing.push(wanted.name.clone());
        }
        look.doubtful.extend(guesses);
    }
    drop_lone_ids(wanted, &mut look);
    for piece in free {
        let guessed = look.doubtful.iter().any(|found| found.place == piece.label);
        if !guessed {
            let shown: Vec<&str> = piece.headers.iter().take(8).map(String::as_str).collect();
            let more = if piece.headers.len() > shown.len() { ", …" } else { "" };
            let why = format!(
                "neither its name nor its columns tell a dataset file: {} rows of {}{more}",
                piece.rows,
                shown.join(", ")
            );
            unused.push(Unused { place: piece.label.clone(), why });
        }
    }
    look.unused = unused;
    look
}

fn said(header: &str, value: &Values) -> String {
    match value {
        Values::One(value) => format!("{header} = {value}"),
        Values::Several(values) => format!("{header} = {} in turn", values.join(", ")),
    }
}

/// The names that a table goes by: its file's, with and without the folder's.
fn names(piece: &Piece) -> Vec<String> {
    let inner = piece.entry.member.as_deref().unwrap_or(&piece.entry.path);
    let mut parts: Vec<&str> = inner.split('/').collect();
    let file = parts.pop().unwrap_or_default();
    let file = file.strip_suffix(".gz").unwrap_or(file);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let mut names = vec![plain(stem)];
    if let Some(folder) = parts.last() {
        names.push(plain(&format!("{folder} {stem}")));
    }
    names
}

type Chosen = (usize, BTreeMap<String, Values>, Vec<Vec<usize>>);

/// The dataset files whose names stand in a column, or in it and another together.
fn by_columns(wanted: &[Wanted], piece: &Piece) -> Vec<Chosen> {
    let columns = || piece.kinds.keys().filter(|header| piece.language.as_ref() != Some(*header));
    let mut best: Vec<Chosen> = Vec::new();
    let mut first = None;
    for column in columns() {
        let found = in_columns(wanted, piece, &[column]);
        if found.len() > best.len() {
            best = found;
            first = Some(column);
        }
    }
    // Two columns where they tell more: a task and which form of it. One is plainer.
    let few = |header: &&String| piece.kinds[*header].values.len() <= MOST_FORMS;
    let seconds = || columns().filter(few);
    let pairs: Vec<[&String; 2]> = match first {
        Some(first) => seconds().filter(|c| *c != first).map(|second| [first, second]).collect(),
        None => {
            let few: Vec<&String> = seconds().take(MOST_FORMS).collect();
            few.iter().flat_map(|a| few.iter().filter(move |b| *b > a).map(|b| [*a, *b])).collect()
        }
    };
    for pair in pairs {
        let found = in_columns(wanted, piece, &pair);
        if found.len() > best.len() {
            best = found;
        }
    }
    best
}

/// Different values of a column that tells forms of a task apart, at most.
const MOST_FORMS: usize = 24;

fn in_columns(wanted: &[Wanted], piece: &Piece, columns: &[&String]) -> Vec<Chosen> {
    let mut kinds: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    for row in 0..piece.rows {
        let key = columns.iter().map(|column| piece.kinds[*column].rows[row]).collect();
        kinds.entry(key).or_default().push(row);
    }
    let values = |key: &[u32]| -> Vec<&String> {
        columns.iter().zip(key).map(|(c, i)| &piece.kinds[*c].values[*i as usize]).collect()
    };
    let named = |key: &[u32], names: &[String]| {
        let values = values(key);
        let joined = |parts: &[&String]| {
            plain(&parts.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(" "))
        };
        let turned: Vec<&String> = values.iter().rev().copied().collect();
        names.contains(&joined(&values)) || names.contains(&joined(&turned))
    };
    let one = |key: &[u32]| -> BTreeMap<String, Values> {
        let pairs = columns.iter().zip(values(key));
        pairs.map(|(column, value)| ((*column).clone(), Values::One(value.clone()))).collect()
    };
    let mut found = Vec::new();
    for (w, wanted) in wanted.iter().enumerate() {
        let keys: Vec<&Vec<u32>> = kinds.keys().filter(|key| named(key, &wanted.names)).collect();
        if let [key] = keys[..] {
            found.push((w, one(key), vec![kinds[key].clone()]));
            continue;
        }
        let turns: Option<Vec<&Vec<u32>>> = wanted
            .turns
            .iter()
            .map(|names| {
                let mut keys = kinds.keys().filter(|key| named(key, names));
                keys.next().filter(|_| keys.next().is_none())
            })
            .collect();
        if let Some(turns) = turns.filter(|turns| !turns.is_empty()) {
            let mut rows = BTreeMap::new();
            for (i, column) in columns.iter().enumerate() {
                let list = turns.iter().map(|key| values(key)[i].clone()).collect::<Vec<_>>();
                let same = list.iter().all(|value| *value == list[0]);
                let value = if same { Values::One(list[0].clone()) } else { Values::Several(list) };
                rows.insert((*column).clone(), value);
            }
            found.push((w, rows, turns.iter().map(|key| kinds[*key].clone()).collect()));
        }
    }
    found
}

/// A dataset file in the chosen rows of a table.
fn found(
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

/// Reference columns of another dataset file in a table that has none of its own: its name is wrong.
fn strange(wanted: &Wanted, all: &[Wanted], piece: &Piece) -> Option<String> {
    let has = |wanted: &Wanted| -> Vec<String> {
        let headers = wanted.references.values().flatten();
        headers.filter(|header| piece.headers.contains(header)).cloned().collect()
    };
    if !has(wanted).is_empty() {
        return None;
    }
    let other = all.iter().find(|other| !has(other).is_empty())?;
    Some(format!("it has the column {} of {}", has(other).join(", "), other.name))
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

/// Tables that no name tells, but that have a reference column that few dataset files have.
fn by_content(wanted: &Wanted, pieces: &[&Piece]) -> Vec<Found> {
    let mut guesses = Vec::new();
    for piece in pieces {
        let mut headers = wanted.references.values().flatten();
        let told = headers.any(|header| piece.headers.contains(header));
        if told && !piece.languages.is_empty() {
            let why = "its reference columns".to_owned();
            let rows = vec![(0..piece.rows).collect()];
            let mut guess = found(wanted, piece, BTreeMap::new(), &rows, why);
            guess.doubts.push("its name says nothing".to_owned());
            guesses.push(guess);
        }
    }
    guesses
}

/// Files that are joined are joined by id only where all of them have one.
fn drop_lone_ids(wanted: &[Wanted], look: &mut Look) {
    let without: HashSet<String> =
        look.found.iter().filter(|f| f.entry.id.is_none()).map(|f| f.name.clone()).collect();
    for found in &mut look.found {
        let partners = wanted.iter().filter(|wanted| wanted.name == found.name);
        if partners.flat_map(|wanted| &wanted.partners).any(|name| without.contains(name)) {
            found.entry.id = None;
        }
    }
}
