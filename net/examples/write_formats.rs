//! Writes one file of each format, with values that `net/tests/formats.py` knows.
//!
//! `cargo run -p rheobase-net --example write_formats -- FOLDER`

use std::path::Path;

use ndarray::array;
use rheobase_net::{
    Counters, CurrentSource, Delays, Description, IzhikevichPopulation, LifPopulation, Model, Network,
    NodeRange, Param, Plasticity, Population, PopulationId, Projection, ProjectionWeights, Provenance, Rates,
    Receptor, Recording, SpikeSource, SpikeTrain, Synapses, Traces, Tsodyks, Waveform, Weights, file,
};

fn population(name: &str, size: u32, model: Model) -> Population {
    Population { name: name.to_owned(), size, model, positions: None }
}

fn projection(name: &str, source: u32, receptor: Receptor, synapses: Synapses) -> Projection {
    let (source, target) = (PopulationId(source), PopulationId(1));
    Projection { name: name.to_owned(), source, target, receptor, synapses, plasticity: None }
}

fn description() -> Description {
    Description {
        generator: "by hand".to_owned(),
        seed: u64::MAX,
        version: "0.1.0".to_owned(),
        configuration: "größe = 3\n".to_owned(),
    }
}

fn network() -> Network {
    let lif = LifPopulation {
        v_init: Param::PerNode(vec![-70.0, -65.5, -60.25]),
        theta_jump: 0.5.into(),
        ..LifPopulation::default()
    };
    let liquid = Population {
        positions: Some(vec![[0.0, 0.0, 0.0], [1.0, 0.0, 0.5], [2.0, 0.0, 1.0]]),
        ..population("liquid", 3, Model::Lif(lif))
    };
    let train = SpikeTrain::from_sorted(2, vec![0.5, 1.25], vec![1, 0]).expect("in order");
    let steps = Waveform::new(1, vec![0.0, 2.5], vec![100.0, -50.0]).expect("in order");
    let bursts = Waveform::new(1, vec![0.0, 10.0], vec![5.0, 50.0]).expect("in order");
    let hiss = CurrentSource::Noise { mean: 1.5.into(), sd: 20.0.into(), interval: 0.5 };
    let poisson = SpikeSource::Poisson { rate_hz: Param::Shared(12.5) };
    let recurrent = Synapses {
        row_start: vec![0, 2, 3, 3],
        target: vec![1, 2, 0],
        weight: Weights::F32(vec![1.5, -2.5, 0.25]),
        delay: Delays::Ticks { tick: 0.5, n: vec![1, 2, 3] },
    };
    let input = Synapses {
        row_start: vec![0, 1, 2],
        target: vec![2, 0],
        weight: Weights::Shared(20.0),
        delay: Delays::Shared(1.5),
    };
    let current = Synapses {
        row_start: vec![0, 1],
        target: vec![1],
        weight: Weights::F64(vec![0.1]),
        delay: Delays::F64(vec![0.3]),
    };
    Network {
        populations: vec![
            population("words", 2, Model::SpikeSource(SpikeSource::Train(train))),
            liquid,
            population("noise", 2, Model::SpikeSource(poisson)),
            population("current", 1, Model::CurrentSource(CurrentSource::Steps(steps))),
            population("chattering", 2, Model::Izhikevich(IzhikevichPopulation::default())),
            population("bursts", 2, Model::SpikeSource(SpikeSource::PoissonSteps { rates: bursts })),
            population("hiss", 1, Model::CurrentSource(hiss)),
        ],
        projections: vec![
            projection("words to liquid", 0, Receptor::Excitatory, input),
            Projection {
                plasticity: Some(Plasticity::Tsodyks(Tsodyks { u: 0.32, ..Tsodyks::default() })),
                ..projection("recurrent", 1, Receptor::BySign, recurrent)
            },
            projection("drive", 3, Receptor::BySign, current),
        ],
        description: description(),
    }
}

fn spikes() -> SpikeTrain {
    SpikeTrain::from_sorted(5, vec![0.1, 0.1, 2.5], vec![0, 4, 2]).expect("in order")
}

fn recording() -> Recording {
    let range = |population: &str, first, size, is_source| NodeRange {
        population: population.to_owned(),
        first,
        size,
        is_source,
    };
    Recording {
        t_start: 0.0,
        t_stop: 100.5,
        nodes: vec![range("words", 0, 2, true), range("liquid", 2, 3, false)],
        spikes: spikes(),
        traces: Some(Traces {
            nodes: vec![2, 4],
            t_first: 0.5,
            interval: 0.25,
            v: array![[-70.0, -69.0], [-68.5, -67.5], [-60.0, -55.0]],
        }),
        rates: Some(Rates {
            populations: vec!["liquid".to_owned()],
            t_first: 0.0,
            bin: 50.25,
            hz: array![[10.0], [20.5]],
        }),
        final_v: Some(vec![f64::NAN, f64::NAN, -70.0, -65.0, -60.0]),
        weights: Some(vec![ProjectionWeights {
            projection: "in to out".to_owned(),
            weights: vec![0.5, 0.25],
        }]),
        counters: Counters {
            neuron_updates: 1,
            synaptic_events: 2,
            input_events: 3,
            queue_operations: 4,
            group_updates: 7,
            values_sent: 8,
            spikes: 5,
            input_spikes: 6,
        },
        provenance: Provenance {
            version: "0.1.0".to_owned(),
            seed: 7,
            engine: "event: few events a step".to_owned(),
            configuration: "{\"t_stop\": 100.5}".to_owned(),
            network: description(),
        },
    }
}

/// Writes a recording while its run goes on, in two parts.
fn stream(path: &Path, recording: Recording) -> Result<(), file::FileError> {
    let Recording { t_start, t_stop, nodes, spikes, traces, rates, final_v, weights, counters, provenance } =
        recording;
    let (traces, rates) = traces.zip(rates).expect("the recording has both");
    let (v, hz) = (traces.v.as_slice().expect("rows"), rates.hz.as_slice().expect("rows"));
    let head = file::RecordingHead {
        t_start,
        nodes,
        traces: Some(file::TracesHead {
            nodes: traces.nodes,
            t_first: traces.t_first,
            interval: traces.interval,
        }),
        rates: Some(file::RatesHead {
            populations: rates.populations,
            t_first: rates.t_first,
            bin: rates.bin,
        }),
        provenance,
    };
    let mut writer = file::RecordingWriter::create(path, &head)?;
    writer.spikes(&spikes.times()[..1], &spikes.nodes()[..1])?;
    writer.samples(&v[..2])?;
    let position = writer.position()?;
    drop(writer);
    let mut writer = file::RecordingWriter::resume(path, &position)?;
    writer.spikes(&spikes.times()[1..], &spikes.nodes()[1..])?;
    writer.samples(&v[2..])?;
    writer.rates(hz)?;
    writer.finish(&file::RecordingEnd { t_stop, counters, final_v, weights })
}

fn main() -> Result<(), file::FileError> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = Path::new(&folder);
    file::write_network(&folder.join("network.h5"), &network())?;
    file::write_spikes(&folder.join("spikes.h5"), &spikes())?;
    file::write_recording(&folder.join("recording.h5"), &recording())?;
    stream(&folder.join("streamed.h5"), recording())
}
