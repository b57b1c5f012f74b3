//! Data, encoders, features, readouts and scores: what a spike buys, against a rate.

pub mod statistics;
