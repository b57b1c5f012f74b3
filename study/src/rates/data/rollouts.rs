//! Rollouts of robots: what one observed, step by step, in many runs.

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use ndarray_npy::read_npy;
use rheobase_net::file::Hdf5Reader;

use crate::rates::RatesError;

/// Runs of one robot, in the order of their files' names.
pub(super) struct Rollouts {
    pub n_channels: usize,
    /// `[steps, channels]` of every run.
    pub runs: Vec<Vec<f32>>,
}

impl Rollouts {
    /// Reads a folder of `.npy` files, as the papers' repositories have them, or an HDF5 file with all steps
    /// of all runs in `rows` and the limits of the runs in `offset`.
    pub fn read(place: &Path, name: &str) -> Result<Self, RatesError> {
        let file = if place.is_file() { place.to_owned() } else { place.join(name) };
        if file.is_file() {
            let rollouts = Self::from_hdf5(&file)?;
            return rollouts.check(|_| file.clone());
        }
        let mut files = npy_files(place);
        files.sort();
        if files.is_empty() {
            let problem = format!("there is no {name} and no file that ends in .npy");
            return Err(RatesError::Layout { path: place.to_owned(), problem });
        }
        let runs: Vec<Array2<f32>> = files.iter().map(|file| npy(file)).collect::<Result<_, _>>()?;
        let n_channels = runs[0].ncols();
        if let Some(k) = runs.iter().position(|run| run.ncols() != n_channels) {
            let problem = format!("{} channels, and other runs have {n_channels}", runs[k].ncols());
            return Err(RatesError::Layout { path: files[k].clone(), problem });
        }
        let runs = runs.iter().map(|run| run.iter().copied().collect()).collect();
        Self { n_channels, runs }.check(|run| files[run].clone())
    }

    /// All of them, if every value is a finite number; else where the first is that is none. `file` is that of a
    /// run.
    fn check(self, file: impl Fn(usize) -> PathBuf) -> Result<Self, RatesError> {
        let faulty = |run: &Vec<f32>| run.iter().position(|value| !value.is_finite());
        match (0..).zip(&self.runs).find_map(|(k, run)| faulty(run).map(|at| (k, at, run[at]))) {
            Some((run, at, value)) => {
                let (step, channel) = (at / self.n_channels, at % self.n_channels);
                let problem = format!(
                    "channel {channel} of step {step} of run {run} is {value}, and must be finite; leave the run out"
                );
                Err(RatesError::Layout { path: file(run), problem })
            }
            None => Ok(self),
        }
    }

    fn from_hdf5(path: &Path) -> Result<Self, RatesError> {
        let layout = |problem: String| RatesError::Layout { path: path.to_owned(), problem };
        let file = Hdf5Reader::open(path)?;
        let shape = file.shape("rows")?;
        let rows: Vec<f32> = file.read("rows")?;
        let offset: Vec<u64> = file.read_list("offset")?;
        let (n_rows, n_channels) = match *shape.as_slice() {
            [rows, channels] if channels > 0 => (rows, channels as usize),
            _ => {
                return Err(layout(format!("rows has the shape {shape:?}, and must have [steps, channels]")));
            }
        };
        let is_sound = offset.first() == Some(&0) && offset.last() == Some(&n_rows) && offset.is_sorted();
        if !is_sound {
            return Err(layout(format!("offset must start at 0, never fall, and end at {n_rows}")));
        }
        let run = |ends: &[u64]| rows[ends[0] as usize * n_channels..ends[1] as usize * n_channels].to_vec();
        Ok(Self { n_channels, runs: offset.windows(2).map(run).collect() })
    }
}

/// The `.npy` files of a folder; none if it cannot be read, which the caller tells.
fn npy_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "npy"))
        .collect()
}

fn npy(path: &Path) -> Result<Array2<f32>, RatesError> {
    let single = read_npy::<_, Array2<f32>>(path);
    single
        .or_else(|_| read_npy::<_, Array2<f64>>(path).map(|run| run.mapv(|value| value as f32)))
        .map_err(|error| RatesError::Npy { path: path.to_owned(), reason: error.to_string() })
}
