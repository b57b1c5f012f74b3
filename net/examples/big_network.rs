//! Measures how fast a large network is saved and loaded, and in how much memory.
//!
//! `cargo run --release -p rheobase-net --example big_network -- FOLDER [NEURONS] [SYNAPSES_EACH]`

use std::path::Path;
use std::time::Instant;

use rheobase_net::{
    Delays, LifPopulation, Model, Network, Population, PopulationId, Projection, Receptor, Synapses, Weights,
    file,
};

/// The largest resident set so far \[MB\], which Linux keeps.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

fn network(n: u32, each: u32) -> Network {
    let synapses = u64::from(n) * u64::from(each);
    let target = |i: u64| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as u32 % n;
    Network {
        populations: vec![Population {
            name: "liquid".to_owned(),
            size: n,
            model: Model::Lif(LifPopulation::default()),
            positions: None,
        }],
        projections: vec![Projection {
            name: "recurrent".to_owned(),
            source: PopulationId(0),
            target: PopulationId(0),
            receptor: Receptor::BySign,
            synapses: Synapses {
                row_start: (0..=u64::from(n)).map(|row| row * u64::from(each)).collect(),
                target: (0..synapses).map(target).collect(),
                weight: Weights::F32((0..synapses).map(|i| i as f32).collect()),
                delay: Delays::Ticks { tick: 0.1, n: (0..synapses).map(|i| i as u16).collect() },
            },
            plasticity: None,
        }],
        ..Network::default()
    }
}

fn main() -> Result<(), file::FileError> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let mut number = |default| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (n, each) = (number(1_000_000), number(64));
    let path = Path::new(&folder).join("big_network.h5");

    let written = network(n, each);
    println!("made:   peak {:.0} MB", peak_mb());
    let start = Instant::now();
    file::write_network(&path, &written)?;
    let seconds = start.elapsed().as_secs_f64();
    let mb = std::fs::metadata(&path).map_or(f64::NAN, |file| file.len() as f64 / 1e6);
    println!("saved:  {mb:.0} MB in {seconds:.2} s, {:.0} MB/s, peak {:.0} MB", mb / seconds, peak_mb());
    let target = written.projections[0].synapses.target.clone();
    drop(written);
    let start = Instant::now();
    let read = file::read_network(&path)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("loaded: {mb:.0} MB in {seconds:.2} s, {:.0} MB/s, peak {:.0} MB", mb / seconds, peak_mb());
    assert!(read.projections[0].synapses.target == target, "what was written is read back");
    Ok(())
}
