//! Tables of ratings: out, through the hands of people and their spreadsheets, and back.

use crate::support::{Outcome, Reviewed, Table};

const OUT: &str = "build review set --export ana.csv --name ana:es+ar";

fn import(set: &Reviewed, more: &str) -> Outcome {
    set.bench.clinic(&format!("build review set --import ana.csv --name ana:es+ar {more}"))
}

/// Two items, so four rows, in the table `ana.csv`.
fn written() -> (Reviewed, Table) {
    let set = Reviewed::of(2);
    let told = set.bench.clinic(OUT).exits(0);
    assert_eq!(told.out, "ana.csv: 4 texts for ana\n");
    let table = Table::read(&set.bench, "ana.csv");
    (set, table)
}

#[test]
fn a_table_goes_out_and_comes_back() {
    let (set, mut table) = written();
    assert_eq!(*table.cell(0, "row"), "1 of 4");
    assert_eq!(*table.cell(0, "language"), "es");
    assert!(table.cell(0, "english").starts_with("How many days"));
    assert!(table.cell(0, "item").starts_with("¿Cuántos días"));
    assert!(table.cell(2, "item").starts_with("كم يومًا"));
    assert!(table.cell(0, "document").contains("Dura dos días."));
    assert!(table.rows.iter().flatten().all(|cell| !cell.contains("identity-of-the-writer")));
    set.bench.clinic(OUT).exits(2).says(&["is there already and may hold ratings"]);
    // Half of it is done: the others are simply not rated.
    table.rate(0, 5);
    *table.cell(0, "comment") = "=1+1, \"well\"\nsaid".to_owned();
    table.rate(1, 2);
    *table.cell(1, "unsafe") = "yes".to_owned();
    *table.cell(2, "skip") = "x".to_owned();
    let key = |table: &mut Table, row: usize| {
        let key = table.cell(row, "key").clone();
        format!("{key} {}", table.cell(row, "language"))
    };
    let expected = [
        format!("ana {} 5555 =1+1, \"well\"\nsaid", key(&mut table, 0)),
        format!("ana {} 2222 unsafe", key(&mut table, 1)),
        format!("ana {} skipped", key(&mut table, 2)),
    ];
    set.bench.write("ana.csv", table.bytes(b','));
    let told = import(&set, "").exits(0).out;
    assert_eq!(told, "3 ratings added, 0 known before, 1 rows empty, 0 wrong\n");
    assert_eq!(set.rows(), expected);
    assert!(set.sql("SELECT via FROM ratings").iter().all(|via| via.ends_with(" ana.csv")));
    // The same file again, also under another name, and also after another word.
    let told = import(&set, "").exits(0).out;
    assert_eq!(told, "0 ratings added, 3 known before, 1 rows empty, 0 wrong\n");
    let store = set.project.store();
    let mut other = store.ratings().unwrap().remove(0).body;
    other.comment = "another word".to_owned();
    store.rate(&[other]).unwrap();
    set.bench.write("again.csv", set.bench.read("ana.csv"));
    let line = "build review set --import again.csv --name ana:es+ar --json";
    let json = set.bench.clinic(line).exits(0).json();
    assert_eq!((&json["added"], &json["known"]), (&0.into(), &3.into()));
    assert_eq!(set.rows().len(), 4);
    // What was not rated is what a new table holds.
    set.bench.clinic("build review set --export rest.csv --name ana:es+ar").exits(0);
    assert_eq!(Table::read(&set.bench, "rest.csv").rows.len(), 1);
}

#[test]
fn a_table_is_read_as_excel_saves_it() {
    let (set, mut table) = written();
    (0..4).for_each(|row| table.rate(row, 4));
    // Sorted by somebody, with a column of their own, and with the separator of their country.
    table.rows.reverse();
    table.header.push("my notes".to_owned());
    table.rows.iter_mut().for_each(|row| row.push("x".to_owned()));
    let bytes = [b"\xef\xbb\xbf".to_vec(), table.bytes(b';')].concat();
    set.bench.write("ana.csv", bytes);
    import(&set, "").exits(0);
    assert_eq!(set.rows().len(), 4);
    *table.cell(0, "rate fits") = "3".to_owned();
    let text = String::from_utf8(table.bytes(b'\t')).unwrap();
    let wide: Vec<u8> =
        format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    set.bench.write("ana.csv", wide);
    let told = import(&set, "").exits(0).out;
    assert_eq!(told, "1 ratings added, 3 known before, 0 rows empty, 0 wrong\n");
    // Saved in the letters of one country: what is not among them is gone.
    let latin: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    set.bench.write("ana.csv", latin);
    import(&set, "").exits(2).says(&["it is not UTF-8", "save it as 'CSV UTF-8'"]);
}

#[test]
fn what_happened_to_a_table_is_told_by_its_row() {
    type Edit = fn(&mut Table);
    let edits: [(Edit, &str); 14] = [
        (|t| *t.cell(1, "item") = "¿Otra pregunta?".to_owned(), "row 3: 'item' is not as it was"),
        (|t| *t.cell(1, "english") += "!", "row 3: 'english' is not as it was"),
        (|t| *t.cell(1, "document") = String::new(), "row 3: 'document' is not as it was"),
        (|t| *t.cell(1, "rate fits") = "6".to_owned(), "row 3: 'fits' is '6' and not from 1 to 5"),
        (
            |t| *t.cell(1, "rate fits") = String::new(),
            "row 3: it is half filled in: fits is missing",
        ),
        (|t| *t.cell(1, "skip") = "yes".to_owned(), "row 3: it is skipped and rated"),
        (
            |t| *t.cell(1, "key") = "honesty-77".to_owned(),
            "row 3: no text that may be rated is 'honesty-77'",
        ),
        (|t| *t.cell(1, "language") = "en".to_owned(), "row 3: ana does not rate texts in 'en'"),
        (|t| *t.cell(1, "reviewer") = "ben".to_owned(), "row 3: it is of 'ben' and not of 'ana'"),
        (|t| *t.cell(1, "digest") = "sha256:0".to_owned(), "row 3: the text has changed since"),
        (
            |t| *t.cell(1, "row") = "Feb 4".to_owned(),
            "row 3: 'row' is 'Feb 4' and not as '3 of 17'",
        ),
        (|t| *t.cell(1, "row") = "2 of 9".to_owned(), "row 3: it is row 2 of 9 and so of another"),
        (|t| t.rows.insert(1, t.rows[0].clone()), "row 3: it is about the same text as row 2"),
        (|t| drop(t.rows.drain(1..3)), "rows 2–3 of 4 of the table that was written are missing"),
    ];
    let (set, mut table) = written();
    (0..4).for_each(|row| table.rate(row, 5));
    let good = table.bytes(b',');
    for (edit, words) in edits {
        let mut table = Table { header: table.header.clone(), rows: table.rows.clone() };
        edit(&mut table);
        set.bench.write("ana.csv", table.bytes(b','));
        let told = import(&set, "").exits(2).says(&[words, "nothing of it was taken", "--partial"]);
        assert!(told.out.starts_with("0 ratings added"), "{}", told.out);
        assert!(set.rows().is_empty(), "{words}");
    }
    // Of a table with a wrong row the others are taken, if that is what is wanted.
    *table.cell(3, "rate fits") = "six".to_owned();
    set.bench.write("ana.csv", table.bytes(b','));
    let told = import(&set, "--partial").exits(3).says(&["row 5: 'fits' is 'six'"]);
    assert!(told.out.starts_with("3 ratings added"), "{}", told.out);
    set.bench.write("ana.csv", good);
    let told = import(&set, "").exits(0).out;
    assert!(told.starts_with("1 ratings added, 3 known"), "{told}");
    let header = table.header.iter().position(|name| name == "digest").unwrap();
    for (name, words) in
        [("", "its first row lacks digest"), ("key", "two columns are named 'key'")]
    {
        table.header[header] = name.to_owned();
        set.bench.write("ana.csv", table.bytes(b','));
        import(&set, "").exits(2).says(&[words]);
    }
    set.bench.write("ana.csv", "");
    import(&set, "").exits(2).says(&["it is empty"]);
}

#[test]
fn no_item_is_a_formula() {
    let set =
        Reviewed::with(1, |_, language| format!("=HYPERLINK(\"http://x\")\n+1 {language}\u{202e}"));
    set.bench.clinic("build review set --export ana.csv --name ana:es+ar").exits(0);
    let mut table = Table::read(&set.bench, "ana.csv");
    assert!(table.cell(0, "item").starts_with("'=HYPERLINK(\"http://x\")\n'+1 es"));
    (0..2).for_each(|row| table.rate(row, 5));
    set.bench.write("ana.csv", table.bytes(b','));
    import(&set, "").exits(0);
    assert_eq!(set.rows().len(), 2);
}
