//! What can be wrong with a data set.

use std::fmt;

/// One fault of a data set.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no sample.
    #[error("there is no sample: a study needs at least one a class")]
    NoSample,
    /// Fewer than two classes.
    #[error("there is {n} class{}: a classifier needs two or more", if *n == 0 { "es at all" } else { "" })]
    OneClass {
        /// The number of classes.
        n: usize,
    },
    /// A name stands twice in a list.
    #[error("the {list} \"{name}\" is named twice: give every one its own name")]
    NamedTwice {
        /// `class`, `group` or `channel`.
        list: &'static str,
        /// The name.
        name: String,
    },
    /// A label names a class that is not there.
    #[error("sample {sample} has the label {label}, and there are {n} classes (0 to {})", n.saturating_sub(1))]
    Label {
        /// The sample.
        sample: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        n: usize,
    },
    /// A group index names a group that is not there.
    #[error(
        "sample {sample} has the group {group}, and there are {n} groups: name group {group} or lower it"
    )]
    Group {
        /// The sample.
        sample: usize,
        /// Its group.
        group: u32,
        /// The number of groups.
        n: usize,
    },
    /// Some samples have a group and this one has none.
    #[error("sample {sample} has no group, and others have one: give every sample a group, or none")]
    GroupMissing {
        /// The sample.
        sample: usize,
    },
    /// A class has no sample.
    #[error("the class \"{class}\" has no sample: leave it out, or add samples")]
    EmptyClass {
        /// The class.
        class: String,
    },
    /// A signal without a single value.
    #[error("the signal of sample {sample} is empty: leave the sample out")]
    EmptySignal {
        /// The sample.
        sample: usize,
    },
    /// A sampling rate of zero.
    #[error("sample {sample} has a sampling rate of 0 Hz")]
    Rate {
        /// The sample.
        sample: usize,
    },
    /// A value is NaN or infinite.
    #[error("sample {sample}, frame {frame}, channel {channel} is {value}{}: values must be finite", also(*.others))]
    NotFinite {
        /// The sample.
        sample: usize,
        /// The frame.
        frame: usize,
        /// The channel.
        channel: usize,
        /// What it is.
        value: f32,
        /// How many more values of the sample are not finite.
        others: usize,
    },
    /// Signals differ in kind or in the number of channels.
    #[error("sample {sample} is {has}, and sample 0 is {first}: all samples must be alike")]
    Mixed {
        /// The sample.
        sample: usize,
        /// What it is.
        has: String,
        /// What sample 0 is.
        first: String,
    },
    /// The list of channel names does not fit the signals.
    #[error("there are {names} channel names and {channels} channels: give one name a channel, or none")]
    ChannelNames {
        /// The number of names.
        names: usize,
        /// The number of channels.
        channels: usize,
    },
}

/// All faults of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidDataset {
    /// The name of the data set.
    pub name: String,
    /// The faults; at least one.
    pub faults: Vec<Fault>,
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more values of it)") }
}

/// A list of more faults than this is cut short when it is shown.
const SHOWN: usize = 20;

impl std::error::Error for InvalidDataset {}

impl fmt::Display for InvalidDataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data set \"{}\"", self.name)?;
        match self.faults.as_slice() {
            [fault] => write!(f, ": {fault}"),
            faults => {
                write!(f, " has {} faults:", faults.len())?;
                faults.iter().take(SHOWN).try_for_each(|fault| write!(f, "\n  - {fault}"))?;
                match faults.len().checked_sub(SHOWN) {
                    Some(hidden) if hidden > 0 => write!(f, "\n  - and {hidden} more"),
                    _ => Ok(()),
                }
            }
        }
    }
}
