//! How long a search takes, in passes.

use super::pins::LARGE;

/// How many passes the stages take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    pub all: usize,
    pub first_descent: usize,
    pub descent: usize,
    /// Whether the best partition is warmed up again.
    pub warms_up: bool,
}

/// Passes over all neurons, in pins: what a search may cost.
const WORK: u64 = 160_000_000;
/// Parts that a source reaches from which on a search takes longer, in proportion: every move counts in many parts, and
/// what is packed badly while it is warm is not mended when it is cold.
const REACH: f64 = 10.0;
/// How much longer that is at most, and in a large network.
const LONGER: f64 = 10.0;
const LARGE_LONGER: f64 = 2.0;
/// Passes of such a search at most, in pins.
const FAR_WORK: f64 = 1.6e9;
/// A search also takes longer where neurons are at rest in most passes: this share is asked in an ordinary one.
const ASKED: f64 = 0.83;
const IDLE_POWER: f64 = 2.0;
const IDLE_LONGER: f64 = 4.0;
/// A first descent that is so much longer for that leaves nothing to be gained by warming up.
const IDLE_ENOUGH: f64 = 2.0;

impl Schedule {
    pub fn new(pins: usize, effort: f64) -> Self {
        let all = (effort * (WORK as f64 / pins.max(1) as f64).clamp(24.0, 90.0)) as usize;
        Self { all, first_descent: (all / 4).max(8), descent: (all / 9).clamp(3, 24), warms_up: true }
    }

    /// The same for a network whose sources reach `reach` parts, and of whose neurons a share of `asked` did not rest in
    /// the first passes: a pass costs only what is asked. Most of the time is for the first descent.
    pub fn of_network(self, reach: f64, asked: f64, pins: usize, effort: f64) -> Self {
        let work = self.all as f64 * pins as f64;
        let longest = (FAR_WORK * effort / work.max(1.0)).clamp(LARGE_LONGER, LONGER);
        let idle = if pins <= LARGE { libm::pow(ASKED / asked, IDLE_POWER).min(IDLE_LONGER) } else { 1.0 };
        let reach = (reach / REACH).clamp(1.0, longest);
        let first = idle.clamp(reach, longest);
        let times = |n: usize, factor: f64| (factor * n as f64) as usize;
        Self {
            all: times(self.all, first),
            first_descent: times(self.first_descent, first),
            descent: times(self.descent, reach.min((0.5 * reach).max(2.0))),
            warms_up: idle < IDLE_ENOUGH,
        }
    }
}
