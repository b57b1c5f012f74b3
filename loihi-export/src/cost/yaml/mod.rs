//! YAML text as a tree that remembers its lines.
//!
//! SANA-FE's files are YAML, and a message about one names its line, so a text becomes one array of nodes in the
//! order of the text: 16 bytes a node, a collection knows where it ends, a scalar where its text lies. Anchors
//! are refused (a short file could stand for an endless tree), nesting is bounded, and a text has one document.

mod error;

pub use error::{Ignored, Place, ReadError};

use granit_parser::{Event, Parser};

/// How deep collections may lie in each other: SANA-FE's own files need nine.
const MAX_DEPTH: usize = 32;
/// How long a text may be \[bytes\], because a node keeps 32 bits of a position.
const MAX_BYTES: usize = 1 << 31;

/// A text that was read.
pub(crate) struct Document {
    file: String,
    text: String,
    nodes: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    kind: Kind,
    line: u32,
    /// Where a scalar's text begins, or the first node behind a collection.
    at: u32,
    /// How long a scalar's text is.
    len: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Scalar,
    List,
    Map,
}

/// One node of a [`Document`].
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    document: &'a Document,
    index: usize,
}

impl Document {
    /// Reads a text; `file` is what messages call it.
    ///
    /// # Errors
    /// If it is not YAML, has an anchor, lies too deep, is too long, or has nothing in it.
    pub fn read(text: &str, file: &str) -> Result<Self, ReadError> {
        Self::read_from_line(text, file, 1)
    }

    /// Reads a text that begins in a line of its file.
    ///
    /// # Errors
    /// As [`Document::read`].
    pub fn read_from_line(text: &str, file: &str, first_line: u32) -> Result<Self, ReadError> {
        let mut document = Self { file: file.to_owned(), text: String::new(), nodes: Vec::new() };
        let above = first_line - 1;
        if text.len() > MAX_BYTES {
            let why = format!("a text of {} bytes, and {MAX_BYTES} is the most", text.len());
            return Err(document.syntax(1, why));
        }
        let options = granit_parser::options! {
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            emit_comments: false
        };
        let mut open: Vec<usize> = Vec::new();
        for event in Parser::new_from_str_with_options(text, options) {
            let (event, span) =
                event.map_err(|e| document.syntax(above + e.marker().line() as u32, e.info()))?;
            let line = above + span.start.line() as u32;
            match event {
                Event::Scalar(scalar, _, 0, _) => {
                    let at = document.text.len() as u32;
                    document.text.push_str(&scalar);
                    document.nodes.push(Entry { kind: Kind::Scalar, line, at, len: scalar.len() as u32 });
                }
                Event::SequenceStart(_, 0, _) | Event::MappingStart(_, 0, _) => {
                    if open.len() == MAX_DEPTH {
                        return Err(document.syntax(line, format!("nesting deeper than {MAX_DEPTH}")));
                    }
                    let is_map = matches!(event, Event::MappingStart(..));
                    let kind = if is_map { Kind::Map } else { Kind::List };
                    open.push(document.nodes.len());
                    document.nodes.push(Entry { kind, line, at: 0, len: 0 });
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let end = document.nodes.len() as u32;
                    if let Some(start) = open.pop() {
                        document.nodes[start].at = end;
                    }
                }
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if document.nodes.is_empty() => {}
                Event::DocumentStart(..) => {
                    return Err(document.syntax(line, "a second document in one file".to_owned()));
                }
                // Anchors, aliases, and what a later version of the parser may tell.
                _ => return Err(document.syntax(line, "anchors and aliases are not read".to_owned())),
            }
        }
        match document.nodes.is_empty() {
            true => Err(document.syntax(1, "there is nothing in it".to_owned())),
            false => Ok(document),
        }
    }

    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        Node { document: self, index: 0 }
    }

    fn syntax(&self, line: u32, problem: String) -> ReadError {
        ReadError::Syntax { place: Place { file: self.file.clone(), line }, problem }
    }
}

impl<'a> Node<'a> {
    fn entry(self) -> Entry {
        self.document.nodes[self.index]
    }

    /// Where it stands.
    pub fn place(self) -> Place {
        Place { file: self.document.file.clone(), line: self.entry().line }
    }

    pub fn is_list(self) -> bool {
        self.entry().kind == Kind::List
    }

    pub fn is_map(self) -> bool {
        self.entry().kind == Kind::Map
    }

    /// The text of a scalar.
    pub fn text(self) -> Option<&'a str> {
        let Entry { kind, line: _, at, len } = self.entry();
        (kind == Kind::Scalar).then(|| &self.document.text[at as usize..(at + len) as usize])
    }

    /// Whether nothing is written here.
    pub fn is_empty(self) -> bool {
        matches!(self.text(), Some("" | "~" | "null"))
    }

    fn end(self) -> usize {
        match self.entry().kind {
            Kind::Scalar => self.index + 1,
            Kind::List | Kind::Map => self.entry().at as usize,
        }
    }

    /// The nodes inside of a collection, keys and values alike.
    fn children(self) -> impl Iterator<Item = Node<'a>> {
        let Self { document, index } = self;
        let mut next = index + 1;
        let end = if self.text().is_some() { next } else { self.end() };
        std::iter::from_fn(move || {
            let node = (next < end).then_some(Node { document, index: next })?;
            next = node.end();
            Some(node)
        })
    }

    /// The items of a list; nothing of what is none.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        self.children().take(if self.is_list() { usize::MAX } else { 0 })
    }

    /// Keys and values of a map; nothing of what is none.
    pub fn pairs(self) -> impl Iterator<Item = (Node<'a>, Node<'a>)> {
        let mut children = self.children().take(if self.is_map() { usize::MAX } else { 0 });
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The value of a key of a map, the first if it is there twice.
    pub fn get(self, key: &str) -> Option<Node<'a>> {
        self.pairs().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }

    /// The value of a key that has to be there.
    pub fn require(self, key: &str, way_out: &str) -> Result<Node<'a>, ReadError> {
        self.get(key).ok_or_else(|| self.missing(key, way_out))
    }

    /// The key and value pairs of a map, or of all maps of a list, in their order.
    pub fn attributes(self, what: &str) -> Result<Vec<(&'a str, Node<'a>)>, ReadError> {
        let mut found = Vec::new();
        if self.is_empty() {
            return Ok(found);
        }
        let maps: Vec<Node<'a>> = if self.is_list() { self.items().collect() } else { vec![self] };
        for map in maps {
            if !map.is_map() {
                return Err(map.value_error(what, "a map, or a list of maps"));
            }
            for (key, value) in map.pairs() {
                let name = key.text().ok_or_else(|| key.value_error(what, "a map with names for keys"))?;
                found.push((name, value));
            }
        }
        Ok(found)
    }

    /// A finite number.
    pub fn number(self, field: &str) -> Result<f64, ReadError> {
        let parsed = self.text().and_then(|text| text.trim().parse::<f64>().ok());
        parsed.filter(|value| value.is_finite()).ok_or_else(|| self.value_error(field, "a finite number"))
    }

    /// A finite number that is not below zero.
    pub fn amount(self, field: &str) -> Result<f64, ReadError> {
        let number = self.number(field)?;
        match number >= 0.0 {
            true => Ok(number),
            false => Err(self.value_error(field, "a number ≥ 0")),
        }
    }

    /// A whole number within limits.
    pub fn whole(self, field: &str, least: i64, most: i64) -> Result<i64, ReadError> {
        let parsed = self.text().and_then(|text| text.trim().parse::<i64>().ok());
        parsed
            .filter(|value| (least..=most).contains(value))
            .ok_or_else(|| self.value_error(field, &format!("a whole number from {least} to {most}")))
    }

    /// A truth value, which may be written as a number.
    pub fn truth(self, field: &str) -> Result<bool, ReadError> {
        match self.text() {
            Some("true" | "True" | "TRUE") => Ok(true),
            Some("false" | "False" | "FALSE") => Ok(false),
            Some(text) if text.parse::<i64>().is_ok() => Ok(text.parse() != Ok(0_i64)),
            _ => Err(self.value_error(field, "true or false")),
        }
    }

    /// A scalar as it is written.
    pub fn string(self, field: &str) -> Result<&'a str, ReadError> {
        self.text().ok_or_else(|| self.value_error(field, "a text"))
    }

    pub fn value_error(self, field: &str, expected: &str) -> ReadError {
        ReadError::Value {
            place: self.place(),
            field: field.to_owned(),
            value: self.shown(),
            expected: expected.to_owned(),
        }
    }

    pub fn missing(self, field: &str, way_out: &str) -> ReadError {
        ReadError::Missing { place: self.place(), field: field.to_owned(), way_out: way_out.to_owned() }
    }

    pub fn unsupported(self, what: &str, way_out: &str) -> ReadError {
        ReadError::Unsupported { place: self.place(), what: what.to_owned(), way_out: way_out.to_owned() }
    }

    pub fn ignored(self, field: &str, why: &'static str) -> Ignored {
        Ignored { line: self.entry().line, field: field.to_owned(), why }
    }

    /// What stands here, short enough for a message.
    fn shown(self) -> String {
        match self.text() {
            Some(text) if text.chars().count() <= 60 => format!("\"{text}\""),
            Some(text) => format!("\"{}…\"", text.chars().take(60).collect::<String>()),
            None if self.is_list() => "a list".to_owned(),
            None => "a map".to_owned(),
        }
    }
}

/// A name that may stand for many, `name[first..last]`, as its stem and its numbers.
///
/// Returns nothing if there is no range in it.
pub(crate) fn range(text: &str) -> Option<Result<(&str, u32, u32), &'static str>> {
    let dots = text.find("..")?;
    let open = text.find('[').filter(|open| *open < dots);
    let start = open.map_or(0, |open| open + 1);
    let end = text[dots..].find(']').map_or(text.len(), |close| dots + close);
    let number = |part: &str| part.trim().parse::<u32>().map_err(|_| "two whole numbers with .. between");
    let ends = number(&text[start..dots]).and_then(|first| Ok((first, number(&text[dots + 2..end])?)));
    Some(match ends {
        Ok((first, last)) if first <= last => Ok((&text[..open.unwrap_or(0)], first, last)),
        Ok(_) => Err("a range whose first number is not above its last"),
        Err(why) => Err(why),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Document::read(text, "f").err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_stands_in_a_text_is_found_with_its_line() {
        let text = "a: 1\nb:\n  - {c: 2.5, d: [x, 'y z']}\n  - 0: [e: 3, f: true]\n";
        let document = Document::read(text, "f").unwrap();
        let root = document.root();
        assert_eq!(root.get("a").unwrap().whole("a", 0, 9).unwrap(), 1);
        let items: Vec<Node> = root.get("b").unwrap().items().collect();
        assert_eq!(items.len(), 2);
        assert_eq!(items[0].get("c").unwrap().number("c").unwrap(), 2.5);
        let list: Vec<_> = items[0].get("d").unwrap().items().map(|item| item.text().unwrap()).collect();
        assert_eq!(list, ["x", "y z"]);
        let attributes = items[1].get("0").unwrap().attributes("0").unwrap();
        assert_eq!(attributes.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["e", "f"]);
        assert!(attributes[1].1.truth("f").unwrap());
        assert_eq!(attributes[0].1.place().line, 4);
    }

    #[test]
    fn texts_that_are_hostile_are_refused() {
        assert_eq!(problem(""), "f:1: not readable YAML: there is nothing in it");
        assert!(problem(&"[".repeat(100_000)).contains("not readable YAML"));
        assert!(problem(&"- ".repeat(1000)).contains("not readable YAML"));
        assert!(problem("a: &x [1]\nb: *x").contains("anchors"));
        assert!(problem("a: 1\n---\nb: 2").contains("second document"));
        assert!(problem("a: [1, 2").contains("not readable YAML"));
    }

    #[test]
    fn a_value_that_does_not_fit_is_named_with_its_place() {
        let document = Document::read("a: x\nb: -1\n", "net.yaml").unwrap();
        let root = document.root();
        let said = root.get("a").unwrap().number("weight").unwrap_err().to_string();
        assert_eq!(said, "net.yaml:1: weight is \"x\", and has to be a finite number");
        assert!(root.get("b").unwrap().amount("energy").is_err());
        let said = root.require("c", "say how many").err().unwrap().to_string();
        assert_eq!(said, "net.yaml:1: c is missing: say how many");
    }

    #[test]
    fn ranges_have_stems_and_numbers() {
        assert_eq!(range("core[0..3]"), Some(Ok(("core", 0, 3))));
        assert_eq!(range("5..7"), Some(Ok(("", 5, 7))));
        assert_eq!(range("core[1]"), None);
        assert!(matches!(range("4..3"), Some(Err(_))));
        assert!(matches!(range("a[..]"), Some(Err(_))));
        assert!(matches!(range("]..["), Some(Err(_))));
    }
}
