//! What of a part is kept in a snapshot.

use std::cmp::Reverse;

use super::{Dynamics, PartState};
use crate::grid::lanes::Lanes;
use crate::grid::plain::Plain;

impl PartState {
    /// Every value that a neuron has and that is not found again, one list of all neurons each. Which there
    /// are depends on the model and how it receives, and not on the shard.
    pub fn columns<'s>(&'s mut self, lanes: &'s mut Lanes) -> Vec<&'s mut [f64]> {
        let Lanes { u, ports, touched: _ } = lanes;
        let of_part = self.part.lanes();
        let mut columns = vec![&mut u[of_part.clone()]];
        columns.extend(ports.iter_mut().filter_map(|port| port.get_mut(of_part.clone())));
        match &mut self.dynamics {
            Dynamics::Modal { .. } => {}
            Dynamics::Plain { plain, drive: _ } => match plain {
                Plain::Delta(_) | Plain::ExpSum(_) | Plain::Exp(_) | Plain::Cond(_) => {}
                Plain::Izhikevich { step: _, method: _, recovery } => columns.push(recovery),
                Plain::Alpha { step: _, i_ex, i_in } => columns.extend([&mut **i_ex, &mut **i_in]),
            },
        }
        columns.extend(self.thresholds.iter_mut().flat_map(|thresholds| thresholds.columns()));
        columns
    }

    /// The refractory neurons: the last step in which they are, node.
    pub fn held(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.held.iter().map(|Reverse((until, i))| (*until, self.part.first_node + i))
    }

    /// Of these refractory neurons, takes those of the part. Nobody is let go at the end of step `done` or
    /// before.
    pub fn hold(&mut self, held: impl Iterator<Item = (u32, u32)>, done: u32) {
        for (until, node) in held {
            let i = node.wrapping_sub(self.part.first_node);
            if i < self.part.size && until > done {
                self.held_until[i as usize] = until;
                self.held.push(Reverse((until, i)));
            }
        }
    }
}
