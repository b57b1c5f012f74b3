//! A data set, and the check that makes it.

use std::fmt;

use ndarray::Array2;
use rheobase_net::SpikeTrain;

use super::{Fault, InvalidDataset};

/// A mono recording.
#[derive(Debug, Clone, PartialEq)]
pub struct Audio {
    /// Sampling rate \[Hz\], > 0.
    pub rate_hz: u32,
    /// Amplitude, full scale is ±1; `[samples]`.
    pub pcm: Vec<f32>,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// Sound.
    Audio(Audio),
    /// A regularly sampled series; `[frames, channels]`.
    Series(Array2<f32>),
    /// Events of a sensor that spikes by itself.
    Events(SpikeTrain),
}

/// One signal and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What was measured.
    pub signal: Signal,
    /// The class, a place in the list of classes.
    pub label: u32,
    /// The group (a speaker, a subject), a place in the list of groups.
    pub group: Option<u32>,
    /// Whether the official split puts it into the test part.
    pub is_test: bool,
}

/// What a loader has read, before [`check`] makes a [`Dataset`] of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// Name of the data set.
    pub name: String,
    /// Names of the classes.
    pub classes: Vec<String>,
    /// Names of the groups; empty where there are none.
    pub groups: Vec<String>,
    /// Names of the channels of a series or an event sensor; empty for audio.
    pub channels: Vec<String>,
    /// The samples.
    pub samples: Vec<Sample>,
    /// Where the data come from.
    pub source: String,
    /// The license of the data.
    pub license: String,
}

/// Labeled samples of one kind, with labels in range and finite values. Only [`check`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    draft: Draft,
}

impl Dataset {
    /// Name of the data set.
    pub fn name(&self) -> &str {
        &self.draft.name
    }

    /// Names of the classes.
    pub fn classes(&self) -> &[String] {
        &self.draft.classes
    }

    /// Names of the groups; empty where there are none.
    pub fn groups(&self) -> &[String] {
        &self.draft.groups
    }

    /// Names of the channels; empty where they have none.
    pub fn channels(&self) -> &[String] {
        &self.draft.channels
    }

    /// The samples; at least one.
    pub fn samples(&self) -> &[Sample] {
        &self.draft.samples
    }

    /// Where the data come from.
    pub fn source(&self) -> &str {
        &self.draft.source
    }

    /// The license of the data.
    pub fn license(&self) -> &str {
        &self.draft.license
    }

    /// The class of every sample; `[samples]`.
    pub fn labels(&self) -> Vec<u32> {
        self.draft.samples.iter().map(|sample| sample.label).collect()
    }

    /// The data set of the samples `chosen`, in that order; classes and groups keep their numbers.
    ///
    /// # Errors
    /// As [`check`]: a choice can leave a class without a sample.
    ///
    /// # Panics
    /// If an index is out of range.
    pub fn select(&self, chosen: &[usize]) -> Result<Dataset, InvalidDataset> {
        let samples = chosen.iter().map(|k| self.draft.samples[*k].clone()).collect();
        check(Draft { samples, ..self.draft.clone() })
    }
}

/// Checks everything that can be wrong with a data set, in one pass over its values.
///
/// # Errors
/// All faults at once.
pub fn check(draft: Draft) -> Result<Dataset, InvalidDataset> {
    let mut faults = Vec::new();
    if draft.samples.is_empty() {
        faults.push(Fault::NoSample);
    }
    if draft.classes.len() < 2 {
        faults.push(Fault::OneClass { n: draft.classes.len() });
    }
    for (list, names) in [("class", &draft.classes), ("group", &draft.groups), ("channel", &draft.channels)] {
        check_names(list, names, &mut faults);
    }
    check_labels(&draft, &mut faults);
    check_signals(&draft, &mut faults);
    match faults.is_empty() {
        true => Ok(Dataset { draft }),
        false => Err(InvalidDataset { name: draft.name, faults }),
    }
}

fn check_names(list: &'static str, names: &[String], faults: &mut Vec<Fault>) {
    let mut seen = std::collections::HashSet::new();
    let twice = names.iter().filter(|name| !seen.insert(*name));
    faults.extend(twice.map(|name| Fault::NamedTwice { list, name: name.clone() }));
}

fn check_labels(draft: &Draft, faults: &mut Vec<Fault>) {
    let (n_classes, n_groups) = (draft.classes.len(), draft.groups.len());
    let mut count = vec![0_usize; n_classes];
    for (k, sample) in draft.samples.iter().enumerate() {
        match count.get_mut(sample.label as usize) {
            Some(count) => *count += 1,
            None => faults.push(Fault::Label { sample: k, label: sample.label, n: n_classes }),
        }
        match sample.group {
            Some(group) if group as usize >= n_groups => {
                faults.push(Fault::Group { sample: k, group, n: n_groups });
            }
            Some(_) => {}
            None if n_groups > 0 => faults.push(Fault::GroupMissing { sample: k }),
            None => {}
        }
    }
    let empty = draft.classes.iter().zip(&count).filter(|(_, count)| **count == 0);
    faults.extend(empty.map(|(class, _)| Fault::EmptyClass { class: class.clone() }));
}

fn check_signals(draft: &Draft, faults: &mut Vec<Fault>) {
    let Some(first) = draft.samples.first().map(|sample| kind(&sample.signal)) else { return };
    for (k, sample) in draft.samples.iter().enumerate() {
        let has = kind(&sample.signal);
        if has != first {
            faults.push(Fault::Mixed { sample: k, has: has.to_string(), first: first.to_string() });
        }
        match &sample.signal {
            Signal::Audio(audio) => {
                if audio.rate_hz == 0 {
                    faults.push(Fault::Rate { sample: k });
                }
                check_values(k, audio.pcm.iter(), 1, faults);
            }
            Signal::Series(values) => check_values(k, values.iter(), values.ncols(), faults),
            // A spike train is checked where it is made, and one without spikes is a signal too.
            Signal::Events(_) => {}
        }
    }
    let channels = match first {
        Kind::Audio => 1,
        Kind::Series(n) => n,
        Kind::Events(n) => n as usize,
    };
    if !draft.channels.is_empty() && draft.channels.len() != channels {
        faults.push(Fault::ChannelNames { names: draft.channels.len(), channels });
    }
}

fn check_values<'a>(
    sample: usize,
    values: impl ExactSizeIterator<Item = &'a f32>,
    channels: usize,
    faults: &mut Vec<Fault>,
) {
    if values.len() == 0 {
        faults.push(Fault::EmptySignal { sample });
    }
    let mut bad = values.enumerate().filter(|(_, value)| !value.is_finite());
    if let Some((i, value)) = bad.next() {
        let (frame, channel, others) = (i / channels, i % channels, bad.count());
        faults.push(Fault::NotFinite { sample, frame, channel, value: *value, others });
    }
}

/// What all samples of a data set have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Audio,
    Series(usize),
    Events(u32),
}

fn kind(signal: &Signal) -> Kind {
    match signal {
        Signal::Audio(_) => Kind::Audio,
        Signal::Series(values) => Kind::Series(values.ncols()),
        Signal::Events(events) => Kind::Events(events.n_nodes()),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Audio => write!(f, "audio"),
            Kind::Series(n) => write!(f, "a series of {n} channels"),
            Kind::Events(n) => write!(f, "events of {n} channels"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(label: u32, value: f32) -> Sample {
        let signal = Signal::Series(Array2::from_elem((3, 2), value));
        Sample { signal, label, group: None, is_test: false }
    }

    fn draft(samples: Vec<Sample>) -> Draft {
        Draft { name: "d".into(), classes: vec!["a".into(), "b".into()], samples, ..Draft::default() }
    }

    #[test]
    fn a_sound_data_set_passes() {
        let dataset = check(draft(vec![sample(0, 1.0), sample(1, 2.0)])).unwrap();
        assert_eq!(dataset.labels(), [0, 1]);
        assert_eq!(dataset.select(&[1, 0]).unwrap().labels(), [1, 0]);
    }

    #[test]
    fn every_fault_is_found_at_once() {
        let mut bad = draft(vec![sample(0, 1.0), sample(7, 1.0), sample(0, f32::NAN)]);
        bad.samples[0].group = Some(3);
        bad.samples.push(Sample { signal: Signal::Series(Array2::zeros((0, 2))), ..sample(0, 0.0) });
        bad.samples.push(Sample { signal: Signal::Series(Array2::zeros((4, 5))), ..sample(0, 0.0) });
        bad.channels = vec!["x".into(), "x".into(), "y".into()];
        let faults = check(bad).unwrap_err().faults;
        assert_eq!(
            faults.iter().filter(|fault| !matches!(fault, Fault::NotFinite { .. })).collect::<Vec<_>>(),
            [
                &Fault::NamedTwice { list: "channel", name: "x".into() },
                &Fault::Group { sample: 0, group: 3, n: 0 },
                &Fault::Label { sample: 1, label: 7, n: 2 },
                &Fault::EmptyClass { class: "b".into() },
                &Fault::EmptySignal { sample: 3 },
                &Fault::Mixed {
                    sample: 4,
                    has: "a series of 5 channels".into(),
                    first: "a series of 2 channels".into()
                },
                &Fault::ChannelNames { names: 3, channels: 2 },
            ]
        );
        let nan = faults.iter().find(|fault| matches!(fault, Fault::NotFinite { .. })).unwrap();
        let says = "sample 2, frame 0, channel 0 is NaN (and 5 more values of it): values must be finite";
        assert_eq!(nan.to_string(), says);
    }

    #[test]
    fn one_class_and_no_sample_are_faults() {
        let bad = Draft { classes: vec!["a".into()], ..draft(vec![]) };
        let faults = check(bad).unwrap_err().faults;
        let empty = Fault::EmptyClass { class: "a".into() };
        assert_eq!(faults, [Fault::NoSample, Fault::OneClass { n: 1 }, empty]);
    }
}
