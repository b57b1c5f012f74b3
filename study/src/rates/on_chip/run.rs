//! Sequences through the chip, and through the float cell beside it.

use rayon::prelude::*;
use rheobase_loihi_export::emulate::{Chip, Message, Profile, Variable};
use rheobase_loihi_export::ltc::{DeltaEncoder, Every, Timing, Work};
use rheobase_loihi_export::netlist::ValidNetlist;
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::cell::{Batch, Ltc, record};
use rheobase_ltc::model::AnyCell;
use rheobase_ltc::train::Sequences;
use rheobase_mapping::liquid::QuantizedLiquid;
use rheobase_net::LiquidModel;

use super::Deviations;
use super::deviation::Tally;
use crate::rates::RatesError;

/// Sequences whose float states are kept at once.
const AT_ONCE: usize = 64;

/// What sequences did on the chip.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipRun {
    /// `[samples, steps, answers]`; 0 beyond the end of a sequence.
    pub answers: Vec<f32>,
    /// How far states were off.
    pub deviations: Deviations,
    /// What units did.
    pub work: Work,
    /// Messages of inputs.
    pub inputs: u64,
    /// Packets.
    pub packets: u64,
    /// Synapses of answers that were read.
    pub head: u64,
    /// What would be counted if every value was sent in every step.
    pub every: Every,
    /// Steps of the chip.
    pub steps: u64,
}

/// Runs sequences through a netlist that was lowered from `quantized`, which came from `liquid`.
///
/// Sequences run in parallel, and are summed up in their order.
///
/// # Errors
/// If the sequences have other inputs than the model, or steps that last longer or shorter than the chip's, or if
/// the netlist is of something else.
pub fn run_on_chip(
    liquid: &LiquidModel,
    quantized: &QuantizedLiquid,
    netlist: &ValidNetlist,
    sequences: &Sequences<f32>,
) -> Result<ChipRun, RatesError> {
    let timing = Timing { unfolds: quantized.format.unfolds };
    check(liquid, quantized, netlist, sequences)?;
    let once = one_unfold(liquid)?;
    let (n_units, n_answers) = (quantized.units.len(), quantized.n_answers() as usize);
    let mut run = ChipRun {
        answers: vec![0.0; sequences.n_samples * sequences.n_steps * n_answers],
        deviations: Deviations::default(),
        work: Work::default(),
        inputs: 0,
        packets: 0,
        head: 0,
        every: Every::default(),
        steps: 0,
    };
    let mut tally = Tally::default();
    let all: Vec<usize> = (0..sequences.n_samples).collect();
    for samples in all.chunks(AT_ONCE) {
        let float = float_states(liquid, &once, sequences, samples, timing)?;
        let n_states = sequences.n_steps * timing.unfolds as usize * n_units;
        let ran: Vec<Sample> = samples
            .par_iter()
            .zip(float.par_chunks(n_states))
            .map(|(sample, float)| Sample::run(quantized, netlist, sequences, *sample, float))
            .collect::<Result<_, _>>()?;
        for (sample, Sample { answers, differences, work, inputs, packets, head }) in samples.iter().zip(ran)
        {
            let first = sample * sequences.n_steps * n_answers;
            run.answers[first..first + answers.len()].copy_from_slice(&answers);
            tally.add(&differences, n_units);
            run.work = run.work + work;
            run.inputs += inputs;
            run.packets += packets;
            run.head += head;
            let n = sequences.length(*sample) as u32;
            run.every = run.every + Every::of(netlist, timing, n);
            run.steps += u64::from(n * timing.unfolds);
        }
    }
    run.deviations = tally.deviations();
    Ok(run)
}

fn check(
    liquid: &LiquidModel,
    quantized: &QuantizedLiquid,
    netlist: &ValidNetlist,
    sequences: &Sequences<f32>,
) -> Result<(), RatesError> {
    let wrong = |what, value: f64, must: String| Err(RatesError::Argument { what, value, must });
    if sequences.n_inputs != quantized.n_inputs as usize {
        let must = format!("{}, those of the model", quantized.n_inputs);
        return wrong("the number of inputs", sequences.n_inputs as f64, must);
    }
    if sequences.n_answers() != quantized.n_answers() as usize {
        let must = format!("{}, those of the model", quantized.n_answers());
        return wrong("the number of answers", sequences.n_answers() as f64, must);
    }
    if let Some(other) = sequences.elapsed.iter().find(|elapsed| **elapsed != liquid.step as f32) {
        let must = format!("{} in every step: a chip's steps are all as long", liquid.step);
        return wrong("an elapsed time", f64::from(*other), must);
    }
    let sizes: Vec<u32> = netlist.populations.iter().map(|population| population.size).collect();
    let expected = [quantized.n_units(), quantized.n_answers(), quantized.n_inputs];
    if sizes != expected {
        let must = "units, answers and inputs of this network".to_owned();
        return wrong("the netlist's number of populations", sizes.len() as f64, must);
    }
    Ok(())
}

/// The cell with one unfold a step: its states are those between the unfolds of the model's.
fn one_unfold(liquid: &LiquidModel) -> Result<Ltc, RatesError> {
    let AnyCell::Ltc(cell) = liquid.model.cell() else {
        unreachable!("only an LTC cell can be quantized");
    };
    let config = LtcConfig { unfolds: 1, ..cell.config().clone() };
    Ok(Ltc::new(cell.wiring().clone(), config)?)
}

/// The float cell's states after every unfold; `[samples, steps · unfolds, units]`.
fn float_states(
    liquid: &LiquidModel,
    once: &Ltc,
    sequences: &Sequences<f32>,
    samples: &[usize],
    timing: Timing,
) -> Result<Vec<f64>, RatesError> {
    let unfolds = timing.unfolds as usize;
    let n_steps = sequences.n_steps * unfolds;
    let rows =
        samples.iter().flat_map(|sample| (0..n_steps).map(move |t| sample * sequences.n_steps + t / unfolds));
    let inputs: Vec<f64> = rows
        .flat_map(|row| &sequences.inputs[row * sequences.n_inputs..(row + 1) * sequences.n_inputs])
        .map(|x| f64::from(*x))
        .collect();
    let elapsed = vec![liquid.step / f64::from(timing.unfolds); samples.len() * n_steps];
    let initial = vec![0.0; samples.len() * once.wiring().units()];
    let batch = Batch {
        n_samples: samples.len(),
        n_steps,
        inputs: &inputs,
        elapsed: &elapsed,
        initial: &initial,
        keys: None,
    };
    Ok(record(once, liquid.model.of_cell(&liquid.parameters), &batch)?.states())
}

/// What one sequence did.
struct Sample {
    answers: Vec<f32>,
    /// States less those of the float cell.
    differences: Vec<f64>,
    work: Work,
    inputs: u64,
    packets: u64,
    head: u64,
}

impl Sample {
    /// Runs a sequence; `float` has the float cell's states.
    fn run(
        quantized: &QuantizedLiquid,
        netlist: &ValidNetlist,
        sequences: &Sequences<f32>,
        sample: usize,
        float: &[f64],
    ) -> Result<Self, RatesError> {
        let timing = Timing { unfolds: quantized.format.unfolds };
        let n = sequences.length(sample) as u32;
        let mut encoder = DeltaEncoder::new(sequences.n_inputs, quantized.format.input_threshold);
        let mut chip = Chip::new(netlist, Profile::default(), 1)?;
        let first_nodes = netlist.first_nodes();
        let [first_unit, first_answer, first_input] = [first_nodes[0], first_nodes[1], first_nodes[2]];
        let (mut answers, mut differences, mut inputs) = (Vec::new(), Vec::new(), 0);
        let (mut work, mut all) = (Work::default(), rheobase_loihi_export::emulate::Work::default());
        let n_units = quantized.units.len();
        // Both variables are whole numbers.
        let state = |chip: &Chip, node, variable| chip.state(node, variable).unwrap_or_default() as i32;
        for t in 1..=timing.steps(n) {
            let mut sent = Vec::new();
            if let Some(k) = timing.sent_in(t).filter(|k| *k < n) {
                let first = (sample * sequences.n_steps + k as usize) * sequences.n_inputs;
                let row = &sequences.inputs[first..first + sequences.n_inputs];
                for (input, x) in row.iter().enumerate() {
                    let message = encoder.message(input, quantized.input(input, f64::from(*x)));
                    let node = first_input + input as u32;
                    sent.extend(message.map(|value| Message { node, value }));
                }
            }
            inputs += sent.len() as u64;
            chip.step(&sent);
            if (Timing::START..Timing::START + n * timing.unfolds).contains(&t) {
                let at = (t - Timing::START) as usize * n_units;
                let v = (first_unit..first_answer).map(|node| state(&chip, node, Variable::V));
                differences.extend(v.zip(&float[at..]).map(|(v, float)| quantized.state(v) - float));
            }
            if t == timing.state(n - 1) {
                (work, all) = (chip.program_work(), chip.work());
            }
            if timing.answered_in(t).is_some() {
                let sums = (first_answer..first_input).map(|node| state(&chip, node, Variable::Sigma));
                answers.extend(sums.enumerate().map(|(k, sum)| quantized.head.answer(k, sum) as f32));
            }
        }
        // In the last step only the answers are read. What was sent before it arrives in it.
        work.synapses = chip.program_work().synapses;
        let packets = all.packets + all.own_packets + all.input_packets;
        // What is read and is no unit's is an answer's.
        let head = all.synaptic_events + all.input_events - work.synapses;
        Ok(Self { answers, differences, work, inputs, packets, head })
    }
}
