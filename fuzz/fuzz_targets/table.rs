//! Dataset files of any format, packed or not: a table whose rows are all as long as its header, or
//! an error. The first byte picks the format.
#![no_main]

use clinic_core::dataset::{FileEntry, Format};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let formats = [Format::Csv, Format::Tsv, Format::Tab, Format::Jsonl, Format::Parquet];
    let entry = FileEntry {
        path: "fuzz".into(),
        format: Some(formats[usize::from(*first) % formats.len()]),
        delimiter: (*first > 128).then_some(';'),
        ..FileEntry::default()
    };
    if let Ok(table) = entry.parse(rest.to_vec()) {
        for row in 0..table.len() {
            assert!(table.line(row) > 0);
            for column in 0..table.headers().len() {
                let _ = table.cell(row, column);
            }
        }
    }
});
