//! A project's folder: made whole, opened by one step at a time, clear about what is wrong with it.

use std::fs;
use std::path::Path;

use clinic_build::store::NewDocument;
use clinic_build::{Project, ProjectError};
use tempfile::TempDir;

const CONFIG: &str = r#"
name = "set"
version = "1"
license = "CC0-1.0"
about = "A test."
languages = ["Swahili", "en"]
tasks = ["honesty"]
"#;

fn project() -> (TempDir, Project) {
    let folder = TempDir::new().unwrap();
    let project = Project::create(folder.path(), CONFIG).unwrap();
    (folder, project)
}

/// What is said of a `build.toml`.
fn said(config: &str) -> String {
    let folder = TempDir::new().unwrap();
    let error = Project::create(folder.path(), config).map(|_| ()).unwrap_err();
    assert!(!folder.path().join("build.toml").exists(), "nothing is made of it");
    error.to_string()
}

fn document(text: &str) -> NewDocument {
    NewDocument {
        source: "s".to_owned(),
        name: "flu".to_owned(),
        language: "en".to_owned(),
        title: "Flu".to_owned(),
        text: text.to_owned(),
        license: "CC0".to_owned(),
        address: "documents/en/flu.md".to_owned(),
        dated: None,
        sha256: text.to_owned(),
        link: Some("flu".to_owned()),
        groups: vec!["Infections".to_owned()],
        recent: false,
    }
}

#[test]
fn english_comes_first_and_each_task_has_its_recipe() {
    let (_folder, project) = project();
    let tags: Vec<&str> = project.languages().iter().map(|l| l.tag.as_str()).collect();
    assert_eq!(tags, ["en", "sw"]);
    assert_eq!(project.tasks().len(), 1);
    assert_eq!(project.recipe("honesty").task, "honesty");
}

#[test]
fn what_is_wrong_in_build_toml_is_told_with_its_key() {
    for (from, to, expected) in [
        ("\"Swahili\", \"en\"", "\"Swahili\"", "'languages' lacks English"),
        ("\"Swahili\", \"en\"", "\"en\", \"English\"", "names English twice"),
        ("\"Swahili\"", "\"Klingon\"", "Klingon"),
        ("tasks = [\"honesty\"]", "tasks = [\"horoscope\"]", "horoscope"),
        ("about = ", "abuot = ", "abuot"),
        ("name = \"set\"", "name = \" \"", "'name' is empty"),
        ("tasks =", "seed = -1\ntasks =", "seed"),
    ] {
        let said = said(&CONFIG.replace(from, to));
        assert!(said.contains(expected), "{to}: {said}");
    }
    for (table, expected) in [
        ("[map]\nthreshold = 0.5\ndoubtful = 0.6", "doubtful <= threshold"),
        ("[write]\nitems = 0", "at least 1"),
        ("[check]\nmeaning_block = 2.0", "meaning_block"),
        ("[review]\nleast = 6", "from 1 to 5"),
        ("[publish]\nitems = 0", "at least 1"),
        (
            "[[sources]]\nname = \"a\"\nkind = \"folder\"\nfrom = \"x\"\nlicense = \"\"",
            "'license' is empty",
        ),
        (
            "[[sources]]\nname = \"a\"\nkind = \"folder\"\nfrom = \"x\"\nlicense = \"y\"\n\
             approved_after = \"2025-01-01\"",
            "drug-approvals alone",
        ),
        (
            "[[sources]]\nname = \"a\"\nkind = \"drug-approvals\"\nfrom = \"x\"\nlicense = \"y\"\n\
             approved_after = \"last year\"",
            "not a day",
        ),
    ] {
        let said = said(&format!("{CONFIG}\n{table}\n"));
        assert!(said.contains(expected), "{table}: {said}");
    }
}

#[test]
fn a_project_is_made_once_and_what_a_crash_left_is_no_project() {
    let (folder, project) = project();
    let again = |folder: &Path| Project::create(folder, CONFIG).map(|_| ()).unwrap_err();
    assert!(matches!(again(folder.path()), ProjectError::Exists(_)));
    project.store().put_document(&document("a")).unwrap();
    drop(project);
    let config = folder.path().join("build.toml");
    fs::remove_file(&config).unwrap();
    assert!(matches!(again(folder.path()), ProjectError::Headless(_)), "documents are kept");
    let crashed = TempDir::new().unwrap();
    assert!(matches!(Project::look(crashed.path()), Err(ProjectError::None(_))));
    fs::write(crashed.path().join("build.sqlite"), "").unwrap();
    Project::create(crashed.path(), CONFIG).unwrap();
    let strange = TempDir::new().unwrap();
    fs::write(strange.path().join("build.sqlite"), "not a database at all, but somebody's")
        .unwrap();
    assert!(matches!(again(strange.path()), ProjectError::Headless(_)));
}

#[test]
fn one_step_works_at_a_time_and_others_may_look() {
    let (folder, _) = project();
    let step = Project::open(folder.path()).unwrap();
    assert!(matches!(Project::open(folder.path()), Err(ProjectError::Locked(_))));
    Project::look(folder.path()).unwrap();
    drop(step);
    Project::open(folder.path()).unwrap();
}

#[test]
fn a_document_that_changed_is_kept_beside_its_new_form() {
    let (_folder, project) = project();
    let store = project.store();
    let (first, new) = store.put_document(&document("one")).unwrap();
    assert!(new);
    assert_eq!(store.put_document(&document("one")).unwrap(), (first, false));
    let (second, new) = store.put_document(&document("two")).unwrap();
    assert!(new && second != first);
    let heads = store.heads("en").unwrap();
    assert_eq!(heads.iter().map(|head| head.id).collect::<Vec<_>>(), [second]);
    assert_eq!(store.document(first).unwrap().body.text, "one", "items still point at it");
    assert_eq!(store.keep_only("s", &[]).unwrap(), 1);
    assert_eq!(store.count_documents().unwrap(), []);
}
