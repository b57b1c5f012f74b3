//! The emulator against the replay.

use proptest::prelude::*;
use rheobase_loihi_export::emulate::{Chip, Profile, Variable};

use super::naive::Naive;
use super::networks::{random, random_messages};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_state_of_every_step_is_that_of_the_page(seed: u64, rounds: bool) {
        let netlist = random(seed, rounds);
        let mut chip = Chip::new(&netlist, Profile::Lava010, 1).unwrap();
        let mut naive = Naive::new(&netlist);
        let n_in = netlist.populations[0].size;
        for t in 1..=80 {
            let messages = random_messages(seed, t, n_in);
            chip.step(&messages);
            naive.step(&messages);
            let mut node = n_in;
            for (u, v) in naive.u.iter().zip(&naive.v) {
                for (u, v) in u.iter().zip(v) {
                    let s = chip.sent().iter().find(|message| message.node == node);
                    prop_assert_eq!(s.map_or(0, |message| i64::from(message.value)), naive.s[node as usize]);
                    prop_assert_eq!(chip.state(node, Variable::U), Some(*u as f64), "step {}, node {}", t, node);
                    prop_assert_eq!(chip.state(node, Variable::V), Some(*v as f64), "step {}, node {}", t, node);
                    node += 1;
                }
            }
        }
    }
}
