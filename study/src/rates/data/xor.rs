//! Is the number of ones odd? Bits that are told only where they change.

use rheobase_ltc::train::{Sequences, Targets};
use rheobase_ltc::wiring::numpy::RandomState;
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use crate::rates::{RatesError, Task};

/// The event-coded XOR of the CfC paper: words of random bits, and their parity. An event is a bit that
/// differs from the one before it, with the time since the event before; a last event has the rest of
/// the time. Times are in words of `pad` bits. There are no validation sequences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Xor {
    /// A word has 2 to below so many bits. The paper's script takes 32, its loader 24 if nothing is said.
    pub pad: usize,
    /// Words to learn from.
    pub n_train: usize,
    /// Words for the test.
    pub n_test: usize,
    /// Seed of the words to learn from.
    pub seed: u32,
    /// Seed of those for the test.
    pub test_seed: u32,
}

impl Default for Xor {
    fn default() -> Self {
        Self { pad: 24, n_train: 100_000, n_test: 10_000, seed: 1_234_984, test_seed: 48_736 }
    }
}

impl Xor {
    pub(super) fn task(&self) -> Result<Task, RatesError> {
        let Self { pad, n_train, n_test, seed, test_seed } = *self;
        if pad < 3 {
            return Err(RatesError::Argument {
                what: "pad",
                value: pad as f64,
                must: "at least 3".to_owned(),
            });
        }
        Ok(Task {
            name: "xor".to_owned(),
            inputs: vec![Channel::plain("bit")],
            answers: Answers::Classes(vec!["even".to_owned(), "odd".to_owned()]),
            train: words(pad, n_train, seed),
            valid: None,
            test: words(pad, n_test, test_seed),
        })
    }
}

fn words(pad: usize, n: usize, seed: u32) -> Sequences<f32> {
    let mut rng = RandomState::new(seed);
    let words: Vec<(Vec<(u8, u32)>, u32)> = (0..n).map(|_| word(pad, &mut rng)).collect();
    let n_steps = words.iter().map(|(events, _)| events.len()).max().unwrap_or(1);
    let (mut inputs, mut elapsed) = (vec![0.0; n * n_steps], vec![0.0; n * n_steps]);
    for (row, (events, _)) in words.iter().enumerate() {
        for (step, (bit, time)) in events.iter().enumerate() {
            inputs[row * n_steps + step] = f32::from(*bit);
            elapsed[row * n_steps + step] = *time as f32 / pad as f32;
        }
    }
    Sequences {
        n_samples: n,
        n_steps,
        n_inputs: 1,
        inputs,
        elapsed,
        lengths: Some(words.iter().map(|(events, _)| events.len()).collect()),
        every_step: false,
        targets: Targets::Classes { n: 2, labels: words.iter().map(|(_, parity)| *parity).collect() },
    }
}

/// The events of a word, as (bit, time), and its parity.
fn word(pad: usize, rng: &mut RandomState) -> (Vec<(u8, u32)>, u32) {
    let n_bits = 2 + rng.below(pad - 2);
    let (mut events, mut parity, mut since) = (Vec::new(), 0, 0);
    let mut before = None;
    for _ in 0..n_bits {
        since += 1;
        let bit = rng.below(2) as u8;
        parity ^= u32::from(bit);
        if before != Some(bit) {
            events.push((bit, since));
            since = 0;
            if events.len() >= pad - 1 {
                break;
            }
        }
        before = Some(bit);
    }
    if let Some(bit) = before.filter(|_| since > 0) {
        events.push((bit, since));
    }
    (events, parity)
}
