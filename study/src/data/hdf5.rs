//! Data sets in HDF5.
//!
//! | layout | told by | datasets |
//! |---|---|---|
//! | audio | `pcm` | `pcm` i16, `offset`, `label`, `speaker`, `is_test_official`; attributes `rate_hz`, `speakers` |
//! | series | `X` | `X` f32 `[frames, channels]`, `offset`, `y`, `is_test`; attribute `classes` |
//! | events | `t_us` | `x`, `y`, `p`, `t_us`, `offset`, `label`, `is_test`: a 34 × 34 sensor of two polarities |
//!
//! Samples lie one behind the other, sample `k` at `offset[k] .. offset[k + 1]`. The optional root
//! attributes `source` and `licence` are taken over.

use std::ops::Range;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use rheobase_net::SpikeTrain;
use rheobase_net::file::{FileError, Hdf5Reader};

use super::{Audio, Dataset, Draft, InvalidDataset, Sample, Signal, check};

/// Rows and columns of the event sensor.
const SENSOR: u32 = 34;
/// Polarities of its events.
const POLARITIES: u32 = 2;

/// Why an HDF5 file is not a data set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Hdf5Error {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file has none of the layouts.
    #[error("{}: there is no dataset pcm (audio), X (series) or t_us (events): it is not a known layout", path.display())]
    Layout {
        /// The file.
        path: PathBuf,
    },
    /// Datasets that belong together have different lengths.
    #[error("{}: {dataset} has {has} entries, and {needed} are needed for {because}", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// The dataset.
        dataset: &'static str,
        /// Its length.
        has: usize,
        /// What it should be.
        needed: usize,
        /// Why.
        because: &'static str,
    },
    /// The offsets do not cut the data into samples.
    #[error(
        "{}: offset {index} is {value}: offsets must start at 0, never fall, and end at {end}, the length of the data",
        path.display()
    )]
    Offset {
        /// The file.
        path: PathBuf,
        /// Which offset.
        index: usize,
        /// What it is.
        value: u64,
        /// The length of the data.
        end: usize,
    },
    /// A number is out of its range.
    #[error("{}: {name} is {value}, and must be {must}", path.display())]
    Value {
        /// The file.
        path: PathBuf,
        /// The attribute, or dataset and place.
        name: String,
        /// What it is.
        value: i64,
        /// What it must be.
        must: String,
    },
    /// Times of a sample that fall.
    #[error("{}: the times of sample {sample} fall: sort its events by time", path.display())]
    Order {
        /// The file.
        path: PathBuf,
        /// The sample.
        sample: usize,
    },
    /// The file can be read, and does not make a data set.
    #[error(transparent)]
    Dataset(#[from] InvalidDataset),
}

/// Reads a data set in one of the layouts above.
///
/// # Errors
/// An [`Hdf5Error`] if the file cannot be read, or is not a sound data set.
pub fn load_hdf5(path: &Path) -> Result<Dataset, Hdf5Error> {
    read(&Hdf5Reader::open(path)?)
}

/// Reads a data set in one of the layouts above from the bytes of a file; `name` stands for the file.
///
/// # Errors
/// As [`load_hdf5`].
pub fn hdf5_bytes(name: &str, bytes: &[u8]) -> Result<Dataset, Hdf5Error> {
    read(&Hdf5Reader::from_bytes(name, bytes)?)
}

fn read(file: &Hdf5Reader) -> Result<Dataset, Hdf5Error> {
    let path = file.path();
    let draft = if file.has_dataset("pcm")? {
        audio(file)?
    } else if file.has_dataset("X")? {
        series(file)?
    } else if file.has_dataset("t_us")? {
        events(file)?
    } else {
        return Err(Hdf5Error::Layout { path: path.to_owned() });
    };
    let name = path.file_stem().map_or_else(|| "data".into(), |stem| stem.to_string_lossy().into_owned());
    let attributes = file.attributes("")?;
    let text = |name| match attributes.has(name) {
        true => attributes.text(name).map(str::to_owned),
        false => Ok(String::new()),
    };
    Ok(check(Draft { name, source: text("source")?, license: text("licence")?, ..draft })?)
}

fn audio(file: &Hdf5Reader) -> Result<Draft, Hdf5Error> {
    let attributes = file.attributes("")?;
    let rate = attributes.i64("rate_hz")?;
    let rate_hz = u32::try_from(rate).ok().filter(|rate| *rate > 0).ok_or_else(|| {
        let must = format!("between 1 and {}", u32::MAX);
        Hdf5Error::Value { path: file.path().to_owned(), name: "rate_hz".into(), value: rate, must }
    })?;
    let pcm: Vec<i16> = file.read_list("pcm")?;
    let ranges = ranges(file, pcm.len())?;
    let labels: Vec<u32> = per_sample(file, "label", ranges.len())?;
    let speakers: Vec<u32> = per_sample(file, "speaker", ranges.len())?;
    let is_test: Vec<u32> = per_sample(file, "is_test_official", ranges.len())?;
    let sample = |(k, range): (usize, Range<usize>)| {
        let pcm = pcm[range].iter().map(|value| f32::from(*value) / 32768.0).collect();
        let signal = Signal::Audio(Audio { rate_hz, pcm });
        Sample { signal, label: labels[k], group: Some(speakers[k]), is_test: is_test[k] != 0 }
    };
    let samples = ranges.into_iter().enumerate().map(sample).collect();
    let groups = attributes.texts("speakers")?.to_vec();
    Ok(Draft { classes: numbered(&labels), groups, samples, ..Draft::default() })
}

fn series(file: &Hdf5Reader) -> Result<Draft, Hdf5Error> {
    let shape = file.shape("X")?;
    let values: Vec<f32> = file.read("X")?;
    let (rows, channels) = match *shape.as_slice() {
        // `read` has checked that rows × channels values are there.
        [rows, channels] if channels > 0 => (rows as usize, channels as usize),
        _ => {
            let (file, expected) = (file.path().to_owned(), "[frames, channels]".into());
            return Err(FileError::Shape { file, object: "X".into(), found: shape, expected }.into());
        }
    };
    let ranges = ranges(file, rows)?;
    let labels: Vec<u32> = per_sample(file, "y", ranges.len())?;
    let is_test: Vec<u32> = per_sample(file, "is_test", ranges.len())?;
    let sample = |(k, range): (usize, Range<usize>)| {
        let frames = range.len();
        let values = values[range.start * channels..range.end * channels].to_vec();
        let values =
            Array2::from_shape_vec((frames, channels), values).expect("the range is frames × channels");
        Sample { signal: Signal::Series(values), label: labels[k], group: None, is_test: is_test[k] != 0 }
    };
    let samples = ranges.into_iter().enumerate().map(sample).collect();
    let classes = file.attributes("")?.texts("classes")?.to_vec();
    Ok(Draft { classes, samples, ..Draft::default() })
}

/// The node of an event is `(p·34 + y)·34 + x`, its time in ms.
fn events(file: &Hdf5Reader) -> Result<Draft, Hdf5Error> {
    let t_us: Vec<u32> = file.read_list("t_us")?;
    let ranges = ranges(file, t_us.len())?;
    let mut nodes = vec![0; t_us.len()];
    for (dataset, limit) in [("p", POLARITIES), ("y", SENSOR), ("x", SENSOR)] {
        let part: Vec<u32> = file.read_list(dataset)?;
        let path = file.path().to_owned();
        if part.len() != t_us.len() {
            let (has, needed) = (part.len(), t_us.len());
            return Err(Hdf5Error::Length { path, dataset, has, needed, because: "every time in t_us" });
        }
        if let Some(k) = part.iter().position(|value| *value >= limit) {
            let (name, value) = (format!("{dataset}[{k}]"), i64::from(part[k]));
            return Err(Hdf5Error::Value { path, name, value, must: format!("below {limit}") });
        }
        nodes.iter_mut().zip(part).for_each(|(node, part)| *node = *node * limit + part);
    }
    let labels: Vec<u32> = per_sample(file, "label", ranges.len())?;
    let is_test: Vec<u32> = per_sample(file, "is_test", ranges.len())?;
    let sample = |(k, range): (usize, Range<usize>)| {
        if !t_us[range.clone()].is_sorted() {
            return Err(Hdf5Error::Order { path: file.path().to_owned(), sample: k });
        }
        let times = t_us[range.clone()].iter().map(|t| f64::from(*t) / 1000.0).collect();
        let train = SpikeTrain::from_unsorted(POLARITIES * SENSOR * SENSOR, times, nodes[range].to_vec())
            .expect("times are finite and nodes in range");
        Ok(Sample { signal: Signal::Events(train), label: labels[k], group: None, is_test: is_test[k] != 0 })
    };
    let samples = ranges.into_iter().enumerate().map(sample).collect::<Result<_, _>>()?;
    Ok(Draft { classes: numbered(&labels), samples, ..Draft::default() })
}

/// Where each sample lies in the concatenated data of length `end`.
fn ranges(file: &Hdf5Reader, end: usize) -> Result<Vec<Range<usize>>, Hdf5Error> {
    let offset: Vec<u64> = file.read_list("offset")?;
    let wrong = |index: usize| {
        let (path, value) = (file.path().to_owned(), offset[index]);
        Err(Hdf5Error::Offset { path, index, value, end })
    };
    match (offset.first(), offset.last()) {
        (Some(0), Some(last)) if *last == end as u64 => {}
        (Some(0), Some(_)) => return wrong(offset.len() - 1),
        (Some(_), _) => return wrong(0),
        (None, _) => {
            let (path, because) = (file.path().to_owned(), "the start of the data");
            return Err(Hdf5Error::Length { path, dataset: "offset", has: 0, needed: 1, because });
        }
    }
    if let Some(index) = (1..offset.len()).find(|k| offset[*k] < offset[k - 1]) {
        return wrong(index);
    }
    Ok(offset.windows(2).map(|pair| pair[0] as usize..pair[1] as usize).collect())
}

fn per_sample(file: &Hdf5Reader, dataset: &'static str, needed: usize) -> Result<Vec<u32>, Hdf5Error> {
    let values: Vec<u32> = file.read_list(dataset)?;
    if values.len() == needed {
        return Ok(values);
    }
    let (path, has, because) = (file.path().to_owned(), values.len(), "the samples that offset cuts");
    Err(Hdf5Error::Length { path, dataset, has, needed, because })
}

/// Classes that have no name but their number.
fn numbered(labels: &[u32]) -> Vec<String> {
    // Bounded, so that one wild label does not make billions of names; `check` then refuses it.
    let n = labels.iter().max().map_or(0, |label| label.saturating_add(1)).min(1 << 16);
    (0..n).map(|class| class.to_string()).collect()
}
