//! Delays in steps of the chip.
//!
//! A spike of step `t` arrives, without any delay, at step `t + 1`. What arrives enters the current and, in the
//! same step, the potential. So a delta synapse of delay `d` steps takes `d − 1` more than the chip's own. An
//! exponential current of the float network moves the potential from the step *after* its arrival on
//! (`sim`'s grid, NEST): the same potential at the same time takes `d` steps beyond the chip's own, not `d − 1`.

use rheobase_net::{Delays, SynapseKind};

use super::column::Column;

/// By how many steps the potential of a float neuron follows behind what arrives.
pub(super) fn lag(synapse: SynapseKind) -> u8 {
    match synapse {
        SynapseKind::Delta => 0,
        SynapseKind::Exp | SynapseKind::Alpha | SynapseKind::Conductance => 1,
    }
}

/// The steps of a delay beyond the chip's own.
pub(super) fn beyond(delay: f64, lag: u8, dt: f64) -> f64 {
    (delay / dt).round().max(1.0) - 1.0 + f64::from(lag)
}

/// The longest delay, in steps of the float network, for a number of steps beyond the chip's own.
pub(super) fn longest(beyond: u8, lag: u8) -> f64 {
    f64::from(beyond) + 1.0 - f64::from(lag)
}

/// The delays of a projection beyond the chip's own step, which [`check`](super::check::check) has found to fit.
pub(super) fn delays_beyond(delays: &Delays, n_synapses: usize, lag: u8, dt: f64) -> Column {
    match delays {
        Delays::Shared(delay) => {
            Column::Shared(if n_synapses == 0 { 0 } else { beyond(*delay, lag, dt) as u8 })
        }
        Delays::Ticks { .. } | Delays::F64(_) => {
            Column::Each((0..n_synapses).map(|i| beyond(delays.get(i), lag, dt) as u8).collect())
        }
    }
}

/// The bits of the longest delay.
pub(super) fn bits(delays: &Column) -> u8 {
    (u8::BITS - delays.max().leading_zeros()) as u8
}
