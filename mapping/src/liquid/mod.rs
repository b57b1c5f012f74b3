//! A trained liquid time-constant network in the whole numbers of a chip with programmable neurons.
//!
//! A unit of the LTC cell ([`rheobase_ltc::cell::ltc`]) is a compartment whose program takes the cell's own fused
//! step, one unfold a step of the chip:
//!
//! ```text
//! y_j ← y_j + message                                 what the unit knows of a source, in 2^−state_bits
//! z   = (y_j − mu) · slope >> shift                   g = w · table(z) >> sigmoid_bits
//! num = gleak vleak + Σ g erev                        den = cm + gleak + Σ g
//! v   ← round((cm v + num)/den)                       one whole division, to nearest, ties up
//! |v − sent| ≥ threshold:  message v − sent, sent ← v
//! ```
//!
//! A value is sent when it has changed by at least a threshold, as the change (sigma-delta), and the receiver
//! adds up; inputs to units and units to the head go the same way. So a message of a source moves the
//! conductances behind it and nothing else has to be computed: sums of whole numbers have no drift, `num` and
//! `den` are always those of all synapses.
//!
//! Two decisions carry the rest:
//!
//! - *Conductances have a scale of their own in every unit*, because only their ratios matter: all of a unit's
//!   sum to less than 2^`conductance_bits`, so what rounding does is a share of the whole, however many synapses
//!   there are.
//! - *Reversals stay points on the grid of states, and are not multiplied into weights.* The new state is then a
//!   mean of grid points with weights that are whole and not negative, and rounding a mean of whole numbers
//!   leaves it between the least and the largest of them: the cell's theorem (states stay between the reversals)
//!   holds in integers, exactly, for every input.
//!
//! [`quantize_liquid`] also proves for every unit by how much one step can be off ([`QuantizedLiquid::bound`],
//! see [`mod@bound`]).

pub mod bound;
mod check;
mod config;
mod fault;
mod graph;
mod head;
mod map;
mod quantized;
mod table;
mod units;

use rheobase_ltc::cell::ltc::Unfold;
use rheobase_ltc::cell::{Cell, Ltc};
use rheobase_ltc::model::AnyCell;
use rheobase_net::LiquidModel;

pub use check::{CheckedLiquid, InvalidLiquidMapping, LiquidMappingFault, check_liquid};
pub use config::LiquidConfig;
pub use fault::{LiquidError, LiquidFault};
pub use graph::{liquid_graph, liquid_limits};
pub use head::LiquidHead;
pub use map::{MapLiquidError, map_liquid};
pub use quantized::{LiquidFormat, LiquidSynapse, LiquidUnit, QuantizedLiquid, SourceNode};
pub use table::RANGE_BITS;

use fault::Faults;

/// Points (states, inputs, reversals, middles) lie within ±2^24 units of the grid, so that no sum of a program can
/// leave 64 bits.
pub const POINT_BITS: u32 = 24;

/// Puts a trained liquid network into whole numbers. `O(synapses)`.
///
/// # Errors
/// Everything that cannot be said in these numbers, all at once.
pub fn quantize_liquid(liquid: &LiquidModel, config: &LiquidConfig) -> Result<QuantizedLiquid, LiquidError> {
    let mut faults = Faults::default();
    faults.config(config);
    let cell = match liquid.model.cell() {
        AnyCell::Ltc(cell) => cell,
        other => return Err(faults.and(LiquidFault::Cell { kind: other.kind() })),
    };
    if cell.config().unfold != Unfold::Fused {
        faults.push(LiquidFault::Unfold);
    }
    let effective = Cell::<f64>::effective(cell, liquid.model.of_cell(&liquid.parameters));
    let floats = units::Floats::of(cell, &effective, liquid.step, &mut faults);
    faults.end()?;

    let format = format_of(&floats, config)?;
    let units = units::quantize(&floats, config, &format)?;
    let head = head::quantize(liquid, cell, &effective, &units, config)?;
    let bound = bound::of(&floats, &units, config, &format);
    let input_map = input_map(cell, &effective);
    let (n_inputs, dt) = (cell.wiring().n_inputs() as u32, liquid.step / f64::from(floats.unfolds));
    Ok(QuantizedLiquid { n_inputs, dt, format, units, head, bound, input_map })
}

/// The fixed points of the network, chosen so that its steepest synapse fits.
fn format_of(floats: &units::Floats, config: &LiquidConfig) -> Result<LiquidFormat, LiquidError> {
    let LiquidConfig { state_bits, slope_bits, sigmoid_bits, table_bits, .. } = *config;
    let steepest = floats.synapses().map(|synapse| synapse.slope.abs()).fold(0.0, f64::max);
    // The least power of two that is not below the steepest slope; 1 if there is no synapse.
    let magnitude = if steepest > 0.0 { libm::ceil(libm::log2(steepest)) as i32 } else { 0 };
    let slope_fraction = i32::from(slope_bits) - 1 - magnitude;
    let finest = i32::from(state_bits) + slope_fraction;
    let z_bits = (i32::from(sigmoid_bits) - 2).min(finest);
    let least = i32::from(table_bits) - i32::from(RANGE_BITS);
    if z_bits < least.max(0) {
        return Err(Faults::default().and(LiquidFault::Coarse { steepest, z_bits, table_bits }));
    }
    Ok(LiquidFormat {
        unfolds: floats.unfolds,
        state_bits,
        slope_fraction,
        slope_shift: (finest - z_bits) as u8,
        z_bits: z_bits as u8,
        sigmoid_bits,
        table: table::of(table_bits, sigmoid_bits),
        threshold: config.in_grid(config.threshold),
        input_threshold: config.in_grid(config.input_threshold),
        conductance_bits: config.conductance_bits,
        slope_bits,
    })
}

/// What the host makes of an input before it sends it: factor and offset, one pair an input.
fn input_map(cell: &Ltc, effective: &[f64]) -> Vec<[f64; 2]> {
    let layout = Cell::<f64>::layout(cell);
    let of = |name: &str| layout.range(name).map_or(&[][..], |range| &effective[range]);
    let (w, b) = (of("input_w"), of("input_b"));
    let number = |list: &[f64], k: usize, default: f64| list.get(k).copied().unwrap_or(default);
    (0..cell.wiring().n_inputs()).map(|k| [number(w, k, 1.0), number(b, k, 0.0)]).collect()
}
