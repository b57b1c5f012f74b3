//! The suite `nengo-loihi`: golden vectors made by the emulator of nengo-loihi 1.1.0, in the schema
//! `nengo-loihi-golden/1`, integer for integer.

use std::path::Path;

use anyhow::{Result, ensure};
use rheobase_loihi_export::emulate::{Profile, Variable};
use rheobase_loihi_export::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Population,
};
use serde::Deserialize;

use super::{Case, Expected, Outcome, What};

#[derive(Deserialize)]
struct Vector {
    schema: String,
    steps: u32,
    n: u32,
    n_in: u32,
    params: Params,
    input_spikes: Vec<Vec<i32>>,
    connections: Vec<Connection>,
    expected: States,
}

#[derive(Deserialize)]
struct Params {
    decay_u: Vec<i32>,
    decay_v: Vec<i32>,
    vth: Vec<i32>,
    bias: Vec<i32>,
    refract_delay: Vec<i32>,
    vmin: i32,
    vmax: i32,
}

#[derive(Deserialize)]
struct Connection {
    name: String,
    weights_pre_by_post_q: Vec<Vec<i32>>,
}

#[derive(Deserialize)]
struct States {
    s: Vec<Vec<f64>>,
    u: Vec<Vec<f64>>,
    v: Vec<Vec<f64>>,
}

/// Runs every case of a folder, but for those that are skipped.
pub fn run(dir: &Path, threads: usize, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    super::run(dir, threads, is_skipped, read)
}

fn read(text: &str) -> Result<Case> {
    let vector: Vector = serde_json::from_str(text)?;
    ensure!(vector.schema == "nengo-loihi-golden/1", "the schema is {}", vector.schema);
    let States { s, u, v } = vector.expected;
    let expected = [(What::Sent, s), (What::State(Variable::U), u), (What::State(Variable::V), v)];
    Ok(Case {
        netlist: netlist(vector.n, vector.n_in, vector.params, &vector.connections)?,
        profile: Profile::NengoLoihi11,
        steps: vector.steps,
        inputs: vec![("in".to_owned(), vector.input_spikes)],
        expected: expected
            .into_iter()
            .map(|(what, values)| Expected { population: 1, what, values })
            .collect(),
        tolerance: 0.0,
    })
}

/// One core; input axons are those of the sources, then those of the neurons.
fn netlist(n: u32, n_in: u32, params: Params, connections: &[Connection]) -> Result<Netlist> {
    let Params { decay_u, decay_v, vth, bias, refract_delay, vmin, vmax } = params;
    ensure!(vth.iter().all(|vth| vth % 64 == 0), "a threshold is no multiple of 64");
    let zeros = vec![0; n as usize];
    let lif = Lif {
        du: decay_u,
        dv: decay_v,
        vth: vth.iter().map(|vth| vth / 64).collect(),
        bias_mant: bias,
        bias_exp: zeros.clone(),
        refractory: refract_delay,
        u: zeros.clone(),
        v: zeros,
        v_min: vmin,
        v_max: vmax,
    };
    let axons = |first: u32, n: u32| OutputAxons {
        first: (0..=n).collect(),
        core: vec![0; n as usize],
        axon: (first..first + n).collect(),
    };
    let mut blocks = Vec::new();
    for connection in connections {
        let (first_axon, n_pre) = if connection.name == "in" { (0, n_in) } else { (n_in, n) };
        let rows = &connection.weights_pre_by_post_q;
        let fits = rows.len() == n_pre as usize && rows.iter().all(|row| row.len() == n as usize);
        ensure!(fits, "the weights of {} are not {n_pre} by {n}", connection.name);
        blocks.push(Block {
            projection: connection.name.clone(),
            group: 0,
            port: 0,
            link: Link::Scaled,
            axon: (first_axon..first_axon + n_pre).collect(),
            first: (0..=n_pre).map(|row| row * n).collect(),
            target: (0..n_pre).flat_map(|_| 0..n).collect(),
            weight: rows.concat(),
            delay: vec![0; (n_pre * n) as usize],
        });
    }
    let input_axons = InputAxons {
        population: [vec![0; n_in as usize], vec![1; n as usize]].concat(),
        node: (0..n_in).chain(0..n).collect(),
    };
    let group = Group { population: 1, neurons: (0..n).collect(), model: Model::Lif(lif) };
    Ok(Netlist {
        origin: Origin {
            made_from: "a golden vector of nengo-loihi 1.1.0".to_owned(),
            dt: 1.0,
            ..Origin::default()
        },
        chip: None,
        populations: vec![
            Population { name: "in".to_owned(), size: n_in, source: Some(axons(0, n_in)) },
            Population { name: "neurons".to_owned(), size: n, source: None },
        ],
        cores: vec![Core { core: 0, groups: vec![group], input_axons, blocks, output_axons: axons(n_in, n) }],
    })
}
