//! Reads a network file, validates it and says what is in it.
//!
//! `cargo run -p rheobase-net --example check_network -- FILE`

use std::path::Path;
use std::process::ExitCode;

use rheobase_net::{file, validate};

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("give a network file");
        return ExitCode::from(2);
    };
    let network = match file::read_network(Path::new(&path)) {
        Ok(network) => network,
        Err(error) => {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            eprintln!("{error}{}", cause.unwrap_or_default());
            return ExitCode::from(2);
        }
    };
    match validate(network) {
        Ok(network) => {
            println!("{path}: {} nodes, {} synapses", network.n_nodes(), network.n_synapses());
            ExitCode::SUCCESS
        }
        Err(faults) => {
            eprintln!("{path}: {faults}");
            ExitCode::from(2)
        }
    }
}
