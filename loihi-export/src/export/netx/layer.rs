//! A layer, as a file has it.

/// A `dense` or `dense_rec` layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The population's name; files have none.
    pub name: String,
    /// Neurons.
    pub n: usize,
    /// Senders of the layer before.
    pub n_in: usize,
    /// `[n][n_in]`.
    pub weight: Vec<i32>,
    /// Delays of these, of the same shape; `None` if all are 0.
    pub delay: Option<Vec<u8>>,
    /// `[n][n]`, for `dense_rec`.
    pub weight_rec: Option<Vec<i32>>,
    /// Decay of the current, plus 1; one a neuron, as the following.
    pub i_decay: Vec<i32>,
    /// Decay of the potential.
    pub v_decay: Vec<i32>,
    /// Threshold.
    pub threshold: Vec<i32>,
    /// Constant input, in 64.
    pub bias: Vec<i32>,
    /// Refractory steps, which NetX does not heed.
    pub refractory: Vec<i32>,
}

impl Layer {
    /// Both matrices, one after the other, as NetX looks at them.
    pub fn all_weights(&self) -> impl Iterator<Item = i32> + Clone + '_ {
        self.weight.iter().chain(self.weight_rec.iter().flatten()).copied()
    }
}
