//! What is written is read back bit for bit, and what cannot be read says why.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::{Path, PathBuf};

use ndarray::Array2;
use proptest::prelude::*;
use rheobase_net::file::{self, FileError, Hdf5Reader};
use rheobase_net::{
    Bounds, Counters, CurrentSource, Delays, Description, IzhikevichMethod, IzhikevichPopulation,
    LifPopulation, Model, Network, NodeRange, Param, Plasticity, Population, PopulationId, Projection,
    ProjectionWeights, Provenance, Rates, Receptor, Recording, SpikeSource, SpikeTrain, StdpPair,
    StdpTriplet, SynapseKind, Synapses, Traces, Tsodyks, Waveform, Weights,
};

/// Numbers that a conversion through text or a narrower type would change.
const HARD: [f64; 6] = [0.1, -0.0, f64::MIN_POSITIVE / 8.0, f64::MAX, 1.0 / 3.0, -70.000_000_000_000_01];

fn hard(params: &mut [(&str, &mut Param)], size: usize) {
    for (i, (_, param)) in params.iter_mut().enumerate() {
        **param = match i % 3 {
            0 => Param::Shared(HARD[i % HARD.len()]),
            _ => Param::PerNode((0..size).map(|k| HARD[(i + k) % HARD.len()]).collect()),
        };
    }
}

fn lif(synapse: SynapseKind, size: usize) -> Model {
    let mut lif = LifPopulation { synapse, ..LifPopulation::default() };
    hard(&mut lif.params_mut(), size);
    Model::Lif(lif)
}

fn izhikevich(method: IzhikevichMethod, size: usize) -> Model {
    let mut izhikevich = IzhikevichPopulation { method, ..IzhikevichPopulation::default() };
    hard(&mut izhikevich.params_mut(), size);
    Model::Izhikevich(izhikevich)
}

/// Every rule, with numbers whose last bit an inexact reader of decimals would lose.
fn plasticity(i: u32) -> Option<Plasticity> {
    let tsodyks = Tsodyks { u: HARD[0], tau_rec: HARD[2], tau_fac: HARD[3], u0: None, x0: HARD[4] };
    match i {
        0 => Some(Plasticity::Tsodyks(tsodyks)),
        1 => Some(Plasticity::Tsodyks(Tsodyks { u0: Some(1.0 / 3.0), ..tsodyks })),
        2 => Some(Plasticity::StdpPair(StdpPair { lambda: HARD[4], w_max: HARD[5], ..StdpPair::default() })),
        3 => Some(Plasticity::StdpTriplet(StdpTriplet { bounds: Bounds::Soft, ..StdpTriplet::default() })),
        _ => None,
    }
}

fn population(name: &str, size: u32, model: Model, positions: bool) -> Population {
    let point = |i: u32| [i as f32 * 0.1, -0.0, f32::MAX];
    let positions = positions.then(|| (0..size).map(point).collect());
    Population { name: name.to_owned(), size, model, positions }
}

fn projection(i: u32, receptor: Receptor, weight: Weights, delay: Delays) -> Projection {
    Projection {
        name: format!("p{i} → x"),
        source: PopulationId(i % 9),
        target: PopulationId((i + 1) % 9),
        receptor,
        synapses: Synapses { row_start: vec![0, 1, 3], target: vec![0, u32::MAX, 2], weight, delay },
        plasticity: plasticity(i),
    }
}

/// Every variant of every enumeration of a network; names whose alphabetical order is another.
fn network() -> Network {
    let train = SpikeTrain::from_sorted(3, vec![-1.5, 0.1, 0.1], vec![2, 0, 1]).unwrap();
    let steps = Waveform::new(2, vec![0.1, 0.3], vec![1.0, -0.0, 1.0 / 3.0, 4.0]).unwrap();
    let noise =
        CurrentSource::Noise { mean: 0.1.into(), sd: Param::PerNode(vec![1.0 / 3.0, 0.0]), interval: 0.1 };
    let populations = vec![
        population("z", 2, lif(SynapseKind::Delta, 2), true),
        population("größe", 1, lif(SynapseKind::Exp, 1), false),
        population("a b", 3, lif(SynapseKind::Alpha, 3), true),
        population("external", 1, Model::SpikeSource(SpikeSource::External), false),
        population("p", 2, Model::SpikeSource(SpikeSource::Poisson { rate_hz: Param::Shared(0.1) }), false),
        population(
            "per node",
            2,
            Model::SpikeSource(SpikeSource::Poisson { rate_hz: Param::PerNode(vec![0.1, 7.0]) }),
            false,
        ),
        population("rates", 2, Model::SpikeSource(SpikeSource::PoissonSteps { rates: steps.clone() }), false),
        population("train", 3, Model::SpikeSource(SpikeSource::Train(train)), false),
        population("current", 1, Model::CurrentSource(CurrentSource::External), false),
        population("steps", 2, Model::CurrentSource(CurrentSource::Steps(steps)), true),
        population("hiss", 2, Model::CurrentSource(noise), false),
        population("conductance", 2, lif(SynapseKind::Conductance, 2), false),
        population("euler", 2, izhikevich(IzhikevichMethod::Euler, 2), false),
        population("rk4", 1, izhikevich(IzhikevichMethod::RungeKutta4, 1), false),
    ];
    let (f32s, f64s) = (vec![0.1_f32, -0.0, f32::MIN_POSITIVE], vec![0.1, -0.0, 1e300]);
    let ticks = |tick| Delays::Ticks { tick, n: vec![1, 0, u16::MAX] };
    let projections = vec![
        projection(0, Receptor::BySign, Weights::Shared(0.1), Delays::Shared(1.5)),
        projection(1, Receptor::Excitatory, Weights::F32(f32s.clone()), ticks(0.1)),
        projection(2, Receptor::Inhibitory, Weights::F64(f64s.clone()), Delays::F64(f64s)),
        projection(3, Receptor::BySign, Weights::F32(vec![]), Delays::F64(vec![])),
        projection(4, Receptor::BySign, Weights::F64(vec![]), Delays::Ticks { tick: 0.5, n: vec![] }),
    ];
    let description = Description {
        generator: "maass_column".to_owned(),
        seed: u64::MAX,
        version: String::new(),
        configuration: "größe = \"1\"\n".repeat(20_000),
    };
    Network { populations, projections, description }
}

fn recording() -> Recording {
    Recording {
        t_start: -0.1,
        t_stop: 1.0 / 3.0,
        nodes: vec![
            NodeRange { population: "in".to_owned(), first: 0, size: 2, is_source: true },
            NodeRange { population: "größe".to_owned(), first: 2, size: 3, is_source: false },
        ],
        spikes: SpikeTrain::from_sorted(5, vec![0.1, 0.2], vec![4, 0]).unwrap(),
        traces: Some(Traces {
            nodes: vec![2, 4],
            t_first: 0.1,
            interval: 0.2,
            v: Array2::from_shape_vec((3, 2), HARD.to_vec()).unwrap(),
        }),
        rates: Some(Rates {
            populations: vec!["größe".to_owned(), String::new()],
            t_first: 0.1,
            bin: 0.2,
            hz: Array2::from_shape_vec((3, 2), HARD.to_vec()).unwrap(),
        }),
        final_v: Some(vec![f64::NAN, f64::from_bits(0x7ff8_0000_0000_0123), -70.1, 0.1, -0.0]),
        // Neither in alphabetical order nor all with synapses.
        weights: Some(vec![
            ProjectionWeights { projection: "z to a".to_owned(), weights: vec![0.1, -0.0, 1e-300] },
            ProjectionWeights { projection: "a to z".to_owned(), weights: vec![] },
        ]),
        counters: Counters {
            neuron_updates: u64::MAX,
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
            seed: 1 << 63,
            engine: "event: 0.1 events a step".to_owned(),
            configuration: "{\"t\": 1}".to_owned(),
            network: network().description,
        },
    }
}

/// `Debug` writes a float so that it is read back to the same bits, but for NaN.
fn same<T: std::fmt::Debug>(a: &T, b: &T) {
    assert_eq!(format!("{a:?}"), format!("{b:?}"));
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_network_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.h5");
    let written = network();
    file::write_network(&path, &written).unwrap();
    same(&file::read_network(&path).unwrap(), &written);
    same(&file::read_network_bytes(&std::fs::read(&path).unwrap()).unwrap(), &written);

    file::write_network(&path, &Network::default()).unwrap();
    same(&file::read_network(&path).unwrap(), &Network::default());
}

#[test]
fn a_spike_train_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spikes.h5");
    for spikes in [
        SpikeTrain::default(),
        SpikeTrain::from_sorted(u32::MAX, vec![], vec![]).unwrap(),
        SpikeTrain::from_sorted(7, vec![-0.0, f64::MIN_POSITIVE / 8.0, 0.1], vec![0, 3, 6]).unwrap(),
    ] {
        file::write_spikes(&path, &spikes).unwrap();
        same(&file::read_spikes(&path).unwrap(), &spikes);
    }
}

#[test]
fn currents_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("currents.h5");
    for currents in [
        Waveform::new(3, vec![], vec![]).unwrap(),
        Waveform::new(2, vec![-1.0, -0.0, f64::MIN_POSITIVE], vec![0.1, -0.0, 1e300, 3.0, 0.0, -7.5])
            .unwrap(),
    ] {
        file::write_currents(&path, &currents).unwrap();
        same(&file::read_currents(&path).unwrap(), &currents);
    }
    file::write_spikes(&path, &SpikeTrain::default()).unwrap();
    let told = file::read_currents(&path).unwrap_err().to_string();
    assert!(told.contains("rheobase-currents"), "{told}");
}

#[test]
fn a_recording_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.h5");
    let mut written = recording();
    file::write_recording(&path, &written).unwrap();
    let read = file::read_recording(&path).unwrap();
    same(&read, &written);
    assert_eq!(bits(read.final_v.as_ref().unwrap()), bits(written.final_v.as_ref().unwrap()));

    let traces = written.traces.as_mut().unwrap();
    (traces.nodes, traces.v) = (vec![], Array2::zeros((4, 0)));
    written.rates.as_mut().unwrap().hz = Array2::zeros((0, 2));
    (written.nodes, written.spikes) = (vec![], SpikeTrain::default());
    file::write_recording(&path, &written).unwrap();
    same(&file::read_recording(&path).unwrap(), &written);

    (written.traces, written.rates, written.final_v, written.weights) = (None, None, None, None);
    file::write_recording(&path, &written).unwrap();
    same(&file::read_recording(&path).unwrap(), &written);
}

#[test]
fn a_column_major_table_keeps_its_places() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording.h5");
    let mut written = recording();
    let v = Array2::from_shape_fn((2, 3), |(i, j)| (10 * i + j) as f64);
    written.traces.as_mut().unwrap().v = v.t().to_owned().reversed_axes();
    file::write_recording(&path, &written).unwrap();
    assert_eq!(file::read_recording(&path).unwrap().traces.unwrap().v, v);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_numbers_come_back(
        weights in prop::collection::vec(any::<u64>().prop_map(f64::from_bits), 0..50),
        ticks in prop::collection::vec(any::<u16>(), 0..50),
        row_start in prop::collection::vec(any::<u64>(), 0..50),
        seed in any::<u64>(),
        generator in "[^\0]{0,40}",
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.h5");
        let mut written = network();
        written.description.seed = seed;
        written.description.generator = generator;
        written.projections[0].synapses = Synapses {
            row_start,
            target: vec![],
            weight: Weights::F64(weights.clone()),
            delay: Delays::Ticks { tick: 0.1, n: ticks },
        };
        file::write_network(&path, &written).unwrap();
        let read = file::read_network(&path).unwrap();
        same(&read, &written);
        let Weights::F64(read) = &read.projections[0].synapses.weight else { panic!() };
        prop_assert_eq!(bits(read), bits(&weights));
    }
}

#[test]
fn another_format_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    file::write_spikes(&path, &SpikeTrain::default()).unwrap();
    let message = file::read_network(&path).unwrap_err().to_string();
    assert!(message.contains("rheobase-spikes") && message.contains("rheobase-network"), "{message}");
    assert!(matches!(file::read_recording(&path), Err(FileError::Format { .. })));
}

#[test]
fn a_rule_that_json_cannot_hold_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut network = network();
    let rule = StdpPair { w_max: f64::INFINITY, ..StdpPair::default() };
    network.projections[0].plasticity = Some(Plasticity::StdpPair(rule));
    let error = file::write_network(&folder.path().join("a.h5"), &network).unwrap_err();
    assert!(matches!(&error, FileError::Encode { reason, .. } if reason.contains("p0")), "{error}");
}

#[test]
fn a_later_version_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let mut later = hdf5_pure::FileBuilder::new();
    later.set_attr("format", hdf5_pure::AttrValue::VarLenString("rheobase-network".to_owned()));
    later.set_attr("version", hdf5_pure::AttrValue::I64(3));
    later.write(&path).unwrap();
    let error = file::read_network(&path).unwrap_err();
    assert!(matches!(error, FileError::Version { found: 3, newest: 2, .. }), "{error}");
}

#[test]
fn files_that_are_not_ours_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &Path| file::read_network(path).unwrap_err();
    let missing = folder.path().join("missing.h5");
    assert!(matches!(read(&missing), FileError::Open { file, .. } if file == missing));
    assert!(matches!(read(folder.path()), FileError::Open { .. }));
    for (name, bytes) in
        [("empty.h5", &b""[..]), ("text.h5", b"not HDF5"), ("cut.h5", b"\x89HDF\r\n\x1a\n\x03\x08")]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = read(&path);
        assert!(matches!(&error, FileError::Malformed { file, .. } if *file == path), "{error}");
    }
}

#[test]
fn names_that_are_no_groups_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.h5");
    for name in ["", ".", "a/b", "a\0b", "z"] {
        let mut network = network();
        network.populations[1].name = name.to_owned();
        let error = file::write_network(&path, &network).unwrap_err();
        assert!(matches!(&error, FileError::Text { text, .. } if text == name), "{error}");
    }
    let mut network = network();
    network.projections[0].target = PopulationId(99);
    let error = file::write_network(&path, &network).unwrap_err();
    assert!(matches!(&error, FileError::UnknownPopulation { end: "target", .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn numbers_are_converted_only_where_they_keep_their_value() {
    let mut builder = hdf5_pure::FileBuilder::new();
    builder.create_dataset("i64").with_i64_data(&[0, 255, 256]);
    builder.create_dataset("negative").with_i64_data(&[5, -1]);
    builder.create_dataset("u64").with_u64_data(&[u64::MAX]);
    builder.create_dataset("f32").with_f32_data(&[0.5]);
    builder.create_dataset("f64").with_f64_data(&[0.1]);
    builder.create_dataset("text").with_vlen_strings(&["a"]);
    let file = Hdf5Reader::from_bytes("numbers", &builder.finish().unwrap()).unwrap();
    assert_eq!(file.read::<u16>("i64").unwrap(), [0, 255, 256]);
    assert_eq!(file.read::<f64>("i64").unwrap(), [0.0, 255.0, 256.0]);
    assert_eq!(file.read::<f64>("f32").unwrap(), [0.5]);
    assert!(
        matches!(file.read::<u8>("i64"), Err(FileError::Value { index: 2, value, .. }) if value == "256")
    );
    assert!(
        matches!(file.read::<u32>("negative"), Err(FileError::Value { index: 1, value, .. }) if value == "-1")
    );
    assert!(matches!(file.read::<f64>("u64"), Err(FileError::Value { .. })));
    assert!(matches!(file.read::<i64>("u64"), Err(FileError::Value { .. })));
    for path in ["f64", "text"] {
        assert!(matches!(file.read::<f32>(path), Err(FileError::Type { .. })), "{path}");
        assert!(matches!(file.read::<i64>(path), Err(FileError::Type { .. })), "{path}");
    }
    assert!(matches!(file.read::<u8>("none"), Err(FileError::Missing { object, .. }) if object == "none"));
    assert!(matches!(file.read_scalar::<u16>("i64"), Err(FileError::Shape { .. })));
    assert_eq!(file.read_texts("text").unwrap(), ["a"]);
    assert_eq!(file.datasets("").unwrap(), ["f32", "f64", "i64", "negative", "text", "u64"]);
}

/// The folder of shared data, if this machine has it.
fn shared_data() -> Option<PathBuf> {
    let root = std::env::var_os("RHEOBASE_SHARED").map(PathBuf::from);
    let folder =
        root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared")).join("data");
    if !folder.is_dir() {
        eprintln!("left out: there is no {}", folder.display());
    }
    folder.is_dir().then_some(folder)
}

fn read_all(file: &Hdf5Reader, group: &str) -> usize {
    let here = file.datasets(group).unwrap();
    here.iter().for_each(|name| drop(file.read::<f64>(&format!("{group}/{name}")).unwrap()));
    let below = file.groups(group).unwrap();
    here.len() + below.iter().map(|name| read_all(file, &format!("{group}/{name}"))).sum::<usize>()
}

/// `h5py` counts as many datasets in these files.
#[test]
fn every_shared_file_reads_whole() {
    let Some(folder) = shared_data() else { return };
    for (name, n_datasets) in [("JapaneseVowels.h5", 4), ("nmnist_small.h5", 8), ("encoders_golden.h5", 115)]
    {
        let file = Hdf5Reader::open(folder.join(name)).unwrap();
        assert_eq!(read_all(&file, ""), n_datasets, "{name}");
    }
}

/// The spoken digits, as `h5py` sees them: 3000 utterances of six speakers.
#[test]
fn the_spoken_digits_read() {
    let Some(folder) = shared_data() else { return };
    let file = Hdf5Reader::open(folder.join("fsdd.h5")).unwrap();
    assert_eq!(
        file.datasets("").unwrap(),
        ["index", "is_test_official", "label", "offset", "pcm", "speaker"]
    );
    let attributes = file.attributes("").unwrap();
    assert_eq!(attributes.i64("rate_hz").unwrap(), 8000);
    assert_eq!(attributes.text("licence").unwrap(), "CC-BY-SA-4.0");
    let speakers = ["george", "jackson", "lucas", "nicolas", "theo", "yweweler"];
    assert_eq!(attributes.texts("speakers").unwrap(), speakers);
    let pcm = file.read_list::<i16>("pcm").unwrap();
    let offset = file.read_list::<u32>("offset").unwrap();
    assert_eq!((pcm.len(), offset.len()), (10_498_424, 3001));
    assert_eq!(offset[3000] as usize, pcm.len());
    let sum: i64 = pcm.iter().map(|sample| i64::from(*sample)).sum();
    assert_eq!((sum, pcm[0], pcm[10_498_423]), (-332_692_700, -1489, 22));
}
