//! What providers tell of their limits in the headers of a response.

use std::time::Duration;

use chrono::{DateTime, FixedOffset};
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde::Serialize;

/// No wait that a provider asks for is taken to be longer.
const LONGEST: Duration = Duration::from_secs(3_600);

/// How much may still be sent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Quota {
    /// Requests or tokens in the provider's period.
    pub limit: f64,
    /// Of these, what is left.
    pub remaining: f64,
    /// When all of it will be there again.
    pub reset: Duration,
}

/// What a response told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Told {
    /// Requests that may be sent.
    pub requests: Option<Quota>,
    /// Tokens that may be sent or written, the scarcer of them.
    pub tokens: Option<Quota>,
}

/// Names of the three headers of a quota.
type Names = [&'static str; 3];

const REQUESTS: [Names; 2] = [
    ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests"],
    [
        "anthropic-ratelimit-requests-limit",
        "anthropic-ratelimit-requests-remaining",
        "anthropic-ratelimit-requests-reset",
    ],
];

const TOKENS: [Names; 4] = [
    ["x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens"],
    [
        "anthropic-ratelimit-input-tokens-limit",
        "anthropic-ratelimit-input-tokens-remaining",
        "anthropic-ratelimit-input-tokens-reset",
    ],
    [
        "anthropic-ratelimit-output-tokens-limit",
        "anthropic-ratelimit-output-tokens-remaining",
        "anthropic-ratelimit-output-tokens-reset",
    ],
    [
        "anthropic-ratelimit-tokens-limit",
        "anthropic-ratelimit-tokens-remaining",
        "anthropic-ratelimit-tokens-reset",
    ],
];

impl Told {
    /// Reads headers of OpenAI's and Anthropic's documentation; `None` where there are none.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let scarcest = |all: &[Names]| {
            let share = |quota: &Quota| quota.remaining / quota.limit;
            let quotas = all.iter().filter_map(|names| quota(headers, names));
            quotas.min_by(|a, b| share(a).total_cmp(&share(b)))
        };
        let told = Self { requests: scarcest(&REQUESTS), tokens: scarcest(&TOKENS) };
        (told != Self::default()).then_some(told)
    }
}

fn quota(headers: &HeaderMap, [limit, remaining, reset]: &Names) -> Option<Quota> {
    let number = |name: &str| text(headers, name)?.parse::<f64>().ok();
    let (limit, remaining) = (number(limit)?, number(remaining)?);
    let sound = limit.is_finite() && limit >= 1.0 && (0.0..=limit).contains(&remaining);
    let reset = text(headers, reset).and_then(|reset| wait(headers, reset)).unwrap_or_default();
    sound.then_some(Quota { limit, remaining, reset })
}

/// The wait that a response asks for by `Retry-After`; at most an hour.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let asked = text(headers, "retry-after-ms").and_then(|ms| seconds(ms).map(|s| s / 1_000));
    asked.or_else(|| wait(headers, text(headers, RETRY_AFTER.as_str())?))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A wait as seconds, as OpenAI's "6m0s" or "17ms", or as a date.
fn wait(headers: &HeaderMap, text: &str) -> Option<Duration> {
    seconds(text).or_else(|| span(text)).or_else(|| {
        // Both dates are the server's, so that no clock of ours can be wrong.
        let now = date(self::text(headers, DATE.as_str())?)?;
        Some((date(text)? - now).to_std().unwrap_or_default().min(LONGEST))
    })
}

/// Seconds, at most an hour.
pub(super) fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.trim().parse().ok().filter(|seconds: &f64| !seconds.is_nan())?;
    Duration::try_from_secs_f64(seconds.min(LONGEST.as_secs_f64())).ok()
}

/// A span as Go writes it: "1h2m3.5s", "17ms".
fn span(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let number: f64 = rest[..digits].parse().ok()?;
        let unit = &rest[digits..];
        let end = unit.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(unit.len());
        total += number
            * match &unit[..end] {
                "h" => 3_600.0,
                "m" => 60.0,
                "s" => 1.0,
                "ms" => 1e-3,
                "us" => 1e-6,
                "ns" => 1e-9,
                "d" => 86_400.0,
                _ => return None,
            };
        rest = &unit[end..];
    }
    let sound = !text.is_empty() && total.is_finite() && total >= 0.0;
    // A day's quota comes back within a day, which is no wait but a rate.
    sound.then(|| Duration::from_secs_f64(total.min(86_400.0)))
}

fn date(text: &str) -> Option<DateTime<FixedOffset>> {
    DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn secs(n: f64) -> Duration {
        Duration::from_secs_f64(n)
    }

    #[test]
    fn openais_headers() {
        let told = Told::read(&headers(&[
            ("x-ratelimit-limit-requests", "60"),
            ("x-ratelimit-remaining-requests", "59"),
            ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "150000"),
            ("x-ratelimit-remaining-tokens", "149984"),
            ("x-ratelimit-reset-tokens", "6m0s"),
        ]));
        let requests = Quota { limit: 60.0, remaining: 59.0, reset: secs(1.0) };
        let tokens = Quota { limit: 150_000.0, remaining: 149_984.0, reset: secs(360.0) };
        assert_eq!(told, Some(Told { requests: Some(requests), tokens: Some(tokens) }));
    }

    #[test]
    fn anthropics_headers_by_the_servers_own_clock() {
        let told = Told::read(&headers(&[
            ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
            ("anthropic-ratelimit-input-tokens-limit", "40000"),
            ("anthropic-ratelimit-input-tokens-remaining", "39000"),
            ("anthropic-ratelimit-input-tokens-reset", "2026-11-21T12:00:02Z"),
            ("anthropic-ratelimit-output-tokens-limit", "8000"),
            ("anthropic-ratelimit-output-tokens-remaining", "1000"),
            ("anthropic-ratelimit-output-tokens-reset", "2026-11-21T12:00:50Z"),
        ]));
        let tokens = Quota { limit: 8_000.0, remaining: 1_000.0, reset: secs(50.0) };
        assert_eq!(told, Some(Told { requests: None, tokens: Some(tokens) }));
    }

    #[test]
    fn nonsense_is_not_believed() {
        for (limit, remaining) in [("0", "0"), ("-1", "0"), ("10", "11"), ("x", "1"), ("inf", "1")]
        {
            let told = Told::read(&headers(&[
                ("x-ratelimit-limit-requests", limit),
                ("x-ratelimit-remaining-requests", remaining),
            ]));
            assert_eq!(told, None, "{limit} {remaining}");
        }
        assert_eq!(Told::read(&HeaderMap::new()), None);
    }

    #[test]
    fn waits_in_every_form() {
        let wait = |value: &str| {
            retry_after(&headers(&[
                ("date", "Sat, 21 Nov 2026 12:00:00 GMT"),
                ("retry-after", value),
            ]))
        };
        assert_eq!(wait("2"), Some(secs(2.0)));
        assert_eq!(wait("0.5"), Some(secs(0.5)));
        assert_eq!(wait("99999"), Some(LONGEST));
        assert_eq!(wait("Sat, 21 Nov 2026 12:00:07 GMT"), Some(secs(7.0)));
        assert_eq!(wait("Sat, 21 Nov 2026 11:00:00 GMT"), Some(Duration::ZERO), "in the past");
        assert_eq!(wait("Sat, 21 Nov 2099 12:00:00 GMT"), Some(LONGEST));
        for none in ["-1", "soon", "", "NaN"] {
            assert_eq!(wait(none), None, "{none}");
        }
        let short = headers(&[("retry-after-ms", "250"), ("retry-after", "9")]);
        assert_eq!(retry_after(&short), Some(secs(0.25)));
        let dateless = headers(&[("retry-after", "Sat, 21 Nov 2026 12:00:07 GMT")]);
        assert_eq!(retry_after(&dateless), None, "no clock of ours takes its place");
        for (text, expected) in
            [("17ms", Some(0.017)), ("1h2m3.5s", Some(3_723.5)), ("3x", None), ("m", None)]
        {
            assert_eq!(span(text), expected.map(secs), "{text}");
        }
    }
}
