//! Which samples train and which test.
//!
//! Folds are made once, from labels, groups and a seed; every method of a comparison gets the same.

use rand::Rng;
use rand::seq::SliceRandom;
use rheobase_net::random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

use crate::data::Dataset;

/// How training and test samples are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Protocol {
    /// As the data set has it.
    Official,
    /// `k` folds of equal size, every class in equal shares, shuffled by the seed.
    KFold {
        /// The number of folds, 2 or more.
        k: usize,
    },
    /// One fold a group: what is tested was said by a speaker who was never heard.
    LeaveOneGroupOut,
}

/// Training and test samples of one fold; in ascending order, without overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// `official`, `fold 3`, or the group that is left out.
    pub name: String,
    /// The samples that train.
    pub train: Vec<usize>,
    /// The samples that test.
    pub test: Vec<usize>,
}

/// Why a data set cannot be split in this way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// Too few or too many folds.
    #[error("{k} folds of {samples} samples: give between 2 and {samples}")]
    Folds {
        /// The number of folds.
        k: usize,
        /// The number of samples.
        samples: usize,
    },
    /// Fewer than two groups.
    #[error(
        "leave one group out needs two groups or more, and \"{dataset}\" has {groups} in use: use \
         k-fold, or name the groups"
    )]
    Groups {
        /// The data set.
        dataset: String,
        /// The number of groups that have samples.
        groups: usize,
    },
    /// The official split leaves a side empty.
    #[error("\"{dataset}\" has no {side} sample in its official split: use k-fold")]
    NoSplit {
        /// The data set.
        dataset: String,
        /// `training` or `test`.
        side: &'static str,
    },
    /// A class that is tested and never trained.
    #[error("in \"{fold}\" the class \"{class}\" has no training sample: use fewer folds, or drop the class")]
    EmptyClass {
        /// The fold.
        fold: String,
        /// The class.
        class: String,
    },
}

/// The folds of a data set. Only [`Protocol::KFold`] looks at the seed.
///
/// # Errors
/// A [`ProtocolError`]; every class has training samples in every fold that is returned.
pub fn split(dataset: &Dataset, protocol: &Protocol, seed: u64) -> Result<Vec<Fold>, ProtocolError> {
    let samples = dataset.samples();
    let folds = match protocol {
        Protocol::Official => {
            let of: Vec<u32> = samples.iter().map(|sample| u32::from(sample.is_test)).collect();
            let fold = fold("official".into(), &of, 1);
            for (side, part) in [("training", &fold.train), ("test", &fold.test)] {
                if part.is_empty() {
                    return Err(ProtocolError::NoSplit { dataset: dataset.name().into(), side });
                }
            }
            vec![fold]
        }
        Protocol::KFold { k } => {
            let of = stratified(&dataset.labels(), *k, seed)?;
            (0..*k as u32).map(|k| fold(format!("fold {}", k + 1), &of, k)).collect()
        }
        Protocol::LeaveOneGroupOut => {
            // Samples have a group each where the data set names groups, which `data::check` ensures.
            let of: Vec<u32> = samples.iter().filter_map(|sample| sample.group).collect();
            let folds: Vec<Fold> = dataset
                .groups()
                .iter()
                .zip(0..)
                .map(|(name, group)| fold(name.clone(), &of, group))
                .collect();
            let used: Vec<Fold> = folds.into_iter().filter(|fold| !fold.test.is_empty()).collect();
            if used.len() < 2 {
                let dataset = dataset.name().into();
                return Err(ProtocolError::Groups { dataset, groups: used.len() });
            }
            used
        }
    };
    folds.iter().try_for_each(|fold| every_class_is_trained(dataset, fold))?;
    Ok(folds)
}

/// For the choice of a parameter inside the training part of a fold: the inner fold of every sample
/// of `train`, in its order. Groups stay together where the protocol keeps them apart, so that the
/// choice is made for strangers too; otherwise `k` stratified folds.
///
/// # Errors
/// [`ProtocolError::Folds`], or [`ProtocolError::Groups`] if a single group is left.
///
/// # Panics
/// If an index in `train` is out of range.
pub fn inner_folds(
    dataset: &Dataset,
    train: &[usize],
    protocol: &Protocol,
    k: usize,
    seed: u64,
) -> Result<Vec<u32>, ProtocolError> {
    let samples: Vec<_> = train.iter().map(|sample| &dataset.samples()[*sample]).collect();
    match protocol {
        Protocol::Official | Protocol::KFold { .. } => {
            let labels: Vec<u32> = samples.iter().map(|sample| sample.label).collect();
            stratified(&labels, k, seed)
        }
        Protocol::LeaveOneGroupOut => {
            let groups: Vec<u32> = samples.iter().filter_map(|sample| sample.group).collect();
            let mut used = groups.clone();
            used.sort_unstable();
            used.dedup();
            if used.len() < 2 {
                let dataset = dataset.name().into();
                return Err(ProtocolError::Groups { dataset, groups: used.len() });
            }
            Ok(groups)
        }
    }
}

/// A fold of `0..k` for every label: each class is shuffled and dealt in turn, and the next class goes
/// on where the last one stopped, so that the folds' sizes differ by one at most.
fn stratified(labels: &[u32], k: usize, seed: u64) -> Result<Vec<u32>, ProtocolError> {
    if k < 2 || k > labels.len() {
        return Err(ProtocolError::Folds { k, samples: labels.len() });
    }
    let n_classes = labels.iter().max().map_or(0, |label| label + 1);
    let mut of = vec![0; labels.len()];
    let mut next = 0;
    for class in 0..n_classes {
        let mut mine: Vec<usize> = (0..labels.len()).filter(|sample| labels[*sample] == class).collect();
        mine.shuffle(&mut Stream::new(seed, Purpose::Split, 0, u64::from(class)));
        for sample in mine {
            of[sample] = (next % k) as u32;
            next += 1;
        }
    }
    Ok(of)
}

fn fold(name: String, of: &[u32], left_out: u32) -> Fold {
    let (test, train) = (0..of.len()).partition(|sample| of[*sample] == left_out);
    Fold { name, train, test }
}

fn every_class_is_trained(dataset: &Dataset, fold: &Fold) -> Result<(), ProtocolError> {
    let mut trained = vec![false; dataset.classes().len()];
    fold.train.iter().for_each(|sample| trained[dataset.samples()[*sample].label as usize] = true);
    match trained.iter().position(|trained| !trained) {
        Some(class) => Err(ProtocolError::EmptyClass {
            fold: fold.name.clone(),
            class: dataset.classes()[class].clone(),
        }),
        None => Ok(()),
    }
}

/// A seed for the inner folds of outer fold `fold`.
pub fn inner_seed(seed: u64, fold: usize) -> u64 {
    Stream::new(seed, Purpose::Split, 1, fold as u64).next_u64()
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::{Draft, Sample, Signal, check};

    /// Sample k: class k mod 3, group k mod `groups`, test from 20 on.
    fn dataset(n: u32, groups: u32) -> Dataset {
        let sample = |k: u32| Sample {
            signal: Signal::Series(Array2::zeros((1, 1))),
            label: k % 3,
            group: (groups > 0).then(|| k % groups),
            is_test: k >= 20,
        };
        let names = |n: u32| (0..n).map(|k| format!("name {k}")).collect();
        let samples = (0..n).map(sample).collect();
        check(Draft {
            name: "d".into(),
            classes: names(3),
            groups: names(groups),
            samples,
            ..Draft::default()
        })
        .unwrap()
    }

    #[test]
    fn folds_are_a_partition_with_equal_shares_of_every_class() {
        let dataset = dataset(31, 0);
        let folds = split(&dataset, &Protocol::KFold { k: 4 }, 9).unwrap();
        let mut tested: Vec<usize> = folds.iter().flat_map(|fold| fold.test.clone()).collect();
        tested.sort_unstable();
        assert_eq!(tested, (0..31).collect::<Vec<_>>());
        for fold in &folds {
            assert!((7..=8).contains(&fold.test.len()));
            assert_eq!(fold.train.len() + fold.test.len(), 31);
            for class in 0..3 {
                let share = fold.test.iter().filter(|sample| *sample % 3 == class).count();
                assert!((2..=3).contains(&share));
            }
        }
        assert_eq!(folds, split(&dataset, &Protocol::KFold { k: 4 }, 9).unwrap());
        assert_ne!(folds, split(&dataset, &Protocol::KFold { k: 4 }, 10).unwrap());
    }

    #[test]
    fn groups_are_left_out_whole_inside_and_outside() {
        let dataset = dataset(40, 4);
        let folds = split(&dataset, &Protocol::LeaveOneGroupOut, 0).unwrap();
        assert_eq!(folds.len(), 4);
        assert_eq!(folds[2].name, "name 2");
        assert!(folds[2].test.iter().all(|sample| sample % 4 == 2) && folds[2].test.len() == 10);
        let inner = inner_folds(&dataset, &folds[2].train, &Protocol::LeaveOneGroupOut, 5, 0).unwrap();
        assert!(inner.iter().zip(&folds[2].train).all(|(fold, sample)| *fold as usize == sample % 4));
        let official = split(&dataset, &Protocol::Official, 0).unwrap();
        assert_eq!(official[0].train, (0..20).collect::<Vec<_>>());
    }

    #[test]
    fn what_cannot_be_split_is_named() {
        let says = |dataset: &Dataset, protocol| split(dataset, &protocol, 0).unwrap_err().to_string();
        assert_eq!(
            says(&dataset(20, 0), Protocol::Official),
            "\"d\" has no test sample in its official split: use k-fold"
        );
        assert!(says(&dataset(20, 1), Protocol::LeaveOneGroupOut).contains("has 1 in use"));
        assert!(says(&dataset(20, 0), Protocol::LeaveOneGroupOut).contains("has 0 in use"));
        assert!(says(&dataset(6, 0), Protocol::KFold { k: 7 }).contains("between 2 and 6"));
        assert!(says(&dataset(6, 0), Protocol::KFold { k: 1 }).contains("between 2 and 6"));
        // Group k mod 3 is class k mod 3: without the group its class is never heard.
        let alone = says(&dataset(9, 3), Protocol::LeaveOneGroupOut);
        assert!(alone.contains("in \"name 0\" the class \"name 0\" has no training sample"), "{alone}");
    }
}
