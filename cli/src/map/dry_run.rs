//! Will it fit, and if not, why not: answered before anything is mapped.

use rheobase_mapping::chip::{Budget, Chip};
use rheobase_mapping::fit::{CoreCount, Fit};
use rheobase_mapping::quantize::QuantizeReport;
use rheobase_net::ValidNetwork;
use serde::Serialize;

use super::chip_choice::assumptions;
use super::summary::listed;
use super::{Laid, quantized};
use crate::error::Failure;
use crate::options::Options;
use crate::output::{count, table};

/// What is known before the mapping.
#[derive(Debug, Serialize)]
struct Forecast {
    chip: String,
    title: String,
    neurons: u32,
    synapses: u64,
    cores_at_least: u32,
    /// If the wiring has no structure to use.
    cores_unstructured: u32,
    board_cores: Option<u32>,
    chip_cores: u32,
    budgets: Vec<BudgetForecast>,
    verdict: String,
    quantized: Option<QuantizeReport>,
    remarks: Vec<String>,
    assumptions: Vec<String>,
}

#[derive(Debug, Serialize)]
struct BudgetForecast {
    budget: String,
    limit: Option<u64>,
    cores_at_least: u32,
    cores_unstructured: Option<u32>,
}

/// Tells how many cores a network takes that fits.
///
/// # Errors
/// If standard output cannot be written.
pub fn tell(
    options: &Options,
    chip: &Chip,
    network: &ValidNetwork,
    laid: &Laid<'_>,
    fit: &Fit,
    with_report: bool,
) -> Result<(), Failure> {
    let cores = |counts: &[CoreCount], budget: Budget| {
        counts.iter().find(|count| count.budget == budget).map(|count| count.cores)
    };
    let budgets = fit.at_least.iter().map(|bound| BudgetForecast {
        budget: bound.budget.to_string(),
        limit: chip.limit(bound.budget),
        cores_at_least: bound.cores,
        cores_unstructured: cores(&fit.unstructured, bound.budget),
    });
    let forecast = Forecast {
        chip: chip.name().to_owned(),
        title: chip.title().to_owned(),
        neurons: network.n_neurons(),
        synapses: network.n_synapses(),
        cores_at_least: fit.bound().cores,
        cores_unstructured: fit.binding().cores,
        board_cores: fit.board_cores,
        chip_cores: fit.chip_cores,
        budgets: budgets.collect(),
        verdict: verdict(fit),
        quantized: laid.report().filter(|_| with_report).cloned(),
        remarks: laid.remark(chip).into_iter().collect(),
        assumptions: assumptions(chip),
    };
    options.output().answer(&forecast, || forecast.to_text())
}

/// Whether it fits, as far as that can be known.
fn verdict(fit: &Fit) -> String {
    let (least, most) = (fit.bound().cores, fit.binding().cores);
    match fit.board_cores {
        None => {
            let chips = |cores: u32| cores.div_ceil(fit.chip_cores).max(1);
            match (chips(least), chips(most)) {
                (1, 1) => "every neuron fits onto a core, and all onto one chip".to_owned(),
                (n, m) if n == m => format!("every neuron fits onto a core, and all onto {n} chips"),
                (n, m) => format!("every neuron fits onto a core; all take {n} to {m} chips"),
            }
        }
        Some(cores) if most <= cores => format!("it fits onto the board, which has {cores} cores"),
        Some(cores) => {
            format!(
                "it fits onto the board's {cores} cores only if its wiring has structure to use: map it, and see"
            )
        }
    }
}

impl Forecast {
    fn to_text(&self) -> String {
        let rows = self.budgets.iter().map(|of| {
            let BudgetForecast { budget, limit, cores_at_least, cores_unstructured } = of;
            let or_dash = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), count);
            vec![
                budget.clone(),
                or_dash(*limit),
                count(u64::from(*cores_at_least)),
                or_dash(cores_unstructured.map(u64::from)),
            ]
        });
        let Self { neurons, synapses, title, cores_at_least, cores_unstructured, verdict, .. } = self;
        let title = format!(
            "{} neurons and {} synapses take {cores_at_least} cores at least, and {cores_unstructured} if the wiring \
             has no structure to use: {title}",
            count(u64::from(*neurons)),
            count(*synapses)
        );
        let header = ["budget of a core", "limit", "cores at least", "cores without structure"];
        let mut text = table(&title, &header, rows);
        if let Some(report) = &self.quantized {
            text.push_str(&format!("\n\n{}", quantized::to_text(report)));
        }
        text.push_str(&listed("to know", &self.remarks));
        text.push_str(&listed("assumed of the chip, without a source", &self.assumptions));
        format!("{text}\n\n{verdict}")
    }
}
