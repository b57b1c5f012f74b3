//! Cores and threads change nothing.

use proptest::prelude::*;
use rheobase_loihi_export::emulate::{Chip, Message, Profile, Variable};
use rheobase_loihi_export::netlist::{ValidNetlist, split};
use rheobase_net::random::split_mix;

use super::networks::{random, random_messages, read_back};

/// What a chip does in 60 steps: messages, currents and potentials of every one.
fn run(netlist: &ValidNetlist, seed: u64, threads: usize) -> Vec<(Vec<Message>, Vec<Option<f64>>)> {
    let mut chip = Chip::new(netlist, Profile::Lava010, threads).expect("Lava has all of it");
    let nodes = 0..*netlist.first_nodes().last().expect("one more than populations");
    let steps = (1..=60).map(|t| {
        chip.step(&random_messages(seed, t, netlist.populations[0].size));
        let state = |node| [chip.state(node, Variable::U), chip.state(node, Variable::V)];
        (chip.sent().to_vec(), nodes.clone().flat_map(state).collect())
    });
    steps.collect()
}

fn dealt(netlist: &ValidNetlist, seed: u64, n_cores: u64) -> ValidNetlist {
    let core_of = |population: u32, neuron: u32| {
        (split_mix(seed, u64::from(population) << 32 | u64::from(neuron)) % n_cores) as u32
    };
    read_back(split(netlist, core_of))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn cores_change_nothing_where_no_sum_is_rounded(seed: u64) {
        let whole = random(seed, false);
        let expected = run(&whole, seed, 1);
        for n_cores in 1..=4 {
            prop_assert_eq!(&run(&dealt(&whole, seed, n_cores), seed, 1), &expected, "{} cores", n_cores);
        }
    }

    #[test]
    fn threads_change_nothing(seed: u64, rounds: bool) {
        let netlist = dealt(&random(seed, rounds), seed, 9);
        let expected = run(&netlist, seed, 1);
        for threads in [2, 8] {
            prop_assert_eq!(&run(&netlist, seed, threads), &expected, "{} threads", threads);
        }
    }
}
