//! The order of a network's neurons, and its rows without repeats.

use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Delays, Network, Population, PopulationId, Projection, Receptor, Synapses, Weights};

/// The order of neurons in space: x runs fastest, then y, then z. Neurons are counted over all populations.
///
/// # Panics
/// If a population has no positions.
pub fn raster(network: &Network) -> Vec<u32> {
    let positions = positions(network);
    let mut order: Vec<u32> = (0..positions.len() as u32).collect();
    let key = |neuron: u32| {
        let [x, y, z] = positions[neuron as usize];
        [z, y, x]
    };
    order.sort_by(|a, b| key(*a).partial_cmp(&key(*b)).expect("points of a grid are numbers"));
    order
}

/// An order that is drawn.
pub fn shuffled(n: u32, seed: u64) -> Vec<u32> {
    let mut stream = Stream::new(seed, Purpose::Choose, u32::MAX, 0);
    let keys: Vec<f64> = (0..n).map(|_| stream.open01()).collect();
    let mut order: Vec<u32> = (0..n).collect();
    order.sort_by(|a, b| keys[*a as usize].total_cmp(&keys[*b as usize]));
    order
}

fn positions(network: &Network) -> Vec<[f32; 3]> {
    let of = |population: &Population| population.positions.clone().expect("a column is in space");
    network.populations.iter().flat_map(of).collect()
}

/// The same neurons and synapses with all neurons in one population, in that order.
///
/// Excitatory and inhibitory synapses become a projection each, and every population is taken to send only one
/// kind and to have the same neurons, as in a column. The weights are ±1.
pub fn in_one_population(network: &Network, order: &[u32]) -> Network {
    let first = |population: usize| -> u32 {
        network.populations[..population].iter().map(|population| population.size).sum()
    };
    let mut new = vec![0; order.len()];
    order.iter().zip(0..).for_each(|(old, i)| new[*old as usize] = i);
    let mut kinds = [(); 2].map(|()| (vec![0_u64], Vec::new()));
    for &old in order {
        let is_here = |i: &usize| (first(*i)..first(*i) + network.populations[*i].size).contains(&old);
        let population = (0..network.populations.len()).find(is_here).expect("an order of the neurons");
        for projection in network.projections.iter().filter(|one| one.source.idx() == population) {
            let (synapses, first_target) = (&projection.synapses, first(projection.target.idx()));
            let row = synapses.row((old - first(population)) as usize);
            let is_inhibitory = !row.is_empty() && synapses.weight.get(row.start) < 0.0;
            let (_, target) = &mut kinds[usize::from(is_inhibitory)];
            target.extend(synapses.target[row].iter().map(|end| new[(first_target + end) as usize]));
        }
        for (row_start, target) in &mut kinds {
            let begun = row_start[row_start.len() - 1] as usize;
            target[begun..].sort_unstable();
            row_start.push(target.len() as u64);
        }
    }
    let projection = |(name, weight, (row_start, target))| Projection {
        name: String::from(name),
        source: PopulationId(0),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses: Synapses { row_start, target, weight: Weights::Shared(weight), delay: Delays::Shared(1.0) },
        plasticity: None,
    };
    let [excitatory, inhibitory] = kinds;
    let positions = positions(network);
    let population = Population {
        name: "neurons".to_owned(),
        size: order.len() as u32,
        model: network.populations[0].model.clone(),
        positions: Some(order.iter().map(|old| positions[*old as usize]).collect()),
    };
    Network {
        populations: vec![population],
        projections: [("excitatory", 1.0, excitatory), ("inhibitory", -1.0, inhibitory)]
            .map(projection)
            .into(),
        description: network.description.clone(),
    }
}

/// Leaves out all but the first synapse of a pair, and those of a neuron with itself, of sorted rows from a
/// population to itself whose synapses are all alike.
pub fn without_repeats(synapses: &mut Synapses) {
    let Synapses { row_start, target, weight: _, delay: _ } = synapses;
    let mut kept = 0;
    for source in 0..row_start.len() - 1 {
        let row = row_start[source] as usize..row_start[source + 1] as usize;
        let first = kept;
        row_start[source] = first as u64;
        for i in row {
            let end = target[i];
            if end as usize != source && (kept == first || target[kept - 1] != end) {
                target[kept] = end;
                kept += 1;
            }
        }
    }
    target.truncate(kept);
    if let Some(end) = row_start.last_mut() {
        *end = kept as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn synapses(rows: &[&[u32]], weight: f64) -> Synapses {
        let mut row_start = vec![0];
        rows.iter().for_each(|row| row_start.push(row_start[row_start.len() - 1] + row.len() as u64));
        Synapses {
            row_start,
            target: rows.concat(),
            weight: Weights::Shared(weight),
            delay: Delays::Shared(1.0),
        }
    }

    #[test]
    fn repeats_and_a_neuron_s_own_synapses_go() {
        let mut with = synapses(&[&[0, 1, 1, 2], &[], &[0, 0, 2]], 1.0);
        without_repeats(&mut with);
        assert_eq!(with, synapses(&[&[1, 2], &[], &[0]], 1.0));
    }

    /// Two excitatory neurons and one inhibitory, which becomes the first.
    #[test]
    fn one_population_has_the_same_synapses() {
        let population = |name: &str, positions: &[[f32; 3]]| Population {
            name: name.to_owned(),
            size: positions.len() as u32,
            model: rheobase_net::Model::SpikeSource(rheobase_net::SpikeSource::External),
            positions: Some(positions.to_vec()),
        };
        let projection = |source, target, synapses| Projection {
            name: format!("{source}-{target}"),
            source: PopulationId(source),
            target: PopulationId(target),
            receptor: Receptor::BySign,
            synapses,
            plasticity: None,
        };
        let network = Network {
            populations: vec![
                population("exc", &[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]),
                population("inh", &[[0.0; 3]]),
            ],
            projections: vec![
                projection(0, 0, synapses(&[&[1], &[0]], 3.0)),
                projection(0, 1, synapses(&[&[0], &[]], 4.0)),
                projection(1, 0, synapses(&[&[0]], -5.0)),
            ],
            ..Network::default()
        };
        assert_eq!(raster(&network), [2, 0, 1]);
        let one = in_one_population(&network, &raster(&network));
        assert_eq!(one.projections[0].synapses, synapses(&[&[], &[0, 2], &[1]], 1.0));
        assert_eq!(one.projections[1].synapses, synapses(&[&[1], &[], &[]], -1.0));
        assert_eq!(one.populations[0].positions.as_ref().unwrap()[1], [1.0, 0.0, 0.0]);
    }

    #[test]
    fn a_shuffled_order_has_every_number_once() {
        let mut order = shuffled(1000, 3);
        assert_ne!(order, (0..1000).collect::<Vec<_>>());
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
