//! The faults of a projection: its ends, its rows, its weights, its delays, its plasticity.

use rayon::prelude::*;

use super::{Fault, ltc};
use crate::{Delays, Model, Network, Plasticity, Population, PopulationId, Projection, Weights};

/// Finds all faults of a projection.
pub(super) fn check(network: &Network, projection: &Projection, faults: &mut Vec<Fault>) {
    let Projection { name, source, target, receptor: _, synapses, plasticity } = projection;
    let n = network.populations.len();
    let mut population = |end, id: PopulationId| {
        let population = network.populations.get(id.idx());
        if population.is_none() {
            faults.push(Fault::DanglingPopulation { projection: name.clone(), end, idx: id.0, n });
        }
        population
    };
    let (source, target) = (population("source", *source), population("target", *target));
    let n_synapses = synapses.len();
    let mut length = |what, len: Option<usize>| {
        if let Some(len) = len
            && len != n_synapses
        {
            faults.push(Fault::SynapseLength { projection: name.clone(), what, len, n_synapses });
        }
    };
    length("weights", synapses.weight.stored());
    length("delays", synapses.delay.stored());
    if let Some(source) = source {
        check_rows(projection, source, faults);
    }
    if let Some(target) = target {
        if target.model.is_source() {
            let (projection, population) = (name.clone(), target.name.clone());
            faults.push(Fault::TargetIsSource { projection, population });
        } else {
            let (size, end) = match target.model.as_ltc() {
                Some(_) => (target.n_ends(), "input"),
                None => (target.size, "node"),
            };
            let dangling = first_and_others(&synapses.target, |node| *node >= size);
            faults.extend(dangling.map(|(synapse, others)| Fault::DanglingTarget {
                projection: name.clone(),
                synapse,
                end,
                target: synapses.target[synapse],
                population: target.name.clone(),
                size,
                others,
            }));
        }
    }
    let bad_weight = match &synapses.weight {
        Weights::Shared(weight) => first_and_others(&[*weight], |weight| !weight.is_finite()),
        Weights::F32(weights) => first_and_others(weights, |weight| !weight.is_finite()),
        Weights::F64(weights) => first_and_others(weights, |weight| !weight.is_finite()),
    };
    faults.extend(bad_weight.map(|(synapse, others)| Fault::Weight {
        projection: name.clone(),
        synapse,
        weight: synapses.weight.get(synapse),
        others,
    }));
    ltc::check_ends(projection, source, target, faults);
    let is_current = source.is_some_and(|source| matches!(source.model, Model::CurrentSource(_)));
    check_delays(projection, is_current, faults);
    if let Some(plasticity) = plasticity {
        check_plasticity(projection, plasticity, source, faults);
    }
}

fn check_plasticity(
    projection: &Projection,
    plasticity: &Plasticity,
    source: Option<&Population>,
    faults: &mut Vec<Fault>,
) {
    let name = || projection.name.clone();
    let of_rule = plasticity.faults().into_iter();
    faults.extend(of_rule.map(|(parameter, value, must)| Fault::PlasticityParam {
        projection: name(),
        parameter,
        value,
        must,
    }));
    let is_current = |source: &&Population| matches!(source.model, Model::CurrentSource(_));
    if let Some(source) = source.filter(is_current) {
        faults.push(Fault::PlasticCurrent { projection: name(), population: source.name.clone() });
    }
    let Some(w_max) = plasticity.w_max().filter(|w_max| w_max.is_finite() && *w_max != 0.0) else { return };
    // A weight that is not finite is told elsewhere.
    let outside =
        |weight: f64, w_max: f64| !(w_max.min(0.0)..=w_max.max(0.0)).contains(&weight) && weight.is_finite();
    // The nearest single-precision number to w_max may be above it.
    let w_max_32 = f64::from(w_max as f32);
    let bad_weight = match &projection.synapses.weight {
        Weights::Shared(weight) => first_and_others(&[*weight], |weight| outside(*weight, w_max)),
        Weights::F32(weights) => first_and_others(weights, |weight| outside(f64::from(*weight), w_max_32)),
        Weights::F64(weights) => first_and_others(weights, |weight| outside(*weight, w_max)),
    };
    faults.extend(bad_weight.map(|(synapse, others)| Fault::PlasticWeight {
        projection: name(),
        synapse,
        weight: projection.synapses.weight.get(synapse),
        w_max,
        others,
    }));
}

fn check_rows(projection: &Projection, source: &Population, faults: &mut Vec<Fault>) {
    let rows = &projection.synapses.row_start;
    let n_synapses = projection.synapses.len();
    let problem = if rows.len() != source.size as usize + 1 {
        let size = source.size;
        format!("{} row starts for {size} sources: give one a source and the end of the last row", rows.len())
    } else if rows[0] != 0 {
        format!("the first row starts at {} and must start at 0", rows[0])
    } else if rows[rows.len() - 1] != n_synapses as u64 {
        format!("the last row ends at {} and there are {n_synapses} synapses", rows[rows.len() - 1])
    } else if let Some(row) = (1..rows.len()).find(|row| rows[*row] < rows[row - 1]) {
        format!(
            "row {row} starts at {} and the row before it at {}: row starts never fall",
            rows[row],
            rows[row - 1]
        )
    } else {
        return;
    };
    faults.push(Fault::Rows { projection: projection.name.clone(), problem });
}

fn check_delays(projection: &Projection, is_current: bool, faults: &mut Vec<Fault>) {
    let must = if is_current { "at least 0" } else { "above 0" };
    let allowed = move |delay: f64| delay.is_finite() && (delay > 0.0 || (is_current && delay == 0.0));
    let bad = match &projection.synapses.delay {
        Delays::Shared(delay) => first_and_others(&[*delay], |delay| !allowed(*delay)),
        Delays::Ticks { tick, n } => first_and_others(n, |n| !allowed(f64::from(*n) * tick)),
        Delays::F64(delays) => first_and_others(delays, |delay| !allowed(*delay)),
    };
    faults.extend(bad.map(|(synapse, others)| Fault::Delay {
        projection: projection.name.clone(),
        synapse,
        delay: projection.synapses.delay.get(synapse),
        must,
        others,
    }));
}

/// The first element that is bad, and how many more are.
fn first_and_others<T: Sync>(values: &[T], bad: impl Fn(&T) -> bool + Sync) -> Option<(usize, usize)> {
    const CHUNK: usize = 1 << 16;
    let count = |chunk: &[T]| chunk.iter().filter(|value| bad(value)).count();
    let n: usize = values.par_chunks(CHUNK).map(count).sum();
    if n == 0 {
        return None;
    }
    values.iter().position(bad).map(|first| (first, n - 1))
}
