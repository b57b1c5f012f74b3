//! A trained liquid network, with all that is needed to ask it.

use rheobase_ltc::model::Model;

use crate::Description;

/// A trained liquid network: from inputs as they were measured to answers.
///
/// ```text
/// x ──(x − mean)/scale──► inputs ──model──► answers ──· scale + mean──► values, or the largest is the class
/// ```
#[derive(Debug, Clone)]
pub struct LiquidModel {
    /// The cell and its head.
    pub model: Model,
    /// Its raw parameters, in the order of [`Model::layout`]; what was trained in single precision is kept
    /// without loss.
    pub parameters: Vec<f64>,
    /// Whether it was trained in single precision, and answers with the same bits only in it.
    pub is_single: bool,
    /// One an input.
    pub inputs: Vec<Channel>,
    /// What is asked for.
    pub answers: Answers,
    /// Whether every step has an answer, or the last step of a sequence alone.
    pub every_step: bool,
    /// How long an input lasts, in the model's unit of time, where the data do not say.
    pub step: f64,
    /// How it was made.
    pub description: Description,
}

/// A number that a model reads or answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// What it is.
    pub name: String,
    /// What is taken away from it.
    pub mean: f64,
    /// What it is then divided by; not 0.
    pub scale: f64,
}

/// What the answers of a model mean.
#[derive(Debug, Clone, PartialEq)]
pub enum Answers {
    /// Numbers, which have to be multiplied by the scale and moved by the mean.
    Values(Vec<Channel>),
    /// Scores of classes with these names; the largest is the answer.
    Classes(Vec<String>),
}

impl Answers {
    /// How many numbers a model answers.
    pub fn len(&self) -> usize {
        match self {
            Self::Values(channels) => channels.len(),
            Self::Classes(names) => names.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Channel {
    /// A measured number as the model takes it.
    pub fn scaled(&self, x: f64) -> f64 {
        (x - self.mean) / self.scale
    }

    /// A number that is taken as it is.
    pub fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), mean: 0.0, scale: 1.0 }
    }
}
