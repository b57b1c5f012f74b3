//! By how much one step of a unit on the chip can differ from the float cell's, proved.
//!
//! Both start from the same states, which lie on the grid; the float cell sees them as they are, the chip as they
//! were last sent, less than a threshold away. Both new states are means, `Σ c p / Σ c`, of points `p` (the old
//! state, `vleak`, every `erev`) with conductances `c`; those of the chip have hats, and are in a scale of the
//! unit, in which `c` is written here as well. With `m` the float cell's new state, `Σ c (p − m) = 0`, so
//!
//! ```text
//! v̂ − m = Σ ĉ (p̂ − p)/Σ ĉ + Σ (ĉ − c)(p − m)/Σ ĉ + ρ
//! |v̂ − m| ≤ max|p̂ − p| + R · Σ|ĉ − c| / D + ½ u
//! ```
//! where `u` is the grid, `|ρ| ≤ ½ u` the rounding of the division, `R` the range of the points, which has `m` in
//! it, and `D` the least that `Σ ĉ` can be. For `cm` and `gleak`, `|ĉ − c|` is known. A synapse has
//! `ĉ = round(ŵ ŝ)` against `w s`:
//!
//! ```text
//! |ĉ − c| ≤ |ŵ − w| + ŵ |ŝ − s| + ½
//! |ŝ − s| ≤ table + ¼ |slope| (|ŷ − y| + |m̂u − mu|) + κ |ln(1 − r)|         r = |ŝlope − slope|/|slope|
//! ```
//! The second line goes from the table to the sigmoid of the chip's argument (`table.rs` has its
//! error), from the chip's slope to the float cell's, and from the chip's points to the float cell's. For the
//! middle one, `σ((1+q)x) − σ(x) = ∫₀^q [(1+t)x σ'((1+t)x)]/(1+t) dt`, and `|z σ'(z)| ≤ κ = 0.2239`: however far
//! an input is, a wrong slope does no more than that. `|ŷ − y|` is less than a threshold, at most `threshold − 1`
//! units of the grid; of an input, half a unit more, by which it is rounded.
//!
//! Where that is more than `R`, it is `R`: both states are between the same reversals.
//!
//! The bound is one step's. From step to step an error of `v` shrinks by `cm/Σ c`, and those of sources come in
//! by the synapses; what becomes of it over time is measured.

use super::units::{FloatSynapse, FloatUnit, Floats};
use super::{LiquidConfig, LiquidFormat, LiquidSynapse, LiquidUnit, SourceNode, table};

/// `max |z σ'(z)|`, rounded up; it is reached where `z tanh(z/2) = 1`.
const KAPPA: f64 = 0.2239;

/// The bound of every unit.
pub(super) fn of(
    floats: &Floats,
    units: &[LiquidUnit],
    config: &LiquidConfig,
    format: &LiquidFormat,
) -> Vec<f64> {
    let grid = 1.0 / config.grid();
    let hulls: Vec<[f64; 2]> =
        units.iter().map(|unit| unit.hull().map(|point| f64::from(point) * grid)).collect();
    let lag = |threshold: i32| f64::from(threshold - 1) * grid;
    let numbers = Numbers {
        grid,
        table: table::error(format),
        slope: libm::exp2(-f64::from(format.slope_fraction)),
        of_unit: lag(format.threshold),
        of_input: lag(format.input_threshold) + grid / 2.0,
    };
    let bound = |(float, unit)| numbers.bound(float, unit, config, floats.epsilon, &hulls);
    floats.units.iter().zip(units).map(bound).collect()
}

/// What all units share.
struct Numbers {
    /// The grid of points.
    grid: f64,
    /// The table's error.
    table: f64,
    /// The grid of slopes.
    slope: f64,
    /// How far what is known of a unit is from its state.
    of_unit: f64,
    /// How far what is known of an input is from it.
    of_input: f64,
}

impl Numbers {
    fn bound(
        &self,
        float: &FloatUnit,
        unit: &LiquidUnit,
        config: &LiquidConfig,
        epsilon: f64,
        hulls: &[[f64; 2]],
    ) -> f64 {
        let scale = float.scale(config.conductance_bits);
        let off = |whole: i32, g: f64| (f64::from(whole) - scale * g).abs();
        // The cell's ε pulls towards 0, and the chip has none.
        let mut conductances = off(unit.cm, float.cm) + off(unit.gleak, float.gleak) + scale * epsilon;
        let mut points = (f64::from(unit.vleak) * self.grid - float.vleak).abs();
        let (mut low, mut high) = (float.vleak.min(0.0), float.vleak.max(0.0));
        let mut least = f64::from(unit.cm) + f64::from(unit.gleak);
        for (float, whole) in float.synapses.iter().zip(&unit.synapses) {
            let of_sigmoid = self.of_sigmoid(float, whole);
            let own = off(whole.w, float.w) + f64::from(whole.w) * of_sigmoid + 0.5;
            conductances += own;
            points = points.max((f64::from(whole.erev) * self.grid - float.erev).abs());
            (low, high) = (low.min(float.erev), high.max(float.erev));
            if let SourceNode::Unit(source) = float.source {
                let open = hulls[source as usize].map(|y| table::sigmoid(float.slope * (y - float.mu)));
                let open = open[0].min(open[1]) - of_sigmoid;
                least += (f64::from(whole.w) * open - 0.5).max(0.0);
            }
        }
        // States are between reversals that were rounded.
        let range = high - low + self.grid;
        // Both new states are between the same reversals, whatever happens to conductances.
        range.min(points + range * conductances / least + self.grid / 2.0)
    }

    /// By how much a sigmoid is off.
    fn of_sigmoid(&self, float: &FloatSynapse, whole: &LiquidSynapse) -> f64 {
        let lag = match float.source {
            SourceNode::Unit(_) => self.of_unit,
            SourceNode::Input(_) => self.of_input,
        };
        let middle = (f64::from(whole.mu) * self.grid - float.mu).abs();
        let slope = (f64::from(whole.slope) * self.slope - float.slope).abs();
        let of_slope = match float.slope.abs() {
            0.0 => 0.0,
            steepness if slope < steepness => -KAPPA * libm::log1p(-slope / steepness),
            _ => 1.0,
        };
        (self.table + 0.25 * float.slope.abs() * (lag + middle) + of_slope).min(1.0)
    }
}
