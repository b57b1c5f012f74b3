//! Failures of a verb: what is said, and the exit code.

use std::fmt::Display;
use std::process::ExitCode;

use anyhow::Error;

/// Why a verb ended without its result.
///
/// An error that comes by `?` is a [`Failure::Failed`]; what the user can mend in the input is marked by
/// [`OrBadInput`].
#[derive(Debug)]
pub enum Failure {
    /// The input is wrong: exit code 2.
    BadInput(Error),
    /// Anything else, such as a full disk: exit code 1.
    Failed(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Failure {
    /// 2 for bad input, 1 for a failure.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::BadInput(_) => ExitCode::from(2),
            Self::Failed(_) => ExitCode::from(1),
        }
    }

    /// The error and everything that it came from, in one line a cause.
    ///
    /// A cause that its effect already told is left out.
    pub fn chain(&self) -> String {
        let (Self::BadInput(error) | Self::Failed(error)) = self;
        let mut text = error.to_string();
        for cause in error.chain().skip(1).map(ToString::to_string) {
            if !text.contains(&cause) {
                text.push_str(": ");
                text.push_str(&cause);
            }
        }
        text
    }
}

/// Marks an error as the input's.
pub trait OrBadInput<T> {
    /// The value, or an error with exit code 2.
    ///
    /// # Errors
    /// The error, marked.
    fn or_bad_input(self) -> Result<T, Failure>;

    /// The value, or an error with exit code 2 that says first what it happened to.
    ///
    /// # Errors
    /// The error, marked.
    fn or_bad_input_in(self, what: impl Display) -> Result<T, Failure>;
}

impl<T, E: Into<Error>> OrBadInput<T> for Result<T, E> {
    fn or_bad_input(self) -> Result<T, Failure> {
        self.map_err(|error| Failure::BadInput(error.into()))
    }

    fn or_bad_input_in(self, what: impl Display) -> Result<T, Failure> {
        self.map_err(|error| Failure::BadInput(error.into().context(what.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn the_whole_chain_is_told_and_nothing_twice() {
        let told = anyhow!("disk full").context("cannot write a.h5: disk full").context("saving the network");
        let failure = Failure::from(told);
        assert_eq!(failure.chain(), "saving the network: cannot write a.h5: disk full");
        assert_eq!(failure.exit_code(), ExitCode::from(1));
        let bad: Result<(), Failure> = Err(anyhow!("tau_m is 0")).or_bad_input_in("a.toml");
        let failure = bad.expect_err("it is bad");
        assert_eq!(
            (failure.chain().as_str(), failure.exit_code()),
            ("a.toml: tau_m is 0", ExitCode::from(2))
        );
    }
}
