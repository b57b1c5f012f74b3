//! Data, encoders, features, readouts and scores: what a spike buys, against a rate.
//!
//! ```text
//! data ─► front_end::fit ─► Drive ─► encode ─► SpikeTrain ─► (a liquid) ─► Recording
//!                             │                    │                          │
//!                             └───────── features ─┴──────────────────────────┘
//!                                           │
//! protocol::split ─► folds ─────────► readout::fit ─► answers ─► score
//! ```
//!
//! The key decision: a liquid is never scored alone. The same readout, with the same folds and the same
//! bins, is trained on the encoder's spikes without a liquid and on the front end without spikes, and
//! everything that is learned (ranges of channels, means of features, the readout's strength) is
//! learned from the training samples of a fold alone.
//!
//! Who speaks? The encoder's spikes alone, without a liquid, on the vowels that the program carries:
//!
//! ```
//! use ndarray::Axis;
//! use rheobase_study::data::japanese_vowels;
//! use rheobase_study::encode::{Encoder, Regular, encode_drives};
//! use rheobase_study::features::{Features, feature_matrix, spike_features};
//! use rheobase_study::front_end::{self, FrontEnd};
//! use rheobase_study::protocol::{Protocol, inner_folds, split};
//! use rheobase_study::readout::{self, Ridge, Training};
//! use rheobase_study::score::score;
//!
//! let (dataset, seed) = (japanese_vowels(), 1);
//! let fold = &split(&dataset, &Protocol::Official, seed)?[0];
//! let drives = front_end::fit(&dataset, &fold.train, &FrontEnd::default())?.drives(&dataset)?;
//! let trains = encode_drives(&drives, &Encoder::Regular(Regular::default()), seed)?;
//! let samples: Vec<_> = trains.iter().zip(&drives).collect();
//! let features = feature_matrix(&samples, |(train, drive)| {
//!     spike_features(train, 0.0, drive.duration(), &Features::default())
//! })?;
//!
//! let labels = dataset.labels();
//! let of = |part: &[usize]| part.iter().map(|k| labels[*k]).collect::<Vec<u32>>();
//! let readout = readout::fit(
//!     &Training {
//!         features: features.select(Axis(0), &fold.train).view(),
//!         labels: &of(&fold.train),
//!         n_classes: 9,
//!         folds: &inner_folds(&dataset, &fold.train, &Protocol::Official, 5, seed)?,
//!     },
//!     &Ridge::default(),
//! )?;
//! let answers = readout.answers(features.select(Axis(0), &fold.test).view())?;
//! let scores = score(&of(&fold.test), &answers, 9)?;
//! println!("without a liquid: {:.3}", scores.accuracy);
//! assert!(scores.accuracy > 0.9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod compare;
pub mod data;
pub mod distance;
pub mod encode;
pub mod experiment;
pub mod features;
pub mod front_end;
pub mod protocol;
pub mod rates;
pub mod readout;
pub mod score;
pub mod statistics;
