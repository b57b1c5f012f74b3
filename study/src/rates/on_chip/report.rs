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
    /// The bounds of one step's error: that of the median unit, and the largest.
    pub bound: [f64; 2],
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
            bound: median_and_largest(&quantized.bound),
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

fn median_and_largest(values: &[f64]) -> [f64; 2] {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    let at = |place: usize| values.get(place).copied().unwrap_or(0.0);
    [at(values.len() / 2), at(values.len().saturating_sub(1))]
}

/// What the columns of [`rows`] are.
pub const COLUMNS: [&str; 12] = [
    "bits of states, conductances, slopes, sigmoids, table",
    "threshold",
    "score in floating point",
    "score on the chip",
    "lost",
    "one step's bound: median unit, largest",
    "states are off by: most, root mean square",
    "messages a step",
    "of those of every value in every step",
    "synapses computed a step",
    "energy a step \\[nJ\\], assumed",
    "of that of every value in every step",
];

/// Reports as rows of a table.
pub fn rows(reports: &[OnChip]) -> Vec<[String; COLUMNS.len()]> {
    reports.iter().map(row).collect()
}

fn row(report: &OnChip) -> [String; COLUMNS.len()] {
    let OnChip { numbers, metric, float, chip, loss, bound, deviations, steps, work, inputs, energy, .. } =
        report;
    let LiquidConfig {
        state_bits,
        conductance_bits,
        slope_bits,
        sigmoid_bits,
        table_bits,
        threshold,
        input_threshold: _,
        head_bits: _,
    } = numbers;
    let steps = *steps as f64;
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    [
        format!("{state_bits}, {conductance_bits}, {slope_bits}, {sigmoid_bits}, {table_bits}"),
        threshold.to_string(),
        format!("{:.4}", float.of(*metric)),
        format!("{:.4}", chip.of(*metric)),
        percent(*loss),
        format!("{:.1e}, {:.1e}", bound[0], bound[1]),
        format!("{:.1e}, {:.1e}", deviations.all.max, deviations.all.rms),
        format!("{:.2}", (work.messages + inputs) as f64 / steps),
        percent(report.share_of_messages()),
        format!("{:.0}", work.synapses as f64 / steps),
        format!("{:.1}", energy.total() / steps / 1000.0),
        percent(report.share_of_energy()),
    ]
}
