//! What of a liquid network cannot be said in whole numbers.

use std::fmt;

use super::LiquidConfig;

/// One thing of a liquid network that cannot be said in whole numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LiquidFault {
    /// The cell is of another kind.
    #[error("the cell is \"{kind}\", and the chip's program is that of \"ltc\": train one of this kind")]
    Cell {
        /// What it is.
        kind: &'static str,
    },
    /// The cell takes exponential steps.
    #[error(
        "the cell takes exponential steps, and the chip's program fused ones: train with unfold = \"fused\""
    )]
    Unfold,
    /// A value of the configuration is out of its range.
    #[error("{name} is {value}, and must be {must}")]
    Config {
        /// The field.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: &'static str,
    },
    /// A parameter of the cell cannot be used.
    #[error("{name}[{index}] is {value}, and must be {must}")]
    Parameter {
        /// The block of parameters.
        name: &'static str,
        /// Its place in the block.
        index: usize,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: &'static str,
    },
    /// A point is beyond the grid.
    #[error(
        "{name}[{index}] is {value}, and with state_bits = {state_bits} points go to ±{limit}: lower state_bits"
    )]
    Point {
        /// The block of parameters.
        name: &'static str,
        /// Its place in the block.
        index: usize,
        /// What it is.
        value: f64,
        /// The bits of a state.
        state_bits: u8,
        /// The largest.
        limit: f64,
    },
    /// The argument of a sigmoid is coarser than its table.
    #[error(
        "the steepest slope is {steepest}, which leaves {z_bits} bits to arguments of sigmoids, too few for \
         table_bits = {table_bits}: raise slope_bits or state_bits"
    )]
    Coarse {
        /// The steepest slope.
        steepest: f64,
        /// Bits behind the point that are left.
        z_bits: i32,
        /// The bits of the table.
        table_bits: u8,
    },
    /// The sum of an answer does not fit.
    #[error("answer {answer} can reach {most} on the chip, and a sum has 31 bits: lower state_bits")]
    Answer {
        /// The answer.
        answer: usize,
        /// How far it can go.
        most: f64,
    },
}

/// All reasons for which a liquid network cannot be said in whole numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct LiquidError {
    /// The reasons; at least one.
    pub faults: Vec<LiquidFault>,
}

impl std::error::Error for LiquidError {}

impl fmt::Display for LiquidError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the network cannot be said in whole numbers, for {} reasons:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<LiquidFault>);

impl Faults {
    pub fn push(&mut self, fault: LiquidFault) {
        self.0.push(fault);
    }

    /// These and one more.
    pub fn and(mut self, fault: LiquidFault) -> LiquidError {
        self.0.push(fault);
        LiquidError { faults: self.0 }
    }

    pub fn end(self) -> Result<(), LiquidError> {
        if self.0.is_empty() { Ok(()) } else { Err(LiquidError { faults: self.0 }) }
    }

    /// Everything that is wrong with a configuration.
    pub fn config(&mut self, config: &LiquidConfig) {
        let LiquidConfig {
            state_bits,
            conductance_bits,
            slope_bits,
            sigmoid_bits,
            table_bits,
            threshold,
            input_threshold,
            head_bits,
        } = *config;
        let bits = [
            ("state_bits", state_bits, 4..=20, "from 4 to 20"),
            ("conductance_bits", conductance_bits, 6..=24, "from 6 to 24"),
            ("slope_bits", slope_bits, 4..=16, "from 4 to 16"),
            ("sigmoid_bits", sigmoid_bits, 6..=20, "from 6 to 20"),
            ("table_bits", table_bits, 2..=12, "from 2 to 12"),
            ("head_bits", head_bits, 2..=8, "from 2 to 8"),
        ];
        for (name, value, range, must) in bits {
            if !range.contains(&value) {
                self.push(LiquidFault::Config { name, value: f64::from(value), must });
            }
        }
        for (name, value) in [("threshold", threshold), ("input_threshold", input_threshold)] {
            if !(0.0..=16.0).contains(&value) {
                self.push(LiquidFault::Config { name, value, must: "from 0 to 16" });
            }
        }
    }
}
