//! Which table is which dataset file: by names, by a column that names tasks, by what only one
//! file has.

use std::collections::{BTreeMap, HashSet};

use clinic_core::dataset::Values;

use super::entry::found;
use super::piece::Piece;
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
    let stem = without_shard(stem);
    let mut names = vec![plain(stem)];
    if let Some(folder) = parts.last() {
        // On the hub a folder is a subset, and its files are named by the split.
        match stem {
            "train" | "test" | "validation" | "default" => names.push(plain(folder)),
            stem => names.push(plain(&format!("{folder} {stem}"))),
        }
    }
    names
}

/// A file's name without the hub's number of a part, if it is the only part.
fn without_shard(stem: &str) -> &str {
    stem.strip_suffix("-00000-of-00001").unwrap_or(stem)
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
