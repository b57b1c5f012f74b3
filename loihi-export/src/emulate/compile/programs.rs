//! What arrives at programs: messages themselves, and not sums of weights.

use crate::netlist::{Block, Core, Link};

/// The row of a block that ends at a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::emulate) struct ProgramRow {
    /// The group.
    pub group: u32,
    /// Which of the group's blocks.
    pub block: u32,
    /// The row in the block.
    pub row: u32,
}

/// The blocks that end at a group, in the core's order.
pub(super) fn blocks(core: &Core, group: usize) -> Vec<&Block> {
    core.blocks.iter().filter(|block| block.group as usize == group).collect()
}

/// The rows of every axon; none at all if the core has no programs.
pub(super) fn rows(core: &Core) -> Vec<Vec<ProgramRow>> {
    let mut rows = vec![Vec::new(); core.input_axons.len()];
    let mut n_blocks = vec![0; core.groups.len()];
    for block in core.blocks.iter() {
        let number = &mut n_blocks[block.group as usize];
        if block.link == Link::Ltc {
            for (row, axon) in (0..).zip(&block.axon) {
                rows[*axon as usize].push(ProgramRow { group: block.group, block: *number, row });
            }
        }
        *number += 1;
    }
    if rows.iter().all(Vec::is_empty) { Vec::new() } else { rows }
}
