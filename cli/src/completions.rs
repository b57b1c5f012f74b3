//! `rheobase completions`: what a shell needs to complete the command.

use clap::CommandFactory;

use crate::error::Failure;
use crate::output::print;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  rheobase completions bash > ~/.local/share/bash-completion/completions/rheobase
  rheobase completions fish > ~/.config/fish/completions/rheobase.fish
  rheobase completions zsh > ~/.zfunc/_rheobase")]
pub struct Args {
    /// The shell
    shell: clap_complete::Shell,
}

/// Prints the completions.
///
/// # Errors
/// If standard output cannot be written.
pub fn run(args: &Args) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut crate::Cli::command(), "rheobase", &mut text);
    print(&String::from_utf8_lossy(&text))
}
