//! The liquids of a spiking experiment on the cores of a chip in software.

use std::path::Path;

use rheobase_loihi_export::cost::{Architecture, Timing};
use rheobase_loihi_export::emulate::{Pricing, Profile};
use rheobase_loihi_export::netlist;
use rheobase_mapping::quantize::QuantizeConfig;
use rheobase_study::compare::{ChipComparison, ChipEffort, CompareError, OnChip, Price, compare_on_chip};
use rheobase_study::experiment::Experiment;
use rheobase_study::score::Spread;
use serde::Serialize;

use super::{prepare, write_json};
use crate::error::{Failure, OrBadInput};
use crate::map::ChosenChip;
use crate::options::Options;
use crate::output::{count, short, table};
use crate::{dataset, progress};

/// What is told.
#[derive(Debug, Serialize)]
struct Told {
    title: String,
    /// Where costs and times of events are from.
    prices: Option<&'static str>,
    #[serde(flatten)]
    comparison: ChipComparison,
}

/// Compares on the chip, writes the folder and tells.
///
/// # Errors
/// If experiment, data or chip are faulty, a liquid does not fit, the folder cannot be written, or the work was stopped.
pub fn run(
    options: &Options,
    experiment: &Experiment,
    chip: &str,
    weight_bits: Option<u8>,
    profile: Profile,
    folder: &Path,
) -> Result<(), Failure> {
    prepare(folder, "on-chip.json")?;
    let chosen = ChosenChip::of(chip)?;
    let dataset = dataset::load(&experiment.data)?;
    let weight_bits = weight_bits.unwrap_or_else(|| chosen.usual_width());
    let on_chip = OnChip {
        chip: &chosen.chip,
        chip_file: &chosen.text,
        quantize: QuantizeConfig { weight_bits, ..QuantizeConfig::default() },
        profile,
        prices: prices_of(&chosen),
    };
    const STEPS: f64 = 1000.0;
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "on the chip", STEPS as u64);
    let watch = |done: f64| {
        bar.set_position((done * STEPS) as u64);
        progress::go_on(&stop)
    };
    let made = match compare_on_chip(&dataset, experiment, &on_chip, &watch) {
        Err(stopped @ CompareError::Stopped { .. }) => Err(Failure::Failed(stopped.into())),
        result => result.or_bad_input(),
    };
    bar.finish_and_clear();
    let (comparison, lowered) = made?;
    netlist::write(&folder.join("netlist.h5"), &lowered).map_err(anyhow::Error::from)?;
    let told = Told {
        title: chosen.chip.title().to_owned(),
        prices: on_chip.prices.is_some().then_some(LOIHI_PRICES),
        comparison,
    };
    write_json(&folder.join("on-chip.json"), &told)?;
    options.output().answer(&told, || told.to_text())
}

/// Where the prices of Loihi are from.
pub const LOIHI_PRICES: &str = "Davies 2018 pre-silicon model, SANA-FE's calibration";

/// What events cost and take on a chip, if that is known: of Loihi, a step taking as long as its slowest core.
pub fn prices_of(chosen: &ChosenChip) -> Option<Pricing> {
    (chosen.chip.name() == "loihi1").then(|| Pricing::new(Architecture::loihi(), Timing::Simple))
}

impl Told {
    fn to_text(&self) -> String {
        let Self { title, prices: _, comparison } = self;
        let ChipComparison {
            dataset,
            chip: _,
            profile,
            weight_bits,
            float,
            chip_by_float_readout,
            chip_by_simulated_readout,
            chip_by_own_readout,
            change_with_float_readout,
            change_with_simulated_readout,
            change_with_own_readout,
            effort,
            experiment,
        } = comparison;
        let row = |name: &str, accuracy: &Spread, change: Option<&Spread>| {
            let several = |value: String| if accuracy.n > 1 { value } else { "–".to_owned() };
            let points = |value: f64| format!("{:+.2}", 100.0 * value);
            let change = match change {
                Some(change) => [points(change.mean), several(format!("{:.2}", 100.0 * change.std))],
                None => ["–".to_owned(), "–".to_owned()],
            };
            let mut row = vec![name.to_owned(), format!("{:.3}", accuracy.mean)];
            row.push(several(format!("{:.3}", accuracy.std)));
            row.extend(change);
            row
        };
        let rows = [
            row("liquid in floating point", float, None),
            row(
                "on the chip, readout trained on that liquid",
                chip_by_float_readout,
                Some(change_with_float_readout),
            ),
            row(
                "on the chip, readout trained on a simulation of its numbers (*)",
                chip_by_simulated_readout,
                Some(change_with_simulated_readout),
            ),
            row(
                "on the chip, readout trained on the chip",
                chip_by_own_readout,
                Some(change_with_own_readout),
            ),
        ];
        let n = experiment.seeds.len();
        let of_title = format!(
            "{dataset} on {title}, {weight_bits}-bit weights, integers as {profile}; {n} liquid{}",
            if n == 1 { "" } else { "s" }
        );
        let header = ["", "accuracy", "± seeds", "change (points)", "± seeds"];
        let deployed = "(*) what is lost by deploying: this readout has never seen the chip";
        format!("{}\n{deployed}\n\n{}", table(&of_title, &header, rows), effort_text(effort))
    }
}

/// What a sample takes on a chip, as a table.
fn effort_text(effort: &ChipEffort) -> String {
    let ChipEffort {
        duration_ms,
        steps,
        cores,
        spikes,
        packets,
        input_packets,
        hops,
        synaptic_events,
        price,
    } = effort;
    let number = |value: f64| count(value.round() as u64);
    let rows = [
        ("duration (ms)", short(*duration_ms)),
        ("steps of the chip", number(*steps)),
        ("cores", short(*cores)),
        ("spikes", number(*spikes)),
        ("packets between cores", number(*packets)),
        ("packets from the encoder", number(*input_packets)),
        ("hops", number(*hops)),
        ("weights read", number(*synaptic_events)),
    ];
    let rows = rows.map(|(what, value)| vec![what.to_owned(), value]);
    let counted = table("one sample on the chip, on average", &["what", ""], rows);
    let Some(price) = price else {
        return format!(
            "{counted}\n\nno energy and no time is told: there are prices of events for loihi1 alone"
        );
    };
    let Price { synapse, dendrite, soma, network, input, time } = *price;
    let micro = |value: f64| short(value * 1e6);
    let rows = [
        ("weights fetched (µJ)", micro(synapse + dendrite)),
        ("compartments looked at, updated, fired (µJ)", micro(soma)),
        ("packets (µJ)", micro(network)),
        ("taking in what the encoder sends (µJ)", micro(input)),
        ("all (µJ)", micro(price.energy())),
        ("its steps, as fast as the cores can (µs)", micro(time)),
    ];
    let rows = rows.map(|(what, value)| vec![what.to_owned(), value]);
    format!("{counted}\n\n{}", table(&format!("energy and time, {LOIHI_PRICES}"), &["of", ""], rows))
}
