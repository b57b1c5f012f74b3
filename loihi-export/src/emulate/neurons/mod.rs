//! What compartments do in a step: one file a model.
//!
//! A model takes 64 compartments through a step at a time, from what arrives at them, and says what became of them:
//! what each has sent, whether it was updated, and whether all of them are at rest. At rest means that the same step
//! again would change no bit and send nothing, as long as nothing arrives.

mod brian;
mod float;
mod graded;
mod lif;
mod ltc;
mod resonator;
mod sigma_delta;

use pulp::Arch;

use self::brian::BrianLif;
use self::float::FloatLif;
use self::graded::{Graded, Product};
use self::lif::LifGroup;
use self::ltc::Programmed;
pub(super) use self::ltc::Waiting;
use self::resonator::Resonators;
use self::sigma_delta::{Sigma, SigmaDelta};
use super::Profile;
use super::lanes::{LANES, Lane, lanes};
use crate::netlist::{Block, Model};

/// A number that a compartment keeps from step to step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variable {
    /// Synaptic current.
    U,
    /// Potential, after reset.
    V,
    /// Sum of all that has arrived.
    Sigma,
    /// What a delta unit compares the next value with.
    Act,
    /// What it has not sent.
    Residue,
    /// Error since the last message.
    Error,
    /// Potential of a resonator along the real axis.
    Re,
    /// Along the imaginary one.
    Im,
}

/// The compartments of a group.
pub(super) enum Neurons {
    Lif(LifGroup),
    Brian(BrianLif),
    Float(FloatLif),
    Graded(Graded),
    Product(Product),
    Sigma(Sigma),
    SigmaDelta(SigmaDelta),
    Resonator(Resonators),
    Ltc(Box<Programmed>),
}

/// What each of 64 compartments did in a step.
pub(super) struct Deeds {
    /// What it sent; 0 for nothing.
    pub sent: Lane,
    /// Not 0 if it was updated: LIF compartments that have a potential, a bias or a current, others whose state changed.
    pub updated: Lane,
}

/// What became of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outcome {
    /// Whether one of them sends something.
    pub sends: bool,
    /// Whether the step would change nothing if it came again without arrivals.
    pub rests: bool,
}

impl Neurons {
    /// The compartments of a model that the profile has; `scale` is how many units of what arrives are 1, for
    /// floating-point models, `blocks` are those that end at the group.
    pub fn new(model: &Model, profile: Profile, scale: f64, blocks: &[&Block]) -> Self {
        match (model, profile) {
            (Model::Lif(lif), Profile::Brian2Loihi05) => Self::Brian(BrianLif::new(lif)),
            (Model::Lif(lif) | Model::LifReset { lif, .. }, _) => {
                Self::Lif(LifGroup::new(lif, None, profile))
            }
            (Model::TernaryLif { lif, vth_lo }, _) => Self::Lif(LifGroup::new(lif, Some(vth_lo), profile)),
            (Model::FloatLif(lif), _) => Self::Float(FloatLif::new(lif, scale)),
            (Model::GradedVec { vth, rectified }, _) => Self::Graded(Graded::new(vth, *rectified)),
            (Model::Product { vth, exp }, _) => Self::Product(Product::new(vth, *exp)),
            (Model::Sigma, _) => Self::Sigma(Sigma::default()),
            (Model::Delta(delta), _) => Self::SigmaDelta(SigmaDelta::delta(delta)),
            (Model::SigmaDelta { delta, bias, activation }, _) => {
                Self::SigmaDelta(SigmaDelta::new(delta, bias, *activation))
            }
            (Model::Resonator(resonator), _) => Self::Resonator(Resonators::new(resonator)),
            (Model::Ltc(units), _) => Self::Ltc(Box::new(Programmed::new(units, blocks))),
        }
    }

    /// A block takes a step. `arrivals` are those of both ports, the second being the first where there is one.
    #[inline]
    pub fn step(&mut self, arch: Arch, block: usize, arrivals: [&Lane; 2], deeds: &mut Deeds) -> Outcome {
        let [a, second] = arrivals;
        match self {
            Self::Lif(lif) => lif.step(arch, block, a, deeds),
            Self::Brian(lif) => lif.step(block, a, deeds),
            Self::Float(lif) => lif.step(block, a, deeds),
            Self::Graded(graded) => graded.step(block, a, deeds),
            Self::Product(product) => product.step(block, a, second, deeds),
            Self::Sigma(sigma) => sigma.step(block, a, deeds),
            Self::SigmaDelta(sigma_delta) => sigma_delta.step(block, a, deeds),
            Self::Resonator(resonator) => resonator.step(block, a, second, deeds),
            Self::Ltc(units) => units.step(block, deeds),
        }
    }

    /// A message for a program.
    pub fn tell(&mut self, message: Waiting) {
        if let Self::Ltc(units) = self {
            units.tell(message);
        }
    }

    /// Gives programs the messages that are due in step `t`; says whether there were any.
    pub fn take_messages(&mut self, t: u32) -> bool {
        match self {
            Self::Ltc(units) => units.take_messages(t),
            Self::Lif(_)
            | Self::Brian(_)
            | Self::Float(_)
            | Self::Graded(_)
            | Self::Product(_)
            | Self::Sigma(_)
            | Self::SigmaDelta(_)
            | Self::Resonator(_) => false,
        }
    }

    /// What the group's program has done, if it has one.
    pub fn program(&self) -> Option<crate::ltc::Work> {
        if let Self::Ltc(units) = self { Some(units.work()) } else { None }
    }

    /// Sets current and potential to 0 and says whether that changed anything.
    pub fn reset(&mut self) -> bool {
        match self {
            Self::Lif(lif) => lif.reset(),
            Self::Brian(_)
            | Self::Float(_)
            | Self::Graded(_)
            | Self::Product(_)
            | Self::Sigma(_)
            | Self::SigmaDelta(_)
            | Self::Resonator(_)
            | Self::Ltc(_) => false,
        }
    }

    /// A variable of a compartment, if the model has it.
    pub fn state(&self, variable: Variable, compartment: usize) -> Option<f64> {
        let (block, lane) = (compartment / LANES, compartment % LANES);
        match self {
            Self::Lif(lif) => lif.state(variable, block, lane).map(f64::from),
            Self::Brian(lif) => lif.state(variable, compartment),
            Self::Float(lif) => lif.state(variable, compartment),
            // What arrives is sent or lost in the same step.
            Self::Graded(_) | Self::Product(_) => (variable == Variable::V).then_some(0.0),
            Self::Sigma(sigma) => sigma.state(variable, block, lane).map(f64::from),
            Self::SigmaDelta(sigma_delta) => sigma_delta.state(variable, block, lane).map(f64::from),
            Self::Resonator(resonator) => resonator.state(variable, block, lane).map(f64::from),
            Self::Ltc(units) => units.state(variable, compartment).map(f64::from),
        }
    }

    /// The variable that says most about a compartment.
    pub fn main_variable(&self) -> Variable {
        match self {
            Self::Lif(_)
            | Self::Brian(_)
            | Self::Float(_)
            | Self::Graded(_)
            | Self::Product(_)
            | Self::Ltc(_) => Variable::V,
            Self::Sigma(_) => Variable::Sigma,
            Self::SigmaDelta(_) => Variable::Act,
            Self::Resonator(_) => Variable::Re,
        }
    }
}
