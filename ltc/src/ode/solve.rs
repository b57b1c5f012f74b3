//! From the state at the first time to those at all others.

use super::march::March;
use super::{OdeError, Piece, Solver, Span, Steps, Work};
use crate::Real;

/// What is to be solved.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'p, R> {
    /// The state at the first time.
    pub initial: &'p [R],
    /// The first time, and when states are asked for; no time is before the one ahead of it.
    pub times: &'p [f64],
    /// When the field jumps; increasing. Steps end there, and begin again without a past.
    pub jumps: &'p [f64],
    /// How states at the times are made.
    pub outputs: Outputs,
}

/// How states at given times are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outputs {
    /// Steps end there.
    #[default]
    Landed,
    /// Steps go on to the last time, and the states inside them are taken.
    Interpolated,
    /// Steps take no notice of the times, the last ends beyond them: so no time changes a bit of what is at
    /// another.
    Unbound,
}

/// What was solved.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution<R> {
    /// `[times, state]`
    pub states: Vec<R>,
    /// The steps that led there.
    pub spans: Vec<Span>,
    /// What it cost.
    pub work: Work,
}

/// Goes through time.
///
/// # Errors
/// If the arguments do not fit, or as [`OdeError`] says.
pub fn solve<R: Real, F: ?Sized>(
    field: &F,
    solver: &(impl Solver<R, F> + ?Sized),
    problem: &Problem<'_, R>,
    steps: &Steps,
) -> Result<Solution<R>, OdeError> {
    let Problem { initial, times, jumps, outputs } = *problem;
    let limits = Limits::new(times, jumps, outputs)?;
    let mut march = March::new(solver.stepper(field), *steps, times[0], initial)?;
    let mut solution = Solution { states: initial.to_vec(), spans: Vec::new(), work: Work::default() };
    let mut piece = Piece::empty();
    let mut inside = vec![R::ZERO; initial.len()];
    let mut next = 1;
    loop {
        while next < times.len() && times[next] == march.now() {
            solution.states.extend_from_slice(&march.state);
            next += 1;
        }
        if next == times.len() {
            break;
        }
        let (limit, is_jump) = limits.after(march.now(), times[next]);
        march.step(limit, is_jump)?;
        solution.spans.push(march.span);
        if times[next] < march.now() {
            march.piece(&mut piece);
        }
        while next < times.len() && times[next] < march.now() {
            piece.at(times[next], &mut inside);
            solution.states.extend_from_slice(&inside);
            next += 1;
        }
    }
    solution.work = march.work();
    Ok(solution)
}

/// Where steps must end.
pub(super) struct Limits<'p> {
    end: f64,
    jumps: &'p [f64],
    outputs: Outputs,
}

impl<'p> Limits<'p> {
    pub fn new(times: &[f64], jumps: &'p [f64], outputs: Outputs) -> Result<Self, OdeError> {
        let Some(end) = times.last() else {
            return Err(OdeError::Size { what: "the list of times", size: 0, expected: 1 });
        };
        for (name, list) in [("a time", times), ("a jump", jumps)] {
            if let Some(value) = list.iter().find(|t| !t.is_finite()) {
                return Err(OdeError::Argument { what: name, value: *value, must: "finite" });
            }
            if let Some(k) = (1..list.len()).find(|k| list[*k] < list[k - 1]) {
                return Err(OdeError::Backward { index: k, value: list[k], before: list[k - 1] });
            }
        }
        Ok(Self { end: *end, jumps, outputs })
    }

    /// Where the next step must end at the latest, and whether there is a jump.
    pub fn after(&self, t: f64, next_output: f64) -> (f64, bool) {
        let landing = match self.outputs {
            Outputs::Landed => next_output,
            Outputs::Interpolated => self.end,
            Outputs::Unbound => f64::INFINITY,
        };
        match self.jumps.get(self.jumps.partition_point(|jump| *jump <= t)) {
            Some(jump) if *jump <= landing => (*jump, true),
            _ => (landing, false),
        }
    }
}
