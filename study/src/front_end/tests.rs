use ndarray::{Array2, array};

use super::*;
use crate::data::{Audio, Draft, check};

fn series(values: Vec<Array2<f32>>) -> Dataset {
    let samples = values.into_iter().enumerate().map(|(k, values)| Sample {
        signal: Signal::Series(values),
        label: k as u32 % 2,
        group: None,
        is_test: false,
    });
    let classes = vec!["a".into(), "b".into()];
    check(Draft { name: "s".into(), classes, samples: samples.collect(), ..Draft::default() }).unwrap()
}

#[test]
fn ranges_come_from_training_samples_alone() {
    let ramp = |top: f32| Array2::from_shape_fn((101, 1), |(t, _)| top * t as f32 / 100.0);
    let dataset = series(vec![ramp(10.0), ramp(1000.0)]);
    let normalize = Some(Normalize::Range { low: 10.0, high: 90.0, ceiling: 1.2 });
    let front_end = FrontEnd { normalize, frame_ms: 1.0, ..FrontEnd::default() };
    let fitted = fit(&dataset, &[0], &front_end).unwrap();
    // The percentiles 10 and 90 of 0, 0.1, … 10 are 1 and 9, which become 0 and 1.
    let drive = fitted.drive(&dataset.samples()[0]).unwrap();
    assert_eq!(drive.values.dim(), (101, 1));
    assert!((drive.values[[50, 0]] - 0.5).abs() < 1e-7);
    assert_eq!(drive.values[[5, 0]], 0.0);
    assert!((drive.values[[100, 0]] - 1.125).abs() < 1e-7);
    // The loud sample is cut at the ceiling, for it has not been seen.
    assert_eq!(fitted.drive(&dataset.samples()[1]).unwrap().values[[50, 0]], 1.2);
}

#[test]
fn standardized_training_values_have_mean_zero_and_deviation_one() {
    let dataset = series(vec![array![[1.0, 5.0], [3.0, 5.0]], array![[5.0, 5.0], [7.0, 5.0]]]);
    let normalize = Some(Normalize::Standard { limit: 4.0 });
    let front_end = FrontEnd { normalize, frame_ms: 1.0, min_steps: 1, ..FrontEnd::default() };
    let fitted = fit(&dataset, &[0, 1], &front_end).unwrap();
    let drives = fitted.drives(&dataset).unwrap();
    // Mean 4, variance (9 + 1 + 1 + 9)/4 = 5; the constant channel becomes 0.
    let unit = 5_f64.sqrt().recip();
    assert_eq!(drives[0].values, array![[-3.0 * unit, 0.0], [-unit, 0.0]]);
    assert_eq!(drives[1].values, array![[unit, 0.0], [3.0 * unit, 0.0]]);
}

#[test]
fn an_utterance_at_half_the_loudness_gives_the_same_drive() {
    let clip = |gain: f32| {
        let pcm = (0..4000).map(|k| gain * (k as f32 * 0.3).sin() * (k as f32 * 0.002).sin()).collect();
        Sample { signal: Signal::Audio(Audio { rate_hz: 8000, pcm }), label: 0, group: None, is_test: false }
    };
    let mut other = clip(0.5);
    other.label = 1;
    let draft = Draft { name: "a".into(), classes: vec!["a".into(), "b".into()], ..Draft::default() };
    let dataset = check(Draft { samples: vec![clip(1.0), other], ..draft }).unwrap();
    let fitted = fit(&dataset, &[0], &FrontEnd::default()).unwrap();
    let drives = fitted.drives(&dataset).unwrap();
    assert_eq!(drives[0].values.dim(), (500, 40));
    assert_eq!(drives[0].duration(), 500.0);
    let difference = (&drives[0].values - &drives[1].values).mapv(f64::abs);
    // Not exactly the same: the floor under the logarithm does not follow the loudness.
    assert!(difference.iter().all(|d| *d < 1e-3));
}

#[test]
fn a_place_code_peaks_at_its_centers() {
    let population = Population { fields: 3, low: 0.0, high: 1.0, sigma: Some(0.5) };
    let answers = encode_population(array![[0.5, 1.0]].view(), &population);
    let (near, far) = ((-0.5_f64).exp(), (-2.0_f64).exp());
    let expected = array![[near, 1.0, near, far, near, 1.0]];
    assert!((&answers - &expected).iter().all(|d| d.abs() < 1e-15));
}

#[test]
fn what_does_not_fit_is_named() {
    let dataset = series(vec![array![[1.0], [2.0]], array![[5.0], [7.0]]]);
    let says = |front_end: FrontEnd| fit(&dataset, &[0], &front_end).unwrap_err().to_string();
    assert!(says(FrontEnd { dt: -1.0, ..FrontEnd::default() }).contains("dt is -1, and must be positive"));
    let backwards = Some(Normalize::Range { low: 90.0, high: 10.0, ceiling: 1.0 });
    let backwards = FrontEnd { normalize: backwards, ..FrontEnd::default() };
    assert!(says(backwards).contains("normalize.high is 10"));
    let one = Some(Population { fields: 1, ..Population::default() });
    assert!(says(FrontEnd { population: one, ..FrontEnd::default() }).contains("population.fields is 1"));
    assert_eq!(fit(&dataset, &[], &FrontEnd::default()), Err(FrontEndError::NoTraining));
    let slow = FrontEnd { frame_ms: 1e12, ..FrontEnd::default() };
    let fitted = fit(&dataset, &[0], &slow).unwrap();
    assert!(matches!(fitted.drive(&dataset.samples()[0]), Err(FrontEndError::TooLarge { .. })));
    // A frame is 200 samples, and a hop is at least one: about 19 800 × 4096 values.
    let audio = Audio { rate_hz: 8000, pcm: vec![0.0; 20_000] };
    let fine = LogMel { hop_ms: 1e-9, n_mels: 4096, ..LogMel::default() };
    assert!(matches!(log_mel(&audio, &fine), Err(FrontEndError::TooLarge { what: "the spectrum", .. })));
    assert!(toml::from_str::<FrontEnd>("hop = 3").unwrap_err().to_string().contains("unknown field `hop`"));
}

#[test]
fn a_sample_alone_needs_a_normalization_that_learns_nothing() {
    let dataset = series(vec![array![[1.0], [2.0]], array![[5.0], [7.0]]]);
    let sample = &dataset.samples()[0];
    assert_eq!(untrained(&sample.signal, &FrontEnd::default()), Err(FrontEndError::NoTraining));
    let plain = FrontEnd { normalize: Some(Normalize::None), ..FrontEnd::default() };
    let fitted = fit(&dataset, &[0, 1], &plain).unwrap();
    assert_eq!(untrained(&sample.signal, &plain), Ok(fitted));
}

#[test]
fn percentiles_are_numpys() {
    // numpy.percentile([1, 2, 4, 8], [0, 30, 50, 99.5, 100])
    let sorted = [1.0, 2.0, 4.0, 8.0];
    let found: Vec<f64> = [0.0, 30.0, 50.0, 99.5, 100.0].iter().map(|p| percentile(&sorted, *p)).collect();
    let expected = [1.0, 1.9, 3.0, 7.94, 8.0];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{found:?}");
}
