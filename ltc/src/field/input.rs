//! What comes in, as a function of time.

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
        for (input, (a, f, p)) in inputs.iter_mut().zip(self.waves()) {
            *input = R::of(a * sin(f * t + p));
        }
    }

    fn slope(&self, t: f64, slope: &mut [R]) {
        for (slope, (a, f, p)) in slope.iter_mut().zip(self.waves()) {
            *slope = R::of(a * f * libm::cos(f * t + p));
        }
    }
}

/// π in three parts of 33 bits: a multiple below 2^20 of the first two is exact.
const PI_PARTS: [f64; 3] = [3.141_592_653_468_251_2, 1.215_420_101_260_793_2e-10, 4.044_532_497_591_901e-21];

/// A sine to 2 units in the last place of 1, without a call where x is not huge: a field asks for all of its
/// inputs at every stage, and libm's took a fifth of a small network's time.
#[inline(always)]
fn sin(x: f64) -> f64 {
    if x.abs() >= 1e6 || x.is_nan() {
        return libm::sin(x);
    }
    let k = (x * std::f64::consts::FRAC_1_PI + 6_755_399_441_055_744.0) - 6_755_399_441_055_744.0;
    let r = ((x - k * PI_PARTS[0]) - k * PI_PARTS[1]) - k * PI_PARTS[2];
    // Taylor's series up to r^21/21!, whose rest is below 2e-18 for |r| ≤ π/2.
    let s = r * r;
    let terms = [420.0, 342.0, 272.0, 210.0, 156.0, 110.0, 72.0, 42.0, 20.0, 6.0];
    let series = terms.iter().fold(1.0, |sum, term| 1.0 - s * sum * (1.0 / term));
    let is_odd = (k as i64) & 1 == 1;
    r * series * if is_odd { -1.0 } else { 1.0 }
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
