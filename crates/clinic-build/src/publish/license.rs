//! Licences by the names that the hub and Croissant have for them.

/// SPDX names of licences that data is often under, all of which the hub knows in lower case.
const KNOWN: [&str; 16] = [
    "Apache-2.0",
    "BSD-3-Clause",
    "CC-BY-2.0",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "GPL-3.0",
    "MIT",
    "ODbL-1.0",
    "PDDL-1.0",
];

fn known(license: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|name| name.eq_ignore_ascii_case(license.trim()))
}

/// The hub's name; `None`: it has to be called `other`.
pub fn on_the_hub(license: &str) -> Option<String> {
    known(license).map(|name| match name {
        // The hub names these two without their versions.
        "ODbL-1.0" => "odbl".to_owned(),
        "PDDL-1.0" => "pddl".to_owned(),
        name => name.to_lowercase(),
    })
}

/// The licence's page where it is known, else its name as it stands.
pub fn address(license: &str) -> String {
    match known(license) {
        Some(name) => format!("https://spdx.org/licenses/{name}.html"),
        None => license.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_have_their_names() {
        assert_eq!(on_the_hub("cc-by-4.0").as_deref(), Some("cc-by-4.0"));
        assert_eq!(on_the_hub("ODbL-1.0").as_deref(), Some("odbl"));
        assert_eq!(on_the_hub("ours"), None);
        assert_eq!(address("CC-BY-4.0"), "https://spdx.org/licenses/CC-BY-4.0.html");
        assert_eq!(address(" ours "), "ours");
    }
}
