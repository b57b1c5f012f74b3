//! The state of one population's neurons in a shard, and its update by one step.
//!
//! State is struct-of-arrays. A step is one pass without branches, which the compiler turns into vector
//! instructions (`pulp` chooses AVX-512, AVX2 or the baseline when the program starts; none of them
//! fuses a multiplication with an addition, so all give the same bits), and a second look at the few
//! blocks in which somebody fired.

use std::ops::Range;

use pulp::Arch;
use rheobase_lif::Port;
use rheobase_lif::alpha::AlphaStep;
use rheobase_lif::delta::DeltaStep;
use rheobase_lif::exp::ExpStep;

use crate::job::{Job, PerNeuron};
use crate::plan::Part;
use crate::supported::Shape;

/// Neurons that are updated before anybody looks whether one of them fired.
const BLOCK: usize = 128;

/// The neurons of a part.
pub(crate) struct PartState {
    arch: Arch,
    size: usize,
    first_node: u32,
    first_lane: usize,
    /// Potential relative to rest \[mV\].
    u: Vec<f64>,
    /// The last step in which the neuron is refractory.
    held_until: Vec<u32>,
    neuron: PerNeuron<Neuron>,
    /// Potential that the constant current adds in a step \[mV\].
    drive: PerNeuron<f64>,
    currents: Currents,
    injected: Option<Injected>,
}

/// What every model has.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Neuron {
    v_rest: f64,
    p20: f64,
    i_bias: f64,
    theta: f64,
    reset: f64,
    ref_steps: u32,
}

/// The synaptic currents \[pA\] and their propagators.
enum Currents {
    Delta { step: PerNeuron<DeltaStep> },
    Exp { step: PerNeuron<ExpStep>, i_ex: Vec<f64>, i_in: Vec<f64> },
    Alpha { step: PerNeuron<AlphaStep>, ex: Rising, inh: Rising },
}

/// A current \[pA\] and its rise \[pA/ms\].
struct Rising {
    i: Vec<f64>,
    d: Vec<f64>,
}

/// What each link injects into each neuron \[pA\].
struct Injected {
    /// Link, currents.
    of_link: Vec<(u32, Vec<f64>)>,
}

impl PartState {
    /// The neurons of a part at the start of a run; their input lanes start at `first_lane` of a slot.
    pub fn new(job: &Job<'_>, part: &Part, first_lane: usize) -> Self {
        let dt = job.dt;
        let size = part.size as usize;
        let neuron = PerNeuron::of_part(job, part, |lif, i| {
            let membrane = lif.membrane(i);
            let DeltaStep { p22: _, p20, theta, reset } = DeltaStep::new(&membrane, dt);
            let ref_steps = (membrane.t_ref / dt).round() as u32;
            Neuron { v_rest: membrane.v_rest, p20, i_bias: membrane.i_bias, theta, reset, ref_steps }
        });
        let drive = match &neuron {
            PerNeuron::Shared(neuron) => PerNeuron::Shared(neuron.p20 * neuron.i_bias),
            PerNeuron::Each(neurons) => {
                PerNeuron::Each(neurons.iter().map(|neuron| neuron.p20 * neuron.i_bias).collect())
            }
        };
        let zeros = || vec![0.0; size];
        let currents = match part.synapse {
            Shape::Delta => Currents::Delta {
                step: PerNeuron::of_part(job, part, |lif, i| DeltaStep::new(&lif.membrane(i), dt)),
            },
            Shape::Exp => Currents::Exp {
                step: PerNeuron::of_part(job, part, |lif, i| {
                    ExpStep::new(&lif.membrane(i), lif.tau_syn_ex.get(i), lif.tau_syn_in.get(i), dt)
                }),
                i_ex: zeros(),
                i_in: zeros(),
            },
            Shape::Alpha => Currents::Alpha {
                step: PerNeuron::of_part(job, part, |lif, i| {
                    AlphaStep::new(&lif.membrane(i), lif.tau_syn_ex.get(i), lif.tau_syn_in.get(i), dt)
                }),
                ex: Rising { i: zeros(), d: zeros() },
                inh: Rising { i: zeros(), d: zeros() },
            },
        };
        let v_init = job.v_init(part).into_iter().enumerate();
        Self {
            arch: Arch::new(),
            size,
            first_node: part.first_node,
            first_lane,
            u: v_init.map(|(i, v)| v - neuron.get(i).v_rest).collect(),
            held_until: vec![0; size],
            neuron,
            drive,
            currents,
            injected: None,
        }
    }

    /// How many input lanes the part has in every slot.
    pub fn n_lanes(&self) -> usize {
        match self.currents {
            Currents::Delta { .. } => self.size,
            Currents::Exp { .. } | Currents::Alpha { .. } => 2 * self.size,
        }
    }

    /// The lanes of a slot that feed a port.
    #[inline]
    pub fn lanes(&self, port: Port) -> Range<usize> {
        let first = match (&self.currents, port) {
            (Currents::Delta { .. }, _) | (_, Port::Excitatory) => self.first_lane,
            (_, Port::Inhibitory) => self.first_lane + self.size,
        };
        first..first + self.size
    }

    /// The potential of a neuron \[mV\].
    pub fn v(&self, i: usize) -> f64 {
        self.u[i] + self.neuron.get(i).v_rest
    }

    /// The values of a link's channels change.
    pub fn inject(&mut self, link: u32, synapses: &[(u32, u32, f64)], values: &[f64]) {
        let size = self.size;
        let injected = self.injected.get_or_insert_with(|| Injected { of_link: Vec::new() });
        let place = match injected.of_link.iter().position(|(known, _)| *known == link) {
            Some(place) => place,
            None => {
                let place = injected.of_link.partition_point(|(known, _)| *known < link);
                injected.of_link.insert(place, (link, vec![0.0; size]));
                place
            }
        };
        let currents = &mut injected.of_link[place].1;
        currents.fill(0.0);
        for (channel, target, weight) in synapses {
            currents[*target as usize] += weight * values[*channel as usize];
        }
        let total = |i: usize| {
            let Neuron { p20, i_bias, .. } = self.neuron.get(i);
            p20 * injected.of_link.iter().fold(i_bias, |sum, (_, currents)| sum + currents[i])
        };
        self.drive = PerNeuron::Each((0..size).map(total).collect());
    }

    /// Takes the step number `now`: `slot` holds what arrives at its end, and is cleared.
    pub fn step(&mut self, now: u32, slot: &mut [f64], fired: &mut Vec<(u32, u32)>) {
        let Self { arch, size, first_node, first_lane, u, held_until, neuron, drive, currents, .. } = self;
        let size = *size;
        let lanes = &mut slot[*first_lane..];
        for start in (0..size).step_by(BLOCK) {
            let block = start..(start + BLOCK).min(size);
            let membranes =
                Membranes { u: &mut u[block.clone()], held_until: &held_until[block.clone()], now };
            let over = match currents {
                Currents::Delta { step } => {
                    let jumps = &mut lanes[block.clone()];
                    with_parameters(*arch, step, drive, start, DeltaUpdate { membranes, jumps })
                }
                Currents::Exp { step, i_ex, i_in } => {
                    let (ex, inh) = lanes.split_at_mut(size);
                    let (w_ex, w_in) = (&mut ex[block.clone()], &mut inh[block.clone()]);
                    let (i_ex, i_in) = (&mut i_ex[block.clone()], &mut i_in[block.clone()]);
                    with_parameters(
                        *arch,
                        step,
                        drive,
                        start,
                        ExpUpdate { membranes, i_ex, i_in, w_ex, w_in },
                    )
                }
                Currents::Alpha { step, ex, inh } => {
                    let (w_ex, w_in) = lanes.split_at_mut(size);
                    let ex = RisingBlock::new(ex, w_ex, block.clone());
                    let inh = RisingBlock::new(inh, w_in, block.clone());
                    with_parameters(*arch, step, drive, start, AlphaUpdate { membranes, ex, inh })
                }
            };
            if !over {
                continue;
            }
            for i in block {
                let Neuron { theta, reset, ref_steps, .. } = neuron.get(i);
                if u[i] >= theta {
                    fired.push((now, *first_node + i as u32));
                    u[i] = reset;
                    held_until[i] = now + ref_steps;
                }
            }
        }
    }
}

/// The membranes of a block.
struct Membranes<'a> {
    u: &'a mut [f64],
    held_until: &'a [u32],
    now: u32,
}

/// The update of a block by one step, for parameters looked up in whatever way.
trait Update<P> {
    /// Updates the block and says whether a potential is at or over its threshold.
    fn update(self, parameters: impl Fn(usize) -> P, drive: impl Fn(usize) -> f64) -> bool;
}

/// Compiles an update for shared parameters, the case that vectorizes, and for the others.
fn with_parameters<P: Copy>(
    arch: Arch,
    parameters: &PerNeuron<P>,
    drive: &PerNeuron<f64>,
    start: usize,
    update: impl Update<P>,
) -> bool {
    match (parameters, drive) {
        (PerNeuron::Shared(p), PerNeuron::Shared(drive)) => {
            let (p, drive) = (*p, *drive);
            arch.dispatch(|| update.update(|_| p, |_| drive))
        }
        (PerNeuron::Shared(p), PerNeuron::Each(drives)) => {
            let (p, drives) = (*p, &drives[start..]);
            arch.dispatch(|| update.update(|_| p, |i| drives[i]))
        }
        (PerNeuron::Each(_), _) => {
            arch.dispatch(|| update.update(|i| parameters.get(start + i), |i| drive.get(start + i)))
        }
    }
}

struct DeltaUpdate<'a> {
    membranes: Membranes<'a>,
    jumps: &'a mut [f64],
}

impl Update<DeltaStep> for DeltaUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> DeltaStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { membranes: Membranes { u, held_until, now }, jumps } = self;
        let n = u.len();
        let (held_until, jumps) = (&held_until[..n], &mut jumps[..n]);
        let mut over = false;
        for i in 0..n {
            let p = parameters(i);
            let free = p.step(u[i], drive(i), jumps[i]);
            u[i] = if held_until[i] < now { free } else { u[i] };
            jumps[i] = 0.0;
            over |= u[i] >= p.theta;
        }
        over
    }
}

struct ExpUpdate<'a> {
    membranes: Membranes<'a>,
    i_ex: &'a mut [f64],
    i_in: &'a mut [f64],
    w_ex: &'a mut [f64],
    w_in: &'a mut [f64],
}

impl Update<ExpStep> for ExpUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> ExpStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { membranes: Membranes { u, held_until, now }, i_ex, i_in, w_ex, w_in } = self;
        let n = u.len();
        let (held_until, i_ex, i_in) = (&held_until[..n], &mut i_ex[..n], &mut i_in[..n]);
        let (w_ex, w_in) = (&mut w_ex[..n], &mut w_in[..n]);
        let mut over = false;
        for i in 0..n {
            let p = parameters(i);
            let free = p.step(u[i], drive(i), i_ex[i], i_in[i]);
            u[i] = if held_until[i] < now { free } else { u[i] };
            i_ex[i] = p.p11_ex * i_ex[i] + w_ex[i];
            i_in[i] = p.p11_in * i_in[i] + w_in[i];
            w_ex[i] = 0.0;
            w_in[i] = 0.0;
            over |= u[i] >= p.theta;
        }
        over
    }
}

struct AlphaUpdate<'a> {
    membranes: Membranes<'a>,
    ex: RisingBlock<'a>,
    inh: RisingBlock<'a>,
}

/// A block of currents with the weights that arrive.
struct RisingBlock<'a> {
    i: &'a mut [f64],
    d: &'a mut [f64],
    w: &'a mut [f64],
}

impl<'a> RisingBlock<'a> {
    fn new(rising: &'a mut Rising, weights: &'a mut [f64], block: Range<usize>) -> Self {
        let Rising { i, d } = rising;
        Self { i: &mut i[block.clone()], d: &mut d[block.clone()], w: &mut weights[block] }
    }
}

impl Update<AlphaStep> for AlphaUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> AlphaStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { membranes: Membranes { u, held_until, now }, ex, inh } = self;
        let mut over = false;
        for i in 0..u.len() {
            let p = parameters(i);
            let (current_ex, current_in) = ((ex.i[i], ex.d[i]), (inh.i[i], inh.d[i]));
            let free = p.step(u[i], drive(i), current_ex, current_in);
            u[i] = if held_until[i] < now { free } else { u[i] };
            (ex.i[i], ex.d[i]) = p.ex.step(current_ex, ex.w[i]);
            (inh.i[i], inh.d[i]) = p.inh.step(current_in, inh.w[i]);
            ex.w[i] = 0.0;
            inh.w[i] = 0.0;
            over |= u[i] >= p.theta;
        }
        over
    }
}
