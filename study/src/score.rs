//! How good the answers are.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

/// Answers against the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The share of right answers.
    pub accuracy: f64,
    /// How often class `i` was answered with class `j`; `[classes, classes]`, truth in rows.
    #[serde(with = "rows")]
    pub confusion: Array2<u64>,
    /// Every class by itself.
    pub classes: Vec<ClassScore>,
}

/// A matrix as a list of its rows, which every reader of JSON understands.
mod rows {
    use ndarray::Array2;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(matrix: &Array2<u64>, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(matrix.rows().into_iter().map(|row| row.to_vec()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Array2<u64>, D::Error> {
        let rows = Vec::<Vec<u64>>::deserialize(from)?;
        let shape = (rows.len(), rows.first().map_or(0, Vec::len));
        Array2::from_shape_vec(shape, rows.concat()).map_err(D::Error::custom)
    }
}

/// One class against all others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ClassScore {
    /// Of the answers "this class", the share that is right; 0 if there is none.
    pub precision: f64,
    /// Of the samples of this class, the share that is found; 0 if there is none.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
    /// The number of samples of this class.
    pub support: u64,
}

/// Mean and spread of a score over folds or seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The mean.
    pub mean: f64,
    /// The standard deviation of the values about their mean, with n − 1; 0 for a single value.
    pub std: f64,
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The number of values.
    pub n: usize,
}

/// Why answers cannot be scored.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ScoreError {
    /// Answers and truth are lists of different lengths.
    #[error("{answers} answers for {truth} samples: give one a sample")]
    Lengths {
        /// The number of true classes.
        truth: usize,
        /// The number of answers.
        answers: usize,
    },
    /// There is nothing to score.
    #[error("there is no {what} to score")]
    Nothing {
        /// What is missing.
        what: &'static str,
    },
    /// A class that is not there.
    #[error("sample {sample}: its {what} is class {class}, and there are {n_classes} (0 to {})", n_classes.saturating_sub(1))]
    Class {
        /// The sample.
        sample: usize,
        /// `truth` or `answer`.
        what: &'static str,
        /// The class.
        class: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// A score that is NaN or infinite.
    #[error("value {index} is {value}: scores must be finite")]
    NotFinite {
        /// Which value.
        index: usize,
        /// What it is.
        value: f64,
    },
}

/// Scores the answers `answers` to samples of the classes `truth`.
///
/// # Errors
/// A [`ScoreError`] if the lists do not fit.
pub fn score(truth: &[u32], answers: &[u32], n_classes: usize) -> Result<Scores, ScoreError> {
    if truth.len() != answers.len() {
        return Err(ScoreError::Lengths { truth: truth.len(), answers: answers.len() });
    }
    check_classes("truth", truth, n_classes)?;
    check_classes("answer", answers, n_classes)?;
    let mut confusion = Array2::zeros((n_classes, n_classes));
    for (truth, answer) in truth.iter().zip(answers) {
        confusion[[*truth as usize, *answer as usize]] += 1;
    }
    scores_of(confusion)
}

/// The scores of several folds taken as one: every sample counts the same.
///
/// # Errors
/// [`ScoreError::Nothing`] if there is no fold, or [`ScoreError::Class`] if they have different
/// numbers of classes.
pub fn pool(folds: &[Scores]) -> Result<Scores, ScoreError> {
    let first = folds.first().ok_or(ScoreError::Nothing { what: "fold" })?;
    let mut confusion = Array2::zeros(first.confusion.dim());
    for (sample, fold) in folds.iter().enumerate() {
        let (has, n_classes) = (fold.confusion.nrows(), confusion.nrows());
        if has != n_classes {
            return Err(ScoreError::Class { sample, what: "confusion", class: has as u32, n_classes });
        }
        confusion += &fold.confusion;
    }
    scores_of(confusion)
}

fn scores_of(confusion: Array2<u64>) -> Result<Scores, ScoreError> {
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let total = confusion.sum();
    if total == 0 {
        return Err(ScoreError::Nothing { what: "sample" });
    }
    let class = |c: usize| {
        let right = confusion[[c, c]];
        let (answered, support) = (confusion.column(c).sum(), confusion.row(c).sum());
        // 2PR/(P + R) written with counts, where it has no 0/0 but for a class nobody names.
        let f1 = share(2 * right, answered + support);
        ClassScore { precision: share(right, answered), recall: share(right, support), f1, support }
    };
    let classes = (0..confusion.nrows()).map(class).collect();
    Ok(Scores { accuracy: share(confusion.diag().sum(), total), confusion, classes })
}

/// The accuracy of guessing without looking: 1/classes.
pub fn chance(n_classes: usize) -> f64 {
    1.0 / n_classes as f64
}

/// The accuracy of always answering the class that is most frequent in training (the first of equals).
///
/// # Errors
/// A [`ScoreError`] if a list is empty or names a class that is not there.
pub fn majority(train: &[u32], test: &[u32], n_classes: usize) -> Result<f64, ScoreError> {
    check_classes("truth", train, n_classes)?;
    check_classes("truth", test, n_classes)?;
    let mut count = vec![0_usize; n_classes];
    train.iter().for_each(|label| count[*label as usize] += 1);
    let most = (0..n_classes).rev().max_by_key(|class| count[*class]);
    let most = most.ok_or(ScoreError::Nothing { what: "class" })? as u32;
    Ok(test.iter().filter(|label| **label == most).count() as f64 / test.len() as f64)
}

/// Mean and spread of values over folds or seeds.
///
/// # Errors
/// A [`ScoreError`] if there is no value, or one is not finite.
pub fn spread(values: &[f64]) -> Result<Spread, ScoreError> {
    if values.is_empty() {
        return Err(ScoreError::Nothing { what: "value" });
    }
    if let Some(index) = values.iter().position(|value| !value.is_finite()) {
        return Err(ScoreError::NotFinite { index, value: values[index] });
    }
    let n = values.len();
    let mean = values.iter().sum::<f64>() / n as f64;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let std = if n > 1 { (squares / (n - 1) as f64).sqrt() } else { 0.0 };
    let min = values.iter().copied().fold(f64::INFINITY, f64::min);
    let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Ok(Spread { mean, std, min, max, n })
}

fn check_classes(what: &'static str, classes: &[u32], n_classes: usize) -> Result<(), ScoreError> {
    if classes.is_empty() {
        return Err(ScoreError::Nothing { what: "sample" });
    }
    match classes.iter().position(|class| *class as usize >= n_classes) {
        Some(sample) => Err(ScoreError::Class { sample, what, class: classes[sample], n_classes }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    /// The example of scikit-learn's `classification_report`: targets 0 1 2 2 2, answers 0 0 2 2 1.
    #[test]
    fn scores_are_those_of_scikit_learn() {
        let scores = score(&[0, 1, 2, 2, 2], &[0, 0, 2, 2, 1], 3).unwrap();
        assert_eq!(scores.accuracy, 0.6);
        assert_eq!(scores.confusion, array![[1, 0, 0], [1, 0, 0], [0, 1, 2]]);
        let found: Vec<_> = scores.classes.iter().map(|c| (c.precision, c.recall, c.support)).collect();
        assert_eq!(found, [(0.5, 1.0, 1), (0.0, 0.0, 1), (1.0, 2.0 / 3.0, 3)]);
        let f1: Vec<f64> = scores.classes.iter().map(|c| (c.f1 * 100.0).round()).collect();
        assert_eq!(f1, [67.0, 0.0, 80.0]);
        let pooled = pool(&[scores.clone(), score(&[1], &[1], 3).unwrap()]).unwrap();
        assert_eq!(pooled.accuracy, 4.0 / 6.0);
    }

    #[test]
    fn guessing_is_scored_too() {
        assert_eq!(chance(4), 0.25);
        assert_eq!(majority(&[2, 1, 2, 1, 0], &[1, 1, 2, 0], 3).unwrap(), 0.5);
    }

    #[test]
    fn a_spread_has_n_minus_one() {
        let found = spread(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]).unwrap();
        assert_eq!((found.mean, found.min, found.max, found.n), (5.0, 2.0, 9.0, 8));
        assert!((found.std - (32.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        assert_eq!(spread(&[0.5]).unwrap().std, 0.0);
    }

    #[test]
    fn what_cannot_be_scored_is_named() {
        assert_eq!(score(&[0], &[], 2), Err(ScoreError::Lengths { truth: 1, answers: 0 }));
        assert_eq!(score(&[], &[], 2), Err(ScoreError::Nothing { what: "sample" }));
        let error = score(&[0, 1], &[0, 2], 2).unwrap_err();
        assert_eq!(error.to_string(), "sample 1: its answer is class 2, and there are 2 (0 to 1)");
        assert!(spread(&[0.1, f64::NAN]).is_err());
    }
}
