//! A list of synapses as CSV: `source_kind,source,target_kind,target,polarity`.

use std::collections::BTreeMap;

use rheobase_ltc::wiring::{Parts, Synapse, UnitKind, Wiring};
use serde::Deserialize;

use super::{MOST_INPUTS, Text, kind_of, layers, name_of};
use crate::file::FileError;

/// A line of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edge {
    source_kind: String,
    source: u32,
    target_kind: String,
    target: u32,
    polarity: i8,
}

impl Text<'_> {
    /// The wiring of a list of synapses.
    pub(super) fn edges(&self) -> Result<Wiring, FileError> {
        let mut kinds: BTreeMap<u32, UnitKind> = BTreeMap::new();
        let mut n_inputs = 0;
        let (mut synapses, mut sensory) = (Vec::new(), Vec::new());
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(self.bytes);
        let headers = reader.headers().map_err(|error| self.in_csv(&error))?.clone();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| self.in_csv(&error))? {
            let line = record.position().map_or(0, csv::Position::line);
            let edge: Edge = record.deserialize(Some(&headers)).map_err(|error| self.in_csv(&error))?;
            let Edge { source_kind, source, target_kind, target, polarity } = edge;
            let mut unit = |kind: &str, unit: u32| {
                let known = kind_of(kind).ok_or_else(|| {
                    let must = "and must be inter, command or motor, or input for a source";
                    self.unusable(
                        format!("line {line}"),
                        format!("the kind of unit {unit} is {kind:?}, {must}"),
                    )
                })?;
                match *kinds.entry(unit).or_insert(known) {
                    before if before == known => Ok(()),
                    before => {
                        let before = name_of(before);
                        Err(self.unusable(
                            format!("line {line}"),
                            format!("unit {unit} is {kind}, and was {before} before"),
                        ))
                    }
                }
            };
            unit(&target_kind, target)?;
            let synapse = Synapse { target, source, polarity };
            if source_kind == "input" {
                if source >= MOST_INPUTS {
                    let reason = format!("input {source}, and there may be {MOST_INPUTS}, from 0 on");
                    return Err(self.unusable(format!("line {line}"), reason));
                }
                n_inputs = n_inputs.max(source + 1);
                sensory.push(synapse);
            } else {
                unit(&source_kind, source)?;
                synapses.push(synapse);
            }
        }
        // Every unit is in some line, so a short file cannot name a great many.
        if let Some((unit, _)) = (0..).zip(kinds.keys()).find(|(place, unit)| *place != **unit) {
            let reason =
                format!("unit {unit} has no synapse, and units are numbered from 0 on; leave no number out");
            return Err(self.unusable("its list", reason));
        }
        let kinds: Vec<UnitKind> = kinds.into_values().collect();
        let n_outputs = kinds.iter().filter(|kind| **kind == UnitKind::Motor).count() as u32;
        let parts = Parts { n_inputs, n_outputs, layers: layers(&kinds), kinds, synapses, sensory };
        Wiring::new(parts).map_err(|error| self.wrong(&error))
    }

    fn in_csv(&self, error: &csv::Error) -> FileError {
        let line =
            error.position().map_or("its list".to_owned(), |position| format!("line {}", position.line()));
        let header = "source_kind,source,target_kind,target,polarity";
        self.unusable(line, format!("{error}; the first line must be {header}"))
    }
}
