//! What a column of the long form is: its name, type, unit and meaning, and how a row fills it.
//!
//! CSV, Parquet and the data dictionary follow from the same columns, so that they cannot differ.

use std::borrow::Cow;

use clinic_engine::run::Run;

use super::ExportError;

/// A value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell<'a> {
    /// There is none, which is never 0 nor an empty text.
    Missing,
    /// A text.
    Text(Cow<'a, str>),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Real(f64),
    /// Yes or no.
    Flag(bool),
}

impl<'a> Cell<'a> {
    pub(super) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn maybe(text: Option<&'a str>) -> Self {
        text.map_or(Self::Missing, Self::text)
    }

    pub(super) fn count(number: impl TryInto<i64>) -> Self {
        number.try_into().map_or(Self::Missing, Self::Int)
    }

    pub(super) fn real(number: Option<f64>) -> Self {
        number.filter(|number| number.is_finite()).map_or(Self::Missing, Self::Real)
    }
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Int,
    Real,
    Flag,
}

impl Kind {
    /// Its name in the data dictionary.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "integer",
            Self::Real => "number",
            Self::Flag => "boolean",
        }
    }
}

/// A column of rows of `T`.
pub(super) struct Column<T: 'static> {
    pub name: &'static str,
    pub kind: Kind,
    /// Empty where there is none.
    pub unit: &'static str,
    pub means: &'static str,
    /// When a row has no value; empty: never.
    pub missing: &'static str,
    pub of: for<'a> fn(&'a T) -> Cell<'a>,
}

/// Called with each row.
pub(super) type Each<'a, T> = &'a mut dyn FnMut(&T) -> Result<(), ExportError>;

/// A table of the long form.
pub(super) struct Table<T: 'static> {
    /// Name of its file, without an ending.
    pub name: &'static str,
    pub columns: &'static [Column<T>],
    /// Its rows, in the order of the run.
    pub rows: fn(&Run, Each<'_, T>) -> Result<(), ExportError>,
}
