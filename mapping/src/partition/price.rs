//! What room in a part costs, while partitions may still be too full.

use super::state::Load;
use crate::chip::Limits;

/// What a budget in a part costs, as it fills: nothing up to a share of the limit, then with the third power of
/// what is above, so that the price of the next unit grows with the square; and a price for every unit beyond the
/// limit.
#[derive(Debug, Clone, Copy, Default)]
struct Slope {
    /// What is above, in units of the limit less the start; below zero, what is left until there.
    over: f32,
    /// The third power of what is above.
    cube: f32,
    /// `over` of a unit.
    unit: f32,
    /// The cost at `over` = 1: where the budget is just full.
    full: f32,
    /// What is beyond the limit, in the same units.
    beyond: f32,
    /// The cost of such a unit.
    wall: f32,
}

impl Slope {
    fn new(load: f32, limit: f32, worth: f32, Room { weight, wall, start }: Room) -> Self {
        let limit = limit.max(0.5);
        let span = limit * (1.0 - start);
        let over = (load - limit * start) / span;
        Self {
            over,
            cube: over.max(0.0).powi(3),
            unit: 1.0 / span,
            full: weight * worth * span / 3.0,
            beyond: (over - 1.0).max(0.0),
            wall: wall * worth * span,
        }
    }

    /// What `units` more cost; what fewer give back, if negative.
    #[inline]
    fn of(self, units: f32) -> f32 {
        let after = (self.over + units * self.unit).max(0.0);
        self.full * (after * after * after - self.cube)
    }

    /// What `units` more cost beyond the limit; what fewer give back, if negative.
    #[inline]
    fn wall(self, units: f32) -> f32 {
        let after = self.over + units * self.unit;
        self.wall * ((after - 1.0).max(0.0) - self.beyond)
    }
}

/// The prices in a part \[spikes\].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Price {
    axon: Slope,
    output: Slope,
    neuron: Slope,
    bit: Slope,
    config: Slope,
    event: Slope,
    /// Bits that a new axon takes beside its synapses.
    rounding: f32,
    /// The price of the next output axon. What is beyond the limit counts where a neuron leaves or enters alone: a
    /// price that jumps would pay for axons that cost nothing before.
    next_output: f32,
}

/// What is moved, as far as prices ask.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Burden {
    pub neurons: f32,
    /// Sources with a target there: the input axons where none of them is yet.
    pub axons: f32,
    pub bits: f32,
    /// Its destinations.
    pub outputs: f32,
    /// Synaptic events.
    pub events: f32,
}

impl Price {
    /// What it costs within the limits to take a burden that brings so many sources; negative numbers for giving it
    /// away.
    #[inline]
    pub fn of(&self, burden: Burden, axons: f32, sign: f32) -> f32 {
        self.sum(burden, axons, sign, Slope::of)
    }

    /// What it costs beyond the limits.
    #[inline]
    pub fn wall(&self, burden: Burden, axons: f32, sign: f32) -> f32 {
        self.sum(burden, axons, sign, Slope::wall)
    }

    #[inline(always)]
    fn sum(&self, burden: Burden, axons: f32, sign: f32, of: impl Fn(Slope, f32) -> f32) -> f32 {
        of(self.axon, sign * axons)
            + of(self.output, sign * burden.outputs)
            + of(self.neuron, sign * burden.neurons)
            + of(self.bit, sign * (burden.bits + self.rounding * axons))
            + of(self.event, sign * burden.events)
    }

    /// What it costs to take so many configurations that are not there yet; negative numbers for giving away.
    #[inline]
    pub fn configs(&self, n: f32) -> f32 {
        self.config.of(n) + self.config.wall(n)
    }

    /// The price of one more destination.
    #[inline]
    pub fn output(&self) -> f32 {
        self.next_output
    }
}

/// What room costs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// What the next axon costs in a part that is just full \[spikes\].
    pub weight: f32,
    /// What every axon beyond the limit costs besides \[spikes\].
    pub wall: f32,
    /// Where prices begin, as a share of the limit.
    pub start: f32,
}

/// What room costs, by what it is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rooms {
    /// Axons, words and events.
    pub of_axons: Room,
    /// Neurons and their configurations, which fill a part to the last place: beside a wall there nothing moves.
    pub of_neurons: Room,
}

impl From<Room> for Rooms {
    fn from(room: Room) -> Self {
        Self { of_axons: room, of_neurons: room }
    }
}

/// How prices follow from loads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices {
    /// What room costs.
    pub rooms: Rooms,
    /// Axons that a full part may be thought to have: what a neuron or a bit is worth follows from it.
    pub axons: f32,
    /// Synaptic events that a part should have at most.
    pub events: f32,
}

impl Prices {
    /// The prices in a part.
    pub fn of(&self, load: &Load, limits: &Limits) -> Price {
        let Rooms { of_axons, of_neurons } = self.rooms;
        let slope = |load: f32, limit: f32, worth: f32| Slope::new(load, limit, worth, of_axons);
        let count = |load: f32, limit: f32, worth: f32| Slope::new(load, limit, worth, of_neurons);
        // The worth of a budget, dealt to its units.
        let dealt = |limit: f32| self.axons / limit.max(0.5);
        let (neurons, configs) = (limits.compartments as f32, limits.neuron_configs as f32);
        let word = limits.memory.word as f32;
        let bits = limits.synapse_words as f32 * word;
        let output = slope(load.output_axons as f32, limits.output_axons as f32, 1.0);
        Price {
            axon: slope(load.input_axons as f32, limits.input_axons as f32, 1.0),
            output,
            neuron: count(load.neurons as f32, neurons, dealt(neurons)),
            bit: slope(load.words as f32 * word, bits, dealt(bits)),
            config: count(load.configs as f32, configs, dealt(configs)),
            event: slope(load.events as f32, self.events, dealt(self.events)),
            rounding: limits.memory.rounding(),
            next_output: of_axons.weight * output.over.max(0.0).powi(2),
        }
    }
}
