//! Liquid time-constant units: messages wait for their step, and the program does the rest.

use super::{Deeds, LANES, Outcome, Variable};
use crate::ltc::{LtcProgram, Work};
use crate::netlist::{Block, LtcUnits};

/// A message for a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulate) struct Waiting {
    /// The step in which it arrives.
    pub due: u32,
    /// Which of the group's blocks.
    pub block: u32,
    /// The row in it.
    pub row: u32,
    /// By how much the source has changed.
    pub change: i32,
}

/// The units of a group.
pub(in crate::emulate) struct Programmed {
    program: LtcProgram,
    /// What is to arrive. Sources speak before units of the same step, so steps do not fall.
    waiting: Vec<Waiting>,
}

impl Programmed {
    pub fn new(units: &LtcUnits, blocks: &[&Block]) -> Self {
        Self { program: LtcProgram::new(units, blocks), waiting: Vec::new() }
    }

    pub fn tell(&mut self, message: Waiting) {
        self.waiting.push(message);
    }

    /// Gives the program what is due in step `t`, and tells it the step; says whether there was anything.
    pub fn take_messages(&mut self, t: u32) -> bool {
        self.program.begin(t);
        let n = self.waiting.iter().take_while(|message| message.due <= t).count();
        for Waiting { due: _, block, row, change } in self.waiting.drain(..n) {
            self.program.arrive(block as usize, row as usize, change);
        }
        n > 0
    }

    pub fn step(&mut self, block: usize, deeds: &mut Deeds) -> Outcome {
        let first = block * LANES;
        let last = (first + LANES).min(self.program.v().len());
        let mut sends = false;
        let Deeds { sent, updated } = deeds;
        sent.fill(0);
        let rests = self.program.step(first..last, |unit, change| {
            sent[unit - first] = change;
            sends = true;
        });
        // A program that is not at rest has moved all of its units, if only by the step that it keeps count of.
        updated.fill(i32::from(!rests));
        Outcome { sends, rests }
    }

    pub fn state(&self, variable: Variable, compartment: usize) -> Option<i32> {
        (variable == Variable::V).then(|| self.program.v()[compartment])
    }

    pub fn work(&self) -> Work {
        self.program.work()
    }
}
