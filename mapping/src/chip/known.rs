//! The chips that the program knows.

/// Name and file of every one.
pub(super) const CHIPS: [(&str, &str); 5] = [
    ("loihi1", include_str!("../../chips/loihi1.toml")),
    ("loihi2", include_str!("../../chips/loihi2.toml")),
    ("truenorth", include_str!("../../chips/truenorth.toml")),
    ("spinnaker2", include_str!("../../chips/spinnaker2.toml")),
    ("generic", include_str!("../../chips/generic.toml")),
];
