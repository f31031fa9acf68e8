//! The nouns of `clinic`, as plain data and pure functions: no network, no async, no clock.
//!
//! Formats of everything read from files are in `docs/design/formats.md`.

pub mod exchange;
