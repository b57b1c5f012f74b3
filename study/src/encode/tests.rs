use ndarray::{Array2, array};

use super::*;

fn constant(x: f64, steps: usize) -> Array2<f64> {
    Array2::from_elem((steps, 1), x)
}

fn regular(rate_hz: f64) -> Encoder {
    Encoder::Regular(Regular { rate_hz, signed: false })
}

/// A constant value x: spike k is due where g·x·(t + 1) + ½ reaches k.
#[test]
fn a_constant_rate_fires_at_equal_distances() {
    let train = encode(constant(0.5, 40).view(), 1.0, &regular(250.0), 0).unwrap();
    assert_eq!(train.times(), [4.0, 12.0, 20.0, 28.0, 36.0]);
}

#[test]
fn a_step_of_half_the_length_keeps_the_rate() {
    let train = encode(constant(0.5, 80).view(), 0.5, &regular(250.0), 0).unwrap();
    assert_eq!(train.times(), [4.0, 12.0, 20.0, 28.0, 36.0]);
}

/// After n steps without a spike v = x·(1 − dⁿ)/(1 − d), so the first n with v ≥ θ is
/// ⌈ln(1 − θ(1 − d)/x)/ln d⌉; then one refractory step each time.
#[test]
fn a_hair_cell_fires_when_the_geometric_series_says() {
    let (tau, threshold, x) = (40.0, 2.0, 0.3);
    let d = (-1.0_f64 / tau).exp();
    let n = ((1.0 - threshold * (1.0 - d) / x).ln() / d.ln()).ceil();
    let train = encode(constant(x, 100).view(), 1.0, &Encoder::HairCell(HairCell::default()), 0).unwrap();
    let expected: Vec<f64> =
        (0..).map(|k| n + f64::from(k) * (n + 1.0)).take_while(|t| *t <= 100.0).collect();
    assert_eq!(train.times(), expected);
    let weak = encode(constant(0.049, 4000).view(), 1.0, &Encoder::HairCell(HairCell::default()), 0).unwrap();
    assert!(weak.is_empty(), "0.049/(1 − d) = 1.98 never reaches 2");
}

/// The count of n coins of probability p has mean n·p and deviation √(n·p·(1 − p)); the waiting times
/// are geometric with mean 1/p and deviation √(1 − p)/p. Five deviations are allowed.
#[test]
fn a_poisson_train_has_the_counts_and_gaps_of_coins() {
    let encoder = Encoder::Poisson(Poisson { rate_hz: 100.0, signed: false });
    let (n, p) = (200_000_usize, 0.1 * 0.7);
    let train = encode(constant(0.7, n).view(), 1.0, &encoder, 11).unwrap();
    let count = train.len() as f64;
    let deviation = (n as f64 * p * (1.0 - p)).sqrt();
    assert!((count - n as f64 * p).abs() < 5.0 * deviation, "{count}");
    let gaps: Vec<f64> = train.times().windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
    let spread = (gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64).sqrt();
    let expected = (1.0 - p).sqrt() / p;
    assert!((mean - 1.0 / p).abs() < 5.0 * expected / count.sqrt(), "{mean}");
    // The deviation of a sample's deviation is about its kurtosis-corrected 1.5/√n for such gaps.
    assert!((spread / expected - 1.0).abs() < 7.5 / count.sqrt(), "{spread}");
}

#[test]
fn channels_and_samples_draw_from_streams_of_their_own() {
    let encoder = Encoder::Poisson(Poisson::default());
    let two = |first: f64| {
        let signal = Array2::from_shape_fn((3000, 2), |(_, c)| if c == 0 { first } else { 0.8 });
        encode(signal.view(), 1.0, &encoder, 5).unwrap()
    };
    let of = |train: &SpikeTrain, node: u32| -> Vec<f64> {
        train.iter().filter(|(_, n)| *n == node).map(|(t, _)| t).collect()
    };
    assert_eq!(of(&two(0.1), 1), of(&two(0.9), 1));
    assert_ne!(of(&two(0.8), 0), of(&two(0.8), 1));
    let drives: Vec<Drive> = (0..9).map(|_| Drive { values: constant(0.5, 500), dt: 1.0 }).collect();
    let trains = encode_drives(&drives, &encoder, 3).unwrap();
    assert_ne!(trains[0], trains[1]);
    let alone = encode(drives[7].values.view(), 1.0, &encoder, sample_seed(3, 7)).unwrap();
    assert_eq!(trains[7], alone);
}

#[test]
fn signs_go_to_pairs_of_nodes() {
    let signal = array![[1.0, -1.0], [-1.0, 0.0], [1.0, -1.0]];
    let signed = Encoder::Regular(Regular { rate_hz: 1000.0, signed: true });
    let train = encode(signal.view(), 1.0, &signed, 0).unwrap();
    assert_eq!(train.n_nodes(), 4);
    let spikes: Vec<(f64, u32)> = train.iter().collect();
    assert_eq!(spikes, [(1.0, 0), (1.0, 3), (2.0, 1), (3.0, 0), (3.0, 3)]);
    let plain = encode(signal.view(), 1.0, &regular(1000.0), 0).unwrap();
    assert_eq!(plain.iter().collect::<Vec<_>>(), [(1.0, 0), (3.0, 0)]);
}

#[test]
fn what_cannot_be_encoded_is_named() {
    let says =
        |encoder: &Encoder, dt| encode(constant(0.5, 4).view(), dt, encoder, 0).unwrap_err().to_string();
    assert!(says(&regular(1001.0), 1.0).contains("1001 Hz is more than one spike in a step of 1 ms"));
    assert!(says(&regular(-1.0), 1.0).contains("rate_hz is -1, and must be positive"));
    assert!(says(&regular(1.0), f64::NAN).contains("dt is NaN"));
    let leaky = Encoder::HairCell(HairCell { tau: 0.0, ..HairCell::default() });
    assert!(says(&leaky, 1.0).contains("tau is 0"));
    let signal = array![[0.0, 0.0], [0.0, f64::INFINITY]];
    let error = encode(signal.view(), 1.0, &regular(1.0), 0).unwrap_err();
    assert_eq!(error, EncodeError::NotFinite { step: 1, channel: 1, value: f64::INFINITY });
}

#[test]
fn an_encoder_is_a_table_in_toml() {
    let encoder: Encoder = toml::from_str("kind = \"hair_cell\"\nthreshold = 6.0").unwrap();
    assert_eq!(encoder, Encoder::HairCell(HairCell { threshold: 6.0, ..HairCell::default() }));
    let error = toml::from_str::<Encoder>("kind = \"poisson\"\nrate = 6.0").unwrap_err();
    assert!(error.to_string().contains("unknown field `rate`"), "{error}");
}
