//! A CfC a layer of a wiring, as `ncps`'s `WiredCfCCell`.
//!
//! Signals go from the inputs through all layers within one step: the state of a layer after the step is the
//! input of the next. As in `ncps`, synapses between layers mask `ff1` and `ff2` only; within a layer
//! every unit listens to every unit, whatever the wiring says, and `time_a` and `time_b` see all. A weight
//! without a synapse is a parameter that does nothing and has derivative 0.
//!
//! The state is that of all layers, one after the other, and not in the order of the wiring's units; the
//! outputs are the state of the last layer. Parameters are called as in a CfC without backbone, after
//! `layer_k.`.

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;

use super::core::{Back, Core, Given, blocks};
use super::{CfcConfig, Mode, add_all};
use crate::Real;
use crate::cell::dense::FlatSums;
use crate::cell::{Cell, CellError, Lanes, Layout, Pull, Step, Taken, splat};
use crate::wiring::{Synapse, Wiring};

/// A CfC over a wiring.
#[derive(Debug, Clone)]
pub struct WiredCfc {
    pub(in crate::cell) arch: Arch,
    mode: Mode,
    wiring: Wiring,
    layout: Layout,
    layers: Vec<Layer>,
}

#[derive(Debug, Clone)]
struct Layer {
    core: Core,
    /// Where `ff1` and `ff2` have a synapse; `[outputs, inputs]`.
    mask: Vec<bool>,
}

impl WiredCfc {
    /// A CfC over a wiring.
    ///
    /// # Errors
    /// If a layer of the wiring has no units.
    pub fn new(wiring: Wiring, mode: Mode) -> Result<Self, CellError> {
        if wiring.layers().iter().any(Vec::is_empty) {
            let what = "the number of units of a layer";
            return Err(CellError::Argument { what, value: 0.0, must: "above 0" });
        }
        let config = CfcConfig { mode, backbone_layers: 0, backbone_units: 0, ..CfcConfig::default() };
        let sizes = |k: usize| {
            let n_inputs = if k == 0 { wiring.n_inputs() } else { wiring.layers()[k - 1].len() };
            (format!("layer_{k}."), n_inputs, wiring.layers()[k].len())
        };
        let n_layers = wiring.layers().len();
        let layout = Layout::new((0..n_layers).flat_map(|k| {
            let (prefix, n_inputs, units) = sizes(k);
            blocks(&prefix, n_inputs, units, &config)
        }));
        let layers = (0..n_layers).map(|k| {
            let (prefix, n_inputs, units) = sizes(k);
            Layer {
                core: Core::of(&layout, &prefix, n_inputs, units, &config),
                mask: mask(&wiring, k, n_inputs),
            }
        });
        let layers = layers.collect();
        Ok(Self { arch: Arch::new(), mode, wiring, layout, layers })
    }

    /// Its synapses.
    pub fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// How elapsed time enters.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Parameters to start from; weights without a synapse are drawn too, as in `ncps`.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        self.layers.iter().for_each(|layer| layer.core.start(&mut parameters, rng));
        parameters
    }

    /// Sets what stands where there is no synapse to 0.
    fn mask<R: Real>(&self, values: &mut [R]) {
        for Layer { core, mask } in &self.layers {
            let ff2 = core.gate.iter().map(|[ff2, _, _]| ff2);
            for dense in std::iter::once(&core.ff1).chain(ff2) {
                let masked = values[dense.weight.clone()].iter_mut().zip(mask).filter(|(_, has)| !**has);
                masked.for_each(|(value, _)| *value = R::ZERO);
            }
        }
    }
}

/// Where a layer has synapses: from the layer before it, or the inputs, as in the wiring; from itself all.
fn mask(wiring: &Wiring, layer: usize, n_inputs: usize) -> Vec<bool> {
    let units = &wiring.layers()[layer];
    let width = n_inputs + units.len();
    let mut mask = vec![false; units.len() * width];
    mask.chunks_exact_mut(width).for_each(|row| row[n_inputs..].fill(true));
    let place = |of: &[u32], unit: u32| of.iter().position(|other| *other == unit);
    let inputs: Vec<u32> = (0..n_inputs as u32).collect();
    let (synapses, sources) = match layer {
        0 => (wiring.sensory(), &inputs),
        _ => (wiring.synapses(), &wiring.layers()[layer - 1]),
    };
    for Synapse { target, source, polarity: _ } in synapses {
        if let (Some(row), Some(column)) = (place(units, *target), place(sources, *source)) {
            mask[row * width + column] = true;
        }
    }
    mask
}

impl<R: Real> Cell<R> for WiredCfc {
    fn n_inputs(&self) -> usize {
        self.wiring.n_inputs()
    }

    fn n_state(&self) -> usize {
        self.wiring.units()
    }

    fn n_outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.core.n_state)
    }

    fn n_kept(&self) -> usize {
        self.layers.iter().map(|layer| layer.core.n_kept()).sum()
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        FlatSums::n_lanes(self.layout.n_parameters())
    }

    fn add_sums(&self, _parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        FlatSums::add_to(sums, gradient);
    }

    fn effective(&self, raw: &[R]) -> Vec<R> {
        let mut effective = raw.to_vec();
        self.mask(&mut effective);
        effective
    }

    fn pull_effective(&self, _raw: &[R], gradient: &mut [R]) {
        self.mask(gradient);
    }

    fn step(&self, parameters: &[R], step: Step<'_, R>) {
        self.arch.dispatch(Forward { cell: self, parameters, step });
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        self.arch.dispatch(Backward { cell: self, parameters, step, pull });
    }
}

struct Forward<'s, R> {
    cell: &'s WiredCfc,
    parameters: &'s [R],
    step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed, masks: _, before, after, outputs, mut kept } = step;
        let (mut first, mut n_before) = (0, 0);
        for Layer { core, .. } in &cell.layers {
            let (kept_of_layer, rest) = kept.split_at_mut(core.n_kept());
            let (done, to) = after.split_at_mut(first);
            let from = if first == 0 { inputs } else { &done[first - n_before..] };
            let before = &before[first..first + core.n_state];
            let given = Given { inputs: from, before, elapsed, masks: None };
            core.step(parameters, given, &mut to[..core.n_state], kept_of_layer);
            (first, n_before, kept) = (first + core.n_state, core.n_state, rest);
        }
        outputs.copy_from_slice(&after[first - n_before..]);
    }
}

struct Backward<'s, R> {
    cell: &'s WiredCfc,
    parameters: &'s [R],
    step: &'s Taken<'s, R>,
    pull: Pull<'s, R>,
}

impl<R: Real> NullaryFnOnce for Backward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step, pull } = self;
        let Taken { inputs, elapsed, masks: _, before, after, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let sums = sums.as_flattened_mut();
        *by_elapsed = splat(R::ZERO);
        let (mut last, mut kept_last) = (before.len(), kept.len());
        // By the state of a layer as the input of the next one; for the last layer, by the outputs.
        let mut by_next = outputs.to_vec();
        for (k, Layer { core, .. }) in cell.layers.iter().enumerate().rev() {
            let (first, kept_first) = (last - core.n_state, kept_last - core.n_kept());
            let from = if k == 0 { inputs } else { &after[first - core.n_inputs..first] };
            let state = &mut state[first..last];
            let mut by_after = state.to_vec();
            add_all(&mut by_after, &by_next);
            by_next = vec![splat(R::ZERO); core.n_inputs];
            let back = Back { inputs: &mut by_next, before: state, elapsed: by_elapsed, sums: &mut *sums };
            let given = Given { inputs: from, before: &before[first..last], elapsed, masks: None };
            core.pull(parameters, given, &kept[kept_first..kept_last], &by_after, back);
            (last, kept_last) = (first, kept_first);
        }
        by_inputs.copy_from_slice(&by_next);
    }
}
