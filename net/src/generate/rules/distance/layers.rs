//! Layers: the targets, divided so that cells are filled evenly.

use super::Distance;
use super::cells::{self, Cells};
use super::shells::Shells;

/// Some of the targets: those in the first slots of their cells.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) cells: Cells,
    pub(super) shells: Shells,
}

/// A layer that could be taken.
struct Candidate {
    cost: f64,
    cells: Cells,
    shells: Shells,
    n_slots: u32,
}

impl Layer {
    /// The most layers; the last takes all points that are left.
    const MOST: usize = 5;
    /// A point that finds no slot counts as so many slots, because it must be reached in a sparser layer.
    const PRICE_OF_A_POINT: f64 = 4.0;

    /// Divides the targets into layers.
    pub(super) fn all(rule: &Distance, sources: &[[f32; 3]], targets: &[[f32; 3]]) -> Vec<Self> {
        let mut members: Vec<u32> = (0..targets.len() as u32).collect();
        let mut layers = Vec::new();
        while !members.is_empty() {
            let is_last = layers.len() + 1 == Self::MOST;
            let step = cells::grid_step(targets);
            let Candidate { cost: _, cells, shells, n_slots } =
                best(rule, sources, targets, &members, step, is_last);
            members = cells.beyond(n_slots);
            layers.push(Self { cells, shells: shells.with_slots(n_slots) });
        }
        layers
    }
}

/// The cheapest of cells of one grid step, if the points are a grid, and of 1/4, 1/2, 1, … lambda.
fn best(
    rule: &Distance,
    sources: &[[f32; 3]],
    targets: &[[f32; 3]],
    members: &[u32],
    step: Option<[f64; 3]>,
    is_last: bool,
) -> Candidate {
    let multiples = (0..).map(|power| [rule.lambda * 0.25 * libm::exp2(f64::from(power)); 3]);
    let mut best: Option<Candidate> = None;
    for (i, side) in step.into_iter().chain(multiples).enumerate() {
        let tried = Cells::new(sources, targets, members, side)
            .and_then(|cells| Shells::new(rule, &cells).map(|shells| candidate(cells, shells, is_last)));
        if let Some(tried) = tried
            && best.as_ref().is_none_or(|best| tried.cost < best.cost)
        {
            best = Some(tried);
        }
        // Larger cells only loosen the bound.
        if best.is_some() && i >= 3 {
            break;
        }
    }
    best.expect("one cell holds everything once its side exceeds the cloud")
}

/// The number of slots for which slots and points without a slot cost least.
fn candidate(cells: Cells, shells: Shells, is_last: bool) -> Candidate {
    let most = cells.counts().max().unwrap_or(0);
    // How many cells have more than i points.
    let mut deeper = vec![0_u64; most as usize + 1];
    let mut n_cells = 0.0;
    for count in cells.counts() {
        n_cells += 1.0;
        if count > 0 {
            deeper[count as usize - 1] += 1;
        }
    }
    for i in (0..most as usize).rev() {
        deeper[i] += deeper[i + 1];
    }
    let mut beyond = deeper.iter().sum::<u64>();
    let (mut n_slots, mut cost) = (most, f64::from(most));
    for slots in 1..=if is_last { 0 } else { most } {
        beyond -= deeper[slots as usize - 1];
        let price = f64::from(slots) + Layer::PRICE_OF_A_POINT * beyond as f64 / n_cells;
        if price < cost {
            (n_slots, cost) = (slots, price);
        }
    }
    Candidate { cost: cost * shells.reached(), cells, shells, n_slots }
}
