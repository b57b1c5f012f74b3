//! Progress bars, and the wish to stop.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// A bar on standard error that counts up to `length`; hidden where nobody watches.
pub fn bar(output: Output, what: &str, length: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(length), target(output));
    let style = ProgressStyle::with_template("{msg:<12} {wide_bar:.blue} {percent:>3} %  {eta:>4} left")
        .expect("the template is tested");
    bar.set_style(style);
    bar.set_message(what.to_owned());
    bar
}

fn target(output: Output) -> ProgressDrawTarget {
    if output.quiet || output.json || !std::io::stderr().is_terminal() {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr_with_hz(8)
    }
}

/// Turns true at the first Ctrl-C (or SIGTERM), so that work can end cleanly; the second ends the program.
/// Whoever asks gets the same.
///
/// # Errors
/// If the system does not take the handler.
pub fn stop_on_ctrl_c() -> Result<Arc<AtomicBool>> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(Arc::clone(stop));
    }
    let stop = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if handler.swap(true, Ordering::Relaxed) {
            /// What shells report for a program that SIGINT ended.
            const INTERRUPTED: i32 = 130;
            std::process::exit(INTERRUPTED);
        }
    })
    .context("cannot watch for Ctrl-C")?;
    Ok(Arc::clone(STOP.get_or_init(|| stop)))
}

/// What a run is told that asks whether to go on.
pub fn go_on(stop: &AtomicBool) -> ControlFlow<()> {
    if stop.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_nobody_watches_is_hidden_and_counts() {
        let bar = bar(Output { json: false, quiet: true }, "simulating", 10);
        bar.inc(4);
        assert!(bar.is_hidden());
        assert_eq!((bar.position(), bar.length()), (4, Some(10)));
    }
}
