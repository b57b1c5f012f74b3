//! One shard, two and eight give the same bits; a run again gives the same; the seed changes it.

mod support;

use rheobase_net::{Recording, ValidNetwork, generate};
use rheobase_sim::{Scheduler, SimConfig};
use support::*;

fn on_threads(network: &ValidNetwork, scheduler: Scheduler, threads: usize, seed: u64) -> Recording {
    let config = SimConfig { threads: Some(threads), record: everything(), ..config(scheduler, 0.1) };
    // More workers than the machine may have, so that shards really run side by side.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    pool.install(|| run(network, &config, 400.0, seed))
}

/// Potentials of sources are NaN, which is not equal to itself.
fn bits(recording: &Recording) -> Vec<u64> {
    recording.final_v.iter().flatten().map(|v| v.to_bits()).collect()
}

#[test]
fn the_number_of_shards_changes_no_bit() {
    for spec in [generate::lsm_delta(1000), generate::lsm_exp(1000)] {
        let network = liquid(&spec, 3);
        for scheduler in [Scheduler::Grid, Scheduler::Event] {
            let one = on_threads(&network, scheduler, 1, 5);
            assert!(one.spikes.len() > 100, "{} spikes show nothing", one.spikes.len());
            for threads in [1, 2, 8] {
                let more = on_threads(&network, scheduler, threads, 5);
                assert_eq!(one.spikes, more.spikes, "{scheduler:?} on {threads}");
                assert_eq!(bits(&one), bits(&more), "{scheduler:?} on {threads}");
                assert_eq!(
                    (&one.counters, &one.rates),
                    (&more.counters, &more.rates),
                    "{scheduler:?} on {threads}"
                );
            }
            assert_ne!(one.spikes, on_threads(&network, scheduler, 1, 6).spikes);
        }
    }
}
