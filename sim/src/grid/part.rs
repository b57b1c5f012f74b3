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

use super::background::Background;
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
    /// The blocks in which a potential may be at its threshold.
    over: Vec<bool>,
    injected: Vec<(u32, Vec<f64>)>,
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
    Modal { u_inf: PerNeuron<f64>, has_currents: bool, is_quiet: bool },
}

/// The ports in the order of their lanes.
const PORTS: [Port; 2] = [Port::Excitatory, Port::Inhibitory];

impl PartState {
    /// The neurons of a part at the start of a run, their potentials put into the lanes.
    pub fn new(job: &Job<'_>, part: &Part, modal: Option<&Modal>, lanes: &mut Lanes) -> Self {
        let neuron = Neuron::of_part(job, part);
        let dynamics = if modal.is_some() {
            let u_inf = neuron.map(|neuron| neuron.resistance * neuron.i_bias);
            let quiet = |i: usize| u_inf.get(i) < neuron.get(i).theta;
            let is_quiet = (0..part.size as usize).all(quiet);
            Dynamics::Modal { u_inf, has_currents: !lanes.ports[0].is_empty(), is_quiet }
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
            injected: Vec::new(),
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

    /// The values of a link's channels change.
    pub fn inject(&mut self, link: u32, synapses: &[(u32, u32, f64)], values: &[f64]) {
        let size = self.part.size as usize;
        let injected = &mut self.injected;
        let place = match injected.iter().position(|(known, _)| *known == link) {
            Some(place) => place,
            None => {
                let place = injected.partition_point(|(known, _)| *known < link);
                injected.insert(place, (link, vec![0.0; size]));
                place
            }
        };
        let currents = &mut injected[place].1;
        currents.fill(0.0);
        for (channel, target, weight) in synapses {
            currents[*target as usize] += weight * values[*channel as usize];
        }
        let total = |i: usize| {
            injected.iter().fold(self.neuron.get(i).i_bias, |sum, (_, currents)| sum + currents[i])
        };
        if let Dynamics::Plain { plain, drive } = &mut self.dynamics {
            let driven = |i: usize| plain.drive(&self.neuron.get(i)) * total(i);
            *drive = PerNeuron::Each((0..size).map(driven).collect());
        }
    }

    /// Goes to the end of step `now`, as if nothing arrived at it but the background.
    pub fn propagate(&mut self, lanes: &mut Lanes, now: u32) {
        let Self { arch, part, dynamics, backgrounds, over, .. } = self;
        let Dynamics::Plain { plain, drive } = dynamics else { return };
        plain.propagate(*arch, part, drive, lanes, over);
        for background in backgrounds {
            if let Some((weight, port, counts)) = background.arriving(now) {
                let values = match (plain.adds_to_potential(), port) {
                    (true, _) => &mut lanes.u,
                    (false, Port::Excitatory) => &mut lanes.ports[0],
                    (false, Port::Inhibitory) => &mut lanes.ports[1],
                };
                let values = &mut values[part.lanes()];
                arch.dispatch(
                    #[inline(always)]
                    || {
                        for (value, count) in values.iter_mut().zip(counts) {
                            *value += weight * f64::from(*count);
                        }
                    },
                );
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
        self.look(lanes, modal);
        let size = self.part.size as usize;
        for block in 0..self.over.len() {
            if !self.over[block] {
                continue;
            }
            for i in block * BLOCK..((block + 1) * BLOCK).min(size) {
                if self.is_over(lanes, modal, i) && self.held_until[i] < now {
                    self.fire(lanes, modal, now, i);
                    fired.push((now, self.part.first_node + i as u32));
                }
            }
        }
    }

    fn is_over(&self, lanes: &Lanes, modal: Option<&Modal>, i: usize) -> bool {
        let shift = self.thresholds.as_ref().map_or(0.0, |thresholds| thresholds.shift(i));
        self.u(lanes, modal, i) >= self.neuron.get(i).theta + shift
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

    /// Finds the blocks in which a potential is at its threshold, where propagating has not found them.
    fn look(&mut self, lanes: &mut Lanes, modal: Option<&Modal>) {
        let Self { arch, part, neuron, dynamics, over, thresholds, .. } = self;
        let size = part.size as usize;
        let first = part.first_lane as usize;
        if let Some(thresholds) = thresholds {
            thresholds.step(*arch);
            thresholds.look(&lanes.u[part.lanes()], neuron, over);
            return;
        }
        match (dynamics, modal) {
            (Dynamics::Plain { plain, .. }, _) if !plain.adds_to_potential() => {}
            (Dynamics::Modal { u_inf, has_currents, is_quiet }, Some(modal)) => {
                let Lanes { u, ports: [ex, inh], touched } = lanes;
                let r = modal.now.u;
                let (c_ex, c_in) = modal.caused();
                // A potential that only decays towards a value below the threshold cannot reach it.
                let can_sleep = *is_quiet && !*has_currents;
                for (k, over) in over.iter_mut().enumerate() {
                    let block = first + k * BLOCK..first + ((k + 1) * BLOCK).min(size);
                    let places = block.start / BLOCK..(block.end - 1) / BLOCK + 1;
                    if can_sleep && !touched[places].contains(&true) {
                        *over = false;
                        continue;
                    }
                    let y = &u[block.clone()];
                    let start = k * BLOCK;
                    *over = match (&*u_inf, &*neuron, *has_currents) {
                        (PerNeuron::Shared(u_inf), PerNeuron::Shared(Neuron { theta, .. }), true) => {
                            let (ex, inh) = (&ex[block.clone()], &inh[block]);
                            let gap = theta - u_inf;
                            arch.dispatch(
                                #[inline(always)]
                                || is_over(y, ex, inh, (r, c_ex, c_in), gap),
                            )
                        }
                        (PerNeuron::Shared(u_inf), PerNeuron::Shared(Neuron { theta, .. }), false) => {
                            let gap = theta - u_inf;
                            arch.dispatch(
                                #[inline(always)]
                                || y.iter().fold(false, |over, y| over | (r * y >= gap)),
                            )
                        }
                        (u_inf, neuron, has_currents) => (0..y.len()).any(|i| {
                            let sums = if has_currents {
                                (ex[block.start + i], inh[block.start + i])
                            } else {
                                (0.0, 0.0)
                            };
                            let u = u_of_modes(y[i], u_inf.get(start + i), r, (c_ex, sums.0), (c_in, sums.1));
                            u >= neuron.get(start + i).theta
                        }),
                    };
                }
            }
            (Dynamics::Plain { .. } | Dynamics::Modal { .. }, _) => {
                for (k, over) in over.iter_mut().enumerate() {
                    let u = &lanes.u[first + k * BLOCK..first + ((k + 1) * BLOCK).min(size)];
                    let start = k * BLOCK;
                    *over = match &*neuron {
                        PerNeuron::Shared(Neuron { theta, .. }) => {
                            let theta = *theta;
                            arch.dispatch(
                                #[inline(always)]
                                || u.iter().fold(false, |over, u| over | (*u >= theta)),
                            )
                        }
                        neuron => (0..u.len()).any(|i| u[i] >= neuron.get(start + i).theta),
                    };
                }
            }
        }
    }
}

/// The potential of a neuron that is a sum of modes; every place that needs it adds in this order.
#[inline(always)]
fn u_of_modes(y: f64, u_inf: f64, r: f64, (c_ex, ex): (f64, f64), (c_in, inh): (f64, f64)) -> f64 {
    u_inf + (r * y + c_ex * ex + c_in * inh)
}

/// Whether a sum of modes may be at least `gap`. A hair of slack makes up for the other order of
/// additions: whoever is found is looked at again.
#[inline(always)]
fn is_over(y: &[f64], ex: &[f64], inh: &[f64], (r, c_ex, c_in): (f64, f64, f64), gap: f64) -> bool {
    let n = y.len();
    let (ex, inh) = (&ex[..n], &inh[..n]);
    let gap = gap - 1e-9 * gap.abs();
    let mut over = false;
    for i in 0..n {
        over |= r * y[i] + c_ex * ex[i] + c_in * inh[i] >= gap;
    }
    over
}
