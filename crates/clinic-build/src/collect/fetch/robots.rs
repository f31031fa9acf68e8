//! robots.txt (RFC 9309), with the crawl delay that many servers add.

use std::time::Duration;

use reqwest::Url;
use texting_robots::Robot;

use super::super::why::Why;

/// Bytes of robots.txt that are read, as RFC 9309 asks at least.
pub const MOST: u64 = 500 << 10;

/// The longest delay that is kept; a server that asks for more is not to be read by programs.
const LONGEST: f32 = 300.0;

/// What a server allows.
pub struct Rules {
    rules: Says,
    /// Time between two requests.
    pub delay: Option<Duration>,
}

enum Says {
    /// There is none: all is allowed.
    All,
    /// What the file says.
    File(Robot),
    /// It cannot be read, so that nobody knows what is allowed.
    Unknown(String),
    /// It asks for so many seconds between two requests.
    Slow(f32),
}

impl Rules {
    /// All is allowed.
    pub fn open() -> Self {
        Self { rules: Says::All, delay: None }
    }

    /// Nothing is allowed, since nobody knows what is.
    pub fn closed(why: &str) -> Self {
        Self { rules: Says::Unknown(why.to_owned()), delay: None }
    }

    /// As the file says.
    pub fn read(text: &[u8]) -> Self {
        let robot = match Robot::new("clinic", text) {
            Ok(robot) => robot,
            Err(error) => return Self::closed(&error.to_string()),
        };
        let asked = robot.delay.filter(|seconds| seconds.is_finite() && *seconds > 0.0);
        match asked {
            Some(seconds) if seconds > LONGEST => Self { rules: Says::Slow(seconds), delay: None },
            _ => Self { rules: Says::File(robot), delay: asked.map(Duration::from_secs_f32) },
        }
    }

    /// Whether an address may be asked for.
    pub fn allow(&self, address: &Url) -> Result<(), Why> {
        match &self.rules {
            Says::All => Ok(()),
            Says::File(robot) if robot.allowed(address.as_str()) => Ok(()),
            Says::File(_) => Err(Why::Robots(format!("robots.txt forbids {address}"))),
            Says::Slow(seconds) => Err(Why::Robots(format!(
                "robots.txt asks for {seconds} s between two requests, which is longer than clinic \
                 waits"
            ))),
            Says::Unknown(why) => Err(Why::NotFetched(format!(
                "robots.txt of the server cannot be read, so that nothing may be asked: {why}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_for_us_count_and_so_does_the_delay() {
        let url = |path: &str| Url::parse(&format!("https://a.example{path}")).unwrap();
        let rules = Rules::read(
            b"User-agent: *\nDisallow: /\n\nUser-agent: clinic\nDisallow: /no\nCrawl-delay: 2.5",
        );
        assert!(rules.allow(&url("/yes")).is_ok());
        assert!(matches!(rules.allow(&url("/no/more")), Err(Why::Robots(_))));
        assert_eq!(rules.delay, Some(Duration::from_millis(2_500)));
        let slow = Rules::read(b"User-agent: *\nCrawl-delay: 86400");
        assert!(matches!(slow.allow(&url("/")), Err(Why::Robots(_))));
        assert!(Rules::read(b"\xff\xfe\x00 nonsense").allow(&url("/")).is_ok());
        assert!(matches!(Rules::closed("down").allow(&url("/")), Err(Why::NotFetched(_))));
    }
}
