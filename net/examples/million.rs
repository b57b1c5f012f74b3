//! Generates and validates a liquid of a million neurons and some 64 million synapses, and says how long
//! that took: `cargo run --release -p rheobase-net --example million [cloud]`.
//!
//! With `cloud` the neurons are at random in the box instead of on the grid.

use std::error::Error;
use std::time::Instant;

use rheobase_net::generate::{ColumnPlacement, ColumnSpec, column, generate};
use rheobase_net::validate;

fn main() -> Result<(), Box<dyn Error>> {
    let placement = match std::env::args().nth(1).as_deref() {
        Some("cloud") => ColumnPlacement::Random([100.0; 3]),
        Some(_) | None => ColumnPlacement::Grid,
    };
    // The mean degree of the column grows as lambda³: 12 at 2, 64 at 3.6.
    let spec = column(&ColumnSpec { n: 1_000_000, placement, lambda: 3.6, ..ColumnSpec::default() });
    let start = Instant::now();
    let network = generate(&spec, 1)?;
    let generated = start.elapsed();
    let network = validate(network)?;
    let validated = start.elapsed() - generated;
    println!(
        "{} neurons, {} synapses: generated in {:.2} s, validated in {:.3} s",
        network.n_neurons(),
        network.n_synapses(),
        generated.as_secs_f64(),
        validated.as_secs_f64()
    );
    Ok(())
}
