//! The form with time constants that depend on the state, against SciPy's DOP853.

use anyhow::{Result, ensure};
use rheobase_ltc::field::{LiquidTau, Sinusoids};
use rheobase_ltc::ode::{Control, Outputs, Problem, Steps, explicit, solve};
use rheobase_net::file::Hdf5Reader;

use super::{Measured, error};

const VALUES: f64 = 1e-9;

/// Solves every case of a file: states and time constants.
pub fn check(file: &Hdf5Reader) -> Result<Measured> {
    let cases = ["case0", "case1", "case2"];
    let (mut far, mut far_in_tau) = (0.0_f64, 0.0_f64);
    for case in cases {
        let read = |name: &str| file.read::<f64>(&format!("{case}/{name}"));
        let of = |name: &str| read(&format!("params/{name}"));
        let (amplitude, frequency, phase) = (of("amp")?, of("freq")?, of("phase")?);
        let field = LiquidTau {
            w: of("W")?,
            u: of("U")?,
            b: of("b")?,
            a: of("A")?,
            b_input: of("B")?,
            c: of("c")?,
            tau_min: of("tau_min")?[0],
            tau_max: of("tau_max")?[0],
            input: Box::new(Sinusoids { amplitude, frequency, phase }),
        };
        let (initial, times) = (read("x0")?, read("t")?);
        let outputs = Outputs::Interpolated;
        let problem = Problem { initial: &initial, times: &times, jumps: &[], outputs };
        let steps = Steps::Adaptive(Control::new(1e-12, 1e-13));
        let states = solve(&field, &explicit::DOP853, &problem, &steps)?.states;
        let rows = times.iter().zip(states.chunks_exact(initial.len()));
        let tau: Vec<f64> = rows.flat_map(|(t, row)| field.tau(*t, row)).collect();
        far = far.max(error(&states, &read("x")?)?);
        far_in_tau = far_in_tau.max(error(&tau, &read("tau")?)?);
    }
    let most = far.max(far_in_tau);
    ensure!(most <= VALUES, "states or time constants are {most:.1e} from the file's, allowed {VALUES:.0e}");
    Ok(Measured::Agrees(format!("{} cases, values {far:.1e}, tau {far_in_tau:.1e}", cases.len())))
}
