//! A netlist on one thread of the chip emulator, timed as `benches/peers/chip.py` asks: a line of JSON.
//!
//! ```text
//! chip NETLIST.json STEPS SECONDS
//! ```
//! The spikes of the first `STEPS` steps go to standard output as `[step, neuron]`, so that the caller can see that
//! they are the peer's; then steps go on for about that many seconds, and the least time of a step over rounds of
//! `STEPS` is told.

use std::error::Error;
use std::time::Instant;

use rheobase_loihi_export::emulate::{Chip, Profile};
use rheobase_loihi_export::netlist::from_json;
use serde_json::json;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, path, steps, seconds] = &arguments[..] else {
        return Err("usage: chip NETLIST.json STEPS SECONDS".into());
    };
    let (steps, seconds): (u32, f64) = (steps.parse()?, seconds.parse()?);
    let netlist = from_json(&std::fs::read_to_string(path)?)?;
    let mut chip = Chip::new(&netlist, Profile::Lava010, 1)?;
    let mut spikes = Vec::new();
    for step in 1..=steps {
        chip.step(&[]);
        spikes.extend(chip.sent().iter().map(|message| [step, message.node]));
    }
    let events = chip.work().synaptic_events;
    let begin = Instant::now();
    let mut least = f64::INFINITY;
    while begin.elapsed().as_secs_f64() < seconds {
        // The same steps again, so that every round has the same work.
        let mut chip = Chip::new(&netlist, Profile::Lava010, 1)?;
        let round = Instant::now();
        (0..steps).for_each(|_| chip.step(&[]));
        least = least.min(round.elapsed().as_secs_f64());
    }
    let per_step = |total: f64| total / f64::from(steps);
    let line = json!({
        "us_per_step": per_step(least) * 1e6,
        "events_per_step": per_step(events as f64),
        "spikes": spikes,
    });
    println!("{line}");
    Ok(())
}
