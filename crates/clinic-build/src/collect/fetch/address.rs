//! Which addresses may be asked for, and where answers lead.

use reqwest::Url;
use reqwest::header::LOCATION;

use super::{Answer, Failed, not_fetched};

/// Refuses what is not the web, and what a foreign page has no business to name: this machine and
/// the networks around it, unless the user named that host.
pub fn may_ask(address: &Url, home: &Url) -> Result<(), Failed> {
    if !matches!(address.scheme(), "http" | "https") {
        return Err(not_fetched(format!("{address} is neither http nor https")));
    }
    if !address.username().is_empty() || address.password().is_some() {
        return Err(not_fetched("the address holds a name or a password".into()));
    }
    let is_private = |ip: std::net::Ipv4Addr| {
        ip.is_private() || ip.is_loopback() || ip.is_link_local() || ip.is_unspecified()
    };
    let host = address.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let inside = match host.parse() {
        Ok(std::net::IpAddr::V4(ip)) => is_private(ip),
        Ok(std::net::IpAddr::V6(ip)) => {
            ip.to_ipv4_mapped().is_some_and(is_private)
                || ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
        }
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    };
    if inside && address.host_str() != home.host_str() {
        return Err(not_fetched(format!("{address} is on this machine or its own network")));
    }
    Ok(())
}

/// Where an answer sends to.
pub fn redirect(from: &Url, answer: &Answer) -> Result<Url, Failed> {
    let status = answer.status;
    let to = answer.header(LOCATION).and_then(|to| from.join(&to).ok());
    let mut to =
        to.ok_or_else(|| not_fetched(format!("the server says {status}, and not whereto")))?;
    to.set_fragment(None);
    Ok(to)
}

/// The page behind this one, by the header Link (RFC 8288), where it is on the same server.
pub fn next_of(from: &Url, link: &str) -> Option<String> {
    link.split(',').find_map(|link| {
        let (address, facts) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = facts.split(';').any(|fact| {
            let fact = fact.trim().to_ascii_lowercase();
            fact == "rel=next" || fact == "rel=\"next\""
        });
        let address = from.join(address).ok()?;
        (is_next && address.origin() == from.origin()).then(|| address.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_foreign_page_names_no_machine_of_ours() {
        let home = url("https://example.org/list");
        for bad in [
            "ftp://example.org/a",
            "file:///etc/passwd",
            "http://127.0.0.1/a",
            "http://2130706433/a",
            "http://localhost:80/",
            "http://169.254.169.254/latest",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://name:word@example.org/",
        ] {
            assert!(may_ask(&url(bad), &home).is_err(), "{bad}");
        }
        assert!(may_ask(&url("http://other.example/a"), &home).is_ok());
        assert!(may_ask(&url("http://127.0.0.1:1/a"), &url("http://127.0.0.1:2/b")).is_ok());
    }

    #[test]
    fn the_next_page_is_on_the_same_server() {
        let from = url("https://api.example/label.json?limit=2");
        let link = "<https://api.example/label.json?skip=0&search_after=0%3D1>; rel=\"next\"";
        let next = next_of(&from, link);
        assert_eq!(
            next.as_deref(),
            Some("https://api.example/label.json?skip=0&search_after=0%3D1")
        );
        assert_eq!(next_of(&from, "<https://other.example/x>; rel=\"next\""), None);
        assert_eq!(next_of(&from, "</x>; rel=\"prev\""), None);
    }
}
