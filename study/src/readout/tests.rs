use ndarray::{Array1, Array2, ArrayView2};
use rheobase_net::random::{Purpose, Stream};

use super::*;

/// Three classes with a mean each, and noise; the last feature is constant.
fn data(samples: usize, width: usize) -> (Array2<f64>, Vec<u32>, Vec<u32>) {
    let mut noise = Stream::new(3, Purpose::Split, 0, 0);
    let labels: Vec<u32> = (0..samples as u32).map(|k| k % 3).collect();
    let features = Array2::from_shape_fn((samples, width), |(k, j)| {
        let mean = f64::from(u32::from(j as u32 % 3 == labels[k]));
        if j == width - 1 { 5.0 } else { 3.0 + mean + 4.0 * (noise.open01() - 0.5) }
    });
    let folds = (0..samples as u32).map(|k| 100 - (k / 3) % 4).collect();
    (features, labels, folds)
}

/// Ridge by Gaussian elimination of the normal equations with an explicit, unpenalized column of ones;
/// the features are scaled by `deviations`. Scores of all `features` from the samples `train` alone.
fn by_elimination(
    features: ArrayView2<f64>,
    deviations: &Array1<f64>,
    labels: &[u32],
    train: &[usize],
    strength: f64,
) -> Array2<f64> {
    let width = features.ncols();
    let scaled = |k: usize, j: usize| {
        if j == width {
            1.0
        } else if deviations[j] > 1e-9 {
            features[[k, j]] / deviations[j]
        } else {
            0.0
        }
    };
    let mut a = Array2::<f64>::zeros((width + 1, width + 4));
    for &k in train {
        for i in 0..=width {
            (0..=width).for_each(|j| a[[i, j]] += scaled(k, i) * scaled(k, j));
            for class in 0..3 {
                let target = if labels[k] == class { 1.0 } else { -1.0 };
                a[[i, width + 1 + class as usize]] += scaled(k, i) * target;
            }
        }
    }
    (0..width).for_each(|j| a[[j, j]] += strength);
    for pivot in 0..=width {
        let largest = (pivot..=width).max_by(|i, j| a[[*i, pivot]].abs().total_cmp(&a[[*j, pivot]].abs()));
        let largest = largest.unwrap();
        (0..width + 4).for_each(|j| a.swap([pivot, j], [largest, j]));
        for i in (0..=width).filter(|i| *i != pivot) {
            let factor = a[[i, pivot]] / a[[pivot, pivot]];
            (pivot..width + 4).for_each(|j| a[[i, j]] -= factor * a[[pivot, j]]);
        }
    }
    Array2::from_shape_fn((features.nrows(), 3), |(k, class)| {
        (0..=width).map(|i| scaled(k, i) * a[[i, width + 1 + class]] / a[[i, i]]).sum()
    })
}

/// More samples than features, and more features than samples.
const SHAPES: [(usize, usize); 2] = [(60, 9), (24, 40)];

#[test]
fn weights_solve_the_normal_equations() {
    for (samples, width) in SHAPES {
        let (features, labels, folds) = data(samples, width);
        let training = Training { features: features.view(), labels: &labels, n_classes: 3, folds: &folds };
        let readout = fit(&training, &Ridge { strengths: vec![7.0] }).unwrap();
        let deviations = features.std_axis(ndarray::Axis(0), 0.0);
        let all: Vec<usize> = (0..samples).collect();
        let expected = by_elimination(features.view(), &deviations, &labels, &all, 7.0);
        let difference = readout.scores(features.view()).unwrap() - &expected;
        assert!(difference.iter().all(|d| d.abs() < 1e-9), "{difference}");
        assert!(readout.weights().row(width - 1).iter().all(|w| *w == 0.0), "a constant has no weight");
        assert!(readout.candidates().is_empty());
    }
}

#[test]
fn left_out_folds_are_answered_as_after_a_refit_without_them() {
    let strengths = vec![0.1, 3.0, 100.0];
    for (samples, width) in SHAPES {
        let (features, labels, folds) = data(samples, width);
        let training = Training { features: features.view(), labels: &labels, n_classes: 3, folds: &folds };
        let readout = fit(&training, &Ridge { strengths: strengths.clone() }).unwrap();
        let deviations = features.std_axis(ndarray::Axis(0), 0.0);
        for candidate in readout.candidates() {
            let (mut right, mut squares) = (0, 0.0);
            for fold in 97..=100 {
                let (train, test): (Vec<usize>, Vec<usize>) = (0..samples).partition(|k| folds[*k] != fold);
                let scores =
                    by_elimination(features.view(), &deviations, &labels, &train, candidate.strength);
                for k in test {
                    let row = scores.row(k);
                    right += usize::from(highest(row.iter().copied()) == labels[k]);
                    for class in 0..3 {
                        let target = if labels[k] == class { 1.0 } else { -1.0 };
                        squares += (row[class as usize] - target).powi(2);
                    }
                }
            }
            assert_eq!(candidate.accuracy, right as f64 / samples as f64);
            let expected = squares / (3 * samples) as f64;
            assert!((candidate.squared_error / expected - 1.0).abs() < 1e-9);
        }
        let best = readout.candidates().iter().map(|c| c.accuracy).fold(0.0, f64::max);
        let chosen = readout.candidates().iter().find(|c| c.strength == readout.strength()).unwrap();
        assert_eq!(chosen.accuracy, best);
    }
}

#[test]
fn one_two_and_eight_threads_give_the_same_bits() {
    let (features, labels, folds) = data(300, 310);
    for width in [310, 200] {
        let part = features.slice(ndarray::s![.., ..width]);
        let training = Training { features: part, labels: &labels, n_classes: 3, folds: &folds };
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fit(&training, &Ridge::default()).unwrap())
        };
        let one = run(1);
        assert_eq!(one, run(2));
        assert_eq!(one, run(8));
    }
}

#[test]
fn a_readout_survives_json() {
    let (features, labels, folds) = data(60, 9);
    let training = Training { features: features.view(), labels: &labels, n_classes: 3, folds: &folds };
    let readout = fit(&training, &Ridge::default()).unwrap();
    let text = serde_json::to_string(&readout).unwrap();
    let back: Readout = serde_json::from_str(&text).unwrap();
    assert!(back == readout, "the numbers must come back bit for bit");
}

#[test]
fn what_cannot_be_trained_is_named() {
    let (mut features, mut labels, folds) = data(60, 9);
    let says = |features: &Array2<f64>, labels: &[u32], folds: &[u32], strengths: &[f64]| {
        let training = Training { features: features.view(), labels, n_classes: 3, folds };
        fit(&training, &Ridge { strengths: strengths.to_vec() }).unwrap_err().to_string()
    };
    assert!(says(&features, &labels[1..], &folds, &[1.0]).contains("59 labels for 60 samples"));
    assert!(says(&features, &labels, &[0; 60], &[1.0, 2.0]).contains("one inner fold"));
    assert!(says(&features, &labels, &folds, &[]).contains("give one or more"));
    assert!(says(&features, &labels, &folds, &[1.0, -1.0]).contains("all positive"));
    assert!(says(&features, &[0; 60], &folds, &[1.0]).contains("class 1 has no training sample"));
    labels[4] = 3;
    assert!(says(&features, &labels, &folds, &[1.0]).contains("sample 4 has the label 3"));
    labels[4] = 1;
    features[[7, 2]] = f64::NAN;
    assert!(says(&features, &labels, &folds, &[1.0]).contains("feature 2 of sample 7 is NaN"));
    features[[7, 2]] = 1.0;
    let training = Training { features: features.view(), labels: &labels, n_classes: 3, folds: &folds };
    let readout = fit(&training, &Ridge { strengths: vec![1.0] }).unwrap();
    let narrow = features.slice(ndarray::s![.., ..5]);
    assert_eq!(readout.answers(narrow), Err(ReadoutError::Features { has: 5, trained: 9 }));
}
