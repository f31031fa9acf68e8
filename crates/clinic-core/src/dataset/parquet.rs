//! Parquet: a row group is read at a time, each value as text.

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;

use super::DataError;
use super::table::{Builder, MAX_BYTES, Table, failed};

/// Reads a Parquet file of plain columns. Rows are numbered from 1, since it has no lines.
pub(super) fn parse(file: &str, bytes: Vec<u8>, digest: String) -> Result<Table, DataError> {
    // The reader trusts what the file says of itself, and may panic where that is wrong.
    let read = std::panic::catch_unwind(|| read(file, bytes, digest));
    read.unwrap_or_else(|_| Err(damaged(file, "its parts do not fit together")))
}

fn damaged(file: &str, why: &str) -> DataError {
    failed(file, None, None, format!("not a Parquet file that can be read: {why}"))
}

fn read(file: &str, bytes: Vec<u8>, digest: String) -> Result<Table, DataError> {
    let wrong = |error: ::parquet::errors::ParquetError| {
        damaged(file, &crate::plain::plain(&error.to_string(), 120))
    };
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).map_err(wrong)?;
    let metadata = reader.metadata();
    let unpacked: i64 = metadata.row_groups().iter().map(|group| group.total_byte_size()).sum();
    if u64::try_from(unpacked).is_ok_and(|bytes| bytes > MAX_BYTES) {
        return Err(failed(file, None, None, super::unpack::too_large()));
    }
    let schema = metadata.file_metadata().schema();
    if let Some(nested) = schema.get_fields().iter().find(|field| !field.is_primitive()) {
        let problem = "a column of lists or groups, where texts must be".to_owned();
        return Err(failed(file, None, Some(nested.name().to_owned()), problem));
    }
    let headers = schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let mut table = Builder::new(file, digest, Vec::new(), headers)?;
    for (row, number) in reader.get_row_iter(None).map_err(wrong)?.zip(1..) {
        let row = row.map_err(wrong)?;
        let mut cells = csv::StringRecord::new();
        for (name, field) in row.get_column_iter() {
            let cell = text(field).ok_or_else(|| {
                let problem = "bytes that are not UTF-8, where a text must be".to_owned();
                failed(file, Some(number), Some(name.clone()), problem)
            })?;
            cells.push_field(&cell);
        }
        table.push(number, cells)?;
    }
    Ok(table.finish())
}

/// A value as text; `None` where it is none.
fn text(field: &Field) -> Option<String> {
    match field {
        Field::Null => Some(String::new()),
        Field::Str(text) => Some(text.clone()),
        Field::Bytes(bytes) => std::str::from_utf8(bytes.data()).ok().map(str::to_owned),
        other => Some(other.to_string()),
    }
}
