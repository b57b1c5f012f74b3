//! The table-driven sigmoid.

use crate::netlist::LtcUnits;

/// A sigmoid in whole numbers.
#[derive(Debug, Clone)]
pub struct Sigmoid {
    table: Vec<i32>,
    one: i64,
    slope_shift: u8,
    /// Bits of an argument inside of an interval of the table.
    inside: u8,
    /// The argument at the table's end.
    end: i64,
}

impl Sigmoid {
    /// That of a group of units.
    pub fn of(units: &LtcUnits) -> Self {
        // The table goes to 16 = 2^4.
        let end_bits = units.z_bits + 4;
        let intervals = (units.table.len() - 1).ilog2() as u8;
        Self {
            table: units.table.clone(),
            one: 1 << units.sigmoid_bits,
            slope_shift: units.slope_shift,
            inside: end_bits - intervals,
            end: 1 << end_bits,
        }
    }

    /// How far a synapse with this slope and middle is open, where `y` is known of its source.
    #[inline]
    pub fn open(&self, y: i32, slope: i32, mu: i32) -> i64 {
        let z = shift((i64::from(y) - i64::from(mu)) * i64::from(slope), self.slope_shift);
        let upper = self.upper(z.abs());
        if z < 0 { self.one - upper } else { upper }
    }

    /// The sigmoid of an argument that is not below 0.
    fn upper(&self, z: i64) -> i64 {
        if z >= self.end {
            return i64::from(self.table[self.table.len() - 1]);
        }
        let (interval, beyond) = ((z >> self.inside) as usize, z & ((1 << self.inside) - 1));
        let (from, to) = (i64::from(self.table[interval]), i64::from(self.table[interval + 1]));
        from + shift((to - from) * beyond, self.inside)
    }
}

/// `x / 2^bits`, to the nearest whole number, ties up.
#[inline]
pub(super) fn shift(x: i64, bits: u8) -> i64 {
    if bits == 0 { x } else { (x + (1 << (bits - 1))) >> bits }
}
