//! Random partitioned networks and random input for them, to be run by different tools and compared.
//!
//! `cargo run -p rheobase-loihi-export --example random_netlists -- FOLDER [N] [SEED] [chains|instant]` writes
//! `NAME.h5`, a netlist, and `NAME.input.h5`, the spikes of its source "input" for 1,200 steps, for N networks (24).
//!
//! Neurons of one or two populations are dealt to two or three cores at random. Projections have delays or not,
//! exponents of both signs, 1 to 8 bits, all signs, and several synapses for some pairs. Most neurons are plain
//! LIF, some are refractory, reset in intervals, have two thresholds, or send numbers. Chains are what NetX can say:
//! plain populations that feed the next one and some of them themselves, each on a core of its own. Instant networks
//! are what SANA-FE says as a chip does: currents do not outlast their step, nothing is delayed, no sum is rounded.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use rheobase_loihi_export::netlist::{
    Activation, Block, Core, Delta, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons,
    Population, Sign, validate, write,
};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{SpikeTrain, file};

/// Steps that have input.
const STEPS: u32 = 1200;
/// What a step means \[ms\]; a power of two, so that times are steps to the bit.
const DT: f64 = 0.5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = Path::new(arguments.first().ok_or("name a folder")?);
    let number = |i: usize, default: u64| arguments.get(i).map_or(Ok(default), |text| text.parse());
    let (n, seed) = (number(1, 24)?, number(2, 1)?);
    let of = arguments.get(3).map_or("", String::as_str);
    let part = ["", "chains", "instant"].iter().position(|known| *known == of);
    let part = part.ok_or("the last argument is \"chains\", \"instant\" or left out")? as u32;
    std::fs::create_dir_all(folder)?;
    for i in 0..n {
        let mut draw = Draw(Stream::new(seed, Purpose::Parameter, part, i));
        let sketch = match of {
            "chains" => chain(&mut draw),
            of => sketch(&mut draw, i, of == "instant"),
        };
        let name = format!("random{i:03}");
        write(&folder.join(format!("{name}.h5")), &validate(netlist(&sketch, &mut draw))?)?;
        file::write_spikes(&folder.join(format!("{name}.input.h5")), &input(&sketch, &mut draw)?)?;
    }
    Ok(())
}

/// Random numbers of one network.
struct Draw(Stream);

impl Draw {
    fn within(&mut self, from: i32, to: i32) -> i32 {
        let width = f64::from(to) - f64::from(from) + 1.0;
        (f64::from(from) + (self.0.open01() * width).floor()) as i32
    }

    fn happens(&mut self, probability: f64) -> bool {
        self.0.open01() < probability
    }
}

/// A network before it is dealt to cores.
struct Sketch {
    n_cores: u32,
    /// Nodes of the source, which is the population after the last.
    n_inputs: u32,
    /// The core of every neuron, by population.
    homes: Vec<Vec<u32>>,
    kinds: Vec<Kind>,
    /// The exponent of what drives a population, which its thresholds go by.
    drives: Vec<i32>,
    projections: Vec<Sketched>,
}

/// What the neurons of a population are.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// LIF that begins at rest and has a bias that is a multiple of 64.
    Plain,
    /// The same, and its current does not outlast its step.
    Instant,
    Lif,
    Refractory,
    Reset,
    Ternary,
    Graded,
    SigmaDelta,
}

/// A synapse: target, weight, delay.
type Synapse = (u32, i32, u8);
/// The synapses of a sender.
type Row = (u32, Vec<Synapse>);

/// A projection: its synapses by source.
struct Sketched {
    source: usize,
    target: usize,
    link: Link,
    rows: Vec<Vec<Synapse>>,
}

fn sketch(draw: &mut Draw, i: u64, is_instant: bool) -> Sketch {
    // Every kind of neuron has its turn, and plain ones most often.
    let kind = |draw: &mut Draw, p: u64| match (i + p) % 8 {
        _ if is_instant => Kind::Instant,
        1 | 5 => Kind::Refractory,
        2 => Kind::Reset,
        4 => Kind::Ternary,
        6 if p > 0 => Kind::Graded,
        7 if p > 0 && draw.happens(0.5) => Kind::SigmaDelta,
        _ => Kind::Lif,
    };
    let n_cores = draw.within(2, 3) as u32;
    let n_populations = draw.within(1, 2) as u64;
    let kinds: Vec<Kind> = (0..n_populations).map(|p| kind(draw, p)).collect();
    let sizes: Vec<u32> = kinds.iter().map(|_| draw.within(12, 30) as u32).collect();
    let homes =
        sizes.iter().map(|n| (0..*n).map(|_| draw.within(0, n_cores as i32 - 1) as u32).collect()).collect();
    let n_inputs = draw.within(5, 15) as u32;
    let (mut projections, mut drives) = (Vec::new(), Vec::new());
    let sends_numbers = |from: usize| {
        from < kinds.len() && matches!(kinds[from], Kind::Ternary | Kind::Graded | Kind::SigmaDelta)
    };
    for target in 0..kinds.len() {
        // The source drives the first population, and this one the next.
        let (source, n) = if target == 0 { (kinds.len(), n_inputs) } else { (target - 1, sizes[target - 1]) };
        let drive = draw.within(if is_instant { 0 } else { -3 }, 3);
        drives.push(drive);
        let ends = [(source, n), (target, sizes[target])];
        let sign = if draw.happens(0.5) { Sign::Excitatory } else { Sign::Mixed };
        let longest = if is_instant { 0 } else { any_delay(draw) };
        projections.push(projection(
            draw,
            ends,
            How { sign, drive, longest, sends_numbers: sends_numbers(source) },
        ));
        for from in target..kinds.len() {
            // What sends numbers to itself would explode.
            if draw.happens(0.8) && !sends_numbers(from) {
                let sign = [Sign::Mixed, Sign::Mixed, Sign::Inhibitory][draw.within(0, 2) as usize];
                let ends = [(from, sizes[from]), (target, sizes[target])];
                let drive = drive - draw.within(0, if is_instant { drive.min(2) } else { 2 });
                let longest = if is_instant { 0 } else { any_delay(draw) };
                projections.push(projection(draw, ends, How { sign, drive, longest, sends_numbers: false }));
            }
        }
    }
    Sketch { n_cores, n_inputs, homes, kinds, drives, projections }
}

/// Populations that feed the next one, and some of them themselves.
fn chain(draw: &mut Draw) -> Sketch {
    let n = draw.within(1, 3) as usize;
    let sizes: Vec<u32> = (0..n).map(|_| draw.within(8, 25) as u32).collect();
    let n_inputs = draw.within(5, 15) as u32;
    let mut projections = Vec::new();
    for target in 0..n {
        let is_recurrent = draw.happens(0.5);
        let (source, n_source) = if target == 0 { (n, n_inputs) } else { (target - 1, sizes[target - 1]) };
        let sign = if draw.happens(0.5) { Sign::Excitatory } else { Sign::Mixed };
        let longest = if is_recurrent { 0 } else { any_delay(draw) };
        // One exponent in eight is not one of NetX.
        let drive = if draw.happens(0.125) { -1 } else { 0 };
        let ends = [(source, n_source), (target, sizes[target])];
        projections.push(projection(draw, ends, How { sign, drive, longest, sends_numbers: false }));
        if is_recurrent {
            let sign = [Sign::Mixed, Sign::Inhibitory][draw.within(0, 1) as usize];
            let ends = [(target, sizes[target]), (target, sizes[target])];
            projections.push(projection(draw, ends, How { sign, drive, longest: 0, sends_numbers: false }));
        }
    }
    Sketch {
        n_cores: n as u32,
        n_inputs,
        homes: (0..).zip(&sizes).map(|(core, n)| vec![core; *n as usize]).collect(),
        kinds: vec![Kind::Plain; n],
        drives: vec![0; n],
        projections,
    }
}

/// The longest delay of a projection: some have none.
fn any_delay(draw: &mut Draw) -> i32 {
    if draw.happens(0.6) { draw.within(1, 12) } else { 0 }
}

/// What the synapses of a projection are like.
struct How {
    sign: Sign,
    /// The exponent of weights.
    drive: i32,
    /// The longest delay.
    longest: i32,
    /// Whether messages are more than spikes.
    sends_numbers: bool,
}

/// A projection between two populations, each with its size.
fn projection(draw: &mut Draw, [source, target]: [(usize, u32); 2], how: How) -> Sketched {
    let How { sign, drive, longest, sends_numbers } = how;
    let weight_bits = if draw.happens(0.5) { 8 } else { draw.within(3, 8) } as u8;
    let density = 0.1 + 0.4 * draw.0.open01();
    let mut rows = Vec::new();
    for _ in 0..source.1 {
        let mut row = Vec::new();
        for post in 0..target.1 {
            // Some pairs have two synapses.
            let n = i32::from(draw.happens(density)) + i32::from(draw.happens(0.01));
            for _ in 0..n {
                let weight = match sign {
                    Sign::Mixed => draw.within(-150, 255),
                    Sign::Inhibitory => -draw.within(0, 255),
                    Sign::Excitatory | Sign::Null => draw.within(0, 255),
                };
                row.push((post, weight, draw.within(0, longest) as u8));
            }
        }
        row.sort_by_key(|(post, _, delay)| (*delay, *post));
        rows.push(row);
    }
    let message_bits = if sends_numbers { 16 } else { 0 };
    let link = Link::Weights { weight_exp: drive as i8, weight_bits, sign, message_bits };
    Sketched { source: source.0, target: target.0, link, rows }
}

/// The cores that a sender, population and node, has axons on, and which.
type Routes = BTreeMap<(usize, u32), Vec<(u32, u32)>>;

/// Deals the network to its cores.
fn netlist(sketch: &Sketch, draw: &mut Draw) -> Netlist {
    let mut cores: Vec<Core> = (0..sketch.n_cores).map(|core| held(sketch, core, draw)).collect();
    let mut routes = Routes::new();
    cores.iter_mut().for_each(|core| connect(core, sketch, &mut routes));
    for core in &mut cores {
        let of_group = |group: &Group| {
            let population = group.population as usize;
            group.neurons.iter().map(|neuron| (population, *neuron)).collect::<Vec<_>>()
        };
        core.output_axons = axons(core.groups.iter().flat_map(of_group), &routes);
    }
    let neurons = sketch.homes.iter().enumerate();
    let mut populations: Vec<Population> = neurons
        .map(|(p, homes)| Population { name: format!("neurons{p}"), size: homes.len() as u32, source: None })
        .collect();
    populations.push(Population {
        name: "input".to_owned(),
        size: sketch.n_inputs,
        source: Some(axons((0..sketch.n_inputs).map(|node| (sketch.kinds.len(), node)), &routes)),
    });
    let origin = Origin { made_from: "a random network".to_owned(), dt: DT, ..Origin::default() };
    Netlist { origin, chip: None, populations, cores }
}

/// Gives a core its blocks and input axons, and tells the senders of these.
fn connect(core: &mut Core, sketch: &Sketch, routes: &mut Routes) {
    let mut axon_of = BTreeMap::new();
    let mut blocks = Vec::new();
    for (p, projection) in sketch.projections.iter().enumerate() {
        let is_target = |group: &Group| group.population as usize == projection.target;
        let Some(group) = core.groups.iter().position(is_target) else { continue };
        let local: BTreeMap<u32, u32> = core.groups[group].neurons.iter().copied().zip(0..).collect();
        // One block for every core that spikes come from, and one for a source.
        let mut rows_from: BTreeMap<u32, Vec<Row>> = BTreeMap::new();
        for (node, row) in (0..).zip(&projection.rows) {
            let here = row.iter().filter_map(|(post, w, d)| local.get(post).map(|i| (*i, *w, *d)));
            let here: Vec<Synapse> = here.collect();
            if !here.is_empty() {
                let homes = sketch.homes.get(projection.source);
                let from = homes.map_or(0, |homes| homes[node as usize]);
                rows_from.entry(from).or_default().push((node, here));
                axon_of.insert((projection.source, node), 0);
            }
        }
        blocks.extend(rows_from.into_values().map(|rows| (p, group as u32, rows)));
    }
    for (axon, (sender, slot)) in (0..).zip(&mut axon_of) {
        *slot = axon;
        routes.entry(*sender).or_default().push((core.core, axon));
        core.input_axons.population.push(sender.0 as u32);
        core.input_axons.node.push(sender.1);
    }
    let of_projection = |(p, group, rows): (usize, u32, Vec<Row>)| {
        block(format!("projection{p}"), group, &sketch.projections[p], &rows, &axon_of)
    };
    core.blocks = blocks.into_iter().map(of_projection).collect();
}

fn axons(senders: impl Iterator<Item = (usize, u32)>, routes: &Routes) -> OutputAxons {
    senders.map(|sender| routes.get(&sender).map_or(&[][..], Vec::as_slice)).collect()
}

/// A core with its neurons and nothing else.
fn held(sketch: &Sketch, core: u32, draw: &mut Draw) -> Core {
    let mut groups = Vec::new();
    for (p, homes) in sketch.homes.iter().enumerate() {
        let neurons: Vec<u32> =
            (0..).zip(homes).filter(|(_, home)| **home == core).map(|(neuron, _)| neuron).collect();
        if !neurons.is_empty() {
            let model = model(sketch.kinds[p], neurons.len(), sketch.drives[p], draw);
            groups.push(Group { population: p as u32, neurons, model });
        }
    }
    Core {
        core,
        groups,
        input_axons: InputAxons::default(),
        blocks: Vec::new(),
        output_axons: OutputAxons::default(),
    }
}

fn block(
    projection: String,
    group: u32,
    sketched: &Sketched,
    rows: &[Row],
    axon_of: &BTreeMap<(usize, u32), u32>,
) -> Block {
    let mut block = Block {
        projection,
        group,
        port: 0,
        link: sketched.link,
        axon: Vec::new(),
        first: vec![0],
        target: Vec::new(),
        weight: Vec::new(),
        delay: Vec::new(),
    };
    for (node, row) in rows {
        block.axon.push(axon_of[&(sketched.source, *node)]);
        for (target, weight, delay) in row {
            block.target.push(*target);
            block.weight.push(*weight);
            block.delay.push(*delay);
        }
        block.first.push(block.target.len() as u32);
    }
    block
}

fn model(kind: Kind, n: usize, drive: i32, draw: &mut Draw) -> Model {
    // What a strong synapse adds to the current.
    let unit = if drive < 0 { 128 >> -drive } else { 128 << drive };
    match kind {
        Kind::Instant => match model(Kind::Plain, n, drive, draw) {
            Model::Lif(lif) => Model::Lif(Lif { du: vec![4095; n], ..lif }),
            other => other,
        },
        Kind::Plain => Model::Lif(Lif {
            bias_mant: numbers(n, || if draw.happens(0.3) { draw.within(-8, 20) } else { 0 }),
            bias_exp: vec![6; n],
            u: vec![0; n],
            v: vec![0; n],
            ..lif(n, 1, unit, draw)
        }),
        Kind::Lif => Model::Lif(lif(n, 1, unit, draw)),
        Kind::Refractory => Model::Lif(lif(n, 6, unit, draw)),
        Kind::Reset => Model::LifReset {
            lif: lif(n, 1, unit, draw),
            interval: draw.within(5, 40) as u32,
            offset: draw.within(0, 60) as u32,
        },
        Kind::Ternary => Model::TernaryLif {
            lif: lif(n, 1, unit, draw),
            vth_lo: numbers(n, || -draw.within(unit / 2, 4 * unit)),
        },
        Kind::Graded => {
            Model::GradedVec { vth: numbers(n, || draw.within(0, 2 * unit)), rectified: draw.happens(0.5) }
        }
        Kind::SigmaDelta => Model::SigmaDelta {
            delta: Delta {
                vth: numbers(n, || draw.within(1, unit)),
                spike_exp: 0,
                state_exp: draw.within(0, 6) as u8,
                cum_error: draw.happens(0.3),
            },
            bias: numbers(n, || draw.within(-50, 50)),
            activation: if draw.happens(0.5) { Activation::Relu } else { Activation::Unit },
        },
    }
}

fn numbers(n: usize, mut number: impl FnMut() -> i32) -> Vec<i32> {
    (0..n).map(|_| number()).collect()
}

fn lif(n: usize, longest_refractory: i32, unit: i32, draw: &mut Draw) -> Lif {
    let bias = unit;
    Lif {
        du: numbers(n, || if draw.happens(0.1) { 4095 } else { draw.within(400, 3500) }),
        dv: numbers(n, || if draw.happens(0.1) { draw.within(0, 4096) } else { draw.within(50, 1500) }),
        vth: numbers(n, || draw.within(unit, 6 * unit)),
        bias_mant: numbers(n, || draw.within(-bias, 2 * bias)),
        bias_exp: numbers(n, || draw.within(-2, 3)),
        refractory: numbers(n, || draw.within(1, longest_refractory)),
        u: numbers(n, || draw.within(-3000, 3000)),
        v: numbers(n, || draw.within(-9000, 9000)),
        v_min: -(1 << 23) + 1,
        v_max: (1 << 23) - 1,
    }
}

fn input(sketch: &Sketch, draw: &mut Draw) -> Result<SpikeTrain, Box<dyn Error>> {
    let (mut times, mut nodes) = (Vec::new(), Vec::new());
    for step in 1..=STEPS {
        for node in 0..sketch.n_inputs {
            if draw.happens(0.06) {
                times.push(f64::from(step) * DT);
                nodes.push(node);
            }
        }
    }
    Ok(SpikeTrain::from_sorted(sketch.n_inputs, times, nodes)?)
}
