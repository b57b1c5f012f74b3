//! What can be wrong with liquid time-constant units: nothing that they do may leave 64 bits.
//!
//! Points are below 2^24, a unit's conductances sum to less than 2^31, slopes are below 2^24 and what is known of a
//! source is a 32-bit number; so a unit's sum is below 2^55, twice that and a divisor is below 2^57, and a product
//! of slope and difference is below 2^57.

use super::faults::{Faults, Where};
use super::{Core, Link, LtcUnits, Model, NetlistFault};

/// Points and slopes.
const POINT: [i64; 2] = [-(1 << 24), 1 << 24];
/// Conductances.
const CONDUCTANCE: [i64; 2] = [0, i32::MAX as i64];
/// Intervals of the sigmoid's table, as powers of two.
const TABLE_BITS: [u32; 2] = [0, 16];

impl Faults {
    /// The units themselves.
    pub(super) fn ltc(&mut self, place: &Where, units: &LtcUnits, n: usize) {
        let LtcUnits {
            cm,
            gleak,
            vleak,
            w,
            slope,
            mu,
            erev,
            table,
            sigmoid_bits,
            z_bits,
            slope_shift,
            threshold,
            start,
        } = units;
        // Without capacitance a unit that nothing opens would be 0/0.
        self.column(place, "cm", cm, n, [1, CONDUCTANCE[1]]);
        self.column(place, "gleak", gleak, n, CONDUCTANCE);
        self.column(place, "vleak", vleak, n, POINT);
        self.column(place, "w", w, w.len(), CONDUCTANCE);
        self.column(place, "slope", slope, w.len(), POINT);
        self.column(place, "mu", mu, w.len(), POINT);
        self.column(place, "erev", erev, w.len(), POINT);
        self.range(place, "sigmoid_bits", [i64::from(*sigmoid_bits)], [1, 30]);
        self.range(place, "slope_shift", [i64::from(*slope_shift)], [0, 62]);
        self.range(place, "threshold", [i64::from(*threshold)], [1, POINT[1]]);
        self.range(place, "start", [i64::from(*start)], [1, i64::from(u32::MAX)]);
        let intervals = table.len().saturating_sub(1);
        let is_power = intervals.is_power_of_two() && intervals.ilog2() <= TABLE_BITS[1];
        if !is_power {
            let nearest = intervals.clamp(1, 1 << TABLE_BITS[1]).next_power_of_two() + 1;
            self.length(place, "table", table.len(), nearest);
        }
        // 16 at the end of the table: an interval has at least one argument.
        let least = if is_power { i64::from(intervals.ilog2()) - 4 } else { 0 };
        self.range(place, "z_bits", [i64::from(*z_bits)], [least.max(0), 24]);
        let one = 1_i64 << (*sigmoid_bits).min(30);
        self.range(place, "table", table.iter().map(|s| i64::from(*s)), [0, one]);
    }

    /// Whether a block's synapses are of the kind of the neurons that they end at.
    pub(super) fn link(&mut self, place: &Where, link: &Link, model: &Model) {
        let name = match link {
            Link::Ltc => "ltc",
            Link::Weights { .. } => "weights",
            Link::Scaled => "scaled",
            Link::Direct => "direct",
            Link::Float { .. } => "float",
        };
        if (*link == Link::Ltc) != matches!(model, Model::Ltc(_)) {
            let (place, model) = (place.clone(), model.name());
            self.0.push(NetlistFault::Link { place, link: name, model });
        }
    }

    /// The sum of the conductances of every unit of a core whose lists are whole.
    pub(super) fn conductances(&mut self, core: &Core) {
        if !self.0.is_empty() {
            return;
        }
        for (g, group) in core.groups.iter().enumerate() {
            let Model::Ltc(LtcUnits { cm, gleak, w, .. }) = &group.model else { continue };
            let mut sum: Vec<i64> =
                cm.iter().zip(gleak).map(|(cm, gleak)| i64::from(*cm) + i64::from(*gleak)).collect();
            for block in core.blocks.iter().filter(|block| block.group as usize == g) {
                for (target, synapse) in block.target.iter().zip(&block.weight) {
                    sum[*target as usize] += i64::from(w[*synapse as usize]);
                }
            }
            if let Some(unit) = sum.iter().position(|sum| *sum > i64::from(i32::MAX)) {
                let (place, sum) = (Where::Group(core.core, g), sum[unit]);
                self.0.push(NetlistFault::Conductance { place, unit, sum });
            }
        }
    }
}
