//! Reads a network, a spike train and a recording that `net/tests/formats.py` wrote with `h5py`, and
//! checks every value; exits with a panic if one differs.
//!
//! `cargo run -p rheobase-net --example read_formats -- FOLDER`

use std::path::Path;

use rheobase_net::{
    CurrentSource, Delays, IzhikevichMethod, IzhikevichPopulation, LifPopulation, Model, Param, Plasticity,
    PopulationId, Receptor, SpikeSource, StdpPair, SynapseKind, Weights, file, validate,
};

fn main() -> Result<(), file::FileError> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let folder = Path::new(&folder);
    network(&folder.join("network.h5"))?;

    let spikes = file::read_spikes(&folder.join("spikes.h5"))?;
    assert_eq!(spikes.n_nodes(), 3);
    assert_eq!(spikes.iter().collect::<Vec<_>>(), [(0.5, 2), (1.5, 0)]);

    let recording = file::read_recording(&folder.join("recording.h5"))?;
    assert_eq!((recording.t_start, recording.t_stop), (0.0, 10.0));
    assert_eq!(recording.nodes.len(), 2);
    assert_eq!((recording.nodes[0].population.as_str(), recording.nodes[0].is_source), ("in", true));
    assert_eq!((recording.nodes[1].population.as_str(), recording.nodes[1].is_source), ("out", false));
    assert_eq!(recording.spikes, spikes);
    let traces = recording.traces.expect("h5py wrote traces");
    assert_eq!(traces.v, ndarray::array![[-70.0], [-69.5]]);
    assert!(recording.rates.is_none() && recording.final_v.is_none());
    assert_eq!((recording.counters.spikes, recording.provenance.seed), (2, u64::MAX));
    println!("{}: every value is as h5py wrote it", folder.display());
    Ok(())
}

fn network(path: &Path) -> Result<(), file::FileError> {
    let network = file::read_network(path)?;
    let names: Vec<&str> = network.populations.iter().map(|population| population.name.as_str()).collect();
    assert_eq!(names, ["noise", "größe", "chattering", "hiss"]);
    let Model::SpikeSource(SpikeSource::Poisson { rate_hz }) = &network.populations[0].model else {
        panic!("{:?}", network.populations[0])
    };
    assert_eq!(*rate_hz, Param::PerNode(vec![5.0, 10.0]));
    let Model::Lif(lif) = &network.populations[1].model else { panic!("{:?}", network.populations[1]) };
    let expected = LifPopulation {
        synapse: SynapseKind::Conductance,
        v_init: Param::PerNode(vec![-70.0, -65.0, -60.0]),
        e_in: (-80.0).into(),
        theta_jump: Param::PerNode(vec![0.0, 0.5, 1.5]),
        ..LifPopulation::default()
    };
    assert_eq!(*lif, expected);
    assert_eq!(network.populations[1].positions.as_ref().map(Vec::len), Some(3));

    let Model::Izhikevich(chattering) = &network.populations[2].model else {
        panic!("{:?}", network.populations[2])
    };
    let expected = IzhikevichPopulation {
        c: (-50.0).into(),
        d: 2.0.into(),
        method: IzhikevichMethod::Euler,
        ..IzhikevichPopulation::default()
    };
    assert_eq!(*chattering, expected);
    let noise = CurrentSource::Noise { mean: 0.0.into(), sd: Param::PerNode(vec![1.0, 2.0]), interval: 0.5 };
    assert_eq!(network.populations[3].model, Model::CurrentSource(noise));

    let [input, recurrent] = network.projections.as_slice() else { panic!("{:?}", network.projections) };
    assert_eq!((input.source, input.target), (PopulationId(0), PopulationId(1)));
    assert_eq!(input.receptor, Receptor::Excitatory);
    assert_eq!(input.synapses.weight, Weights::Shared(2.0));
    assert_eq!(input.synapses.delay, Delays::Shared(1.0));
    assert_eq!((&input.synapses.row_start, &input.synapses.target), (&vec![0, 2, 3], &vec![0, 1, 2]));
    let rule = StdpPair { mu_plus: 0.0, w_max: 0.5, ..StdpPair::default() };
    assert_eq!(recurrent.plasticity, Some(Plasticity::StdpPair(rule)));
    assert_eq!(recurrent.synapses.weight, Weights::F32(vec![0.5, 0.25]));
    assert_eq!(recurrent.synapses.delay, Delays::Ticks { tick: 0.1, n: vec![10, 20] });
    assert_eq!(network.description.seed, u64::MAX);
    if let Err(faults) = validate(network) {
        panic!("{faults}");
    }
    Ok(())
}
