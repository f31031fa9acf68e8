//! The starter set in every form that a copy of the published files may have is told for what it
//! is, and what cannot be told is left to a person.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::Path;

use clinic_core::dataset::{Dataset, Table};
use clinic_core::language::{Language, Languages};
use clinic_core::task::{Library, Task};
use clinic_data::detect::{self, Look};

fn library() -> Library {
    Library::builtin().unwrap()
}

fn files() -> Vec<String> {
    let library = library();
    let groups = library.iter().flat_map(|task| &task.data.groups);
    let mut files: Vec<String> =
        groups.flat_map(|g| g.variants().map(|(_, f)| f.to_owned()).collect::<Vec<_>>()).collect();
    files.sort();
    files.dedup();
    files
}

fn starter(name: &str) -> Table {
    Dataset::starter().unwrap().table(name).unwrap().unwrap()
}

fn look(folder: &Path, only: Option<&Path>) -> Look {
    let library = library();
    let tasks: Vec<&Task> = library.iter().collect();
    detect::look(folder, only, &tasks).unwrap()
}

/// Each sample of each task: its place, its text, its references.
type Samples = BTreeMap<(String, String, usize), (Vec<String>, BTreeMap<String, String>)>;

fn samples(dataset: &Dataset) -> Samples {
    let languages: Vec<&Language> = Languages::current().iter().collect();
    let mut all = Samples::new();
    for task in library().iter() {
        let reading = dataset.read(task, &languages).unwrap();
        for sample in reading.samples {
            let group = sample.group.clone().unwrap_or_default();
            let texts = sample.variants.iter().map(|v| v.text.clone()).collect();
            let key = (format!("{}/{group}", task.name), sample.language.clone(), sample.row);
            all.insert(key, (texts, sample.references));
        }
    }
    all
}

/// Fails unless the manifest that is made of the folder gives the samples of the starter set.
#[track_caller]
fn gives_the_starter_set(folder: &Path, only: Option<&Path>) -> Look {
    let look = look(folder, only);
    assert_eq!((look.missing.clone(), look.doubtful.len()), (vec![], 0), "{:?}", look.doubtful);
    let manifest = folder.join("made.toml");
    std::fs::write(&manifest, look.manifest("copy", None)).unwrap();
    let (found, expected) =
        (samples(&Dataset::folder(&manifest).unwrap()), samples(&Dataset::starter().unwrap()));
    let lost: Vec<_> = expected.keys().filter(|key| !found.contains_key(*key)).collect();
    assert!(lost.is_empty() && found.len() == expected.len(), "{} lost: {lost:?}", lost.len());
    for (key, sample) in expected {
        assert_eq!(found[&key], sample, "{key:?}");
    }
    look
}

fn write(path: &Path, table: &Table, delimiter: u8) {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_path(path).unwrap();
    writer.write_record(table.headers()).unwrap();
    for row in 0..table.len() {
        let cells = (0..table.headers().len()).map(|column| table.cell(row, column));
        writer.write_record(cells).unwrap();
    }
    writer.flush().unwrap();
}

#[test]
fn wide_files_by_their_published_names() {
    let folder = tempfile::tempdir().unwrap();
    for name in files() {
        write(&folder.path().join(format!("{name}.csv")), &starter(&name), b',');
    }
    std::fs::write(folder.path().join("README.txt"), "Not a table.\n").unwrap();
    std::fs::write(folder.path().join("more.csv"), "a,b\n1,2\n").unwrap();
    let look = gives_the_starter_set(folder.path(), None);
    assert_eq!(look.found.len(), 22);
    assert_eq!(look.unused.len(), 1, "{:?}", look.unused);
    assert_eq!(look.unused[0].place, "more.csv");
    let honesty = look.found.iter().find(|f| f.name == "hallucination-honesty-dataset").unwrap();
    assert_eq!((honesty.rows, honesty.reasons[0].as_str()), (5, "the name of the file"));
    assert!(honesty.doubts[0].contains("5 items, the published file has 50"), "{honesty:?}");
}

#[test]
fn wide_files_by_the_names_of_their_tasks_with_semicolons_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in files() {
        let table = starter(&name);
        match name.as_str() {
            "hallucination-honesty-dataset" => write(&path("Honesty.csv"), &table, b';'),
            "jailbreak-vanilla-dataset" => write(&path("DAN_Jailbreak.tsv"), &table, b'\t'),
            "consistency-modified-dataset" => {
                std::fs::create_dir(path("consistency")).unwrap();
                write(&path("consistency/modified.csv"), &table, b',');
            }
            "toxicity-dataset" => {
                write(&path("toxicity.csv"), &table, b',');
                let packed = std::fs::File::create(path("toxicity.csv.gz")).unwrap();
                let mut packed =
                    flate2::write::GzEncoder::new(packed, flate2::Compression::default());
                packed.write_all(&std::fs::read(path("toxicity.csv")).unwrap()).unwrap();
                packed.finish().unwrap();
                std::fs::remove_file(path("toxicity.csv")).unwrap();
            }
            name => write(&path(&format!("{name}.csv")), &table, b','),
        }
    }
    let look = gives_the_starter_set(folder.path(), None);
    let honesty = look.found.iter().find(|f| f.name == "hallucination-honesty-dataset").unwrap();
    assert_eq!(honesty.entry.delimiter, Some(';'));
    assert_eq!(honesty.reasons[1], "cells are separated by ';'");
}

/// A row an item and language, with columns for the task, the variant and the language.
fn long(split: bool) -> Vec<Vec<String>> {
    let references = [
        "answer",
        "original_question",
        "sycophantic_response",
        "non_sycophantic_response",
        "question",
        "masked_question",
        "Ground_Truth",
        "secret",
    ];
    let mut rows =
        vec![["task", "variant", "language", "text", "item"].map(str::to_owned).to_vec()];
    rows[0].extend(references.map(str::to_owned));
    let library = library();
    for language in Languages::current().iter() {
        for task in library.iter() {
            for group in &task.data.groups {
                for (variant, file) in group.variants() {
                    let table = starter(file);
                    let Some(column) = table.column(&language.english) else { continue };
                    let several = task.data.groups[0].variants().count() > 1;
                    let (name, variant) = match (&group.name, several) {
                        (Some(group), _) => (group.clone(), ""),
                        (None, true) => (task.name.clone(), variant),
                        (None, false) => (task.name.clone(), ""),
                    };
                    for row in 0..table.len() {
                        if split && !group.rows.contains(row, table.len()) {
                            continue;
                        }
                        let id = format!(
                            "{}",
                            row / if file == "hallucination-dataset" { 3 } else { 1 }
                        );
                        let mut cells = vec![
                            name.clone(),
                            variant.to_owned(),
                            language.english.clone(),
                            table.cell(row, column).to_owned(),
                            id,
                        ];
                        for reference in references {
                            let own = format!("{reference}_{}", language.english);
                            let column = table.column(&own).or(table.column(reference));
                            cells.push(column.map_or("", |c| table.cell(row, c)).to_owned());
                        }
                        rows.push(cells);
                    }
                }
            }
        }
    }
    rows
}

fn as_csv(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

#[test]
fn one_long_table_in_a_zip() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("CLINIC_latest.zip");
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("CLINIC/all.csv", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(&as_csv(&long(true))).unwrap();
    std::fs::write(&file, archive.finish().unwrap().into_inner()).unwrap();
    let look = gives_the_starter_set(folder.path(), Some(&file));
    let of = |name: &str| look.found.iter().find(|found| found.name == name).unwrap();
    assert!(of("hallucination-dataset").reasons[0].contains("in turn"));
    assert!(of("adv_q12").reasons[0].contains("task = adv_q12"), "{:?}", of("adv_q12"));
    let original = of("consistency-original-dataset");
    assert!(
        original.reasons[0].contains("task = consistency and variant = original"),
        "{original:?}"
    );
}

#[test]
fn one_long_table_as_dataverse_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("CLINIC_latest.tab");
    let escape = |cell: &String| {
        let cell = cell.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
        format!("\"{}\"", cell.replace('\t', "\\t"))
    };
    let lines: Vec<String> = long(true)
        .iter()
        .map(|row| row.iter().map(escape).collect::<Vec<_>>().join("\t") + "\n")
        .collect();
    std::fs::write(&file, lines.concat()).unwrap();
    let look = gives_the_starter_set(folder.path(), Some(&file));
    assert!(look.found[0].reasons.iter().any(|why| why.contains("Dataverse")));
}

#[test]
fn one_long_table_as_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let rows = long(true);
    let mut text = String::new();
    for row in &rows[1..] {
        let fields: Vec<String> = rows[0]
            .iter()
            .zip(row)
            .map(|(key, value)| {
                let json = |text: &String| serde_json::to_string(text).unwrap();
                format!("{}: {}", json(key), json(value))
            })
            .collect();
        text += &format!("{{{}}}\n", fields.join(", "));
    }
    std::fs::write(folder.path().join("all.jsonl"), text).unwrap();
    gives_the_starter_set(folder.path(), None);
}

#[test]
fn a_wide_table_of_all_tasks() {
    let folder = tempfile::tempdir().unwrap();
    let languages: Vec<String> = Languages::current().iter().map(|l| l.english.clone()).collect();
    let mut headers = vec!["dataset".to_owned()];
    for name in files() {
        let known = starter(&name);
        headers.extend(
            known.headers().iter().filter(|h| !headers.contains(h)).cloned().collect::<Vec<_>>(),
        );
    }
    headers.retain(|header| header != "id");
    assert!(languages.iter().any(|language| headers.contains(language)));
    let mut rows = vec![headers.clone()];
    for name in files() {
        let table = starter(&name);
        for row in 0..table.len() {
            let cell = |header: &String| match header.as_str() {
                "dataset" => name.clone(),
                header => table.column(header).map_or("", |c| table.cell(row, c)).to_owned(),
            };
            rows.push(headers.iter().map(cell).collect());
        }
    }
    std::fs::write(folder.path().join("everything.csv"), as_csv(&rows)).unwrap();
    gives_the_starter_set(folder.path(), None);
}

#[test]
fn what_cannot_be_told_is_left_to_a_person() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write(&path("honesty.csv"), &starter("hallucination-honesty-dataset"), b',');
    write(
        &path("hallucination-honesty-dataset.csv"),
        &starter("hallucination-honesty-dataset"),
        b',',
    );
    write(&path("part7.csv"), &starter("privacy-dataset"), b',');
    std::fs::write(path("ood.csv"), "question\nWhat?\n").unwrap();
    std::fs::write(path("toxicity.csv"), b"English\na\xf1\n").unwrap();
    let look = look(folder.path(), None);
    assert_eq!(look.found.len(), 0, "{:?}", look.found);
    let doubts = |name: &str| -> Vec<String> {
        let these = look.doubtful.iter().filter(|found| found.name == name);
        these.map(|found| format!("{}: {}", found.place, found.doubts.join("; "))).collect()
    };
    assert_eq!(doubts("hallucination-honesty-dataset").len(), 2);
    assert!(
        doubts("privacy-dataset")[0].contains("part7.csv: "),
        "{:?}",
        doubts("privacy-dataset")
    );
    assert!(doubts("ood-dataset")[0].contains("no column is a language's"), "{look:?}");
    assert!(look.unused.iter().any(|u| u.place == "toxicity.csv" && u.why.contains("not UTF-8")));
    // As a manifest it holds no file, and says all this in comments.
    let manifest = look.manifest("copy", None);
    std::fs::write(path("made.toml"), &manifest).unwrap();
    assert_eq!(Dataset::folder(&path("made.toml")).unwrap().manifest().files.len(), 0);
    assert!(manifest.contains("# doubtful: ") && manifest.contains("# missing: toxicity-dataset"));
}

#[test]
fn a_header_that_is_not_quite_the_language_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let text = "english,Kiswahili,zh,Chinese (old),Ground Truth\na,b,c,d,e\n";
    std::fs::write(folder.path().join("honesty.csv"), text).unwrap();
    let look = look(folder.path(), None);
    assert_eq!(look.found[0].languages, ["en", "zh", "sw"]);
    let manifest = look.manifest("copy", None);
    for line in
        ["sw = \"Kiswahili\"", "en = \"english\"", "zh = \"zh\"", "ground_truth = \"Ground Truth\""]
    {
        assert!(manifest.contains(line), "{manifest}");
    }
}

#[test]
fn ids_of_a_long_table_are_found_by_what_they_do() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.csv");
    // In another order in each language, with a number that is the row's and no item's.
    let text = "row,task,language,text,nr\n1,ood,English,one,a\n2,ood,English,two,b\n\
        3,ood,Hausa,biyu,b\n4,ood,Hausa,ɗaya,a\n";
    std::fs::write(&file, text).unwrap();
    let found = &look(folder.path(), Some(&file)).found[0];
    assert_eq!(found.entry.id.as_deref(), Some("nr"));
    assert!(!found.doubts.iter().any(|doubt| doubt.contains("by their order")), "{found:?}");
    std::fs::write(&file, text.replace(",nr", ",x").replace(",b\n", ",a\n")).unwrap();
    let look = self::look(folder.path(), Some(&file));
    let found = &look.found[0];
    assert_eq!(found.entry.id, None);
    let doubt = "no column of ids: rows are matched by their order in each language";
    assert!(found.doubts.iter().any(|known| known == doubt), "{found:?}");
    assert!(look.manifest("t", None).contains(doubt));
    // A column of ids that is not whole is named, and not dropped without a word.
    std::fs::write(&file, text.replace(",nr", ",id").replace("two,b", "two,")).unwrap();
    let look = self::look(folder.path(), Some(&file));
    let doubts = &look.found[0].doubts;
    assert!(
        doubts.iter().any(|d| d.contains("the column id does not tell items apart")),
        "{doubts:?}"
    );
}

#[test]
fn a_file_whose_columns_speak_against_its_name_is_doubtful() {
    let folder = tempfile::tempdir().unwrap();
    for (file, holds) in
        [("privacy-dataset", "toxicity-dataset"), ("toxicity-dataset", "privacy-dataset")]
    {
        write(&folder.path().join(format!("{file}.csv")), &starter(holds), b',');
    }
    let look = look(folder.path(), None);
    let doubt = &look.doubtful.iter().find(|f| f.place == "toxicity-dataset.csv").unwrap().doubts;
    assert!(doubt.iter().any(|d| d.contains("of privacy-dataset")), "{doubt:?}");
    assert!(!look.found.iter().any(|found| found.name == "toxicity-dataset"), "{:?}", look.found);
}

#[test]
fn of_two_columns_of_a_language_the_exact_one_is_used_and_the_other_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ood.csv"), "es,Spanish,English\na,b,c\n").unwrap();
    let found = &look(folder.path(), None).found[0];
    assert!(found.entry.languages.is_empty(), "{found:?}");
    let doubt = "2 columns for es: Spanish, es; the first is used";
    assert!(found.doubts.iter().any(|known| known == doubt), "{found:?}");
}

#[test]
fn subsets_of_the_hub_go_by_their_folders() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["honesty", "toxicity"] {
        let own = folder.path().join(name);
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("test-00000-of-00001.csv"), "English,Ground_Truth\na,b\n").unwrap();
    }
    std::fs::write(folder.path().join("ood-00000-of-00001.csv"), "English\na\n").unwrap();
    let look = look(folder.path(), None);
    let places: Vec<&str> = look.found.iter().map(|found| found.place.as_str()).collect();
    assert!(places.contains(&"honesty/test-00000-of-00001.csv"), "{look:?}");
    assert!(places.contains(&"ood-00000-of-00001.csv"), "{look:?}");
}
