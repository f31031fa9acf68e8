//! Parquet in long form: the tables of the format `csv` with types, texts unchanged.

use std::io;
use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use ::parquet::column::writer::ColumnWriter;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::{Type, TypePtr};
use clinic_engine::run::Run;

use super::columns::{Cell, Column, Kind, Table};
use super::{Export, ExportError, Folder, Out, dictionary, marks, tables};

/// `responses.parquet`, `scores.parquet`, `metrics.parquet` and `dictionary.csv`; where people marked
/// scores, `marks.parquet` too.
pub struct Parquet;

impl Export for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn write(&self, run: &Run, folder: &mut Folder) -> Result<(), ExportError> {
        write(run, &tables::RESPONSES, folder)?;
        write(run, &tables::SCORES, folder)?;
        write(run, &tables::METRICS, folder)?;
        if !run.store().marks()?.is_empty() {
            write(run, &marks::MARKS, folder)?;
        }
        dictionary::write(folder)
    }
}

impl From<ParquetError> for ExportError {
    fn from(error: ParquetError) -> Self {
        Self::Format(io::Error::other(error))
    }
}

/// Rows and bytes of text of a row group at most, which is what is held in memory at once.
const GROUP_ROWS: usize = 50_000;
const GROUP_BYTES: usize = 16 << 20;

fn write<T>(run: &Run, table: &Table<T>, folder: &mut Folder) -> Result<(), ExportError> {
    folder.file(&format!("{}.parquet", table.name), |out| {
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder()
            .set_compression(zstd)
            // Statistics a page would repeat long texts.
            .set_statistics_enabled(EnabledStatistics::Chunk);
        let properties = Arc::new(properties.build());
        let mut file = SerializedFileWriter::new(out, schema(table)?, properties)?;
        let mut group = Group::of(table);
        (table.rows)(run, &mut |row| {
            group.push(table, row);
            if group.rows >= GROUP_ROWS || group.bytes >= GROUP_BYTES {
                std::mem::replace(&mut group, Group::of(table)).write(&mut file)?;
            }
            Ok(())
        })?;
        if group.rows > 0 {
            group.write(&mut file)?;
        }
        file.close()?;
        Ok(())
    })
}

/// The schema of a table: optional where a value can be missing.
fn schema<T>(table: &Table<T>) -> Result<TypePtr, ParquetError> {
    let field = |column: &Column<T>| {
        let (physical, logical) = match column.kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Int => (Physical::INT64, None),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Flag => (Physical::BOOLEAN, None),
        };
        let always = column.missing.is_empty();
        let repetition = if always { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        let field = Type::primitive_type_builder(column.name, physical)
            .with_logical_type(logical)
            .with_repetition(repetition);
        field.build().map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<Result<_, _>>()?;
    Type::group_type_builder(table.name).with_fields(fields).build().map(Arc::new)
}

/// Rows that wait to be written, column by column.
struct Group {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

/// The values of a column that are there, and for each row whether one is.
struct Values {
    values: Typed,
    there: Vec<i16>,
    /// Whether one can be missing.
    optional: bool,
}

enum Typed {
    Text(Vec<ByteArray>),
    Int(Vec<i64>),
    Real(Vec<f64>),
    Flag(Vec<bool>),
}

impl Group {
    fn of<T>(table: &Table<T>) -> Self {
        let values = |column: &Column<T>| Values {
            values: match column.kind {
                Kind::Text => Typed::Text(Vec::new()),
                Kind::Int => Typed::Int(Vec::new()),
                Kind::Real => Typed::Real(Vec::new()),
                Kind::Flag => Typed::Flag(Vec::new()),
            },
            there: Vec::new(),
            optional: !column.missing.is_empty(),
        };
        Self { columns: table.columns.iter().map(values).collect(), rows: 0, bytes: 0 }
    }

    fn push<T>(&mut self, table: &Table<T>, row: &T) {
        self.rows += 1;
        for (values, column) in self.columns.iter_mut().zip(table.columns) {
            let there = match (&mut values.values, (column.of)(row)) {
                (Typed::Text(texts), Cell::Text(text)) => {
                    self.bytes += text.len();
                    texts.push(ByteArray::from(text.into_owned().into_bytes()));
                    true
                }
                (Typed::Int(numbers), Cell::Int(number)) => {
                    numbers.push(number);
                    true
                }
                (Typed::Real(numbers), Cell::Real(number)) => {
                    numbers.push(number);
                    true
                }
                (Typed::Flag(flags), Cell::Flag(flag)) => {
                    flags.push(flag);
                    true
                }
                _ => false,
            };
            values.there.push(i16::from(there));
        }
    }

    fn write(self, file: &mut SerializedFileWriter<&mut Out>) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        let mut columns = self.columns.into_iter();
        while let (Some(mut writer), Some(column)) = (group.next_column()?, columns.next()) {
            let there = column.optional.then_some(column.there.as_slice());
            match (writer.untyped(), &column.values) {
                (ColumnWriter::ByteArrayColumnWriter(w), Typed::Text(v)) => {
                    w.write_batch(v, there, None)?
                }
                (ColumnWriter::Int64ColumnWriter(w), Typed::Int(v)) => {
                    w.write_batch(v, there, None)?
                }
                (ColumnWriter::DoubleColumnWriter(w), Typed::Real(v)) => {
                    w.write_batch(v, there, None)?
                }
                (ColumnWriter::BoolColumnWriter(w), Typed::Flag(v)) => {
                    w.write_batch(v, there, None)?
                }
                _ => return Err(ParquetError::General("a column of another type".to_owned())),
            };
            writer.close()?;
        }
        group.close()?;
        Ok(())
    }
}
