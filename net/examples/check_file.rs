//! Reads a file of a network, of currents or of a wiring, checks it and says what is in it.
//!
//! `cargo run -p rheobase-net --example check_file -- FILE`

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use rheobase_net::file::{self, Hdf5Reader};
use rheobase_net::validate;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("give a file");
        return ExitCode::from(2);
    };
    match check(Path::new(&path)) {
        Ok(text) => {
            println!("{path}: {text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let cause = error.source().map(|cause| format!(": {cause}"));
            eprintln!("{path}: {error}{}", cause.unwrap_or_default());
            ExitCode::from(2)
        }
    }
}

fn check(path: &Path) -> Result<String, Box<dyn Error>> {
    let file = Hdf5Reader::open(path)?;
    if file.has_group("wiring")? {
        let wiring = file::read_wiring(path)?;
        return Ok(format!("{} units, {} synapses", wiring.units(), wiring.synapses().len()));
    }
    let format = file.attributes("")?.text("format")?.to_owned();
    if format == "rheobase-currents" {
        let currents = file::read_currents(path)?;
        return Ok(format!("{} channels, {} times", currents.n_channels(), currents.times().len()));
    }
    let network = validate(file::read_network(path)?)?;
    Ok(format!("{} nodes, {} synapses", network.n_nodes(), network.n_synapses()))
}
