//! Long tables: a row an item and language, put together to a row an item.

use std::collections::{BTreeMap, HashMap};

use super::table::{Builder, Table, failed};
use super::{DataError, FileEntry};
use crate::language::Languages;

impl FileEntry {
    /// The rows and columns that this dataset file has in a table: those of one value in a long
    /// table, and a column a language in place of a language column.
    pub(super) fn shape(&self, table: Table) -> Result<Table, DataError> {
        if self.rows.is_empty() && self.language.is_none() {
            return Ok(table);
        }
        let chosen = self.chosen(&table)?;
        match (&self.language, &self.text) {
            (None, _) => pick(&table, &chosen),
            (Some(language), Some(text)) => self.widen(&table, &chosen, language, text),
            (Some(_), None) => Err(failed(
                &table.file,
                None,
                None,
                "the manifest names a language column; it must name the text column, too".into(),
            )),
        }
    }

    /// Rows by number: the rows of each of the values in turn.
    fn chosen(&self, table: &Table) -> Result<Vec<Vec<usize>>, DataError> {
        let mut columns = Vec::new();
        for (header, values) in &self.rows {
            columns.push((find(table, header)?, values.list()));
        }
        let turns = columns.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
        let mut chosen = vec![Vec::new(); turns];
        for row in 0..table.len() {
            // One value holds for every turn.
            let fits = |turn: usize| {
                columns.iter().all(|(column, values)| {
                    let wanted = if values.len() == 1 { &values[0] } else { &values[turn] };
                    table.cell(row, *column).trim() == wanted
                })
            };
            for (turn, rows) in chosen.iter_mut().enumerate() {
                if fits(turn) {
                    rows.push(row);
                }
            }
        }
        Ok(chosen)
    }

    fn widen(
        &self,
        table: &Table,
        chosen: &[Vec<usize>],
        language: &str,
        text: &str,
    ) -> Result<Table, DataError> {
        let (language, text) = (find(table, language)?, find(table, text)?);
        let id = self.id.as_deref().map(|id| find(table, id)).transpose()?;
        let known = Languages::current();
        let named: HashMap<&str, &str> =
            self.languages.iter().map(|(tag, value)| (value.as_str(), tag.as_str())).collect();
        let mut notes = table.notes.clone();
        let (mut items, mut order): (Vec<Item>, Vec<String>) = (Vec::new(), Vec::new());
        let mut counts: BTreeMap<(String, usize), usize> = BTreeMap::new();
        let mut places: HashMap<(usize, String), usize> = HashMap::new();
        let mut foreign: BTreeMap<String, u64> = BTreeMap::new();
        for (turn, rows) in chosen.iter().enumerate() {
            for row in rows {
                let value = table.cell(*row, language).trim();
                let tag = match named.get(value) {
                    Some(tag) => (*tag).to_owned(),
                    None => match known.find(value) {
                        Ok(language) => language.tag.clone(),
                        Err(_) => {
                            foreign.entry(value.to_owned()).or_insert_with(|| table.line(*row));
                            continue;
                        }
                    },
                };
                if !order.contains(&tag) {
                    order.push(tag.clone());
                }
                let count = counts.entry((tag.clone(), turn)).or_default();
                let key = match id {
                    Some(id) => table.cell(*row, id).trim().to_owned(),
                    None => count.to_string(),
                };
                *count += 1;
                let place = *places.entry((turn, key.clone())).or_insert_with(|| {
                    items.push(Item { turn, key, rows: BTreeMap::new() });
                    items.len() - 1
                });
                if let Some(earlier) = items[place].rows.insert(tag, *row) {
                    let problem = format!(
                        "the item '{}' is there twice in this language, first on line {}",
                        items[place].key,
                        table.line(earlier)
                    );
                    let column = self.id.clone();
                    return Err(failed(&table.file, Some(table.line(*row)), column, problem));
                }
            }
        }
        notes.extend(foreign.iter().map(|(value, line)| {
            format!("line {line} and others: '{value}' is no language of languages.toml; left out")
        }));
        if id.is_none() {
            // Without ids only the order tells which rows belong together.
            for turn in 0..chosen.len() {
                let count = |tag: &String| counts.get(&(tag.clone(), turn)).copied().unwrap_or(0);
                let most = order.iter().map(count).max().unwrap_or(0);
                for tag in order.iter().filter(|tag| count(tag) < most) {
                    notes.push(format!(
                        "{tag} has {} rows where others have {most}, and no id column tells which \
                         are missing; the language is left out",
                        count(tag)
                    ));
                    for item in &mut items {
                        item.rows.remove(tag);
                    }
                }
            }
        }
        let totals: Vec<usize> =
            (0..chosen.len()).map(|t| items.iter().filter(|item| item.turn == t).count()).collect();
        as_many(table, &totals)?;
        order.retain(|tag| items.iter().any(|item| item.rows.contains_key(tag)));
        order.sort_by_key(|tag| known.position(tag));
        interleave(&mut items, chosen.len());
        let shape = Shape { entry: self, table, id, text, language, order };
        shape.table(&items, notes, known)
    }
}

/// An item of a long table: its row in each language.
struct Item {
    turn: usize,
    key: String,
    rows: BTreeMap<String, usize>,
}

/// The first of each turn, then the second of each.
fn interleave(items: &mut [Item], turns: usize) {
    let mut seen = vec![0; turns];
    items.sort_by_cached_key(|item| {
        seen[item.turn] += 1;
        (seen[item.turn], item.turn)
    });
}

struct Shape<'a> {
    entry: &'a FileEntry,
    table: &'a Table,
    id: Option<usize>,
    text: usize,
    language: usize,
    order: Vec<String>,
}

impl Shape<'_> {
    fn table(
        &self,
        items: &[Item],
        notes: Vec<String>,
        known: &Languages,
    ) -> Result<Table, DataError> {
        let english = |tag: &String| known.tag(tag).map_or(tag, |l| &l.english).clone();
        let header = |tag| self.entry.languages.get(tag).cloned().unwrap_or_else(|| english(tag));
        let mut headers: Vec<String> = self.order.iter().map(header).collect();
        // The rest of a row: the English one's under its own name, and each language's own.
        let others: Vec<usize> = (0..self.table.headers().len())
            .filter(|column| ![self.text, self.language].contains(column))
            .filter(|column| !headers.contains(&self.table.headers()[*column]))
            .collect();
        headers.extend(others.iter().map(|column| self.table.headers()[*column].clone()));
        let mut own = Vec::new();
        for column in others.iter().filter(|column| Some(**column) != self.id) {
            for tag in self.order.iter().filter(|tag| *tag != "en") {
                headers.push(format!("{}_{}", self.table.headers()[*column], english(tag)));
                own.push((*column, tag));
            }
        }
        let mut wide = Builder::new(&self.table.file, self.table.digest.clone(), notes, headers)?;
        for item in items {
            let Some(first) = item.rows.get("en").or_else(|| item.rows.values().next()) else {
                continue;
            };
            let mut cells = ::csv::StringRecord::new();
            let mut lines = Vec::new();
            let mut push = |row: Option<&usize>, column: usize| {
                cells.push_field(row.map_or("", |row| self.table.cell(*row, column)));
                lines.push(row.map_or(0, |row| self.table.line(*row)));
            };
            self.order.iter().for_each(|tag| push(item.rows.get(tag), self.text));
            others.iter().for_each(|column| push(Some(first), *column));
            own.iter().for_each(|(column, tag)| push(item.rows.get(*tag), *column));
            wide.push_from(self.table.line(*first), cells, Some(lines.into()))?;
        }
        Ok(wide.finish())
    }
}

/// The chosen rows of a wide table, those of several values in turn.
fn pick(table: &Table, chosen: &[Vec<usize>]) -> Result<Table, DataError> {
    let counts: Vec<usize> = chosen.iter().map(Vec::len).collect();
    as_many(table, &counts)?;
    let headers = table.headers().to_vec();
    let mut picked = Builder::new(&table.file, table.digest.clone(), table.notes.clone(), headers)?;
    for i in 0..counts[0] {
        for rows in chosen {
            let cells = (0..table.headers().len()).map(|column| table.cell(rows[i], column));
            picked.push(table.line(rows[i]), cells.collect::<Vec<_>>().into())?;
        }
    }
    Ok(picked.finish())
}

/// Rows in turn shift where one value has fewer than another.
fn as_many(table: &Table, counts: &[usize]) -> Result<(), DataError> {
    if counts.iter().all(|count| *count == counts[0]) {
        return Ok(());
    }
    let counts: Vec<String> = counts.iter().map(usize::to_string).collect();
    let problem = format!(
        "the values that the manifest mixes have {} items; each must have as many",
        counts.join(", ")
    );
    Err(failed(&table.file, None, None, problem))
}

fn find(table: &Table, header: &str) -> Result<usize, DataError> {
    table.column(header).ok_or_else(|| {
        let problem = format!(
            "the manifest names this column, and the header has {}",
            table.headers().join(", ")
        );
        failed(&table.file, Some(1), Some(header.to_owned()), problem)
    })
}
