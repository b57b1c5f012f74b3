//! Data, encoders, features, readouts and scores: what a spike buys, against a rate.

pub mod data;
pub mod encode;
pub mod features;
pub mod front_end;
pub mod protocol;
pub mod readout;
pub mod score;
