//! Random liquids, their netlists, and runs of these.

use rand::{Rng, RngExt};
use rheobase_loihi_export::emulate::{Chip as Emulated, Message, Profile, Variable};
use rheobase_loihi_export::ltc::{DeltaEncoder, Timing, Work, lower_liquid};
use rheobase_loihi_export::netlist::{ValidNetlist, from_json, to_json};
use rheobase_ltc::cell::Ltc;
use rheobase_ltc::cell::ltc::{Constraint, LtcConfig, Map};
use rheobase_ltc::model::{AnyCell, Model, Start};
use rheobase_ltc::wiring::{Full, Random, WiringSpec};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::liquid::{
    LiquidConfig, QuantizedLiquid, check_liquid, liquid_graph, map_liquid, quantize_liquid,
};
use rheobase_mapping::{Partition, PlaceConfig, Traffic, place};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Answers, Channel, Description, LiquidModel};

/// A stream of random numbers.
pub fn random(seed: u64) -> impl Rng {
    Stream::new(seed, Purpose::Parameter, 7, 0)
}

/// A liquid of another shape for every seed: dense and sparse, few and many units, with slopes of both signs, with
/// and without head and maps, steps of many lengths.
pub fn liquid(seed: u64) -> LiquidModel {
    let mut rng = random(seed);
    let n_inputs = rng.random_range(1..6);
    let units = rng.random_range(2..24);
    let wiring = match seed % 3 {
        0 => WiringSpec::Full(Full { units, ..Full::default() }),
        1 => WiringSpec::Full(Full { units, n_outputs: Some(2), self_connections: false, seed: 3 }),
        _ => WiringSpec::Random(Random { units, n_outputs: None, sparsity: 0.6, seed: 5 }),
    };
    let config = LtcConfig {
        unfolds: rng.random_range(1..7),
        input_map: if seed.is_multiple_of(2) { Map::Affine } else { Map::None },
        output_map: if seed.is_multiple_of(4) { Map::Affine } else { Map::None },
        constraint: if seed.is_multiple_of(5) { Constraint::Softplus } else { Constraint::Clipped },
        epsilon: if seed.is_multiple_of(2) { 1e-8 } else { 0.0 },
        ..LtcConfig::default()
    };
    let cell = Ltc::new(wiring.draw(n_inputs).unwrap(), config).unwrap();
    let head = (!seed.is_multiple_of(3)).then_some(3);
    let model = Model::new(AnyCell::Ltc(cell), head).unwrap();
    let start = if seed.is_multiple_of(2) { Start::Paper } else { Start::Library };
    let mut parameters: Vec<f64> = model.start(start, &mut rng);
    // Trained parameters wander off from where they start.
    for block in model.layout().blocks() {
        for value in &mut parameters[block.range.clone()] {
            let name = block.name.trim_start_matches("sensory_");
            *value = match name {
                "sigma" => *value * rng.random_range(-1.5..1.5),
                "erev" | "vleak" | "mu" => *value + rng.random_range(-1.0..1.0),
                "input_w" | "output_w" => rng.random_range(-2.0..2.0),
                "input_b" | "output_b" | "head.bias" => rng.random_range(-0.5..0.5),
                "w" | "cm" | "gleak" => *value * rng.random_range(0.0..3.0),
                _ => *value,
            };
        }
    }
    let n_answers = model.n_answers();
    LiquidModel {
        parameters,
        is_single: false,
        inputs: (0..n_inputs).map(|k| Channel::plain(format!("x{k}"))).collect(),
        answers: Answers::Values((0..n_answers).map(|k| Channel::plain(format!("y{k}"))).collect()),
        every_step: true,
        step: rng.random_range(0.2..8.0),
        description: Description::default(),
        model,
    }
}

/// Inputs of so many steps: they jump and rest, and some are far out.
pub fn inputs(liquid: &LiquidModel, n_steps: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut rng = random(seed ^ 0xabcd);
    let mut now = vec![0.0; liquid.inputs.len()];
    let mut all = Vec::new();
    for _ in 0..n_steps {
        for x in &mut now {
            match rng.random_range(0..8) {
                0 | 1 => *x = rng.random_range(-2.0..2.0),
                2 => *x += rng.random_range(-0.01..0.01),
                3 => *x = rng.random_range(-20.0..20.0),
                _ => {}
            }
        }
        all.push(now.clone());
    }
    all
}

/// The netlist of a liquid on as many cores as a partition says, written and read back.
pub fn netlist_of(quantized: &QuantizedLiquid, parts: &Partition) -> ValidNetlist {
    let chip = Chip::named("loihi2").unwrap();
    let mesh = chip.mesh(None, parts.n_parts).unwrap();
    let graph = liquid_graph(quantized, &chip, None);
    let placement = place(&Traffic::new(&graph, parts), &mesh, &PlaceConfig::default(), &|_| {
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    let mapping = check_liquid(quantized, &chip, &mesh, parts, &placement).unwrap();
    let netlist = lower_liquid(&mapping, Chip::text("loihi2").unwrap());
    from_json(&to_json(&netlist)).unwrap()
}

/// The netlist of a liquid as it is mapped, written and read back.
pub fn netlist(quantized: &QuantizedLiquid) -> ValidNetlist {
    let chip = Chip::named("loihi2").unwrap();
    let mapping = map_liquid(quantized, &chip, None, None).unwrap();
    from_json(&to_json(&lower_liquid(&mapping, Chip::text("loihi2").unwrap()))).unwrap()
}

/// Quantizes.
pub fn quantized(liquid: &LiquidModel, config: LiquidConfig) -> QuantizedLiquid {
    quantize_liquid(liquid, &config).unwrap()
}

/// Everything that a run shows.
pub struct Shown {
    /// States after every step.
    pub v: Vec<Vec<i32>>,
    /// Sums of the answers after every step.
    pub sums: Vec<Vec<i32>>,
    /// What the units did.
    pub work: Work,
    /// Messages of inputs.
    pub inputs: u64,
}

/// Runs a netlist on inputs.
pub fn run(quantized: &QuantizedLiquid, netlist: &ValidNetlist, inputs: &[Vec<f64>]) -> Shown {
    run_on(quantized, netlist, inputs, 1)
}

/// Runs a netlist on inputs, by so many threads.
pub fn run_on(
    quantized: &QuantizedLiquid,
    netlist: &ValidNetlist,
    inputs: &[Vec<f64>],
    threads: usize,
) -> Shown {
    let timing = Timing { unfolds: quantized.format.unfolds };
    let mut encoder = DeltaEncoder::new(quantized.n_inputs as usize, quantized.format.input_threshold);
    let mut chip = Emulated::new(netlist, Profile::default(), threads).unwrap();
    let [first_unit, first_answer, first_input, _] = netlist.first_nodes()[..] else {
        panic!("three populations")
    };
    let (mut v, mut sums, mut n_inputs) = (Vec::new(), Vec::new(), 0);
    for t in 1..=timing.steps(inputs.len() as u32) {
        let mut sent = Vec::new();
        if let Some(row) = timing.sent_in(t).and_then(|k| inputs.get(k as usize)) {
            for (k, x) in row.iter().enumerate() {
                let message = encoder.message(k, quantized.input(k, *x));
                let node = first_input + k as u32;
                sent.extend(message.map(|value| Message { node, value }));
            }
        }
        n_inputs += sent.len() as u64;
        chip.step(&sent);
        let values = |nodes: std::ops::Range<u32>, variable| -> Vec<i32> {
            nodes.map(|node| chip.state(node, variable).unwrap() as i32).collect()
        };
        v.push(values(first_unit..first_answer, Variable::V));
        sums.push(values(first_answer..first_input, Variable::Sigma));
    }
    Shown { v, sums, work: chip.program_work(), inputs: n_inputs }
}
