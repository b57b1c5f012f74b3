//! Runs that are priced: counts are those of the run, and energies are counts times the architecture's figures.

use std::ops::ControlFlow;

use rheobase_loihi_export::cost::{Architecture, Timing};
use rheobase_loihi_export::emulate::{
    EmulateConfig, Input, PriceError, PricedStep, Signal, emulate, emulate_priced,
};
use rheobase_loihi_export::netlist::{Lif, Model, Place, ValidNetlist, split};
use rheobase_mapping::chip::Chip;

use super::networks::{connection, one_core, plain, read_back};

/// Four neurons in a chain, of which every second fires by itself, on cores 0, 1, 5 and 127 of Loihi 1.
fn chain() -> ValidNetlist {
    let lif = Lif { bias_mant: vec![700, 0, 700, 0], ..plain(4) };
    let recurrent: Vec<_> = (0..4).flat_map(|i| [(i, (i + 1) % 4, 12), (i, i, 2)]).collect();
    let connections = vec![connection(0, 1, &[(0, 0, 2), (0, 1, 2)]), connection(1, 1, &recurrent)];
    let netlist = one_core(1, vec![(4, Model::Lif(lif))], connections);
    let mut netlist = split(&netlist, |_, neuron| [0, 1, 5, 127][neuron as usize]);
    let file = Chip::text("loihi1").expect("it is known").to_owned();
    netlist.chip = Some(Place { name: "loihi1".to_owned(), file, chips: [1, 1] });
    read_back(netlist)
}

#[test]
fn energy_is_what_was_counted_times_what_it_costs() {
    let (netlist, loihi) = (chain(), Architecture::loihi());
    let input =
        Input::new(&netlist, &[("in", Signal::Table(&[vec![1], vec![0], vec![1]]))]).expect("it fits");
    let config = EmulateConfig { steps: 20, step_table: true, ..EmulateConfig::default() };
    let mut watch = |_| ControlFlow::Continue(());
    let plain = emulate(&netlist, &input, &config, &mut watch).expect("Lava has all of it");
    let units = &loihi.tiles[0].cores[0].units;
    let (soma, synapse, dendrite) = (&units.somas[0], &units.synapses[0], &units.dendrites[0]);
    for timing in [Timing::Simple, Timing::Detailed] {
        let priced = emulate_priced(&netlist, &input, &config, &loihi, timing, &mut watch).expect("it fits");
        assert_eq!(priced.run, plain);
        assert_eq!(priced.steps.len(), 20);
        for (step, PricedStep { cost, input }) in (1..).zip(&priced.steps) {
            let mut work = rheobase_loihi_export::emulate::Work::default();
            plain.steps.iter().filter(|own| own.step == step).for_each(|own| work += own.work);
            let counts = cost.counts;
            assert_eq!(counts.fired, work.spikes);
            assert_eq!(counts.packets, work.packets + work.own_packets);
            assert_eq!(counts.hops, work.hops[0] + work.hops[1], "step {step}");
            assert_eq!(counts.synaptic_events, work.synaptic_events);
            assert_eq!(counts.accessed, 4);
            let events = counts.synaptic_events as f64;
            let near = |a: f64, b: f64| (a - b).abs() <= 1e-12 * a.abs().max(b.abs());
            assert!(near(cost.energy.synapse, events * synapse.spike.energy));
            assert!(near(cost.energy.dendrite, events * dendrite.update.energy));
            let somas = 4.0 * soma.access.energy
                + counts.updated as f64 * soma.update.energy
                + counts.fired as f64 * soma.spike.energy;
            assert!(near(cost.energy.soma, somas), "{} {somas}", cost.energy.soma);
            let taken_in = work.input_packets as f64 * units.axon_in.message.energy
                + work.input_events as f64 * (synapse.spike.energy + dendrite.update.energy);
            assert!(near(*input, taken_in));
            assert!(cost.time > 0.0);
        }
        // A bias of 700 fires in every step, and what it fires a step later.
        let last = priced.steps[19].cost.counts;
        assert_eq!((last.fired, last.updated), (4, 4));
    }
}

#[test]
fn cores_that_the_architecture_has_not_are_refused() {
    let netlist = one_core(1, vec![(2, Model::Lif(plain(2)))], vec![]);
    let far = read_back(split(&netlist, |_, _| 128));
    let config = EmulateConfig { steps: 1, ..EmulateConfig::default() };
    let loihi = Architecture::loihi();
    let mut watch = |_| ControlFlow::Continue(());
    let error = emulate_priced(&far, &Input::default(), &config, &loihi, Timing::Simple, &mut watch);
    assert!(matches!(error, Err(PriceError::Layout { .. })), "{error:?}");
}
