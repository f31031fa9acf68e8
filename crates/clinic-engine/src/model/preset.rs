//! Models that have a short name: `models.toml` at the root of the workspace.

use std::sync::OnceLock;

use serde::Deserialize;

use super::provider::HUB;

const BUILTIN: &str = include_str!("../../../../models.toml");

/// An embedding model with all that its use needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// What a user calls it.
    pub name: String,
    /// The provider that runs it.
    pub provider: String,
    /// Owner and name of its repository on the hub.
    pub repo: String,
    /// The commit that is meant.
    pub revision: String,
    /// The file in the repository.
    pub file: String,
    /// SHA-256 of the file, as hexadecimal digits.
    pub sha256: String,
    /// How the vectors of a text's tokens become one: `cls` or `mean`.
    pub pooling: String,
    /// The longest text, in tokens.
    pub context: u32,
    /// Numbers in a vector.
    pub dimensions: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    embedders: Vec<Preset>,
}

impl Preset {
    /// What its short name stands for.
    pub fn full_name(&self) -> String {
        let Self { provider, repo, file, revision, .. } = self;
        format!("{provider}/{HUB}{repo}/{file}@{revision}")
    }
}

/// All embedders that have a short name.
pub fn embedders() -> &'static [Preset] {
    static PRESETS: OnceLock<Vec<Preset>> = OnceLock::new();
    PRESETS.get_or_init(|| {
        let file: File = toml::from_str(BUILTIN).expect("models.toml is checked by a test");
        file.embedders
    })
}

/// The embedder of this short name.
pub fn embedder(name: &str) -> Option<&'static Preset> {
    embedders().iter().find(|preset| preset.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::provider::Name;

    #[test]
    fn embedder_presets_are_whole() {
        for preset in embedders() {
            assert!(preset.full_name().parse::<Name>().is_ok(), "{preset:?}");
            let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
            assert!(preset.sha256.len() == 64 && hex(&preset.sha256), "{preset:?}");
            assert!(preset.revision.len() == 40 && hex(&preset.revision), "{preset:?}");
            assert!(["cls", "mean"].contains(&preset.pooling.as_str()), "{preset:?}");
        }
        let bge = embedder("bge-m3").unwrap();
        assert_eq!((bge.context, bge.dimensions, bge.pooling.as_str()), (8192, 1024, "cls"));
        assert_eq!(embedder("BGE"), None);
    }
}
