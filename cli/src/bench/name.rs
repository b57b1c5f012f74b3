//! The names of what can be measured: networks that run, and graphs that are mapped.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use super::{Timed, map};

/// A name that `rheobase bench` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// A network that is run.
    Timed(Timed),
    /// A graph that is mapped.
    Map(map::Kind),
}

const NAMES: [Name; 15] = [
    Name::Timed(Timed::LsmDelta),
    Name::Timed(Timed::LsmExp),
    Name::Timed(Timed::LsmStp),
    Name::Timed(Timed::Cuba),
    Name::Timed(Timed::Coba),
    Name::Timed(Timed::BrunelDelta),
    Name::Timed(Timed::Pd14),
    Name::Map(map::Kind::Liquid),
    Name::Map(map::Kind::LiquidShuffled),
    Name::Map(map::Kind::SmallWorld),
    Name::Map(map::Kind::Brunel),
    Name::Map(map::Kind::ScaleFree),
    Name::Map(map::Kind::Potjans),
    Name::Map(map::Kind::PotjansFull),
    Name::Map(map::Kind::Lenet),
];

impl ValueEnum for Name {
    fn value_variants<'a>() -> &'a [Self] {
        &NAMES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::Timed(timed) => timed.to_possible_value(),
            Self::Map(kind) => kind.to_possible_value(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_the_list() {
        assert_eq!(NAMES.len(), Timed::value_variants().len() + map::Kind::value_variants().len());
    }
}
