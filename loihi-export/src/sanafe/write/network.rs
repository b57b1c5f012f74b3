//! A network as SANA-FE's YAML.

use std::fmt::Write;

use super::super::network::{
    Attributes, Edge, Mapped, Neuron, NeuronId, ResetMode, SanaFeNetwork, UnitNames,
};
use super::quoted;

/// Why a network cannot be written.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A name that the format has no way to write.
    #[error("the {what} is called {name:?}; {way_out}")]
    Name {
        /// What is called so.
        what: &'static str,
        /// The name.
        name: String,
        /// What to do.
        way_out: &'static str,
    },
    /// Two groups of one name.
    #[error("two groups are called {name:?}; give each a name of its own")]
    SameName {
        /// The name.
        name: String,
    },
    /// A number that is none.
    #[error("{field} of {of} is {value}; only finite numbers can be written")]
    NotFinite {
        /// Which number.
        field: &'static str,
        /// Of what.
        of: String,
        /// Its value.
        value: f64,
    },
    /// An edge or a mapping of a neuron that is not there.
    #[error("{what} {index} names neuron {number}, and there are {n_neurons}")]
    NoNeuron {
        /// An edge or a mapping.
        what: &'static str,
        /// Which one.
        index: usize,
        /// The number.
        number: u32,
        /// How many neurons there are.
        n_neurons: usize,
    },
}

/// Writes a network.
///
/// # Errors
/// If a name or a number has no way to be written, or an edge or a mapping names a neuron that is not there.
pub fn write_network(network: &SanaFeNetwork) -> Result<String, WriteError> {
    let SanaFeNetwork { name, groups, edges, mapping } = network;
    let mut text = String::from("network:\n");
    // A space is what SANA-FE writes for no name.
    let way_out = "use a name without quotes and control characters";
    let shown = if name.is_empty() { " " } else { name };
    let shown =
        quoted(shown).ok_or_else(|| WriteError::Name { what: "network", name: name.clone(), way_out })?;
    line(
        &mut text,
        format_args!("  name: {shown}\n  groups:{}\n", if groups.is_empty() { " []" } else { "" }),
    );
    let names = names(network)?;
    for group in groups {
        let empty = if group.neurons.is_empty() { " []" } else { "" };
        line(&mut text, format_args!("    - name: \"{}\"\n      neurons:{empty}\n", group.name));
        let mut first = 0;
        for alike in group.neurons.chunk_by(|a, b| a == b) {
            let last = first + alike.len() - 1;
            let range = if alike.len() == 1 { first.to_string() } else { format!("{first}..{last}") };
            let attributes = neuron(&alike[0], &format!("{}.{first}", group.name))?;
            line(&mut text, format_args!("        - {range}: {{{attributes}}}\n"));
            first = last + 1;
        }
    }
    line(&mut text, format_args!("  edges:{}\n", if edges.is_empty() { " []" } else { "" }));
    for (index, edge) in edges.iter().enumerate() {
        let Edge { source, target, weight, delay } = *edge;
        let (from, to) = (at(&names, source, "edge", index)?, at(&names, target, "edge", index)?);
        let weight = number("weight", weight, || format!("{from} -> {to}"))?;
        line(&mut text, format_args!("    - {from} -> {to}: {{weight: {weight}"));
        if let Some(delay) = delay {
            line(&mut text, format_args!(", delay: {delay}"));
        }
        text.push_str("}\n");
    }
    line(&mut text, format_args!("mappings:{}\n", if mapping.is_empty() { " []" } else { "" }));
    let follows = |a: &Mapped, b: &Mapped| {
        let is_next =
            a.neuron.0 + 1 == b.neuron.0 && (a.tile, a.core) == (b.tile, b.core) && a.units == b.units;
        // A range stays within its group.
        is_next && names.get(b.neuron.0 as usize).is_some_and(|(_, number)| *number > 0)
    };
    let mut index = 0;
    for together in mapping.chunk_by(follows) {
        let Mapped { neuron, tile, core, units } = &together[0];
        let mut address = at(&names, *neuron, "mapping", index)?;
        let last = neuron.0 + together.len() as u32 - 1;
        at(&names, NeuronId(last), "mapping", index)?;
        if together.len() > 1 {
            write!(address, "..{}", names[last as usize].1).expect("a string takes all that is written");
        }
        line(&mut text, format_args!("  - {address}: {{core: {tile}.{core}{}}}\n", mapped_units(units)?));
        index += together.len();
    }
    Ok(text)
}

fn line(text: &mut String, what: std::fmt::Arguments) {
    text.write_fmt(what).expect("a string takes all that is written");
}

/// For each neuron the name of its group and its number there.
fn names(network: &SanaFeNetwork) -> Result<Vec<(&str, u32)>, WriteError> {
    let mut names = Vec::with_capacity(network.n_neurons());
    let mut seen = std::collections::HashSet::new();
    for group in &network.groups {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if group.name.is_empty() || !group.name.chars().all(is_plain) {
            let way_out = "use letters, digits and underscores";
            return Err(WriteError::Name { what: "group", name: group.name.clone(), way_out });
        }
        if !seen.insert(&group.name) {
            return Err(WriteError::SameName { name: group.name.clone() });
        }
        names.extend((0..group.neurons.len() as u32).map(|number| (group.name.as_str(), number)));
    }
    Ok(names)
}

fn at(
    names: &[(&str, u32)],
    neuron: NeuronId,
    what: &'static str,
    index: usize,
) -> Result<String, WriteError> {
    let n_neurons = names.len();
    let name = names.get(neuron.0 as usize).map(|(group, number)| format!("{group}.{number}"));
    name.ok_or(WriteError::NoNeuron { what, index, number: neuron.0, n_neurons })
}

fn number(field: &'static str, value: f64, of: impl Fn() -> String) -> Result<String, WriteError> {
    match value.is_finite() {
        true => Ok(format!("{value:?}")),
        false => Err(WriteError::NotFinite { field, of: of(), value }),
    }
}

fn unit(name: &str) -> Result<String, WriteError> {
    let way_out = "use a name without quotes and control characters";
    quoted(name).ok_or_else(|| WriteError::Name { what: "unit", name: name.to_owned(), way_out })
}

fn mapped_units(units: &UnitNames) -> Result<String, WriteError> {
    let UnitNames { synapse, dendrite, soma } = units;
    let mut text = String::new();
    for (key, name) in [("synapse", synapse), ("dendrite", dendrite), ("soma", soma)] {
        if let Some(name) = name {
            line(&mut text, format_args!(", {key}: {}", unit(name)?));
        }
    }
    Ok(text)
}

/// The attributes of a neuron, without the braces.
fn neuron(neuron: &Neuron, name: &str) -> Result<String, WriteError> {
    let Neuron { units: UnitNames { synapse, dendrite, soma }, log_spikes, log_potential, attributes } =
        neuron;
    let Attributes {
        threshold,
        reverse_threshold,
        reset,
        reverse_reset,
        reset_mode,
        reverse_reset_mode,
        leak_decay,
        input_decay,
        bias,
        potential,
        force_update,
        refractory_delay,
        spikes,
        rate,
        poisson,
    } = attributes;
    let mut parts: Vec<String> = Vec::new();
    for (key, name) in [("synapse_hw_name", synapse), ("dendrite_hw_name", dendrite), ("soma_hw_name", soma)]
    {
        if let Some(name) = name {
            parts.push(format!("{key}: {}", unit(name)?));
        }
    }
    for (key, is_logged) in [("log_spikes", log_spikes), ("log_potential", log_potential)] {
        if *is_logged {
            parts.push(format!("{key}: true"));
        }
    }
    for (key, value) in [
        ("threshold", threshold),
        ("reverse_threshold", reverse_threshold),
        ("reset", reset),
        ("reverse_reset", reverse_reset),
        ("leak_decay", leak_decay),
        ("input_decay", input_decay),
        ("bias", bias),
        ("potential", potential),
        ("rate", rate),
        ("poisson", poisson),
    ] {
        if let Some(value) = value {
            parts.push(format!("{key}: {}", number(key, *value, || name.to_owned())?));
        }
    }
    for (key, mode) in [("reset_mode", reset_mode), ("reverse_reset_mode", reverse_reset_mode)] {
        if let Some(mode) = mode {
            let name =
                ResetMode::ALL.iter().find(|(known, _)| known == mode).map_or("none", |(_, name)| name);
            parts.push(format!("{key}: {name}"));
        }
    }
    if let Some(force_update) = force_update {
        parts.push(format!("force_update: {force_update}"));
    }
    if let Some(steps) = refractory_delay {
        parts.push(format!("refractory_delay: {steps}"));
    }
    if let Some(spikes) = spikes {
        let list: Vec<&str> = spikes.iter().map(|spike| if *spike { "1" } else { "0" }).collect();
        parts.push(format!("spikes: [{}]", list.join(",")));
    }
    Ok(parts.join(", "))
}
