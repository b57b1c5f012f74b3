//! The neurons of a class, whatever their model, and how they start.

use rheobase_lif::adapt::Adaptive;
use rheobase_lif::alpha::{AlphaFlow, AlphaState};
use rheobase_lif::cond::CondFlow;
use rheobase_lif::delta::DeltaFlow;
use rheobase_lif::exp::ExpFlow;
use rheobase_lif::izhikevich::IzhikevichFlow;
use rheobase_lif::{Flow, FromMembrane, MovableThreshold, Port};
use rheobase_net::LifPopulation;

use super::cells::{Cell, Cells};
use crate::job::{Job, PerNeuron};
use crate::plan::{Form, Part, Reception};

/// The neurons of a class, by model.
pub(super) enum AnyCells {
    Delta(Cells<DeltaFlow>),
    Exp(Cells<ExpFlow>),
    Alpha(Cells<AlphaFlow>),
    Cond(Cells<CondFlow>),
    AdaptiveDelta(Cells<Adaptive<DeltaFlow>>),
    AdaptiveExp(Cells<Adaptive<ExpFlow>>),
    AdaptiveAlpha(Cells<Adaptive<AlphaFlow>>),
    AdaptiveCond(Cells<Adaptive<CondFlow>>),
    Izhikevich(Cells<IzhikevichFlow>),
}

/// Runs `$body` with the cells of whichever model.
macro_rules! with_cells {
    ($any:expr, $cells:ident => $body:expr) => {
        match $any {
            AnyCells::Delta($cells) => $body,
            AnyCells::Exp($cells) => $body,
            AnyCells::Alpha($cells) => $body,
            AnyCells::Cond($cells) => $body,
            AnyCells::AdaptiveDelta($cells) => $body,
            AnyCells::AdaptiveExp($cells) => $body,
            AnyCells::AdaptiveAlpha($cells) => $body,
            AnyCells::AdaptiveCond($cells) => $body,
            AnyCells::Izhikevich($cells) => $body,
        }
    };
}

pub(super) use with_cells;

/// The neurons of a class at time 0.
pub(super) fn any_cells(job: &Job<'_>, parts: &[Part], class: u16, reception: &Reception) -> AnyCells {
    match (reception.form, reception.adapts) {
        (Form::Delta, false) => AnyCells::Delta(lif_cells(job, parts, class, |_: &DeltaFlow, _, _, _| {})),
        (Form::Delta, true) => {
            AnyCells::AdaptiveDelta(adaptive_cells(job, parts, class, |_: &DeltaFlow, _, _, _| {}))
        }
        (Form::Exp, false) => AnyCells::Exp(lif_cells(job, parts, class, charge)),
        (Form::Exp, true) => AnyCells::AdaptiveExp(adaptive_cells(job, parts, class, charge)),
        (Form::Alpha, false) => AnyCells::Alpha(lif_cells(job, parts, class, charge_alpha)),
        (Form::Alpha, true) => AnyCells::AdaptiveAlpha(adaptive_cells(job, parts, class, charge_alpha)),
        (Form::Conductance, false) => AnyCells::Cond(lif_cells(job, parts, class, charge)),
        (Form::Conductance, true) => AnyCells::AdaptiveCond(adaptive_cells(job, parts, class, charge)),
        (Form::Izhikevich, _) => AnyCells::Izhikevich(izhikevich_cells(job, parts, class)),
    }
}

/// Lets a current or a conductance start where it is after a spike.
fn charge<F: Flow>(flow: &F, state: &mut F::State, ex: f64, inh: f64) {
    flow.receive(state, Port::Excitatory, ex);
    flow.receive(state, Port::Inhibitory, inh);
}

/// Lets alpha currents fall from where they start.
fn charge_alpha(_: &AlphaFlow, state: &mut AlphaState, ex: f64, inh: f64) {
    (state.ex.0, state.inh.0) = (ex, inh);
}

fn lif_cells<F: FromMembrane + PartialEq>(
    job: &Job<'_>,
    parts: &[Part],
    class: u16,
    charge: impl Fn(&F, &mut F::State, f64, f64),
) -> Cells<F> {
    let of_neuron = |lif: &LifPopulation, i| F::from_membrane(&lif.membrane(i), &lif.synaptic_current(i));
    let flow = PerNeuron::of_parts(job, parts, of_neuron);
    let t_ref = PerNeuron::of_parts(job, parts, |lif, i| lif.t_ref.get(i));
    new_cells(job, parts, class, flow, t_ref, charge)
}

fn adaptive_cells<F: FromMembrane + MovableThreshold + PartialEq>(
    job: &Job<'_>,
    parts: &[Part],
    class: u16,
    charge: impl Fn(&F, &mut F::State, f64, f64),
) -> Cells<Adaptive<F>> {
    let inner = |lif: &LifPopulation, i| F::from_membrane(&lif.membrane(i), &lif.synaptic_current(i));
    let of_neuron = |lif: &LifPopulation, i| Adaptive::around(inner(lif, i), &lif.adaptation(i));
    let flow = PerNeuron::of_parts(job, parts, of_neuron);
    let t_ref = PerNeuron::of_parts(job, parts, |lif, i| lif.t_ref.get(i));
    new_cells(job, parts, class, flow, t_ref, |flow, state, ex, inh| {
        charge(flow.inner(), &mut state.state, ex, inh);
    })
}

fn izhikevich_cells(job: &Job<'_>, parts: &[Part], class: u16) -> Cells<IzhikevichFlow> {
    let neurons = |part: &Part| {
        let population = job.izhikevich(part);
        (part.first as usize..(part.first + part.size) as usize).map(move |i| (population, i))
    };
    let flows =
        parts.iter().flat_map(neurons).map(|(population, i)| IzhikevichFlow::new(&population.neuron(i)));
    let flow = PerNeuron::Each(flows.collect());
    let mut cells = new_cells(job, parts, class, flow, PerNeuron::Shared(0.0), |_, _, _, _| {});
    let recovery = parts.iter().flat_map(neurons).map(|(population, i)| population.u_init.get(i));
    cells.cells.iter_mut().zip(recovery).for_each(|(cell, u)| cell.state.u = u);
    cells
}

/// The neurons of a class; `charge` puts their synaptic currents to where they start.
fn new_cells<F: Flow>(
    job: &Job<'_>,
    parts: &[Part],
    class: u16,
    flow: PerNeuron<F>,
    t_ref: PerNeuron<f64>,
    charge: impl Fn(&F, &mut F::State, f64, f64),
) -> Cells<F> {
    let mut cells = Vec::new();
    for part in parts {
        let (ex, inh) = job.syn_init(part);
        for ((v, ex), inh) in job.v_init(part).into_iter().zip(ex).zip(inh) {
            let flow: F = flow.get(cells.len());
            let mut state = flow.state(v);
            charge(&flow, &mut state, ex, inh);
            cells.push(Cell { state, t: 0.0, held_until: f64::NEG_INFINITY, due: f64::INFINITY });
        }
    }
    let nodes = parts.iter().flat_map(|part| part.first_node..part.first_node + part.size).collect();
    Cells { class, nodes, cells, t_ref, flow, updates: 0 }
}
