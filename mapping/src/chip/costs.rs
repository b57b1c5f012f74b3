//! What happens on a chip costs.

use super::file::{Pair, Reader, Real, Rising, Section};

/// What one event costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// Energy \[pJ\].
    pub energy: f64,
    /// Latency \[ns\].
    pub latency: f64,
}

/// What a step from tile to tile costs, or from chip to chip.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hops {
    /// Along x, inside a chip.
    pub x: Cost,
    /// Along y, inside a chip.
    pub y: Cost,
    /// Along x, over the border of two chips.
    pub chip_x: Cost,
    /// Along y, over the border of two chips.
    pub chip_y: Cost,
}

/// What the events in a core cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// Where the costs are from, in a few words: energies are printed under this name.
    pub model: String,
    /// A packet arrives.
    pub axon_in: Cost,
    /// A synapse of a sparse row is read.
    pub synapse_sparse: Cost,
    /// A synapse of a dense row is read.
    pub synapse_dense: Cost,
    /// A synapse of a convolution is read.
    pub synapse_conv: Cost,
    /// An input is added up.
    pub dendrite: Cost,
    /// A neuron is looked at.
    pub soma_access: Cost,
    /// A neuron is updated.
    pub soma_update: Cost,
    /// A neuron fires.
    pub soma_spike: Cost,
    /// A packet leaves.
    pub axon_out: Cost,
    /// How long the barrier of a step lasts: pairs of a count and a time \[µs\], rising.
    pub barrier: Vec<[f64; 2]>,
}

/// Energies and times: not below 0, and never so great that sums lose their meaning.
const NUMBER: Real = Real(0.0..=1e12);

fn cost<'a>(section: &mut Section<'a>, field: &'static str, reader: &mut Reader<'a>) -> Option<Cost> {
    let [energy, latency] = section.figure(field, &Pair(NUMBER), reader)?;
    Some(Cost { energy, latency })
}

impl Hops {
    pub(super) fn read<'a>(mut section: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let x = cost(&mut section, "x", reader);
        let y = cost(&mut section, "y", reader);
        let chip_x = cost(&mut section, "chip_x", reader);
        let chip_y = cost(&mut section, "chip_y", reader);
        section.close(reader);
        Some(Self { x: x?, y: y?, chip_x: chip_x?, chip_y: chip_y? })
    }
}

impl Events {
    pub(super) fn read<'a>(mut section: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let model = section.text("model", reader);
        let mut event = |field| cost(&mut section, field, reader);
        let axon_in = event("axon_in");
        let synapse_sparse = event("synapse_sparse");
        let synapse_dense = event("synapse_dense");
        let synapse_conv = event("synapse_conv");
        let dendrite = event("dendrite");
        let soma_access = event("soma_access");
        let soma_update = event("soma_update");
        let soma_spike = event("soma_spike");
        let axon_out = event("axon_out");
        let barrier = section.figure("barrier", &Rising(Pair(NUMBER)), reader);
        section.close(reader);
        Some(Self {
            model: model?,
            axon_in: axon_in?,
            synapse_sparse: synapse_sparse?,
            synapse_dense: synapse_dense?,
            synapse_conv: synapse_conv?,
            dendrite: dendrite?,
            soma_access: soma_access?,
            soma_update: soma_update?,
            soma_spike: soma_spike?,
            axon_out: axon_out?,
            barrier: barrier?,
        })
    }
}
