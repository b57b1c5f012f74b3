//! Two cells as one: the second goes on from where the first has gone.
//!
//! Within a step, the first cell goes from its state; the second then goes from the first of these numbers,
//! as many as it has; the rest stays as the first left it. Both get the inputs and the elapsed time. The
//! outputs are those of the second. So
//!
//! | the first | the second | is |
//! |---|---|---|
//! | [`Lstm`](super::Lstm) | any cell | mixed memory as in `ncps` ([`mixed_memory`]): `c` goes by, `h` goes through |
//! | a cell of time | [`Gru`](super::Gru), [`Plain`](super::Plain) | an ODE-RNN: evolve, then update at the observation |
//! | [`Lstm`](super::Lstm) | [`Explicit`](super::Explicit) | an ODE-LSTM: update, then evolve until the next observation |
//!
//! A cell without inputs takes none, as the differential equation of an ODE-RNN. With the first cell at
//! elapsed time 0 an identity, an ODE-RNN whose observations follow at once is the recurrent cell alone.
//!
//! Sources: Rubanova, Chen & Duvenaud 2019, arXiv 1907.03907; Lechner & Hasani 2020, arXiv 2006.04418.

use super::{Cell, CellError, Lanes, Layout, Lstm, Pull, Step, Taken, splat};
use crate::Real;

/// A cell after a cell.
#[derive(Debug, Clone)]
pub struct Then<A, B> {
    first: A,
    second: B,
    layout: Layout,
    n_inputs: usize,
    /// How many numbers the first cell makes of its raw parameters.
    n_effective: usize,
}

/// An [`Lstm`] with the forget bias of `ncps` before a cell; its parameters are called `lstm.…`, those of
/// the cell `cell.…`.
///
/// The state is `[h, c]`, each of the size of the cell's state; the cell goes on from `h`.
///
/// # Errors
/// If the cell has no inputs.
pub fn mixed_memory<R: Real, C: Cell<R>>(cell: C) -> Result<Then<Lstm, C>, CellError> {
    let lstm = Lstm::new(cell.n_inputs(), cell.n_state(), 1.0)?;
    Then::new::<R>(("lstm", lstm), ("cell", cell))
}

impl<A, B> Then<A, B> {
    /// The second cell after the first; a parameter is called by the name of its cell, a point, and its own.
    ///
    /// # Errors
    /// If the second has more state than the first, or both have inputs and not as many.
    pub fn new<R: Real>(
        (first_name, first): (&str, A),
        (second_name, second): (&str, B),
    ) -> Result<Self, CellError>
    where
        A: Cell<R>,
        B: Cell<R>,
    {
        let unlike = |what, of_first, of_second, must| CellError::Unlike {
            what,
            first_name: first_name.to_owned(),
            first: of_first,
            second_name: second_name.to_owned(),
            second: of_second,
            must,
        };
        let states = (first.n_state(), second.n_state());
        if states.0 < states.1 {
            let must = "the first must have at least as many as the second";
            return Err(unlike("state variables", states.0, states.1, must));
        }
        let inputs = (first.n_inputs(), second.n_inputs());
        if inputs.0 != inputs.1 && inputs.0.min(inputs.1) > 0 {
            return Err(unlike("inputs", inputs.0, inputs.1, "both must have the same, or one of them none"));
        }
        let named = [(first_name, first.layout()), (second_name, second.layout())];
        let layout = Layout::new(named.into_iter().flat_map(|(name, layout)| {
            layout.blocks().iter().map(move |block| (format!("{name}.{}", block.name), block.range.len()))
        }));
        let n_inputs = inputs.0.max(inputs.1);
        let n_effective = first.effective(&vec![R::ZERO; first.layout().n_parameters()]).len();
        Ok(Self { first, second, layout, n_inputs, n_effective })
    }

    /// The cell that goes first.
    pub fn first(&self) -> &A {
        &self.first
    }

    /// The cell that goes on.
    pub fn second(&self) -> &B {
        &self.second
    }

    /// The parameters of both from those of each, as their `start` gives them.
    pub fn join<R: Real>(&self, of_first: Vec<R>, of_second: &[R]) -> Vec<R> {
        let mut parameters = of_first;
        parameters.extend_from_slice(of_second);
        parameters
    }
}

/// A list, parted into that of the first cell and that of the second.
fn part<T>(list: &[T], n_first: usize) -> (&[T], &[T]) {
    list.split_at(n_first)
}

impl<R: Real, A: Cell<R>, B: Cell<R>> Cell<R> for Then<A, B> {
    fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    fn n_state(&self) -> usize {
        self.first.n_state()
    }

    fn n_outputs(&self) -> usize {
        self.second.n_outputs()
    }

    /// What the first keeps, the state after it, what the second keeps.
    fn n_kept(&self) -> usize {
        self.first.n_kept() + self.first.n_state() + self.second.n_kept()
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        self.first.n_sums() + self.second.n_sums()
    }

    fn add_sums(&self, parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        let (parameters_of_first, parameters_of_second) = part(parameters, self.n_effective);
        let (of_first, of_second) = part(sums, self.first.n_sums());
        let (by_first, by_second) = gradient.split_at_mut(self.first.layout().n_parameters());
        self.first.add_sums(parameters_of_first, of_first, by_first);
        self.second.add_sums(parameters_of_second, of_second, by_second);
    }

    /// All of the first, then all of the second.
    fn effective(&self, raw: &[R]) -> Vec<R> {
        let (first, second) = part(raw, self.first.layout().n_parameters());
        [self.first.effective(first), self.second.effective(second)].concat()
    }

    fn pull_effective(&self, raw: &[R], gradient: &mut [R]) {
        let n_first = self.first.layout().n_parameters();
        let (first, second) = part(raw, n_first);
        let (by_first, by_second) = gradient.split_at_mut(n_first);
        self.first.pull_effective(first, by_first);
        self.second.pull_effective(second, by_second);
    }

    fn step(&self, parameters: &[R], step: Step<'_, R>) {
        let Self { first, second, n_effective, .. } = self;
        let Step { inputs, elapsed, masks, before, after, outputs, kept } = step;
        let (of_first, of_second) = part(parameters, *n_effective);
        let (kept_of_first, kept) = kept.split_at_mut(first.n_kept());
        let (between, kept_of_second) = kept.split_at_mut(first.n_state());
        let mut outputs_of_first = vec![splat(R::ZERO); first.n_outputs()];
        first.step(
            of_first,
            Step {
                inputs: &inputs[..first.n_inputs()],
                elapsed,
                masks: masks.map(|masks| masks.part(0)),
                before,
                after: &mut *between,
                outputs: &mut outputs_of_first,
                kept: kept_of_first,
            },
        );
        let (goes_on, stays) = between.split_at(second.n_state());
        let (after, rest) = after.split_at_mut(second.n_state());
        rest.copy_from_slice(stays);
        second.step(
            of_second,
            Step {
                inputs: &inputs[..second.n_inputs()],
                elapsed,
                masks: masks.map(|masks| masks.part(1)),
                before: goes_on,
                after,
                outputs,
                kept: kept_of_second,
            },
        );
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        let Self { first, second, n_effective, .. } = self;
        let Taken { inputs, elapsed, masks, before, after, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let (of_first, of_second) = part(parameters, *n_effective);
        let (kept_of_first, kept) = part(kept, first.n_kept());
        let (between, kept_of_second) = part(kept, first.n_state());
        let (sums_of_first, sums_of_second) = sums.split_at_mut(first.n_sums());
        let n_second = second.n_state();
        by_inputs.fill(splat(R::ZERO));
        second.pull(
            of_second,
            &Taken {
                inputs: &inputs[..second.n_inputs()],
                elapsed,
                masks: masks.map(|masks| masks.part(1)),
                before: &between[..n_second],
                after: &after[..n_second],
                kept: kept_of_second,
            },
            Pull {
                outputs,
                state: &mut state[..n_second],
                inputs: &mut by_inputs[..second.n_inputs()],
                elapsed: &mut *by_elapsed,
                sums: sums_of_second,
            },
        );
        let mut by_inputs_of_first = vec![splat(R::ZERO); first.n_inputs()];
        let mut by_elapsed_of_first = splat(R::ZERO);
        first.pull(
            of_first,
            &Taken {
                inputs: &inputs[..first.n_inputs()],
                elapsed,
                masks: masks.map(|masks| masks.part(0)),
                before,
                after: between,
                kept: kept_of_first,
            },
            Pull {
                outputs: &vec![splat(R::ZERO); first.n_outputs()],
                state,
                inputs: &mut by_inputs_of_first,
                elapsed: &mut by_elapsed_of_first,
                sums: sums_of_first,
            },
        );
        let by_first = by_inputs_of_first.iter().chain(std::iter::once(&by_elapsed_of_first));
        let by_both = by_inputs[..first.n_inputs()].iter_mut().chain(std::iter::once(by_elapsed));
        for (by_both, by_first) in by_both.zip(by_first) {
            by_both.iter_mut().zip(by_first).for_each(|(both, first)| *both += *first);
        }
    }
}
