//! What a verb says on standard output: tables for people, JSON for programs.

use std::io::{ErrorKind, Write};

use anyhow::Context;
use comfy_table::{Cell, CellAlignment, Table, presets};
use serde::Serialize;

use crate::error::Failure;

/// How the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Output {
    /// One JSON document in place of text.
    pub json: bool,
    /// No remarks, only the answer.
    pub quiet: bool,
}

impl Output {
    /// Prints the answer: `value` as JSON, or the text that `as_text` makes.
    ///
    /// # Errors
    /// If standard output cannot be written. A reader that went away, as `head` does, is none.
    pub fn answer(&self, value: &impl Serialize, as_text: impl FnOnce() -> String) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.into()))?
        } else {
            as_text()
        };
        print(&text)
    }
}

/// Prints text and ends its last line.
///
/// # Errors
/// As [`Output::answer`].
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(stdout, "{text}{end}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => Ok(result.context("cannot write to standard output")?),
    }
}

/// A table under a title; columns other than the first are numbers and stand at the right.
pub fn table(title: &str, header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING);
    table.set_header(header.iter().map(Cell::new));
    let mut n_rows = 0;
    for row in rows {
        table.add_row(row);
        n_rows += 1;
    }
    if n_rows == 0 {
        return format!("{title}: none");
    }
    for (i, column) in table.column_iter_mut().enumerate() {
        column.set_cell_alignment(if i == 0 { CellAlignment::Left } else { CellAlignment::Right });
        column.set_padding((if i == 0 { 2 } else { 1 }, 1));
    }
    format!("{title}\n{}", table.trim_fmt())
}

/// A number with as many digits as a person reads: four, and no more than it has.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs().log10().floor() as i32;
    if !(-4..9).contains(&magnitude) {
        return format!("{value:.3e}");
    }
    let decimals = (3 - magnitude).max(0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A count with commas between its thousands.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact_where_they_are_round() {
        let shown = [0.0, 1.0, -70.0, 0.1, 12.3456, 1234.56, 0.000_012, 1e12, f64::NAN].map(short);
        assert_eq!(shown, ["0", "1", "-70", "0.1", "12.35", "1235", "1.200e-5", "1.000e12", "–"]);
        assert_eq!([0, 999, 1000, 64_000_000].map(count), ["0", "999", "1,000", "64,000,000"]);
    }

    #[test]
    fn numbers_in_a_table_stand_at_the_right() {
        let rows = [vec!["exc".to_owned(), "108".to_owned()], vec!["input".to_owned(), "9".to_owned()]];
        let text = table("populations", &["name", "size"], rows);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4);
        assert!(lines[2].ends_with("108") && lines[3].ends_with("  9"), "{text}");
        assert_eq!(table("projections", &["name"], []), "projections: none");
    }
}
