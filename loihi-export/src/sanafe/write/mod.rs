//! Files that SANA-FE 2.2.9 loads.
//!
//! Numbers are written with as many digits as bring them back to the last bit. Neurons that are alike, and neurons that
//! follow each other onto one core, are written as ranges.

mod architecture;
mod network;

pub use architecture::write_architecture;
pub use network::{WriteError, write_network};

/// A name in quotes, or nothing if it cannot be written.
fn quoted(name: &str) -> Option<String> {
    let is_writable = |c: char| !c.is_control() && c != '"' && c != '\\';
    (!name.is_empty() && name.chars().all(is_writable)).then(|| format!("\"{name}\""))
}
