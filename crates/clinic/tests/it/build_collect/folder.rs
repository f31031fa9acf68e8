//! A folder of one's own.

use crate::support::Bench;

use super::pdf::with_lines;
use super::*;

fn bench() -> Bench {
    let bench = project(&source("folder", "documents", ""));
    bench.write("p/documents/en/hands.md", format!("# Clean hands\n\n{ENGLISH}\n"));
    bench.write("p/documents/Spanish/hands.html", format!("<h1>Manos limpias</h1><p>{SPANISH}"));
    bench.write("p/documents/sw/hands.txt", format!("Mikono safi\n\n{SWAHILI}"));
    bench.write("p/documents/ar/hands.htm", format!("<title>أيد نظيفة</title><p>{ARABIC}</p>"));
    bench
}

#[test]
fn files_of_four_languages_become_documents_that_are_linked_by_their_names() {
    let bench = bench();
    let lines: Vec<&str> = ENGLISH.split(". ").collect();
    bench.write("p/documents/en/more/paper.pdf", with_lines(&lines));
    let json = collect(&bench).exits(0).json();
    assert_eq!(json["dropped"], serde_json::json!([]));
    let all = documents(&bench);
    let of = |tag: &str| all.iter().find(|doc| doc.language == tag && doc.name == "hands").unwrap();
    assert_eq!(of("en").title, "Clean hands");
    assert_eq!(of("en").text, format!("Clean hands\n\n{ENGLISH}"));
    assert_eq!(of("es").title, "Manos limpias");
    assert_eq!(of("es").address, "documents/Spanish/hands.html");
    assert_eq!(of("sw").title, "Mikono safi");
    assert_eq!(of("ar").title, "أيد نظيفة");
    assert!(all.iter().all(|doc| doc.link.as_ref() == Some(&doc.name) && doc.dated.is_none()));
    let paper = all.iter().find(|doc| doc.name == "more/paper").unwrap();
    assert!(paper.text.contains("under the nails"), "{paper:?}");
    let bytes = bench.read("p/documents/sw/hands.txt");
    assert_eq!(of("sw").sha256, clinic_core::digest::hex(&[&bytes]));
}

#[test]
fn a_changed_document_keeps_its_old_row_and_one_that_left_is_gone() {
    let bench = bench();
    collect(&bench).exits(0);
    let again = collect(&bench).exits(0).json();
    assert_eq!(counts(&again, "en"), [0, 0, 1, 0, 0]);
    bench.write("p/documents/en/hands.md", format!("# Clean hands\n\n{ENGLISH} Every day."));
    std::fs::remove_file(bench.path("p/documents/sw/hands.txt")).unwrap();
    let json = collect(&bench).exits(0).json();
    assert_eq!(counts(&json, "en"), [0, 1, 0, 0, 0]);
    assert_eq!(counts(&json, "sw"), [0, 0, 0, 1, 0]);
    let all = documents(&bench);
    let english: Vec<&Doc> = all.iter().filter(|doc| doc.language == "en").collect();
    assert_eq!(english.iter().map(|doc| doc.current).collect::<Vec<_>>(), [false, true]);
    assert!(!english[0].text.contains("Every day"));
    assert!(all.iter().any(|doc| doc.language == "sw" && !doc.current));
    // What it was before is known again, as the same row.
    bench.write("p/documents/en/hands.md", format!("# Clean hands\n\n{ENGLISH}\n"));
    collect(&bench).exits(0);
    assert_eq!(documents(&bench).iter().filter(|doc| doc.language == "en").count(), 2);
}

#[test]
fn what_is_no_document_is_dropped_with_the_reason() {
    let bench = bench();
    bench.write("p/documents/README.md", "where they are from");
    bench.write("p/documents/en/short.txt", "Too short.");
    bench.write("p/documents/en/twice.txt", format!("Clean hands\n\n{ENGLISH}"));
    bench.write("p/documents/en/hands.txt", format!("{ENGLISH} Another form."));
    bench.write("p/documents/es/wrong.md", format!("# Manos\n\n{ENGLISH}"));
    bench.write("p/documents/en/old.txt", [&b"caf\xe9 "[..]; 60].concat());
    bench.write("p/documents/en/sound.mp3", "ID3");
    bench.write("p/documents/en/.hidden.md", ENGLISH);
    bench.write("p/documents/klingon/hands.md", ENGLISH);
    bench.write("p/documents/French/mains.md", ENGLISH);
    bench.write("p/documents/en/scan.pdf", with_lines(&[]));
    let outcome = collect(&bench).exits(0);
    let json = outcome.json();
    assert_eq!(current(&bench).len(), 4);
    assert_eq!(why(&json, "short.txt"), "too short: it has 10 characters, and 200 are needed");
    let twice = "the same text as another: its text is that of documents/en/hands.md";
    assert_eq!(why(&json, "twice.txt"), twice);
    assert!(why(&json, "en/hands.txt").starts_with("the same name as another"));
    let wrong = "in another language: it should be Spanish and seems to be English";
    assert_eq!(why(&json, "wrong.md"), wrong);
    assert!(why(&json, "old.txt").contains("not UTF-8 (byte 4)"));
    assert!(why(&json, "sound.mp3").starts_with("of a kind that is not read"));
    assert!(why(&json, "klingon").contains("no language is named 'klingon'"));
    assert!(why(&json, "scan.pdf").contains("is it a scan?"));
    // French is no language of the project, and a note beside the folders is no document.
    assert_eq!(json["passed_over"][0]["documents"], 2);
    assert_eq!(json["dropped"].as_array().unwrap().len(), 8);
    let told = bench.clinic("build collect p").exits(0);
    for word in ["source", "dropped  too short: 1", "documents/en/short.txt"] {
        assert!(told.out.contains(word), "{word} in {}", told.out);
    }
    assert!(told.out.lines().all(|line| line.chars().count() <= 80), "{}", told.out);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_and_pipes_are_not_followed() {
    let bench = bench();
    bench.write("secret/en.txt", ENGLISH);
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(bench.path(from), bench.path(to)).unwrap();
    };
    link("secret/en.txt", "p/documents/en/secret.txt");
    link("secret", "p/documents/en/folder");
    let pipe = bench.path("p/documents/en/pipe.txt");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
    let json = collect(&bench).exits(0).json();
    assert!(why(&json, "en/secret.txt").contains("symbolic link"));
    assert!(why(&json, "en/folder").contains("symbolic link"));
    assert_eq!(current(&bench).len(), 4);
}

#[test]
fn a_limit_takes_the_versions_of_the_english_documents_first() {
    let bench = project(&source("folder", "documents", "limit = 1"));
    bench.write("p/documents/en/b.txt", ENGLISH);
    bench.write("p/documents/en/c.txt", format!("{ENGLISH} Again."));
    bench.write("p/documents/es/a.txt", format!("{SPANISH} Otra vez."));
    bench.write("p/documents/es/b.txt", SPANISH);
    collect(&bench).exits(0);
    let taken: Vec<(String, String)> =
        current(&bench).into_iter().map(|(name, language, _)| (name, language)).collect();
    assert_eq!(taken, [("b".into(), "en".into()), ("b".into(), "es".into())]);
}

#[test]
fn wrong_sources_are_told_before_anything_is_read() {
    let bench = project("");
    bench.clinic("build collect p").exits(2).says(&["names no source", "[[sources]]"]);
    settings(&bench, "pause = 0", &source("folder", "documents", ""));
    bench.clinic("build collect p --sources other").exits(2).says(&["'other'", "it has src"]);
    settings(&bench, "pause = -1", &source("folder", "documents", ""));
    bench.clinic("build collect p").exits(2).says(&["pause", "build.toml"]);
    settings(&bench, "pause = 0", &source("drug-labels", "ftp://a.example/l.json", ""));
    bench.clinic("build collect p").exits(2).says(&["only http and https"]);
    settings(&bench, "pause = 0", &source("folder", "nowhere", ""));
    bench.clinic("build collect p").exits(3).says(&["source src could not be read", "nowhere"]);
    bench.clinic("build collect q").exits(2).says(&["holds no project"]);
}
