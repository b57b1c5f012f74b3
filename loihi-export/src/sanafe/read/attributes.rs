//! Attributes of neurons and synapses.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::network::{Attributes, Neuron, ResetMode, UnitNames};
use crate::cost::yaml::{Ignored, Node, ReadError};

/// What a list of attributes says of neurons.
#[derive(Clone, Default)]
pub(super) struct NeuronSetting {
    pub units: UnitNames,
    pub log_spikes: Option<bool>,
    pub log_potential: Option<bool>,
    pub attributes: Attributes,
}

impl NeuronSetting {
    pub fn apply(&self, neuron: &mut Neuron) {
        let Self { units, log_spikes, log_potential, attributes } = self;
        neuron.units = units.or(&neuron.units);
        neuron.log_spikes = log_spikes.unwrap_or(neuron.log_spikes);
        neuron.log_potential = log_potential.unwrap_or(neuron.log_potential);
        neuron.attributes.set(attributes);
    }
}

/// What a list of attributes says of a synapse.
#[derive(Clone, Copy, Default)]
pub(super) struct EdgeSetting {
    pub weight: f64,
    pub delay: Option<u8>,
}

/// Names seen so far, and attributes without an effect.
#[derive(Default)]
pub(super) struct Known {
    pub ignored: Vec<Ignored>,
    names: HashMap<String, Arc<str>>,
}

/// Attributes that SANA-FE knows and that change nothing here.
const WITHOUT_EFFECT: [&str; 3] = ["log_u", "connections_out", "log_v"];

impl Known {
    /// One copy of a name.
    pub fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(name) = self.names.get(text) {
            return Arc::clone(name);
        }
        let name: Arc<str> = Arc::from(text);
        self.names.insert(text.to_owned(), Arc::clone(&name));
        name
    }

    /// Reads attributes of neurons over what a setting says.
    pub fn neuron(&mut self, list: Node, setting: &mut NeuronSetting) -> Result<(), ReadError> {
        for (key, value) in list.attributes("the attributes of a neuron")? {
            self.neuron_attribute(key, value, setting)?;
        }
        // What stands under the name of a unit goes to that unit alone, and before what stands outside of it.
        for (key, value) in list.attributes("the attributes of a neuron")? {
            match key {
                "soma" if value.is_map() || value.is_list() => {
                    for (key, value) in value.attributes("soma")? {
                        if !self.attribute(key, value, &mut setting.attributes)? {
                            self.tell(value, key, "no soma unit has such an attribute");
                        }
                    }
                }
                "dendrite" | "synapse" => {
                    for (key, value) in value.attributes(key)? {
                        self.tell(value, key, "units with such an attribute are not modeled");
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn neuron_attribute(
        &mut self,
        key: &str,
        value: Node,
        setting: &mut NeuronSetting,
    ) -> Result<(), ReadError> {
        match key {
            "log_spikes" => setting.log_spikes = Some(value.truth(key)?),
            "log_potential" => setting.log_potential = Some(value.truth(key)?),
            "synapse_hw_name" => setting.units.synapse = Some(self.name(value.string(key)?)),
            "dendrite_hw_name" => setting.units.dendrite = Some(self.name(value.string(key)?)),
            "soma_hw_name" => setting.units.soma = Some(self.name(value.string(key)?)),
            "soma" | "dendrite" | "synapse" => {}
            _ => {
                if !self.attribute(key, value, &mut setting.attributes)? {
                    self.tell(value, key, "no unit has such an attribute");
                }
            }
        }
        Ok(())
    }

    /// Reads one attribute of a soma unit; returns whether there is one of that name.
    fn attribute(&mut self, key: &str, value: Node, to: &mut Attributes) -> Result<bool, ReadError> {
        match key {
            "threshold" => to.threshold = Some(value.number(key)?),
            "reverse_threshold" => to.reverse_threshold = Some(value.number(key)?),
            "reset" => to.reset = Some(value.number(key)?),
            "reverse_reset" => to.reverse_reset = Some(value.number(key)?),
            "reset_mode" => to.reset_mode = Some(reset_mode(key, value)?),
            "reverse_reset_mode" => to.reverse_reset_mode = Some(reset_mode(key, value)?),
            "leak_decay" => to.leak_decay = Some(value.number(key)?),
            "input_decay" => to.input_decay = Some(value.number(key)?),
            "bias" => to.bias = Some(value.number(key)?),
            "potential" => to.potential = Some(value.number(key)?),
            "force_update" | "force_update_every_timestep" => to.force_update = Some(value.truth(key)?),
            "refractory_delay" => {
                let steps = value.whole(key, i64::from(i32::MIN), i64::from(i32::MAX))?;
                to.refractory_delay = Some(steps as i32);
            }
            "spikes" if value.is_list() => {
                let spikes: Result<Arc<[bool]>, ReadError> =
                    value.items().map(|item| item.truth(key)).collect();
                to.spikes = Some(spikes?);
            }
            "spikes" => return Err(value.value_error(key, "a list of 0 and 1")),
            "rate" => {
                let rate = value.amount(key)?;
                if rate > 1.0 {
                    return Err(value.value_error(key, "at most 1 spike a step"));
                }
                to.rate = Some(rate);
            }
            "poisson" => to.poisson = Some(value.number(key)?),
            _ if WITHOUT_EFFECT.contains(&key) => {}
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Reads attributes of one synapse.
    pub fn edge(&mut self, list: Node) -> Result<EdgeSetting, ReadError> {
        let mut setting = EdgeSetting::default();
        let attributes = list.attributes("the attributes of an edge")?;
        for (key, value) in &attributes {
            match *key {
                "synapse" => {
                    for (key, value) in value.attributes(key)? {
                        match key {
                            "weight" | "w" => setting.weight = value.number(key)?,
                            _ => self.tell(value, key, "no synapse unit has such an attribute"),
                        }
                    }
                }
                "dendrite" | "soma" => {
                    for (key, value) in value.attributes(key)? {
                        self.tell(value, key, "SANA-FE passes nothing from there on");
                    }
                }
                _ => {}
            }
        }
        for (key, value) in attributes {
            match key {
                "weight" | "w" => setting.weight = value.number(key)?,
                "delay" | "d" => setting.delay = Some(delay(value)?),
                "synapse" | "dendrite" | "soma" => {}
                _ => self.tell(value, key, "no unit has such an attribute"),
            }
        }
        Ok(setting)
    }

    pub fn tell(&mut self, node: Node, field: &str, why: &'static str) {
        /// Enough to see what is meant.
        const MOST: usize = 100;
        if self.ignored.len() < MOST {
            self.ignored.push(node.ignored(field, why));
        }
    }
}

/// A delay in steps; how long it may be is up to the dendrite unit.
pub(super) fn delay(node: Node) -> Result<u8, ReadError> {
    Ok(node.whole("delay", 0, 255)? as u8)
}

fn reset_mode(key: &str, value: Node) -> Result<ResetMode, ReadError> {
    let text = value.string(key)?;
    let known = ResetMode::ALL.iter().find(|(_, name)| *name == text);
    known.map(|(mode, _)| *mode).ok_or_else(|| value.value_error(key, "none, soft, hard or saturate"))
}
