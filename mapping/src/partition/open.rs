//! Parts that are opened where there are too few.

use super::noise::Noise;
use super::state::State;

/// Opens `n` parts, each with half of the neurons of the fullest one.
pub(super) fn open(state: &mut State<'_>, noise: &mut Noise, n: u32) {
    for _ in 0..n {
        let parts = 0..state.n_parts();
        let Some(free) = parts.clone().find(|p| state.load[*p as usize].neurons == 0) else { return };
        let share = |part: &u32| state.load[*part as usize].share(state.limits);
        let splittable = parts.filter(|p| state.load[*p as usize].neurons > 1);
        let Some(full) = splittable.max_by(|a, b| share(a).total_cmp(&share(b))) else { return };
        for neuron in half(state, noise, full) {
            state.apply(neuron, free);
        }
    }
}

/// Half of the vertices of a part, those near one of them.
fn half(state: &State<'_>, noise: &mut Noise, part: u32) -> Vec<u32> {
    let all: Vec<u32> =
        (0..state.pins.n_vertices() as u32).filter(|v| state.part[*v as usize] == part).collect();
    let wanted = (all.len() / 2).max(1);
    let mut seen = vec![false; state.pins.n_vertices()];
    let mut found = Vec::new();
    let first = (noise.word() % all.len() as u64) as usize;
    for &start in all[first..].iter().chain(&all[..first]) {
        if found.len() >= wanted {
            break;
        }
        if std::mem::replace(&mut seen[start as usize], true) {
            continue;
        }
        let mut at = found.len();
        found.push(start);
        while at < found.len() && found.len() < wanted {
            for pin in state.pins.at(found[at]).filter(|pin| pin.own) {
                for &target in state.graph.targets(pin.source) {
                    let target = state.pins.vertex_of(target).expect("targets are neurons") as usize;
                    if state.part[target] == part && !std::mem::replace(&mut seen[target], true) {
                        found.push(target as u32);
                    }
                }
            }
            at += 1;
        }
    }
    found.truncate(wanted);
    found
}
