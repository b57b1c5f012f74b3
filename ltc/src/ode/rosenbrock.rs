//! Rosenbrock methods: for stiff fields, with one factorization a step and no iteration.
//!
//! With `W = I/(γ h) − J`, J and f_t the derivatives of the field f by state and time where the step begins:
//!
//! ```text
//! W k_i = f(t + α_i h, y + Σ_j a_ij k_j) + h d_i f_t + Σ_j c_ij k_j/h        y' = y + Σ a_sj k_j + k_s
//! ```
//! and the last stage k_s is an estimate of the error. Cost a step: s evaluations, a Jacobian, n³/3 multiplications.
//! Rodas5P has 8 stages and order 5, is L-stable, and keeps its order where the field is very stiff. Its states
//! inside a step have order 4.
//! Source: Steinebach 2023, doi 10.1007/s10543-023-00967-x.

use super::lu::Lu;
use super::{Basis, OdeError, Piece, Solver, Span, Stepper, Tried, Work};
use crate::Real;
use crate::field::Smooth;

/// A Rosenbrock method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rosenbrock {
    gamma: f64,
    /// How stages enter the state of a stage; the last row, and 1, those of the end.
    a: &'static [&'static [f64]],
    /// How they enter its equation.
    c: &'static [&'static [f64]],
    /// Where a stage is.
    at: &'static [f64],
    /// How the derivative by time enters.
    d: &'static [f64],
    /// How stages enter the rows of a piece.
    inside: &'static [&'static [f64]],
    order: u32,
}

/// Rodas5P.
pub const RODAS5P: Rosenbrock = Rosenbrock {
    gamma: 0.211_937_563_194_290_14,
    a: &[
        &[],
        &[3.0],
        &[2.849_394_379_747_939, 0.458_422_422_044_639_23],
        &[-6.954_028_509_809_101, 2.489_845_061_869_568, -10.358_996_098_473_584],
        &[
            2.802_998_627_562_896_4,
            0.507_246_473_622_820_6,
            -0.398_831_254_177_052_4,
            -0.047_211_872_304_046_41,
        ],
        &[
            -7.502_846_399_306_121,
            2.561_846_144_803_919,
            -11.627_539_656_261_098,
            -0.182_687_676_599_422_56,
            0.030_198_172_008_377_946,
        ],
        &[
            -7.502_846_399_306_121,
            2.561_846_144_803_919,
            -11.627_539_656_261_098,
            -0.182_687_676_599_422_56,
            0.030_198_172_008_377_946,
            1.0,
        ],
        &[
            -7.502_846_399_306_121,
            2.561_846_144_803_919,
            -11.627_539_656_261_098,
            -0.182_687_676_599_422_56,
            0.030_198_172_008_377_946,
            1.0,
            1.0,
        ],
    ],
    c: &[
        &[],
        &[-14.155_112_264_123_755],
        &[-17.972_960_358_859_52, -2.859_693_295_451_294],
        &[147.121_502_757_117_16, -1.412_214_027_182_13, 71.689_402_513_023_58],
        &[165.435_170_248_716_76, -0.459_282_345_649_112_6, 42.909_383_369_586_03, -5.961_986_721_573_306],
        &[
            24.854_864_614_690_072,
            -3.000_922_700_283_218_6,
            47.493_111_002_076_8,
            5.581_419_782_155_812_5,
            -0.661_069_182_524_947_1,
        ],
        &[
            30.912_732_140_285_99,
            -3.120_824_334_993_797_4,
            77.799_546_460_708_92,
            34.286_460_282_947_83,
            -19.097_331_116_725_623,
            -28.087_943_162_872_662,
        ],
        &[
            37.802_771_233_905_63,
            -3.257_196_902_907_227_6,
            112.269_188_494_963_27,
            66.934_723_124_404_7,
            -40.066_189_370_910_02,
            -54.667_802_628_779_68,
            -9.488_616_523_096_27,
        ],
    ],
    at: &[
        0.0,
        0.635_812_689_582_870_4,
        0.409_579_839_339_753_5,
        0.976_930_672_506_071_6,
        0.428_840_360_955_866_4,
        1.0,
        1.0,
        1.0,
    ],
    d: &[
        0.211_937_563_194_290_14,
        -0.423_875_126_388_580_27,
        -0.338_462_712_623_592_4,
        1.804_645_287_288_273_4,
        2.325_825_639_765_069,
        0.0,
        0.0,
        0.0,
    ],
    inside: &[
        &[
            25.948_786_856_663_858,
            -2.557_972_484_584_623_5,
            10.433_815_404_888_879,
            -2.367_925_102_268_520_4,
            0.524_948_541_321_073,
            1.124_108_831_045_040_4,
            0.427_287_619_443_187_4,
            -0.172_022_210_701_554_93,
        ],
        &[
            -9.915_688_506_951_71,
            -0.968_994_459_411_515_4,
            3.043_803_724_297_845_3,
            -24.495_224_566_215_796,
            20.176_138_334_709_044,
            15.980_663_614_246_51,
            -6.789_040_303_419_874,
            -6.710_236_069_923_372,
        ],
        &[
            11.419_903_575_922_262,
            2.887_964_514_613_699_4,
            72.921_379_959_960_29,
            80.125_118_346_226_43,
            -52.072_871_366_152_654,
            -59.789_936_252_667_29,
            -0.155_826_842_827_519_13,
            4.883_087_185_713_722,
        ],
    ],
    order: 5,
};

impl<R: Real, F: Smooth<R> + ?Sized> Solver<R, F> for Rosenbrock {
    fn stepper<'f>(&self, field: &'f F) -> Box<dyn Stepper<R> + 'f> {
        let n = field.n_state();
        let zeros = vec![R::ZERO; n];
        Box::new(Stages {
            method: *self,
            field,
            n,
            jacobian: vec![R::ZERO; n * n],
            by_time: zeros.clone(),
            first: zeros.clone(),
            has_first: false,
            has_jacobian: false,
            stages: vec![R::ZERO; self.at.len() * n],
            state: zeros.clone(),
            right: zeros,
            work: Work::default(),
        })
    }
}

struct Stages<'f, R, F: ?Sized> {
    method: Rosenbrock,
    field: &'f F,
    n: usize,
    jacobian: Vec<R>,
    by_time: Vec<R>,
    /// dy/dt where the step begins.
    first: Vec<R>,
    has_first: bool,
    has_jacobian: bool,
    /// `[stages, state]`
    stages: Vec<R>,
    state: Vec<R>,
    right: Vec<R>,
    work: Work,
}

/// Adds `Σ w k`.
fn add<R: Real>(scale: f64, weights: &[f64], stages: &[R], to: &mut [R]) {
    super::explicit::add_weighted(scale, weights, stages, to);
}

impl<R: Real, F: Smooth<R> + ?Sized> Stages<'_, R, F> {
    /// `I/(γ h) − J`, factorized.
    fn factorize(&mut self, span: &Span, before: &[R]) -> Option<Lu<R>> {
        if !self.has_jacobian {
            self.field.jacobian(span.t, before, &mut self.jacobian, &mut self.by_time);
            self.has_jacobian = true;
            self.work.jacobians += 1;
        }
        let mut w: Vec<R> = self.jacobian.iter().map(|j| -*j).collect();
        let diagonal = R::of(1.0 / (self.method.gamma * span.length()));
        w.iter_mut().step_by(self.n + 1).for_each(|entry| *entry += diagonal);
        self.work.factorizations += 1;
        Lu::of(w, self.n)
    }
}

impl<R: Real, F: Smooth<R> + ?Sized> Stepper<R> for Stages<'_, R, F> {
    fn n_state(&self) -> usize {
        self.n
    }

    fn order(&self) -> u32 {
        self.method.order
    }

    fn error_order(&self) -> u32 {
        self.method.order
    }

    fn rate(&mut self, t: f64, y: &[R], rate: &mut [R]) {
        self.field.rate(t, y, rate);
        self.work.rates += 1;
    }

    fn first(&mut self, t: f64, y: &[R]) -> &[R] {
        if !self.has_first {
            self.field.rate(t, y, &mut self.first);
            self.work.rates += 1;
            self.has_first = true;
        }
        &self.first
    }

    fn attempt(&mut self, span: &Span, tried: Tried<'_, R>) -> Result<(), OdeError> {
        let Tried { before, after, error } = tried;
        let Rosenbrock { a, c, at, d, .. } = self.method;
        let (n, h) = (self.n, span.length());
        self.first(span.t, before);
        let Some(w) = self.factorize(span, before) else {
            return Err(OdeError::NotSolved { t: span.t, step: h, iterations: 0, residual: f64::INFINITY });
        };
        for stage in 0..at.len() {
            let (done, new) = self.stages.split_at_mut(stage * n);
            if stage == 0 {
                self.right.copy_from_slice(&self.first);
            } else {
                self.state.copy_from_slice(before);
                add(1.0, a[stage], done, &mut self.state);
                self.field.rate(span.at(at[stage]), &self.state, &mut self.right);
                self.work.rates += 1;
            }
            add(1.0 / h, c[stage], done, &mut self.right);
            let of_time = R::of(h * d[stage]);
            self.right
                .iter_mut()
                .zip(&self.by_time)
                .for_each(|(right, by_time)| *right += of_time * *by_time);
            w.solve(&self.right, &mut new[..n]);
        }
        let last = &self.stages[(at.len() - 1) * n..];
        error.copy_from_slice(last);
        for (k, after) in after.iter_mut().enumerate() {
            *after = self.state[k] + last[k];
        }
        Ok(())
    }

    fn take(&mut self) {
        self.made_jump();
    }

    fn made_jump(&mut self) {
        self.has_first = false;
        self.has_jacobian = false;
    }

    /// `(1 − θ) y + θ (y' + (1 − θ) (r₁ + θ (r₂ + θ r₃)))`, in powers of θ.
    fn piece(&mut self, span: &Span, before: &[R], after: &[R], piece: &mut Piece<R>) {
        let n = self.n;
        piece.clear(span, 5 * n, Basis::Powers);
        let mut rows = vec![R::ZERO; 3 * n];
        for (weights, row) in self.method.inside.iter().zip(rows.chunks_exact_mut(n)) {
            add(1.0, weights, &self.stages, row);
        }
        for k in 0..n {
            let (r1, r2, r3) = (rows[k], rows[n + k], rows[2 * n + k]);
            piece.rows[k] = before[k];
            piece.rows[n + k] = after[k] - before[k] + r1;
            piece.rows[2 * n + k] = r2 - r1;
            piece.rows[3 * n + k] = r3 - r2;
            piece.rows[4 * n + k] = -r3;
        }
    }

    fn work(&self) -> Work {
        self.work
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With a rate of 1 all derivatives are 0: stages solve `k/γ = 1 + Σ c k`, and lie where `Σ a k` says.
    #[test]
    fn a_straight_line_is_solved() {
        let Rosenbrock { gamma, a, c, at, d, .. } = RODAS5P;
        let sum = |weights: &[f64], k: &[f64]| weights.iter().zip(k).map(|(w, k)| w * k).sum::<f64>();
        let mut k = Vec::new();
        for stage in 0..at.len() {
            assert!((sum(a[stage], &k) - at[stage]).abs() < 1e-13, "stage {stage}");
            k.push(gamma * (1.0 + sum(c[stage], &k)));
        }
        assert!((sum(a[7], &k) + k[7] - 1.0).abs() < 1e-13);
        assert!(k[7].abs() < 1e-13, "the error of a straight line is {:e}", k[7]);
        assert_eq!(d.len(), at.len());
    }
}
