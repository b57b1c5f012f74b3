//! Back along states that are known.
//!
//! A stiff field forgets: two states come together at a rate of hundreds. So its state cannot be solved
//! backward, where errors grow at that rate, while its adjoint can: da/ds = Jᵀ a with s = −t forgets as the
//! field does. Between two times the states are solved forward once more and kept as pieces; the adjoint is solved
//! back along these, and the derivatives by parameters are the integral of aᵀ ∂f/∂p, by Gauss's rule of order 8
//! between all ends of steps of either.
//!
//! The equation of the adjoint is linear, and its Jacobian is Jᵀ; how that changes with time is a one-sided
//! difference of second order inside of a piece.
//!
//! Source: Kim, Ji, Deng, Ma & Rackauckas 2021, *Stiff neural ordinary differential equations*, doi 10.1063/5.0060697.

use std::cell::RefCell;

use super::Gradient;
use super::ends::from_time_to_time;
use crate::Real;
use crate::field::{Field, Smooth};
use crate::ode::march::March;
use crate::ode::solve::Limits;
use crate::ode::{OdeError, Outputs, Piece, Problem, Solver, Steps, Work};

/// Nodes and weights of Gauss's rule of order 8.
const RULE: [(f64, f64); 4] = [
    (0.069_431_844_202_973_71, 0.173_927_422_568_726_93),
    (0.330_009_478_207_571_9, 0.326_072_577_431_273_07),
    (0.669_990_521_792_428_1, 0.326_072_577_431_273_07),
    (0.930_568_155_797_026_3, 0.173_927_422_568_726_93),
];

/// The adjoint, with the time turned around, along states that were solved forward without a jump between.
pub struct Along<'f, R, F: ?Sized> {
    field: &'f F,
    /// At least one.
    pieces: Vec<Piece<R>>,
    /// Derivatives by parameters, which a rate of the adjoint does not need.
    unused: RefCell<Vec<R>>,
}

impl<R: Real, F: Smooth<R> + ?Sized> Along<'_, R, F> {
    fn n(&self) -> usize {
        self.field.n_state()
    }

    fn ends(&self) -> (f64, f64) {
        (self.pieces[0].span.t, self.pieces[self.pieces.len() - 1].span.end)
    }

    /// The time of the field: before a jump where the stretch ends, after one where it begins.
    fn time(&self, s: f64) -> f64 {
        (-s).next_down().max(self.ends().0)
    }

    fn piece(&self, t: f64) -> &Piece<R> {
        let after = self.pieces.partition_point(|piece| piece.span.end < t);
        &self.pieces[after.min(self.pieces.len() - 1)]
    }

    /// Jᵀ a at a time, with the state of a piece.
    fn turned(&self, t: f64, piece: &Piece<R>, a: &[R]) -> Vec<R> {
        let mut state = vec![R::ZERO; a.len()];
        piece.at(t, &mut state);
        let mut rate = vec![R::ZERO; a.len()];
        self.field.pull(t, &state, a, &mut rate, &mut self.unused.borrow_mut());
        rate
    }

    /// How Jᵀ a changes with s.
    fn slope(&self, t: f64, a: &[R]) -> Vec<R> {
        let piece = self.piece(t);
        // The cube root of a rounding makes the two errors of a difference equally large.
        let share = if R::of(1.0 + 1e-10) == R::ONE { 5e-3 } else { 1e-5 };
        let by = (share * piece.span.length()).min(0.5 * (t - self.ends().0));
        if by <= 0.0 {
            return vec![R::ZERO; a.len()];
        }
        let [here, earlier, earliest] = [0.0, by, 2.0 * by].map(|by| self.turned(t - by, piece, a));
        let scale = R::of(-0.5 / by);
        let (three, four) = (R::of(3.0), R::of(4.0));
        let all = here.iter().zip(earlier).zip(earliest);
        all.map(|((here, earlier), earliest)| scale * (three * *here - four * earlier + earliest)).collect()
    }
}

impl<R: Real, F: Smooth<R> + ?Sized> Field<R> for Along<'_, R, F> {
    fn n_state(&self) -> usize {
        self.n()
    }

    fn rate(&self, s: f64, a: &[R], rate: &mut [R]) {
        let t = self.time(s);
        rate.copy_from_slice(&self.turned(t, self.piece(t), a));
    }
}

impl<R: Real, F: Smooth<R> + ?Sized> Smooth<R> for Along<'_, R, F> {
    fn n_parameters(&self) -> usize {
        0
    }

    fn pull(&self, s: f64, a: &[R], g: &[R], by_state: &mut [R], _: &mut [R]) -> R {
        let n = self.n();
        let (mut jacobian, mut by_time) = (vec![R::ZERO; n * n], vec![R::ZERO; n]);
        self.jacobian(s, a, &mut jacobian, &mut by_time);
        for (row, g) in jacobian.chunks_exact(n).zip(g) {
            by_state.iter_mut().zip(row).for_each(|(by, j)| *by += *g * *j);
        }
        by_time.iter().zip(g).map(|(by, g)| *by * *g).sum()
    }

    fn jacobian(&self, s: f64, a: &[R], by_state: &mut [R], by_time: &mut [R]) {
        let (n, t) = (self.n(), self.time(s));
        let (mut jacobian, mut unused) = (vec![R::ZERO; n * n], vec![R::ZERO; n]);
        let mut state = unused.clone();
        self.piece(t).at(t, &mut state);
        self.field.jacobian(t, &state, &mut jacobian, &mut unused);
        for (k, entry) in by_state.iter_mut().enumerate() {
            *entry = jacobian[k % n * n + k / n];
        }
        by_time.copy_from_slice(&self.slope(t, a));
    }
}

/// The derivatives of a loss whose derivatives by the states of a solution are `by_states`; both are
/// `[times, state]`. The solver goes forward and back, and may be a stiff one. The work is that of both.
///
/// Tolerances hold for the state and for its adjoint.
///
/// # Errors
/// If a size does not fit, or a way cannot be solved.
pub fn pull_along<'f, R: Real, F: Smooth<R> + ?Sized>(
    field: &'f F,
    solver: &(impl Solver<R, F> + for<'a> Solver<R, Along<'f, R, F>>),
    problem: &Problem<'_, R>,
    states: &[R],
    by_states: &[R],
    steps: &Steps,
) -> Result<(Gradient<R>, Work), OdeError> {
    let Problem { times, jumps, .. } = *problem;
    let n = field.n_state();
    let mut parameters = vec![R::ZERO; field.n_parameters()];
    let mut work = Work::default();
    let mut back = |k: usize, adjoint: &mut [R]| {
        let from = &states[(k - 1) * n..k * n];
        let forward = pieces(field, solver, from, [times[k - 1], times[k]], jumps, steps, &mut work)?.0;
        for smooth in forward.chunk_by(|piece, _| !piece.span.ends_at_jump).rev() {
            let unused = RefCell::new(vec![R::ZERO; field.n_parameters()]);
            let along = Along { field, pieces: smooth.to_vec(), unused };
            let (start, end) = along.ends();
            let (of_adjoint, last) = pieces(&along, solver, adjoint, [-end, -start], &[], steps, &mut work)?;
            of_adjoint.iter().for_each(|piece| integrate(&along, piece, &mut parameters));
            adjoint.copy_from_slice(&last);
        }
        Ok(())
    };
    let [initial, times] = from_time_to_time(field, problem, states, by_states, &mut back)?;
    Ok((Gradient { initial, parameters, times }, work))
}

/// All pieces between two times, and the state that they lead to.
fn pieces<R: Real, F: ?Sized>(
    field: &F,
    solver: &impl Solver<R, F>,
    initial: &[R],
    [from, to]: [f64; 2],
    jumps: &[f64],
    steps: &Steps,
    work: &mut Work,
) -> Result<(Vec<Piece<R>>, Vec<R>), OdeError> {
    let limits = Limits::new(&[from, to], jumps, Outputs::Landed)?;
    let mut march = March::new(solver.stepper(field), *steps, from, initial)?;
    let mut pieces = Vec::new();
    while march.now() < to {
        let (limit, is_jump) = limits.after(march.now(), to);
        march.step(limit, is_jump)?;
        let mut piece = Piece::empty();
        march.piece(&mut piece);
        pieces.push(piece);
    }
    *work += march.work();
    Ok((pieces, march.state))
}

/// Adds the integral of aᵀ ∂f/∂p over a step of the adjoint.
fn integrate<R: Real, F: Smooth<R> + ?Sized>(
    along: &Along<'_, R, F>,
    of_adjoint: &Piece<R>,
    parameters: &mut [R],
) {
    let (from, to) = (-of_adjoint.span.end, -of_adjoint.span.t);
    let n = along.n();
    let (mut state, mut adjoint, mut unused) = (vec![R::ZERO; n], vec![R::ZERO; n], vec![R::ZERO; n]);
    let first = along.pieces.partition_point(|piece| piece.span.end <= from);
    for piece in along.pieces[first..].iter().take_while(|piece| piece.span.t < to) {
        let (from, to) = (from.max(piece.span.t), to.min(piece.span.end));
        for (node, weight) in RULE {
            let t = from + node * (to - from);
            piece.at(t, &mut state);
            of_adjoint.at(-t, &mut adjoint);
            let weight = R::of(weight * (to - from));
            adjoint.iter_mut().for_each(|a| *a *= weight);
            along.field.pull(t, &state, &adjoint, &mut unused, parameters);
        }
    }
}
