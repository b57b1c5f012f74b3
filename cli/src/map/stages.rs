//! Partition, place and check, one after the other.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::anyhow;
use rheobase_mapping::check::{CheckedMapping, Mapping, SplitShift, check, split_shifts};
use rheobase_mapping::chip::{Chip, Fabric, Mesh};
use rheobase_mapping::fit::relieve;
use rheobase_mapping::{
    Activity, CutObjective, EventCounts, Graph, Objective, Partition, PartitionConfig, PartitionError,
    PlaceConfig, Placement, Routes, Traffic, TreeLinks, Watch, name_of, partition, place, route, sequential,
    shorten_trees, tree_links,
};
use rheobase_net::ValidNetwork;
use serde::Serialize;

use super::Laid;
use crate::error::{Failure, OrBadInput};

/// How to search.
#[derive(Debug, Clone)]
pub struct Search {
    /// A board; `None` for as many chips as needed.
    pub board: Option<String>,
    /// The seed.
    pub seed: u64,
    /// How long.
    pub effort: f64,
    /// What the placement has least of.
    pub objective: Objective,
}

/// A mapping and what was seen on the way.
pub struct Finished<'a> {
    /// The mapping.
    pub checked: CheckedMapping<'a>,
    /// Packets from part to part.
    pub traffic: Traffic,
    /// Where the parts are.
    pub placement: Placement,
    /// What the packets do on the board.
    pub routes: Routes,
    /// Links that spikes go over, on a fabric that copies them on the way.
    pub tree_links: Option<TreeLinks>,
    /// What happens on the cores.
    pub events: EventCounts,
    /// Cores filled in the order of the network.
    pub in_order: InOrder,
    /// Sums that the chip would round several times.
    pub shifts: Vec<SplitShift>,
    /// Whether the search for places was ended before its time.
    pub ended: bool,
    /// How long it took.
    pub seconds: Seconds,
}

/// What is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Parts; without them there is nothing.
    Partition,
    /// The smallest change that fits, where there is no room.
    Relief,
    /// Places for the parts, of which any will do.
    Place,
}

/// What filling cores in the order of the network comes to.
#[derive(Debug, Clone, Copy)]
pub struct InOrder {
    /// Cores.
    pub cores: u32,
    /// Cores beyond a budget.
    pub cores_over_budget: u32,
    /// Packets between cores.
    pub packets: u64,
    /// Hops, cores one after the other on the board.
    pub hops: u64,
    /// Energy of the hops \[pJ\].
    pub hop_energy: f64,
    /// Packets over the most loaded link.
    pub most_loaded_link: u64,
    /// Links that spikes go over, on a fabric that copies them on the way.
    pub tree_links: Option<TreeLinks>,
    /// What happens on the cores.
    pub events: EventCounts,
}

/// Where the time went \[s\].
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Seconds {
    /// Looking for parts.
    pub partition: f64,
    /// Looking for places.
    pub place: f64,
    /// Counting again.
    pub check: f64,
}

/// Swaps for each part that are priced by the trees of a fabric that copies spikes on their way.
const TREE_SWAPS: u32 = 100;

/// Maps a network that has been laid down.
///
/// `watch` hears, from any thread, how far a stage is, and may end it. What is ended while parts get their places is
/// a mapping.
///
/// # Errors
/// If there is no mapping, or `watch` ended the search before there was one.
pub fn search<'a>(
    network: &'a ValidNetwork,
    chip: &'a Chip,
    activity: &'a Activity,
    laid: &'a Laid<'_>,
    how: &Search,
    watch: &(dyn Fn(Stage, f64) -> ControlFlow<()> + Sync),
) -> Result<Finished<'a>, Failure> {
    let Search { board, seed, effort, objective } = how;
    let mut graph = Graph::new(network, &laid.layout, activity);
    let limits = chip.limits();
    let start = Instant::now();
    let cut = match objective {
        Objective::Hops | Objective::TreeLinks => CutObjective::Packets,
        Objective::Energy => CutObjective::Messages,
    };
    let config =
        PartitionConfig { seed: *seed, effort: *effort, objective: cut, ..PartitionConfig::default() };
    let spikes = std::mem::replace(&mut graph.spikes, weights(&activity.0));
    let parts = partition(&graph, &limits, &config, &mut |done| watch(Stage::Partition, done));
    let parts = parts.map_err(|error| {
        let watch = &mut |done| watch(Stage::Relief, done);
        match relieve(network, &laid.layout, &graph, chip, &config, &error, watch) {
            Some(relief) => Failure::BadInput(anyhow!("{relief}")),
            None => refused(network, error),
        }
    })?;
    graph.spikes = spikes;
    let partitioned = start.elapsed().as_secs_f64();
    let mesh = chip.mesh(board.as_deref(), parts.n_parts).or_bad_input()?;
    let traffic = Traffic::new(&graph, &parts);
    let swaps = (f64::from(PlaceConfig::default().swaps) * effort) as u32;
    let config = PlaceConfig { seed: *seed, swaps, objective: *objective, ..PlaceConfig::default() };
    let ended = AtomicBool::new(false);
    let watch: Watch<'_> = &|done| {
        let answer = watch(Stage::Place, done);
        ended.fetch_or(answer.is_break(), Ordering::Relaxed);
        answer
    };
    let mut placement = place(&traffic, &mesh, &config, watch).or_bad_input()?;
    if *objective == Objective::TreeLinks {
        let swaps = (f64::from(TREE_SWAPS) * effort) as u32;
        placement = shorten_trees(&graph, &parts, &mesh, &placement, swaps, watch);
    }
    let placed = start.elapsed().as_secs_f64();
    let mapping = Mapping {
        network,
        layout: &laid.layout,
        activity,
        dt: laid.dt,
        mesh: &mesh,
        partition: &parts,
        placement: &placement,
    };
    // A fault here is ours, not the input's.
    let checked = check(mapping, chip).map_err(anyhow::Error::from)?;
    let checked_after = start.elapsed().as_secs_f64();
    let shifts = laid.exponents().map_or_else(Vec::new, |exponents| split_shifts(&checked, &exponents));
    let tree_links = trees(&graph, chip, &parts, &placement, &mesh);
    let events = EventCounts::of(&graph, &parts, chip.chip_mesh().fabric, laid.steps);
    let seconds =
        Seconds { partition: partitioned, place: placed - partitioned, check: checked_after - placed };
    let routes = route(&traffic, &placement, &mesh);
    let in_order = in_order(&graph, chip, &mesh, laid.steps)?;
    let ended = ended.into_inner();
    Ok(Finished { checked, traffic, placement, routes, tree_links, events, in_order, shifts, ended, seconds })
}

/// What the parts are searched by: spikes, and a little for every source, so that those that were silent while the
/// activity was counted lie beside their targets, too. Without it they are strewn over cores of their own, since
/// nothing is lost by that.
fn weights(spikes: &[u32]) -> Vec<u32> {
    /// A spike counts for so many silent sources, where there is room for it in a number.
    const SPIKE: u32 = 16;
    let spike = match spikes.iter().max() {
        Some(most) => ((u32::MAX - 1) / (*most).max(1)).min(SPIKE),
        None => SPIKE,
    };
    spikes.iter().map(|spikes| spikes * spike + 1).collect()
}

/// Who it is, and what is wrong.
fn refused(network: &ValidNetwork, error: PartitionError) -> Failure {
    let number = match &error {
        PartitionError::Stopped => {
            return Failure::Failed(anyhow!("stopped before there was a mapping; nothing was written"));
        }
        PartitionError::Neuron { neuron, .. } => Some(*neuron),
        PartitionError::Synapses { source_idx, .. } => Some(*source_idx),
        _ => None,
    };
    let who = number.and_then(|number| name_of(network, number));
    let error = anyhow!(error);
    Failure::BadInput(match who {
        Some((population, node)) => error.context(format!("population \"{population}\", node {node}")),
        None => error,
    })
}

/// Links that spikes go over, if the fabric copies them on the way.
fn trees(
    graph: &Graph,
    chip: &Chip,
    parts: &Partition,
    placement: &Placement,
    mesh: &Mesh,
) -> Option<TreeLinks> {
    match chip.chip_mesh().fabric {
        Fabric::Unicast => None,
        Fabric::Multicast => Some(tree_links(graph, parts, placement, mesh)),
    }
}

fn in_order(graph: &Graph, chip: &Chip, mesh: &Mesh, steps: Option<u64>) -> Result<InOrder, Failure> {
    let filled = sequential(graph, &chip.limits());
    let Partition { n_parts, .. } = filled.partition;
    let mesh = if n_parts <= mesh.n_cores() { *mesh } else { chip.mesh(None, n_parts).or_bad_input()? };
    let traffic = Traffic::new(graph, &filled.partition);
    let placement = Placement { core: (0..n_parts).collect() };
    let routes = route(&traffic, &placement, &mesh);
    Ok(InOrder {
        cores: n_parts,
        cores_over_budget: filled.n_over,
        packets: routes.packets,
        hops: routes.hops,
        hop_energy: routes.energy,
        most_loaded_link: routes.links.most_loaded(),
        tree_links: trees(graph, chip, &filled.partition, &placement, &mesh),
        events: EventCounts::of(graph, &filled.partition, chip.chip_mesh().fabric, steps),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

    use rheobase_net::generate::generate;
    use rheobase_net::validate;
    use rheobase_study::experiment::vowels;

    use super::*;
    use crate::map::{ChosenChip, LayConfig, lay_down};

    /// Whoever ends the search for parts has nothing; whoever ends that for places has a mapping, checked like any.
    #[test]
    fn a_search_that_is_ended_while_cores_are_chosen_leaves_a_mapping() {
        let network = validate(generate(&vowels().liquid.network, 1).unwrap()).unwrap();
        let chosen = ChosenChip::of("loihi1").unwrap();
        let activity = Activity::uniform(&network);
        let config =
            LayConfig { weight_bits: 8, dt: 1.0, groups: None, negative_exponents: false, counted: None };
        let laid = lay_down(&network, &chosen.chip, &activity, &config).unwrap();
        let how = Search { board: None, seed: 1, effort: 1.0, objective: Objective::Hops };
        let ended_in = |last: Option<Stage>| {
            search(&network, &chosen.chip, &activity, &laid, &how, &|stage, _| match last == Some(stage) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })
        };
        assert!(matches!(ended_in(Some(Stage::Partition)), Err(Failure::Failed(_))));
        let whole = ended_in(None).unwrap();
        let early = ended_in(Some(Stage::Place)).unwrap();
        assert!(early.ended && !whole.ended);
        assert_eq!(early.routes.packets, whole.routes.packets);
        assert!(early.routes.hops >= whole.routes.hops);
        assert_eq!(early.checked.cores().len(), whole.checked.cores().len());
    }
}
