//! The faults of a group with liquid time constants, and of the projections that begin or end at one.

use std::collections::HashSet;

use rheobase_lif::ParamFault;
use rheobase_ltc::cell::ltc::Constraint;

use super::Fault;
use super::population::{not_finite, not_positive};
use crate::{LiquidCell, LtcOutput, LtcPopulation, Param, Population, Projection};

/// The parameters that must not be below zero, unless they are kept above it by a softplus.
const AT_LEAST_ZERO: [&str; 4] = ["gleak", "cm", "w", "sensory_w"];

/// More unfolds in a step than this are asked for by mistake.
const MOST_UNFOLDS: usize = 1000;

/// Finds all faults of a group.
pub(super) fn check(population: &Population, ltc: &LtcPopulation, faults: &mut Vec<Fault>) {
    let LtcPopulation { cell, parameters, inputs, interval, time_scale, tau_trace, v_init, output } = ltc;
    let name = || population.name.clone();
    let mut shape = |what, len: usize, expected: usize| {
        if len != expected {
            faults.push(Fault::LtcShape { population: name(), what, len, expected });
        }
    };
    shape("units", population.size as usize, cell.n_units());
    shape("names of inputs", inputs.len(), cell.n_inputs());
    if let Param::PerNode(values) = tau_trace {
        shape("values of tau_trace", values.len(), cell.n_inputs());
    }
    if let Param::PerNode(values) = v_init {
        shape("values of v_init", values.len(), cell.n_units());
    }
    let mut seen = HashSet::new();
    for input in inputs {
        let problem = match input.as_str() {
            "" => "is empty",
            input if input.chars().any(char::is_control) => "has control characters",
            input if !seen.insert(input) => "is used twice",
            _ => continue,
        };
        faults.push(Fault::LtcInput { population: name(), input: input.clone(), problem });
    }
    let single = [not_positive("interval", *interval, "ms"), not_positive("time_scale", *time_scale, "1/ms")];
    let elapsed = interval * time_scale;
    let too_long =
        (interval.is_finite() && time_scale.is_finite() && !elapsed.is_finite()).then_some(ParamFault {
            name: "interval · time_scale",
            value: elapsed,
            unit: "of the cell's time",
            must: "finite",
        });
    let of_output = match output {
        LtcOutput::Current => None,
        LtcOutput::SigmaDelta { threshold } => not_positive("threshold", *threshold, "of output"),
        LtcOutput::Crossing { threshold } => not_finite("threshold", *threshold, "of output"),
        LtcOutput::Rate { hz_per_unit } => not_positive("hz_per_unit", *hz_per_unit, "Hz"),
    };
    let single = single.into_iter().chain([too_long, of_output]).flatten().map(|fault| (0, 0, fault));
    let traces = of_param(tau_trace, |tau| not_positive("tau_trace", tau, "ms"));
    let states = of_param(v_init, |v| not_finite("v_init", v, "of state"));
    faults.extend(single.chain(traces).chain(states).map(|(node, others, fault)| Fault::Param {
        population: name(),
        node,
        fault,
        others,
    }));
    check_parameters(population, cell, parameters, faults);
}

/// The first value that is wrong, and how many more are.
fn of_param(param: &Param, fault: impl Fn(f64) -> Option<ParamFault>) -> Option<(usize, usize, ParamFault)> {
    let values = match param {
        Param::Shared(value) => std::slice::from_ref(value),
        Param::PerNode(values) => values,
    };
    let mut found = values.iter().enumerate().filter_map(|(i, value)| Some((i, fault(*value)?)));
    let (node, first) = found.next()?;
    Some((node, found.count(), first))
}

fn check_parameters(population: &Population, cell: &LiquidCell, parameters: &[f64], faults: &mut Vec<Fault>) {
    let name = || population.name.clone();
    let is_clipped = match cell {
        LiquidCell::Ltc { wiring: _, config } => {
            if config.unfolds > MOST_UNFOLDS {
                let value = config.unfolds as f64;
                let fault = ParamFault { name: "unfolds", value, unit: "a step", must: "at most 1000" };
                return faults.push(Fault::Param { population: name(), node: 0, fault, others: 0 });
            }
            config.constraint == Constraint::Clipped
        }
        LiquidCell::Cfc { .. } | LiquidCell::WiredCfc { .. } => false,
    };
    let built = match cell.build() {
        Ok(built) => built,
        Err(fault) => return faults.push(Fault::LtcCell { population: name(), fault }),
    };
    let expected = built.layout().n_parameters();
    if parameters.len() != expected {
        let len = parameters.len();
        return faults.push(Fault::LtcShape { population: name(), what: "parameters", len, expected });
    }
    for block in built.layout().blocks() {
        let is_amount = is_clipped && AT_LEAST_ZERO.contains(&block.name.as_str());
        let is_bad = |value: &f64| !value.is_finite() || (is_amount && *value < 0.0);
        let of_block = &parameters[block.range.clone()];
        let Some(index) = of_block.iter().position(is_bad) else { continue };
        faults.push(Fault::LtcParameter {
            population: name(),
            parameter: block.name.clone(),
            index,
            value: of_block[index],
            must: if is_amount { "finite and at least 0" } else { "finite" },
            others: of_block.iter().filter(|value| is_bad(value)).count() - 1,
        });
    }
}

/// Finds what is wrong with a projection because a group is at one of its ends.
pub(super) fn check_ends(
    projection: &Projection,
    source: Option<&Population>,
    target: Option<&Population>,
    faults: &mut Vec<Fault>,
) {
    let mut groups = source.into_iter().chain(target).filter(|end| end.model.as_ltc().is_some());
    if projection.plasticity.is_some()
        && let Some(group) = groups.next()
    {
        let (projection, population) = (projection.name.clone(), group.name.clone());
        faults.push(Fault::PlasticGroup { projection, population });
    }
    let Some((population, ltc)) = source.and_then(|source| Some((source, source.model.as_ltc()?))) else {
        return;
    };
    let n_outputs = ltc.cell.n_outputs();
    let rows = projection.synapses.row_start.windows(2);
    let mut silent = rows.enumerate().skip(n_outputs).filter(|(_, row)| row[0] < row[1]);
    if let Some((unit, _)) = silent.next() {
        faults.push(Fault::NotAnOutput {
            projection: projection.name.clone(),
            unit,
            population: population.name.clone(),
            n_outputs,
            others: silent.count(),
        });
    }
}
