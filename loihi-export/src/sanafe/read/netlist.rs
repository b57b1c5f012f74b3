//! The netlist format of SANA-FE's first version: one record a line, groups by number.
//!
//! ```text
//! g COUNT key=value …                   neurons that are alike
//! n GROUP.NEURON key=value …            what is different about one
//! e GROUP.NEURON->GROUP.NEURON key=value …
//! & GROUP.NEURON@TILE.CORE
//! ```
//!
//! Instead of `key=value` fields there may be one YAML map in braces, which is how lists are given. Lines that
//! begin with `#` are comments.

use std::fmt::Write;

use super::super::network::{Edge, Mapped, SanaFeNetwork, UnitNames};
use super::attributes::{EdgeSetting, NeuronSetting};
use super::{MAX_NEURONS, Reader};
use crate::cost::yaml::{Document, Ignored, Node, Place, ReadError};

/// Attributes that SANA-FE takes from a group's line only, as fields.
const OF_GROUPS: [&str; 6] =
    ["soma_hw_name", "dendrite_hw_name", "default_synapse_hw_name", "log_spikes", "log_potential", "log_v"];

/// Reads a text.
pub(super) fn read(text: &str, file: &str) -> Result<(SanaFeNetwork, Vec<Ignored>), ReadError> {
    let mut reader = Reader::default();
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let record = Record::read(line, file, number)?;
        reader.record(&record)?;
    }
    Ok((reader.network, reader.known.ignored))
}

struct Record<'a> {
    kind: char,
    /// What the record is about.
    subject: &'a str,
    /// Its attributes as a map.
    attributes: Document,
    /// Whether they stood in braces.
    is_embedded: bool,
}

impl<'a> Record<'a> {
    fn read(line: &'a str, file: &str, number: u32) -> Result<Self, ReadError> {
        let wrong = |problem: String| ReadError::Record {
            place: Place { file: file.to_owned(), line: number },
            problem,
        };
        let (kind, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim_start();
        let (subject, fields) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let fields = fields.trim();
        let kind = match kind {
            "g" | "n" | "e" | "&" => kind.chars().next().unwrap_or('&'),
            _ => return Err(wrong(format!("\"{}\" begins none; g, n, e and & do", clip(kind)))),
        };
        if subject.is_empty() {
            return Err(wrong(format!("nothing stands behind {kind}")));
        }
        let is_embedded = fields.starts_with(['{', '[']);
        let mut map = String::new();
        if is_embedded {
            map.push_str(fields);
        } else {
            map.push('{');
            let mut seen: Vec<&str> = Vec::new();
            for field in fields.split_whitespace() {
                let pair = field.split_once('=').filter(|(key, value)| !key.is_empty() && !value.is_empty());
                let Some((key, value)) = pair else {
                    return Err(wrong(format!("\"{}\" is not key=value", clip(field))));
                };
                if kind == 'n' && OF_GROUPS.contains(&key) {
                    return Err(ReadError::Unsupported {
                        place: Place { file: file.to_owned(), line: number },
                        what: format!("{key} on the line of a neuron"),
                        way_out: "SANA-FE refuses it there: write it on the line of the group".to_owned(),
                    });
                }
                // Of two values for one key SANA-FE keeps the first.
                if !seen.contains(&key) {
                    seen.push(key);
                    // A text in quotes is YAML as it is JSON, whatever stands in it.
                    let (key, value) = (serde_json::Value::from(key), serde_json::Value::from(value));
                    write!(map, "{key}: {value},").expect("a string takes all that is written");
                }
            }
            map.push('}');
        }
        let attributes = Document::read_from_line(&map, file, number)?;
        Ok(Self { kind, subject, attributes, is_embedded })
    }
}

impl Reader {
    fn record(&mut self, record: &Record) -> Result<(), ReadError> {
        let node = record.attributes.root();
        match record.kind {
            'g' => self.group_record(record, node),
            'n' => self.neuron_record(record, node),
            'e' => {
                let ends = record.subject.split_once("->");
                let (source, target) = ends.ok_or_else(|| wrong(node, record.subject, "source->target"))?;
                let (source, target) = (self.neuron(node, source)?, self.neuron(node, target)?);
                let EdgeSetting { weight, delay } = self.known.edge(node)?;
                self.connect(node, Edge { source, target, weight, delay })
            }
            _ => {
                let expected = "group.neuron@tile.core";
                let (neuron, core) =
                    record.subject.split_once('@').ok_or_else(|| wrong(node, record.subject, expected))?;
                let neuron = self.neuron(node, neuron)?;
                let place = core.split_once('.');
                let place = place.and_then(|(tile, core)| Some((tile.parse().ok()?, core.parse().ok()?)));
                let (tile, core) = place.ok_or_else(|| wrong(node, record.subject, expected))?;
                if self.network.mapping.len() as u64 >= 2 * MAX_NEURONS {
                    return Err(wrong(
                        node,
                        record.subject,
                        "not the next of more mappings than can be read",
                    ));
                }
                self.network.mapping.push(Mapped { neuron, tile, core, units: UnitNames::default() });
                Ok(())
            }
        }
    }

    fn group_record(&mut self, record: &Record, node: Node) -> Result<(), ReadError> {
        let n: u64 =
            record.subject.parse().map_err(|_| wrong(node, record.subject, "a number of neurons"))?;
        let mut setting = NeuronSetting::default();
        self.known.neuron(node, &mut setting)?;
        for (key, value) in node.attributes("the attributes of a group")? {
            if key == "log_v" {
                setting.log_potential = Some(value.truth(key)?);
            } else if record.is_embedded && OF_GROUPS.contains(&key) {
                self.known.tell(value, key, "SANA-FE takes it as a field key=value only");
                setting.forget(key);
            } else if key == "log_potential" {
                self.known.tell(value, key, "a netlist calls it log_v");
                setting.log_potential = None;
            }
        }
        let name = self.network.groups.len().to_string();
        let group = self.add_group(node, node, name, n, &setting)?;
        self.network.groups.push(group);
        Ok(())
    }

    fn neuron_record(&mut self, record: &Record, node: Node) -> Result<(), ReadError> {
        let neuron = self.neuron(node, record.subject)?;
        let mut setting = NeuronSetting::default();
        self.known.neuron(node, &mut setting)?;
        for (key, value) in node.attributes("the attributes of a neuron")? {
            if key == "log_v" {
                let what = format!("{key} on the line of a neuron");
                return Err(
                    node.unsupported(&what, "SANA-FE refuses it there: write it on the line of the group")
                );
            }
            if OF_GROUPS.contains(&key) {
                self.known.tell(value, key, "SANA-FE takes it from the line of the group only");
                setting.forget(key);
            }
        }
        if setting.units.synapse.is_some() && !self.network.edges.is_empty() {
            let what = "synapse_hw_name of a neuron behind the first edge";
            return Err(node.unsupported(what, "write the lines of neurons before those of edges"));
        }
        // Names of groups are their numbers, and their numbers the order of the groups.
        let (group, number) = record.subject.split_once('.').unwrap_or((record.subject, "0"));
        let (group, number) = (group.parse::<usize>().unwrap_or(0), number.parse::<usize>().unwrap_or(0));
        debug_assert!(neuron.0 as usize >= number, "a number within a group is not above one within all");
        setting.apply(&mut self.network.groups[group].neurons[number]);
        Ok(())
    }
}

impl NeuronSetting {
    fn forget(&mut self, key: &str) {
        match key {
            "soma_hw_name" => self.units.soma = None,
            "dendrite_hw_name" => self.units.dendrite = None,
            "log_spikes" => self.log_spikes = None,
            "log_potential" | "log_v" => self.log_potential = None,
            _ => {}
        }
    }
}

fn wrong(node: Node, subject: &str, expected: &str) -> ReadError {
    ReadError::Value {
        place: node.place(),
        field: "what stands first".to_owned(),
        value: format!("\"{}\"", clip(subject)),
        expected: expected.to_owned(),
    }
}

fn clip(text: &str) -> String {
    text.chars().take(60).collect()
}
