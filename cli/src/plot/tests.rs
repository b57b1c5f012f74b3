//! Figures of made-up data: they are written whole, in both formats, and refuse what they cannot draw.
//!
//! `RHEOBASE_FIGURES=folder cargo test -p rheobase plot` keeps them, to be looked at.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::cell::{Batch, Ltc, record};
use rheobase_ltc::look::{self, Of};
use rheobase_ltc::model::AnyCell;
use rheobase_ltc::wiring::{AutoNcp, Ncp, Wiring, auto_ncp, fully_connected, ncp, random};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::file::MappingFile;
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{
    Counters, Delays, LifPopulation, Model, Network, NodeRange, Population, PopulationId, Projection,
    Provenance, Rates, Receptor, Recording, SpikeSource, SpikeTrain, Synapses, Traces, Weights, validate,
};
use serde_json::json;

use super::rows::Rows;
use super::sensitivity::Sensitivity;
use super::states::States;
use super::time_constants::TimeConstantsFigure;
use super::{
    Captions, Confusion, Curve, Traced, Wired, confusion, cores, learning, liquid, matrix, mesh, raster,
    rates, sensitivity, states, time_constants, traces, wiring,
};

/// A folder for a test's figures, which stays if it is asked for.
struct Folder {
    path: PathBuf,
    _temporary: Option<tempfile::TempDir>,
}

fn folder() -> Folder {
    match std::env::var_os("RHEOBASE_FIGURES") {
        Some(path) => {
            fs::create_dir_all(&path).unwrap();
            Folder { path: path.into(), _temporary: None }
        }
        None => {
            let temporary = tempfile::tempdir().unwrap();
            Folder { path: temporary.path().to_path_buf(), _temporary: Some(temporary) }
        }
    }
}

/// Draws into a PNG and an SVG, and gives the SVG's text.
fn both(name: &str, draw: impl Fn(&Path) -> anyhow::Result<()>) -> String {
    let folder = folder();
    let (png, svg) = (folder.path.join(format!("{name}.png")), folder.path.join(format!("{name}.svg")));
    draw(&png).unwrap();
    draw(&svg).unwrap();
    let bytes = fs::read(png).unwrap();
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
    let svg = fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg width=\"") && svg.trim_end().ends_with("</svg>"));
    svg
}

fn ranges(sizes: &[(&str, u32, bool)]) -> Vec<NodeRange> {
    let mut first = 0;
    let range = |(name, size, is_source): &(&str, u32, bool)| {
        let range = NodeRange { population: (*name).to_owned(), first, size: *size, is_source: *is_source };
        first += size;
        range
    };
    sizes.iter().map(range).collect()
}

/// Spikes of every node with exponential intervals, in waves of 250 ms.
fn spikes(n_nodes: u32, t_stop: f64, rate_hz: f64) -> SpikeTrain {
    let (mut times, mut nodes) = (Vec::new(), Vec::new());
    for node in 0..n_nodes {
        let mut stream = Stream::new(7, Purpose::Poisson, 0, u64::from(node));
        let mut t = 0.0;
        loop {
            t += stream.exponential() * 1000.0 / rate_hz;
            if t >= t_stop {
                break;
            }
            if stream.open01() < 0.5 + 0.5 * (t / 250.0 * std::f64::consts::TAU).sin() {
                times.push(t);
                nodes.push(node);
            }
        }
    }
    SpikeTrain::from_unsorted(n_nodes, times, nodes).unwrap()
}

fn recording() -> Recording {
    let nodes = ranges(&[("input", 36, true), ("excitatory", 108, false), ("inhibitory", 27, false)]);
    let t_stop = 1000.0;
    let spikes = spikes(171, t_stop, 40.0);
    let traced = vec![40, 41, 150];
    // Relaxation to a drive that puts the potential near the threshold, reset at the neuron's spikes.
    let mut v = Array2::zeros((10_000, traced.len()));
    for (column, node) in traced.iter().enumerate() {
        let mut potential = -70.0;
        let mut own = spikes.iter().filter(|(_, n)| n == node).map(|(t, _)| t).peekable();
        for i in 0..10_000 {
            let t = i as f64 * 0.1;
            potential += 0.1 / 20.0 * (-57.0 + 4.0 * (t / 31.0).sin() - potential);
            if own.next_if(|spike| *spike <= t).is_some() {
                potential = -70.0;
            }
            v[[i, column]] = potential;
        }
    }
    let hz = Array2::from_shape_fn((100, 3), |(bin, column)| {
        let (from, to) = (bin as f64 * 10.0, bin as f64 * 10.0 + 10.0);
        let NodeRange { first, size, .. } = nodes[column];
        let inside = |(t, n): &(f64, u32)| (from..to).contains(t) && (first..first + size).contains(n);
        spikes.iter().filter(inside).count() as f64 / f64::from(size) / 0.01
    });
    Recording {
        t_start: 0.0,
        t_stop,
        nodes,
        spikes,
        traces: Some(Traces { nodes: traced, t_first: 0.0, interval: 0.1, v }),
        rates: Some(Rates {
            populations: vec!["input".into(), "excitatory".into(), "inhibitory".into()],
            t_first: 0.0,
            bin: 10.0,
            hz,
        }),
        final_v: None,
        weights: None,
        counters: Counters::default(),
        provenance: Provenance::default(),
    }
}

/// 15 × 3 × 3 neurons, every fifth inhibitory, with synapses between near ones.
fn column() -> Network {
    let all: Vec<[f32; 3]> =
        (0..135_u8).map(|i| [f32::from(i / 9), f32::from(i / 3 % 3), f32::from(i % 3)]).collect();
    let (inhibitory, excitatory): (Vec<_>, Vec<_>) = all.iter().enumerate().partition(|(i, _)| i % 5 == 2);
    let places = |list: &[(usize, &[f32; 3])]| list.iter().map(|(_, place)| **place).collect::<Vec<_>>();
    let groups = [places(&excitatory), places(&inhibitory)];
    let population = |name: &str, positions: &Vec<[f32; 3]>| Population {
        name: name.into(),
        size: positions.len() as u32,
        model: Model::Lif(LifPopulation::default()),
        positions: Some(positions.clone()),
    };
    let mut network = Network::default();
    network.populations.push(Population {
        name: "input".into(),
        size: 12,
        model: Model::SpikeSource(SpikeSource::External),
        positions: None,
    });
    network.populations.push(population("excitatory", &groups[0]));
    network.populations.push(population("inhibitory", &groups[1]));
    let mut stream = Stream::new(1, Purpose::Connect, 0, 0);
    let mut join = |source: u32, target: u32, weight: f64, near: &mut dyn FnMut(usize, usize) -> f64| {
        let sizes = [12, groups[0].len(), groups[1].len()];
        let mut synapses = Synapses {
            row_start: vec![0],
            target: vec![],
            weight: Weights::Shared(weight),
            delay: Delays::Shared(1.0),
        };
        for from in 0..sizes[source as usize] {
            for to in 0..sizes[target as usize] {
                if stream.open01() < near(from, to) {
                    synapses.target.push(to as u32);
                }
            }
            synapses.row_start.push(synapses.target.len() as u64);
        }
        let name = format!("{source} to {target}");
        let (source, target) = (PopulationId(source), PopulationId(target));
        let receptor = Receptor::BySign;
        network.projections.push(Projection { name, source, target, receptor, synapses, plasticity: None });
    };
    join(0, 1, 20.0, &mut |_, _| 0.03);
    for (source, target, weight) in [(1, 1, 30.0), (1, 2, 60.0), (2, 1, -19.0), (2, 2, -19.0)] {
        let place = |group: u32, i: usize| groups[group as usize - 1][i];
        join(source, target, weight, &mut |from, to| {
            let (a, b) = (place(source, from), place(target, to));
            let squared: f32 = (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum();
            0.3 * f64::from((-squared / 4.0).exp())
        });
    }
    network
}

#[test]
fn a_raster_has_one_mark_a_spike() {
    let recording = recording();
    let window = 0.0..1000.0;
    let svg = both("raster", |path| raster(&recording.spikes, &recording.nodes, window.clone(), path));
    // A rectangle for the page, for every spike and for every population's band.
    assert_eq!(svg.matches("<rect").count(), 1 + recording.spikes.len() + recording.nodes.len());
    let half = both("raster_half", |path| raster(&recording.spikes, &recording.nodes, 250.0..500.0, path));
    let inside = recording.spikes.times().iter().filter(|t| (250.0..500.0).contains(*t)).count();
    assert_eq!(half.matches("<rect").count(), 1 + inside + recording.nodes.len());
}

#[test]
fn a_dense_raster_is_an_image_of_bounded_size() {
    let nodes = ranges(&[("input", 100, true), ("excitatory", 1600, false), ("inhibitory", 400, false)]);
    let spikes = spikes(2100, 2000.0, 60.0);
    assert!(spikes.len() > 100_000);
    let svg = both("raster_dense", |path| raster(&spikes, &nodes, 0.0..2000.0, path));
    assert!(svg.contains("data:image/png;base64,"));
    // As rectangles it would be over 10 MB.
    assert!(svg.len() < 3_000_000, "{} bytes", svg.len());
}

#[test]
fn a_raster_of_nothing_is_a_figure() {
    let nodes = ranges(&[("excitatory", 5, false)]);
    let none = SpikeTrain::from_sorted(5, vec![], vec![]).unwrap();
    both("raster_empty", |path| raster(&none, &nodes, 0.0..100.0, path));
}

#[test]
fn traces_are_drawn_with_threshold_and_spikes() {
    let recording = recording();
    let svg = both("traces", |path| traces(&recording, |_| Traced::potential(Some(-55.0)), path));
    for name in ["excitatory 4", "excitatory 5", "inhibitory 6", "v (mV)", "time (ms)"] {
        assert!(svg.contains(name), "{name} is missing");
    }
    let without = Recording { traces: None, ..recording };
    let error = traces(&without, |_| Traced::potential(None), Path::new("never.png")).unwrap_err();
    assert!(error.to_string().contains("no membrane traces"));
}

#[test]
fn rates_are_labeled_by_population() {
    let recording = recording();
    let svg = both("rates", |path| rates(recording.rates.as_ref().unwrap(), &recording.nodes, path));
    for name in ["input", "excitatory", "inhibitory", "rate (Hz)"] {
        assert!(svg.contains(name), "{name} is missing");
    }
}

#[test]
fn a_confusion_matrix_shows_its_counts_and_accuracy() {
    let classes: Vec<String> = (1..=9).map(|speaker| format!("speaker {speaker}")).collect();
    let counts = Array2::from_shape_fn((9, 9), |(truth, answer)| {
        if truth == answer { 28 + truth as u64 } else { u64::from((truth * 5 + answer * 3) % 7 == 0) * 2 }
    });
    let svg = both("confusion", |path| confusion(&Confusion { classes: &classes, counts: &counts }, path));
    let accuracy = 100.0 * counts.diag().sum() as f64 / counts.sum() as f64;
    assert!(svg.contains(&format!("{accuracy:.1} %")));
    assert!(svg.contains("speaker 9") && svg.contains("share of the truth"));
    let wrong = confusion(&Confusion { classes: &classes[1..], counts: &counts }, Path::new("never.png"));
    assert!(wrong.unwrap_err().to_string().starts_with("8 class names"));
}

#[test]
fn a_confusion_matrix_may_have_many_classes_or_two() {
    for n in [2_usize, 40] {
        let classes: Vec<String> = (0..n).map(|class| class.to_string()).collect();
        let counts =
            Array2::from_shape_fn((n, n), |(t, a)| if t == a { 1200 } else { 3 * ((t + a) % 4) as u64 });
        both(&format!("confusion_{n}"), |path| {
            confusion(&Confusion { classes: &classes, counts: &counts }, path)
        });
    }
}

#[test]
fn a_liquid_is_drawn_in_space() {
    let network = column();
    let svg = both("liquid", |path| liquid(&network, path));
    assert!(svg.contains("135 neurons, 27 inhibitory"));
    let nowhere = Network::default();
    assert!(liquid(&nowhere, Path::new("never.png")).unwrap_err().to_string().contains("position"));
}

/// Strengths between 0 and 1 with the wiring's polarities, many of them small.
fn strengths(wiring: &Wiring) -> [Vec<f64>; 2] {
    let mut stream = Stream::new(3, Purpose::Connect, 0, 0);
    let lists = [wiring.synapses(), wiring.sensory()];
    lists.map(|list| {
        list.iter().map(|synapse| f64::from(synapse.polarity) * stream.open01().powi(3)).collect()
    })
}

fn wirings() -> [(&'static str, Wiring); 6] {
    let of_19 = Ncp {
        inter: 12,
        command: 6,
        motor: 1,
        sensory_fanout: 4,
        inter_fanout: 4,
        recurrent_command_synapses: 4,
        motor_fanin: 6,
        seed: 22222,
    };
    let of_64 = AutoNcp { units: 64, n_outputs: 8, sparsity: 0.75, seed: 22222 };
    [
        ("ncp_19", ncp(8, &of_19).unwrap()),
        ("auto_ncp_64", auto_ncp(12, &of_64).unwrap()),
        ("full_19", fully_connected(8, 19, 4, true, 1111).unwrap()),
        ("full_64", fully_connected(12, 64, 64, true, 1111).unwrap()),
        ("random_19", random(3, 19, 2, 0.7, 1111).unwrap()),
        ("random_200", random(40, 200, 10, 0.5, 1111).unwrap()),
    ]
}

#[test]
fn a_wiring_is_drawn_in_layers_or_as_a_table() {
    for (name, drawn) in wirings() {
        let plain = Wired { wiring: &drawn, inputs: &[], strengths: None };
        let svg = both(&format!("wiring_{name}"), |path| wiring(&plain, path));
        assert!(svg.contains("excitatory") && !svg.contains("strongest"));
        let inputs: Vec<String> = (0..drawn.n_inputs()).map(|k| format!("LPC {k}")).collect();
        let trained = Wired { wiring: &drawn, inputs: &inputs, strengths: Some(strengths(&drawn)) };
        let svg = both(&format!("wiring_{name}_trained"), |path| wiring(&trained, path));
        assert!(svg.contains("LPC 0") && svg.contains("the strongest conductance is"));
        if drawn.layers().len() > 1 {
            // A line a synapse.
            let lines = svg.matches("<polyline").count();
            assert!(lines >= drawn.synapses().len() + drawn.sensory().len(), "{lines} lines");
            assert!(svg.contains("command"));
        }
    }
}

/// A run of an LTC with drawn parameters, 300 steps of irregular length.
struct LiquidRun {
    cell: Ltc,
    parameters: Vec<f64>,
    inputs: Vec<f64>,
    elapsed: Vec<f64>,
    states: Vec<f64>,
    edges: Vec<f64>,
}

fn liquid_run(wiring: &Wiring) -> LiquidRun {
    let cell = Ltc::new(wiring.clone(), LtcConfig::default()).unwrap();
    let mut stream = Stream::new(5, Purpose::Parameter, 0, 0);
    let parameters: Vec<f64> = cell.start(&mut stream);
    let (n_steps, n_inputs) = (300, wiring.n_inputs());
    let elapsed: Vec<f64> = (0..n_steps).map(|_| 0.1 * stream.exponential()).collect();
    let mut edges = vec![0.0];
    elapsed.iter().for_each(|elapsed| edges.push(edges[edges.len() - 1] + elapsed));
    let wave = |k: usize| (edges[k / n_inputs] * (0.4 + 0.2 * (k % n_inputs) as f64)).sin();
    let inputs: Vec<f64> = (0..n_steps * n_inputs).map(wave).collect();
    let initial = vec![0.0; wiring.units()];
    let batch =
        Batch { n_samples: 1, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys: None };
    let states = [initial.clone(), record(&cell, &parameters, &batch).unwrap().states()].concat();
    LiquidRun { cell, parameters, inputs, elapsed, states, edges }
}

#[test]
fn a_run_of_a_liquid_network_is_drawn() {
    for (name, wiring) in wirings().into_iter().filter(|(name, _)| !name.contains("200")) {
        let run = liquid_run(&wiring);
        let (rows, units, n_outputs) = (Rows::of_wiring(&wiring), wiring.units(), wiring.n_outputs());
        let states_after = &run.states[units..];
        let answers: Vec<f64> =
            states_after.chunks(units).flat_map(|row| row[..n_outputs].to_vec()).collect();
        let answer_names: Vec<String> = (0..n_outputs).map(|k| format!("answer {k}")).collect();
        let figure = States {
            rows: &rows,
            edges: &run.edges,
            states: states_after,
            answer_names: &answer_names,
            answers: &answers,
        };
        let svg = both(&format!("states_{name}"), |path| states(&figure, path));
        assert!(svg.contains("answer 0") && svg.contains("motor"));

        let any = AnyCell::Ltc(run.cell.clone());
        let constants =
            look::time_constants(&any, &run.parameters, &run.inputs, &run.states).unwrap().unwrap();
        let figure = TimeConstantsFigure { rows: &rows, edges: &run.edges, constants: &constants };
        let svg = both(&format!("time_constants_{name}"), |path| time_constants(&figure, path));
        assert!(svg.contains("bounds that no input can leave"));

        let (n_steps, n_lags) = (run.elapsed.len(), 30);
        let batch = Batch {
            n_samples: 1,
            n_steps,
            inputs: &run.inputs,
            elapsed: &run.elapsed,
            initial: &run.states[..units],
            keys: None,
        };
        let times: Vec<usize> = (0..n_steps).collect();
        let found = look::sensitivities(&run.cell, &run.parameters, &batch, &[Of::Output(0)], &times, n_lags)
            .unwrap();
        let names: Vec<String> = (0..wiring.n_inputs()).map(|k| format!("LPC {k}")).collect();
        let figure = Sensitivity {
            inputs: &Rows::of_inputs(&names),
            units: &rows,
            answer: "answer 0",
            edges: &run.edges,
            n_lags,
            by_inputs: &found.by_inputs,
            by_states: &found.by_states,
        };
        let svg = both(&format!("sensitivity_{name}"), |path| sensitivity(&figure, path));
        assert!(svg.contains("LPC 0") && svg.contains("lag (steps)"));
    }
}

#[test]
fn a_figure_is_whole_or_not_there() {
    let network = column();
    let folder = tempfile::tempdir().unwrap();
    let error = liquid(&network, &folder.path().join("liquid.jpg")).unwrap_err();
    assert!(error.to_string().contains(".png or .svg"));
    assert!(liquid(&network, &folder.path().join("missing/liquid.png")).is_err());
    // A folder in the way of the file.
    fs::create_dir(folder.path().join("liquid.svg")).unwrap();
    assert!(liquid(&network, &folder.path().join("liquid.svg")).is_err());
    let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["liquid.svg"]);
}

#[test]
fn learning_curves_have_their_names_and_may_have_no_scores() {
    let curve = |k: usize, has_scores: bool| {
        let loss: Vec<f64> = (1..=40).map(|epoch| 1.0 / f64::from(epoch) + 0.1 * k as f64).collect();
        let score = if has_scores { loss.iter().map(|loss| 1.0 - loss).collect() } else { Vec::new() };
        Curve { name: format!("seed {k}"), loss, score, best: Some(33) }
    };
    for has_scores in [true, false] {
        let curves: Vec<Curve> = (1..=3).map(|k| curve(k, has_scores)).collect();
        let captions =
            Captions { title: "Training: waves", score: "validation accuracy", higher_is_better: true };
        let svg = both(&format!("learning-{has_scores}"), |path| learning(&curves, &captions, path));
        assert!(svg.contains("seed 3") && svg.contains("training loss"));
        assert_eq!(svg.contains("validation accuracy"), has_scores);
    }
    let none = [Curve { name: "seed 1".to_owned(), loss: vec![], score: vec![], best: None }];
    let captions = Captions { title: "", score: "", higher_is_better: false };
    assert!(learning(&none, &captions, Path::new("nothing.png")).is_err());
}

/// A mapping of `n` cores of Loihi with 100 neurons each, every core sending to the next ones.
fn mapping(n: u32, chips: [u32; 2]) -> MappingFile {
    let core = |core: u32| {
        let usage = [40 * u64::from(core) % 4096, 4000, 90 * u64::from(core) % 16_384];
        json!({
            "core": 3 * core, "compartments": 100, "input_axons": usage[0], "output_axons": usage[1],
            "synapse_words": usage[2], "neuron_configs": 1, "packets_out": 50 * core, "packets_in": 90,
        })
    };
    let pairs =
        (0..n).flat_map(|from| (1..4).map(move |by| (3 * from, 3 * (from + by), 10_u32.pow(by) + from)));
    let sent: Vec<_> = pairs.filter(|(_, to, _)| *to < 3 * n).collect();
    let packets: u64 = sent.iter().map(|(_, _, packets)| u64::from(*packets)).sum();
    let text = json!({
        "format": "rheobase-mapping", "version": 1, "made_with": "", "network": "0".repeat(64),
        "chip": "loihi1", "chip_file": Chip::text("loihi1").unwrap(), "chips": chips,
        "made": {
            "board": null, "dt_ms": 1.0, "weight_bits": 8, "seed": 1, "effort": 1.0, "objective": "hops"
        },
        "populations": [{ "name": "all", "core": (0..100 * n).map(|i| i / 100 * 3).collect::<Vec<_>>() }],
        "cores": (0..n).map(core).collect::<Vec<_>>(),
        "traffic": {
            "packets": packets.max(100 * u64::from(n)), "packets_from_outside": 0, "hops": 9,
            "hop_energy_pj": 3.0
        },
        "sent": if n < 10 { json!(null) } else { json!(sent) },
    });
    MappingFile::from_json(&text.to_string()).unwrap()
}

#[test]
fn a_mapping_is_drawn_as_a_mesh_and_as_a_matrix() {
    for (n, chips) in [(1, [1, 1]), (30, [1, 1]), (400, [4, 3])] {
        let mapping = mapping(n, chips);
        let svg = both(&format!("mesh-{n}"), |path| mesh(&mapping, path));
        assert!(svg.contains("words of synapse memory") && svg.contains("Cores of Intel Loihi"));
        assert_eq!(svg.contains("share of the fullest link"), mapping.sent().is_some());
        let svg = both(&format!("traffic-{n}"), |path| matrix(&mapping, path));
        assert!(svg.contains("to core"));
    }
}

#[test]
fn neurons_are_drawn_in_the_colors_of_their_cores() {
    let mapping = mapping(12, [1, 1]);
    let place = |i: u32| [(i % 20) as f32, (i / 20 % 10) as f32, (i / 200) as f32];
    let network = |positions| {
        let model = Model::Lif(LifPopulation::default());
        let population = Population { name: "all".to_owned(), size: 1200, model, positions };
        validate(Network { populations: vec![population], ..Network::default() }).unwrap()
    };
    let placed = network(Some((0..1200).map(place).collect()));
    let svg = both("cores", |path| cores(&mapping, &placed, path));
    assert!(svg.contains("1\u{2009}200 neurons on 12 cores") && svg.contains("pulled apart by core"));
    let error = cores(&mapping, &network(None), Path::new("none.png")).unwrap_err();
    assert!(error.to_string().contains("no neuron of the network has a position"));
}
