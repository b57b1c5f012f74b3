//! Propagators: every neuron of a part goes on by one step.

use std::ops::Range;

use pulp::Arch;
use rheobase_lif::alpha::AlphaStep;
use rheobase_lif::cond::CondStep;
use rheobase_lif::delta::DeltaStep;
use rheobase_lif::exp::ExpStep;
use rheobase_lif::izhikevich::{IzhikevichMethod, IzhikevichStep};

use super::lanes::{BLOCK, Lanes};
use super::part::Neuron;
use crate::job::{Job, PerNeuron};
use crate::plan::{Form, Part};

/// The propagators of a part.
pub(super) enum Plain {
    Delta(PerNeuron<DeltaStep>),
    /// Currents in one port: both time constants are the same.
    ExpSum(PerNeuron<ExpStep>),
    Exp(PerNeuron<ExpStep>),
    /// The ports are conductances \[nS\].
    Cond(PerNeuron<CondStep>),
    /// The lanes hold the potential itself; recovery is here.
    Izhikevich {
        step: PerNeuron<IzhikevichStep>,
        method: IzhikevichMethod,
        recovery: Vec<f64>,
    },
    /// The lanes hold the rises of the currents, in units of weight; the currents \[pA\] are here.
    Alpha {
        step: PerNeuron<AlphaStep>,
        i_ex: Vec<f64>,
        i_in: Vec<f64>,
    },
}

impl Plain {
    /// The propagators of a part, with no synaptic current.
    pub fn new(job: &Job<'_>, part: &Part) -> Self {
        let dt = job.dt;
        match job.reception(part).form {
            Form::Delta => {
                Self::Delta(PerNeuron::of_part(job, part, |lif, i| DeltaStep::new(&lif.membrane(i), dt)))
            }
            Form::Exp => {
                let step = PerNeuron::of_part(job, part, |lif, i| {
                    ExpStep::new(&lif.membrane(i), lif.tau_syn_ex.get(i), lif.tau_syn_in.get(i), dt)
                });
                if job.reception(part).has_one_port() { Self::ExpSum(step) } else { Self::Exp(step) }
            }
            Form::Alpha => {
                let step = PerNeuron::of_part(job, part, |lif, i| {
                    AlphaStep::new(&lif.membrane(i), lif.tau_syn_ex.get(i), lif.tau_syn_in.get(i), dt)
                });
                let (i_ex, i_in) = job.syn_init(part);
                Self::Alpha { step, i_ex, i_in }
            }
            Form::Conductance => Self::Cond(PerNeuron::of_part(job, part, |lif, i| {
                CondStep::new(&lif.membrane(i), &lif.synaptic_current(i), dt)
            })),
            Form::Izhikevich => {
                let population = job.izhikevich(part);
                let first = part.first as usize;
                let recovery = (first..first + part.size as usize).map(|i| population.u_init.get(i));
                Self::Izhikevich {
                    step: PerNeuron::of_neurons(part, |i| IzhikevichStep::new(&population.neuron(i), dt)),
                    method: population.method,
                    recovery: recovery.collect(),
                }
            }
        }
    }

    /// What starts in the lanes of the ports, if they are not the rises of alpha currents.
    pub fn starts_in_ports(&self) -> bool {
        !matches!(self, Self::Delta(_) | Self::Alpha { .. } | Self::Izhikevich { .. })
    }

    /// What a constant current is multiplied by: the propagators take what it adds in a step, those of
    /// conductances where it would settle.
    pub fn drive(&self, neuron: &Neuron) -> f64 {
        match self {
            Self::Delta(_) | Self::ExpSum(_) | Self::Exp(_) | Self::Alpha { .. } => neuron.p20,
            Self::Cond(_) => neuron.resistance,
            Self::Izhikevich { .. } => 1.0,
        }
    }

    /// Whether what arrives is added to the potential itself.
    pub fn adds_to_potential(&self) -> bool {
        matches!(self, Self::Delta(_) | Self::Izhikevich { .. })
    }

    /// What a spike changes beside the potential.
    pub fn spike(&mut self, i: usize) {
        if let Self::Izhikevich { step, recovery, .. } = self {
            recovery[i] += step.get(i).params.d;
        }
    }

    /// Some neurons of the part, whole blocks of them, take a step. `over` is told the blocks in which a
    /// potential is at its threshold, unless arrivals still change it.
    pub fn propagate(
        &mut self,
        arch: Arch,
        part: &Part,
        neurons: Range<usize>,
        drive: &PerNeuron<f64>,
        lanes: &mut Lanes,
        over: &mut [bool],
    ) {
        let Lanes { u, ports: [ex, inh], touched: _ } = lanes;
        let of_part = part.lanes_of(&neurons);
        let u = &mut u[of_part.clone()];
        let first = neurons.start;
        let blocks = u.chunks_mut(BLOCK).zip(&mut over[first / BLOCK..]);
        match self {
            Self::Delta(step) => {
                for (k, (u, _)) in blocks.enumerate() {
                    with_parameters(arch, step, drive, first + k * BLOCK, DeltaUpdate { u });
                }
            }
            Self::ExpSum(step) => {
                let sums = ex[of_part].chunks_mut(BLOCK);
                for (k, ((u, over), i)) in blocks.zip(sums).enumerate() {
                    *over = with_parameters(arch, step, drive, first + k * BLOCK, ExpSumUpdate { u, i });
                }
            }
            Self::Exp(step) => {
                let sums = ex[of_part.clone()].chunks_mut(BLOCK).zip(inh[of_part].chunks_mut(BLOCK));
                for (k, ((u, over), (i_ex, i_in))) in blocks.zip(sums).enumerate() {
                    *over =
                        with_parameters(arch, step, drive, first + k * BLOCK, ExpUpdate { u, i_ex, i_in });
                }
            }
            Self::Izhikevich { step, method, recovery } => {
                for (k, ((v, _), recovery)) in blocks.zip(recovery[neurons].chunks_mut(BLOCK)).enumerate() {
                    let update = IzhikevichUpdate { v, recovery, method: *method };
                    with_parameters(arch, step, drive, first + k * BLOCK, update);
                }
            }
            Self::Cond(step) => {
                let conductances = ex[of_part.clone()].chunks_mut(BLOCK).zip(inh[of_part].chunks_mut(BLOCK));
                for (k, ((u, over), (g_ex, g_in))) in blocks.zip(conductances).enumerate() {
                    *over =
                        with_parameters(arch, step, drive, first + k * BLOCK, CondUpdate { u, g_ex, g_in });
                }
            }
            Self::Alpha { step, i_ex, i_in } => {
                let rises = ex[of_part.clone()].chunks_mut(BLOCK).zip(inh[of_part].chunks_mut(BLOCK));
                let currents = i_ex[neurons.clone()].chunks_mut(BLOCK).zip(i_in[neurons].chunks_mut(BLOCK));
                for (k, (((u, over), (d_ex, d_in)), (i_ex, i_in))) in
                    blocks.zip(rises).zip(currents).enumerate()
                {
                    let update = AlphaUpdate { u, i_ex, i_in, d_ex, d_in };
                    *over = with_parameters(arch, step, drive, first + k * BLOCK, update);
                }
            }
        }
    }
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
            arch.dispatch(
                #[inline(always)]
                || update.update(|_| p, |_| drive),
            )
        }
        (PerNeuron::Shared(p), PerNeuron::Each(drives)) => {
            let (p, drives) = (*p, &drives[start..]);
            arch.dispatch(
                #[inline(always)]
                || update.update(|_| p, |i| drives[i]),
            )
        }
        (PerNeuron::Each(_), _) => arch.dispatch(
            #[inline(always)]
            || update.update(|i| parameters.get(start + i), |i| drive.get(start + i)),
        ),
    }
}

struct DeltaUpdate<'a> {
    u: &'a mut [f64],
}

impl Update<DeltaStep> for DeltaUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> DeltaStep, drive: impl Fn(usize) -> f64) -> bool {
        for (i, u) in self.u.iter_mut().enumerate() {
            *u = parameters(i).step(*u, drive(i), 0.0);
        }
        false
    }
}

struct ExpSumUpdate<'a> {
    u: &'a mut [f64],
    i: &'a mut [f64],
}

impl Update<ExpStep> for ExpSumUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> ExpStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { u, i: sum } = self;
        let n = u.len();
        let sum = &mut sum[..n];
        let mut over = false;
        for i in 0..n {
            let p = parameters(i);
            u[i] = p.step(u[i], drive(i), sum[i], 0.0);
            sum[i] *= p.p11_ex;
            over |= u[i] >= p.theta;
        }
        over
    }
}

struct ExpUpdate<'a> {
    u: &'a mut [f64],
    i_ex: &'a mut [f64],
    i_in: &'a mut [f64],
}

impl Update<ExpStep> for ExpUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> ExpStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { u, i_ex, i_in } = self;
        let n = u.len();
        let (i_ex, i_in) = (&mut i_ex[..n], &mut i_in[..n]);
        let mut over = false;
        for i in 0..n {
            let p = parameters(i);
            u[i] = p.step(u[i], drive(i), i_ex[i], i_in[i]);
            i_ex[i] *= p.p11_ex;
            i_in[i] *= p.p11_in;
            over |= u[i] >= p.theta;
        }
        over
    }
}

struct IzhikevichUpdate<'a> {
    v: &'a mut [f64],
    recovery: &'a mut [f64],
    method: IzhikevichMethod,
}

impl Update<IzhikevichStep> for IzhikevichUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> IzhikevichStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { v, recovery, method } = self;
        let n = v.len();
        let recovery = &mut recovery[..n];
        match method {
            IzhikevichMethod::Euler => {
                for i in 0..n {
                    (v[i], recovery[i]) = parameters(i).euler((v[i], recovery[i]), drive(i), 0.0);
                }
            }
            IzhikevichMethod::RungeKutta4 => {
                for i in 0..n {
                    (v[i], recovery[i]) = parameters(i).runge_kutta_4((v[i], recovery[i]), drive(i), 0.0);
                }
            }
        }
        false
    }
}

struct CondUpdate<'a> {
    u: &'a mut [f64],
    g_ex: &'a mut [f64],
    g_in: &'a mut [f64],
}

impl Update<CondStep> for CondUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> CondStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { u, g_ex, g_in } = self;
        let n = u.len();
        let (g_ex, g_in) = (&mut g_ex[..n], &mut g_in[..n]);
        let mut all_relax_little = true;
        for i in 0..n {
            all_relax_little &= parameters(i).relaxes_little(g_ex[i], g_in[i]);
        }
        // The same bits twice, the first time with half the work.
        if all_relax_little {
            for i in 0..n {
                u[i] = parameters(i).small_step(u[i], drive(i), g_ex[i], g_in[i]);
            }
        } else {
            for i in 0..n {
                u[i] = parameters(i).step(u[i], drive(i), g_ex[i], g_in[i]);
            }
        }
        let mut over = false;
        for i in 0..n {
            let p = parameters(i);
            g_ex[i] *= p.ex.p11;
            g_in[i] *= p.inh.p11;
            over |= u[i] >= p.theta;
        }
        over
    }
}

struct AlphaUpdate<'a> {
    u: &'a mut [f64],
    i_ex: &'a mut [f64],
    i_in: &'a mut [f64],
    d_ex: &'a mut [f64],
    d_in: &'a mut [f64],
}

impl Update<AlphaStep> for AlphaUpdate<'_> {
    #[inline(always)]
    fn update(self, parameters: impl Fn(usize) -> AlphaStep, drive: impl Fn(usize) -> f64) -> bool {
        let Self { u, i_ex, i_in, d_ex, d_in } = self;
        let n = u.len();
        let (i_ex, i_in) = (&mut i_ex[..n], &mut i_in[..n]);
        let (d_ex, d_in) = (&mut d_ex[..n], &mut d_in[..n]);
        let mut over = false;
        for i in 0..n {
            let p = parameters(i);
            let ex = (i_ex[i], p.ex.rise * d_ex[i]);
            let inh = (i_in[i], p.inh.rise * d_in[i]);
            u[i] = p.step(u[i], drive(i), ex, inh);
            i_ex[i] = p.ex.step(ex, 0.0).0;
            i_in[i] = p.inh.step(inh, 0.0).0;
            d_ex[i] *= p.ex.p11;
            d_in[i] *= p.inh.p11;
            over |= u[i] >= p.theta;
        }
        over
    }
}
