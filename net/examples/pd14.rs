//! Generates and validates the cortical microcircuit, and says how long that took and how much memory:
//! `cargo run --release -p rheobase-net --example pd14 -- SCALE`.

use std::error::Error;
use std::time::Instant;

use rheobase_net::generate::{generate, pd14};
use rheobase_net::validate;

fn main() -> Result<(), Box<dyn Error>> {
    let scale = std::env::args().nth(1).map_or(Ok(0.1), |text| text.parse())?;
    let start = Instant::now();
    let network = generate(&pd14(scale), 1)?;
    let generated = start.elapsed();
    let network = validate(network)?;
    let validated = start.elapsed() - generated;
    let n_synapses = network.n_synapses();
    println!(
        "{} neurons, {n_synapses} synapses: generated in {:.2} s, validated in {:.3} s",
        network.n_neurons(),
        generated.as_secs_f64(),
        validated.as_secs_f64(),
    );
    // Linux tells the most memory that was resident.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    if let Some(kib) = peak.and_then(|kib| kib.trim().parse::<f64>().ok()) {
        println!(
            "peak memory {:.1} MB, {:.2} bytes a synapse",
            kib * 1.024e-3,
            kib * 1024.0 / n_synapses as f64
        );
    }
    Ok(())
}
