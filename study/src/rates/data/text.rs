//! Text files of rows.

use std::path::Path;

use csv::StringRecord;

use crate::rates::RatesError;

/// The rows of a text file whose fields are separated by commas, with their lines from 1. Rows may differ in
/// length; spaces around fields are no part of them.
pub(super) fn rows(path: &Path) -> Result<Vec<(u64, StringRecord)>, RatesError> {
    let failed = |source| RatesError::Csv { path: path.to_owned(), source };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_path(path);
    let reader = reader.as_mut().map_err(|error| {
        let kind = std::io::Error::new(std::io::ErrorKind::NotFound, error.to_string());
        failed(kind.into())
    })?;
    let row = |row: Result<StringRecord, csv::Error>| {
        let row = row.map_err(failed)?;
        Ok((row.position().map_or(0, csv::Position::line), row))
    };
    reader.records().map(row).collect()
}

/// A field as a number.
pub(super) fn number(path: &Path, line: u64, field: &str) -> Result<f64, RatesError> {
    match field.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(fault(
            path,
            line,
            format!("{field:?} is not a finite number; give one, or leave the row out"),
        )),
    }
}

/// A line that is not what it should be.
pub(super) fn fault(path: &Path, line: u64, problem: String) -> RatesError {
    RatesError::Line { path: path.to_owned(), line, problem }
}
