//! `rheobase verify`: golden vectors of other tools, run and compared.

pub mod nest;

/// What became of one case.
#[derive(Debug)]
pub struct Outcome {
    /// The case's name.
    pub case: String,
    /// How it went.
    pub verdict: Verdict,
}

/// How a case went, with what was measured or why.
#[derive(Debug)]
pub enum Verdict {
    /// It agrees.
    Passed(String),
    /// It does not.
    Failed(String),
    /// It was not run.
    Skipped(String),
}
