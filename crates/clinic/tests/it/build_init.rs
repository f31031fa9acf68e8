//! `clinic build init`: a project in a folder, and what is refused.

use crate::support::Bench;

#[test]
fn a_project_is_a_folder_to_fill_in() {
    let bench = Bench::new();
    let made = bench.clinic("build init sets/flu --languages Spanish,sw").exits(0);
    assert!(
        made.out.contains("sets/flu/build.toml") && made.err.contains("build collect sets/flu")
    );
    let toml = String::from_utf8(bench.read("sets/flu/build.toml")).unwrap();
    assert!(toml.contains("name = \"flu\""), "{toml}");
    assert!(toml.contains("languages = [\"en\", \"es\", \"sw\"]"), "{toml}");
    for tag in ["en", "es", "sw"] {
        assert!(bench.path(&format!("sets/flu/documents/{tag}")).is_dir());
    }
    let again = bench.clinic("build init sets/flu --languages es").exits(2);
    assert!(again.err.contains("holds a project already"), "{}", again.err);
    assert_eq!(String::from_utf8(bench.read("sets/flu/build.toml")).unwrap(), toml);
}

#[test]
fn a_language_that_nobody_knows_makes_nothing() {
    let bench = Bench::new();
    let refused = bench.clinic("build init p --languages Klingon").exits(2);
    assert!(refused.err.contains("Klingon"), "{}", refused.err);
    assert!(!bench.path("p").exists());
}
