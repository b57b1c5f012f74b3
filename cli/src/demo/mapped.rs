//! The liquid of the demo on the cores of a chip.

use std::path::Path;

use anyhow::anyhow;
use rheobase_mapping::file::{Made, MappingFile};
use rheobase_mapping::{Activity, Objective};
use rheobase_net::file::write_atomically;
use rheobase_net::{Recording, ValidNetwork};

use crate::error::Failure;
use crate::map::{ChosenChip, LayConfig, Mapped, Search, Stage, lay_down, search, write_netlist};
use crate::options::Options;
use crate::plot;
use crate::progress;

/// Maps the liquid onto Loihi by the spikes of an utterance, writes mapping and netlist and draws it.
///
/// # Errors
/// If it does not fit, a file cannot be written, or the work was stopped.
pub fn map(
    options: &Options,
    network: &ValidNetwork,
    recording: &Recording,
    dt: f64,
    folder: &Path,
) -> Result<Mapped, Failure> {
    let chosen = ChosenChip::of("loihi1")?;
    let activity = Activity::of_recording(network, recording).map_err(anyhow::Error::from)?;
    let weight_bits = chosen.usual_width();
    let counted = Some(recording.t_stop - recording.t_start);
    let config = LayConfig { weight_bits, dt, groups: None, negative_exponents: false, counted };
    let laid = lay_down(network, &chosen.chip, &activity, &config)?;
    laid.fit(network, &chosen.chip, None)?;
    let (seed, effort, objective) = (options.seed, 1.0, Objective::Hops);
    let how = Search { board: None, seed, effort, objective };
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "mapping", 100);
    let finished = search(network, &chosen.chip, &activity, &laid, &how, &|stage, done| {
        if stage == Stage::Partition {
            bar.set_position((100.0 * done) as u64);
        }
        progress::go_on(&stop)
    });
    bar.finish_and_clear();
    let finished = finished?;
    if finished.ended {
        return Err(Failure::Failed(anyhow!("stopped while the liquid was mapped")));
    }
    let made = Made { board: None, dt_ms: dt, weight_bits: laid.weight_bits, seed, effort, objective };
    let file = MappingFile::of(&finished.checked, &chosen.text, &finished.traffic, &finished.placement, made);
    write_atomically(&folder.join("mapping.json"), |out| -> anyhow::Result<()> {
        Ok(std::io::Write::write_all(out, file.to_json().as_bytes())?)
    })?;
    write_netlist(&folder.join("netlist.h5"), &finished, &laid, &chosen)?;
    let mut mapped = Mapped::of(&finished, &chosen.chip, &laid, "the spikes of the first utterance", false);
    mapped.files = plot::of_mapping::draw_all(&file, network, folder)?;
    Ok(mapped)
}
