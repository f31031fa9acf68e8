//! Response folders: whatever a file holds, it is read or named, and every answer is of the file.
#![no_main]

use std::fs;
use std::sync::LazyLock;

use clinic_core::dataset::Dataset;
use clinic_core::language::{Language, Languages};
use clinic_core::published::Protocol;
use clinic_core::sample::Sample;
use clinic_core::task::{Library, Task};
use clinic_engine::import::reference::{self, Data};
use libfuzzer_sys::fuzz_target;

struct Known {
    tasks: Vec<Task>,
    languages: Vec<Language>,
    samples: Vec<Sample>,
    folder: tempfile::TempDir,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let library = Library::builtin().expect("builtin tasks");
    let task = library.find("ood").expect("a task").clone();
    let languages: Vec<Language> = Languages::builtin().iter().take(1).cloned().collect();
    let data = Dataset::starter().expect("the starter set");
    let reading = data.read(&task, &languages.iter().collect::<Vec<_>>()).expect("samples");
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("ood_respon_m/English")).expect("a folder");
    Known { tasks: vec![task], languages, samples: reading.samples, folder }
});

fuzz_target!(|bytes: &[u8]| {
    let known = &*KNOWN;
    let root = known.folder.path();
    fs::write(root.join("ood_respon_m/English/English_m.csv"), bytes).expect("a file");
    let rows = |_: &Task, _: Option<&str>| known.samples.len();
    let data = Data {
        tasks: &known.tasks,
        languages: &known.languages,
        samples: &known.samples,
        unwanted: &[],
        rows: &rows,
    };
    for protocol in [Protocol::Default, Protocol::Reference] {
        let import = reference::read(root, None, protocol, &data).expect("a folder of the layout");
        assert!(!import.digests.is_empty() || !import.skipped.is_empty());
    }
});
