//! What comes in, as a function of time.

use pulp::{Arch, NullaryFnOnce};

use crate::Real;

/// Inputs as a function of time.
pub trait Input<R: Real>: Send + Sync {
    /// Number of inputs.
    fn n_inputs(&self) -> usize;

    /// Writes the inputs at a time; at a jump, those after it.
    fn at(&self, t: f64, inputs: &mut [R]);

    /// Writes how fast they change.
    fn slope(&self, t: f64, slope: &mut [R]);

    /// When they, or their slopes, jump; increasing. A solver that is told lands on them.
    fn jumps(&self) -> Vec<f64> {
        Vec::new()
    }
}

/// The same at all times.
#[derive(Debug, Clone, PartialEq)]
pub struct Constant<R>(pub Vec<R>);

impl<R: Real> Input<R> for Constant<R> {
    fn n_inputs(&self) -> usize {
        self.0.len()
    }

    fn at(&self, _: f64, inputs: &mut [R]) {
        inputs.copy_from_slice(&self.0);
    }

    fn slope(&self, _: f64, slope: &mut [R]) {
        slope.fill(R::ZERO);
    }
}

/// `amplitude · sin(frequency · t + phase)` of every input; three lists of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct Sinusoids {
    /// Largest values.
    pub amplitude: Vec<f64>,
    /// Radians a unit of time.
    pub frequency: Vec<f64>,
    /// Radians at t = 0.
    pub phase: Vec<f64>,
}

impl Sinusoids {
    fn waves(&self) -> impl Iterator<Item = (f64, f64, f64)> {
        let Self { amplitude, frequency, phase } = self;
        amplitude.iter().zip(frequency).zip(phase).map(|((a, f), p)| (*a, *f, *p))
    }
}

impl<R: Real> Input<R> for Sinusoids {
    fn n_inputs(&self) -> usize {
        self.amplitude.len()
    }

    fn at(&self, t: f64, inputs: &mut [R]) {
        Arch::new().dispatch(Waves { sinusoids: self, t, inputs });
    }

    fn slope(&self, t: f64, slope: &mut [R]) {
        for (slope, (a, f, p)) in slope.iter_mut().zip(self.waves()) {
            *slope = R::of(a * f * libm::cos(f * t + p));
        }
    }
}

/// π in three parts of 33 bits: a multiple below 2^20 of the first two is exact.
const PI_PARTS: [f64; 3] = [3.141_592_653_468_251_2, 1.215_420_101_260_793_2e-10, 4.044_532_497_591_901e-21];

/// Sines side by side: a field asks for all of its inputs at every stage, and libm's took a fifth of a small
/// network's time.
struct Waves<'w, R> {
    sinusoids: &'w Sinusoids,
    t: f64,
    inputs: &'w mut [R],
}

impl<R: Real> NullaryFnOnce for Waves<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        const N: usize = 8;
        let Self { sinusoids: Sinusoids { amplitude, frequency, phase }, t, inputs } = self;
        let waves = amplitude.chunks(N).zip(frequency.chunks(N)).zip(phase.chunks(N));
        for (inputs, ((amplitude, frequency), phase)) in inputs.chunks_mut(N).zip(waves) {
            let (mut x, mut y) = ([0.0; N], [0.0; N]);
            for (x, (f, p)) in x.iter_mut().zip(frequency.iter().zip(phase)) {
                *x = f * t + p;
            }
            for lane in 0..N {
                y[lane] = sin_near(x[lane]);
            }
            if !x.iter().fold(true, |are_near, x| are_near & is_near(*x)) {
                y.iter_mut().zip(x).for_each(|(y, x)| *y = sin(x));
            }
            for (input, (a, y)) in inputs.iter_mut().zip(amplitude.iter().zip(y)) {
                *input = R::of(a * y);
            }
        }
    }
}

/// A sine to 2 units in the last place of 1.
fn sin(x: f64) -> f64 {
    if is_near(x) { sin_near(x) } else { libm::sin(x) }
}

#[inline(always)]
fn is_near(x: f64) -> bool {
    x.abs() < 1e6
}

/// The coefficients of r³, r⁵ … r²¹ in Taylor's series of a sine, whose rest is below 2e-18 for |r| ≤ π/2.
const SIN: [f64; 10] = [
    -1.0 / 6.0,
    1.0 / 120.0,
    -1.0 / 5_040.0,
    1.0 / 362_880.0,
    -1.0 / 39_916_800.0,
    1.0 / 6_227_020_800.0,
    -1.0 / 1_307_674_368_000.0,
    1.0 / 355_687_428_096_000.0,
    -1.0 / 121_645_100_408_832_000.0,
    1.0 / 51_090_942_171_709_440_000.0,
];

/// The sine of what is [near](is_near), without a branch.
#[inline(always)]
fn sin_near(x: f64) -> f64 {
    // A double of this size keeps no fraction, so adding it rounds to a whole number of half turns; the lowest bit
    // says whether that is odd.
    const ROUNDER: f64 = 6_755_399_441_055_744.0;
    let rounded = x.mul_add(std::f64::consts::FRAC_1_PI, ROUNDER);
    let k = rounded - ROUNDER;
    let [first, second, third] = PI_PARTS;
    let r = (-k).mul_add(third, (-k).mul_add(second, (-k).mul_add(first, x)));
    let square = r * r;
    let series = SIN.iter().rev().fold(0.0, |sum: f64, coefficient| sum.mul_add(square, *coefficient));
    let sine = (r * square).mul_add(series, r);
    f64::from_bits(sine.to_bits() ^ (rounded.to_bits() << 63))
}

/// Rows of values, each from its time to the next; before the first time the first, after the last the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Held<R> {
    /// When a row begins; increasing, not empty.
    pub times: Vec<f64>,
    /// `[times, inputs]`
    pub values: Vec<R>,
}

impl<R: Real> Input<R> for Held<R> {
    fn n_inputs(&self) -> usize {
        self.values.len() / self.times.len()
    }

    fn at(&self, t: f64, inputs: &mut [R]) {
        let row = self.times.partition_point(|begin| *begin <= t).saturating_sub(1);
        inputs.copy_from_slice(&self.values[row * inputs.len()..(row + 1) * inputs.len()]);
    }

    fn slope(&self, _: f64, slope: &mut [R]) {
        slope.fill(R::ZERO);
    }

    fn jumps(&self) -> Vec<f64> {
        self.times[1..].to_vec()
    }
}

/// Rows of values with straight lines between them; before the first time the first, after the last the last.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolated<R> {
    /// When a row was measured; increasing, not empty.
    pub times: Vec<f64>,
    /// `[times, inputs]`
    pub values: Vec<R>,
}

impl<R: Real> Interpolated<R> {
    /// The row before a time, how far the time is between it and the next, and the distance of the two.
    fn place(&self, t: f64) -> Option<(usize, f64, f64)> {
        let after = self.times.partition_point(|time| *time <= t);
        if after == 0 || after == self.times.len() {
            return None;
        }
        let (from, to) = (self.times[after - 1], self.times[after]);
        Some((after - 1, (t - from) / (to - from), to - from))
    }
}

impl<R: Real> Input<R> for Interpolated<R> {
    fn n_inputs(&self) -> usize {
        self.values.len() / self.times.len()
    }

    fn at(&self, t: f64, inputs: &mut [R]) {
        let n = inputs.len();
        match self.place(t) {
            Some((row, far, _)) => {
                let (rows, far) = (&self.values[row * n..(row + 2) * n], R::of(far));
                for (k, input) in inputs.iter_mut().enumerate() {
                    *input = rows[k] + far * (rows[n + k] - rows[k]);
                }
            }
            None => {
                let row = if t < self.times[0] { 0 } else { self.times.len() - 1 };
                inputs.copy_from_slice(&self.values[row * n..(row + 1) * n]);
            }
        }
    }

    fn slope(&self, t: f64, slope: &mut [R]) {
        let n = slope.len();
        slope.fill(R::ZERO);
        if let Some((row, _, length)) = self.place(t) {
            let rows = &self.values[row * n..(row + 2) * n];
            for (k, slope) in slope.iter_mut().enumerate() {
                *slope = (rows[n + k] - rows[k]) / R::of(length);
            }
        }
    }

    fn jumps(&self) -> Vec<f64> {
        self.times.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_those_of_libm() {
        for k in -200_000..200_000 {
            let x = f64::from(k) * 0.37 + 1e-3;
            assert!((sin(x) - libm::sin(x)).abs() < 4.5e-16, "{x}: {} and {}", sin(x), libm::sin(x));
        }
        assert!(sin(f64::NAN).is_nan());
        assert_eq!(sin(1e7), libm::sin(1e7));
        assert_eq!(sin(0.0), 0.0);
    }

    #[test]
    fn values_between_samples() {
        let (times, values) = (vec![0.0, 1.0, 3.0], vec![1.0, 2.0, 6.0]);
        let at = |input: &dyn Input<f64>, t: f64| {
            let mut x = [0.0];
            input.at(t, &mut x);
            x[0]
        };
        let held = Held { times: times.clone(), values: values.clone() };
        let expected = [(-1.0, 1.0), (0.5, 1.0), (1.0, 2.0), (2.9, 2.0), (3.0, 6.0), (9.0, 6.0)];
        expected.into_iter().for_each(|(t, x)| assert_eq!(at(&held, t), x));
        let lines = Interpolated { times, values };
        let expected = [(-1.0, 1.0), (0.5, 1.5), (1.0, 2.0), (2.0, 4.0), (3.0, 6.0), (9.0, 6.0)];
        expected.into_iter().for_each(|(t, x)| assert_eq!(at(&lines, t), x));
    }
}
