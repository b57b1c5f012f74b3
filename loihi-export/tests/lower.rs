//! A mapped network and its netlist say the same: what `mapping::check` counted on every core is there, and every
//! synapse is there once, with the numbers of the quantized network.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::ops::ControlFlow;

use rheobase_loihi_export::lower;
use rheobase_loihi_export::netlist::{Link, Sign};
use rheobase_mapping::check::{Mapping, check};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::quantize::{NumberFormat, QuantizeConfig, SignMode, quantize};
use rheobase_mapping::{Activity, Graph, PartitionConfig, PlaceConfig, Traffic, partition, place};
use rheobase_net::{ValidNetwork, generate, validate};

/// Loihi, but with cores of so few compartments that a small liquid takes several.
fn small_cores() -> (Chip, String) {
    let text = Chip::text("loihi1").unwrap();
    let line = text.lines().find(|line| line.starts_with("compartments")).unwrap();
    let text = text.replacen(line, "compartments = 40", 1);
    (Chip::from_toml(&text).unwrap(), text)
}

fn liquids() -> Vec<ValidNetwork> {
    let specs = [generate::lsm_delta(135), generate::lsm_stp(200)];
    specs.iter().map(|spec| validate(generate::generate(spec, 7).unwrap()).unwrap()).collect()
}

#[test]
fn a_netlist_holds_what_was_checked() {
    let (chip, text) = small_cores();
    for network in &liquids() {
        let activity = Activity::uniform(network);
        let config = QuantizeConfig { dt: 0.1, ..QuantizeConfig::default() };
        let Ok(quantized) = quantize(network, &NumberFormat::of(&chip).unwrap(), &activity, &config) else {
            continue;
        };
        let layout = quantized.layout();
        let graph = Graph::new(network, &layout, &activity);
        let config = PartitionConfig::default();
        let parts = partition(&graph, &chip.limits(), &config, &mut |_| ControlFlow::Continue(())).unwrap();
        let mesh = chip.mesh(None, parts.n_parts).unwrap();
        let traffic = Traffic::new(&graph, &parts);
        let go_on = |_| ControlFlow::Continue(());
        let placement = place(&traffic, &mesh, &PlaceConfig::default(), &go_on).unwrap();
        let mapping = Mapping {
            network,
            layout: &layout,
            activity: &activity,
            dt: 0.1,
            mesh: &mesh,
            partition: &parts,
            placement: &placement,
        };
        let checked = check(mapping, &chip).unwrap();
        let netlist = lower(&checked, &quantized, &text);

        assert!(netlist.cores.len() > 3);
        assert_eq!(netlist.cores.len(), checked.cores().len());
        for (core, counted) in netlist.cores.iter().zip(checked.cores()) {
            assert_eq!(core.core, counted.core);
            assert_eq!(core.n_compartments() as u64, counted.usage.compartments);
            assert_eq!(core.input_axons.len() as u64, counted.usage.input_axons);
            assert_eq!(core.output_axons.core.len() as u64, counted.usage.output_axons);
        }
        // Every synapse, by its ends.
        let mut found: Vec<(String, u32, u32, u8, i32)> = Vec::new();
        for core in &netlist.cores {
            for block in &core.blocks {
                let group = &core.groups[block.group as usize];
                for row in 0..block.n_rows() {
                    let source = core.input_axons.node[block.axon[row] as usize];
                    for i in block.row(row) {
                        let target = group.neurons[block.target[i] as usize];
                        found.push((
                            block.projection.clone(),
                            source,
                            target,
                            block.delay[i],
                            block.weight[i],
                        ));
                    }
                }
                let p = network.projections().iter().position(|p| p.name == block.projection).unwrap();
                let numbers = &quantized.projections()[p];
                let Link::Weights { weight_exp, weight_bits, sign, message_bits: 0 } = block.link else {
                    panic!("{:?}", block.link)
                };
                let expected = match numbers.sign() {
                    SignMode::Excitatory => Sign::Excitatory,
                    SignMode::Inhibitory => Sign::Inhibitory,
                    SignMode::Mixed => Sign::Mixed,
                };
                assert_eq!((weight_exp, weight_bits), (numbers.weight_exp(), numbers.weight_bits()));
                assert_eq!(sign, expected);
            }
        }
        let mut expected = Vec::new();
        for (projection, numbers) in network.projections().iter().zip(quantized.projections()) {
            for source in 0..network.population(projection.source).size {
                for i in projection.synapses.row(source as usize) {
                    let target = projection.synapses.target[i];
                    let weight = i32::from(numbers.weight(i));
                    expected.push((projection.name.clone(), source, target, numbers.delay(i), weight));
                }
            }
        }
        found.sort_unstable();
        expected.sort_unstable();
        assert!(found == expected, "{} and {} synapses", found.len(), expected.len());
        // Every neuron's numbers are at its compartment.
        let of = |population: &str| network.populations().iter().position(|p| p.name == population).unwrap();
        let mut seen = 0;
        for core in &netlist.cores {
            for group in &core.groups {
                let name = &netlist.populations[group.population as usize].name;
                let before = &network.populations()[..of(name)];
                let first: u32 = before.iter().filter(|p| p.model.is_neuron()).map(|p| p.size).sum();
                let rheobase_loihi_export::netlist::Model::Lif(lif) = &group.model else { panic!() };
                for (i, neuron) in group.neurons.iter().enumerate() {
                    let numbers = quantized.neurons()[(first + neuron) as usize];
                    assert_eq!(lif.du[i], i32::from(numbers.current_decay));
                    assert_eq!(lif.dv[i], i32::from(numbers.membrane_decay));
                    assert_eq!(lif.vth[i], numbers.threshold as i32);
                    assert_eq!(
                        lif.bias_mant[i] << lif.bias_exp[i],
                        i32::from(numbers.bias) << numbers.bias_exp
                    );
                    assert_eq!(
                        (lif.v[i], lif.refractory[i]),
                        (numbers.v_init, i32::from(numbers.refractory))
                    );
                    seen += 1;
                }
            }
        }
        assert_eq!(seen, network.n_neurons());
    }
}
