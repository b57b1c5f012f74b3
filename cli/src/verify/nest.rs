//! The suite `nest`: golden vectors made by NEST 3.10.0, spike for spike.
//!
//! Grid cases: the spike trains are identical and every recorded potential agrees to 1e-10 mV; to 1e-3 mV
//! for conductances, which NEST integrates adaptively with a tolerance of its own.
//! Precise-time cases: the same spikes in the same order, each within 1e-3 ms (NEST finds crossings by
//! regula falsi to about that).

use std::fs::File;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use ndarray::{Array1, Array2};
use ndarray_npy::{NpzReader, ReadableElement};
use rheobase_net::{
    Delays, Description, LifPopulation, Model, Network, NodeId, Param, Plasticity, Population, PopulationId,
    Projection, Receptor, SpikeSource, SpikeTrain, SynapseKind, Synapses, Tsodyks, Weights, validate,
};
use rheobase_sim::{Record, Run, Scheduler, SimConfig, TraceRequest, simulate};
use serde::Deserialize;

use super::{Outcome, Verdict};

const V_TOLERANCE: f64 = 1e-10;
const V_TOLERANCE_COND: f64 = 1e-3;
const T_TOLERANCE: f64 = 1e-3;

/// One entry of `index.json`.
#[derive(Debug, Deserialize)]
struct Case {
    name: String,
    model: String,
    n: u32,
    dt_ms: f64,
    #[serde(rename = "T_ms")]
    t_ms: f64,
    synapse: String,
    precise: bool,
    param_names: Vec<String>,
    stp: Option<Stp>,
}

/// The short-term plasticity of the recurrent synapses.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Stp {
    #[serde(rename = "U")]
    u: f64,
    u0: f64,
    x0: f64,
    tau_rec_ms: f64,
    tau_fac_ms: f64,
}

/// Runs every case of a folder on `threads` shards, but for those that are skipped.
pub fn run(dir: &Path, threads: usize, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    let index = dir.join("index.json");
    let text = std::fs::read_to_string(&index).with_context(|| format!("reading {}", index.display()))?;
    let cases: Vec<Case> =
        serde_json::from_str(&text).with_context(|| format!("reading {}", index.display()))?;
    ensure!(!cases.is_empty(), "{} names no case", index.display());
    let outcome = |case: &Case| {
        let (verdict, detail) = match unsupported(case) {
            reason if is_skipped(&case.name) => {
                (Verdict::Skipped, reason.unwrap_or_else(|| "as asked".to_owned()))
            }
            Some(reason) => (Verdict::Unsupported, reason),
            None => match check(case, dir, threads) {
                Ok(measured) => (Verdict::Passed, measured),
                Err(error) => (Verdict::Failed, format!("{error:#}")),
            },
        };
        Outcome { case: case.name.clone(), verdict, detail }
    };
    Ok(cases.iter().map(outcome).collect())
}

fn unsupported(case: &Case) -> Option<String> {
    if synapse_kind(&case.model).is_none() {
        return Some(format!("the model {} is not there yet", case.model));
    }
    let is_known = match case.synapse.as_str() {
        "static_synapse" => case.stp.is_none(),
        "tsodyks2_synapse" => case.stp.is_some(),
        _ => false,
    };
    (!is_known).then(|| format!("the synapse {} is not there yet", case.synapse))
}

fn synapse_kind(model: &str) -> Option<SynapseKind> {
    match model {
        "iaf_psc_delta" | "iaf_psc_delta_ps" => Some(SynapseKind::Delta),
        "iaf_psc_exp" | "iaf_psc_exp_ps" => Some(SynapseKind::Exp),
        "iaf_psc_alpha" | "iaf_psc_alpha_ps" => Some(SynapseKind::Alpha),
        "iaf_cond_exp" => Some(SynapseKind::Conductance),
        _ => None,
    }
}

/// Simulates a case and compares; says what was measured.
fn check(case: &Case, dir: &Path, threads: usize) -> Result<String> {
    let path = dir.join(format!("{}.npz", case.name));
    let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
    let mut vectors = Vectors(NpzReader::new(file).with_context(|| format!("reading {}", path.display()))?);
    let network = validate(network(case, &mut vectors)?)?;
    let v_expected: Array2<f64> = vectors.0.by_name("v_mV").context("array v_mV")?;
    let neurons = network.population_named("neurons").context("the network has neurons")?;
    let first = network.first_node(neurons).0;
    let nodes = (0..v_expected.nrows() as u32).map(|i| NodeId(first + i)).collect();
    let scheduler = if case.precise { Scheduler::Event } else { Scheduler::Grid };
    let config = SimConfig {
        scheduler,
        dt: case.dt_ms,
        threads: Some(threads),
        record: Record { traces: Some(TraceRequest { nodes, interval: case.dt_ms }), ..Record::default() },
    };
    let run = Run { duration: case.t_ms, ..Run::default() };
    let recording = simulate(&network, &config, &run, &mut |_| std::ops::ControlFlow::Continue(()))?;

    let times: Vec<f64> = vectors.list("spike_t_ms")?;
    let ids: Vec<i32> = vectors.list("spike_id")?;
    let spikes = &recording.spikes;
    let n = times.len();
    ensure!(spikes.len() == n, "{} spikes where NEST has {n}", spikes.len());
    let mut worst_t: f64 = 0.0;
    for (k, (t, node)) in spikes.iter().enumerate() {
        let (t_nest, id) = (times[k], ids[k]);
        let ours = node - first;
        ensure!(
            ours as i32 == id,
            "spike {k} is of neuron {ours} at {t} ms, and NEST's of {id} at {t_nest} ms"
        );
        worst_t = worst_t.max((t - t_nest).abs());
        let same_step = (t / case.dt_ms).round() == (t_nest / case.dt_ms).round();
        ensure!(
            case.precise || same_step,
            "spike {k} of neuron {id} is at {t} ms, and NEST's at {t_nest} ms"
        );
    }
    if case.precise {
        ensure!(worst_t <= T_TOLERANCE, "a spike is {worst_t:.3e} ms off, more than {T_TOLERANCE:.0e}");
        return Ok(format!("{n} spikes, |dt| ≤ {worst_t:.1e} ms"));
    }
    let v = &recording.traces.context("traces were asked for")?.v;
    let (neurons, samples) = v_expected.dim();
    ensure!(v.nrows() >= samples, "{} samples where NEST has {samples}", v.nrows());
    let v_tolerance = if case.model == "iaf_cond_exp" { V_TOLERANCE_COND } else { V_TOLERANCE };
    let mut worst_v: f64 = 0.0;
    for i in 0..neurons {
        for k in 0..samples {
            let off = (v[(k, i)] - v_expected[(i, k)]).abs();
            worst_v = worst_v.max(off);
            // Written so that a NaN fails.
            let is_near = off <= v_tolerance;
            ensure!(
                is_near,
                "neuron {i} is at {} mV at sample {k}, and NEST's at {} mV",
                v[(k, i)],
                v_expected[(i, k)]
            );
        }
    }
    Ok(format!("{n} spikes identical, |dV| ≤ {worst_v:.1e} mV"))
}

/// The arrays of a case.
struct Vectors(NpzReader<File>);

impl Vectors {
    fn list<T: ReadableElement>(&mut self, name: &str) -> Result<Vec<T>> {
        let array: Array1<T> = self.0.by_name(name).with_context(|| format!("array {name}"))?;
        Ok(array.into_iter().collect())
    }

    fn indices(&mut self, name: &str) -> Result<Vec<u32>> {
        let list: Vec<i32> = self.list(name)?;
        list.into_iter().map(|i| u32::try_from(i).with_context(|| format!("array {name}"))).collect()
    }
}

fn network(case: &Case, vectors: &mut Vectors) -> Result<Network> {
    let neurons = Population {
        name: "neurons".to_owned(),
        size: case.n,
        model: Model::Lif(neurons(case, vectors)?),
        positions: None,
    };
    let recurrent = synapses(case.n, vectors, ["src", "dst", "weight", "delay_ms"])?;
    let plasticity = case.stp.map(|Stp { u, u0, x0, tau_rec_ms: tau_rec, tau_fac_ms: tau_fac }| {
        Plasticity::Tsodyks(Tsodyks { u, tau_rec, tau_fac, u0: Some(u0), x0 })
    });
    let mut network = Network {
        populations: vec![neurons],
        projections: vec![Projection { plasticity, ..projection("recurrent", 0, recurrent) }],
        description: Description {
            generator: format!("golden vector {}", case.name),
            ..Description::default()
        },
    };
    let starts: Vec<i64> = vectors.list("in_ptr")?;
    let times: Vec<f64> = vectors.list("in_times_ms")?;
    let n_trains = starts.len().saturating_sub(1) as u32;
    if n_trains > 0 {
        let train_of = |k: usize| starts.partition_point(|start| *start <= k as i64) as u32 - 1;
        let nodes = (0..times.len()).map(train_of).collect();
        let train = SpikeTrain::from_unsorted(n_trains, times, nodes)?;
        network.populations.push(Population {
            name: "inputs".to_owned(),
            size: n_trains,
            model: Model::SpikeSource(SpikeSource::Train(train)),
            positions: None,
        });
        let input = synapses(n_trains, vectors, ["in_src", "in_dst", "in_weight", "in_delay_ms"])?;
        network.projections.push(projection("input", 1, input));
    }
    Ok(network)
}

fn projection(name: &str, source: u32, synapses: Synapses) -> Projection {
    Projection {
        name: name.to_owned(),
        source: PopulationId(source),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses,
        plasticity: None,
    }
}

fn neurons(case: &Case, vectors: &mut Vectors) -> Result<LifPopulation> {
    let params: Array2<f64> = vectors.0.by_name("params").context("array params")?;
    ensure!(params.ncols() == case.param_names.len(), "params has {} columns", params.ncols());
    let synapse = synapse_kind(&case.model).context("unsupported models are skipped")?;
    let mut lif = LifPopulation { synapse, ..LifPopulation::default() };
    let capacitance = case.param_names.iter().position(|name| name == "C_m");
    for (column, name) in case.param_names.iter().enumerate() {
        let ours = match name.as_str() {
            "C_m" => "c_m",
            "E_L" => "v_rest",
            "I_e" => "i_bias",
            "V_m" => "v_init",
            "V_reset" => "v_reset",
            "V_th" => "v_th",
            "E_ex" => "e_ex",
            "E_in" => "e_in",
            // NEST gives the conductance of the leak where we give the time constant.
            "g_L" => "tau_m",
            other => other,
        };
        let Some((_, param)) = lif.params_mut().into_iter().find(|(known, _)| *known == ours) else {
            bail!("the parameter {name} is not one of a LIF neuron");
        };
        let values = params.column(column);
        *param = Param::PerNode(match (name.as_str(), capacitance) {
            ("g_L", Some(capacitance)) => {
                values.iter().zip(params.column(capacitance)).map(|(g, c)| c / g).collect()
            }
            _ => values.to_vec(),
        });
    }
    Ok(lif)
}

/// Compressed rows from a list of synapses; those of a row keep their order.
fn synapses(n_sources: u32, vectors: &mut Vectors, names: [&str; 4]) -> Result<Synapses> {
    let [source, target, weight, delay] = names;
    let sources = vectors.indices(source)?;
    let targets = vectors.indices(target)?;
    let weights: Vec<f64> = vectors.list(weight)?;
    let delays: Vec<f64> = vectors.list(delay)?;
    let mut order: Vec<usize> = (0..sources.len()).collect();
    order.sort_by_key(|i| sources[*i]);
    let mut row_start = vec![0_u64];
    for source in 0..n_sources {
        row_start.push(order.partition_point(|i| sources[*i] <= source) as u64);
    }
    Ok(Synapses {
        row_start,
        target: order.iter().map(|i| targets[*i]).collect(),
        weight: Weights::F64(order.iter().map(|i| weights[*i]).collect()),
        delay: Delays::F64(order.iter().map(|i| delays[*i]).collect()),
    })
}
