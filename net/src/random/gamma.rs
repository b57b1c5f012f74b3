//! Gamma-distributed numbers.
//!
//! The method of Marsaglia & Tsang 2000, doi 10.1145/358407.358414: the cube of a shifted normal number,
//! of which 95 in 100 or more are kept. A shape below 1 is made from the shape above it.

use super::{Stream, normal};

/// A gamma distribution, prepared for drawing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gamma {
    /// 1 / shape, where the shape is below 1.
    power: Option<f64>,
    scale: f64,
    /// A third less than the shape, or than the shape above it.
    d: f64,
    c: f64,
}

impl Gamma {
    /// The distribution of mean `shape · scale` and variance `shape · scale²`, both > 0.
    pub(crate) fn new(shape: f64, scale: f64) -> Self {
        let power = (shape < 1.0).then_some(1.0 / shape);
        let d = if power.is_some() { shape + 1.0 } else { shape } - 1.0 / 3.0;
        Self { power, scale, d, c: 1.0 / libm::sqrt(9.0 * d) }
    }

    /// A number.
    pub(crate) fn draw(&self, stream: &mut Stream) -> f64 {
        let Self { power, scale, d, c } = *self;
        let part = power.map_or(1.0, |power| libm::pow(normal::open01(stream), power));
        loop {
            let x = stream.normal();
            let root = 1.0 + c * x;
            if root <= 0.0 {
                continue;
            }
            let v = root * root * root;
            if libm::log(normal::open01(stream)) < 0.5 * x * x + d * (1.0 - v + libm::log(v)) {
                return v * part * d * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rand_distr::Distribution;

    use super::*;
    use crate::random::Purpose;

    /// `rand_distr` draws by the same method from the same bits, but for the shape 1.
    #[test]
    fn gammas_are_those_of_another_program() {
        for (shape, scale) in [(0.05, 1.0), (0.25, 3.0), (1.5, 0.5), (4.0, 2.0), (1e6, 1e-6)] {
            let theirs = rand_distr::Gamma::new(shape, scale).unwrap();
            let ours = Gamma::new(shape, scale);
            let stream = Stream::new(2, Purpose::Weight, 0, 0);
            let (mut a, mut b) = (stream.clone(), stream);
            for i in 0..100_000 {
                let (a, b): (f64, f64) = (ours.draw(&mut a), theirs.sample(&mut b));
                assert!((a - b).abs() <= 1e-12 * b, "shape {shape}, draw {i}: {a} and {b}");
            }
        }
    }
}
