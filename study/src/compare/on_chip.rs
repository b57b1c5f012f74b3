//! The same comparison, with the liquid on the cores of a chip in software.

use std::ops::ControlFlow;

use ndarray::{Array2, Axis};
use rayon::prelude::*;
use rheobase_loihi_export::cost::Energy as UnitEnergy;
use rheobase_loihi_export::emulate::{
    EmulateConfig, Input, PricedRun, Pricing, Profile, Signal, Work as ChipWork, emulate, emulate_priced,
};
use rheobase_loihi_export::lower;
use rheobase_loihi_export::netlist::{self, ValidNetlist};
use rheobase_mapping::check::{Mapping, check};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::quantize::{NumberFormat, QuantizeConfig, quantize};
use rheobase_mapping::{Activity, Graph, PartitionConfig, PlaceConfig, Traffic, partition, place};
use rheobase_net::generate::generate;
use rheobase_net::{Recording, SpikeTrain, ValidNetwork, validate};
use rheobase_sim::Scheduler;
use serde::Serialize;

use super::outcome::ChipError;
use super::stage::{Stage, Work};
use super::{CompareError, Labels, Progress, READOUT_STEPS, Trained, input_of, train};
use crate::data::Dataset;
use crate::experiment::{Experiment, Liquid};
use crate::front_end::{self, Drive, Fitted};
use crate::protocol::{inner_seed, split};
use crate::score::{Spread, score, spread};

/// A liquid in floating point and on a chip, by the same samples, folds and features.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChipComparison {
    /// The data set.
    pub dataset: String,
    /// The chip.
    pub chip: String,
    /// Whose integers.
    pub profile: Profile,
    /// Width of a weight \[bits\].
    pub weight_bits: u8,
    /// The float liquid, by a readout that was trained on it.
    pub float: Spread,
    /// The chip, by the readout that was trained on the float liquid and knows nothing of the chip.
    pub chip_by_float_readout: Spread,
    /// The chip, by a readout that was trained on a simulation of the liquid in the chip's numbers and has never seen
    /// the chip: what is lost when a liquid is deployed.
    pub chip_by_simulated_readout: Spread,
    /// The chip, by a readout that was trained on what the chip itself answered.
    pub chip_by_own_readout: Spread,
    /// The second less the first, seed by seed; below 0 where accuracy is lost.
    pub change_with_float_readout: Spread,
    /// The third less the first.
    pub change_with_simulated_readout: Spread,
    /// The fourth less the first.
    pub change_with_own_readout: Spread,
    /// What the chip does for a sample, mean over samples and seeds.
    pub effort: ChipEffort,
    /// The experiment.
    pub experiment: Experiment,
}

/// What the chip does for one sample, on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChipEffort {
    /// Duration \[ms\].
    pub duration_ms: f64,
    /// Steps.
    pub steps: f64,
    /// Cores in use.
    pub cores: f64,
    /// Spikes of neurons.
    pub spikes: f64,
    /// Packets between cores.
    pub packets: f64,
    /// Packets from the encoder.
    pub input_packets: f64,
    /// Steps of packets from tile to tile.
    pub hops: f64,
    /// Weights that were read for spikes and inputs.
    pub synaptic_events: f64,
    /// What that costs by an architecture's figures, if one was given.
    pub price: Option<Price>,
}

/// What a sample costs on a chip, on average: by component \[J\], and how long its steps take \[s\].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Price {
    /// Weights fetched.
    pub synapse: f64,
    /// Inputs added up.
    pub dendrite: f64,
    /// Compartments looked at in every step, updated, and fired.
    pub soma: f64,
    /// Packets sent, carried and taken in.
    pub network: f64,
    /// Of what the encoder sends: packets taken in, weights fetched.
    pub input: f64,
    /// All steps of the sample, one after the other \[s\].
    pub time: f64,
}

impl Price {
    /// All energy \[J\].
    pub fn energy(&self) -> f64 {
        let Self { synapse, dendrite, soma, network, input, time: _ } = *self;
        synapse + dendrite + soma + network + input
    }
}

/// How a liquid comes onto a chip.
#[derive(Debug, Clone)]
pub struct OnChip<'a> {
    /// The chip.
    pub chip: &'a Chip,
    /// The text that it was read from.
    pub chip_file: &'a str,
    /// How it is quantized; the step is that of the experiment.
    pub quantize: QuantizeConfig,
    /// Whose integers.
    pub profile: Profile,
    /// What events cost and take; `None` for no prices.
    pub prices: Option<Pricing>,
}

/// Scores a liquid on a chip: every liquid is quantized, partitioned, placed, checked and lowered, its netlist is
/// written and read back, and the emulator answers the same spikes.
///
/// Three readouts are tested on the chip, and none is changed for it. They differ in what they were trained on: the
/// float liquid; a simulation of the float network that has exactly the chip's parameters
/// ([`QuantizedNetwork::to_network`](rheobase_mapping::quantize::QuantizedNetwork::to_network), on a grid of the
/// experiment's step); the chip. The second is what a user of a chip can do before having it, so it says what
/// deploying costs. The netlist is that of the first liquid.
///
/// # Errors
/// A [`CompareError`], if the experiment does not fit the data or a liquid does not fit the chip.
pub fn compare_on_chip(
    dataset: &Dataset,
    experiment: &Experiment,
    on_chip: &OnChip<'_>,
    progress: Progress<'_>,
) -> Result<(ChipComparison, ValidNetlist), CompareError> {
    let Experiment { seeds, protocol, .. } = experiment;
    let first_seed = *seeds.first().ok_or(CompareError::NoSeed)?;
    let n_folds = split(dataset, protocol, first_seed)?.len();
    let n_samples = dataset.samples().len();
    let work = Work::new(seeds.len() * (3 * n_samples + n_folds * READOUT_STEPS), progress);
    let on_grid = Liquid { scheduler: Scheduler::Grid, ..experiment.liquid.clone() };
    let on_grid = Experiment { liquid: on_grid, ..experiment.clone() };
    let mut accuracies: [Vec<f64>; 4] = Default::default();
    let (mut efforts, mut first_netlist) = (Vec::new(), None);
    for seed in seeds.iter().copied() {
        let network = validate(generate(&experiment.liquid.network, seed)?)?;
        let Lowered { in_numbers, netlist } = lowered(&network, experiment, on_chip)?;
        let input = input_of(&network, &experiment.liquid.input)?;
        let stage = Stage { dataset, experiment, network: &network, input, seed };
        let stage_in_numbers = Stage { experiment: &on_grid, network: &in_numbers, ..stage };
        let mut views: Option<(Fitted, [Array2<f64>; 3])> = None;
        let mut of_folds: [Vec<f64>; 4] = Default::default();
        for (k, fold) in split(dataset, protocol, seed)?.iter().enumerate() {
            let fitted = front_end::fit(dataset, &fold.train, &experiment.front_end)?;
            if views.as_ref().is_none_or(|(known, _)| *known != fitted) {
                let (float, _) = stage.simulated(&fitted, &work)?;
                let (simulated, _) = stage_in_numbers.simulated(&fitted, &work)?;
                let (chip, made) = stage.features_by(&fitted, &work, |drive, train| {
                    respond(&netlist, experiment, on_chip, drive, train)
                })?;
                efforts.extend(made);
                views = Some((fitted.clone(), [float, simulated, chip]));
            }
            let (_, [float, simulated, chip]) = views.as_ref().expect("made above");
            let labels = Labels::of(dataset, fold);
            let readout = |features: &Array2<f64>| {
                train(dataset, experiment, fold, &labels, features, inner_seed(seed, k))
            };
            let (of_float, of_simulated, of_chip) = (readout(float)?, readout(simulated)?, readout(chip)?);
            let tests = [(&of_float, float), (&of_float, chip), (&of_simulated, chip), (&of_chip, chip)];
            for (i, (readout, features)) in tests.into_iter().enumerate() {
                let answers = readout.answers(features.select(Axis(0), &fold.test).view())?;
                of_folds[i].push(score(&labels.test, &answers, dataset.classes().len())?.accuracy);
            }
            work.did(READOUT_STEPS)?;
        }
        for (all, folds) in accuracies.iter_mut().zip(of_folds) {
            all.push(folds.iter().sum::<f64>() / folds.len() as f64);
        }
        first_netlist.get_or_insert(netlist);
    }
    let less = |i: usize| -> Vec<f64> {
        accuracies[i].iter().zip(&accuracies[0]).map(|(chip, float)| chip - float).collect()
    };
    let comparison = ChipComparison {
        dataset: dataset.name().to_owned(),
        chip: on_chip.chip.name().to_owned(),
        profile: on_chip.profile,
        weight_bits: on_chip.quantize.weight_bits,
        float: spread(&accuracies[0])?,
        chip_by_float_readout: spread(&accuracies[1])?,
        chip_by_simulated_readout: spread(&accuracies[2])?,
        chip_by_own_readout: spread(&accuracies[3])?,
        change_with_float_readout: spread(&less(1))?,
        change_with_simulated_readout: spread(&less(2))?,
        change_with_own_readout: spread(&less(3))?,
        effort: ChipEffort::mean(&efforts),
        experiment: experiment.clone(),
    };
    Ok((comparison, first_netlist.expect("there is a seed")))
}

/// The answers of a trained liquid to some samples on a chip: the readout is that of the float liquid, unchanged, and
/// gets what the emulator makes of the netlist; and what that takes for a sample, on average.
///
/// # Errors
/// A [`CompareError`], if the experiment is not the one that the liquid was trained in, or the netlist is not its.
pub fn answers_on_chip(
    dataset: &Dataset,
    experiment: &Experiment,
    trained: &Trained,
    netlist: &ValidNetlist,
    on_chip: &OnChip<'_>,
    samples: &[usize],
) -> Result<(Vec<u32>, ChipEffort), CompareError> {
    let Trained { network, front_end, readout, examples: _ } = trained;
    let seed = *experiment.seeds.first().ok_or(CompareError::NoSeed)?;
    let input = input_of(network, &experiment.liquid.input)?;
    let stage = Stage { dataset, experiment, network, input, seed };
    let respond = |drive: &Drive, train: &SpikeTrain| respond(netlist, experiment, on_chip, drive, train);
    let answer = |sample: &usize| stage.answer_by(front_end, readout, *sample, respond);
    let answers: Vec<(u32, SampleEffort)> = samples.par_iter().map(answer).collect::<Result<_, _>>()?;
    let (answers, efforts): (Vec<u32>, Vec<SampleEffort>) = answers.into_iter().unzip();
    Ok((answers, ChipEffort::mean(&efforts)))
}

/// A liquid as a chip has it.
struct Lowered {
    /// The float network of the chip's parameters.
    in_numbers: ValidNetwork,
    /// The netlist, as a file gives it.
    netlist: ValidNetlist,
}

/// Quantizes a liquid and brings it onto the cores.
fn lowered(
    network: &ValidNetwork,
    experiment: &Experiment,
    on_chip: &OnChip<'_>,
) -> Result<Lowered, CompareError> {
    let OnChip { chip, chip_file, quantize: config, profile: _, prices: _ } = on_chip;
    let format =
        NumberFormat::of(chip).ok_or_else(|| ChipError::NoNumbers { chip: chip.title().to_owned() })?;
    let config = QuantizeConfig { dt: experiment.liquid.dt, ..config.clone() };
    let activity = Activity::uniform(network);
    let quantized = quantize(network, &format, &activity, &config)?;
    let layout = quantized.layout();
    let graph = Graph::new(network, &layout, &activity);
    let config_of_parts = PartitionConfig::default();
    let parts = partition(&graph, &chip.limits(), &config_of_parts, &mut |_| ControlFlow::Continue(()))
        .map_err(ChipError::from)?;
    let mesh = chip.mesh(None, parts.n_parts).map_err(ChipError::from)?;
    let traffic = Traffic::new(&graph, &parts);
    let placement = place(&traffic, &mesh, &PlaceConfig::default(), &|_| ControlFlow::Continue(()))
        .map_err(ChipError::from)?;
    let mapping = Mapping {
        network,
        layout: &layout,
        activity: &activity,
        dt: config.dt,
        mesh: &mesh,
        partition: &parts,
        placement: &placement,
    };
    let checked = check(mapping, chip).map_err(ChipError::from)?;
    let made = netlist::to_bytes(&lower(&checked, &quantized, chip_file)).map_err(ChipError::from)?;
    let netlist = netlist::read_bytes(&made).map_err(ChipError::from)?;
    Ok(Lowered { in_numbers: quantized.to_network(), netlist })
}

/// What the chip did for a sample.
struct SampleEffort {
    duration_ms: f64,
    steps: u32,
    n_cores: usize,
    work: ChipWork,
    price: Option<Price>,
}

/// The chip's answer to a sample, in one thread: samples run side by side.
fn respond(
    netlist: &ValidNetlist,
    experiment: &Experiment,
    on_chip: &OnChip<'_>,
    drive: &Drive,
    train: &SpikeTrain,
) -> Result<(Recording, SampleEffort), CompareError> {
    let steps = (drive.duration() / netlist.origin.dt).round() as u32;
    let config = EmulateConfig { profile: on_chip.profile, steps, threads: 1, ..EmulateConfig::default() };
    let input = Input::new(netlist, &[(experiment.liquid.input.as_str(), Signal::Spikes(train))])
        .map_err(ChipError::from)?;
    let go_on = &mut |_| ControlFlow::Continue(());
    let (run, price) = match &on_chip.prices {
        Some(pricing) => {
            let priced = emulate_priced(netlist, &input, &config, pricing, go_on).map_err(ChipError::from)?;
            let price = Price::of(&priced);
            (priced.run, Some(price))
        }
        None => (emulate(netlist, &input, &config, go_on).map_err(ChipError::from)?, None),
    };
    let (duration_ms, n_cores, work) = (drive.duration(), netlist.cores.len(), run.work);
    let effort = SampleEffort { duration_ms, steps, n_cores, work, price };
    Ok((run.recording, effort))
}

impl Price {
    fn of(priced: &PricedRun) -> Self {
        let mut sum = Self::default();
        for step in &priced.steps {
            let UnitEnergy { synapse, dendrite, soma, network } = step.cost.energy;
            sum.synapse += synapse;
            sum.dendrite += dendrite;
            sum.soma += soma;
            sum.network += network;
            sum.input += step.input;
            sum.time += step.cost.time;
        }
        sum
    }

    fn mean(prices: &[Self]) -> Self {
        let n = prices.len() as f64;
        let mean = |of: fn(&Self) -> f64| prices.iter().map(of).sum::<f64>() / n;
        Self {
            synapse: mean(|price| price.synapse),
            dendrite: mean(|price| price.dendrite),
            soma: mean(|price| price.soma),
            network: mean(|price| price.network),
            input: mean(|price| price.input),
            time: mean(|price| price.time),
        }
    }
}

impl ChipEffort {
    fn mean(efforts: &[SampleEffort]) -> Self {
        let n = efforts.len() as f64;
        let mean = |of: &dyn Fn(&SampleEffort) -> f64| efforts.iter().map(of).sum::<f64>() / n;
        let of = |count: fn(&ChipWork) -> u64| mean(&|effort: &SampleEffort| count(&effort.work) as f64);
        let prices: Option<Vec<Price>> = efforts.iter().map(|effort| effort.price).collect();
        Self {
            duration_ms: mean(&|effort| effort.duration_ms),
            steps: mean(&|effort| f64::from(effort.steps)),
            cores: mean(&|effort| effort.n_cores as f64),
            spikes: of(|work| work.spikes),
            packets: of(|work| work.packets),
            input_packets: of(|work| work.input_packets),
            hops: of(|work| work.hops.iter().sum()),
            synaptic_events: of(|work| work.synaptic_events + work.input_events),
            price: prices.map(|prices| Price::mean(&prices)),
        }
    }
}
