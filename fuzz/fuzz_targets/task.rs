//! Task files and rubrics: a task that can be used, or an error with its place.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use clinic_core::task::{Library, Rubrics, Task};
use libfuzzer_sys::fuzz_target;

static LIBRARY: LazyLock<Library> = LazyLock::new(|| Library::builtin().expect("builtin tasks"));

fuzz_target!(|text: &str| {
    let _ = Task::parse(Path::new("ood.toml"), text.as_bytes());
    let mut task = LIBRARY.find("ood").expect("a task").clone();
    let rubrics =
        Rubrics { task: "ood".to_owned(), file: PathBuf::from("ood.toml"), text: text.to_owned() };
    if rubrics.apply(&mut task).is_ok() {
        assert!(!task.scorer.questions().is_empty());
    }
});
