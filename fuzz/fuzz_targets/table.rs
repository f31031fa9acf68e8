//! CSV files: a table whose rows are all as long as its header, or an error.
#![no_main]

use clinic_core::dataset::Table;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(table) = Table::parse("fuzz.csv", bytes, String::new()) {
        for row in 0..table.len() {
            assert!(table.line(row) > 0);
            for column in 0..table.headers().len() {
                let _ = table.cell(row, column);
            }
        }
    }
});
