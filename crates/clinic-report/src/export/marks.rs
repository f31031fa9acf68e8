//! What people said of scores: a row a mark, with the score as it was then.

use clinic_core::sample::Sample;
use clinic_core::score::Outcome;
use clinic_engine::run::{Mark, Run};

use super::ExportError;
use super::columns::{Cell, Column, Each, Kind, Table};
use super::tables::{ITEM, LANGUAGE, TASK, column};

/// A mark and the sample that it is of.
pub(super) struct Marked {
    sample: Sample,
    mark: Mark,
}

/// Written only of runs that have marks, so that the exports of others keep their bytes.
pub(super) const MARKS: Table<Marked> = Table { name: "marks", columns: MARKED, rows: marked };

fn marked(run: &Run, each: Each<'_, Marked>) -> Result<(), ExportError> {
    for mark in run.store().marks()? {
        each(&Marked { sample: run.store().sample(mark.sample)?, mark })?;
    }
    Ok(())
}

const MARKED: &[Column<Marked>] = &[
    column("task", Kind::Text, TASK, "", |row| Cell::text(&row.sample.task)),
    column("language", Kind::Text, LANGUAGE, "", |row| Cell::text(&row.sample.language)),
    column("item", Kind::Text, ITEM, "", |row| Cell::text(&row.sample.item)),
    column("score", Kind::Text, "Name of the score that was marked.", "", |row| {
        Cell::text(&row.mark.score)
    }),
    column("opinion", Kind::Text, "right, wrong, or withdrawn (taken back).", "", |row| {
        Cell::text(row.mark.opinion.name())
    }),
    column("should_be", Kind::Text, "What the score should be.", "Nothing was said.", |row| {
        Cell::maybe(row.mark.should_be.as_deref())
    }),
    column("comment", Kind::Text, "Why; empty where nothing was said.", "", |row| {
        Cell::text(&row.mark.comment)
    }),
    column("name", Kind::Text, "Who says so.", "", |row| Cell::text(&row.mark.name)),
    column("time", Kind::Text, "When, in UTC (RFC 3339).", "", |row| Cell::text(&row.mark.time)),
    column("state", Kind::Text, "State of the score then.", "", |row| {
        Cell::text(row.mark.outcome.state())
    }),
    column("number", Kind::Real, "The score then.", "There was none, or a category.", |row| {
        match row.mark.outcome {
            Outcome::Number(number) => Cell::real(Some(number)),
            _ => Cell::Missing,
        }
    }),
    column("category", Kind::Text, "The score then.", "There was none, or a number.", |row| {
        match &row.mark.outcome {
            Outcome::Category(category) => Cell::text(category),
            _ => Cell::Missing,
        }
    }),
    column("verdict", Kind::Text, "The verdict then.", "None was given.", |row| {
        Cell::maybe(row.mark.verdict.as_deref())
    }),
    column("scorer", Kind::Text, "What had scored.", "", |row| Cell::text(&row.mark.scorer)),
];
