//! Reads the fields of a chip's file one by one, and collects all that is wrong with them.
//!
//! Whoever asks for a field says what it has to be. What nobody asked for is an unknown field, so the list of
//! known fields cannot differ from what is read.

use std::fmt::Display;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::error::ChipFault;
use super::super::figure::Figure;
use super::kind::Kind;
use super::nearest::nearest;

/// What has been read of a file: its figures and its faults.
#[derive(Debug)]
pub(in crate::chip) struct Reader<'a> {
    text: &'a str,
    /// Where the lines begin: a hostile file may have a fault in each of many.
    lines: Vec<usize>,
    pub(in crate::chip) figures: Vec<Figure>,
    pub(in crate::chip) faults: Vec<ChipFault>,
}

/// A table of a file, and what was asked of it.
#[derive(Debug)]
pub(in crate::chip) struct Section<'a> {
    /// The name with a dot at the end; empty for the file itself.
    prefix: String,
    /// `None` if the file has no such section.
    table: Option<&'a DeTable<'a>>,
    asked: Vec<&'static str>,
}

/// What a figure is made of.
type Value<'a> = &'a Spanned<DeValue<'a>>;

impl<'a> Reader<'a> {
    pub(in crate::chip) fn new(text: &'a str) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i + 1)).collect();
        Self { text, lines, figures: Vec::new(), faults: Vec::new() }
    }

    /// The line, from 1, in which a byte of the file lies.
    fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }

    fn wrong(&mut self, name: String, value: Value<'a>, must: impl Display) {
        let (line, value, must) = (self.line(value.span().start), self.shown(value), must.to_string());
        self.faults.push(ChipFault::Value { line, name, value, must });
    }

    /// A value as the file has it.
    fn shown(&self, value: Value<'a>) -> String {
        short(self.text.get(value.span()).unwrap_or_default())
    }
}

/// Text in one line, cut where it is long.
fn short(text: &str) -> String {
    const LONG: usize = 60;
    let mut short = String::new();
    for word in text.split_whitespace() {
        let space = if short.is_empty() { "" } else { " " };
        short.extend(space.chars().chain(word.chars()).take(LONG));
        if short.chars().count() > LONG {
            return short.chars().take(LONG).chain(['…']).collect();
        }
    }
    short
}

impl<'a> Section<'a> {
    /// The file itself.
    pub(in crate::chip) fn root(table: &'a DeTable<'a>) -> Self {
        Self { prefix: String::new(), table: Some(table), asked: Vec::new() }
    }

    /// Whether the file has it.
    pub(in crate::chip) fn is_there(&self) -> bool {
        self.table.is_some()
    }

    fn ask(&mut self, field: &'static str) -> Option<Value<'a>> {
        self.asked.push(field);
        self.table?.get(field)
    }

    fn name(&self, field: &str) -> String {
        format!("{}{field}", self.prefix)
    }

    /// A section in this one; one that is not there has no fields.
    pub(in crate::chip) fn section(&mut self, field: &'static str, reader: &mut Reader<'a>) -> Section<'a> {
        let value = self.ask(field);
        let table = value.and_then(|value| value.get_ref().as_table());
        if let (Some(value), None) = (value, table) {
            reader.wrong(self.name(field), value, "a section");
        }
        Section { prefix: format!("{}.", self.name(field)), table, asked: Vec::new() }
    }

    /// A list of sections.
    pub(in crate::chip) fn sections(
        &mut self,
        field: &'static str,
        reader: &mut Reader<'a>,
    ) -> Vec<Section<'a>> {
        const MOST: usize = 256;
        let Some(value) = self.ask(field) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            reader.wrong(self.name(field), value, format_args!("a list of sections, [[{field}]]"));
            return Vec::new();
        };
        if list.len() > MOST {
            reader.wrong(self.name(field), value, format_args!("a list of at most {MOST} sections"));
            return Vec::new();
        }
        let mut sections = Vec::new();
        for (i, value) in list.iter().enumerate() {
            let name = format!("{}[{i}]", self.name(field));
            match value.get_ref().as_table() {
                Some(table) => sections.push(Section {
                    prefix: format!("{name}."),
                    table: Some(table),
                    asked: Vec::new(),
                }),
                None => reader.wrong(name, value, "a section"),
            }
        }
        sections
    }

    /// A line of text that has to be there and is no figure.
    pub(in crate::chip) fn text(&mut self, field: &'static str, reader: &mut Reader<'a>) -> Option<String> {
        const MUST: &str = "text of 1 to 200 letters in one line";
        let name = self.name(field);
        let Some(value) = self.ask(field) else {
            reader.faults.push(ChipFault::Missing { name, must: MUST.to_owned() });
            return None;
        };
        let fits = |text: &&str| {
            !text.is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control)
        };
        let text = value.get_ref().as_str().filter(fits);
        if text.is_none() {
            reader.wrong(name, value, MUST);
        }
        text.map(str::to_owned)
    }

    /// A figure that has to be there.
    pub(in crate::chip) fn figure<T>(
        &mut self,
        field: &'static str,
        kind: &impl Kind<T>,
        reader: &mut Reader<'a>,
    ) -> Option<T> {
        let known = self.table.is_some_and(|table| table.contains_key(field));
        if !known {
            self.asked.push(field);
            let (name, must) = (self.name(field), kind.must());
            reader.faults.push(ChipFault::Missing { name, must });
            return None;
        }
        self.optional(field, kind, reader).flatten()
    }

    /// A figure that may be left out: `None` if it is wrong, `Some(None)` if it is not there.
    pub(in crate::chip) fn optional<T>(
        &mut self,
        field: &'static str,
        kind: &impl Kind<T>,
        reader: &mut Reader<'a>,
    ) -> Option<Option<T>> {
        let Some(written) = self.ask(field) else { return Some(None) };
        let name = self.name(field);
        let (value, source, assumed) = match written.get_ref().as_table() {
            None => (written, "no source given".to_owned(), true),
            Some(table) => {
                let mut section =
                    Section { prefix: format!("{name}."), table: Some(table), asked: Vec::new() };
                let assumed = section.flag("assumed", reader);
                let source = match (table.contains_key("source"), assumed) {
                    (true, _) => section.text("source", reader),
                    (false, true) => Some("no source given".to_owned()),
                    (false, false) => {
                        let (line, name) = (reader.line(written.span().start), name.clone());
                        reader.faults.push(ChipFault::NoSource { line, name });
                        None
                    }
                };
                let value = section.ask("value");
                section.asked.push("source");
                section.close(reader);
                let Some(value) = value else {
                    reader.faults.push(ChipFault::Missing { name: section.name("value"), must: kind.must() });
                    return None;
                };
                (value, source.unwrap_or_default(), assumed)
            }
        };
        let Some(known) = kind.read(value.get_ref()) else {
            reader.wrong(name, value, kind.must());
            return None;
        };
        reader.figures.push(Figure { name, value: reader.shown(value), source, assumed });
        Some(Some(known))
    }

    fn flag(&mut self, field: &'static str, reader: &mut Reader<'a>) -> bool {
        let Some(value) = self.ask(field) else { return false };
        value.get_ref().as_bool().unwrap_or_else(|| {
            reader.wrong(self.name(field), value, "true or false");
            false
        })
    }

    /// Ends the section: what nobody asked for is unknown.
    pub(in crate::chip) fn close(&self, reader: &mut Reader<'a>) {
        let Some(table) = self.table else { return };
        let mut unknown: Vec<_> =
            table.keys().filter(|key| !self.asked.contains(&key.get_ref().as_ref())).collect();
        unknown.sort_by_key(|key| key.span().start);
        for key in unknown {
            let field = key.get_ref().as_ref();
            reader.faults.push(ChipFault::UnknownField {
                line: reader.line(key.span().start),
                name: self.name(&short(field)),
                nearest: nearest(&short(field), self.asked.iter().copied()),
            });
        }
    }
}
