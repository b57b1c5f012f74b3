//! Which tool's integers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which tool's chip is emulated. They differ, and none of them is silicon.
///
/// | | `lava-0.10` | `nengo-loihi-1.1` | `brian2-loihi-0.5` |
/// |---|---|---|---|
/// | models | all | LIF | LIF without bias |
/// | links | all | integer weights without messages or delays, scaled ones | the same, with delays |
/// | a weight exponent below 0 | shifts the sum of a block, down | shifts every weight, down | the same |
/// | weights lose their last bits | down | down | towards 0 |
/// | what arrives | wraps at 32 bits | at 22 bits | must fit into 32 bits |
/// | `u` decays by | `du + 1` | `du + 1` | `du`, after the potential has seen it |
/// | `u` | one wrap into (−2²³, 2²³] | into [−2²³, 2²³) | free |
/// | the bias | joins `v` | joins a copy of `u`, which wraps | none |
/// | `v` | clipped | clipped | free |
/// | while refractory | `v = 0`, compared with the threshold | the same | `v` stays, nothing is sent |
///
/// Lava itself has no refractory fixed-point LIF. Where a netlist has one, its steps are those of nengo-loihi, and
/// so is the model that the Lava exporter brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Profile {
    /// Lava 0.10.0 with its fixed-point models.
    #[default]
    #[serde(rename = "lava-0.10")]
    Lava010,
    /// The emulator of nengo-loihi 1.1.0.
    #[serde(rename = "nengo-loihi-1.1")]
    NengoLoihi11,
    /// brian2-loihi 0.5.2.
    #[serde(rename = "brian2-loihi-0.5")]
    Brian2Loihi05,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Lava010, Self::NengoLoihi11, Self::Brian2Loihi05];

    /// Its name in files, messages and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lava010 => "lava-0.10",
            Self::NengoLoihi11 => "nengo-loihi-1.1",
            Self::Brian2Loihi05 => "brian2-loihi-0.5",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// There is no profile of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile \"{name}\": choose lava-0.10, nengo-loihi-1.1 or brian2-loihi-0.5")]
pub struct UnknownProfile {
    /// What was asked for.
    pub name: String,
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        let known = Self::ALL.into_iter().find(|profile| profile.name() == name);
        known.ok_or_else(|| UnknownProfile { name: name.to_owned() })
    }
}
