//! What is reserved for examples, and so is nobody's.

/// Names and endings of hosts that RFC 2606 and RFC 6761 reserve.
pub(super) fn is_example_host(host: &str) -> bool {
    let host = host.trim_matches('.').to_lowercase();
    let ends = |name: &str| host == name || host.ends_with(&format!(".{name}"));
    ["example.com", "example.net", "example.org", "example", "test", "invalid", "localhost"]
        .into_iter()
        .any(ends)
}

/// Telephone numbers that are kept for stories: 555-0100 to 555-0199 (North American Numbering Plan);
/// 01632 960xxx, 07700 900xxx and 020 7946 0xxx (Ofcom, United Kingdom); 5550 xxxx and 7010 xxxx
/// behind an area code, and 0491 570 1xx (ACMA, Australia).
pub(super) fn is_for_stories(digits: &str) -> bool {
    let ends = |prefix: &str, more: usize| {
        let length = prefix.len() + more;
        digits.len() >= length && digits[digits.len() - length..].starts_with(prefix)
    };
    let north_america = ends("55501", 2) && [7, 10, 11].contains(&digits.len());
    let britain = ends("1632960", 3) || ends("7700900", 3) || ends("2079460", 3);
    let australia = ["2", "3", "7", "8"]
        .iter()
        .any(|area| ends(&format!("{area}5550"), 4) || ends(&format!("{area}7010"), 4))
        && (9..=12).contains(&digits.len());
    north_america || britain || australia || ends("4915701", 2)
}
