//! Graphs as DOT.

use std::fmt::Write;

use super::{Graph, Value};

impl Graph {
    /// The graph for Graphviz. A node's label has what is known of it; an edge is as wide as the logarithm of its
    /// synapses.
    pub fn to_dot(&self) -> String {
        let mut dot = String::from("digraph netlist {\n  node [shape=box, fontname=\"sans-serif\"];\n");
        for (i, node) in self.nodes.iter().enumerate() {
            let known = node.values.iter().filter(|(name, _)| *name != "kind");
            let lines: String = known.map(|(name, value)| format!("\\n{name}: {}", shown(value))).collect();
            let is_source = node.values.iter().any(|value| *value == ("kind", Value::Text("source".into())));
            let shape = if is_source { ", shape=ellipse" } else { "" };
            let _ = writeln!(dot, "  n{i} [label=\"{}{lines}\"{shape}];", escaped(&node.label));
        }
        for edge in &self.edges {
            let known: Vec<String> =
                edge.values.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect();
            let width = edge.values.iter().find_map(|(name, value)| match (*name, value) {
                ("synapses", Value::Integer(n)) => Some(1.0 + (*n as f64).max(1.0).log10()),
                _ => None,
            });
            let width = width.map_or(String::new(), |width| format!(", penwidth={width:.2}"));
            let _ =
                writeln!(dot, "  n{} -> n{} [tooltip=\"{}\"{width}];", edge.from, edge.to, known.join(", "));
        }
        dot.push_str("}\n");
        dot
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Integer(n) => n.to_string(),
        Value::Number(x) => x.to_string(),
        Value::Text(text) => escaped(text),
    }
}

/// Text inside of quotes.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
