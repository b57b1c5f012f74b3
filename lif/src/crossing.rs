//! The first time at which a sum of decaying exponentials reaches zero, found so that it cannot be missed.
//!
//! Between two inputs the distance of the potential to its threshold is an exponential polynomial
//!
//! ```text
//! f(t) = Σ_k p_k(t) exp(−λ_k t)          p_k a polynomial, 0 ≤ λ_0 < λ_1 < …
//! ```
//!
//! with at most six coefficients: a constant, the membrane, and one or two for each synaptic current.
//! An event scheduler that samples f, or looks at the ends of an interval only, misses a potential that
//! rises over the threshold and falls back. This one cannot, by induction over the number of
//! coefficients n:
//!
//! - n = 1: `c exp(−λt)` has no zero.
//! - n > 1: `F(t) = exp(λ_0 t) f(t)` has the zeros of f, and `F'(t) = exp(λ_0 t) g(t)` with
//!   `g = f' + λ_0 f`, which has n − 1 coefficients: in the term of λ_0 the polynomial is
//!   differentiated and loses one, every other term keeps its degree. All zeros of g are known by
//!   induction. Between two neighboring zeros of g, F is monotone, so a zero of f lies there exactly
//!   when f changes sign, and a bracketing method finds it.
//!
//! For the first crossing the zeros of f' (here λ_0 = 0 and g = f') split the time into intervals in
//! which the potential only rises or only falls; the first whose end is at or above the threshold
//! holds the crossing. What is left is rounding: a potential that comes within about 1e-9 mV of the
//! threshold and turns may be judged either way.
//!
//! Cost: three bracketed roots for exponential and ten for alpha currents at most, each about ten
//! evaluations; and none of it unless a bound says that the threshold is in reach.

const MAX_TERMS: usize = 4;
/// Zeros of a function of at most six coefficients (five), and the two ends of the interval.
const MAX_POINTS: usize = 8;
/// Rates closer than this, relative to each other, are one rate with a polynomial: a critical point
/// moves by the order of this, and the potential at it by the order of its square.
const SAME_RATE: f64 = 1e-5;

/// An exponential polynomial `Σ p_k(t) exp(−λ_k t)`, rates ascending.
#[derive(Debug, Clone, Copy)]
pub struct ExpPoly {
    terms: [Term; MAX_TERMS],
    n: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Term {
    rate: f64,
    /// Coefficients of 1, t, t².
    p: [f64; 3],
}

impl Term {
    fn is_zero(&self) -> bool {
        self.p == [0.0; 3]
    }
}

impl ExpPoly {
    /// The constant `c`.
    pub fn constant(c: f64) -> Self {
        let mut terms = [Term::default(); MAX_TERMS];
        terms[0].p[0] = c;
        Self { terms, n: 1 }
    }

    /// Adds `(p[0] + p[1] t + p[2] t²) exp(−rate t)`.
    pub fn add(&mut self, rate: f64, p: [f64; 3]) {
        let place = self.terms[..self.n].partition_point(|term| term.rate < rate);
        if place == self.n || self.terms[place].rate != rate {
            self.terms.copy_within(place..self.n, place + 1);
            self.terms[place] = Term { rate, p: [0.0; 3] };
            self.n += 1;
        }
        let term = &mut self.terms[place];
        (0..3).for_each(|k| term.p[k] += p[k]);
    }

    /// Adds the membrane's answer to a current `i` \[pA\] that decays with `tau_syn`.
    pub fn add_exp_response(&mut self, tau_m: f64, c_m: f64, tau_syn: f64, i: f64) {
        let (rate_m, rate_s) = (1.0 / tau_m, 1.0 / tau_syn);
        let b = rate_s - rate_m;
        if i == 0.0 {
        } else if b.abs() < SAME_RATE * rate_m {
            self.add(rate_m, [0.0, i / c_m, 0.0]);
        } else {
            self.add(rate_m, [i / (c_m * b), 0.0, 0.0]);
            self.add(rate_s, [-i / (c_m * b), 0.0, 0.0]);
        }
    }

    /// Adds the membrane's answer to a current `d t exp(−t/tau_syn)` \[pA\].
    pub fn add_alpha_response(&mut self, tau_m: f64, c_m: f64, tau_syn: f64, d: f64) {
        let (rate_m, rate_s) = (1.0 / tau_m, 1.0 / tau_syn);
        let b = rate_s - rate_m;
        if d == 0.0 {
        } else if b.abs() < SAME_RATE * rate_m {
            self.add(rate_m, [0.0, 0.0, 0.5 * d / c_m]);
        } else {
            self.add(rate_m, [d / (c_m * b * b), 0.0, 0.0]);
            self.add(rate_s, [-d / (c_m * b * b), -d / (c_m * b), 0.0]);
        }
    }

    fn terms(&self) -> &[Term] {
        &self.terms[..self.n]
    }

    /// `f' + rate f`, without terms that vanish.
    fn reduced(&self, rate: f64) -> Self {
        let mut reduced = Self { terms: [Term::default(); MAX_TERMS], n: 0 };
        for term in self.terms() {
            let ([p0, p1, p2], c) = (term.p, rate - term.rate);
            let term = Term { rate: term.rate, p: [c * p0 + p1, c * p1 + 2.0 * p2, c * p2] };
            if !term.is_zero() {
                reduced.terms[reduced.n] = term;
                reduced.n += 1;
            }
        }
        reduced
    }

    /// `exp(λ_0 t) f(t)`: the sign of f, also where f itself underflows.
    fn scaled(&self, t: f64) -> f64 {
        let slowest = self.terms[0].rate;
        let value = |term: &Term| {
            let [p0, p1, p2] = term.p;
            (p0 + t * (p1 + t * p2)) * libm::exp((slowest - term.rate) * t)
        };
        self.terms().iter().map(value).sum()
    }

    /// The parts of `[0, end]` in which f is positive, ascending.
    pub(crate) fn positive_intervals(&self, end: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        let zeros = self.zeros(end);
        (0..=zeros.n).filter_map(move |k| {
            let from = if k == 0 { 0.0 } else { zeros.at[k - 1] };
            let to = if k == zeros.n { end } else { zeros.at[k] };
            (from < to && self.scaled(0.5 * (from + to)) > 0.0).then_some((from, to))
        })
    }

    /// All zeros in `(0, end)` at which the sign changes, ascending.
    fn zeros(&self, end: f64) -> Points {
        let mut zeros = Points::default();
        let coefficients = self.terms().iter().flat_map(|term| term.p).filter(|c| *c != 0.0).count();
        if coefficients <= 1 {
            return zeros;
        }
        let turns = self.reduced(self.terms[0].rate).zeros(end);
        let (mut a, mut f_a) = (0.0, self.scaled(0.0));
        for b in turns.iter().chain([end]) {
            let f_b = self.scaled(b);
            if (f_a < 0.0) != (f_b < 0.0) {
                zeros.push(bracketed_zero(|t| self.scaled(t), (a, f_a), (b, f_b)));
            }
            (a, f_a) = (b, f_b);
        }
        zeros
    }
}

#[derive(Debug, Default)]
struct Points {
    at: [f64; MAX_POINTS],
    n: usize,
}

impl Points {
    fn push(&mut self, t: f64) {
        self.at[self.n] = t;
        self.n += 1;
    }

    fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.at[..self.n].iter().copied()
    }
}

/// The first `t` in `[0, horizon]` with `f(t) ≥ 0`. `f` gives the turning points, and `precise`, the
/// same function, every sign and the final value of `t`.
pub fn first_crossing(f: &ExpPoly, precise: impl Fn(f64) -> f64, horizon: f64) -> Option<f64> {
    let (mut a, mut f_a) = (0.0, precise(0.0));
    if f_a >= 0.0 {
        return Some(0.0);
    }
    // After 800 of the slowest time constants every exponential is below the smallest double.
    let slowest = f.terms().iter().map(|term| term.rate).find(|rate| *rate > 0.0)?;
    let end = horizon.min(800.0 / slowest);
    for b in f.reduced(0.0).zeros(end).iter().chain([end]) {
        let f_b = precise(b);
        if f_b >= 0.0 {
            return Some(bracketed_zero(precise, (a, f_a), (b, f_b)));
        }
        (a, f_a) = (b, f_b);
    }
    None
}

/// A zero between `a` and `b`, where `f` has different signs, by Chandrupatla's method (1997,
/// doi 10.1016/S0965-9978(96)00051-8): inverse quadratic interpolation where that is safe, else bisection.
pub(crate) fn bracketed_zero(f: impl Fn(f64) -> f64, (a, f_a): (f64, f64), (b, f_b): (f64, f64)) -> f64 {
    let (mut a, mut f_a, mut b, mut f_b) = (a, f_a, b, f_b);
    let mut s = 0.5;
    // Bisection alone halves the bracket every second step at least; doubles have 64 bits.
    for _ in 0..200 {
        let t = a + s * (b - a);
        let f_t = f(t);
        let (c, f_c);
        if (f_t < 0.0) == (f_a < 0.0) {
            (c, f_c) = (a, f_a);
        } else {
            (c, f_c) = (b, f_b);
            (b, f_b) = (a, f_a);
        }
        (a, f_a) = (t, f_t);
        let best = if f_a.abs() < f_b.abs() { a } else { b };
        let tolerance = 2.0 * f64::EPSILON * best.abs() + 1e-300;
        let limit = tolerance / (b - a).abs();
        if limit > 0.5 || f_a == 0.0 {
            return best;
        }
        let (xi, phi) = ((a - b) / (c - b), (f_a - f_b) / (f_c - f_b));
        s = if phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi {
            f_a / (f_b - f_a) * f_c / (f_b - f_c) + (c - a) / (b - a) * f_a / (f_c - f_a) * f_b / (f_c - f_b)
        } else {
            0.5
        };
        s = s.clamp(limit, 1.0 - limit);
    }
    if f_a.abs() < f_b.abs() { a } else { b }
}
