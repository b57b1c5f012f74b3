//! The command.
#[allow(dead_code)]
mod plot;
fn main() {}
