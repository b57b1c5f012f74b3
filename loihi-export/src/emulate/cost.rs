//! What was done, as events that a chip's figures price.

use rheobase_mapping::EventCounts;
use rheobase_mapping::chip::Hops;

use super::Work;

impl Work {
    /// The events that cost energy. A compartment that is at rest takes no update here; a chip that looks at every
    /// compartment in every step does more.
    pub fn events(&self) -> EventCounts {
        let Self {
            neuron_updates,
            spikes,
            packets,
            own_packets,
            hops: _,
            chip_hops: _,
            input_packets,
            synaptic_events,
            input_events,
        } = *self;
        EventCounts {
            sent: packets + own_packets,
            received: packets + own_packets + input_packets,
            synapses: synaptic_events + input_events,
            spikes,
            updates: Some(neuron_updates),
        }
    }

    /// Energy of all steps of packets from tile to tile, and from chip to chip \[pJ\].
    pub fn hop_energy(&self, costs: &Hops) -> f64 {
        let [x, y] = [0, 1].map(|axis| (self.hops[axis] - self.chip_hops[axis]) as f64);
        let [chip_x, chip_y] = self.chip_hops.map(|hops| hops as f64);
        let Hops { x: of_x, y: of_y, chip_x: of_chip_x, chip_y: of_chip_y } = *costs;
        x * of_x.energy + y * of_y.energy + chip_x * of_chip_x.energy + chip_y * of_chip_y.energy
    }
}
