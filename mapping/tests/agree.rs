//! Programs that share no code agree: what the partitioner and the placer make is legal by the check, with the
//! same packets, hops and energy, and what feasibility refuses the partitioner refuses; the
//! numbers of a chip that are written down twice are the same.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod common;

use std::ops::ControlFlow;

use common::{Budgets, Case, cases};
use proptest::prelude::*;
use rheobase_mapping::check::{Mapping, check};
use rheobase_mapping::chip::{Chip, SignRule, SynapseMemory};
use rheobase_mapping::fit::fit;
use rheobase_mapping::quantize::NumberFormat;
use rheobase_mapping::{Graph, PartitionConfig, PlaceConfig, Traffic, partition, place, route};

fn budgets() -> impl Strategy<Value = Budgets> {
    let budget = |least: u64, most: u64| prop_oneof![3 => least..most, 1 => Just(u64::MAX)];
    let memory = (1_u32..40, 0_u32..20, 1_u32..6);
    (budget(1, 8), budget(5, 20), budget(2, 12), budget(8, 60), budget(1, 4), memory).prop_map(
        |(compartments, input_axons, output_axons, synapse_words, neuron_configs, (word, header, block))| {
            let memory = SynapseMemory { word, header, block };
            let fan_in = u64::MAX;
            Budgets { compartments, input_axons, output_axons, synapse_words, neuron_configs, fan_in, memory }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_made_is_legal_and_what_is_refused_cannot_be_made(
        case in cases(), budgets in budgets(), seed in any::<u64>(),
    ) {
        let chip = budgets.chip();
        let Case { network, layout, activity } = &case;
        let graph = Graph::new(network, layout, activity);
        let config = PartitionConfig { seed, ..PartitionConfig::default() };
        let made = partition(&graph, &chip.limits(), &config, &mut |_| ControlFlow::Continue(()));
        let fits = fit(network, layout, &chip, None);
        prop_assume!(made.is_ok());
        let made = made.unwrap();
        prop_assert!(fits.is_ok(), "{}", fits.unwrap_err());
        prop_assert!(fits.unwrap().bound().cores <= made.n_parts);
        let mesh = chip.mesh(None, made.n_parts).unwrap();
        let traffic = Traffic::new(&graph, &made);
        let config = PlaceConfig { seed, swaps: 20, ..PlaceConfig::default() };
        let placed = place(&traffic, &mesh, &config, &|_| ControlFlow::Continue(())).unwrap();
        let mapping = Mapping { network, layout, activity, dt: 1.0, mesh: &mesh, partition: &made, placement: &placed };
        let checked = check(mapping, &chip);
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
        let checked = checked.unwrap();
        let routes = route(&traffic, &placed, &mesh);
        let count = checked.traffic();
        prop_assert_eq!((count.packets, count.hops), (routes.packets, routes.hops));
        prop_assert!((count.hop_energy - routes.energy).abs() <= 1e-9 * routes.energy);
    }
}

/// The quantizer's numbers of Loihi are those of the chip's file.
#[test]
fn the_quantizer_counts_as_the_file_of_loihi_says() {
    let chip = Chip::named("loihi1").unwrap();
    let (synapse, neuron) = (chip.synapse(), chip.neuron());
    let narrow = |n: u32| u8::try_from(n).unwrap();
    let of_file = NumberFormat {
        weight_bits: synapse.weight_bits.iter().copied().map(narrow).collect(),
        one_sign: synapse.sign == SignRule::Projection,
        weight_exp: synapse.weight_exponent.unwrap().map(|e| i8::try_from(e).unwrap()),
        decay_bits: narrow(neuron.decay_bits.unwrap()),
        threshold_bits: narrow(neuron.threshold_bits.unwrap()),
        threshold_shift: narrow(neuron.threshold_shift.unwrap()),
        bias_bits: narrow(neuron.bias_bits.unwrap()),
        bias_exp: u8::try_from(neuron.bias_exponent.unwrap()[1]).unwrap(),
        delay: narrow(synapse.delay_steps),
        refractory: neuron.refractory_steps.unwrap().map(narrow),
        index_bits: narrow(synapse.index_bits),
    };
    assert_eq!(of_file, NumberFormat::loihi());
}
