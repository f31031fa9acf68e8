//! Where the test model lies. The unit tests read this file too.

use std::path::PathBuf;

/// Where SmolLM2 lies; a test without it fails rather than passing over what it should show.
pub fn model_path() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")));
    let path = std::env::var_os("CLINIC_SMOLLM2").map(PathBuf::from).unwrap_or_else(|| {
        cache.unwrap_or_default().join("clinic/models/SmolLM2-135M-Instruct.Q4_1.gguf")
    });
    assert!(path.is_file(), "no model at {}: `make models` fetches it", path.display());
    path
}
