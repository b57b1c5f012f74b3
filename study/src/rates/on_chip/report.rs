//! What the chip loses and what it saves.

use rheobase_loihi_export::ltc::{Costs, Energy, Every, Work};
use rheobase_loihi_export::netlist::ValidNetlist;
use rheobase_ltc::train::{Metric, Scores};
use rheobase_mapping::liquid::{LiquidConfig, QuantizedLiquid};
use serde::Serialize;

use super::{ChipRun, Deviations};

/// A liquid network on the chip against itself in floating point, and against sending every value in every step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OnChip {
    /// The chip's numbers.
    pub numbers: LiquidConfig,
    /// What the score is.
    pub metric: Metric,
    /// Scores of the float model.
    pub float: Scores,
    /// Scores of the chip.
    pub chip: Scores,
    /// How much worse the chip's score is, as a share of the float model's; negative where it is better.
    pub loss: f64,
    /// Cores in use.
    pub cores: usize,
    /// Bits of a synapse, but for its target's number, and of the sigmoid's table.
    pub bits: [u64; 2],
    /// Bits that the sum of a unit can take.
    pub sum_bits: u32,
    /// The largest bound of one step's error.
    pub bound: f64,
    /// How far states were off, per unit and over time.
    pub deviations: Deviations,
    /// Steps of the chip.
    pub steps: u64,
    /// What units did; `work.messages` is what they sent.
    pub work: Work,
    /// Messages of inputs.
    pub inputs: u64,
    /// Packets.
    pub packets: u64,
    /// What is counted where every value is sent in every step.
    pub every: Every,
    /// What operations are assumed to cost \[pJ\].
    pub costs: Costs,
    /// Energy of the run, by these costs \[pJ\].
    pub energy: Energy,
    /// Energy where every value is sent in every step, by the same costs \[pJ\].
    pub every_energy: Energy,
}

impl OnChip {
    /// Puts the report together; scores are those of the float model and of the chip.
    pub(super) fn new(
        numbers: LiquidConfig,
        metric: Metric,
        [float, chip]: [Scores; 2],
        quantized: &QuantizedLiquid,
        netlist: &ValidNetlist,
        run: ChipRun,
        costs: Costs,
    ) -> Self {
        let ChipRun { answers: _, deviations, work, inputs, packets, head, every, steps } = run;
        let of = |scores: &Scores| scores.of(metric);
        let worse = match metric {
            Metric::Loss => of(&chip) - of(&float),
            Metric::Accuracy | Metric::F1 => of(&float) - of(&chip),
        };
        Self {
            numbers,
            metric,
            loss: worse / of(&float),
            float,
            chip,
            cores: netlist.cores.len(),
            bits: [u64::from(quantized.synapse_bits()), quantized.table_bits()],
            sum_bits: quantized.sum_bits(),
            bound: quantized.bound.iter().copied().fold(0.0, f64::max),
            deviations,
            steps,
            energy: costs.of_changes(work, packets, head),
            every_energy: costs.of_every(&every),
            work,
            inputs,
            packets,
            every,
            costs,
        }
    }

    /// Messages, of units and inputs, as a share of sending every value in every step.
    pub fn share_of_messages(&self) -> f64 {
        (self.work.messages + self.inputs) as f64 / (self.every.messages + self.every.inputs) as f64
    }

    /// Energy as a share of sending every value in every step.
    pub fn share_of_energy(&self) -> f64 {
        self.energy.total() / self.every_energy.total()
    }
}
