//! Netlists for the tests.

use rheobase_loihi_export::emulate::Message;
use rheobase_loihi_export::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Population, Sign,
    ValidNetlist, from_json, to_json, validate,
};
use rheobase_net::random::split_mix;

/// Random numbers for a seed; those of equal seeds are equal.
pub struct Draw {
    seed: u64,
    n: u64,
}

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self { seed, n: 0 }
    }

    /// A number from `least` to `most`.
    pub fn whole(&mut self, least: i64, most: i64) -> i64 {
        self.n += 1;
        least + (split_mix(self.seed, self.n) % (most - least + 1) as u64) as i64
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.whole(0, choices.len() as i64 - 1) as usize]
    }

    pub fn list(&mut self, n: u32, least: i64, most: i64) -> Vec<i32> {
        (0..n).map(|_| self.whole(least, most) as i32).collect()
    }
}

pub const WEIGHTS: Link = Link::Weights { weight_exp: 0, weight_bits: 8, sign: Sign::Mixed, message_bits: 0 };

/// Neurons without memory or bias, which fire when what arrives in a step is above 10.
pub fn plain(n: u32) -> Lif {
    let all = |value| vec![value; n as usize];
    Lif {
        du: all(4095),
        dv: all(4096),
        vth: all(10),
        bias_mant: all(0),
        bias_exp: all(0),
        refractory: all(1),
        u: all(0),
        v: all(0),
        v_min: 1 - (1 << 23),
        v_max: (1 << 23) - 1,
    }
}

/// A connection: from population to population (0 is the source), with synapses `(pre, post, weight, delay)`.
pub struct Connection {
    pub from: u32,
    pub to: u32,
    pub port: u8,
    pub link: Link,
    pub synapses: Vec<(u32, u32, i32, u8)>,
}

/// A connection of single weights without delays.
pub fn connection(from: u32, to: u32, synapses: &[(u32, u32, i32)]) -> Connection {
    let synapses = synapses.iter().map(|(pre, post, weight)| (*pre, *post, *weight, 0)).collect();
    Connection { from, to, port: 0, link: WEIGHTS, synapses }
}

/// One core with a source of `n_in` nodes, which is population 0, and the groups.
pub fn one_core(n_in: u32, groups: Vec<(u32, Model)>, connections: Vec<Connection>) -> ValidNetlist {
    let sizes: Vec<u32> = std::iter::once(n_in).chain(groups.iter().map(|(n, _)| *n)).collect();
    let first: Vec<u32> = sizes.iter().scan(0, |sum, n| Some(std::mem::replace(sum, *sum + n))).collect();
    let blocks = connections.into_iter().map(|connection| {
        let Connection { from, to, port, link, mut synapses } = connection;
        synapses.sort_by_key(|(pre, post, _, delay)| (*pre, *delay, *post));
        let mut block = Block {
            projection: format!("{from} to {to} port {port}"),
            group: to - 1,
            port,
            link,
            axon: Vec::new(),
            first: vec![0],
            target: synapses.iter().map(|synapse| synapse.1).collect(),
            weight: synapses.iter().map(|synapse| synapse.2).collect(),
            delay: synapses.iter().map(|synapse| synapse.3).collect(),
        };
        for row in synapses.chunk_by(|a, b| a.0 == b.0) {
            block.axon.push(first[from as usize] + row[0].0);
            block.first.push(block.first[block.first.len() - 1] + row.len() as u32);
        }
        block
    });
    let blocks = blocks.collect();
    let axons = |begin: u32, end: u32| OutputAxons {
        first: (0..=end - begin).collect(),
        core: vec![7; (end - begin) as usize],
        axon: (begin..end).collect(),
    };
    let n_nodes = sizes.iter().sum();
    let populations = sizes.iter().enumerate().map(|(p, size)| Population {
        name: if p == 0 { "in".to_owned() } else { format!("neurons {p}") },
        size: *size,
        source: (p == 0).then(|| axons(0, n_in)),
    });
    let nodes = sizes.iter().zip(0..).flat_map(|(size, p)| (0..*size).map(move |node| (p, node)));
    let (population, node) = nodes.unzip();
    let groups = (1..).zip(groups).map(|(population, (n, model))| Group {
        population,
        neurons: (0..n).collect(),
        model,
    });
    let netlist = Netlist {
        origin: Origin { dt: 1.0, ..Origin::default() },
        chip: None,
        populations: populations.collect(),
        cores: vec![Core {
            core: 7,
            groups: groups.collect(),
            input_axons: InputAxons { population, node },
            blocks,
            output_axons: axons(n_in, n_nodes),
        }],
    };
    read_back(netlist)
}

/// The netlist as its file has it.
pub fn read_back(netlist: Netlist) -> ValidNetlist {
    let valid = validate(netlist).unwrap_or_else(|faults| panic!("{faults}"));
    from_json(&to_json(&valid)).expect("what is written is read")
}

/// A recurrent network of two populations of LIF neurons, plain ones, ternary ones or ones with resets, that a
/// source drives; weights as a chip may have them. Without `rounds` no exponent is below 0.
pub fn random(seed: u64, rounds: bool) -> ValidNetlist {
    let mut draw = Draw::new(seed);
    let sizes = [draw.whole(1, 4) as u32, draw.whole(1, 90) as u32, draw.whole(1, 20) as u32];
    let groups = sizes[1..].iter().map(|n| (*n, random_model(&mut draw, *n))).collect();
    let ends = [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1), (2, 2)];
    let connections = ends.map(|(from, to)| {
        let link = Link::Weights {
            weight_exp: draw.whole(if rounds { -4 } else { 0 }, 4) as i8,
            weight_bits: draw.whole(1, 8) as u8,
            sign: draw.one_of(&[Sign::Mixed, Sign::Mixed, Sign::Excitatory, Sign::Inhibitory, Sign::Null]),
            message_bits: draw.one_of(&[0, 0, 8]),
        };
        let most_delay = draw.one_of(&[0, 3, 63]);
        let mut synapses = Vec::new();
        for pre in 0..sizes[from] {
            for post in 0..sizes[to] {
                if draw.whole(0, 3) == 0 {
                    let (weight, delay) = (draw.whole(-300, 300) as i32, draw.whole(0, most_delay) as u8);
                    synapses.push((pre, post, weight, delay));
                }
            }
        }
        Connection { from: from as u32, to: to as u32, port: 0, link, synapses }
    });
    one_core(sizes[0], groups, connections.into())
}

fn random_model(draw: &mut Draw, n: u32) -> Model {
    let lif = Lif {
        du: draw.list(n, -1, 4095),
        dv: draw.list(n, 0, 4096),
        vth: draw.list(n, -3, 400),
        bias_mant: draw.list(n, -100, 100),
        bias_exp: draw.list(n, -2, 6),
        refractory: if draw.whole(0, 1) == 0 { vec![1; n as usize] } else { draw.list(n, 1, 5) },
        u: draw.list(n, -(1 << 23), 1 << 23),
        v: draw.list(n, -(1 << 23), 1 << 23),
        v_min: 1 - (1 << 23),
        v_max: (1 << 23) - 1,
    };
    match draw.whole(0, 3) {
        0 => Model::LifReset { lif, interval: draw.whole(1, 9) as u32, offset: draw.whole(0, 20) as u32 },
        1 => Model::TernaryLif { lif, vth_lo: draw.list(n, -400, -3) },
        _ => Model::Lif(lif),
    }
}

/// What the source of a random network sends in a step.
pub fn random_messages(seed: u64, t: u32, n_in: u32) -> Vec<Message> {
    let mut draw = Draw::new(seed ^ u64::from(t) << 32);
    let sent = (0..n_in).map(|node| Message { node, value: draw.whole(-2, 2) as i32 });
    sent.filter(|message| message.value != 0).collect()
}
