//! Criterion benches of the hot loops: `cargo bench -p rheobase-benches`.
//!
//! Whole networks are timed by `rheobase bench`; here are the parts, so that a change of one shows.
