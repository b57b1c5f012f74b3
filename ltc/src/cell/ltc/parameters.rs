//! The parameters of an LTC cell: where they stand, how they start, how they stay positive.

use std::ops::Range;

use rand::{Rng, RngExt};

use super::{Constraint, Ltc, LtcConfig, Map};
use crate::wiring::Wiring;
use crate::{Real, cell::Layout};

/// The layout of a cell; synapses are sorted by target and source.
pub(super) fn layout(wiring: &Wiring, config: &LtcConfig) -> Layout {
    let (units, synapses, sensory) = (wiring.units(), wiring.synapses().len(), wiring.sensory().len());
    let of_map = |map: Map, n: usize| match map {
        Map::Affine => (n, n),
        Map::Linear => (n, 0),
        Map::None => (0, 0),
    };
    let (input_w, input_b) = of_map(config.input_map, wiring.n_inputs());
    let (output_w, output_b) = of_map(config.output_map, wiring.n_outputs());
    Layout::new([
        ("gleak", units),
        ("vleak", units),
        ("cm", units),
        ("w", synapses),
        ("sigma", synapses),
        ("mu", synapses),
        ("erev", synapses),
        ("sensory_w", sensory),
        ("sensory_sigma", sensory),
        ("sensory_mu", sensory),
        ("sensory_erev", sensory),
        ("input_w", input_w),
        ("input_b", input_b),
        ("output_w", output_w),
        ("output_b", output_b),
    ])
}

/// Where the parameters of a kind of synapse stand.
#[derive(Debug, Clone)]
pub(super) struct SynapsePlaces {
    pub w: Range<usize>,
    pub sigma: Range<usize>,
    pub mu: Range<usize>,
    pub erev: Range<usize>,
}

/// Where all parameters stand.
#[derive(Debug, Clone)]
pub(super) struct Places {
    pub gleak: Range<usize>,
    pub vleak: Range<usize>,
    pub cm: Range<usize>,
    pub synapses: SynapsePlaces,
    pub sensory: SynapsePlaces,
    pub input_w: Range<usize>,
    pub input_b: Range<usize>,
    pub output_w: Range<usize>,
    pub output_b: Range<usize>,
}

impl Places {
    pub fn of(layout: &Layout) -> Self {
        let range = |name: &str| layout.range(name).expect("the layout of an LTC cell has it");
        let synapses = |prefix: &str| SynapsePlaces {
            w: range(&format!("{prefix}w")),
            sigma: range(&format!("{prefix}sigma")),
            mu: range(&format!("{prefix}mu")),
            erev: range(&format!("{prefix}erev")),
        };
        Self {
            gleak: range("gleak"),
            vleak: range("vleak"),
            cm: range("cm"),
            synapses: synapses(""),
            sensory: synapses("sensory_"),
            input_w: range("input_w"),
            input_b: range("input_b"),
            output_w: range("output_w"),
            output_b: range("output_b"),
        }
    }

    /// The parameters that must not be negative.
    pub fn positive(&self) -> [Range<usize>; 4] {
        [self.synapses.w.clone(), self.sensory.w.clone(), self.gleak.clone(), self.cm.clone()]
    }
}

impl Ltc {
    /// Raw parameters to start from, in the ranges that `ncps` draws from.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        let Places { gleak, vleak, cm, synapses, sensory, input_w, output_w, .. } = &self.places;
        let mut draw = |range: &Range<usize>, low: f64, high: f64| {
            for value in &mut parameters[range.clone()] {
                *value = R::of(rng.random_range(low..high));
            }
        };
        draw(gleak, 0.001, 1.0);
        draw(vleak, -0.2, 0.2);
        draw(cm, 0.4, 0.6);
        for places in [synapses, sensory] {
            draw(&places.w, 0.001, 1.0);
            draw(&places.sigma, 3.0, 8.0);
            draw(&places.mu, 0.3, 0.8);
        }
        let polarities = [(synapses, self.wiring.synapses()), (sensory, self.wiring.sensory())];
        for (places, synapses) in polarities {
            for (erev, synapse) in parameters[places.erev.clone()].iter_mut().zip(synapses) {
                *erev = R::of(synapse.polarity.into());
            }
        }
        parameters[input_w.clone()].fill(R::ONE);
        parameters[output_w.clone()].fill(R::ONE);
        parameters
    }

    /// Sets negative conductances and capacitances to 0, as `ncps`'s `apply_weight_constraints`. With
    /// [`Constraint::Softplus`] nothing has to be done.
    pub fn clip<R: Real>(&self, raw: &mut [R]) {
        if self.config.constraint == Constraint::Clipped {
            for range in self.places.positive() {
                raw[range].iter_mut().for_each(|x| *x = x.larger(R::ZERO));
            }
        }
    }
}
