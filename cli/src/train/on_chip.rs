//! The liquids of a spiking experiment on the cores of a chip in software.

use std::path::Path;

use rheobase_loihi_export::emulate::Profile;
use rheobase_loihi_export::netlist;
use rheobase_mapping::Energy;
use rheobase_mapping::chip::Chip;
use rheobase_mapping::quantize::QuantizeConfig;
use rheobase_study::compare::{ChipComparison, ChipEffort, CompareError, OnChip, compare_on_chip};
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
    /// Where the costs of events are from.
    energy_model: Option<String>,
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
        energy_model: chosen.chip.events().map(|events| events.model.clone()),
        comparison,
    };
    write_json(&folder.join("on-chip.json"), &told)?;
    options.output().answer(&told, || told.to_text(&chosen.chip))
}

impl Told {
    fn to_text(&self, chip: &Chip) -> String {
        let Self { title, energy_model: _, comparison } = self;
        let ChipComparison {
            dataset,
            chip: _,
            profile,
            weight_bits,
            float,
            chip_by_float_readout,
            chip_by_own_readout,
            change,
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
            row("on the chip, by the same readout", chip_by_float_readout, Some(change)),
            row("on the chip, by a readout of its own", chip_by_own_readout, Some(change_with_own_readout)),
        ];
        let n = experiment.seeds.len();
        let of_title = format!(
            "{dataset} on {title}, {weight_bits}-bit weights, integers as {profile}; {n} liquid{}",
            if n == 1 { "" } else { "s" }
        );
        let header = ["", "accuracy", "± seeds", "change (points)", "± seeds"];
        format!("{}\n\n{}", table(&of_title, &header, rows), effort_text(effort, chip))
    }
}

/// What a sample takes on a chip, as a table.
pub fn effort_text(effort: &ChipEffort, chip: &Chip) -> String {
    let ChipEffort {
        duration_ms,
        steps,
        cores,
        spikes,
        packets,
        input_packets,
        hops,
        synaptic_events,
        energy_pj,
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
    let (Some(energy), Some(events)) = (energy_pj, chip.events()) else {
        return format!("{counted}\n\n{} has no costs of events, so no energy is told", chip.title());
    };
    let Energy { sent, hops, received, synapses, dendrites, spikes, updates } = *energy;
    let updates = updates.unwrap_or(0.0);
    let nano = |pj: f64| short(pj / 1e3);
    let rows = [
        ("packets that leave a core", sent),
        ("their hops", hops),
        ("packets that arrive", received),
        ("weights read, and added up", synapses + dendrites),
        ("spikes", spikes),
        ("compartments, each in every step", updates),
        ("all", energy.of_spikes() + updates),
    ];
    let rows = rows.map(|(what, pj)| vec![what.to_owned(), nano(pj)]);
    format!("{counted}\n\n{}", table(&format!("its energy, {}", events.model), &["of", "nJ"], rows))
}
