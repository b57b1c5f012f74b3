//! Other numbers of frames.

use ndarray::{Array2, ArrayView2};

/// The frames at `steps` equally spaced times from the first to the last, by linear interpolation;
/// `[steps, channels]`. A single step takes the first frame.
///
/// # Panics
/// If there is no frame.
pub fn resample(frames: ArrayView2<f64>, steps: usize) -> Array2<f64> {
    let (n, channels) = frames.dim();
    assert!(n > 0, "there must be a frame to resample");
    let last = n - 1;
    let spacing = last as f64 / (steps.max(2) - 1) as f64;
    let mut out = Array2::zeros((steps, channels));
    for (t, mut row) in out.rows_mut().into_iter().enumerate() {
        let place = (t as f64 * spacing).min(last as f64);
        let below = (place as usize).min(last.saturating_sub(1));
        let above = (below + 1).min(last);
        let weight = place - below as f64;
        for ((value, a), b) in row.iter_mut().zip(frames.row(below)).zip(frames.row(above)) {
            *value = a * (1.0 - weight) + b * weight;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn ends_stay_and_lines_stay_lines() {
        let line = array![[0.0, 3.0], [2.0, 2.0], [4.0, 1.0]];
        assert_eq!(
            resample(line.view(), 5),
            array![[0.0, 3.0], [1.0, 2.5], [2.0, 2.0], [3.0, 1.5], [4.0, 1.0]]
        );
        assert_eq!(resample(line.view(), 3), line);
        assert_eq!(resample(line.view(), 2), array![[0.0, 3.0], [4.0, 1.0]]);
    }

    #[test]
    fn one_frame_is_held() {
        let frame = array![[7.0, -1.0]];
        assert_eq!(resample(frame.view(), 3), array![[7.0, -1.0], [7.0, -1.0], [7.0, -1.0]]);
        assert_eq!(resample(array![[1.0], [2.0]].view(), 1), array![[1.0]]);
    }
}
