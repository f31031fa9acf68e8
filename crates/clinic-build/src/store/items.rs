//! Items and their texts in each language.

use std::collections::{BTreeMap, BTreeSet};

use clinic_core::digest;
use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{NOW, Store, StoreError, json, text};
use crate::Domain;

/// What goes into the dataset's files for an item in one language.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells {
    /// Dataset file to the text of the language's column.
    pub texts: BTreeMap<String, String>,
    /// Reference to its text in this language.
    pub references: BTreeMap<String, String>,
}

impl Cells {
    /// SHA-256 of all of them: what findings and ratings are about.
    pub fn digest(&self) -> String {
        digest::hex(&[text(self).as_bytes()])
    }

    /// All texts that a person or model reads, the dataset's files first.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().chain(&self.references).map(|(name, text)| (name.as_str(), text.as_str()))
    }
}

/// An item before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewItem {
    /// The item_id of the published set.
    pub key: String,
    /// The task's name.
    pub task: String,
    /// Number of the English document.
    pub document: i64,
    /// Which item of this task from this document, from 0.
    pub nth: usize,
    /// Place of the right option, from 0, where there are options.
    pub place: Option<usize>,
    /// Its domains.
    pub domains: Vec<Domain>,
    /// Digest of the recipe.
    pub recipe: String,
    /// Seed of `build.toml` when it was written: with another seed it is another set.
    pub seed: u64,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its number.
    pub id: i64,
    /// What it is.
    pub body: NewItem,
}

/// An item in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// Tag of the language.
    pub language: String,
    /// Number of the document in this language.
    pub document: i64,
    /// What the model wrote, by the recipe's fields.
    pub fields: Map<String, Value>,
    /// What goes into the dataset's files.
    pub cells: Cells,
    /// Identity of the model, as calls.sqlite has it.
    pub model: String,
    /// SHA-256 of what it was asked.
    pub prompt: String,
    /// Seed of the draw.
    pub seed: u64,
    /// When it was written, in UTC; empty before that.
    pub time: String,
}

impl Store {
    /// Keeps an item with its English text; gives its number.
    pub fn put_item(&self, item: &NewItem, english: &Text) -> Result<i64, StoreError> {
        self.write(|db| {
            db.execute(
                "INSERT INTO items(key, task, document, nth, place, domains, recipe, seed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    item.key,
                    item.task,
                    item.document,
                    item.nth as i64,
                    item.place.map(|place| place as i64),
                    text(&item.domains),
                    item.recipe,
                    item.seed as i64
                ],
            )?;
            let id = db.last_insert_rowid();
            put(db, id, english)?;
            Ok(id)
        })
    }

    /// Keeps an item's text in one more language; one that is there already stays.
    pub fn put_text(&self, item: i64, new: &Text) -> Result<(), StoreError> {
        self.write(|db| put(db, item, new))
    }

    /// All items, or those of a task, in the order of their making.
    pub fn items(&self, task: Option<&str>) -> Result<Vec<Item>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id, key, task, document, nth, place, domains, recipe, seed FROM items
                 WHERE ?1 IS NULL OR task = ?1 ORDER BY id",
            )?
            .query_map([task], item)?
            .collect()
        })
    }

    /// An item by its key.
    pub fn item_of(&self, key: &str) -> Result<Option<Item>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT id, key, task, document, nth, place, domains, recipe, seed FROM items
                 WHERE key = ?1",
            )?
            .query_row([key], item)
            .optional()
        })
    }

    /// The languages in which the items of a task are written, by the item's number.
    pub fn languages_of(&self, task: &str) -> Result<BTreeMap<i64, BTreeSet<String>>, StoreError> {
        self.read(|db| {
            let mut languages: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
            let mut query = db.prepare_cached(
                "SELECT item, language FROM texts JOIN items ON items.id = item WHERE task = ?1",
            )?;
            let rows = query.query_map([task], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for row in rows {
                let (item, language): (i64, String) = row?;
                languages.entry(item).or_default().insert(language);
            }
            Ok(languages)
        })
    }

    /// The texts of an item, English first and then by tag.
    pub fn texts(&self, item: i64) -> Result<Vec<Text>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT language, document, fields, cells, model, prompt, seed, time FROM texts
                 WHERE item = ?1 ORDER BY language <> 'en', language",
            )?
            .query_map([item], |row| {
                Ok(Text {
                    language: row.get(0)?,
                    document: row.get(1)?,
                    fields: json(row, 2)?,
                    cells: json(row, 3)?,
                    model: row.get(4)?,
                    prompt: row.get(5)?,
                    seed: row.get::<_, i64>(6)? as u64,
                    time: row.get(7)?,
                })
            })?
            .collect()
        })
    }

    /// The digest of every text, by item and language.
    pub fn digests(&self) -> Result<BTreeMap<(i64, String), String>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT item, language, digest FROM texts")?
                .query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?
                .collect()
        })
    }
}

fn put(db: &rusqlite::Connection, item: i64, new: &Text) -> rusqlite::Result<()> {
    db.prepare_cached(&format!(
        "INSERT INTO texts VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, {NOW})
         ON CONFLICT(item, language) DO NOTHING"
    ))?
    .execute(params![
        item,
        new.language,
        new.document,
        text(&new.fields),
        text(&new.cells),
        new.cells.digest(),
        new.model,
        new.prompt,
        new.seed as i64
    ])
    .map(|_| ())
}

fn item(row: &Row<'_>) -> rusqlite::Result<Item> {
    Ok(Item {
        id: row.get(0)?,
        body: NewItem {
            key: row.get(1)?,
            task: row.get(2)?,
            document: row.get(3)?,
            nth: row.get::<_, i64>(4)? as usize,
            place: row.get::<_, Option<i64>>(5)?.map(|place| place as usize),
            domains: json(row, 6)?,
            recipe: row.get(7)?,
            seed: row.get::<_, i64>(8)? as u64,
        },
    })
}
