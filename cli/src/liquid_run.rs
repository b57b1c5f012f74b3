//! A trained liquid network goes over a series of inputs, to be looked at.
//!
//! The series is a CSV file with names in its first line. Columns that have the names of the model's inputs are
//! its inputs; if none has, all columns are, in their order, but for two: `elapsed` says how long the input
//! of a line lasts, `t` when that time ends. Without either every input lasts as long as the model's step.

use std::path::Path;

use anyhow::{Context, anyhow};
use rheobase_ltc::cell::{Batch, record};
use rheobase_net::{Answers, Channel, LiquidModel};

use crate::error::{Failure, OrBadInput};

/// A longer series is not for looking at; the pictures have no room for it either.
const MOST_STEPS: usize = 1_000_000;

/// A run of a model.
pub struct Run {
    /// What the model saw, scaled as in training; `[steps, inputs]`.
    pub inputs: Vec<f64>,
    /// How long every input lasted; `[steps]`.
    pub elapsed: Vec<f64>,
    /// The states after every step; `[steps, state]`.
    pub states: Vec<f64>,
    /// Answers in the unit of the data, or scores of classes; `[steps, answers]`.
    pub answers: Vec<f64>,
}

impl Run {
    /// Reads a series and takes a model over it, from states of 0.
    ///
    /// # Errors
    /// If the series is faulty or does not fit, or the model does not survive it.
    pub fn of(model: &LiquidModel, data: &Path) -> Result<Self, Failure> {
        let Series { values, elapsed } = read(model, data).or_bad_input_in(data.display())?;
        let channels = model.inputs.iter().cycle();
        let inputs: Vec<f64> = values.iter().zip(channels).map(|(x, channel)| channel.scaled(*x)).collect();
        Self::scaled(model, inputs, elapsed).or_bad_input_in(data.display())
    }

    /// Takes a model over inputs that are scaled as in training, from states of 0.
    ///
    /// # Errors
    /// If the model does not survive it.
    pub fn scaled(model: &LiquidModel, inputs: Vec<f64>, elapsed: Vec<f64>) -> anyhow::Result<Self> {
        let cell = model.model.cell();
        let initial = vec![0.0; cell.n_state()];
        let batch = Batch {
            n_samples: 1,
            n_steps: elapsed.len(),
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        let of_cell = model.model.of_cell(&model.parameters);
        let states = record(cell.as_cell::<f64>(), of_cell, &batch)?.states();
        let tape = model.model.record(&model.parameters, &batch)?;
        let answers = match &model.answers {
            Answers::Classes(_) => tape.answers().to_vec(),
            Answers::Values(channels) => {
                let channels = channels.iter().cycle();
                tape.answers()
                    .iter()
                    .zip(channels)
                    .map(|(y, channel)| y * channel.scale + channel.mean)
                    .collect()
            }
        };
        drop(tape);
        Ok(Self { inputs, elapsed, states, answers })
    }

    /// Number of steps.
    pub fn n_steps(&self) -> usize {
        self.elapsed.len()
    }

    /// The states before the first step, which are 0, and after every step; `[steps + 1, state]`.
    pub fn all_states(&self) -> Vec<f64> {
        let n_state = self.states.len() / self.n_steps();
        [vec![0.0; n_state], self.states.clone()].concat()
    }

    /// When steps begin and end; `[steps + 1]`.
    pub fn edges(&self) -> Vec<f64> {
        let mut t = 0.0;
        std::iter::once(0.0)
            .chain(self.elapsed.iter().map(|elapsed| {
                t += elapsed;
                t
            }))
            .collect()
    }
}

/// The names of what a model answers.
pub fn answer_names(model: &LiquidModel) -> Vec<String> {
    match &model.answers {
        Answers::Classes(names) => names.clone(),
        Answers::Values(channels) => channels.iter().map(|channel| channel.name.clone()).collect(),
    }
}

/// The names of a model's inputs.
pub fn input_names(model: &LiquidModel) -> Vec<String> {
    model.inputs.iter().map(|channel| channel.name.clone()).collect()
}

struct Series {
    /// As measured; `[steps, inputs]`.
    values: Vec<f64>,
    elapsed: Vec<f64>,
}

fn read(model: &LiquidModel, data: &Path) -> anyhow::Result<Series> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(data)?;
    let header: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let column = |name: &str| header.iter().position(|column| column == name);
    let (elapsed_at, t_at) = (column("elapsed"), column("t"));
    let inputs = input_columns(model, &header)?;
    let mut series = Series { values: Vec::new(), elapsed: Vec::new() };
    let mut last_t = None;
    for row in reader.records() {
        let row = row?;
        let line = row.position().map_or(0, csv::Position::line);
        let number = |column: usize| -> anyhow::Result<f64> {
            let text = row.get(column).unwrap_or_default();
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            number.with_context(|| {
                format!("line {line}: column {:?} is {text:?}, and must be a number", header[column])
            })
        };
        for column in &inputs {
            series.values.push(number(*column)?);
        }
        let elapsed = match (elapsed_at, t_at) {
            (Some(column), _) => number(column)?,
            (None, None) => model.step,
            (None, Some(column)) => {
                let t = number(column)?;
                let elapsed = last_t.map_or(model.step, |last| t - last);
                last_t = Some(t);
                elapsed
            }
        };
        if elapsed < 0.0 {
            anyhow::bail!(
                "line {line}: the elapsed time is {elapsed}: time does not run backward; sort the lines by time"
            );
        }
        series.elapsed.push(elapsed);
        if series.elapsed.len() > MOST_STEPS {
            anyhow::bail!("it has more than {MOST_STEPS} lines: cut out what you want to look at");
        }
    }
    if series.elapsed.is_empty() {
        anyhow::bail!("it has no line of data under its first line, which holds names");
    }
    Ok(series)
}

/// The columns of the inputs, in the model's order.
fn input_columns(model: &LiquidModel, header: &[String]) -> anyhow::Result<Vec<usize>> {
    let place = |channel: &Channel| header.iter().position(|column| *column == channel.name);
    let named: Vec<Option<usize>> = model.inputs.iter().map(place).collect();
    if named.iter().any(Option::is_some) {
        let missing = named.iter().zip(&model.inputs).find(|(column, _)| column.is_none());
        return match missing {
            Some((_, channel)) => Err(anyhow!(
                "it has no column {:?}, which the model has for an input; its columns are {}",
                channel.name,
                header.join(", ")
            )),
            None => Ok(named.into_iter().flatten().collect()),
        };
    }
    let columns: Vec<usize> =
        (0..header.len()).filter(|k| header[*k] != "elapsed" && header[*k] != "t").collect();
    match columns.len() == model.inputs.len() {
        true => Ok(columns),
        false => Err(anyhow!(
            "it has {} columns of inputs, and the model has {} inputs: {}",
            columns.len(),
            model.inputs.len(),
            input_names(model).join(", ")
        )),
    }
}
