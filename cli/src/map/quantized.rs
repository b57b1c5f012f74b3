//! What the chip's whole numbers cost, in tables.

use rheobase_mapping::quantize::{PopulationReport, ProjectionReport, QuantizeReport, RateChange, SignMode};

use crate::output::{count, short, table};

/// The tables that people read.
pub fn to_text(report: &QuantizeReport) -> String {
    let QuantizeReport { dt, weight_bits, configs, populations, projections } = report;
    let populations = populations.iter().map(population);
    let projections = projections.iter().map(projection);
    let title = format!(
        "in whole numbers, {weight_bits}-bit weights, steps of {} ms, {} neuron configuration{}; largest errors by \
         population",
        short(*dt),
        count(u64::from(*configs)),
        if *configs == 1 { "" } else { "s" }
    );
    let of_populations = [
        "name",
        "configs",
        "threshold",
        "its error",
        "membrane decay",
        "current decay",
        "bias",
        "t_ref (ms)",
        "current filled",
        "rate (Hz, predicted)",
    ];
    let of_projections = [
        "name",
        "synapses",
        "signs",
        "exponent",
        "saturated",
        "to zero",
        "weight error",
        "membrane error",
        "delays rounded",
        "largest (ms)",
    ];
    format!(
        "{}\n\n{}\n  errors are root mean squares, weighted by spikes; membrane: of what a spike does to the potential",
        table(&title, &of_populations, populations),
        table("by projection", &of_projections, projections)
    )
}

fn population(report: &PopulationReport) -> Vec<String> {
    let PopulationReport {
        population,
        neurons: _,
        configs,
        threshold: [low, high],
        threshold_error,
        membrane_decay_error,
        current_decay_error,
        tau_syn_merged,
        bias_error,
        t_ref_error,
        current_filled,
        rate,
    } = report;
    let threshold = if low == high { count(u64::from(*low)) } else { format!("{low} to {high}") };
    let rate = match rate {
        Some(RateChange { before, after, mean_change: _ }) => {
            format!("{} to {}", short(*before), short(*after))
        }
        None => "–".to_owned(),
    };
    let merged = if *tau_syn_merged { ", merged" } else { "" };
    vec![
        population.clone(),
        count(u64::from(*configs)),
        threshold,
        percent(*threshold_error),
        percent(*membrane_decay_error),
        format!("{}{merged}", percent(*current_decay_error)),
        percent(*bias_error),
        short(*t_ref_error),
        percent(*current_filled),
        rate,
    ]
}

fn projection(report: &ProjectionReport) -> Vec<String> {
    let ProjectionReport {
        projection,
        synapses,
        sign,
        weight_exp,
        saturated,
        to_zero,
        weight_error,
        membrane_error,
        delay_bits: _,
        delays_rounded,
        delay_error,
    } = report;
    let sign = match sign {
        SignMode::Excitatory => "+",
        SignMode::Inhibitory => "−",
        SignMode::Mixed => "±",
    };
    vec![
        projection.clone(),
        count(*synapses),
        sign.to_owned(),
        weight_exp.to_string(),
        count(*saturated),
        count(*to_zero),
        percent(*weight_error),
        percent(*membrane_error),
        count(*delays_rounded),
        short(*delay_error),
    ]
}

fn percent(share: f64) -> String {
    format!("{} %", short((share * 1e5).round() / 1e3))
}
