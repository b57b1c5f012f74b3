//! Where the parameters of a cell stand in one list.

use std::ops::Range;

/// Parameters of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterBlock {
    /// What they are; unique in a cell.
    pub name: String,
    /// Where they stand.
    pub range: Range<usize>,
}

/// The parameters of a cell, block after block.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    blocks: Vec<ParameterBlock>,
}

impl Layout {
    /// Blocks with these names and sizes, in this order.
    pub fn new<N: Into<String>>(blocks: impl IntoIterator<Item = (N, usize)>) -> Self {
        let mut layout = Self::default();
        for (name, size) in blocks {
            let first = layout.n_parameters();
            layout.blocks.push(ParameterBlock { name: name.into(), range: first..first + size });
        }
        layout
    }

    /// All blocks, in their order.
    pub fn blocks(&self) -> &[ParameterBlock] {
        &self.blocks
    }

    /// The number of parameters.
    pub fn n_parameters(&self) -> usize {
        self.blocks.last().map_or(0, |block| block.range.end)
    }

    /// Where the parameters of a name stand.
    pub fn range(&self, name: &str) -> Option<Range<usize>> {
        self.blocks.iter().find(|block| block.name == name).map(|block| block.range.clone())
    }
}
