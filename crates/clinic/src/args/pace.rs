//! How fast, how patient, how dear.

use std::path::PathBuf;

use clap::Args as Group;
use clinic_engine::model::preset::Price;

use super::LlamaArgs;

/// How fast, how patient.
#[derive(Debug, Clone, Group)]
pub struct PaceArgs {
    /// Requests in flight at once to each endpoint, where it copes; by default found out, from 10
    /// up to 100. A model in this process has its own number.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub max_connections: Option<u32>,
    /// Requests a minute to each endpoint; by default what it tells of its limits.
    #[arg(long, value_name = "N", value_parser = per_minute)]
    pub requests_per_minute: Option<f64>,
    /// Tokens a minute, in and out, to each endpoint; by default what it tells of its limits.
    #[arg(long, value_name = "N", value_parser = per_minute)]
    pub tokens_per_minute: Option<f64>,
    /// Attempts after the first, for failures that may pass; being turned away (429) counts a fifth.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub max_retries: u32,
    /// Seconds before the second attempt; each further wait is twice as long.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.5, value_parser = seconds)]
    pub retry_delay: f64,
    /// Seconds to wait for an endpoint that answers nobody, before the run is left for `resume`;
    /// 0: each request fails for itself.
    #[arg(long, value_name = "SECONDS", default_value_t = 600.0, value_parser = seconds_or_none)]
    pub max_outage: f64,
    /// Seconds that a connection may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0, value_parser = seconds)]
    pub connect_timeout: f64,
    /// Seconds until the first byte of an answer; by default those of --timeout.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub first_byte_timeout: Option<f64>,
    /// Seconds that one answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 600.0, value_parser = seconds)]
    pub timeout: f64,
    /// File of answers shared between runs; off by default, since a server may change a model.
    #[arg(long, value_name = "FILE")]
    pub cache: Option<PathBuf>,
    /// Seconds between two looks at a batch that is out.
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0, value_parser = seconds)]
    pub batch_poll: f64,
    #[command(flatten, next_help_heading = "Models in this process")]
    pub llama: LlamaArgs,
}

impl super::CheckArgs {
    /// One request, tried once.
    pub fn pace(&self) -> PaceArgs {
        PaceArgs {
            max_connections: Some(1),
            requests_per_minute: None,
            tokens_per_minute: None,
            max_retries: 0,
            retry_delay: 0.0,
            max_outage: 0.0,
            connect_timeout: self.timeout.min(10.0),
            first_byte_timeout: None,
            timeout: self.timeout,
            cache: None,
            batch_poll: 30.0,
            llama: self.llama.clone(),
        }
    }
}

/// Batch endpoints.
#[derive(Debug, Clone, Group)]
pub struct BatchArgs {
    /// Ask model and judge through their providers' batch endpoints, at half the price and within a
    /// day; what a batch leaves out is asked live.
    #[arg(long)]
    pub batch: bool,
}

/// What it may cost.
#[derive(Debug, Clone, Default, Group)]
pub struct MoneyArgs {
    /// USD that the run may cost, all its sessions together: nothing is sent that could cost more.
    #[arg(long, value_name = "USD", value_parser = usd)]
    pub budget: Option<f64>,
    /// USD for a million tokens in and out of a model, where models.toml has no price for it; once
    /// for each model.
    #[arg(long, value_name = "MODEL=IN,OUT", value_parser = price)]
    pub price: Vec<ModelPrice>,
}

/// A price that a user gave.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelPrice {
    /// `provider/model`.
    pub model: String,
    /// What it costs.
    pub price: Price,
}

fn per_minute(text: &str) -> Result<f64, String> {
    number(text, 1.0, 1e12).ok_or_else(|| "a number of at least 1".to_owned())
}

fn usd(text: &str) -> Result<f64, String> {
    number(text, 0.0, 1e9).ok_or_else(|| "an amount in USD, such as 2.50".to_owned())
}

fn price(text: &str) -> Result<ModelPrice, String> {
    let form = || "MODEL=IN,OUT in USD for a million tokens, such as openai/x=0.15,0.6".to_owned();
    let (model, prices) = text.rsplit_once('=').ok_or_else(form)?;
    let (input, output) = prices.split_once(',').ok_or_else(form)?;
    let number = |text: &str| number(text, 0.0, 1e6).ok_or_else(form);
    let (input, output) = (number(input)?, number(output)?);
    if model.is_empty() {
        return Err(form());
    }
    let (read, source) = ("the command line".to_owned(), "--price".to_owned());
    Ok(ModelPrice { model: model.to_owned(), price: Price { input, output, read, source } })
}

fn number(text: &str, least: f64, most: f64) -> Option<f64> {
    text.trim().parse().ok().filter(|number| (least..=most).contains(number))
}

pub(super) fn seconds(text: &str) -> Result<f64, String> {
    number(text, 0.001, 86_400.0)
        .ok_or_else(|| "a number of seconds from 0.001 to 86400".to_owned())
}

fn seconds_or_none(text: &str) -> Result<f64, String> {
    number(text, 0.0, 86_400.0).ok_or_else(|| "a number of seconds from 0 to 86400".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_has_a_model_and_two_numbers() {
        let parsed = price("openrouter/a=b/c=0.5,1").unwrap();
        assert_eq!((parsed.model.as_str(), parsed.price.input), ("openrouter/a=b/c", 0.5));
        for wrong in ["x", "x=1", "x=1,", "=1,2", "x=-1,2", "x=1,NaN"] {
            assert!(price(wrong).is_err(), "{wrong}");
        }
    }
}
