//! The neurons of one population in a shard, and their update by one step.
//!
//! ```text
//! propagate   every neuron, to the end of the step, as if nothing arrived and nobody fired
//! (deliver)   what arrives at the end of the step is added to the lanes
//! settle      neurons whose refractory period ends are put back to reset; who is at the threshold fires
//! ```
//! State is struct-of-arrays. A pass has no branches, so that the compiler turns it into vector
//! instructions (`pulp` chooses AVX-512, AVX2 or the baseline when the program starts; none of them
//! fuses a multiplication with an addition, so all give the same bits), and somebody looks a second time
//! at the few blocks in which somebody may have fired.

mod saved;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use pulp::Arch;
use rheobase_lif::Port;
use rheobase_lif::delta::DeltaStep;
use rheobase_lif::izhikevich::Izhikevich;

use super::background::{AddCounts, Background, Room, STRETCH};
use super::find::{OneMode, ThreeModes, find};
use super::lanes::{BLOCK, Lanes};
use super::modal::Modal;
use super::plain::Plain;
use super::thresholds::Thresholds;
use crate::job::{Job, PerNeuron};
use crate::plan::{Form, Part};

/// The neurons of a part.
pub(super) struct PartState {
    arch: Arch,
    part: Part,
    neuron: PerNeuron<Neuron>,
    dynamics: Dynamics,
    backgrounds: Vec<Background>,
    /// The refractory neurons, and the last step in which they are; the earliest on top.
    held: BinaryHeap<Reverse<(u32, u32)>>,
    /// The last step in which a neuron is refractory.
    held_until: Vec<u32>,
    /// The blocks in which propagating has found a potential at its threshold.
    over: Vec<bool>,
    /// Neurons that may be at their thresholds.
    candidates: Vec<u32>,
    /// The step for which they have been found ahead.
    found_for: u32,
    thresholds: Option<Thresholds>,
}

/// What every model has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Neuron {
    pub v_rest: f64,
    /// Potential \[mV\] that 1 pA of constant current causes in the end.
    pub resistance: f64,
    pub p20: f64,
    pub i_bias: f64,
    pub theta: f64,
    pub reset: f64,
    pub ref_steps: u32,
}

impl Neuron {
    fn of_part(job: &Job<'_>, part: &Part) -> PerNeuron<Self> {
        let dt = job.dt;
        if job.reception(part).form == Form::Izhikevich {
            let population = job.izhikevich(part);
            return PerNeuron::of_neurons(part, |i| {
                let Izhikevich { a: _, b: _, c, d: _, v_peak, i_bias } = population.neuron(i);
                Self { v_rest: 0.0, resistance: 1.0, p20: dt, i_bias, theta: v_peak, reset: c, ref_steps: 0 }
            });
        }
        PerNeuron::of_part(job, part, |lif, i| {
            let membrane = lif.membrane(i);
            let DeltaStep { p22: _, p20, theta, reset } = DeltaStep::new(&membrane, dt);
            Self {
                v_rest: membrane.v_rest,
                resistance: membrane.tau_m / membrane.c_m,
                p20,
                i_bias: membrane.i_bias,
                theta,
                reset,
                ref_steps: (membrane.t_ref / dt).round() as u32,
            }
        })
    }
}

enum Dynamics {
    /// Propagators, and the potential that constant currents add in a step \[mV\].
    Plain { plain: Plain, drive: PerNeuron<f64> },
    /// Modes, and the potential where the neuron would settle \[mV\].
    Modal { u_inf: PerNeuron<f64>, has_currents: bool },
}

/// Relative distance from the threshold within which rounding decides: some thousand times that of a double.
const TIE: f64 = 1e-12;

/// The ports in the order of their lanes.
const PORTS: [Port; 2] = [Port::Excitatory, Port::Inhibitory];

impl PartState {
    /// The neurons of a part at the start of a run, their potentials put into the lanes.
    pub fn new(job: &Job<'_>, part: &Part, modal: Option<&Modal>, lanes: &mut Lanes) -> Self {
        let neuron = Neuron::of_part(job, part);
        let dynamics = if modal.is_some() {
            let u_inf = neuron.map(|neuron| neuron.resistance * neuron.i_bias);
            Dynamics::Modal { u_inf, has_currents: modal.is_some_and(Modal::has_currents) }
        } else {
            let plain = Plain::new(job, part);
            let drive = neuron.map(|neuron| plain.drive(&neuron) * neuron.i_bias);
            Dynamics::Plain { plain, drive }
        };
        let (ex, inh) = job.syn_init(part);
        let one_port = job.reception(part).has_one_port();
        for (i, (lane, v)) in part.lanes().zip(job.v_init(part)).enumerate() {
            let settled = match &dynamics {
                Dynamics::Plain { .. } => 0.0,
                Dynamics::Modal { u_inf, .. } => u_inf.get(i),
            };
            lanes.u[lane] = v - neuron.get(i).v_rest - settled;
            let starts = match &dynamics {
                Dynamics::Plain { plain, .. } => plain.starts_in_ports(),
                Dynamics::Modal { has_currents, .. } => *has_currents,
            };
            if starts {
                for (value, port) in [(ex[i], 0), (inh[i], usize::from(!one_port))] {
                    lanes.ports[port][lane] += value;
                    // The potential is as it is, so its mode makes up for what the current's causes.
                    lanes.u[lane] += modal.map_or(0.0, |modal| modal.gains(PORTS[port]).1 * value);
                }
            }
        }
        lanes.touched[part.lanes().start / BLOCK..part.lanes().end.div_ceil(BLOCK)].fill(true);
        Self {
            arch: Arch::new(),
            part: *part,
            neuron,
            dynamics,
            backgrounds: Background::of(job, part),
            held: BinaryHeap::new(),
            held_until: vec![0; part.size as usize],
            over: vec![false; (part.size as usize).div_ceil(BLOCK)],
            candidates: Vec::new(),
            found_for: 0,
            thresholds: Thresholds::of(job, part),
        }
    }

    /// The potential of a neuron \[mV\] at the end of step `now`, which has been settled.
    pub fn v(&self, lanes: &Lanes, modal: Option<&Modal>, now: u32, i: usize) -> f64 {
        let Neuron { reset, v_rest, .. } = self.neuron.get(i);
        v_rest + if now < self.held_until[i] { reset } else { self.u(lanes, modal, i) }
    }

    fn u(&self, lanes: &Lanes, modal: Option<&Modal>, i: usize) -> f64 {
        let lane = self.part.first_lane as usize + i;
        match (&self.dynamics, modal) {
            (Dynamics::Modal { u_inf, has_currents, .. }, Some(modal)) => {
                let (c_ex, c_in) = modal.caused();
                let [ex, inh] = &lanes.ports;
                let (ex, inh) = if *has_currents { (ex[lane], inh[lane]) } else { (0.0, 0.0) };
                u_of_modes(lanes.u[lane], u_inf.get(i), modal.now.u, (c_ex, ex), (c_in, inh))
            }
            (Dynamics::Plain { .. } | Dynamics::Modal { .. }, _) => lanes.u[lane],
        }
    }

    /// The spikes that its background has sent.
    pub fn background_spikes(&self) -> u64 {
        self.backgrounds.iter().map(|background| background.spikes).sum()
    }

    /// The injected currents of some neurons change to so many pA.
    pub fn inject(&mut self, changed: &[(u32, f64)]) {
        let Dynamics::Plain { plain, drive } = &mut self.dynamics else { return };
        if let PerNeuron::Shared(shared) = drive {
            *drive = PerNeuron::Each(vec![*shared; self.part.size as usize]);
        }
        if let PerNeuron::Each(drives) = drive {
            for (i, current) in changed {
                let neuron = self.neuron.get(*i as usize);
                drives[*i as usize] = plain.drive(&neuron) * (neuron.i_bias + current);
            }
        }
    }

    /// Goes to the end of step `now`, as if nothing arrived at it but the background.
    pub fn propagate(&mut self, lanes: &mut Lanes, now: u32) {
        let Self { arch, part, dynamics, backgrounds, over, .. } = self;
        let Dynamics::Plain { plain, drive } = dynamics else { return };
        if backgrounds.is_empty() {
            plain.propagate(*arch, part, 0..part.size as usize, drive, lanes, over);
            return;
        }
        let mut room: Room = [[0; _]; _];
        for start in (0..part.size as usize).step_by(STRETCH) {
            let neurons = start..(start + STRETCH).min(part.size as usize);
            plain.propagate(*arch, part, neurons.clone(), drive, lanes, over);
            for background in &mut *backgrounds {
                let Some(counts) = background.arriving(now, &neurons, &mut room) else { continue };
                let values = match (plain.adds_to_potential(), background.port) {
                    (true, _) => &mut lanes.u,
                    (false, Port::Excitatory) => &mut lanes.ports[0],
                    (false, Port::Inhibitory) => &mut lanes.ports[1],
                };
                let values = &mut values[part.lanes_of(&neurons)];
                background.spikes += arch.dispatch(AddCounts { values, counts, weight: background.weight });
            }
        }
    }

    /// Multiplies the modes by what remains of them, at the end of an epoch.
    pub fn start_epoch(&self, lanes: &mut Lanes, remains: &super::modal::Remains) {
        let Dynamics::Modal { has_currents, .. } = &self.dynamics else { return };
        let lanes_of_part = self.part.lanes();
        lanes.u[lanes_of_part.clone()].iter_mut().for_each(|y| *y *= remains.u);
        if *has_currents {
            lanes.ports[0][lanes_of_part.clone()].iter_mut().for_each(|a| *a *= remains.ex);
            lanes.ports[1][lanes_of_part].iter_mut().for_each(|a| *a *= remains.inh);
        }
    }

    /// Puts neurons whose refractory period ends back to reset, and finds who fires at the end of step `now`.
    pub fn settle(
        &mut self,
        lanes: &mut Lanes,
        modal: Option<&Modal>,
        now: u32,
        fired: &mut Vec<(u32, u32)>,
    ) {
        while let Some(Reverse((until, i))) = self.held.peek().copied().filter(|held| held.0.0 <= now) {
            debug_assert_eq!(until, now, "neurons are let go in the step in which they are due");
            self.reset(lanes, modal, i as usize);
            self.held.pop();
        }
        if modal.is_none() {
            // Else a held potential could wander over the threshold, where it would be looked at in vain.
            let held = std::mem::take(&mut self.held);
            held.iter().for_each(|Reverse((_, i))| self.reset(lanes, modal, *i as usize));
            self.held = held;
        }
        self.look(lanes, modal, now);
        let candidates = std::mem::take(&mut self.candidates);
        for i in candidates.iter().map(|i| *i as usize) {
            if self.is_over(lanes, modal, i) && self.held_until[i] < now {
                self.fire(lanes, modal, now, i);
                fired.push((now, self.part.first_node + i as u32));
            }
        }
        self.candidates = candidates;
    }

    fn is_over(&self, lanes: &Lanes, modal: Option<&Modal>, i: usize) -> bool {
        let shift = self.thresholds.as_ref().map_or(0.0, |thresholds| thresholds.shift(i));
        let theta = self.neuron.get(i).theta + shift;
        // A jump to the very threshold fires. Modes have it divided and multiplied by what remains of
        // them, so the last digits may be missing.
        let tie = match &self.dynamics {
            Dynamics::Plain { .. } => 0.0,
            Dynamics::Modal { u_inf, .. } => TIE * (theta.abs() + u_inf.get(i).abs()),
        };
        self.u(lanes, modal, i) >= theta - tie
    }

    fn fire(&mut self, lanes: &mut Lanes, modal: Option<&Modal>, now: u32, i: usize) {
        self.reset(lanes, modal, i);
        if let Dynamics::Plain { plain, .. } = &mut self.dynamics {
            plain.spike(i);
        }
        if let Some(thresholds) = &mut self.thresholds {
            thresholds.spike(i);
        }
        let ref_steps = self.neuron.get(i).ref_steps;
        if ref_steps > 0 {
            // Until then its state goes on as if it were free, and nobody asks for it.
            let until = now.saturating_add(ref_steps);
            self.held_until[i] = until;
            self.held.push(Reverse((until, i as u32)));
        }
    }

    fn reset(&self, lanes: &mut Lanes, modal: Option<&Modal>, i: usize) {
        let lane = self.part.first_lane as usize + i;
        let reset = self.neuron.get(i).reset;
        lanes.u[lane] = match modal {
            None => reset,
            Some(modal) => lanes.u[lane] + (reset - self.u(lanes, Some(modal), i)) / modal.now.u,
        };
    }

    /// Finds neurons that may be at their thresholds; whoever is at it is among them.
    ///
    /// What arrives at the end of a step acts on a current, and on the potential from then on. So where
    /// modes say the potential at the end of this step, they say it for the next as well, and one pass
    /// serves both.
    fn look(&mut self, lanes: &Lanes, modal: Option<&Modal>, now: u32) {
        let Self { arch, part, neuron, dynamics, over, thresholds, candidates, found_for, .. } = self;
        if *found_for == now {
            return;
        }
        let Lanes { u, ports: [ex, inh], touched } = lanes;
        let first = part.first_lane as usize;
        let of_part = part.lanes();
        let u = &u[of_part.clone()];
        candidates.clear();
        if let Some(thresholds) = thresholds {
            thresholds.step();
            let above = |i: usize| u[i] >= neuron.get(i).theta + thresholds.shift(i);
            candidates.extend((0..part.size).filter(|i| above(*i as usize)));
            return;
        }
        match (dynamics, modal, neuron) {
            (
                Dynamics::Modal { u_inf: PerNeuron::Shared(u_inf), .. },
                Some(modal),
                PerNeuron::Shared(neuron),
            ) => {
                let (r, (c_ex, c_in)) = (modal.now.u, modal.caused());
                // A hair of slack makes up for rounding: whoever is found is looked at again.
                let gap = neuron.theta - *u_inf - 1e-9 * (neuron.theta.abs() + u_inf.abs() + 1.0);
                if ex.is_empty() || !modal.has_currents() {
                    // A potential that only decays towards a value below the threshold cannot reach it.
                    let can_sleep = gap > 0.0;
                    let is_asleep = |block: usize| {
                        let lanes = first + block * BLOCK..(first + (block + 1) * BLOCK).min(of_part.end);
                        can_sleep && !touched[lanes.start / BLOCK..lanes.end.div_ceil(BLOCK)].contains(&true)
                    };
                    find(*arch, u.len(), is_asleep, candidates, |block| OneMode { y: &u[block], r, gap });
                    return;
                }
                let (ex, inh) = (&ex[of_part.clone()], &inh[of_part]);
                find(
                    *arch,
                    u.len(),
                    |_| false,
                    candidates,
                    |block| ThreeModes {
                        y: &u[block.clone()],
                        ex: &ex[block.clone()],
                        inh: &inh[block],
                        now: [r, c_ex, c_in],
                        next: modal.ahead(),
                        gap,
                    },
                );
                *found_for = now + 1;
            }
            (Dynamics::Modal { .. }, ..) => candidates.extend(0..part.size),
            (Dynamics::Plain { plain, .. }, _, PerNeuron::Shared(neuron)) => {
                let theta = neuron.theta;
                let is_known = !plain.adds_to_potential();
                let is_below = |block: usize| is_known && !over[block];
                find(*arch, u.len(), is_below, candidates, |block| OneMode {
                    y: &u[block],
                    r: 1.0,
                    gap: theta,
                });
            }
            (Dynamics::Plain { .. }, _, neuron) => {
                candidates.extend((0..part.size).filter(|i| u[*i as usize] >= neuron.get(*i as usize).theta));
            }
        }
    }
}

/// The potential of a neuron that is a sum of modes; every place that needs it adds in this order.
#[inline(always)]
fn u_of_modes(y: f64, u_inf: f64, r: f64, (c_ex, ex): (f64, f64), (c_in, inh): (f64, f64)) -> f64 {
    u_inf + (r * y + c_ex * ex + c_in * inh)
}
