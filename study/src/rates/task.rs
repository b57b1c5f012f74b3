//! A task: sequences to learn from, to choose by, and to be judged by.

use rheobase_ltc::train::{Sequences, Targets};
use rheobase_net::{Answers, Channel};

use super::RatesError;

/// What is learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// What it is called.
    pub name: String,
    /// The inputs, and how they were scaled.
    pub inputs: Vec<Channel>,
    /// What is asked for, and how numbers were scaled.
    pub answers: Answers,
    /// What is learned from.
    pub train: Sequences<f32>,
    /// What the best epoch is chosen by.
    pub valid: Option<Sequences<f32>>,
    /// What is looked at once.
    pub test: Sequences<f32>,
}

impl Task {
    /// Checks that every part is sound.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(self) -> Result<Self, RatesError> {
        let Self { train, valid, test, .. } = &self;
        [Some(train), valid.as_ref(), Some(test)]
            .into_iter()
            .flatten()
            .try_for_each(|sequences| sequences.check())?;
        Ok(self)
    }

    /// A number that changes with every bit of the sequences: FNV-1a over 32-bit words.
    pub fn fingerprint(&self) -> u64 {
        let Self { name: _, inputs: _, answers: _, train, valid, test } = self;
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut add = |word: u32| hash = (hash ^ u64::from(word)).wrapping_mul(0x0100_0000_01b3);
        for part in [Some(train), valid.as_ref(), Some(test)] {
            let Some(sequences) = part else {
                add(0);
                continue;
            };
            let Sequences { n_samples, n_steps, n_inputs, inputs, elapsed, lengths, every_step, targets } =
                sequences;
            [*n_samples, *n_steps, *n_inputs, usize::from(*every_step)].iter().for_each(|n| add(*n as u32));
            inputs.iter().chain(elapsed).for_each(|value| add(value.to_bits()));
            lengths.iter().flatten().for_each(|length| add(*length as u32));
            match targets {
                Targets::Values { values, .. } => values.iter().for_each(|value| add(value.to_bits())),
                Targets::Classes { labels, .. } => labels.iter().for_each(|label| add(*label)),
            }
        }
        hash
    }
}
