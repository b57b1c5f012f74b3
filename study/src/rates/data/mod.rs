//! The data of liquid experiments, made into tasks exactly as the scripts of the papers make them.
//!
//! | kind | what is asked | split |
//! |---|---|---|
//! | [`occupancy`](Occupancy) | is somebody in the room? | two files of their own test |
//! | [`traffic`](Traffic) | how many cars go by? | windows at random |
//! | [`ozone`](Ozone) | is it an ozone day? | windows at random |
//! | [`half_cheetah`](HalfCheetah) | what does the robot do next? | rollouts in order |
//! | [`walker2d`](Walker2d) | the same, at irregular times | rollouts at random |
//! | [`xor`](Xor) | is the number of ones odd? | made from seeds |
//! | [`table`](Table) | your own columns of a CSV file | windows at random |
//! | [`samples`](Samples) | which class is a series? | the data set's own |
//!
//! Occupancy: Candanedo & Feldheim 2016, UCI 357, doi 10.24432/C5X01N. Traffic: Hogue 2019, UCI 492, doi
//! 10.24432/C5X60B. Ozone: Zhang, Fan & Yuan 2008, UCI 172, doi 10.24432/C5NG6W. Half-Cheetah and Walker2d:
//! the repositories of the LTC paper and of the CfC paper.

mod occupancy;
mod ozone;
mod robots;
mod rollouts;
mod samples;
mod table;
mod text;
mod traffic;
mod windows;
mod xor;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use occupancy::Occupancy;
pub use ozone::Ozone;
pub use robots::{HalfCheetah, Walker2d};
pub use samples::Samples;
pub use table::Table;
pub use traffic::Traffic;
pub use xor::Xor;

use super::{RatesError, Task};

/// Which data, and how they are cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Data {
    /// Is somebody in the room?
    Occupancy(Occupancy),
    /// How many cars go by?
    Traffic(Traffic),
    /// Is it an ozone day?
    Ozone(Ozone),
    /// What does the robot do next?
    HalfCheetah(HalfCheetah),
    /// What does the robot do next, at irregular times?
    Walker2d(Walker2d),
    /// Is the number of ones odd?
    Xor(Xor),
    /// Columns of a CSV file.
    Table(Table),
    /// Labeled series.
    Samples(Samples),
}

impl Data {
    /// Makes the task; `place` is the folder of the data, or their file. An input lasts `step`, where the data
    /// do not say how long.
    ///
    /// # Errors
    /// [`RatesError`] if a file is missing or faulty, or a number is out of its range.
    pub fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        match self {
            Self::Occupancy(data) => data.task(place, step),
            Self::Traffic(data) => data.task(place, step),
            Self::Ozone(data) => data.task(place, step),
            Self::HalfCheetah(data) => data.task(place, step),
            Self::Walker2d(data) => data.task(place, step),
            Self::Xor(data) => data.task(),
            Self::Table(data) => data.task(place, step),
            Self::Samples(data) => data.task(place, step),
        }?
        .check()
    }
}

/// The file of a name in a folder, or the place itself if it is a file.
fn file_in(place: &Path, name: &str) -> PathBuf {
    if place.is_file() { place.to_owned() } else { place.join(name) }
}
