//! `docs/faults.md` names tests, and each of them exists.

use std::fs;
use std::path::Path;

/// Each `file::name` in backticks.
fn named(text: &str) -> Vec<(&str, &str)> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.filter_map(|name| name.split_once("::")).collect()
}

/// Whether a test's file has a function of this name, or a case of a macro.
fn exists(source: &str, name: &str) -> bool {
    let plain = format!("fn {name}() {{");
    let case = format!("{name}: ");
    source.lines().any(|line| line == plain || line.trim_start().starts_with(&case))
}

#[test]
fn every_test_that_the_list_of_faults_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = fs::read_to_string(root.join("../../docs/faults.md")).unwrap();
    let rows = list.lines().filter(|line| line.starts_with("| "));
    for row in rows.filter(|row| !row.starts_with("| fault |")) {
        let named = named(row);
        assert!(!named.is_empty(), "docs/faults.md has a row without a test: {row}");
        for (file, name) in named {
            let path = root.join(format!("tests/it/{file}.rs"));
            let source = fs::read_to_string(path).unwrap_or_default();
            assert!(exists(&source, name), "docs/faults.md names {file}::{name}: there is none");
        }
    }
}
