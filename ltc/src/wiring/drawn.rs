//! Wirings without layers: everybody listens to everybody, or to some.

use super::numpy::Generator;
use super::{Parts, Synapse, UnitKind, Wiring, WiringError};

/// Two of three synapses are excitatory.
const POLARITIES: [i8; 3] = [-1, 1, 1];

/// `ncps`'s `FullyConnected`: every unit listens to every input and to every unit, to itself if
/// `self_connections`. Its default seed is 1111.
///
/// # Errors
/// If a number is 0, or there are more outputs than units.
pub fn fully_connected(
    n_inputs: u32,
    units: u32,
    n_outputs: u32,
    self_connections: bool,
    seed: u64,
) -> Result<Wiring, WiringError> {
    let mut rng = Generator::new(seed);
    let mut draw = |sources: u32, skips_itself: bool| {
        let mut synapses = Vec::new();
        for source in 0..sources {
            for target in (0..units).filter(|target| !(skips_itself && *target == source)) {
                synapses.push(Synapse { target, source, polarity: POLARITIES[rng.below(3)] });
            }
        }
        synapses
    };
    let synapses = draw(units, !self_connections);
    let sensory = draw(n_inputs, false);
    one_layer(n_inputs, units, n_outputs, synapses, sensory)
}

/// `ncps`'s `Random`: so many synapses that a share `sparsity` of all that could be is missing. Its default
/// seed is 1111.
///
/// # Errors
/// If a number is 0, there are more outputs than units, or the sparsity is not from 0 to below 1.
pub fn random(
    n_inputs: u32,
    units: u32,
    n_outputs: u32,
    sparsity: f64,
    seed: u64,
) -> Result<Wiring, WiringError> {
    if !(0.0..1.0).contains(&sparsity) {
        let must = "from 0 to below 1".to_owned();
        return Err(WiringError::Argument { what: "the sparsity", value: sparsity, must });
    }
    let all = u64::from(units) * u64::from(n_inputs.max(units));
    if all >= u64::from(u32::MAX) {
        let must = format!("at most 65,535 units, and {} inputs for them", u32::MAX / units.max(1));
        return Err(WiringError::Argument {
            what: "the number of possible synapses",
            value: all as f64,
            must,
        });
    }
    let mut rng = Generator::new(seed);
    let mut draw = |sources: u32, draws: usize| {
        let all = sources as usize * units as usize;
        let size = (all as f64 * (1.0 - sparsity)).round_ties_even() as usize;
        let places = rng.distinct(all, size);
        let mut synapse = |place: usize| {
            // `ncps` draws the polarity of a sensory synapse twice; the second counts.
            let mut polarity = 0;
            (0..draws).for_each(|_| polarity = POLARITIES[rng.below(3)]);
            Synapse { target: place as u32 % units, source: place as u32 / units, polarity }
        };
        places.into_iter().map(&mut synapse).collect::<Vec<_>>()
    };
    let synapses = draw(units, 1);
    let sensory = draw(n_inputs, 2);
    one_layer(n_inputs, units, n_outputs, synapses, sensory)
}

fn one_layer(
    n_inputs: u32,
    units: u32,
    n_outputs: u32,
    synapses: Vec<Synapse>,
    sensory: Vec<Synapse>,
) -> Result<Wiring, WiringError> {
    let kind = |unit| if unit < n_outputs { UnitKind::Motor } else { UnitKind::Inter };
    let kinds = (0..units).map(kind).collect();
    Wiring::new(Parts { n_inputs, n_outputs, layers: vec![(0..units).collect()], kinds, synapses, sensory })
}
