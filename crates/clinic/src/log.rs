//! The log of `--log`: a line of JSON for each call.

use std::fs::File;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use crate::exit::Wrong;

/// Begins to log; texts only where they are asked for.
pub fn start(file: &Path, texts: bool) -> anyhow::Result<()> {
    let wrong = |error: std::io::Error| Wrong::new(format!("{}: {error}", file.display()));
    let out = File::options().create(true).append(true).open(file).map_err(wrong)?;
    let texts = if texts { LevelFilter::DEBUG } else { LevelFilter::OFF };
    // Libraries below may log what they send, so only our own targets are let through.
    let ours = Targets::new()
        .with_target("clinic", LevelFilter::DEBUG)
        .with_target("clinic_engine", LevelFilter::INFO)
        .with_target("clinic::text", texts);
    let lines = tracing_subscriber::fmt::layer().json().with_writer(Mutex::new(out));
    let subscriber = tracing_subscriber::registry().with(lines).with(ours);
    tracing::subscriber::set_global_default(subscriber)?;
    Ok(())
}
