//! Graphs as GraphML.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Graph, Value};

/// The attributes of nodes or edges, and the type that holds all values of each.
type Keys = BTreeMap<&'static str, &'static str>;

impl Graph {
    /// The graph as GraphML; labels are an attribute `label`.
    pub fn to_graphml(&self) -> String {
        let mut xml = String::from(concat!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n",
            "  <key id=\"label\" for=\"node\" attr.name=\"label\" attr.type=\"string\"/>\n",
        ));
        let of_nodes = keys(self.nodes.iter().flat_map(|node| &node.values));
        let of_edges = keys(self.edges.iter().flat_map(|edge| &edge.values));
        for (of, keys) in [("node", &of_nodes), ("edge", &of_edges)] {
            for (name, kind) in keys {
                let _ = writeln!(
                    xml,
                    "  <key id=\"{of}_{name}\" for=\"{of}\" attr.name=\"{name}\" attr.type=\"{kind}\"/>"
                );
            }
        }
        xml.push_str("  <graph edgedefault=\"directed\">\n");
        for (i, node) in self.nodes.iter().enumerate() {
            let _ = write!(xml, "    <node id=\"n{i}\"><data key=\"label\">{}</data>", escaped(&node.label));
            data(&mut xml, "node", &node.values);
            xml.push_str("</node>\n");
        }
        for (i, edge) in self.edges.iter().enumerate() {
            let _ = write!(xml, "    <edge id=\"e{i}\" source=\"n{}\" target=\"n{}\">", edge.from, edge.to);
            data(&mut xml, "edge", &edge.values);
            xml.push_str("</edge>\n");
        }
        xml.push_str("  </graph>\n</graphml>\n");
        xml
    }
}

fn keys<'a>(values: impl Iterator<Item = &'a (&'static str, Value)>) -> Keys {
    let mut keys = Keys::new();
    for (name, value) in values {
        let kind = match value {
            Value::Integer(_) => "long",
            Value::Number(_) => "double",
            Value::Text(_) => "string",
        };
        // Whole numbers beside others are numbers.
        let known = keys.entry(name).or_insert(kind);
        if *known == "long" {
            *known = kind;
        }
    }
    keys
}

fn data(xml: &mut String, of: &str, values: &[(&'static str, Value)]) {
    for (name, value) in values {
        let _ = match value {
            Value::Integer(n) => write!(xml, "<data key=\"{of}_{name}\">{n}</data>"),
            Value::Number(x) => write!(xml, "<data key=\"{of}_{name}\">{x}</data>"),
            Value::Text(text) => write!(xml, "<data key=\"{of}_{name}\">{}</data>", escaped(text)),
        };
    }
}

/// Text inside of an element. XML 1.0 has no control characters, so they are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\t' | '\n' => escaped.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
