//! What can go wrong on the way through time.

/// Why there is no solution.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OdeError {
    /// Something has another size than it must have.
    #[error("{what} has {size} values, and must have {expected}")]
    Size {
        /// What it is.
        what: &'static str,
        /// How many values it has.
        size: usize,
        /// How many it must have.
        expected: usize,
    },
    /// An argument out of its range.
    #[error("{what} is {value}, and must be {must}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        must: &'static str,
    },
    /// A time that is before the one ahead of it.
    #[error(
        "output time {index} is {value}, after {before}: time does not run backward; sort the times, or give a \
         field of negative time"
    )]
    Backward {
        /// Which output.
        index: usize,
        /// Its time.
        value: f64,
        /// The time before it.
        before: f64,
    },
    /// A state or its rate of change is infinite or no number.
    #[error(
        "unit {unit} is {value} at t = {t}, after {steps} steps; look for parameters or inputs that are no numbers or \
         very large; with fixed steps try shorter ones or a bounded method (exponential Euler)"
    )]
    NotFinite {
        /// The unit.
        unit: usize,
        /// Its value.
        value: f64,
        /// When.
        t: f64,
        /// Steps that were taken.
        steps: usize,
    },
    /// Too many steps.
    #[error(
        "{steps} steps lead from t = {start} to {t} only, and the end is {end}; unit {unit} asks for steps of {step:.1e}. \
         Try a larger rtol ({rtol:.0e}) or atol ({atol:.0e}), a stiff method (Rosenbrock) if the steps are far \
         shorter than anything that happens, or a larger max_steps"
    )]
    TooManySteps {
        /// How many were allowed.
        steps: usize,
        /// Where they began.
        start: f64,
        /// Where they led.
        t: f64,
        /// Where they should lead.
        end: f64,
        /// The unit with the largest error in the last step.
        unit: usize,
        /// The length of the last step.
        step: f64,
        /// The relative tolerance.
        rtol: f64,
        /// The absolute tolerance.
        atol: f64,
    },
    /// A step that does not move the time.
    #[error(
        "at t = {t} unit {unit} asks for a step of {step:.1e}, which does not move the time: the state may jump or run \
         to infinity there. Give jumps of the input as jumps, try a stiff method (Rosenbrock), or a tolerance above \
         {rtol:.0e}"
    )]
    StepUnderflow {
        /// When.
        t: f64,
        /// The step.
        step: f64,
        /// The unit with the largest error.
        unit: usize,
        /// The relative tolerance.
        rtol: f64,
    },
    /// An implicit step whose equations have not been solved.
    #[error(
        "the equations of an implicit step of {step:.1e} at t = {t} are not solved after {iterations} iterations, they \
         are {residual:.1e} off; try shorter steps"
    )]
    NotSolved {
        /// When.
        t: f64,
        /// The step.
        step: f64,
        /// Iterations.
        iterations: usize,
        /// What is left.
        residual: f64,
    },
    /// An event that has not come.
    #[error(
        "the event has not come until t = {end}, where its function is {value}; ask for a later end, or look at its sign"
    )]
    NoEvent {
        /// Until when was looked.
        end: f64,
        /// What its function is there.
        value: f64,
    },
    /// A delay that is not there.
    #[error(
        "delay {index} is {value}, and must be finite and above 0; what has no delay belongs to the state"
    )]
    Delay {
        /// Which.
        index: usize,
        /// What it is.
        value: f64,
    },
}
