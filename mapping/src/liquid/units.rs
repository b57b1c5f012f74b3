//! Units: conductances in a scale of their own, points on the grid.

use std::ops::Range;

use rheobase_ltc::cell::{Cell, Ltc};

use super::fault::Faults;
use super::{LiquidConfig, LiquidError, LiquidFault, LiquidFormat, LiquidSynapse, LiquidUnit};
use super::{POINT_BITS, SourceNode};

/// The units of a cell in floating point, checked, with the capacitance over the time of an unfold.
pub(super) struct Floats {
    pub unfolds: u32,
    pub epsilon: f64,
    pub units: Vec<FloatUnit>,
}

/// A unit.
pub(super) struct FloatUnit {
    pub cm: f64,
    pub gleak: f64,
    pub vleak: f64,
    pub synapses: Vec<FloatSynapse>,
}

/// A synapse, and where its parameters stand.
pub(super) struct FloatSynapse {
    pub source: SourceNode,
    pub w: f64,
    pub slope: f64,
    pub mu: f64,
    pub erev: f64,
    /// Which kind of synapse, and which of it, for messages.
    place: (&'static Names, usize),
}

/// What the parameters of a kind of synapse are called.
#[derive(Debug)]
struct Names {
    w: &'static str,
    sigma: &'static str,
    mu: &'static str,
    erev: &'static str,
}

static SYNAPSES: Names = Names { w: "w", sigma: "sigma", mu: "mu", erev: "erev" };
static SENSORY: Names =
    Names { w: "sensory_w", sigma: "sensory_sigma", mu: "sensory_mu", erev: "sensory_erev" };

impl Floats {
    /// The units of a cell whose steps last `elapsed`.
    pub fn of(cell: &Ltc, effective: &[f64], elapsed: f64, faults: &mut Faults) -> Self {
        let unfolds = cell.config().unfolds as u32;
        let layout = Cell::<f64>::layout(cell);
        let range = |name| layout.range(name).expect("the layout of an LTC cell has it");
        let block = |name| &effective[range(name)];
        let (gleak, vleak, cm) = (block("gleak"), block("vleak"), block("cm"));
        for name in ["gleak", "cm", "w", "sensory_w"] {
            faults.parameter(name, block(name), |x| x >= 0.0, "at least 0: clip it after training");
        }
        for name in ["vleak", "sigma", "mu", "erev", "sensory_sigma", "sensory_mu", "sensory_erev"] {
            faults.parameter(name, block(name), |_| true, "finite");
        }
        if !(elapsed > 0.0 && elapsed.is_finite()) {
            faults.push(LiquidFault::Config { name: "step", value: elapsed, must: "finite and above 0" });
        }
        let per_unfold = f64::from(unfolds) / elapsed;
        let mut units: Vec<FloatUnit> = (0..cell.wiring().units())
            .map(|i| FloatUnit {
                cm: cm[i] * per_unfold,
                gleak: gleak[i],
                vleak: vleak[i],
                synapses: Vec::new(),
            })
            .collect();
        for (names, synapses) in [(&SYNAPSES, cell.wiring().synapses()), (&SENSORY, cell.wiring().sensory())]
        {
            let of: [Range<usize>; 4] = [names.w, names.sigma, names.mu, names.erev].map(range);
            for (k, synapse) in synapses.iter().enumerate() {
                let [w, slope, mu, erev] = of.clone().map(|range| effective[range.start + k]);
                let source = match names.w {
                    "w" => SourceNode::Unit(synapse.source),
                    _ => SourceNode::Input(synapse.source),
                };
                let place = (names, k);
                let synapse = FloatSynapse { source, w, slope, mu, erev, place };
                units[synapses[k].target as usize].synapses.push(synapse);
            }
        }
        Self { unfolds, epsilon: cell.config().epsilon, units }
    }

    pub fn synapses(&self) -> impl Iterator<Item = &FloatSynapse> {
        self.units.iter().flat_map(|unit| &unit.synapses)
    }
}

impl FloatUnit {
    /// By what its conductances are multiplied: with all of them rounded up, they sum to 2^`conductance_bits`.
    pub fn scale(&self, conductance_bits: u8) -> f64 {
        let all: f64 = self.cm + self.gleak + self.synapses.iter().map(|synapse| synapse.w).sum::<f64>();
        let n = self.synapses.len() as f64 + 2.0;
        let room = f64::from(1_u32 << conductance_bits);
        // A unit with more synapses than there are units of conductance keeps half of the room.
        if all > 0.0 { (room - n / 2.0).max(room / 2.0) / all } else { 1.0 }
    }
}

impl Faults {
    fn parameter(
        &mut self,
        name: &'static str,
        values: &[f64],
        fits: impl Fn(f64) -> bool,
        must: &'static str,
    ) {
        let bad = values.iter().position(|x| !x.is_finite() || !fits(*x));
        if let Some(index) = bad {
            self.push(LiquidFault::Parameter { name, index, value: values[index], must });
        }
    }
}

/// The units in whole numbers.
pub(super) fn quantize(
    floats: &Floats,
    config: &LiquidConfig,
    format: &LiquidFormat,
) -> Result<Vec<LiquidUnit>, LiquidError> {
    let mut faults = Faults::default();
    let grid = config.grid();
    let limit = f64::from((1_i32 << POINT_BITS) - 1) / grid;
    let mut point = |name, index, value: f64| {
        if value.abs() > limit {
            let state_bits = config.state_bits;
            faults.push(LiquidFault::Point { name, index, value, state_bits, limit });
        }
        libm::round(value * grid) as i32
    };
    let slope_scale = libm::exp2(f64::from(format.slope_fraction));
    let mut units = Vec::with_capacity(floats.units.len());
    for (i, unit) in floats.units.iter().enumerate() {
        let scale = unit.scale(config.conductance_bits);
        let conductance = |g: f64| libm::round(g * scale) as i32;
        let mut synapses = Vec::with_capacity(unit.synapses.len());
        for FloatSynapse { source, w, slope, mu, erev, place: (names, k) } in &unit.synapses {
            synapses.push(LiquidSynapse {
                source: *source,
                w: conductance(*w),
                slope: libm::round(slope * slope_scale) as i32,
                mu: point(names.mu, *k, *mu),
                erev: point(names.erev, *k, *erev),
            });
        }
        // Without any capacitance a unit that nothing opens would have no state at all.
        let (cm, gleak) = (conductance(unit.cm).max(1), conductance(unit.gleak));
        units.push(LiquidUnit { cm, gleak, vleak: point("vleak", i, unit.vleak), synapses });
    }
    faults.end()?;
    Ok(units)
}
