//! Izhikevich's neurons: the parameters of a population.

use serde::{Deserialize, Serialize};

use crate::Param;

/// Izhikevich's neurons, with delta synapses.
///
/// ```text
/// dv/dt = 0.04 v² + 5 v + 140 − u + i        i = i_bias + injected currents
/// du/dt = a (b v − u)
/// v ≥ v_peak:  v ← c,  u ← u + d
/// ```
///
/// A weight is a jump of `v` \[mV\]. There is no refractory period. The numbers of the equation are those
/// of the source, in mV and ms; a current enters them as if its unit were mV/ms, and is called pA as in
/// NEST.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `a` | 0.02 | 1/ms | rate of recovery |
/// | `b` | 0.2 | 1/ms | how much recovery follows the potential |
/// | `c` | −65 | mV | potential after a spike |
/// | `d` | 8 | mV/ms | what a spike adds to recovery |
/// | `v_peak` | 30 | mV | potential at which a spike ends |
/// | `i_bias` | 0 | pA | constant input |
/// | `v_init` | −65 | mV | potential at the start |
/// | `u_init` | −13 | mV/ms | recovery at the start, `b · v_init` of the defaults |
/// | `method` | `rk4` | | how the grid scheduler integrates a step |
///
/// Source: Izhikevich 2003, doi 10.1109/TNN.2003.820440, figure 2 (regular spiking) and its program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IzhikevichPopulation {
    /// Rate of recovery \[1/ms\].
    pub a: Param,
    /// Sensitivity of recovery to the potential \[1/ms\].
    pub b: Param,
    /// Potential after a spike \[mV\], below `v_peak`.
    pub c: Param,
    /// What a spike adds to recovery \[mV/ms\].
    pub d: Param,
    /// Potential at which a spike ends \[mV\].
    pub v_peak: Param,
    /// Constant input \[pA\].
    pub i_bias: Param,
    /// Potential at the start \[mV\].
    pub v_init: Param,
    /// Recovery at the start \[mV/ms\].
    pub u_init: Param,
    /// How the grid scheduler integrates a step.
    pub method: IzhikevichMethod,
}

/// How the grid scheduler integrates a step of Izhikevich's equations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IzhikevichMethod {
    /// Forward Euler, of first order: NEST's `izhikevich` with consistent integration.
    Euler,
    /// The classical Runge–Kutta method, of fourth order.
    #[default]
    Rk4,
}

impl Default for IzhikevichPopulation {
    fn default() -> Self {
        Self {
            a: 0.02.into(),
            b: 0.2.into(),
            c: (-65.0).into(),
            d: 8.0.into(),
            v_peak: 30.0.into(),
            i_bias: 0.0.into(),
            v_init: (-65.0).into(),
            u_init: (-13.0).into(),
            method: IzhikevichMethod::default(),
        }
    }
}

/// The parameters of a population with their names, borrowed as the population is.
macro_rules! named_params {
    ($izhikevich:expr) => {{
        let IzhikevichPopulation { a, b, c, d, v_peak, i_bias, v_init, u_init, method: _ } = $izhikevich;
        [
            ("a", a),
            ("b", b),
            ("c", c),
            ("d", d),
            ("v_peak", v_peak),
            ("i_bias", i_bias),
            ("v_init", v_init),
            ("u_init", u_init),
        ]
    }};
}

impl IzhikevichPopulation {
    /// Every parameter with its name, in the order in which files hold them.
    pub fn params(&self) -> [(&'static str, &Param); 8] {
        named_params!(self)
    }

    /// Every parameter with its name, to be filled in by readers and generators.
    pub fn params_mut(&mut self) -> [(&'static str, &mut Param); 8] {
        named_params!(self)
    }
}
