//! Your own columns of a CSV file.

use std::collections::BTreeMap;
use std::path::Path;

use rheobase_ltc::train::Targets;
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use super::text::{fault, number, rows};
use super::windows::{Series, Window, check, mean_and_scale, sequences, split};
use crate::rates::{RatesError, Task};

/// A CSV file whose first line names its columns, in the order of time. Inputs, and targets that are numbers,
/// are scaled by mean and deviation of all rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Table {
    /// The columns that are inputs; all that are not named otherwise, if none is.
    pub inputs: Vec<String>,
    /// The columns that are asked for; one, if it is a class.
    pub targets: Vec<String>,
    /// Whether the target is a class, by name, and not a number.
    pub classes: bool,
    /// A column that tells the time, in the model's unit: an input lasts since the row before. Without it,
    /// rows are equally far apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// A column that tells which series a row belongs to; no sequence goes from one to another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// Steps of a sequence.
    pub window: usize,
    /// Rows from one sequence to the next.
    pub stride: usize,
    /// Whether every step has an answer, or the last of a sequence alone.
    pub every_step: bool,
    /// Share of the sequences that is for validation.
    pub valid: f64,
    /// Share that is for the test.
    pub test: f64,
    /// Seed of the order in which they are taken.
    pub seed: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            inputs: Vec::new(),
            targets: Vec::new(),
            classes: false,
            time: None,
            series: None,
            window: 32,
            stride: 4,
            every_step: true,
            valid: 0.1,
            test: 0.15,
            seed: 1,
        }
    }
}

impl Table {
    pub(super) fn task(&self, path: &Path, step: f64) -> Result<Task, RatesError> {
        check(self.window, self.stride, &[self.valid, self.test])?;
        let columns = Columns::read(self, path)?;
        let scaled = |(name, values): &(String, Vec<f64>)| {
            let (mean, scale) = mean_and_scale(values.iter().copied());
            Channel { name: name.clone(), mean, scale }
        };
        let inputs: Vec<Channel> = columns.inputs.iter().map(scaled).collect();
        let answers = match &columns.targets {
            Asked::Values(values) => Answers::Values(values.iter().map(scaled).collect()),
            Asked::Classes { names, .. } => Answers::Classes(names.clone()),
        };
        let all = columns.cut(&inputs, &answers, step);
        let windows: Vec<Window<'_>> =
            all.iter().flat_map(|series| series.windows(self.window, self.stride)).collect();
        let [valid, test, train] = split(&windows, self.seed, [self.valid, self.test]);
        let of = |part, windows: &[Window<'_>]| sequences(part, windows, self.window, self.every_step);
        Ok(Task {
            name: path.file_stem().map_or("table".into(), |name| name.to_string_lossy().into_owned()),
            inputs,
            answers,
            train: of("training", &train)?,
            valid: if valid.is_empty() { None } else { Some(of("validation", &valid)?) },
            test: of("test", &test)?,
        })
    }
}

/// What is asked for, row by row.
enum Asked {
    Values(Vec<(String, Vec<f64>)>),
    Classes { names: Vec<String>, labels: Vec<u32> },
}

/// The columns of a file, each in full.
struct Columns {
    inputs: Vec<(String, Vec<f64>)>,
    targets: Asked,
    time: Option<Vec<f64>>,
    /// The first row of every series, and one after the last.
    limits: Vec<usize>,
}

impl Columns {
    fn read(table: &Table, path: &Path) -> Result<Self, RatesError> {
        let all = rows(path)?;
        let Some(((_, header), rows)) = all.split_first() else {
            return Err(fault(path, 1, "the file is empty; its first line must name the columns".to_owned()));
        };
        let names: Vec<&str> = header.iter().collect();
        let texts = |name: &str| -> Result<Vec<(u64, &str)>, RatesError> {
            let at = names.iter().position(|column| *column == name).ok_or_else(|| {
                fault(path, 1, format!("there is no column {name:?}; there are {}", names.join(", ")))
            })?;
            let of = |(line, row): &'_ (u64, csv::StringRecord)| (*line, at, row.len());
            if let Some((line, _, n)) = rows.iter().map(of).find(|(_, at, n)| at >= n) {
                return Err(fault(path, line, format!("{n} fields, and the first line has {}", names.len())));
            }
            Ok(rows.iter().map(|(line, row)| (*line, &row[at])).collect())
        };
        let numbers = |name: &str| -> Result<Vec<f64>, RatesError> {
            let of = |(line, text)| match number(path, line, text) {
                Err(RatesError::Line { problem, .. }) => {
                    Err(fault(path, line, format!("column {name:?}: {problem}")))
                }
                other => other,
            };
            texts(name)?.into_iter().map(of).collect()
        };
        let named = |name: &String| Ok::<_, RatesError>((name.clone(), numbers(name)?));
        let is_other = |name: &str| {
            let named = [&table.time, &table.series];
            table.targets.iter().chain(named.into_iter().flatten()).any(|other| other == name)
        };
        let inputs: Vec<String> = match table.inputs.is_empty() {
            true => names.iter().filter(|name| !is_other(name)).map(|name| (*name).to_owned()).collect(),
            false => table.inputs.clone(),
        };
        let targets = match (table.classes, table.targets.as_slice()) {
            (_, []) => {
                return Err(fault(path, 1, "name the columns that are asked for: data.targets".to_owned()));
            }
            (true, [name]) => classes(&texts(name)?),
            (true, _) => return Err(fault(path, 1, "with data.classes, name one target".to_owned())),
            (false, names) => Asked::Values(names.iter().map(named).collect::<Result<_, _>>()?),
        };
        let time = table.time.as_deref().map(&numbers).transpose()?;
        let mut limits = vec![0];
        if let Some(name) = &table.series {
            let of = texts(name)?;
            limits.extend((1..of.len()).filter(|k| of[*k].1 != of[k - 1].1));
        }
        limits.push(rows.len());
        if let Some(time) = &time {
            let falls =
                limits.windows(2).find_map(|ends| (ends[0] + 1..ends[1]).find(|k| time[*k] < time[k - 1]));
            if let Some(k) = falls {
                let problem = format!(
                    "the time {} is before that of the row above, {}: sort the rows, or name the column that \
                     tells one series from the next (data.series)",
                    time[k],
                    time[k - 1]
                );
                return Err(fault(path, rows[k].0, problem));
            }
        }
        Ok(Self { inputs: inputs.iter().map(named).collect::<Result<_, _>>()?, targets, time, limits })
    }

    /// Every series with its scaled inputs and targets.
    fn cut(&self, inputs: &[Channel], answers: &Answers, step: f64) -> Vec<Series> {
        let scaled = |columns: &[(String, Vec<f64>)], channels: &[Channel], row: usize| -> Vec<f32> {
            let values = columns.iter().zip(channels);
            values
                .map(|((_, values), channel)| ((values[row] - channel.mean) / channel.scale) as f32)
                .collect()
        };
        let series = |ends: &[usize]| {
            let rows = ends[0]..ends[1];
            let targets = match (&self.targets, answers) {
                (Asked::Values(columns), Answers::Values(channels)) => Targets::Values {
                    n: channels.len(),
                    values: rows.clone().flat_map(|row| scaled(columns, channels, row)).collect(),
                },
                (Asked::Classes { names, labels }, _) => {
                    Targets::Classes { n: names.len(), labels: labels[rows.clone()].to_vec() }
                }
                (Asked::Values(_), Answers::Classes(_)) => unreachable!("answers are made from the targets"),
            };
            let elapsed = rows.clone().map(|row| match &self.time {
                Some(time) if row > rows.start => (time[row] - time[row - 1]) as f32,
                _ => step as f32,
            });
            Series {
                n_inputs: inputs.len(),
                inputs: rows.clone().flat_map(|row| scaled(&self.inputs, inputs, row)).collect(),
                elapsed: elapsed.collect(),
                targets,
            }
        };
        self.limits.windows(2).map(series).collect()
    }
}

/// Classes are numbered in the order of their names.
fn classes(texts: &[(u64, &str)]) -> Asked {
    let mut numbers: BTreeMap<&str, u32> = texts.iter().map(|(_, name)| (*name, 0)).collect();
    (0..).zip(numbers.values_mut()).for_each(|(k, number)| *number = k);
    let labels = texts.iter().map(|(_, name)| numbers[name]).collect();
    Asked::Classes { names: numbers.keys().map(|name| (*name).to_owned()).collect(), labels }
}
