//! The long form: CSV, Parquet and the data dictionary are the same tables, whatever a model says.

use std::collections::BTreeSet;

use clinic_fake::{Action, Fake, Script};
use serde_json::{Map, Value};

use crate::exports_readers::{inspect, read_by};
use crate::support::{Bench, JUDGED, is_for};

const TABLES: [&str; 3] = ["responses", "scores", "metrics"];

/// All that an export could be asked for.
const FORMATS: [&str; 7] = ["csv", "jsonl", "parquet", "inspect", "lm-eval", "hub", "reference"];

/// The rows of a CSV file by column.
fn csv_rows(bytes: &[u8]) -> Vec<Map<String, Value>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows = reader.deserialize::<std::collections::HashMap<String, String>>();
    rows.map(|row| row.unwrap().into_iter().map(|(k, v)| (k, Value::String(v))).collect()).collect()
}

fn parquet(bench: &Bench) -> Value {
    bench.clinic("export run --format parquet").exits(0);
    read_by("tables", &TABLES.map(|name| bench.path(&format!("run/exports/{name}.parquet"))))
}

/// A value as CSV has it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    }
}

#[test]
fn csv_and_parquet_are_the_same_tables_and_the_dictionary_knows_each_column() {
    let fake = Fake::start(Script::new(|seen, _| {
        let broken = seen.prompt().ends_with("ask 1");
        if broken { Action::status(400, &[], "no") } else { Action::Default }
    }));
    let bench = Bench::of(3);
    bench.run("judged", &fake, "").exits(3);
    let files = bench.clinic("export run --format parquet").exits(0).out;
    let expected = ["responses.parquet", "scores.parquet", "metrics.parquet", "dictionary.csv"];
    assert_eq!(files, expected.map(|file| format!("run/exports/{file}\n")).concat());
    let found = parquet(&bench);
    let told = bench.read("run/exports/dictionary.csv");
    bench.clinic("export run --format csv").exits(0);
    assert_eq!(bench.read("run/exports/dictionary.csv"), told, "one for all formats");
    let dictionary = csv_rows(&told);
    for table in TABLES {
        let typed = &found[format!("{table}.parquet")];
        let rows = csv_rows(&bench.read(&format!("run/exports/{table}.csv")));
        assert_eq!(rows.len(), typed["rows"].as_array().unwrap().len(), "{table}");
        for (csv, parquet) in rows.iter().zip(typed["rows"].as_array().unwrap()) {
            let parquet = parquet.as_object().unwrap();
            assert_eq!(csv.keys().collect::<BTreeSet<_>>(), parquet.keys().collect(), "{table}");
            for (column, value) in parquet {
                assert_eq!(csv[column], shown(value), "{table}.{column}");
            }
        }
        for (column, kind) in typed["types"].as_object().unwrap() {
            let row =
                dictionary.iter().find(|row| row["table"] == table && row["column"] == *column);
            let row = row.unwrap_or_else(|| panic!("{table}.{column} is not in the dictionary"));
            let named = match row["type"].as_str().unwrap() {
                "text" => "string",
                "integer" => "int64",
                "number" => "double",
                "boolean" => "bool",
                other => panic!("{other}"),
            };
            assert_eq!(kind, named, "{table}.{column}");
            let nullable =
                typed["nullable"].as_array().unwrap().contains(&Value::from(column.as_str()));
            assert_eq!(row["missing_when"] != "", nullable, "{table}.{column}");
        }
    }
    // What is missing is null, and not 0 nor an empty text.
    let failed = &found["responses.parquet"]["rows"][1];
    assert_eq!((&failed["state"], &failed["response"]), (&Value::from("failed"), &Value::Null));
    assert_eq!((&failed["prompt_tokens"], &failed["attempts"]), (&Value::Null, &Value::from(1)));
}

#[test]
fn parquet_is_written_in_parts_that_fit_the_memory() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    bench.generate(&fake, "").exits(0);
    let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
    db.execute("UPDATE responses SET text = hex(zeroblob(4500000))", []).unwrap();
    let found = parquet(&bench);
    assert_eq!(found["responses.parquet"]["groups"], 2, "27 MB, 16 at once and a row more");
    let rows = found["responses.parquet"]["rows"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["response"].as_str().unwrap().len() == 9_000_000));
    assert_eq!((rows.len(), &rows[2]["item"]), (3, &Value::from("2")));
}

#[test]
fn the_dictionary_knows_each_field_of_json_lines() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    bench.run("judged", &fake, "").exits(0);
    let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
    db.execute_batch(
        "INSERT INTO marks(sample, score, outcome, scorer, opinion, comment, name, time)
         SELECT sample, name, outcome, scorer, 'wrong', '', 'Amina', '' FROM scores LIMIT 1",
    )
    .unwrap();
    bench.clinic("export run --format jsonl").exits(0);
    let line: Value = serde_json::from_slice(&bench.read("run/exports/samples.jsonl")).unwrap();
    let mut fields = BTreeSet::new();
    for (key, value) in line.as_object().unwrap() {
        match value[0]
            .as_object()
            .filter(|_| ["responses", "scores", "marks"].contains(&key.as_str()))
        {
            Some(inner) => fields.extend(inner.keys().map(|field| format!("{key}[].{field}"))),
            None => _ = fields.insert(key.clone()),
        }
    }
    let dictionary = csv_rows(&bench.read("run/exports/dictionary.csv"));
    let told = dictionary.iter().filter(|row| row["table"] == "samples");
    assert_eq!(told.map(|row| shown(&row["column"])).collect::<BTreeSet<_>>(), fields);
}

/// What an attacker would let a model say.
const HOSTILE: [&str; 26] = [
    "=HYPERLINK(\"http://evil.example\",\"click\")",
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(A1:A9)",
    "   =1+1",
    "\u{200b}\u{2060}=1+1",
    "\u{feff}=1+1",
    "\r=1+1",
    "\u{b}\u{c}=1+1",
    "\"=1+1",
    "＝1+1",
    "﹦1+1",
    "−1+1",
    "\u{202e}=1+1\u{202c}",
    "\u{2066}=1+1\u{2069}",
    "\u{e003d}=1+1",
    "text\n=1+1",
    "text\r\n\t@SUM(A1)",
    "text\u{2028}=1+1",
    "text;=1+1;\"=2",
    "text\t=1+1",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "a,\"b\"\n=c\r\n\u{202e}d",
    "attachment://0 <script>alert(1)</script> {{7*7}} %s\u{0}end",
    "| a | = |\n- b\n--- # : & * ! > ' \" % @ `",
];

/// A run of the hostile texts, each as prompt and answer.
fn hostile() -> Bench {
    let bench = Bench::of(HOSTILE.len());
    let quoted = |text: &str| format!("\"{}\"\n", text.replace('"', "\"\"").replace('\u{0}', ""));
    let texts: String = HOSTILE.iter().map(|text| quoted(text)).collect();
    bench.write("data/manifest.toml", "name = \"=a\\u001b[2J\\n- b: '\\u202e\"\n");
    bench.write("data/questions.csv", format!("English\n{texts}"));
    bench.task(&JUDGED.replace("Q: {question}", "{question}"));
    let fake = Fake::start(Script::new(|seen, _| {
        if is_for(seen, "m") { Action::Text(seen.prompt()) } else { Action::Default }
    }));
    bench.run("judged", &fake, "").exits(0);
    bench
}

/// Whether a program that splits a cell here would run what follows.
fn runs(piece: &str) -> bool {
    let looked_past = |c: char| {
        c.is_whitespace() || c.is_control() || "\"\u{feff}\u{200b}\u{2060}\u{ad}".contains(c)
    };
    let seen = piece.trim_start_matches(looked_past);
    seen.starts_with(['=', '+', '-', '@', '＝', '﹦', '−', '＋', '－', '＠'])
        && piece.parse::<f64>().is_err()
}

#[test]
fn nothing_that_a_model_says_runs_in_a_spreadsheet() {
    let bench = hostile();
    bench.clinic("export run --format csv").exits(0);
    for table in TABLES {
        let bytes = bench.read(&format!("run/exports/{table}.csv"));
        for (column, cell) in csv_rows(&bytes).into_iter().flatten() {
            let cell = shown(&cell);
            for piece in cell.split(['\n', '\t', ';', '\u{2028}', '\u{2029}']) {
                assert!(!runs(piece), "{table}.{column}: {cell:?}");
            }
            let gone = |c: char| {
                (c.is_control() && c != '\n' && c != '\t')
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                    || ('\u{e0000}'..='\u{e007f}').contains(&c)
            };
            assert!(!cell.contains(gone), "{table}.{column}: {cell:?}");
        }
        // Cut by a program that knows no quotes, or another separator.
        let text = String::from_utf8(bytes).unwrap();
        for piece in text.split(['\n', ';', '\t']) {
            assert!(!runs(piece), "{table}: {piece:?}");
        }
    }
}

#[test]
fn programs_get_what_a_model_said() {
    let bench = hostile();
    for format in FORMATS {
        bench.clinic(&format!("export run --format {format}")).exits(0);
    }
    let lines = String::from_utf8(bench.read("run/exports/samples.jsonl")).unwrap();
    let texts: Vec<Value> = lines
        .split_terminator('\n')
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["responses"][0]["text"].clone())
        .collect();
    assert_eq!(texts.len(), HOSTILE.len());
    let tables =
        read_by("tables", &TABLES.map(|t| bench.path(&format!("run/exports/{t}.parquet"))));
    let column =
        tables["responses.parquet"]["rows"].as_array().unwrap().iter().map(|r| &r["response"]);
    assert_eq!(column.collect::<Vec<_>>(), texts.iter().collect::<Vec<_>>());
    let found = inspect(&[bench.path("run/exports/inspect")]).remove(0);
    let said = |sample: &Value| sample["output"]["choices"][0]["message"]["content"].clone();
    let samples: Vec<Value> =
        found["logs"][0]["samples"].as_array().unwrap().iter().map(said).collect();
    assert_eq!(sorted(&samples), sorted(&texts));
    let found = read_by("lm_eval_results", &[bench.path("run/exports/lm-eval")]);
    let samples = found["samples"]["clinic_judged_en"].as_array().unwrap();
    let said: Vec<Value> = samples.iter().map(|s| s["filtered_resps"][0].clone()).collect();
    assert_eq!(said, texts);
    let found = read_by("hub_results", &[bench.path("run/exports/hub")]);
    let dataset = found["results"][0]["dataset_type"].as_str().unwrap();
    assert!(dataset.starts_with("=a") && dataset.contains("- b: '"), "{dataset:?}");
}

fn sorted(texts: &[Value]) -> Vec<String> {
    let mut texts: Vec<String> = texts.iter().map(|text| text.to_string()).collect();
    texts.sort();
    texts
}

/// Every file of the exports with its bytes.
fn exported(bench: &Bench) -> Vec<(String, Vec<u8>)> {
    for format in FORMATS {
        bench.clinic(&format!("export run --format {format}")).exits(0);
    }
    let exports = bench.path("run/exports");
    let files = bench.files().into_iter();
    let mut files: Vec<(String, Vec<u8>)> = files
        .filter_map(|(path, bytes)| {
            Some((path.strip_prefix(&exports).ok()?.to_string_lossy().into_owned(), bytes))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_format_gives_the_same_bytes_each_time() {
    let fake = Fake::start(Script::default());
    let runs = ["--max-connections 1", "--max-connections 16"].map(|pace| {
        let bench = Bench::of(30);
        bench.run("judged", &fake, pace).exits(0);
        let first = exported(&bench);
        assert!(first == exported(&bench), "exported again, over the files of before");
        first
    });
    let names =
        |run: &[(String, Vec<u8>)]| run.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&runs[0]), names(&runs[1]));
    for (one, other) in runs[0].iter().zip(&runs[1]) {
        assert!(one.1 == other.1, "{} differs", one.0);
    }
    assert!(!names(&runs[0]).iter().any(|name| name.ends_with(".new")));
}

#[test]
fn a_run_without_samples_and_one_that_was_killed_can_be_exported() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(3);
    bench.run("judged", &fake, "").exits(0);
    let change = |sql: &str| {
        let db = rusqlite::Connection::open(bench.path("run/run.sqlite")).unwrap();
        db.execute_batch(sql).unwrap();
    };
    change("DELETE FROM scores; UPDATE responses SET state = 'pending', text = NULL WHERE id > 1");
    let files = exported(&bench);
    bench.clinic("export run --format inspect --out killed").exits(0);
    let table = parquet(&bench);
    let states = table["responses.parquet"]["rows"].as_array().unwrap().iter().map(|r| &r["state"]);
    assert_eq!(states.collect::<Vec<_>>(), ["answered", "pending", "pending"]);
    assert_eq!(table["scores.parquet"]["rows"], Value::Array(Vec::new()));
    read_by("lm_eval_results", &[bench.path("run/exports/lm-eval")]);

    change("DELETE FROM responses; DELETE FROM samples");
    let empty = exported(&bench);
    let names = |files: &[(String, Vec<u8>)]| {
        // The reference layout has a file only where there are rows.
        let kept = files.iter().filter(|(name, _)| !name.starts_with("openai-m/"));
        kept.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&empty), names(&files));
    let logs = inspect(&[bench.path("killed/inspect"), bench.path("run/exports/inspect")]);
    let [killed, empty] = [0, 1].map(|i: usize| &logs[i]["logs"][0]["results"]);
    assert_eq!((&killed["total_samples"], &killed["completed_samples"]), (&3.into(), &1.into()));
    assert_eq!(empty["total_samples"], 0);
    assert_eq!(parquet(&bench)["responses.parquet"]["groups"], 0);
    assert_eq!(
        read_by("hub_results", &[bench.path("run/exports/hub")])["results"],
        Value::Array(Vec::new())
    );
}

#[test]
fn an_older_export_is_not_mixed_with_a_new_one() {
    let fake = Fake::start(Script::default());
    let bench = Bench::of(1);
    bench.run("judged", &fake, "").exits(0);
    for format in ["inspect", "lm-eval", "hub"] {
        bench.write(&format!("run/exports/{format}/old.eval"), "old");
        bench.clinic(&format!("export run --format {format}")).exits(0);
        assert!(!bench.path(&format!("run/exports/{format}/old.eval")).exists(), "{format}");
        let line = format!("export run --format {format} --out mine");
        bench.clinic(&line).exits(0);
        let refused = bench.clinic(&line).exits(2);
        refused.says(&[&format!("mine/{format} is there already"), "name another --out"]);
    }
}
