//! An architecture as SANA-FE's YAML.

use std::fmt::Write;
use std::ops::Range;

use crate::cost::architecture::{
    Architecture, AxonUnit, Buffer, Cost, DIRECTIONS, DendriteModel, SomaModel, Units,
};
use crate::cost::yaml::range;

/// Writes an architecture.
///
/// Tiles, cores and units that are alike and numbered are written as ranges. SANA-FE calls a tile or a core that has no
/// number `name[0]`.
pub fn write_architecture(chip: &Architecture) -> String {
    let mut writer = Writer { text: String::new() };
    writer.chip(chip);
    writer.text
}

struct Writer {
    text: String,
}

impl Writer {
    fn line(&mut self, indent: usize, what: std::fmt::Arguments) {
        writeln!(self.text, "{:indent$}{what}", "").expect("a string takes all that is written");
    }

    fn chip(&mut self, chip: &Architecture) {
        self.line(0, format_args!("architecture:"));
        self.line(2, format_args!("name: {}", quoted(&chip.name)));
        self.line(2, format_args!("attributes:"));
        self.line(4, format_args!("topology: mesh"));
        self.line(4, format_args!("width: {}", chip.width));
        self.line(4, format_args!("height: {}", chip.height));
        self.line(4, format_args!("link_buffer_size: {}", chip.link_buffer_size));
        match chip.sync.0[..] {
            [(0, time)] => {
                self.line(4, format_args!("sync_model: fixed"));
                self.line(4, format_args!("latency_sync: {time:?}"));
            }
            ref table => {
                let entries: Vec<String> =
                    table.iter().map(|(tiles, time)| format!("{tiles}: {time:?}")).collect();
                self.line(4, format_args!("sync_model: table"));
                self.line(4, format_args!("latency_sync: {{{}}}", entries.join(", ")));
            }
        }
        self.line(2, format_args!("tile:"));
        let alike = runs(&chip.tiles, |tile| &tile.name, |a, b| a.hops == b.hops && a.cores == b.cores);
        for (name, i) in alike {
            let tile = &chip.tiles[i];
            self.line(4, format_args!("- name: {name}"));
            self.line(6, format_args!("attributes:"));
            for (Cost { energy, latency }, direction) in tile.hops.iter().zip(DIRECTIONS) {
                self.line(8, format_args!("energy_{direction}_hop: {energy:?}"));
                self.line(8, format_args!("latency_{direction}_hop: {latency:?}"));
            }
            self.line(6, format_args!("core:"));
            for (name, i) in runs(&tile.cores, |core| &core.name, |a, b| a.units == b.units) {
                self.line(8, format_args!("- name: {name}"));
                self.units(&tile.cores[i].units);
            }
        }
    }

    fn units(&mut self, units: &Units) {
        let Units { max_neurons, buffer, axon_in, synapses, dendrites, somas, axon_out } = units;
        let (position, is_inside) = match buffer {
            Buffer::BeforeDendrite => ("dendrite", false),
            Buffer::InsideDendrite => ("dendrite", true),
            Buffer::BeforeSoma => ("soma", false),
            Buffer::InsideSoma => ("soma", true),
            Buffer::BeforeAxonOut => ("axon_out", false),
        };
        self.line(10, format_args!("attributes:"));
        self.line(12, format_args!("buffer_position: {position}"));
        self.line(12, format_args!("buffer_inside_unit: {is_inside}"));
        self.line(12, format_args!("max_neurons_supported: {max_neurons}"));
        self.axon("axon_in", axon_in, "message_in");
        self.line(10, format_args!("synapse:"));
        for (name, i) in runs(synapses, |unit| &unit.name, |a, b| a.spike == b.spike) {
            self.unit(&name, "current_based", &[("process_spike", synapses[i].spike)]);
        }
        self.line(10, format_args!("dendrite:"));
        for (name, i) in runs(dendrites, |unit| &unit.name, |a, b| (a.model, a.update) == (b.model, b.update))
        {
            let model = match dendrites[i].model {
                DendriteModel::Accumulator => "accumulator",
                DendriteModel::AccumulatorWithDelay => "accumulator_with_delay",
                DendriteModel::Taps => "taps",
            };
            self.unit(&name, model, &[("update", dendrites[i].update)]);
        }
        self.line(10, format_args!("soma:"));
        let costs = |i: usize| (somas[i].model, somas[i].access, somas[i].update, somas[i].spike);
        let is_alike = |a: &crate::cost::architecture::SomaUnit, b: &crate::cost::architecture::SomaUnit| {
            (a.model, a.access, a.update, a.spike) == (b.model, b.access, b.update, b.spike)
        };
        for (name, i) in runs(somas, |unit| &unit.name, is_alike) {
            let (model, access, update, spike) = costs(i);
            let model = match model {
                SomaModel::LeakyIntegrateFire => "leaky_integrate_fire",
                SomaModel::Input => "input",
                SomaModel::TrueNorth => "truenorth",
            };
            let costs = [("access_neuron", access), ("update_neuron", update), ("spike_out", spike)];
            self.unit(&name, model, &costs);
        }
        self.axon("axon_out", axon_out, "message_out");
    }

    fn axon(&mut self, section: &str, unit: &AxonUnit, event: &str) {
        let AxonUnit { name, message: Cost { energy, latency } } = unit;
        self.line(10, format_args!("{section}:"));
        self.line(12, format_args!("- name: {}", quoted(name)));
        self.line(
            14,
            format_args!("attributes: {{energy_{event}: {energy:?}, latency_{event}: {latency:?}}}"),
        );
    }

    fn unit(&mut self, name: &str, model: &str, costs: &[(&str, Cost)]) {
        self.line(12, format_args!("- name: {name}"));
        self.line(14, format_args!("attributes:"));
        self.line(16, format_args!("model: {model}"));
        for (event, Cost { energy, latency }) in costs {
            self.line(16, format_args!("energy_{event}: {energy:?}"));
            self.line(16, format_args!("latency_{event}: {latency:?}"));
        }
    }
}

/// Things that follow each other, are alike and are numbered on, under one quoted name, with the index of the first.
fn runs<T>(
    things: &[T],
    name: impl Fn(&T) -> &str,
    is_alike: impl Fn(&T, &T) -> bool,
) -> Vec<(String, usize)> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (i, thing) in things.iter().enumerate() {
        let goes_on = runs.last().is_some_and(|run| {
            let (stem, number) = match numbered(name(&things[run.start])) {
                Some(numbered) => numbered,
                None => return false,
            };
            numbered(name(thing)) == Some((stem, number + run.len() as u64))
                && is_alike(&things[run.start], thing)
        });
        match runs.last_mut() {
            Some(run) if goes_on => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    let named = |run: Range<usize>| {
        let first = name(&things[run.start]);
        match numbered(first) {
            Some((stem, number)) if run.len() > 1 => {
                let last = number + run.len() as u64 - 1;
                (format!("\"{}[{number}..{last}]\"", cleaned(stem)), run.start)
            }
            _ => (quoted(first), run.start),
        }
    };
    runs.into_iter().map(named).collect()
}

/// `stem[7]` in its parts.
fn numbered(name: &str) -> Option<(&str, u64)> {
    let (stem, number) = name.strip_suffix(']')?.split_once('[')?;
    Some((stem, number.parse().ok()?))
}

/// A name in quotes. Characters that would end them, and dots that would make a range of it, become underscores: names
/// of hardware are looked up by networks, but those that are read from a file never have such characters.
fn quoted(name: &str) -> String {
    format!("\"{}\"", cleaned(name))
}

fn cleaned(name: &str) -> String {
    let is_range = range(name).is_some();
    let plain =
        |c: char| if c.is_control() || c == '"' || c == '\\' || (is_range && c == '.') { '_' } else { c };
    if name.is_empty() { "_".to_owned() } else { name.chars().map(plain).collect() }
}
