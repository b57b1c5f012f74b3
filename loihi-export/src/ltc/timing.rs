//! When inputs are sent and answers read, and what of an input is sent.

/// The steps of a run, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Steps of the chip for a step of the cell, ≥ 1.
    pub unfolds: u32,
}

impl Timing {
    /// When inputs begin to act: the first unfold is taken in the step after that in which they are sent.
    pub const START: u32 = 2;

    /// The step in which input `k` is sent, from 0.
    pub fn input(self, k: u32) -> u32 {
        k * self.unfolds + 1
    }

    /// The step after which units have the state that follows input `k`.
    pub fn state(self, k: u32) -> u32 {
        (k + 1) * self.unfolds + 1
    }

    /// The step after which answer neurons have added up what that state has sent.
    pub fn answer(self, k: u32) -> u32 {
        self.state(k) + 1
    }

    /// The steps of a run of `n` inputs.
    pub fn steps(self, n: u32) -> u32 {
        if n == 0 { 0 } else { self.answer(n - 1) }
    }

    /// The input whose answer can be read after a step, if there is one.
    pub fn answered_in(self, step: u32) -> Option<u32> {
        let since = step.checked_sub(2)?;
        since.is_multiple_of(self.unfolds).then(|| since / self.unfolds)?.checked_sub(1)
    }

    /// The input that is sent in a step, if one is.
    pub fn sent_in(self, step: u32) -> Option<u32> {
        (step >= 1 && (step - 1).is_multiple_of(self.unfolds)).then(|| (step - 1) / self.unfolds)
    }
}

/// Sends values as changes, when they are at least a threshold (and not 0): what a host does with inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaEncoder {
    sent: Vec<i32>,
    threshold: i32,
}

impl DeltaEncoder {
    /// Of `n` values, all 0 at first.
    pub fn new(n: usize, threshold: i32) -> Self {
        Self { sent: vec![0; n], threshold }
    }

    /// The message for a value, if there is one.
    pub fn message(&mut self, index: usize, value: i32) -> Option<i32> {
        let change = value - self.sent[index];
        if change == 0 || change.abs() < self.threshold {
            return None;
        }
        self.sent[index] = value;
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_and_inputs_name_each_other() {
        for unfolds in 1..7 {
            let timing = Timing { unfolds };
            for t in 0..50 {
                assert_eq!(timing.sent_in(t), (0..50).find(|k| timing.input(*k) == t));
                assert_eq!(timing.answered_in(t), (0..50).find(|k| timing.answer(*k) == t));
            }
            assert_eq!(timing.steps(3), timing.answer(2));
        }
        assert_eq!(Timing { unfolds: 6 }.steps(0), 0);
    }
}
