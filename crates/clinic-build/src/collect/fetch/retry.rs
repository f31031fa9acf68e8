//! When a request is made again.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// Requests after the first.
const RETRIES: u32 = 3;

/// The longest that a server may ask to wait.
const LONGEST: Duration = Duration::from_secs(120);

/// The shortest first wait.
const SHORTEST: Duration = Duration::from_millis(100);

/// Waits that are left for one address.
pub struct Patience {
    first: Duration,
    tried: u32,
}

impl Patience {
    /// Waits grow from the pause between requests.
    pub fn new(pause: Duration) -> Self {
        Self { first: pause.max(SHORTEST), tried: 0 }
    }

    /// The next wait, as the server asked where it did; or why there is none, to be added to what
    /// happened.
    pub fn next(&mut self, asked: Option<Duration>) -> Result<Duration, String> {
        if self.tried == RETRIES {
            return Err(format!(", {} times", RETRIES + 1));
        }
        if let Some(asked) = asked.filter(|asked| *asked > LONGEST) {
            return Err(format!(" and asks to wait {} s; collect again then", asked.as_secs()));
        }
        let wait = asked.unwrap_or(self.first * 2u32.pow(self.tried)).min(LONGEST);
        self.tried += 1;
        Ok(wait)
    }
}

/// Whether the same request may do better later.
pub fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}

/// What a server asks to wait: seconds, or until a date.
pub fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let until = DateTime::parse_from_rfc2822(text).ok()?.timestamp();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(u64::try_from(until).ok()?.saturating_sub(now)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_the_servers_or_grow_and_end() {
        let mut patience = Patience::new(Duration::from_secs(1));
        assert_eq!(patience.next(None), Ok(Duration::from_secs(1)));
        assert_eq!(patience.next(Some(Duration::from_secs(7))), Ok(Duration::from_secs(7)));
        assert_eq!(patience.next(None), Ok(Duration::from_secs(4)));
        assert!(patience.next(None).is_err());
        assert!(Patience::new(Duration::ZERO).next(Some(Duration::from_secs(999))).is_err());
    }

    #[test]
    fn a_server_asks_in_seconds_or_by_a_date() {
        let of =
            |value: &str| asked(&HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]));
        assert_eq!(of("3"), Some(Duration::from_secs(3)));
        assert_eq!(of("Sat, 01 Jan 2000 00:00:00 GMT"), Some(Duration::ZERO));
        assert!(of("Fri, 01 Jan 2100 00:00:00 GMT").unwrap() > LONGEST);
        assert_eq!(of("soon"), None);
    }
}
