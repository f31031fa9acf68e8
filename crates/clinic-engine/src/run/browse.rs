//! Finding samples to read: pages of them by what came of them, forwards and backwards.
//!
//! A page is found by indexes alone, and only its own samples are read; a search for text reads a
//! bounded part of the store and says how far it came.

use rusqlite::{Connection, params, params_from_iter};

use super::response::State;
use super::store::{Store, StoreError, state};

/// Longest text that can be searched for, in bytes.
pub const LONGEST_SEARCH: usize = 1_000;

/// Samples that one search reads at most.
pub const SEARCHED_SAMPLES: usize = 5_000;
/// Bytes of texts after which it reads no more.
const SEARCHED_BYTES: i64 = 64 << 20;

/// Samples that are found faster one by one than in the order of their names.
const FEW: usize = 2_000;

/// Samples with a mark that stands: the last word of its author on the score, and not taken back.
const STANDING: &str = "SELECT sample FROM marks AS m WHERE opinion <> 'withdrawn' AND NOT EXISTS
    (SELECT 1 FROM marks WHERE sample = m.sample AND score = m.score AND name = m.name AND id > m.id)";

/// Which samples; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The task's name.
    pub task: Option<String>,
    /// Tag of the language.
    pub language: Option<String>,
    /// The item's id.
    pub item: Option<String>,
    /// State of one of its responses.
    pub state: Option<String>,
    /// What scoring gave, for one of its scores.
    pub scored: Option<Scored>,
    /// What people said of one of its scores.
    pub marked: Option<Marked>,
    /// A text in prompt, response, reasoning, error or a scorer's reason; the letters A to Z are found
    /// in either case.
    pub text: Option<String>,
}

/// What scoring gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scored {
    /// A verdict of this name.
    Verdict(String),
    /// An outcome in this state, as [`Outcome::state`](clinic_core::score::Outcome::state) names it.
    State(&'static str),
    /// No score at all so far.
    Nothing,
}

/// What people said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marked {
    /// Anything.
    Any,
    /// That a score is wrong.
    Wrong,
    /// That a score is right.
    Right,
    /// Nothing.
    Nothing,
}

/// A sample by its id in the store and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// The task's name.
    pub task: String,
    /// Tag of the language.
    pub language: String,
    /// The item's id.
    pub item: String,
}

/// A page of samples.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// In the order of the run.
    pub entries: Vec<Entry>,
    /// Where a search for text stopped before the page was full: the last sample that it read.
    pub searched_to: Option<i64>,
    /// Samples whose texts were read.
    pub read: usize,
}

impl Store {
    /// At most `limit` samples after an id, or before it where `back` is set, in the order of the run.
    pub fn browse(
        &self,
        filter: &Filter,
        from: i64,
        back: bool,
        limit: usize,
    ) -> Result<Found, StoreError> {
        let mut found = self.read(|db| match &filter.text {
            None => {
                let entries = named(db, filter, from, back, limit)?;
                Ok(Found { entries, ..Found::default() })
            }
            Some(needle) => search(db, filter, needle, from, back, limit),
        })?;
        if back {
            found.entries.reverse();
        }
        Ok(found)
    }

    /// The id of a sample by its name.
    pub fn find(&self, task: &str, item: &str, language: &str) -> Result<Option<i64>, StoreError> {
        self.read(|db| {
            db.prepare_cached(
                "SELECT max(id) FROM samples WHERE task = ?1 AND item = ?2 AND language = ?3",
            )?
            .query_row([task, item, language], |row| row.get(0))
        })
    }

    /// The states of a sample's responses, in the order of its variants.
    pub fn states(&self, sample: i64) -> Result<Vec<State>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT state FROM responses WHERE sample = ?1 ORDER BY id")?
                .query_map([sample], |row| state(row, 0))?
                .collect()
        })
    }

    /// Tags of the languages that an item of a task is there in.
    pub fn languages_of(&self, task: &str, item: &str) -> Result<Vec<String>, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT language FROM samples WHERE task = ?1 AND item = ?2")?
                .query_map([task, item], |row| row.get(0))?
                .collect()
        })
    }

    /// Every verdict that a score has, in alphabetical order.
    pub fn verdicts(&self) -> Result<Vec<String>, StoreError> {
        // From one to the next by the index: a run has few verdicts and many scores.
        self.read(|db| {
            db.prepare_cached(
                "WITH RECURSIVE v(x) AS (
                    SELECT min(verdict) FROM scores
                    UNION ALL
                    SELECT (SELECT min(verdict) FROM scores WHERE verdict > x) FROM v
                    WHERE x IS NOT NULL)
                 SELECT x FROM v WHERE x IS NOT NULL",
            )?
            .query_map([], |row| row.get(0))?
            .collect()
        })
    }

    /// Prompts that are not answered yet.
    pub fn pending(&self) -> Result<usize, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT count(*) FROM responses WHERE state = 'pending'")?
                .query_row([], |row| row.get::<_, i64>(0).map(|n| n as usize))
        })
    }
}

/// The samples that a filter lets through, its text aside.
fn named(
    db: &Connection,
    filter: &Filter,
    from: i64,
    back: bool,
    limit: usize,
) -> rusqlite::Result<Vec<Entry>> {
    let mut sieve = Sieve::default();
    let equal = [("task", &filter.task), ("language", &filter.language), ("item", &filter.item)];
    for (column, value) in equal {
        if let Some(value) = value {
            let place = sieve.bind(value);
            sieve.add(format!("{column} = {place}"));
        }
    }
    if let Some(state) = &filter.state {
        let place = sieve.bind(state);
        sieve.among(db, &format!("SELECT sample FROM responses WHERE state = {place}"))?;
    }
    match &filter.scored {
        None => {}
        Some(Scored::Verdict(verdict)) => {
            let place = sieve.bind(verdict);
            sieve.among(db, &format!("SELECT sample FROM scores WHERE verdict = {place}"))?;
        }
        Some(Scored::State(state)) => {
            let keys = outcome_keys(state).map(|key| sieve.bind(&format!("{{\"{key}\":%")));
            let any = keys.map(|place| format!("outcome LIKE {place}")).join(" OR ");
            sieve.among(db, &format!("SELECT sample FROM scores WHERE {any}"))?;
        }
        Some(Scored::Nothing) => sieve.add("+id NOT IN (SELECT sample FROM scores)".to_owned()),
    }
    match filter.marked {
        None => {}
        Some(Marked::Any) => sieve.among(db, STANDING)?,
        Some(Marked::Nothing) => sieve.add(format!("+id NOT IN ({STANDING})")),
        Some(Marked::Wrong) => sieve.among(db, &format!("{STANDING} AND opinion = 'wrong'"))?,
        Some(Marked::Right) => sieve.among(db, &format!("{STANDING} AND opinion = 'right'"))?,
    }
    // Without conditions the samples come by their ids. With some, `+` keeps SQLite from reading their
    // bodies in that order: the index of names has all that it takes.
    let id = if sieve.conditions.is_empty() { "id" } else { "+id" };
    let (sign, order) = if back { ("<", "DESC") } else { (">", "ASC") };
    let conditions: String = sieve.conditions.iter().map(|c| format!(" AND {c}")).collect();
    let statement = format!(
        "SELECT id, task, language, item FROM samples WHERE {id} {sign} {from}{conditions}
         ORDER BY {id} {order} LIMIT {limit}"
    );
    db.prepare(&statement)?
        .query_map(params_from_iter(&sieve.values), |row| {
            Ok(Entry {
                id: row.get(0)?,
                task: row.get(1)?,
                language: row.get(2)?,
                item: row.get(3)?,
            })
        })?
        .collect()
}

/// Conditions and the values that they name.
#[derive(Default)]
struct Sieve {
    conditions: Vec<String>,
    values: Vec<String>,
}

impl Sieve {
    fn add(&mut self, condition: String) {
        self.conditions.push(condition);
    }

    /// Keeps the samples that a statement gives: one by one where they are few, and as a sieve for the
    /// index of names where they are many. SQLite does not know which.
    fn among(&mut self, db: &Connection, samples: &str) -> rusqlite::Result<()> {
        let count = format!("SELECT count(*) FROM ({samples} LIMIT {FEW})");
        let used = self.values.len().min(db.prepare_cached(&count)?.parameter_count());
        let count: usize = db
            .prepare_cached(&count)?
            .query_row(params_from_iter(&self.values[..used]), |row| row.get(0))?;
        let id = if count < FEW { "id" } else { "+id" };
        self.add(format!("{id} IN ({samples})"));
        Ok(())
    }

    /// The place of a value in the statement.
    fn bind(&mut self, value: &str) -> String {
        self.values.push(value.to_owned());
        format!("?{}", self.values.len())
    }
}

/// How outcomes in a state begin in the store.
fn outcome_keys(state: &str) -> [&'static str; 2] {
    match state {
        "scored" => ["number", "category"],
        "not_applicable" => ["not_applicable", "not_applicable"],
        "not_scored" => ["not_scored", "not_scored"],
        _ => ["failed", "failed"],
    }
}

/// Reads texts until the page is full or enough was read.
fn search(
    db: &Connection,
    filter: &Filter,
    needle: &str,
    mut from: i64,
    back: bool,
    limit: usize,
) -> rusqlite::Result<Found> {
    // LIKE takes a text for ended at a NUL, which `instr` does not.
    let pattern = (!needle.contains('\0')).then(|| format!("%{}%", escaped(needle)));
    let holds = |column: &str| {
        format!("ifnull({column} LIKE ?2 ESCAPE '\\', 0) OR ifnull(instr({column}, ?3) > 0, 0)")
    };
    let any = ["prompt", "text", "raw", "reasoning", "error"].map(holds).join(" OR ");
    let mut responses = db.prepare_cached(&format!(
        "SELECT total(octet_length(text) + octet_length(prompt)), max({any}) FROM responses
         WHERE sample = ?1"
    ))?;
    let mut reasons = db.prepare_cached(&format!(
        "SELECT EXISTS (SELECT 1 FROM scores WHERE sample = ?1 AND ({}))",
        holds("why")
    ))?;
    let mut found = Found::default();
    let mut bytes = 0;
    loop {
        let page = named(db, filter, from, back, 1_000)?;
        if page.is_empty() {
            return Ok(found);
        }
        for entry in page {
            if found.entries.len() == limit {
                return Ok(found);
            }
            if found.read == SEARCHED_SAMPLES || bytes > SEARCHED_BYTES {
                found.searched_to = Some(from);
                return Ok(found);
            }
            from = entry.id;
            found.read += 1;
            let (read, hit) = responses.query_row(params![entry.id, pattern, needle], |row| {
                Ok((row.get::<_, f64>(0)? as i64, row.get::<_, Option<bool>>(1)?))
            })?;
            bytes += read;
            let hit = hit.unwrap_or(false)
                || reasons.query_row(params![entry.id, pattern, needle], |row| row.get(0))?;
            if hit {
                found.entries.push(entry);
            }
        }
    }
}

/// The text as LIKE takes it for itself.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

#[cfg(test)]
mod tests {
    use clinic_core::score::Outcome;

    use super::*;
    use crate::run::store::text;

    #[test]
    fn outcomes_are_found_by_how_they_are_stored() {
        let outcomes = [
            Outcome::Number(0.5),
            Outcome::Category("a".to_owned()),
            Outcome::NotApplicable("w".to_owned()),
            Outcome::NotScored("w".to_owned()),
            Outcome::Failed("w".to_owned()),
        ];
        for outcome in &outcomes {
            let stored = text(outcome);
            let begins = |key: &str| stored.starts_with(&format!("{{\"{key}\":"));
            assert!(outcome_keys(outcome.state()).into_iter().any(begins), "{stored}");
        }
    }

    #[test]
    fn a_search_is_for_the_text_as_it_stands() {
        assert_eq!(escaped(r"100%_\"), r"100\%\_\\");
    }
}
