//! A model: a cell, and a linear head that turns its outputs into answers.
//!
//! ```text
//! inputs ──cell──► outputs ──head──► answers        answer_j = bias_j + Σ_k weight_kj output_k
//! ```
//! Without a head the cell's outputs are the answers, as in `ncps`, whose output map then does what a head
//! would. A [`CellSpec`] says in a few numbers which cell, as experiment files do; [`AnyCell`] is one of
//! the cells that there are.
//!
//! All parameters are one list: the cell's blocks, then `head.weight` and `head.bias`.

mod any_cell;
mod head;
mod spec;
mod start;

pub use any_cell::AnyCell;
pub use spec::{CellSpec, CfcSpec, CtGruSpec, FiringRateSpec, LtcSpec, SpecError, WiredCfcSpec};
pub use start::Start;

use rand::Rng;

use crate::Real;
use crate::cell::{Batch, CellError, Layout, Tape, record};
use head::Head;

/// A cell and its head.
#[derive(Debug, Clone)]
pub struct Model {
    cell: AnyCell,
    head: Option<Head>,
    layout: Layout,
}

impl Model {
    /// A model with a head of so many answers, or without one.
    ///
    /// # Errors
    /// If a head has no answers.
    pub fn new(cell: AnyCell, n_answers: Option<usize>) -> Result<Self, CellError> {
        if n_answers == Some(0) {
            let must = "above 0; leave the head out if the cell's outputs are the answers";
            return Err(CellError::Argument { what: "the number of answers", value: 0.0, must });
        }
        let head = n_answers.map(|n_answers| Head { n_outputs: cell.n_outputs(), n_answers });
        let blocks = cell.layout().blocks().iter().map(|block| (block.name.clone(), block.range.len()));
        let of_head = head.iter().flat_map(|head| {
            [("head.weight".to_owned(), head.n_weights()), ("head.bias".to_owned(), head.n_answers)]
        });
        let layout = Layout::new(blocks.chain(of_head));
        Ok(Self { cell, head, layout })
    }

    /// Its cell.
    pub fn cell(&self) -> &AnyCell {
        &self.cell
    }

    /// Whether it has a head.
    pub fn has_head(&self) -> bool {
        self.head.is_some()
    }

    /// Number of inputs.
    pub fn n_inputs(&self) -> usize {
        self.cell.n_inputs()
    }

    /// Number of answers.
    pub fn n_answers(&self) -> usize {
        self.head.map_or(self.cell.n_outputs(), |head| head.n_answers)
    }

    /// Where which parameter stands: the cell's blocks, then the head's.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The cell's part of a list of parameters.
    pub fn of_cell<'p, R>(&self, parameters: &'p [R]) -> &'p [R] {
        &parameters[..self.cell.layout().n_parameters()]
    }

    /// Raw parameters to start from. A head starts as Glorot & Bengio's uniform draw (2010), its bias with 0.
    pub fn start<R: Real>(&self, start: Start, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = start::cell(&self.cell, start, rng);
        if let Some(head) = &self.head {
            head.start(&mut parameters, rng);
        }
        parameters
    }

    /// Moves parameters that must be positive back into their range; to be called after every step of
    /// training, with what they started from.
    pub fn clip<R: Real>(&self, start: Start, parameters: &mut [R]) {
        let n = self.cell.layout().n_parameters();
        start::clip(&self.cell, start, &mut parameters[..n]);
    }

    /// Takes sequences through the model.
    ///
    /// # Errors
    /// As [`record`](crate::cell::record()).
    pub fn record<'m, R: Real>(
        &'m self,
        parameters: &[R],
        batch: &Batch<'_, R>,
    ) -> Result<ModelTape<'m, R>, CellError> {
        let (of_cell, of_head) = self.split(parameters)?;
        Ok(self.answer(record(self.cell.as_cell(), of_cell, batch)?, of_head, batch))
    }

    /// The parameters of the cell and those of the head.
    fn split<'p, R>(&self, parameters: &'p [R]) -> Result<(&'p [R], &'p [R]), CellError> {
        let n = self.layout.n_parameters();
        if parameters.len() != n {
            let (what, shape) = ("the list of parameters", format!("{n}, those of the cell and its head"));
            return Err(CellError::Size { what, size: parameters.len(), expected: n, shape });
        }
        Ok(parameters.split_at(self.cell.layout().n_parameters()))
    }

    fn answer<'m, R: Real>(
        &'m self,
        tape: Tape<'m, R>,
        of_head: &[R],
        batch: &Batch<'_, R>,
    ) -> ModelTape<'m, R> {
        let outputs = tape.outputs();
        let answers = self.head.map(|head| head.answers(of_head, &outputs));
        let (n_rows, of_head) = (batch.n_samples * batch.n_steps, of_head.to_vec());
        ModelTape { model: self, tape, of_head, outputs, answers, n_rows }
    }
}

/// Sequences that went through a model.
pub struct ModelTape<'m, R: Real> {
    model: &'m Model,
    tape: Tape<'m, R>,
    of_head: Vec<R>,
    outputs: Vec<R>,
    answers: Option<Vec<R>>,
    /// Samples × steps.
    n_rows: usize,
}

impl<'m, R: Real> ModelTape<'m, R> {
    /// Takes other sequences through the same model, as [`Model::record`], in the memory of this tape.
    ///
    /// # Errors
    /// As [`Model::record`].
    pub fn again(self, parameters: &[R], batch: &Batch<'_, R>) -> Result<Self, CellError> {
        let (of_cell, of_head) = self.model.split(parameters)?;
        Ok(self.model.answer(self.tape.again(of_cell, batch)?, of_head, batch))
    }

    /// `[samples, steps, answers]`
    pub fn answers(&self) -> &[R] {
        self.answers.as_ref().unwrap_or(&self.outputs)
    }

    /// The derivatives by all raw parameters of a loss whose derivatives by the answers are `by_answers`.
    ///
    /// # Errors
    /// If their number does not fit.
    pub fn pull(&mut self, by_answers: &[R]) -> Result<Vec<R>, CellError> {
        let Self { model, tape, of_head, outputs, n_rows, .. } = self;
        let Some(head) = model.head else { return Ok(tape.pull(by_answers)?.parameters) };
        if by_answers.len() != *n_rows * head.n_answers {
            return Err(CellError::Size {
                what: "the list of derivatives by answers",
                size: by_answers.len(),
                expected: *n_rows * head.n_answers,
                shape: format!("{n_rows} steps of samples × {}", head.n_answers),
            });
        }
        let (by_outputs, by_head) = head.pull(of_head, outputs, by_answers);
        let mut gradient = tape.pull(&by_outputs)?.parameters;
        gradient.extend(by_head);
        Ok(gradient)
    }
}

#[cfg(test)]
mod tests;
