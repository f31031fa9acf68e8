//! The program as its users meet it: the real binary, a local provider, and what is left behind.
//!
//! One file a topic; `support` runs the binary and builds tasks, data and models that misbehave.

mod batches;
mod broken_data;
mod browser;
mod browser_build_review;
mod browser_picture;
mod browser_report;
mod browser_view;
mod build_check;
mod build_collect;
mod build_init;
mod build_map;
mod build_publish;
mod build_review;
mod build_review_tables;
mod build_whole;
mod build_write;
mod chaos;
#[cfg(target_os = "linux")]
mod clock;
mod commands;
mod compare;
mod data;
mod data_hub;
#[cfg(target_os = "linux")]
mod disk;
mod documented;
mod embedders;
mod exports;
mod exports_readers;
mod exports_tables;
mod faults;
mod fidelity;
#[cfg(feature = "llama")]
mod hub;
mod judge;
mod kill;
mod log;
#[cfg(target_os = "linux")]
mod memory;
mod mitigations;
mod moments;
mod money;
mod network;
#[cfg(feature = "otel")]
mod otel;
mod pace;
mod pairs;
mod probe;
mod providers;
mod reasoning;
mod reference;
mod report;
mod report_runs;
mod scores;
mod secrets;
mod store;
mod support;
mod tasks;
mod tls;
mod toxicity;
mod unusable;
mod view;
mod view_marks;
