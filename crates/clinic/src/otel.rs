//! Spans to a collector of OpenTelemetry, where the usual variables name one.

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use crate::exit::Wrong;
use crate::log;
use crate::offline::is_offline;

/// The variables that name a collector, as OpenTelemetry's specification has them.
const ADDRESSES: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];

/// Spans on their way; those that wait are sent when it goes.
pub struct Spans(SdkTracerProvider);

/// Begins to send spans of calls, without texts; `None` where no collector is named.
pub fn start<S>() -> anyhow::Result<Option<(Spans, impl Layer<S> + use<S>)>>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    let named = |name: &str| std::env::var(name).is_ok_and(|address| !address.trim().is_empty());
    let Some(name) = ADDRESSES.into_iter().find(|name| named(name)) else { return Ok(None) };
    if is_offline() {
        return Err(
            Wrong::new(format!("{name} names a collector, and --offline forbids it")).into()
        );
    }
    let wrong = |error: &dyn std::fmt::Display| Wrong::new(format!("{name}: {error}"));
    let exporter = SpanExporter::builder().with_http().build().map_err(|error| wrong(&error))?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(Resource::builder().with_service_name("clinic").build())
        .build();
    let tracer = provider.tracer("clinic");
    let layer = tracing_opentelemetry::layer().with_tracer(tracer).with_filter(log::ours());
    Ok(Some((Spans(provider), layer)))
}

impl Drop for Spans {
    fn drop(&mut self) {
        // A collector that is gone must not change how a run ended.
        let _ = self.0.shutdown();
    }
}
