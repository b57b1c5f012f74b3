//! How the outputs of a group become values or spikes.

use rheobase_net::{LtcOutput, LtcPopulation};

/// More spikes than this at once are not a rate any more.
const MOST_AT_ONCE: f64 = 1000.0;

/// What stands between the outputs of a group and those who hear it.
#[derive(Debug)]
pub(super) struct Outlet {
    output: LtcOutput,
    /// Time between two steps \[ms\].
    interval: f64,
    /// For every output: what its receivers have, in thresholds; whether it was at its threshold or above, 1 or
    /// 0; or the sum of its rate. Nothing at the start.
    pub memory: Vec<f64>,
    /// Spikes of the step: output, number.
    spikes: Vec<(u32, u32)>,
}

impl Outlet {
    /// The outlet of a group that has sent nothing yet.
    pub fn new(ltc: &LtcPopulation) -> Self {
        let memory = match ltc.output {
            LtcOutput::Current => 0,
            LtcOutput::SigmaDelta { .. } | LtcOutput::Crossing { .. } | LtcOutput::Rate { .. } => {
                ltc.cell.n_outputs()
            }
        };
        Self { output: ltc.output, interval: ltc.interval, memory: vec![0.0; memory], spikes: Vec::new() }
    }

    /// Takes the outputs of a step; says how many values are to be sent.
    pub fn take(&mut self, outputs: &[f64]) -> u64 {
        let Self { output, interval, memory, spikes } = self;
        spikes.clear();
        match *output {
            LtcOutput::Current => outputs.len() as u64,
            LtcOutput::SigmaDelta { threshold } => {
                let mut n = 0;
                for (held, output) in memory.iter_mut().zip(outputs) {
                    let change = (output / threshold - *held).trunc();
                    if change.abs() >= 1.0 {
                        *held += change;
                        n += 1;
                    }
                }
                n
            }
            LtcOutput::Crossing { threshold } => {
                for (i, (was_over, output)) in (0..).zip(memory.iter_mut().zip(outputs)) {
                    let is_over = *output >= threshold;
                    if is_over && *was_over == 0.0 {
                        spikes.push((i, 1));
                    }
                    *was_over = f64::from(u8::from(is_over));
                }
                0
            }
            LtcOutput::Rate { hz_per_unit } => {
                for (i, (sum, output)) in (0..).zip(memory.iter_mut().zip(outputs)) {
                    *sum += (output.max(0.0) * hz_per_unit * *interval / 1000.0).min(MOST_AT_ONCE);
                    let n = sum.floor();
                    *sum -= n;
                    if n > 0.0 {
                        spikes.push((i, n as u32));
                    }
                }
                0
            }
        }
    }

    /// What receivers have after a step with these outputs.
    pub fn values(&self, outputs: &[f64]) -> Vec<f64> {
        match self.output {
            LtcOutput::SigmaDelta { threshold } => self.memory.iter().map(|held| held * threshold).collect(),
            LtcOutput::Current | LtcOutput::Crossing { .. } | LtcOutput::Rate { .. } => outputs.to_vec(),
        }
    }

    /// The spikes of the step: output, number.
    pub fn spikes(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.spikes.iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use rheobase_ltc::wiring;
    use rheobase_net::LiquidCell;

    use super::*;

    fn outlet(output: LtcOutput) -> Outlet {
        let wiring = wiring::fully_connected(1, 1, 1, true, 1).unwrap();
        let group = LtcPopulation::new(LiquidCell::Ltc { wiring, config: Default::default() }, Vec::new());
        Outlet::new(&LtcPopulation { output, interval: 2.0, ..group })
    }

    /// What is sent of outputs, step by step: the values, or the spikes.
    fn sent(output: LtcOutput, outputs: &[f64]) -> (Vec<Option<f64>>, Vec<u32>) {
        let mut outlet = outlet(output);
        let mut step = |output: &f64| {
            let n = outlet.take(&[*output]);
            let value = (n > 0).then(|| outlet.values(&[*output])[0]);
            (value, outlet.spikes().map(|(_, n)| n).sum::<u32>())
        };
        outputs.iter().map(&mut step).unzip()
    }

    #[test]
    fn graded_spikes_are_whole_thresholds_and_only_where_it_has_moved_by_one() {
        let output = LtcOutput::SigmaDelta { threshold: 0.25 };
        let (values, spikes) = sent(output, &[0.1, 0.25, 0.4, 0.8, 0.7, 0.25, -0.24, 0.0]);
        let expected = [None, Some(0.25), None, Some(0.75), None, Some(0.25), Some(0.0), None];
        assert_eq!(values, expected);
        assert_eq!(spikes, [0; 8]);
    }

    #[test]
    fn a_crossing_is_upward() {
        let (values, spikes) = sent(LtcOutput::Crossing { threshold: 0.5 }, &[0.4, 0.5, 0.9, 0.4, 0.6]);
        assert_eq!(spikes, [0, 1, 0, 0, 1]);
        assert_eq!(values, [None; 5]);
    }

    /// 250 Hz a unit and 2 ms a step: half a spike a step for an output of 1.
    #[test]
    fn a_rate_is_integrated() {
        let output = LtcOutput::Rate { hz_per_unit: 250.0 };
        assert_eq!(sent(output, &[1.0, 1.0, -7.0, 1.0, 0.5, 0.5, 5.0]).1, [0, 1, 0, 0, 0, 1, 2]);
        assert_eq!(sent(output, &[f64::NAN, f64::INFINITY]).1, [0, 1000]);
    }
}
