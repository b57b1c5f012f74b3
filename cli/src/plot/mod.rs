//! Figures: one file and one free function each, from a noun to a PNG or SVG file.
//!
//! The key decision: a figure is drawn once, at [`surface::SCALE`] device pixels a point, whatever the
//! file. An SVG keeps those coordinates behind a `viewBox`, so it has a quarter of a point of precision;
//! a PNG is averaged down to two pixels a point, which smooths lines and letters alike.

mod axes;
mod bitmap;
mod confusion;
mod learning;
mod liquid;
mod palette;
mod raster;
mod rates;
mod surface;
mod traces;
mod verb;

pub use confusion::{Confusion, confusion};
pub use learning::{Captions, Curve, learning};
pub use liquid::liquid;
pub use raster::raster;
pub use rates::rates;
pub use traces::{Traced, traces};
pub use verb::{Args, run};

#[cfg(test)]
mod tests;
