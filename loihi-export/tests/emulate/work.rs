//! Exact numbers of what is done.

use rheobase_loihi_export::emulate::{Chip, Profile, Work};
use rheobase_loihi_export::netlist::{Lif, Model, Place, split};
use rheobase_mapping::chip::Chip as ChipFile;

use super::networks::{connection, one_core, plain, read_back};
use rheobase_loihi_export::emulate::Message;

const SPIKE: [Message; 1] = [Message { node: 0, value: 1 }];

#[test]
fn a_network_at_rest_does_nothing() {
    // Where it settles is not 0: v = u + bias at the end of every step, below the threshold.
    let lif = Lif { bias_mant: vec![3; 300], ..plain(300) };
    let netlist = one_core(1, vec![(300, Model::Lif(lif))], vec![connection(0, 1, &[(0, 77, 12)])]);
    let mut chip = Chip::new(&netlist, Profile::Lava010, 1).unwrap();
    // The first step finds v = 3, and the second finds that nothing changes.
    (0..10).for_each(|_| chip.step(&[]));
    assert_eq!(chip.work().neuron_updates, 2 * 300);
    assert_eq!(chip.core_work().count(), 0);
    // A spike wakes 64 neurons: one fires in the step of its arrival, is back in the next, and a last one finds that
    // nothing changes.
    chip.step(&SPIKE);
    (0..10).for_each(|_| chip.step(&[]));
    assert_eq!((chip.work().spikes, chip.work().neuron_updates), (1, 2 * 300 + 3 * 64));
}

#[test]
fn packets_hops_and_weights_are_counted_where_they_are() {
    // One source and two neurons; a spike of the source fires neuron 0, which has synapses at both.
    let synapses = [(0, 0, 12), (0, 1, 2)];
    let recurrent = [(0, 0, 2), (0, 1, 2)];
    let connections = vec![connection(0, 1, &synapses), connection(1, 1, &recurrent)];
    let netlist = one_core(1, vec![(2, Model::Lif(plain(2)))], connections);
    // Cores 0 and 129 of a row of Loihi 1: neighboring chips, tiles (0, 0) and (8, 0) of 8 by 4 with 4 cores each.
    let place = Place {
        name: "loihi1".to_owned(),
        file: ChipFile::text("loihi1").unwrap().to_owned(),
        chips: [2, 1],
    };
    let mesh = ChipFile::named("loihi1").unwrap().mesh(Some("kapoho-bay"), 129).unwrap();
    let [[x0, y0], [x1, y1]] = [mesh.tile(0), mesh.tile(129)];
    let mut netlist = split(&netlist, |_, neuron| 129 * neuron);
    netlist.chip = Some(Place { chips: mesh.chips, ..place });
    let netlist = read_back(netlist);
    let mut chip = Chip::new(&netlist, Profile::Lava010, 2).unwrap();
    chip.step(&SPIKE);
    let first: Vec<(u32, Work)> = chip.core_work().collect();
    // Both cores take their first step, and get the source's packet, with one weight each.
    let of_source = Work { neuron_updates: 1, input_packets: 1, input_events: 1, ..Work::default() };
    assert_eq!(first, [(0, of_source), (129, of_source)]);
    chip.step(&[]);
    let second: Vec<(u32, Work)> = chip.core_work().collect();
    let firing = Work {
        neuron_updates: 1,
        spikes: 1,
        packets: 1,
        own_packets: 1,
        hops: [u64::from(x1 - x0), u64::from(y1 - y0)],
        chip_hops: [u64::from(mesh.chips[0] > 1), u64::from(mesh.chips[1] > 1)],
        synaptic_events: 1,
        ..Work::default()
    };
    let hearing = Work { neuron_updates: 1, synaptic_events: 1, ..Work::default() };
    assert_eq!(second, [(0, firing), (129, hearing)]);
    assert_eq!(firing.hops[0] + firing.hops[1], 8 * firing.chip_hops[0] + 4 * firing.chip_hops[1]);
}
