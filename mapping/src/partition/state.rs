//! A partition while it changes: where the pins are, and what every part holds.

use super::Objective;
use super::pins::{Pin, Pins};
use super::price::Burden;
use super::slots::{OUTSIDE, Sources};
use crate::Graph;
use crate::chip::Limits;

/// What a part holds of every budget.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Load {
    pub neurons: u32,
    pub input_axons: u32,
    pub output_axons: u32,
    pub words: u64,
    pub configs: u32,
    /// Synaptic events: spikes times synapses that they reach. No budget, but what a core is busy with.
    pub events: u64,
}

impl Load {
    /// The share of the budget that is fullest.
    pub fn share(&self, limits: &Limits) -> f32 {
        let Self { neurons, input_axons, output_axons, words, configs: _, events: _ } = *self;
        let of = |load: f32, limit: f32| load / limit.max(1.0);
        of(neurons as f32, limits.compartments as f32)
            .max(of(input_axons as f32, limits.input_axons as f32))
            .max(of(output_axons as f32, limits.output_axons as f32))
            .max(of(words as f32, limits.synapse_words as f32))
    }

    /// The budget that is exceeded most, what is needed of it, and its limit.
    pub fn excess(&self, limits: &Limits) -> Option<(&'static str, u64, u64)> {
        let Self { neurons, input_axons, output_axons, words, configs, events: _ } = *self;
        let all = [
            ("compartments", u64::from(neurons), u64::from(limits.compartments)),
            ("input axons", u64::from(input_axons), u64::from(limits.input_axons)),
            ("output axons", u64::from(output_axons), u64::from(limits.output_axons)),
            ("words of synapse memory", words, limits.synapse_words),
            ("neuron configurations", u64::from(configs), u64::from(limits.neuron_configs)),
        ];
        let over = all.into_iter().filter(|(_, need, limit)| need > limit);
        let share = |(_, need, limit): &(&str, u64, u64)| *need as f64 / (*limit as f64).max(0.5);
        over.max_by(|a, b| share(a).total_cmp(&share(b)))
    }

    /// What is beyond the limits, whatever the budget.
    fn beyond(&self, limits: &Limits) -> u64 {
        let Self { neurons, input_axons, output_axons, words, configs, events: _ } = *self;
        let counts = [
            (neurons, limits.compartments),
            (input_axons, limits.input_axons),
            (output_axons, limits.output_axons),
            (configs, limits.neuron_configs),
        ];
        let counts = counts.into_iter().map(|(load, limit)| u64::from(load.saturating_sub(limit)));
        counts.sum::<u64>() + words.saturating_sub(limits.synapse_words)
    }

    /// What it would be with a burden that brings so many sources, or, if `sign` is -1, without: words by the mean of
    /// what rounding up takes.
    pub fn with(&self, burden: Burden, axons: f32, sign: f32, limits: &Limits) -> Self {
        let words = (burden.bits + limits.memory.rounding() * axons) / limits.memory.word as f32;
        let count = |load: u32, more: f32| (load as f32 + sign * more) as u32;
        Self {
            neurons: count(self.neurons, burden.neurons),
            input_axons: count(self.input_axons, axons),
            output_axons: count(self.output_axons, burden.outputs),
            words: (self.words as f32 + sign * words) as u64,
            configs: self.configs,
            events: (self.events as f32 + sign * burden.events) as u64,
        }
    }

    /// Whether it is within the limits.
    pub fn fits(&self, limits: &Limits) -> bool {
        let Self { neurons, input_axons, output_axons, words, configs, events: _ } = *self;
        neurons <= limits.compartments
            && input_axons <= limits.input_axons
            && output_axons <= limits.output_axons
            && words <= limits.synapse_words
            && configs <= limits.neuron_configs
    }
}

/// A partition, with everything that a move changes.
pub(super) struct State<'a> {
    pub graph: &'a Graph,
    pub limits: &'a Limits,
    pub pins: &'a Pins,
    /// What is to be least.
    pub objective: Objective,
    /// The part of every vertex.
    pub part: Vec<u32>,
    pub sources: Sources,
    /// What every vertex takes wherever it is; its outputs are told by its sources.
    pub burden: Vec<Burden>,
    pub load: Vec<Load>,
    /// What parts hold beyond their limits, all together.
    pub excess: u64,
    /// Neurons of every part by configuration, if these are limited.
    configs: Option<Configs>,
    /// Changes of output axons by home, while a move is tried.
    trial: Trial,
}

/// Neurons of every part by configuration.
struct Configs {
    n: usize,
    count: Vec<u32>,
}

impl Configs {
    /// No neurons yet; none if a part may have all configurations.
    fn new(graph: &Graph, limits: &Limits, n_parts: u32) -> Option<Self> {
        let n = graph.config.iter().max().map_or(0, |most| *most as usize + 1);
        (n > limits.neuron_configs as usize).then(|| Self { n, count: vec![0; n * n_parts as usize] })
    }

    fn of(&mut self, part: u32, config: u32) -> &mut u32 {
        &mut self.count[part as usize * self.n + config as usize]
    }
}

/// A sparse sum over parts.
struct Trial {
    sum: Vec<i32>,
    touched: Vec<u32>,
}

impl Trial {
    fn add(&mut self, part: u32, change: i32) {
        if self.sum[part as usize] == 0 {
            self.touched.push(part);
        }
        self.sum[part as usize] += change;
    }
}

/// Whether counters for all parts are less work than lists of those that a source touches.
fn rows_are_shorter(graph: &Graph, n_parts: u32) -> bool {
    /// Counters that a nearby cache holds \[bytes\].
    const NEAR: u64 = 8 << 20;
    u64::from(n_parts) * u64::from(graph.n_sources()) * 2 <= NEAR
}

/// What the parts of a partition of neurons hold; configurations only where a part may not have all.
pub(super) fn loads(graph: &Graph, limits: &Limits, part: &[u32], n_parts: u32) -> Vec<Load> {
    let mut load = vec![Load::default(); n_parts as usize];
    part.iter().for_each(|part| load[*part as usize].neurons += 1);
    if let Some(mut configs) = Configs::new(graph, limits, n_parts) {
        for (neuron, &part) in part.iter().enumerate() {
            let count = configs.of(part, graph.config[neuron]);
            load[part as usize].configs += u32::from(*count == 0);
            *count += 1;
        }
    }
    let mut synapses = vec![0_u32; n_parts as usize];
    let mut reached = Vec::new();
    for source in 0..graph.n_sources() {
        for target in graph.targets(source) {
            let part = part[*target as usize];
            if synapses[part as usize] == 0 {
                reached.push(part);
            }
            synapses[part as usize] += 1;
        }
        if let Some(home) = part.get(source as usize) {
            load[*home as usize].output_axons += reached.len() as u32;
        }
        let (bits, spikes) = (graph.synapse_bits[source as usize], graph.spikes[source as usize]);
        for part in reached.drain(..) {
            let (load, n) = (&mut load[part as usize], std::mem::take(&mut synapses[part as usize]));
            load.input_axons += 1;
            load.words += limits.memory.words(n, u32::from(bits));
            load.events += u64::from(spikes) * u64::from(n);
        }
    }
    load
}

/// What a vertex takes wherever it is.
fn burden(graph: &Graph, pins: &Pins, vertex: u32) -> Burden {
    let mut burden = Burden { neurons: pins.n_neurons(vertex) as f32, ..Burden::default() };
    for pin in pins.at(vertex) {
        let synapses = pin.synapses() as f32;
        burden.axons += synapses.min(1.0);
        burden.bits += synapses * f32::from(graph.synapse_bits[pin.source as usize]);
        burden.events += synapses * graph.spikes[pin.source as usize] as f32;
    }
    burden
}

impl<'a> State<'a> {
    /// The state of a partition into `n_parts`; those without neurons are empty.
    pub fn new(
        graph: &'a Graph,
        limits: &'a Limits,
        pins: &'a Pins,
        objective: Objective,
        part: Vec<u32>,
        n_parts: u32,
    ) -> Self {
        Self::with((graph, limits, pins), objective, part, n_parts, rows_are_shorter(graph, n_parts))
    }

    /// The same, with rows of counters or with lists.
    pub fn with(
        (graph, limits, pins): (&'a Graph, &'a Limits, &'a Pins),
        objective: Objective,
        part: Vec<u32>,
        n_parts: u32,
        rows: bool,
    ) -> Self {
        let mut state = Self {
            graph,
            limits,
            pins,
            objective,
            sources: Sources::new(&graph.spikes, &graph.synapse_bits, n_parts, rows),
            burden: (0..pins.n_vertices() as u32).map(|vertex| burden(graph, pins, vertex)).collect(),
            load: vec![Load::default(); n_parts as usize],
            excess: 0,
            configs: Configs::new(graph, limits, n_parts),
            trial: Trial { sum: vec![0; n_parts as usize], touched: Vec::new() },
            part,
        };
        for vertex in 0..pins.n_vertices() as u32 {
            let home = state.part[vertex as usize];
            state.load[home as usize].neurons += pins.n_neurons(vertex);
            for Pin { source, n, own } in pins.at(vertex) {
                if own {
                    state.sources.settle(source, home);
                    state.change_config(home, source, true);
                }
                state.sources.add(source, home, n);
            }
        }
        let mut reached = Vec::new();
        for source in 0..graph.n_sources() {
            let Self { sources, load, .. } = &mut state;
            let (home, bits) = (sources.of[source as usize].home, sources.of[source as usize].bits);
            sources.each(source, |part, pins| {
                let targets = pins - u32::from(part == home);
                if targets > 0 {
                    load[part as usize].input_axons += 1;
                    load[part as usize].events +=
                        u64::from(graph.spikes[source as usize]) * u64::from(targets);
                    load[part as usize].words += limits.memory.words(targets, u32::from(bits));
                    reached.push(part);
                }
            });
            sources.of[source as usize].destinations = reached.len() as u16;
            if home != OUTSIDE {
                load[home as usize].output_axons += reached.len() as u32;
            }
            reached.drain(..).for_each(|part| sources.reach(source, part, true));
        }
        state.excess = state.load.iter().map(|load| load.beyond(limits)).sum();
        state
    }

    /// The parts that hold too much of something.
    pub fn n_over(&self) -> usize {
        self.load.iter().filter(|load| !load.fits(self.limits)).count()
    }

    /// The parts that hold neurons.
    pub fn n_used(&self) -> u32 {
        self.load.iter().filter(|load| load.neurons > 0).count() as u32
    }

    /// How full the used parts are on the average, of the budget that is fullest.
    pub fn fullness(&self) -> f32 {
        let mut sum = Load::default();
        for load in &self.load {
            sum.neurons += load.neurons;
            sum.input_axons += load.input_axons;
            sum.output_axons += load.output_axons;
            sum.words += load.words;
        }
        sum.share(self.limits) / self.n_used() as f32
    }

    /// The number of parts, the empty ones included.
    pub fn n_parts(&self) -> u32 {
        self.load.len() as u32
    }

    fn words(&self, source: u32, targets: u32) -> u64 {
        self.limits.memory.words(targets, u32::from(self.sources.of[source as usize].bits))
    }

    fn change_config(&mut self, part: u32, neuron: u32, more: bool) {
        let Some(configs) = &mut self.configs else { return };
        let count = configs.of(part, self.graph.config[neuron as usize]);
        if more {
            *count += 1;
            self.load[part as usize].configs += u32::from(*count == 1);
        } else {
            *count -= 1;
            self.load[part as usize].configs -= u32::from(*count == 0);
        }
    }

    /// The objective: spikes times the parts that they travel to.
    pub fn cost(&self) -> u64 {
        let of = |source: u32| {
            let travels = match self.objective {
                Objective::Packets => self.sources.n_touched(source).saturating_sub(1),
                Objective::Messages => u32::from(self.sources.of[source as usize].destinations),
            };
            u64::from(self.graph.spikes[source as usize]) * u64::from(travels)
        };
        (0..self.graph.n_sources()).map(of).sum()
    }

    /// Moves a neuron to another part.
    pub fn apply(&mut self, neuron: u32, to: u32) {
        let from = self.part[neuron as usize];
        let (pins, limits) = (self.pins, self.limits);
        let ends = |load: &[Load]| load[from as usize].beyond(limits) + load[to as usize].beyond(limits);
        self.excess -= ends(&self.load);
        for Pin { source, n, own } in pins.at(neuron) {
            let home = self.sources.of[source as usize].home;
            let left = self.sources.remove(source, from, n);
            let there = self.sources.add(source, to, n);
            let n = n - u32::from(own);
            // The own pin leaves with its home, so what is left are targets alone.
            let left = left - u32::from(home == from && !own);
            let there = there - u32::from(home == to || own);
            let before = u32::from(self.sources.of[source as usize].destinations);
            if n > 0 {
                let events = u64::from(self.graph.spikes[source as usize]) * u64::from(n);
                self.load[from as usize].events -= events;
                self.load[to as usize].events += events;
                let change = |load: &mut Load, words: u64, was: u64, axon: u32, more: bool| {
                    load.words = load.words + words - was;
                    load.input_axons = if more { load.input_axons + axon } else { load.input_axons - axon };
                };
                let (now, was) = (self.words(source, left), self.words(source, left + n));
                let gone = u32::from(left == 0);
                change(&mut self.load[from as usize], now, was, gone, false);
                let (now, was) = (self.words(source, there), self.words(source, there - n));
                let new = u32::from(there == n);
                change(&mut self.load[to as usize], now, was, new, true);
                self.sources.of[source as usize].destinations = (before + new - gone) as u16;
                if gone > 0 {
                    self.sources.reach(source, from, false);
                }
                if new > 0 {
                    self.sources.reach(source, to, true);
                }
            }
            let after = u32::from(self.sources.of[source as usize].destinations);
            if own {
                self.load[from as usize].output_axons -= before;
                self.load[to as usize].output_axons += after;
                self.sources.settle(source, to);
                self.change_config(from, source, false);
                self.change_config(to, source, true);
            } else if home != OUTSIDE && after != before {
                let axons = &mut self.load[home as usize].output_axons;
                let (was, now) = (*axons, *axons + after - before);
                *axons = now;
                if home != from && home != to {
                    let beyond = |axons: u32| u64::from(axons.saturating_sub(limits.output_axons));
                    self.excess = self.excess + beyond(now) - beyond(was);
                }
            }
        }
        let n = self.pins.n_neurons(neuron);
        self.load[from as usize].neurons -= n;
        self.load[to as usize].neurons += n;
        self.part[neuron as usize] = to;
        self.excess += ends(&self.load);
    }

    /// Whether a move leaves every part within its limits, or no worse than it is.
    pub fn may_move(&mut self, neuron: u32, to: u32) -> bool {
        let from = self.part[neuron as usize];
        let (pins, limits) = (self.pins, self.limits);
        let mut new = self.load[to as usize];
        new.neurons += pins.n_neurons(neuron);
        if new.neurons > limits.compartments {
            return false;
        }
        let mut ok = true;
        for Pin { source, n, own } in pins.at(neuron) {
            let home = self.sources.of[source as usize].home;
            let targets = n - u32::from(own);
            let (mut gone, mut entered) = (0, 0);
            if targets > 0 {
                let left = self.sources.get(source, from) - n - u32::from(home == from && !own);
                let there = self.sources.get(source, to) - u32::from(home == to && !own);
                new.words += self.words(source, there + targets) - self.words(source, there);
                gone = i32::from(left == 0);
                entered = i32::from(there == 0);
                new.input_axons += entered as u32;
            }
            if own {
                let before = i32::from(self.sources.of[source as usize].destinations);
                self.trial.add(from, -before);
                self.trial.add(to, before + entered - gone);
            } else if home != OUTSIDE && entered != gone {
                self.trial.add(home, entered - gone);
            }
        }
        ok &= new.input_axons <= limits.input_axons && new.words <= limits.synapse_words;
        for part in self.trial.touched.drain(..) {
            let change = std::mem::take(&mut self.trial.sum[part as usize]);
            let now = self.load[part as usize].output_axons as i32 + change;
            ok &= change <= 0 || now <= limits.output_axons as i32;
        }
        let new = self.configs_new_in(neuron, to);
        ok && (new == 0 || self.load[to as usize].configs + new <= limits.neuron_configs)
    }

    /// Whether there are more configurations than a part may have.
    pub fn limits_configs(&self) -> bool {
        self.configs.is_some()
    }

    /// Whether a part does not have the configuration of a neuron yet: 1 if so.
    pub fn configs_new_in(&self, neuron: u32, part: u32) -> u32 {
        u32::from(self.config_count(neuron, part) == Some(0))
    }

    /// Whether a neuron's part has its configuration by this neuron alone: 1 if so.
    pub fn configs_only_of(&self, neuron: u32) -> u32 {
        u32::from(self.config_count(neuron, self.part[neuron as usize]) == Some(1))
    }

    /// The neurons of a part that have the configuration of a neuron, if configurations are limited.
    fn config_count(&self, neuron: u32, part: u32) -> Option<u32> {
        let Configs { n, count } = self.configs.as_ref()?;
        Some(count[part as usize * n + self.graph.config[neuron as usize] as usize])
    }
}
