//! The options that every verb takes.

use anyhow::Context;

use crate::error::Failure;
use crate::output::Output;

/// Options of every verb.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Answer with one JSON document
    #[arg(long, global = true)]
    pub json: bool,
    /// Number of threads, 1 to 1024; by default one a core. It changes no result
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Seed of all random numbers
    #[arg(long, global = true, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// No progress bars and no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

impl Options {
    /// How the answer is wanted.
    pub fn output(&self) -> Output {
        Output { json: self.json, quiet: self.quiet }
    }

    /// Sets the number of threads of all parallel loops. To be called once, before the first of them.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn start_threads(&self) -> Result<(), Failure> {
        if let Some(threads) = self.threads {
            rayon::ThreadPoolBuilder::new()
                .num_threads(usize::from(threads))
                .build_global()
                .with_context(|| format!("cannot start {threads} threads"))?;
        }
        Ok(())
    }
}
