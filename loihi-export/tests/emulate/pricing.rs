//! Runs that are priced: counts are those of the run, and energies are counts times the architecture's figures.

use std::ops::ControlFlow;

use rheobase_loihi_export::cost::{Architecture, Timing};
use rheobase_loihi_export::emulate::{
    EmulateConfig, Input, NoSeat, PriceError, PricedStep, Pricing, Signal, SourcesAt, emulate, emulate_priced,
};
use rheobase_loihi_export::export::sanafe;
use rheobase_loihi_export::netlist::{Lif, Model, Place, ValidNetlist, split};
use rheobase_loihi_export::sanafe::{CoreOrder, RunConfig, map, simulate};
use rheobase_mapping::chip::Chip;

use super::networks::{Draw, connection, one_core, plain, read_back};

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
    let synapse =
        units.synapses.iter().find(|unit| unit.name == "loihi_sparse_synapse").expect("it is there");
    let (soma, dendrite) = (&units.somas[0], &units.dendrites[0]);
    for timing in [Timing::Simple, Timing::Detailed] {
        let pricing = Pricing::new(loihi.clone(), timing);
        let priced = emulate_priced(&netlist, &input, &config, &pricing, &mut watch).expect("it fits");
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
    let pricing = Pricing::new(Architecture::loihi(), Timing::Simple);
    let mut watch = |_| ControlFlow::Continue(());
    let error = emulate_priced(&far, &Input::default(), &config, &pricing, &mut watch);
    assert!(matches!(error, Err(PriceError::Layout { .. })), "{error:?}");
}

/// Neurons of the kind that SANA-FE says without loss, whose inputs often cancel each other, on four cores.
fn random(seed: u64, is_on_loihi: bool) -> (ValidNetlist, Vec<Vec<i32>>) {
    let mut draw = Draw::new(seed);
    let (n_in, n) = (draw.whole(1, 8) as u32, draw.whole(10, 40) as u32);
    let biases = (0..n).map(|_| if draw.whole(0, 3) == 0 { draw.whole(-3, 6) as i32 } else { 0 }).collect();
    let lif = Lif {
        dv: (0..n).map(|_| draw.one_of(&[0, 100, 1024, 4096])).collect(),
        vth: draw.list(n, 5, 60),
        bias_mant: biases,
        bias_exp: vec![6; n as usize],
        refractory: draw.list(n, 1, 4),
        ..plain(n)
    };
    let mut between = |n_from: u32, from: u32| {
        let mut pairs: Vec<(u32, u32)> = (0..n_from).flat_map(|i| (0..n).map(move |j| (i, j))).collect();
        pairs.retain(|_| draw.whole(0, 5) == 0);
        let weights = [-20, -20, 0, 20, 20, 40];
        let synapses: Vec<_> = pairs.into_iter().map(|(i, j)| (i, j, draw.one_of(&weights))).collect();
        connection(from, 1, &synapses)
    };
    let connections = vec![between(n_in, 0), between(n, 1)];
    let table = (0..60).map(|_| draw.list(n_in, -2, 1).into_iter().map(|x| x.max(0)).collect()).collect();
    let netlist = one_core(n_in, vec![(n, Model::Lif(lif))], connections);
    let mut netlist = split(&netlist, |_, neuron| [2, 9, 17, 126][neuron as usize % 4]);
    if is_on_loihi {
        let file = Chip::text("loihi1").expect("it is known").to_owned();
        netlist.chip = Some(Place { name: "loihi1".to_owned(), file, chips: [1, 1] });
    }
    (read_back(netlist), table)
}

/// What SANA-FE's model tells of the network that is exported: in every step the same energies and times, with the
/// sources on its cores.
#[test]
fn an_export_costs_what_the_emulator_says() {
    let chip = Architecture::loihi();
    let mut watch = |_| ControlFlow::Continue(());
    let mut spikes = 0;
    for seed in 0..40 {
        let (netlist, table) = random(seed, seed % 2 == 0);
        let input = Input::new(&netlist, &[("in", Signal::Table(&table))]).expect("it fits");
        let config = EmulateConfig { steps: 60, ..EmulateConfig::default() };
        let (network, lost) = sanafe::network(&netlist, &input, config.steps, &chip).expect("there is room");
        assert_eq!(lost, [], "seed {seed}");
        // Any order of cores will do, as long as it is the same.
        let order = CoreOrder::observed([(126, 2), (2, 71), (8, 4)]).expect("it is an order");
        let program = map(&network, &chip, &order).expect("it was placed");
        for timing in [Timing::Simple, Timing::Detailed] {
            let recorded = RunConfig {
                steps: u64::from(config.steps),
                timing,
                spikes: true,
                potentials: false,
                messages: false,
            };
            let theirs = simulate(&program, &recorded);
            let pricing = Pricing {
                sources: SourcesAt::Cores,
                order: order.clone(),
                ..Pricing::new(chip.clone(), timing)
            };
            let ours = emulate_priced(&netlist, &input, &config, &pricing, &mut watch).expect("it fits");
            spikes += ours.run.work.spikes;
            for (step, (ours, theirs)) in (1..).zip(ours.steps.iter().zip(&theirs.costs)) {
                assert_eq!(ours.input, 0.0);
                assert_eq!(ours.cost, *theirs, "seed {seed}, {timing:?}, step {step}");
            }
        }
    }
    assert!(spikes > 10_000, "{spikes} are too few to tell anything");
}

/// Without lasting sums: two inputs of opposite sign arrive, and the compartment has had work.
#[test]
fn arrivals_that_cancel_each_other_are_an_update() {
    let connections = vec![connection(0, 1, &[(0, 0, 4), (1, 0, -4)])];
    let netlist = one_core(2, vec![(2, Model::Lif(plain(2)))], connections);
    let table = [vec![1, 1], vec![0, 0], vec![0, 0]];
    let input = Input::new(&netlist, &[("in", Signal::Table(&table))]).expect("it fits");
    let config = EmulateConfig { steps: 3, ..EmulateConfig::default() };
    let pricing = Pricing::new(Architecture::loihi(), Timing::Simple);
    let priced = emulate_priced(&netlist, &input, &config, &pricing, &mut |_| ControlFlow::Continue(()))
        .expect("it fits");
    let updated: Vec<u64> = priced.steps.iter().map(|step| step.cost.counts.updated).collect();
    assert_eq!(updated, [0, 1, 0]);
}

/// A hundred and twenty-eight cores of Loihi have 131,072 compartments, and no room for more.
#[test]
fn sources_without_a_seat_are_refused() {
    let netlist = one_core(131_072, vec![(1, Model::Lif(plain(1)))], vec![]);
    let config = EmulateConfig { steps: 1, ..EmulateConfig::default() };
    let pricing =
        Pricing { sources: SourcesAt::Cores, ..Pricing::new(Architecture::loihi(), Timing::Simple) };
    let mut watch = |_| ControlFlow::Continue(());
    let error = emulate_priced(&netlist, &Input::default(), &config, &pricing, &mut watch);
    let Err(PriceError::Seat(NoSeat { size, free, .. })) = error else { panic!("{error:?}") };
    assert_eq!((size, free), (131_072, 131_071));
}
