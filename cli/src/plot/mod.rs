//! Figures: one file and one free function each, from a noun to a PNG or SVG file.
//!
//! The key decision: a figure is drawn once, at [`surface::SCALE`] device pixels a point, whatever the
//! file. An SVG keeps those coordinates behind a `viewBox`, so it has a quarter of a point of precision;
//! a PNG is averaged down to two pixels a point, which smooths lines and letters alike.

mod axes;
mod bitmap;
mod confusion;
mod cores;
mod heat;
mod image;
mod learning;
mod liquid;
mod matrix;
mod mesh;
pub mod of_mapping;
pub mod of_model;
mod palette;
mod raster;
mod rates;
mod rows;
mod sensitivity;
mod states;
mod surface;
mod time_constants;
mod traces;
mod verb;
mod wiring;

pub use confusion::{Confusion, confusion};
pub use cores::cores;
pub use learning::{Captions, Curve, learning};
pub use liquid::liquid;
pub use matrix::matrix;
pub use mesh::mesh;
pub use raster::raster;
pub use rates::rates;
pub use sensitivity::sensitivity;
pub use states::states;
pub use time_constants::time_constants;
pub use traces::{Traced, traces};
pub use verb::{Args, run};
pub use wiring::{Wired, wiring};

#[cfg(test)]
mod tests;
