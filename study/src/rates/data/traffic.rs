//! How many cars go by? UCI's Metro Interstate Traffic Volume.

use std::path::Path;

use rheobase_ltc::train::Targets;
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use super::file_in;
use super::text::{fault, number, rows};
use super::windows::{Series, check, mean_and_scale, sequences, split};
use crate::rates::{RatesError, Task};

const FILE: &str = "Metro_Interstate_Traffic_Volume.csv";
const COLUMNS: [&str; 7] =
    ["temp", "rain_1h", "snow_1h", "clouds_all", "date_time", "traffic_volume", "holiday"];
const CHANNELS: [&str; 7] =
    ["holiday", "temp", "rain_1h", "snow_1h", "clouds_all", "weekday", "sin(hour·π/24)"];

/// The file `Metro_Interstate_Traffic_Volume.csv`: an hour a row. As in the LTC paper's script, the mean is
/// taken away from the temperature, other inputs are as they are, and the volume is scaled to mean 0 and
/// deviation 1. The input `holiday` is always 0, because the script compares texts with nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traffic {
    /// Steps of a sequence.
    pub window: usize,
    /// Rows from one sequence to the next.
    pub stride: usize,
    /// Share of the sequences that is for validation.
    pub valid: f64,
    /// Share that is for the test.
    pub test: f64,
    /// Seed of the order in which they are taken.
    pub seed: u32,
}

impl Default for Traffic {
    fn default() -> Self {
        Self { window: 32, stride: 4, valid: 0.1, test: 0.15, seed: 23_489 }
    }
}

impl Traffic {
    pub(super) fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        let Self { window, stride, valid, test, seed } = *self;
        check(window, stride, &[valid, test])?;
        let hours = read(&file_in(place, FILE))?;
        let (temperature, _) = mean_and_scale(hours.iter().map(|hour| hour.weather[0]));
        let (mean, scale) = mean_and_scale(hours.iter().map(|hour| hour.volume));
        let of = |hour: &Hour| {
            let [temp, rain, snow, clouds] = hour.weather;
            let noon = libm::sin(f64::from(hour.hour) * std::f64::consts::PI / 24.0);
            [0.0, temp - temperature, rain, snow, clouds, f64::from(hour.weekday), noon].map(|x| x as f32)
        };
        let volumes = hours.iter().map(|hour| ((hour.volume - mean) / scale) as f32).collect();
        let series = Series {
            n_inputs: CHANNELS.len(),
            inputs: hours.iter().flat_map(of).collect(),
            elapsed: vec![step as f32; hours.len()],
            targets: Targets::Values { n: 1, values: volumes },
        };
        let [valid, test, train] = split(&series.windows(window, stride), seed, [valid, test]);
        let mut inputs = CHANNELS.map(Channel::plain).to_vec();
        inputs[1].mean = temperature;
        Ok(Task {
            name: "traffic".to_owned(),
            inputs,
            answers: Answers::Values(vec![Channel { name: "traffic_volume".to_owned(), mean, scale }]),
            train: sequences("training", &train, window, true)?,
            valid: Some(sequences("validation", &valid, window, true)?),
            test: sequences("test", &test, window, true)?,
        })
    }
}

struct Hour {
    /// Temperature, rain, snow, clouds.
    weather: [f64; 4],
    /// 0 is Monday.
    weekday: u8,
    hour: u8,
    volume: f64,
}

fn read(path: &Path) -> Result<Vec<Hour>, RatesError> {
    let all = rows(path)?;
    let Some(((_, header), hours)) = all.split_first() else {
        return Err(fault(path, 1, "the file is empty".to_owned()));
    };
    let mut at = [0; COLUMNS.len()];
    for (at, name) in at.iter_mut().zip(COLUMNS) {
        *at = header.iter().position(|column| column == name).ok_or_else(|| {
            fault(path, 1, format!("there is no column {name:?}; the first line names them"))
        })?;
    }
    let hour = |(line, row): &(u64, csv::StringRecord)| {
        let field = |k: usize| row.get(at[k]).ok_or_else(|| fault(path, *line, "too few fields".to_owned()));
        let value = |k: usize| number(path, *line, field(k)?);
        let date_time = field(4)?;
        let (weekday, hour) = weekday_and_hour(date_time).ok_or_else(|| {
            fault(path, *line, format!("{date_time:?} is not a date and time as 2012-10-02 09:00:00"))
        })?;
        Ok(Hour { weather: [value(0)?, value(1)?, value(2)?, value(3)?], weekday, hour, volume: value(5)? })
    };
    hours.iter().map(hour).collect()
}

/// The weekday, 0 for Monday, and the hour of `yyyy-mm-dd hh:mm:ss`.
fn weekday_and_hour(text: &str) -> Option<(u8, u8)> {
    let (date, time) = text.split_once(' ')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let hour: u8 = time.split(':').next()?.parse().ok()?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || !(0..=9999).contains(&year) || hour > 23 {
        return None;
    }
    // Sakamoto's rule, which gives 0 for Sunday.
    const MONTHS: [i64; 12] = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
    let year = if month < 3 { year - 1 } else { year };
    let sunday = (year + year / 4 - year / 100 + year / 400 + MONTHS[month as usize - 1] + day).rem_euclid(7);
    Some((((sunday + 6) % 7) as u8, hour))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From a calendar: 2012-10-02 was a Tuesday, 2016-02-29 a Monday, 2000-01-01 a Saturday.
    #[test]
    fn weekdays_are_those_of_the_calendar() {
        assert_eq!(weekday_and_hour("2012-10-02 09:00:00"), Some((1, 9)));
        assert_eq!(weekday_and_hour("2016-02-29 23:00:00"), Some((0, 23)));
        assert_eq!(weekday_and_hour("2000-01-01 00:00:00"), Some((5, 0)));
        for text in ["2012-10-02", "2012-13-02 09:00:00", "02.10.2012 9:00", "2012-10-02 25:00:00", ""] {
            assert_eq!(weekday_and_hour(text), None, "{text}");
        }
    }
}
