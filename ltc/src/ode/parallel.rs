//! Many samples at once.

use rayon::prelude::*;

/// Solves so many samples in parallel, each for itself: steps are chosen for a sample alone, and threads change no bit.
///
/// # Errors
/// That of the first sample that has one, beside its index.
pub fn solve_all<S: Send, E: Send>(
    n_samples: usize,
    of_sample: impl Fn(usize) -> Result<S, E> + Sync + Send,
) -> Result<Vec<S>, (usize, E)> {
    let all: Vec<Result<S, E>> = (0..n_samples).into_par_iter().map(of_sample).collect();
    all.into_iter().enumerate().map(|(sample, result)| result.map_err(|error| (sample, error))).collect()
}
