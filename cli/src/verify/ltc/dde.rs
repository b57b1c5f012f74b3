//! Delay equations, against SciPy's DOP853 with the method of steps.
//!
//! `lin…`: x' = −a x + b x(t − d), history 1; `net…`: τ x' = −x + tanh(W x(t − d) + b), history x0.

use anyhow::{Result, ensure};
use rheobase_ltc::field::{DelayField, DelayedCtRnn, DelayedLinear};
use rheobase_ltc::ode::{Control, Outputs, Problem, Steps, explicit, solve_delayed};
use rheobase_net::file::Hdf5Reader;

use super::{Measured, error};

const VALUES: f64 = 1e-9;

/// Solves every equation of a file.
pub fn check(file: &Hdf5Reader) -> Result<Measured> {
    let groups = ["lin0", "lin1", "lin2", "net0", "net1"];
    let mut far = 0.0_f64;
    for group in groups {
        let read = |name: &str| file.read::<f64>(&format!("{group}/{name}"));
        let attributes = file.attributes(group)?;
        let delay = [attributes.f64("d")?];
        let (field, initial): (Box<dyn DelayField<f64>>, Vec<f64>) = if group.starts_with("lin") {
            let (a, b) = (vec![-attributes.f64("a")?], vec![attributes.f64("b")?]);
            (Box::new(DelayedLinear { a, b, delay }), vec![1.0])
        } else {
            let field = DelayedCtRnn { w: read("W")?, b: read("b")?, tau: read("tau")?, delay };
            (Box::new(field), read("x0")?)
        };
        let times = read("t")?;
        let history = |_: f64, state: &mut [f64]| state.copy_from_slice(&initial);
        let steps = Steps::Adaptive(Control::new(1e-12, 1e-13));
        let outputs = Outputs::Interpolated;
        let problem = Problem { initial: &initial, times: &times, jumps: &[], outputs };
        let solution = solve_delayed(&*field, &explicit::DOP853, &problem, &history, &steps)?;
        far = far.max(error(&solution.states, &read("x")?)?);
    }
    ensure!(far <= VALUES, "states are {far:.1e} from the file's, allowed {VALUES:.0e}");
    Ok(Measured::Agrees(format!("{} equations, values {far:.1e}", groups.len())))
}
