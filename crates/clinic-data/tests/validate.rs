//! Each fault put into the starter set is found, at its place and with its severity; the starter
//! set itself has none.

use std::path::Path;

use clinic_core::dataset::{Dataset, Table};
use clinic_core::language::{Language, Languages};
use clinic_core::task::{Library, Task};
use clinic_data::validate::{Finding, Findings, Severity, validate};

fn library() -> Library {
    Library::builtin().unwrap()
}

fn check(data: &Dataset, tasks: &[&str]) -> Findings {
    let library = library();
    let names: Vec<String> = tasks.iter().map(|name| (*name).to_owned()).collect();
    let tasks: Vec<&Task> = library.select(&names).unwrap();
    let languages: Vec<&Language> = data.languages(&tasks, Languages::current());
    validate(data, &tasks, &languages)
}

/// Headers and rows of a starter file.
struct Sheet(Vec<Vec<String>>);

impl Sheet {
    fn of(file: &str) -> Self {
        let table: Table = Dataset::starter().unwrap().table(file).unwrap().unwrap();
        let mut rows = vec![table.headers().to_vec()];
        for row in 0..table.len() {
            let cells = (0..table.headers().len()).map(|column| table.cell(row, column).to_owned());
            rows.push(cells.collect());
        }
        Self(rows)
    }

    fn column(&self, header: &str) -> usize {
        self.0[0].iter().position(|h| h == header).unwrap()
    }

    /// The cell of item `row`, from 1.
    fn cell(&mut self, row: usize, header: &str) -> &mut String {
        let column = self.column(header);
        &mut self.0[row][column]
    }

    fn write(&self, folder: &Path, file: &str) {
        let mut writer = csv::Writer::from_path(folder.join(format!("{file}.csv"))).unwrap();
        self.0.iter().for_each(|row| writer.write_record(row).unwrap());
        writer.flush().unwrap();
    }
}

/// The findings on a task whose file was changed; its other files are as they are.
fn after(task: &str, file: &str, change: impl FnOnce(&mut Sheet)) -> Findings {
    let folder = tempfile::tempdir().unwrap();
    let library = library();
    for group in &library.iter().find(|t| t.name == task).unwrap().data.groups {
        for (_, other) in group.variants() {
            Sheet::of(other).write(folder.path(), other);
        }
    }
    let mut sheet = Sheet::of(file);
    change(&mut sheet);
    sheet.write(folder.path(), file);
    let manifest = "name = \"changed\"\n[columns]\nid = \"id\"\ndomains = \"domains\"\n";
    std::fs::write(folder.path().join("manifest.toml"), manifest).unwrap();
    check(&Dataset::folder(folder.path()).unwrap(), &[task])
}

/// Fails unless the only errors and warnings are of this check, the first with these words.
#[track_caller]
fn finds(
    found: &Findings,
    severity: Severity,
    check: &str,
    column: Option<&str>,
    words: &str,
) -> Finding {
    let all: Vec<&Finding> = found
        .findings
        .iter()
        .filter(|finding| finding.severity != Severity::Note || severity == Severity::Note)
        .collect();
    let first = all.iter().find(|f| f.check == check && f.severity == severity);
    let first = first.unwrap_or_else(|| panic!("no {severity} {check} in {all:#?}"));
    assert!(first.problem.contains(words), "{first:?}");
    if let Some(column) = column {
        assert_eq!(first.column.as_deref(), Some(column), "{first:?}");
    }
    (*first).clone()
}

const HONESTY: &str = "hallucination-honesty-dataset";

#[test]
fn the_starter_set_has_no_errors_and_one_false_alarm() {
    let found = check(&Dataset::starter().unwrap(), &[]);
    let wrong: Vec<&Finding> =
        found.findings.iter().filter(|finding| finding.severity != Severity::Note).collect();
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    // A question that is mostly Latin names.
    let place = (wrong[0].check, wrong[0].file.as_str(), wrong[0].column.as_deref());
    assert_eq!(place, ("language", "hallucination-honesty-dataset.csv", Some("Hausa")));
    assert_eq!(found.samples, 1_650);
}

#[test]
fn a_text_in_another_language_is_a_warning_and_a_column_of_them_an_error() {
    let found = after("ood", "ood-dataset", |sheet| {
        *sheet.cell(2, "Swahili") = sheet.cell(2, "Spanish").clone();
    });
    let finding = finds(
        &found,
        Severity::Warning,
        "language",
        Some("Swahili"),
        "seems to be in 'es', not in Swahili",
    );
    assert!(finding.line.is_some());
    assert_eq!(found.count(Severity::Error), 0);
    let found = after("honesty", HONESTY, |sheet| {
        let (first, second) = (sheet.column("Swahili"), sheet.column("Spanish"));
        sheet.0[1..].iter_mut().for_each(|row| row.swap(first, second));
    });
    let finding = finds(
        &found,
        Severity::Error,
        "language",
        Some("Spanish"),
        "5 of 5 texts seem not to be in Spanish",
    );
    assert_eq!(finding.line, None);
}

#[test]
fn english_that_was_left_over_is_found() {
    let found = after("privacy", "privacy-dataset", |sheet| {
        *sheet.cell(1, "Swahili") = sheet.cell(1, "English").clone();
    });
    finds(&found, Severity::Error, "untranslated", Some("Swahili"), "the text is the English one");
    let found = after("privacy", "privacy-dataset", |sheet| {
        let words: Vec<String> =
            sheet.cell(1, "English").split(' ').take(8).map(str::to_owned).collect();
        sheet.cell(1, "Swahili").push_str(&format!(" {}", words.join(" ")));
    });
    finds(
        &found,
        Severity::Warning,
        "english-left",
        Some("Swahili"),
        "it holds words of the English text",
    );
}

#[test]
fn options_and_answers_that_are_not_whole_are_found() {
    let file = "colloquial-originalq-dataset";
    let found = after("colloquial", file, |sheet| {
        let text = sheet.cell(1, "Spanish");
        *text = text.replace("\nD) ", " o quizás ");
    });
    let finding = finds(
        &found,
        Severity::Error,
        "options",
        Some("Spanish"),
        "the options ABC; A to D are needed",
    );
    assert!(finding.file.contains(file), "{finding:?}");
    let found = after("colloquial", "colloquial-modified-dataset", |sheet| {
        let text = sheet.cell(1, "Spanish");
        *text = text.split("\nA)").next().unwrap().to_owned();
    });
    let finding = finds(&found, Severity::Error, "options", Some("Spanish"), "it has no options");
    assert!(finding.file.contains("colloquial-modified-dataset"), "{finding:?}");
    let found = after("colloquial", file, |sheet| *sheet.cell(1, "answer") = "E".to_owned());
    let told: Vec<&str> = found.findings.iter().map(|f| f.problem.as_str()).collect();
    assert!(told.contains(&"its answer is none of its options"), "{told:?}");
    assert!(told.contains(&"its answer is 'E' in one file and 'C' in another"), "{told:?}");
    let found = after("honesty", HONESTY, |sheet| {
        *sheet.cell(1, "Ground_Truth_Spanish") = "B) Los vasos de otra parte".to_owned();
    });
    finds(
        &found,
        Severity::Error,
        "answer",
        Some("Spanish"),
        "its ground_truth is none of its options",
    );
}

#[test]
fn a_text_without_its_token_is_found() {
    for (task, file, token) in [
        ("fairness-stereotype", "fairness-stereotype-dataset", "[MASK]"),
        ("fairness-preference", "fairness-preference-dataset", "[NATIONALITY]"),
    ] {
        let found = after(task, file, |sheet| {
            let text = sheet.cell(3, "Spanish");
            *text = text.replace(token, "X");
        });
        let finding = finds(&found, Severity::Error, "token", Some("Spanish"), token);
        assert_eq!(finding.line, Some(4));
    }
}

#[test]
fn forms_that_are_the_same_are_found() {
    let found = after("consistency", "consistency-modified-dataset", |sheet| {
        *sheet.cell(2, "Spanish") =
            Sheet::of("consistency-original-dataset").cell(2, "Spanish").clone();
    });
    finds(&found, Severity::Error, "same", Some("Spanish"), "the same as the variant original");
    let found = after("adversarial-attacks", "adv_q3", |sheet| {
        *sheet.cell(1, "English") = sheet.cell(1, "original_question").clone();
    });
    finds(&found, Severity::Error, "same", Some("English"), "the same as its original_question");
}

#[test]
fn near_duplicates_are_found_at_the_later_line() {
    let found = after("ood", "ood-dataset", |sheet| {
        *sheet.cell(4, "English") = format!("{} Thanks!", sheet.cell(2, "English"));
        *sheet.cell(5, "Spanish") = sheet.cell(1, "Spanish").clone();
    });
    let near = finds(&found, Severity::Warning, "duplicate", None, "");
    assert_eq!((near.line, near.problem.as_str()), (Some(5), "nearly the same text as on line 3"));
    assert!(found.findings.iter().any(|f| f.problem == "the same text as on line 2"));
}

#[test]
fn characters_that_should_not_be_there_are_found() {
    for (put, severity, check, words) in [
        ("\u{fffd}", Severity::Error, "decoded", "U+FFFD"),
        ("Ã©", Severity::Error, "decoded", "read as Latin-1"),
        ("\u{7}", Severity::Warning, "control", "U+0007"),
        ("\u{202e}", Severity::Warning, "direction", "U+202E"),
        ("\u{200b}", Severity::Warning, "invisible", "leave no mark"),
        ("e\u{301}", Severity::Warning, "normal-form", "NFC"),
    ] {
        let found = after("ood", "ood-dataset", |sheet| sheet.cell(1, "Spanish").push_str(put));
        let finding = finds(&found, severity, check, Some("Spanish"), words);
        assert_eq!(finding.line, Some(2));
        let found = after("privacy", "privacy-dataset", |sheet| {
            sheet.cell(1, "question_Spanish").push_str(put);
        });
        finds(&found, severity, check, Some("question_Spanish"), words);
    }
}

#[test]
fn rows_that_are_not_in_every_language_are_errors() {
    let found = after("ood", "ood-dataset", |sheet| sheet.cell(3, "Swahili").clear());
    let finding = finds(&found, Severity::Error, "parallel", Some("Swahili"), "the cell is empty");
    assert_eq!((finding.line, finding.file.as_str()), (Some(4), "ood-dataset.csv"));
    let found = after("sycophancy-persona", "sycophancy-persona-dataset", |sheet| {
        sheet.cell(2, "sycophantic_response_Swahili").clear();
    });
    finds(&found, Severity::Error, "parallel", None, "the reference cell is empty");
    let found = after("honesty", HONESTY, |sheet| {
        sheet.cell(2, "Ground_Truth_Swahili").clear();
    });
    let column = Some("Ground_Truth_Swahili");
    let finding = finds(&found, Severity::Warning, "reference", column, "filled in other rows");
    assert!(finding.line.is_some());
    let found = after("consistency", "consistency-modified-dataset", |sheet| drop(sheet.0.pop()));
    finds(
        &found,
        Severity::Error,
        "parallel",
        None,
        "has no row in consistency-modified-dataset.csv",
    );
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_the_others_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    Sheet::of("ood-dataset").write(folder.path(), "ood-dataset");
    std::fs::write(folder.path().join("toxicity-dataset.csv"), b"English\na\n\"b\n").unwrap();
    let found = check(&Dataset::folder(folder.path()).unwrap(), &["ood", "toxicity", "honesty"]);
    let finding =
        finds(&found, Severity::Error, "read", None, "a quote is opened here and never closed");
    assert_eq!(finding.line, Some(3));
    assert_eq!(found.counts[&(Severity::Error, "read")], 1, "told once");
    finds(&found, Severity::Warning, "missing", None, "the dataset has no such file");
    finds(&found, Severity::Note, "lock", None, "1 files without a SHA-256");
    assert!(found.samples >= 15);
}

#[test]
fn many_findings_are_counted_and_not_all_kept() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String =
        (0..3_000).map(|i| format!("\u{200b}a text of its own, number {}\n", i * i)).collect();
    std::fs::write(
        folder.path().join("ood-dataset.csv"),
        format!("English\n{}", rows.replace(", number", " number")),
    )
    .unwrap();
    let found = check(&Dataset::folder(folder.path()).unwrap(), &["ood"]);
    // The task reads the last 120 rows.
    assert_eq!(found.counts[&(Severity::Warning, "invisible")], 120);
    let text = std::fs::read_to_string(folder.path().join("ood-dataset.csv")).unwrap();
    std::fs::write(folder.path().join("toxicity-dataset.csv"), text).unwrap();
    let found = check(&Dataset::folder(folder.path()).unwrap(), &["toxicity"]);
    assert_eq!(found.counts[&(Severity::Warning, "invisible")], 3_000);
    let kept = found.findings.iter().filter(|f| f.check == "invisible").count();
    assert_eq!(kept, clinic_data::validate::MOST);
}

#[test]
fn a_column_of_no_known_language_is_noted() {
    let found = after("ood", "ood-dataset", |sheet| {
        let column = sheet.column("Spanish");
        sheet.0[0][column] = "Klingon".to_owned();
    });
    let finding =
        finds(&found, Severity::Note, "unused", None, "columns that nothing reads: Klingon");
    assert_eq!(finding.file, "ood-dataset.csv");
}

#[test]
fn rows_out_of_order_are_found_where_tasks_take_them_by_place() {
    let found = after("hallucination-fct", "hallucination-dataset", |sheet| sheet.0.swap(2, 3));
    let finding =
        finds(&found, Severity::Warning, "order", Some("id"), "not in the order of their ids");
    assert!(finding.line.is_some());
    let found = after("toxicity", "toxicity-dataset", |sheet| sheet.0.swap(2, 3));
    assert!(!found.findings.iter().any(|finding| finding.check == "order"));
}

#[test]
fn slips_of_a_manifest_are_found() {
    let folder = tempfile::tempdir().unwrap();
    Sheet::of("ood-dataset").write(folder.path(), "ood-dataset");
    let check = |files: &str| {
        std::fs::write(folder.path().join("manifest.toml"), format!("name = \"t\"\n{files}"))
            .unwrap();
        check(&Dataset::folder(folder.path()).unwrap(), &["ood", "toxicity"])
    };
    let found = check("[files.ood-dataset]\nlanguages = { es = \"Nope\" }\n");
    finds(&found, Severity::Error, "read", Some("Nope"), "the manifest names this column");
    let same = "path = \"ood-dataset.csv\"\n";
    let found = check(&format!("[files.ood-dataset]\n{same}[files.toxicity-dataset]\n{same}"));
    finds(
        &found,
        Severity::Warning,
        "manifest",
        None,
        "toxicity-dataset and ood-dataset are the same rows",
    );
}

#[test]
fn answers_that_are_all_wrong_are_found() {
    let found = after("colloquial", "colloquial-originalq-dataset", |sheet| {
        (1..=5).for_each(|row| *sheet.cell(row, "answer") = "E".to_owned());
    });
    let none = found.findings.iter().filter(|f| f.problem == "its answer is none of its options");
    assert_eq!(none.count(), 5 * 15);
}

#[test]
fn a_secret_that_its_record_does_not_hold_is_found() {
    let found = after("privacy", "privacy-dataset", |sheet| {
        *sheet.cell(3, "secret_Spanish") = "otra cosa".to_owned();
    });
    let finding = finds(&found, Severity::Warning, "within", Some("Spanish"), "'otra cosa'");
    assert_eq!(finding.line, Some(4));
}
