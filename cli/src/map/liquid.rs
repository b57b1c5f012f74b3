//! A trained liquid network onto the cores of a chip.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use rheobase_loihi_export::ltc::lower_liquid;
use rheobase_loihi_export::netlist;
use rheobase_mapping::chip::{Budget, Usage};
use rheobase_mapping::liquid::{LiquidConfig, map_liquid, quantize_liquid};
use rheobase_net::file::read_liquid;
use serde::Serialize;

use super::{Args, ChosenChip};
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, table};

#[derive(Debug, Serialize)]
struct Told {
    chip: String,
    units: u32,
    answers: u32,
    synapses: usize,
    synapse_bits: u32,
    table_bits: u64,
    /// Cores and what they use.
    cores: Vec<(u32, [u64; 5])>,
    file: Option<PathBuf>,
}

/// Maps a trained liquid network and tells; its numbers are those of [`LiquidConfig`]'s defaults.
///
/// # Errors
/// If the model cannot be said in the chip's numbers or does not fit, or the file cannot be written.
pub fn run(options: &Options, args: &Args, path: &Path, chosen: &ChosenChip) -> Result<(), Failure> {
    if args.output.is_some() || args.plot.is_some() || args.activity.is_some() || args.dry_run {
        let error = anyhow!(
            "{} is a trained liquid network: only --chip, --board and --netlist are for it",
            path.display()
        );
        return Err(Failure::BadInput(error));
    }
    let liquid = read_liquid(path).or_bad_input()?;
    let quantized = quantize_liquid(&liquid, &LiquidConfig::default()).or_bad_input_in(path.display())?;
    let mapping = map_liquid(&quantized, &chosen.chip, args.board.as_deref(), None).or_bad_input()?;
    if let Some(output) = &args.netlist {
        netlist::write(output, &lower_liquid(&mapping, &chosen.text)).map_err(anyhow::Error::from)?;
    }
    let used = |usage: &Usage| Budget::ALL.map(|budget| usage.of(budget));
    let told = Told {
        chip: chosen.chip.title().to_owned(),
        units: quantized.n_units(),
        answers: quantized.n_answers(),
        synapses: quantized.n_synapses(),
        synapse_bits: quantized.synapse_bits(),
        table_bits: quantized.table_bits(),
        cores: mapping.usage().iter().map(|(core, usage)| (*core, used(usage))).collect(),
        file: args.netlist.clone(),
    };
    options.output().answer(&told, || told.to_text())
}

impl Told {
    fn to_text(&self) -> String {
        let Self { chip, units, answers, synapses, synapse_bits, table_bits, cores, file } = self;
        let rows = cores.iter().map(|(core, used)| {
            std::iter::once(core.to_string()).chain(used.iter().map(|n| count(*n))).collect()
        });
        let names = Budget::ALL.map(|budget| budget.to_string());
        let header: Vec<&str> = std::iter::once("core").chain(names.iter().map(String::as_str)).collect();
        let file = file.as_ref().map_or_else(String::new, |file| format!("\n\n{}", file.display()));
        format!(
            "{units} units, {answers} answers and {} synapses of {synapse_bits} bits on {} cores: {chip}; a sigmoid's \
             table of {} bits\n\n{}{file}",
            count(*synapses as u64),
            cores.len(),
            count(*table_bits),
            table("cores", &header, rows)
        )
    }
}
