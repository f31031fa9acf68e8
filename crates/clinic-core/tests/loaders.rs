//! Every kind of file that a dataset may be, and every way in which one can be wrong.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;

use clinic_core::dataset::{Dataset, Table};
use clinic_core::language::Languages;
use clinic_core::task::Library;

/// A folder with these files and a manifest.
fn folder(manifest: &str, files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    std::fs::write(folder.path().join("manifest.toml"), format!("name = \"t\"\n{manifest}"))
        .unwrap();
    folder
}

/// The table of `honesty` in such a folder.
fn table(manifest: &str, files: &[(&str, &[u8])]) -> Result<Table, String> {
    let folder = folder(manifest, files);
    let dataset = Dataset::folder(folder.path()).map_err(|error| error.to_string())?;
    let table = dataset.table("honesty").map_err(|error| error.to_string())?;
    Ok(table.expect("the dataset has the file"))
}

fn rows(table: &Table) -> Vec<Vec<&str>> {
    let row = |row| (0..table.headers().len()).map(|column| table.cell(row, column)).collect();
    (0..table.len()).map(row).collect()
}

/// Fails unless the file is read as two languages and two rows.
#[track_caller]
fn reads(entry: &str, name: &str, bytes: &[u8]) {
    let table = table(&format!("[files.honesty]\npath = \"{name}\"\n{entry}"), &[(name, bytes)]);
    let table = table.unwrap_or_else(|why| panic!("{name}: {why}"));
    assert_eq!(table.headers(), ["English", "Hausa", "n"]);
    assert_eq!(rows(&table), [["a, \"b\"\nc", "ɗ", "1"], ["", "e", "2"]]);
}

#[track_caller]
fn refuses(entry: &str, name: &str, bytes: &[u8], why: &str) {
    let manifest = format!("[files.honesty]\npath = \"{name}\"\n{entry}");
    let said = table(&manifest, &[(name, bytes)]).expect_err("the file should be refused");
    assert!(said.contains(name) && said.contains(why), "{said}");
}

const CSV: &str = "English,Hausa,n\n\"a, \"\"b\"\"\nc\",ɗ,1\n,e,2\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn parquet(compression: parquet::basic::Compression) -> Vec<u8> {
    use parquet::data_type::{ByteArrayType, Int64Type};
    let schema = "message t {
        OPTIONAL BYTE_ARRAY English (UTF8);
        REQUIRED BYTE_ARRAY Hausa (UTF8);
        REQUIRED INT64 n;
    }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = parquet::file::properties::WriterProperties::builder();
    let properties = Arc::new(properties.set_compression(compression).build());
    let mut bytes = Vec::new();
    let mut file =
        parquet::file::writer::SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut text = |values: &[&str], levels: Option<&[i16]>| {
        let mut column = group.next_column().unwrap().unwrap();
        let values: Vec<_> = values.iter().map(|value| (*value).into()).collect();
        column.typed::<ByteArrayType>().write_batch(&values, levels, None).unwrap();
        column.close().unwrap();
    };
    text(&["a, \"b\"\nc"], Some(&[1, 0]));
    text(&["ɗ", "e"], None);
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[1, 2], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    file.close().unwrap();
    bytes
}

#[test]
fn each_format_gives_the_same_table() {
    let tsv = "English\tHausa\tn\n\"a, \"\"b\"\"\nc\"\tɗ\t1\n\te\t2\n";
    let tab = "\"English\"\t\"Hausa\"\t\"n\"\n\"a, \\\"b\\\"\\nc\"\t\"ɗ\"\t1\n\"\"\t\"e\"\t2\n";
    let jsonl = "{\"English\": \"a, \\\"b\\\"\\nc\", \"Hausa\": \"ɗ\", \"n\": 1}\n\
                 {\"Hausa\": \"e\", \"n\": 2}\n";
    reads("", "f.csv", CSV.as_bytes());
    reads("delimiter = \";\"", "f.csv", tsv.replace('\t', ";").as_bytes());
    reads("", "f.tsv", tsv.as_bytes());
    reads("", "f.tab", tsv.as_bytes());
    reads("format = \"tab\"", "f.tab", tab.as_bytes());
    reads("", "f.jsonl", jsonl.as_bytes());
    reads("format = \"jsonl\"", "f.txt", jsonl.as_bytes());
    for compression in [
        parquet::basic::Compression::UNCOMPRESSED,
        parquet::basic::Compression::SNAPPY,
        parquet::basic::Compression::GZIP(Default::default()),
        parquet::basic::Compression::ZSTD(Default::default()),
    ] {
        reads("", "f.parquet", &parquet(compression));
    }
}

#[test]
fn packed_files_are_read_as_what_they_hold() {
    reads("", "f.csv.gz", &gzip(CSV.as_bytes()));
    let other = "English\nz\n".as_bytes();
    reads("member = \"d/f.csv\"", "f.zip", &zip(&[("d/f.csv", CSV.as_bytes()), ("g.csv", other)]));
    let alone = zip(&[("f.csv", CSV.as_bytes()), ("__MACOSX/._f.csv", b"\0")]);
    reads("", "f.zip", &alone);
    refuses("", "f.zip", &zip(&[("a.csv", other), ("b.csv", other)]), "must name one as member");
    refuses("member = \"x\"", "f.zip", &zip(&[("a.csv", other)]), "member x");
    refuses("member = \"x\"", "f.csv", other, "not a zip");
}

#[test]
fn hostile_archives_are_refused_within_the_bound() {
    let up = zip(&[("../../f.csv", CSV.as_bytes())]);
    refuses("", "f.zip", &up, "holds '../../f.csv', which leads out of its folder");
    let nothing = vec![b' '; 300 << 20];
    refuses("", "f.csv.gz", &gzip(&nothing), "larger than 256 MiB when unpacked");
    refuses("", "f.zip", &zip(&[("f.csv", &nothing)]), "larger than 256 MiB when unpacked");
    let whole = zip(&[("f.csv", CSV.as_bytes())]);
    refuses("", "f.zip", &whole[..whole.len() - 30], "not a zip that can be read");
    refuses("", "f.csv.gz", &gzip(&gzip(CSV.as_bytes())), "packed twice; unpack it once");
    let whole = gzip(CSV.as_bytes());
    refuses("", "f.csv.gz", &whole[..whole.len() - 6], "the gzip file is damaged");
}

#[test]
fn a_damaged_parquet_file_is_an_error_and_no_panic() {
    let whole = parquet(parquet::basic::Compression::UNCOMPRESSED);
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    for at in 0..whole.len() {
        let mut broken = whole.clone();
        broken[at] ^= 0x5a;
        let manifest = "[files.honesty]\npath = \"f.parquet\"\n";
        // Some bytes may be any; what matters is that none of them ends the program.
        let _ = table(manifest, &[("f.parquet", &broken)]);
    }
    std::panic::set_hook(quiet);
    refuses("", "f.parquet", &whole[..whole.len() / 2], "not a Parquet file that can be read");
    refuses("", "f.parquet", b"English\na\n", "not a Parquet file that can be read");
}

#[test]
fn cells_and_rows_without_end_are_refused() {
    let huge = format!("English\n\"{}\"\n", "a".repeat(17 << 20));
    refuses("", "f.csv", huge.as_bytes(), "line 2, column English: the cell is larger than 16 MiB");
    let many = format!("English\n{}", "a\n".repeat(1_000_001));
    refuses("", "f.csv", many.as_bytes(), "more than 1000000 rows");
    let folder = folder("[files.honesty]\npath = \"f.csv\"\n", &[("f.csv", b"")]);
    // A file of 10 GB that takes no room on the disk.
    let file = std::fs::OpenOptions::new().write(true).open(folder.path().join("f.csv")).unwrap();
    file.set_len(10 << 30).unwrap();
    let said = Dataset::folder(folder.path()).unwrap().table("honesty").unwrap_err().to_string();
    assert!(said.contains("larger than 256 MiB"), "{said}");
}

const LONG: &str = "task,lang,text,id,key\n\
    honesty,English,one,1,A\nhonesty,English,two,2,B\n\
    ood,English,other,1,\n\
    honesty,ha,biyu,2,Ba\nhonesty,ha,ɗaya,1,A\n\
    honesty,Klingon,wa',1,A\n";
const ENTRY: &str = "[files.honesty]\npath = \"f.csv\"\nlanguage = \"lang\"\ntext = \"text\"\n\
    rows = { task = \"honesty\" }\n";

#[test]
fn a_long_table_becomes_a_row_an_item() {
    let entry = format!("{ENTRY}id = \"id\"\n");
    let table = table(&entry, &[("f.csv", LONG.as_bytes())]).unwrap();
    assert_eq!(
        table.headers(),
        ["English", "Hausa", "task", "id", "key", "task_Hausa", "key_Hausa"]
    );
    let expected = [
        ["one", "ɗaya", "honesty", "1", "A", "honesty", "A"],
        ["two", "biyu", "honesty", "2", "B", "honesty", "Ba"],
    ];
    assert_eq!(rows(&table), expected);
    assert_eq!((table.line(0), table.cell_line(0, 0), table.cell_line(0, 1)), (2, 2, 6));
    let note = "line 7 and others: 'Klingon' is no language of languages.toml; left out";
    assert_eq!(table.notes, [note]);
}

#[test]
fn without_ids_a_language_with_fewer_rows_is_left_out_and_never_shifts() {
    let short = LONG.replace("honesty,ha,biyu,2,Ba\n", "");
    let table = table(ENTRY, &[("f.csv", short.as_bytes())]).unwrap();
    assert_eq!(table.headers(), ["English", "task", "id", "key"]);
    assert!(table.notes[1].contains("ha has 1 rows where others have 2"), "{:?}", table.notes);
}

#[test]
fn an_item_that_is_twice_in_a_language_is_refused() {
    let twice = LONG.replace("two,2", "two,1");
    let said = table(&format!("{ENTRY}id = \"id\"\n"), &[("f.csv", twice.as_bytes())]).unwrap_err();
    let why = "line 3, column id: the item '1' is there twice in this language, first on line 2";
    assert!(said.contains(why), "{said}");
}

#[test]
fn rows_of_several_values_are_taken_in_turn() {
    let text = "kind,English\nfct,a\nfct,b\nfqt,c\nfqt,d\nx,e\n";
    let entry = "[files.honesty]\npath = \"f.csv\"\nrows = { kind = [\"fct\", \"fqt\"] }\n";
    let read = table(entry, &[("f.csv", text.as_bytes())]).unwrap();
    let column: Vec<&str> = (0..read.len()).map(|row| read.cell(row, 1)).collect();
    assert_eq!((column, read.line(1)), (vec!["a", "c", "b", "d"], 4));
    let short = text.replace("fqt,d\n", "");
    let said = table(entry, &[("f.csv", short.as_bytes())]).unwrap_err();
    assert!(said.contains("the values that the manifest mixes have 2, 1 items"), "{said}");
}

#[test]
fn a_manifest_that_does_not_fit_says_what_there_is() {
    for (entry, why) in [
        ("rows = { kind = \"x\" }", "column kind: the manifest names this column, and the header"),
        ("language = \"key\"", "it must name the text column, too"),
        ("delimiter = \"ä\"", "delimiter: one ASCII sign"),
        ("rows = { a = [] }", "lists of values must not be empty"),
        ("rows = { a = [\"x\", \"y\"], b = [\"x\", \"y\", \"z\"] }", "as long as each other"),
        ("format = \"xls\"", "unknown variant"),
    ] {
        let manifest = format!("[files.honesty]\npath = \"f.csv\"\n{entry}\n");
        let said = table(&manifest, &[("f.csv", CSV.as_bytes())]).unwrap_err();
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn a_file_that_changed_is_refused_until_it_is_locked_again() {
    let digest = clinic_core::digest::hex(&[CSV.as_bytes()]);
    let manifest = format!("[files.honesty]\npath = \"f.csv\"\nsha256 = \"{digest}\"\n");
    assert!(table(&manifest, &[("f.csv", CSV.as_bytes())]).is_ok());
    let changed = CSV.replace('e', "f");
    let said = table(&manifest, &[("f.csv", changed.as_bytes())]).unwrap_err();
    assert!(said.contains("f.csv: the file has changed") && said.contains("data lock"), "{said}");
}

#[test]
fn what_a_manifest_does_not_name_is_not_there_where_it_says_so() {
    let folder = folder("only_named = true\n[files.other]\npath = \"f.csv\"\n", &[]);
    std::fs::write(folder.path().join("honesty.csv"), CSV).unwrap();
    std::fs::write(folder.path().join("f.csv"), CSV).unwrap();
    let dataset = Dataset::folder(folder.path()).unwrap();
    assert!(dataset.table("honesty").unwrap().is_none());
    assert!(dataset.table("other").unwrap().is_some());
}

#[test]
fn a_parquet_file_that_unpacks_beyond_the_bound_is_refused() {
    use parquet::data_type::ByteArrayType;
    let schema = "message t { REQUIRED BYTE_ARRAY English (UTF8); }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let zstd = parquet::basic::Compression::ZSTD(Default::default());
    let properties = parquet::file::properties::WriterProperties::builder().set_compression(zstd);
    let mut bytes = Vec::new();
    let properties = Arc::new(properties.build());
    let mut file =
        parquet::file::writer::SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    // By a dictionary, 300 cells of a megabyte are hardly more than one.
    let value: parquet::data_type::ByteArray = vec![b'a'; 1 << 20].into();
    column.typed::<ByteArrayType>().write_batch(&vec![value; 300], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    file.close().unwrap();
    assert!(bytes.len() < 100_000, "{}", bytes.len());
    refuses("", "f.parquet", &bytes, "larger than 256 MiB when unpacked");
}

#[test]
fn a_manifest_may_have_any_name() {
    let folder = folder("", &[("f.csv", CSV.as_bytes()), ("other.txt", b"x")]);
    let manifest = "name = \"mine\"\n[files.honesty]\npath = \"f.csv\"\n";
    std::fs::write(folder.path().join("mine.toml"), manifest).unwrap();
    let dataset = Dataset::folder(&folder.path().join("mine.toml")).unwrap();
    assert_eq!(dataset.manifest().name, "mine");
    assert_eq!(dataset.table("honesty").unwrap().unwrap().len(), 2);
    for other in ["other.txt", "none.toml"] {
        let said = Dataset::folder(&folder.path().join(other)).unwrap_err().to_string();
        assert!(said.contains(other), "{said}");
    }
}

#[test]
fn languages_are_those_of_any_file() {
    let library = Library::builtin().unwrap();
    let tasks = library.select(&["honesty".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let known = Languages::builtin();
    let found = |path: &Path| -> Vec<String> {
        let dataset = Dataset::folder(path).unwrap();
        dataset.languages(&tasks, &known).iter().map(|l| l.tag.clone()).collect()
    };
    assert_eq!(found(folder.path()), Vec::<String>::new());
    std::fs::write(folder.path().join("hallucination-honesty-dataset.csv"), CSV).unwrap();
    assert_eq!(found(folder.path()), ["en", "ha"]);
}
