//! What a profile does not have.

use super::rows::unit;
use super::weights;
use crate::emulate::{Profile, Unsupported};
use crate::netlist::{Block, Core, Group, Link, Model, ValidNetlist};

/// All that a netlist has and a profile has not.
pub(super) fn unsupported(netlist: &ValidNetlist, profile: Profile) -> Vec<Unsupported> {
    let mut faults = Vec::new();
    for core in &netlist.cores {
        for (g, group) in core.groups.iter().enumerate() {
            faults.extend(of_group(core, g, group, profile));
        }
        for (b, block) in core.blocks.iter().enumerate() {
            faults.extend(of_block(core, b, block, profile));
        }
        // The profile that keeps what the tool does not wrap in 32 bits.
        if faults.is_empty() && profile == Profile::Brian2Loihi05 {
            faults.extend(sums(core, profile));
        }
    }
    faults
}

fn of_group(core: &Core, group: usize, it: &Group, profile: Profile) -> Option<Unsupported> {
    let core_idx = core.core;
    let lif = match (&it.model, profile) {
        (Model::Lif(lif), _) => Some(lif),
        (_, Profile::Lava010) => None,
        (model, Profile::NengoLoihi11 | Profile::Brian2Loihi05) => {
            return Some(Unsupported::Model { core: core_idx, group, model: model.name() });
        }
    };
    let biased = lif.filter(|_| profile == Profile::Brian2Loihi05).and_then(|lif| {
        lif.bias_mant.iter().position(|bias| *bias != 0).map(|compartment| Unsupported::Bias {
            core: core_idx,
            group,
            compartment,
            bias: lif.bias_mant[compartment],
        })
    });
    biased.or_else(|| scales(core, group))
}

/// Floating-point links of one group have one scale.
fn scales(core: &Core, group: usize) -> Option<Unsupported> {
    let own = core.blocks.iter().filter(|block| block.group as usize == group);
    let mut scales = own.filter_map(|block| match block.link {
        Link::Float { scale } => Some(scale),
        Link::Weights { .. } | Link::Scaled | Link::Direct | Link::Ltc => None,
    });
    let first = scales.next()?;
    let other = scales.find(|scale| *scale != first)?;
    Some(Unsupported::Scales { core: core.core, group, scales: [first, other] })
}

fn of_block(core: &Core, block: usize, it: &Block, profile: Profile) -> Option<Unsupported> {
    let model = &core.groups[it.group as usize].model;
    let is_float = matches!(model, Model::FloatLif(_));
    let is_plain = profile == Profile::Lava010;
    let (link, has) = match it.link {
        Link::Weights { message_bits: 0, .. } => ("integer weights", !is_float),
        Link::Weights { .. } => ("integer weights for messages with numbers", is_plain && !is_float),
        Link::Scaled => ("scaled weights", !is_float),
        Link::Direct => ("wire", is_plain && !is_float),
        Link::Ltc => ("liquid time-constant synapses", is_plain),
        Link::Float { .. } => ("floating-point weights", is_float),
    };
    if !has {
        return Some(Unsupported::Link { core: core.core, block, link, model: model.name() });
    }
    match it.max_delay() {
        delay @ 1.. if profile == Profile::NengoLoihi11 => {
            Some(Unsupported::Delay { core: core.core, block, delay })
        }
        _ => None,
    }
}

/// Compartments at which more may arrive in one step than fits into 32 bits.
fn sums(core: &Core, profile: Profile) -> Vec<Unsupported> {
    let mut sums: Vec<Vec<u64>> = core.groups.iter().map(|group| vec![0; group.neurons.len()]).collect();
    for block in &core.blocks {
        let unit = unit(&core.groups[block.group as usize].model);
        for (target, weight) in block.target.iter().zip(&block.weight) {
            let acting = weights::acting(*weight, &block.link, profile, unit);
            sums[block.group as usize][*target as usize] += u64::from(acting.unsigned_abs());
        }
    }
    let worst = sums.iter().enumerate().filter_map(|(group, sums)| {
        let (compartment, sum) = sums.iter().copied().enumerate().max_by_key(|(_, sum)| *sum)?;
        (sum > i32::MAX as u64).then_some(Unsupported::Sum { core: core.core, group, compartment, sum })
    });
    worst.collect()
}
