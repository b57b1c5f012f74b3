//! One Poisson source: when its next spike is.

use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{PopulationId, Waveform};
use serde::{Deserialize, Serialize};

use crate::snapshot::Misfit;

/// A source that draws the intervals between its spikes.
pub(super) struct PoissonSource<'a> {
    /// The node of the source.
    pub node: u32,
    /// Its next spike \[ms\]; infinite if there is none.
    pub t: f64,
    stream: Stream,
    rate: Rate<'a>,
}

enum Rate<'a> {
    /// Mean interval \[ms\].
    Constant { interval: f64 },
    /// Rates \[Hz\] that change in steps: the source's channel, and the row in which `t` lies, none before the
    /// first.
    Steps { rates: &'a Waveform, channel: usize, row: Option<usize> },
}

/// How far a source is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PoissonMoment {
    pub node: u32,
    t: f64,
    /// How many words of its stream it has drawn.
    drawn: u64,
    /// The row of its rates in which `t` lies, if there are any.
    row: Option<u64>,
}

impl<'a> PoissonSource<'a> {
    /// Source `i` of a population whose first node is `first`, at the start of a run; none if it is silent.
    pub fn constant(seed: u64, population: PopulationId, first: u32, i: u32, rate_hz: f64) -> Option<Self> {
        let rate = Rate::Constant { interval: 1000.0 / rate_hz };
        (rate_hz > 0.0).then(|| Self::start(seed, population, first, i, rate))
    }

    /// As [`PoissonSource::constant`], with the rate of its own channel, or of the only one.
    pub fn steps(
        seed: u64,
        population: PopulationId,
        first: u32,
        i: u32,
        rates: &'a Waveform,
    ) -> Option<Self> {
        let channel = if rates.n_channels() == 1 { 0 } else { i as usize };
        let source = Self::start(seed, population, first, i, Rate::Steps { rates, channel, row: None });
        (source.t < f64::INFINITY).then_some(source)
    }

    fn start(seed: u64, population: PopulationId, first: u32, i: u32, rate: Rate<'a>) -> Self {
        let stream = Stream::new(seed, Purpose::Poisson, population.0, u64::from(i));
        let mut source = Self { node: first + i, t: 0.0, stream, rate };
        source.advance();
        source
    }

    /// How far the source is.
    pub fn moment(&self) -> PoissonMoment {
        let Self { node, t, stream, rate } = self;
        let row = match rate {
            Rate::Constant { interval: _ } => None,
            Rate::Steps { rates: _, channel: _, row } => row.map(|row| row as u64),
        };
        PoissonMoment { node: *node, t: *t, drawn: stream.position(), row }
    }

    /// Goes on where it was.
    pub fn go_on(&mut self, moment: &PoissonMoment) -> Result<(), Misfit> {
        let PoissonMoment { node, t, drawn, row } = *moment;
        Misfit::unless(node == self.node && t.is_finite(), "sources")?;
        if let Rate::Steps { rates, channel: _, row: own } = &mut self.rate {
            Misfit::unless(row.is_none_or(|row| row < rates.times().len() as u64), "sources")?;
            *own = row.map(|row| row as usize);
        }
        self.t = t;
        self.stream.go_to(drawn);
        Ok(())
    }

    /// The largest rate that the source ever has \[1/ms\].
    pub fn largest_rate(&self) -> f64 {
        match &self.rate {
            Rate::Constant { interval } => 1.0 / interval,
            Rate::Steps { rates, channel, row: _ } => {
                let rates = (0..rates.times().len()).map(|k| rates.row(k)[*channel]);
                rates.fold(0.0, f64::max) / 1000.0
            }
        }
    }

    /// Draws the next spike: the integral of the rate grows by an exponential number of mean 1 until then.
    pub fn advance(&mut self) {
        let mut left = self.stream.exponential();
        match &mut self.rate {
            Rate::Constant { interval } => self.t += *interval * left,
            Rate::Steps { rates, channel, row } => loop {
                let per_ms = row.map_or(0.0, |row| rates.row(row)[*channel] / 1000.0);
                let next = row.map_or(0, |row| row + 1);
                let end = rates.times().get(next).copied().unwrap_or(f64::INFINITY);
                // An empty piece at the end of time would be 0 · ∞.
                let growth = if per_ms > 0.0 { per_ms * (end - self.t) } else { 0.0 };
                if left < growth {
                    self.t += left / per_ms;
                    return;
                }
                left -= growth;
                self.t = end.max(self.t);
                if end == f64::INFINITY {
                    return;
                }
                *row = Some(next);
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In pieces of 5, 50, 0 and 20 Hz, channel 1: no spike before the first and in the silent one, in each of
    /// the others as many as its integral within five deviations, and, in operational time, intervals whose
    /// mean and variance are those of the exponential distribution of mean 1.
    #[test]
    fn spikes_are_exponential_in_the_integral_of_the_rate() {
        let times = vec![100.0, 1100.0, 2100.0, 4100.0];
        let hz = [5.0, 50.0, 0.0, 20.0];
        let values = hz.iter().flat_map(|rate| [999.0, *rate]).collect();
        let rates = Waveform::new(2, times.clone(), values).unwrap();
        let end = 10_100.0;
        let integral = |t: f64| {
            let ends = [1100.0, 2100.0, 4100.0, end];
            let pieces = times.iter().zip(ends).zip(hz);
            pieces.map(|((start, end), hz)| hz / 1000.0 * (t.clamp(*start, end) - start)).sum::<f64>()
        };
        let (mut counts, mut intervals) = ([0_u32; 5], Vec::new());
        let runs = 400;
        for seed in 0..runs {
            let rates_of_two = PoissonSource::steps(seed, PopulationId(2), 10, 1, &rates);
            let mut source = rates_of_two.unwrap();
            assert_eq!(source.node, 11);
            let mut last = 0.0;
            while source.t < end {
                counts[times.partition_point(|start| *start <= source.t)] += 1;
                intervals.push(integral(source.t) - last);
                last = integral(source.t);
                source.advance();
            }
        }
        assert_eq!((counts[0], counts[3]), (0, 0));
        for (piece, mean) in [(1, 5.0), (2, 50.0), (4, 120.0)] {
            let expected = f64::from(runs as u32) * mean;
            let found = f64::from(counts[piece]);
            assert!(
                (found - expected).abs() < 5.0 * expected.sqrt(),
                "piece {piece}: {found} for {expected}"
            );
        }
        // The last interval of a run is cut off at 175, which shortens the mean by less than a hundredth.
        let n = intervals.len() as f64;
        let mean = intervals.iter().sum::<f64>() / n;
        let second = intervals.iter().map(|x| x * x).sum::<f64>() / n;
        assert!((mean - 1.0).abs() < 0.01 + 5.0 / n.sqrt(), "{mean}");
        assert!((second - 2.0).abs() < 0.04 + 5.0 * (20.0 / n).sqrt(), "{second}");
    }

    /// One channel serves all sources, which are independent; a source that falls silent ends.
    #[test]
    fn one_channel_serves_all_and_silence_ends() {
        let rates = Waveform::new(1, vec![0.0, 50.0], vec![1000.0, 0.0]).unwrap();
        let mut first = Vec::new();
        for i in 0..3 {
            let mut source = PoissonSource::steps(1, PopulationId(0), 0, i, &rates).unwrap();
            first.push(source.t);
            assert_eq!(source.largest_rate(), 1.0);
            let mut n = 0;
            while source.t < f64::INFINITY {
                assert!(source.t <= 50.0);
                source.advance();
                n += 1;
            }
            assert!((15..=85).contains(&n), "{n} spikes for 50");
        }
        assert!(first[0] != first[1] && first[1] != first[2]);
        let never = Waveform::new(1, vec![3.0], vec![0.0]).unwrap();
        assert!(PoissonSource::steps(1, PopulationId(0), 0, 0, &never).is_none());
    }

    /// Steps of one and the same rate are the source of that constant rate.
    #[test]
    fn equal_steps_are_a_constant_rate() {
        let rates = Waveform::new(1, vec![0.0, 13.0, 14.0], vec![200.0; 3]).unwrap();
        let mut steps = PoissonSource::steps(9, PopulationId(1), 0, 4, &rates).unwrap();
        let mut constant = PoissonSource::constant(9, PopulationId(1), 0, 4, 200.0).unwrap();
        for _ in 0..100 {
            assert!((steps.t - constant.t).abs() < 1e-9, "{} and {}", steps.t, constant.t);
            steps.advance();
            constant.advance();
        }
    }
}
