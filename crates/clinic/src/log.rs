//! What calls leave behind for those who watch: the log of `--log`, a line of JSON for each call, and
//! spans for a collector of OpenTelemetry where this build can send them.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer, SubscriberExt};

use crate::exit::Wrong;
#[cfg(feature = "otel")]
use crate::otel;
use crate::print;

/// Must live until the last call; what is on its way to a collector is sent when it goes.
pub struct Watched {
    #[cfg(feature = "otel")]
    _spans: Option<otel::Spans>,
}

/// Begins to log to a file; texts only where they are asked for.
pub fn start(file: Option<&Path>, texts: bool) -> anyhow::Result<Watched> {
    let lines = file.map(|file| open(file, texts)).transpose()?;
    #[cfg(feature = "otel")]
    {
        let (spans, layer) = otel::start()?.unzip();
        if lines.is_some() || layer.is_some() {
            let subscriber = tracing_subscriber::registry().with(lines).with(layer);
            tracing::subscriber::set_global_default(subscriber)?;
        }
        Ok(Watched { _spans: spans })
    }
    #[cfg(not(feature = "otel"))]
    {
        if lines.is_some() {
            let subscriber = tracing_subscriber::registry().with(lines);
            tracing::subscriber::set_global_default(subscriber)?;
        }
        Ok(Watched {})
    }
}

fn open<S>(file: &Path, texts: bool) -> anyhow::Result<impl Layer<S> + use<S>>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
{
    let wrong = |error: std::io::Error| Wrong::new(format!("{}: {error}", file.display()));
    let out = File::options().create(true).append(true).open(file).map_err(wrong)?;
    let texts = if texts { LevelFilter::DEBUG } else { LevelFilter::OFF };
    // Libraries below may log what they send, so only our own targets are let through.
    let ours = ours().with_target("clinic::text", texts);
    let lines = Mutex::new(Lines { out, failed: false });
    Ok(tracing_subscriber::fmt::layer().json().with_writer(lines).with_filter(ours))
}

/// A log that says once when a line is lost.
struct Lines {
    out: File,
    failed: bool,
}

impl io::Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let written = self.out.write(line);
        if let Err(error) = &written
            && !self.failed
        {
            self.failed = true;
            print::status(&format!("warning: --log cannot be written, lines are lost: {error}"));
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Our own targets, without texts.
pub fn ours() -> Targets {
    Targets::new()
        .with_target("clinic", LevelFilter::DEBUG)
        .with_target("clinic_engine", LevelFilter::INFO)
        .with_target("clinic::text", LevelFilter::OFF)
}
