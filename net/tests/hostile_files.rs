//! Files that were damaged or made to do harm: thousands of them, from a seed. Whatever the bytes
//! are, the readers return, soon, and no panic leaves them.
//!
//! `RHEOBASE_MUTANTS` sets the number of mutants of every file.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::time::{Duration, Instant};

use hdf5_pure::{AttrValue, FileBuilder};
use rheobase_ltc::model::{CellSpec, CtGruSpec, LtcSpec};
use rheobase_ltc::wiring::{Full, WiringSpec};
use rheobase_net::file::{self, FileError, Hdf5Reader};
use rheobase_net::generate::generate;
use rheobase_net::{
    Answers, Channel, Delays, Description, LifPopulation, LiquidModel, Model, Network, Plasticity,
    Population, PopulationId, Projection, ProjectionWeights, Receptor, Recording, SpikeSource, SpikeTrain,
    StdpTriplet, Synapses, Waveform, Weights, validate,
};

/// SplitMix64 (Steele, Lea & Flood 2014): a mutant is named by its seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below.max(1) as u64) as usize
    }
}

/// Damages a file in one of the ways in which files are damaged.
fn mutate(valid: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = valid.to_vec();
    let n = bytes.len();
    match dice.roll(5) {
        0 => (0..=dice.roll(8)).for_each(|_| bytes[dice.roll(n)] ^= 1 << dice.roll(8)),
        1 => (0..=dice.roll(8)).for_each(|_| bytes[dice.roll(n)] = [0, 1, 0x7f, 0x80, 0xff][dice.roll(5)]),
        2 => bytes.truncate(dice.roll(n)),
        3 => {
            let start = dice.roll(n);
            let end = n.min(start + 1 + dice.roll(64));
            let fill = [0, 0xff][dice.roll(2)];
            bytes[start..end].fill(fill);
        }
        _ => {
            let (from, to, len) = (dice.roll(n), dice.roll(n), 1 + dice.roll(32));
            let piece = valid[from..n.min(from + len)].to_vec();
            let end = n.min(to + piece.len());
            bytes[to..end].copy_from_slice(&piece[..end - to]);
        }
    }
    bytes
}

fn spikes() -> SpikeTrain {
    SpikeTrain::from_sorted(4, vec![0.5, 1.0, 1.5], vec![3, 0, 1]).unwrap()
}

fn network() -> Network {
    let population = |name: &str, size, model| Population {
        name: name.to_owned(),
        size,
        model,
        positions: Some(vec![[0.0, 1.0, 2.0]; size as usize]),
    };
    let synapses = Synapses {
        row_start: vec![0, 1, 2, 3, 3],
        target: vec![0, 1, 0],
        weight: Weights::F32(vec![1.0, 2.0, 3.0]),
        delay: Delays::Ticks { tick: 0.1, n: vec![1, 2, 3] },
    };
    Network {
        populations: vec![
            population("input", 4, Model::SpikeSource(SpikeSource::Train(spikes()))),
            population("liquid", 2, Model::Lif(LifPopulation::default())),
        ],
        projections: vec![Projection {
            name: "input to liquid".to_owned(),
            source: PopulationId(0),
            target: PopulationId(1),
            receptor: Receptor::BySign,
            synapses,
            plasticity: Some(Plasticity::StdpTriplet(StdpTriplet::default())),
        }],
        description: Description::default(),
    }
}

fn recording() -> Recording {
    Recording {
        t_start: 0.0,
        t_stop: 10.0,
        nodes: vec![],
        spikes: spikes(),
        traces: None,
        rates: None,
        final_v: Some(vec![-70.0; 4]),
        weights: Some(vec![ProjectionWeights { projection: "p".to_owned(), weights: vec![0.5; 3] }]),
        counters: Default::default(),
        provenance: Default::default(),
    }
}

/// Bytes of a file that one of our writers makes.
fn liquid(spec: &CellSpec) -> LiquidModel {
    let cell = spec.build(1).unwrap();
    let model = rheobase_ltc::model::Model::new(cell, Some(2)).unwrap();
    LiquidModel {
        parameters: vec![0.5; model.layout().n_parameters()],
        is_single: true,
        inputs: vec![Channel::plain("x")],
        answers: Answers::Classes(vec!["no".to_owned(), "yes".to_owned()]),
        every_step: true,
        step: 1.0,
        description: Description::default(),
        model,
    }
}

fn written(write: impl FnOnce(&std::path::Path) -> Result<(), FileError>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    write(&path).unwrap();
    std::fs::read(&path).unwrap()
}

/// Chunks, filters, both kinds of strings, lists in attributes, a group in a group.
fn data_file() -> Vec<u8> {
    let mut file = FileBuilder::new();
    file.set_attr("speakers", AttrValue::VarLenStringArray(vec!["george".to_owned(), "theo".to_owned()]));
    file.set_attr("rate_hz", AttrValue::I64(8000));
    file.create_dataset("names").with_vlen_strings(&["one", "two", "three"]);
    file.create_dataset("fixed").with_strings(&["one", "two", "three"]).unwrap();
    let pcm: Vec<i16> = (0..500).map(|i| (i * 37 % 101) as i16).collect();
    file.create_dataset("pcm").with_i16_data(&pcm).with_chunks(&[64]).with_shuffle().with_deflate(4);
    let mut outer = file.create_group("outer");
    let mut inner = outer.create_group("inner");
    inner.create_dataset("x").with_f32_data(&[1.0; 12]).with_shape(&[3, 4]).with_chunks(&[2, 2]);
    outer.add_group(inner.finish());
    file.add_group(outer.finish());
    file.finish().unwrap()
}

/// Reads everything that a file has, as deep as four groups.
fn walk(file: &Hdf5Reader, group: &str, depth: u32) -> Result<(), FileError> {
    file.attributes(group)?;
    for name in file.datasets(group)? {
        let path = format!("{group}/{name}");
        let tried = (
            file.attributes(&path),
            file.read::<f64>(&path),
            file.read::<i16>(&path),
            file.read_texts(&path),
        );
        drop(tried);
    }
    for name in file.groups(group)?.iter().filter(|_| depth < 4) {
        let _ = walk(file, &format!("{group}/{name}"), depth + 1);
    }
    Ok(())
}

/// Reads mutants of a file and returns how many were accepted.
fn survive(name: &str, valid: &[u8], read: impl Fn(&[u8]) -> bool) -> usize {
    assert!(read(valid), "the file \"{name}\" itself must be read");
    let mutants = std::env::var("RHEOBASE_MUTANTS").map_or(500, |n| n.parse().unwrap());
    let (mut accepted, mut slowest) = (0, Duration::ZERO);
    for seed in 0..mutants {
        let bytes = mutate(valid, &mut Dice(seed));
        let start = Instant::now();
        accepted += usize::from(read(&bytes));
        slowest = slowest.max(start.elapsed());
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "mutant {seed} of \"{name}\" took {:?}",
            start.elapsed()
        );
    }
    println!("{name}: {mutants} mutants, {accepted} read, the slowest in {slowest:?}");
    accepted
}

#[test]
fn networks() {
    survive("network", &written(|path| file::write_network(path, &network())), |bytes| {
        file::read_network_bytes(bytes).is_ok()
    });
}

/// A group is checked too: whatever its numbers say, nothing is allocated by them.
#[test]
fn groups() {
    let spec = "[[populations]]
        name = 'group'
        model.ltc = { wiring = { kind = 'auto_ncp', units = 9, n_outputs = 2, sparsity = 0.5, seed = 1 }, inputs = 3 }";
    let network = generate(&spec.parse().unwrap(), 1).unwrap();
    survive("group", &written(|path| file::write_network(path, &network)), |bytes| {
        file::read_network_bytes(bytes).is_ok_and(|network| validate(network).is_ok())
    });
}

#[test]
fn spike_trains() {
    survive("spikes", &written(|path| file::write_spikes(path, &spikes())), |bytes| {
        file::read_spikes_bytes(bytes).is_ok()
    });
}

#[test]
fn currents() {
    let currents = Waveform::new(2, vec![0.0, 1.5, 9.0], vec![1.0, 0.0, -1.0, 2.0, 0.5, 0.0]).unwrap();
    survive("currents", &written(|path| file::write_currents(path, &currents)), |bytes| {
        file::read_currents_bytes(bytes).is_ok()
    });
}

#[test]
fn liquids() {
    let wiring = WiringSpec::Full(Full { units: 3, ..Full::default() });
    let ltc = CellSpec::Ltc(LtcSpec { wiring, ..LtcSpec::default() });
    let ct_gru = CellSpec::CtGru(CtGruSpec { units: 2, ..CtGruSpec::default() });
    for (name, spec) in [("ltc", ltc), ("ct_gru", ct_gru)] {
        survive(name, &written(|path| file::write_liquid(path, &liquid(&spec))), |bytes| {
            file::read_liquid_bytes(bytes).is_ok()
        });
    }
}

#[test]
fn recordings() {
    survive("recording", &written(|path| file::write_recording(path, &recording())), |bytes| {
        file::read_recording_bytes(bytes).is_ok()
    });
}

#[test]
fn data_files() {
    survive("data", &data_file(), |bytes| match Hdf5Reader::from_bytes("data", bytes) {
        Ok(file) => walk(&file, "", 0).is_ok(),
        Err(_) => false,
    });
}

/// A header that claims 2⁶² numbers is refused before a byte is reserved for them.
#[test]
fn a_claim_beyond_the_file_is_refused() {
    let valid = written(|path| file::write_spikes(path, &spikes()));
    let three = 3_u64.to_le_bytes();
    let places: Vec<usize> = (0..valid.len() - 8).filter(|i| valid[*i..i + 8] == three).collect();
    assert!(!places.is_empty());
    let mut refused = 0;
    for place in places {
        let mut bytes = valid.clone();
        bytes[place..place + 8].copy_from_slice(&(1_u64 << 62).to_le_bytes());
        refused += usize::from(file::read_spikes_bytes(&bytes).is_err());
    }
    assert!(refused > 0);
}

/// Three hundred strings that all refer to one object of a megabyte: a file of a megabyte that would be
/// 300 MB in memory, or any multiple.
#[test]
fn many_references_to_one_string_are_refused() {
    let long = "x".repeat(1 << 20);
    let mut texts = vec!["y"; 300];
    texts[0] = &long;
    let mut builder = FileBuilder::new();
    builder.create_dataset("texts").with_vlen_strings(&texts);
    let mut bytes = builder.finish().unwrap();
    assert!(Hdf5Reader::from_bytes("one", &bytes).unwrap().read_texts("texts").is_ok());
    // A reference is the length in four bytes, the address of a heap, and the place in it.
    let one_mib = (1_u32 << 20).to_le_bytes();
    let first = bytes.windows(4).position(|window| window == one_mib).unwrap();
    let reference = bytes[first..first + 16].to_vec();
    (1..300).for_each(|i| bytes[first + 16 * i..first + 16 * (i + 1)].copy_from_slice(&reference));
    let file = Hdf5Reader::from_bytes("many", &bytes).unwrap();
    assert!(file.read_texts("texts").is_err());
}

/// A list of lists of lists, as deep as an object header can hold it: reading its type on the 2 MiB of
/// a common thread would end the process.
#[test]
fn deeply_nested_types_do_not_overflow_the_stack() {
    let nested = || {
        let mut datatype = hdf5_pure::make_f64_type();
        for _ in 0..8_000 {
            let (is_string, padding, charset, base_type) = (false, None, None, Box::new(datatype));
            datatype = hdf5_pure::Datatype::VariableLength { is_string, padding, charset, base_type };
        }
        let mut builder = FileBuilder::new();
        builder.create_dataset("x").with_raw_data(datatype, vec![0; 16], 1);
        builder.finish().unwrap()
    };
    let roomy = std::thread::Builder::new().stack_size(1 << 29).spawn(nested).unwrap();
    let file = Hdf5Reader::from_bytes("nested", &roomy.join().unwrap()).unwrap();
    assert!(matches!(file.read::<f64>("x"), Err(FileError::Type { .. })));
}
