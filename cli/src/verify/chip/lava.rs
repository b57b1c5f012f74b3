//! The suite `lava`: golden vectors made by Lava 0.10.0, in the schema `lava-golden/1`. Fixed-point cases agree in
//! every integer at every step, floating-point ones to 1e-9.

use std::collections::HashMap;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use rheobase_loihi_export::emulate::{Profile, Variable};
use rheobase_loihi_export::netlist::{
    Activation, Block, Core, Delta, FloatLif, Group, InputAxons, Lif, Link, Model, Netlist, Origin,
    OutputAxons, Population, Resonator, Sign,
};
use serde::Deserialize;
use serde_json::Value;

use super::{Case, Expected, Outcome, What};

const FLOAT_TOLERANCE: f64 = 1e-9;
/// Units in which floating-point weights are whole.
const FLOAT_SCALE: f64 = (1 << 20) as f64;
/// Lava's limit of a potential.
const V_LIMIT: i32 = (1 << 23) - 1;

#[derive(Deserialize)]
struct Vector {
    schema: String,
    steps: u32,
    arith: String,
    nodes: Vec<Node>,
    connections: Vec<Connection>,
    expected: HashMap<String, HashMap<String, Vec<Vec<f64>>>>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    kind: String,
    n: u32,
    #[serde(default)]
    params: HashMap<String, Value>,
    derived: Option<HashMap<String, Value>>,
    data: Option<Vec<Vec<f64>>>,
}

#[derive(Deserialize)]
struct Connection {
    id: String,
    kind: String,
    from: String,
    to: String,
    port: Option<String>,
    weights: Option<Matrix>,
    delays: Option<Delays>,
    weight_exp: Option<i8>,
    num_weight_bits: Option<u8>,
    sign_mode: Option<String>,
    num_message_bits: Option<u8>,
    #[serde(default)]
    float: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Matrix {
    Dense(Vec<Vec<f64>>),
    Sparse { shape: [u32; 2], row: Vec<u32>, col: Vec<u32>, data: Vec<f64> },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Delays {
    One(u8),
    List(Vec<u8>),
    Matrix(Vec<Vec<u8>>),
}

/// A synapse of a connection.
struct Synapse {
    pre: u32,
    post: u32,
    weight: f64,
    delay: u8,
}

/// Runs every case of a folder, but for those that are skipped.
pub fn run(dir: &Path, threads: usize, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    super::run(dir, threads, is_skipped, read)
}

fn read(text: &str) -> Result<Case> {
    let vector: Vector = serde_json::from_str(text)?;
    ensure!(vector.schema == "lava-golden/1", "the schema is {}, not lava-golden/1", vector.schema);
    let index: HashMap<&str, u32> = vector.nodes.iter().map(|node| node.id.as_str()).zip(0..).collect();
    let place = |id: &str| index.get(id).copied().with_context(|| format!("there is no node {id}"));
    let mut expected = Vec::new();
    for (id, variables) in vector.expected {
        for (name, values) in variables {
            expected.push(Expected { population: place(&id)?, what: what(&name)?, values });
        }
    }
    let inputs = vector.nodes.iter().filter_map(|node| node.data.as_ref().map(|data| (node, data)));
    let inputs = inputs
        .map(|(node, data)| Ok((node.id.clone(), data.iter().map(|row| whole(row)).collect::<Result<_>>()?)))
        .collect::<Result<_>>()?;
    Ok(Case {
        netlist: netlist(&vector.nodes, &vector.connections, place)?,
        profile: Profile::Lava010,
        steps: vector.steps,
        inputs,
        expected,
        tolerance: if vector.arith == "fixed" { 0.0 } else { FLOAT_TOLERANCE },
    })
}

fn what(name: &str) -> Result<What> {
    Ok(match name {
        "s" => What::Sent,
        "u" => What::State(Variable::U),
        "v" => What::State(Variable::V),
        "sigma" => What::State(Variable::Sigma),
        "act" => What::State(Variable::Act),
        "residue" => What::State(Variable::Residue),
        "error" => What::State(Variable::Error),
        "real" => What::State(Variable::Re),
        "imag" => What::State(Variable::Im),
        other => bail!("the variable {other} is not known"),
    })
}

/// One core with all nodes; an axon for every node that sends.
fn netlist(
    nodes: &[Node],
    connections: &[Connection],
    place: impl Fn(&str) -> Result<u32>,
) -> Result<Netlist> {
    let mut groups = Vec::new();
    let mut group_of = vec![None; nodes.len()];
    for (p, node) in (0..).zip(nodes).filter(|(_, node)| node.kind != "source") {
        let model = model(node).with_context(|| format!("node {}", node.id))?;
        group_of[p as usize] = Some(groups.len() as u32);
        groups.push(Group { population: p, neurons: (0..node.n).collect(), model });
    }
    // Axons in the order of the nodes, of those that send to anyone.
    let mut first_axon = vec![None; nodes.len()];
    let mut input_axons = InputAxons::default();
    for (p, node) in (0..).zip(nodes) {
        if connections.iter().any(|connection| connection.from == node.id) {
            first_axon[p as usize] = Some(input_axons.len() as u32);
            input_axons.population.extend((0..node.n).map(|_| p));
            input_axons.node.extend(0..node.n);
        }
    }
    let mut blocks = Vec::new();
    for connection in connections {
        let (from, to) = (place(&connection.from)? as usize, place(&connection.to)? as usize);
        let group = group_of[to].with_context(|| format!("{} ends at a source", connection.id))?;
        let first = first_axon[from].context("whoever sends has axons")?;
        let block = block(connection, group, first, nodes[from].n);
        blocks.push(block.with_context(|| format!("connection {}", connection.id))?);
    }
    let axons = |p: usize| {
        let mut axons = OutputAxons::default();
        for node in 0..nodes[p].n {
            if let Some(first) = first_axon[p] {
                axons.core.push(0);
                axons.axon.push(first + node);
            }
            axons.first.push(axons.core.len() as u32);
        }
        axons
    };
    let populations = nodes.iter().enumerate().map(|(p, node)| Population {
        name: node.id.clone(),
        size: node.n,
        source: (node.kind == "source").then(|| axons(p)),
    });
    let mut output_axons = OutputAxons::default();
    for group in &groups {
        let own = axons(group.population as usize);
        let before = output_axons.core.len() as u32;
        output_axons.first.extend(own.first[1..].iter().map(|end| before + end));
        output_axons.core.extend(own.core);
        output_axons.axon.extend(own.axon);
    }
    Ok(Netlist {
        origin: Origin {
            made_from: "a golden vector of Lava 0.10.0".to_owned(),
            dt: 1.0,
            ..Origin::default()
        },
        chip: None,
        populations: populations.collect(),
        cores: vec![Core { core: 0, groups, input_axons, blocks, output_axons }],
    })
}

fn model(node: &Node) -> Result<Model> {
    let int = |name| ints(&node.params, name, node.n, None);
    let int_or_0 = |name| ints(&node.params, name, node.n, Some(0));
    let one = |name| Ok::<i32, anyhow::Error>(ints(&node.params, name, 1, None)?[0]);
    let float = |name| floats(&node.params, name, node.n);
    let lif = |vth| {
        Ok::<Lif, anyhow::Error>(Lif {
            du: int("du")?,
            dv: int("dv")?,
            vth: int(vth)?,
            bias_mant: int_or_0("bias_mant")?,
            bias_exp: int_or_0("bias_exp")?,
            refractory: vec![1; node.n as usize],
            u: int_or_0("u0")?,
            v: int_or_0("v0")?,
            v_min: -V_LIMIT,
            v_max: V_LIMIT,
        })
    };
    let delta = || {
        Ok::<Delta, anyhow::Error>(Delta {
            vth: int("vth")?,
            spike_exp: u8::try_from(one("spike_exp")?)?,
            state_exp: u8::try_from(one("state_exp")?)?,
            cum_error: node.params.get("cum_error").and_then(Value::as_bool).unwrap_or(false),
        })
    };
    Ok(match node.kind.as_str() {
        "lif" => Model::Lif(lif("vth")?),
        "lif_reset" => Model::LifReset {
            lif: lif("vth")?,
            interval: u32::try_from(one("reset_interval")?)?,
            offset: u32::try_from(one("reset_offset")?)?,
        },
        "ternary_lif" => Model::TernaryLif { lif: lif("vth_hi")?, vth_lo: int("vth_lo")? },
        "lif_refractory" => Model::FloatLif(FloatLif {
            du: float("du")?,
            dv: float("dv")?,
            vth: float("vth")?,
            bias: float("bias_mant")?,
            refractory: int("refractory_period")?.into_iter().map(u32::try_from).collect::<Result<_, _>>()?,
        }),
        "graded_vec" | "graded_relu_vec" => {
            Model::GradedVec { vth: int("vth")?, rectified: node.kind == "graded_relu_vec" }
        }
        "prod_neuron" => Model::Product { vth: int("vth")?, exp: u8::try_from(one("exp")?)? },
        "sigma" => Model::Sigma,
        "delta" => Model::Delta(delta()?),
        "sigma_delta" => Model::SigmaDelta {
            delta: delta()?,
            bias: int_or_0("bias")?,
            activation: match node.params.get("act").and_then(Value::as_str) {
                Some("relu") => Activation::Relu,
                Some("unit") => Activation::Unit,
                other => bail!("the activation {other:?} is not known"),
            },
        },
        "rf" | "rf_iz" => {
            let derived = node.derived.as_ref().context("it has no derived numbers")?;
            let int = |name| ints(derived, name, node.n, None);
            let one = |name| Ok::<u8, anyhow::Error>(u8::try_from(ints(derived, name, 1, None)?[0])?);
            Model::Resonator(Resonator {
                sin_decay: int("sin_decay")?,
                cos_decay: int("cos_decay")?,
                vth: int("vth")?,
                state_exp: one("state_exp")?,
                decay_bits: one("decay_bits")?,
                izhikevich: node.kind == "rf_iz",
            })
        }
        other => bail!("the model {other} is not known"),
    })
}

fn block(connection: &Connection, group: u32, first_axon: u32, n_pre: u32) -> Result<Block> {
    let mut synapses = synapses(connection, n_pre)?;
    synapses.sort_by_key(|synapse| (synapse.pre, synapse.delay, synapse.post));
    let scale = if connection.float { FLOAT_SCALE } else { 1.0 };
    let weights: Vec<f64> = synapses.iter().map(|synapse| synapse.weight * scale).collect();
    let mut axon: Vec<u32> = Vec::new();
    let mut first = vec![0];
    let mut end = 0;
    for row in synapses.chunk_by(|a, b| a.pre == b.pre) {
        end += row.len() as u32;
        axon.push(first_axon + row[0].pre);
        first.push(end);
    }
    Ok(Block {
        projection: connection.id.clone(),
        group,
        port: match connection.port.as_deref() {
            Some("a_in2" | "a_imag_in") => 1,
            _ => 0,
        },
        link: link(connection)?,
        axon,
        first,
        target: synapses.iter().map(|synapse| synapse.post).collect(),
        weight: whole(&weights)?,
        delay: synapses.iter().map(|synapse| synapse.delay).collect(),
    })
}

fn link(connection: &Connection) -> Result<Link> {
    if connection.kind == "direct" {
        return Ok(Link::Direct);
    }
    if connection.float {
        return Ok(Link::Float { scale: FLOAT_SCALE });
    }
    Ok(Link::Weights {
        weight_exp: connection.weight_exp.unwrap_or(0),
        weight_bits: connection.num_weight_bits.unwrap_or(8),
        sign: match connection.sign_mode.as_deref() {
            None => detected(connection)?,
            Some("mixed") => Sign::Mixed,
            Some("exc") => Sign::Excitatory,
            Some("inh") => Sign::Inhibitory,
            Some("null") => Sign::Null,
            Some(other) => bail!("the sign mode {other} is not known"),
        },
        message_bits: connection.num_message_bits.unwrap_or(0),
    })
}

/// What Lava takes the signs for if nobody says: it looks at the whole matrix, zeros included.
fn detected(connection: &Connection) -> Result<Sign> {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut see = |weight: f64| (least, greatest) = (least.min(weight), greatest.max(weight));
    match connection.weights.as_ref().context("it has no weights")? {
        Matrix::Dense(rows) => rows.iter().flatten().for_each(|weight| see(*weight)),
        Matrix::Sparse { shape: [posts, pres], data, .. } => {
            data.iter().for_each(|weight| see(*weight));
            if data.len() < *posts as usize * *pres as usize {
                see(0.0);
            }
        }
    }
    Ok(match (least >= 0.0, greatest <= 0.0) {
        (true, _) => Sign::Excitatory,
        (false, true) => Sign::Inhibitory,
        (false, false) => Sign::Mixed,
    })
}

fn synapses(connection: &Connection, n_pre: u32) -> Result<Vec<Synapse>> {
    if connection.kind == "direct" {
        return Ok((0..n_pre).map(|i| Synapse { pre: i, post: i, weight: 1.0, delay: 0 }).collect());
    }
    let matrix = connection.weights.as_ref().context("it has no weights")?;
    let entries: Vec<(u32, u32, f64)> = match matrix {
        Matrix::Dense(rows) => {
            let row = |(post, row): (u32, &Vec<f64>)| {
                (0..).zip(row.clone()).map(move |(pre, weight)| (pre, post, weight)).collect::<Vec<_>>()
            };
            (0..).zip(rows).flat_map(row).collect()
        }
        Matrix::Sparse { shape: _, row, col, data } => {
            row.iter().zip(col).zip(data).map(|((post, pre), weight)| (*pre, *post, *weight)).collect()
        }
    };
    let delay = |i: usize, pre: u32, post: u32| match &connection.delays {
        None => Some(0),
        Some(Delays::One(delay)) => Some(*delay),
        Some(Delays::List(list)) => list.get(i).copied(),
        Some(Delays::Matrix(rows)) => rows.get(post as usize)?.get(pre as usize).copied(),
    };
    let synapses = entries.into_iter().enumerate().map(|(i, (pre, post, weight))| {
        let delay = delay(i, pre, post).with_context(|| format!("synapse {i} has no delay"))?;
        Ok(Synapse { pre, post, weight, delay })
    });
    synapses.collect()
}

/// A parameter of whole numbers: one for all, or one each.
fn ints(params: &HashMap<String, Value>, name: &str, n: u32, default: Option<i32>) -> Result<Vec<i32>> {
    match (params.get(name), default) {
        (None, Some(default)) => Ok(vec![default; n as usize]),
        _ => whole(&floats(params, name, n)?).with_context(|| format!("the parameter {name}")),
    }
}

fn floats(params: &HashMap<String, Value>, name: &str, n: u32) -> Result<Vec<f64>> {
    let value = params.get(name).with_context(|| format!("it has no parameter {name}"))?;
    let number =
        |value: &Value| value.as_f64().with_context(|| format!("{name} has {value}, which is no number"));
    match value {
        Value::Array(values) => values.iter().map(number).collect(),
        one => Ok(vec![number(one)?; n as usize]),
    }
}

fn whole(values: &[f64]) -> Result<Vec<i32>> {
    let whole = |value: &f64| {
        let is_whole = value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX);
        ensure!(is_whole, "{value} is no whole number of 32 bits");
        Ok(*value as i32)
    };
    values.iter().map(whole).collect()
}
