//! The nouns of `clinic`, as plain data and pure functions: no network, no async, no clock.
//!
//! Formats of everything read from files are in `docs/design/formats.md`.

pub mod attacks;
pub mod choice;
pub mod cluster;
pub mod dataset;
pub mod digest;
pub mod exchange;
pub mod fence;
pub mod identify;
pub mod language;
pub mod metric;
pub mod mitigation;
pub mod plain;
pub mod prompt;
pub mod published;
pub mod reasoning;
pub mod reply;
pub mod rules;
pub mod sample;
pub mod score;
pub mod stats;
pub mod system;
pub mod task;
pub mod tier;
mod words;
