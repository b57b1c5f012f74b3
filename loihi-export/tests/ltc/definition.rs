//! The program against its definition: the equations of `LtcUnits`, computed anew in every step from all synapses,
//! in wide numbers, with no events and no sums that are kept.

use rheobase_mapping::liquid::{LiquidConfig, QuantizedLiquid, SourceNode};

use crate::liquids::{inputs, liquid, netlist, quantized, run};

/// `x / y` to the nearest whole number, ties up.
fn nearest(x: i128, y: i128) -> i128 {
    (2 * x + y).div_euclid(2 * y)
}

fn sigmoid(liquid: &QuantizedLiquid, z: i128) -> i128 {
    let table = &liquid.format.table;
    let one = 1_i128 << liquid.format.sigmoid_bits;
    if z < 0 {
        return one - sigmoid(liquid, -z);
    }
    let interval = (16_i128 << liquid.format.z_bits) / (table.len() as i128 - 1);
    let i = (z / interval) as usize;
    if i + 1 >= table.len() {
        return i128::from(table[table.len() - 1]);
    }
    let (from, to) = (i128::from(table[i]), i128::from(table[i + 1]));
    from + nearest((to - from) * (z % interval), interval)
}

/// All states of a run, by the definition.
fn states(liquid: &QuantizedLiquid, xs: &[Vec<f64>]) -> (Vec<Vec<i32>>, u64) {
    let n = liquid.units.len();
    let (mut v, mut sent) = (vec![0_i32; n], vec![0_i32; n]);
    let mut inputs = vec![0_i32; liquid.n_inputs as usize];
    let mut all = vec![v.clone()];
    let mut messages = 0;
    for row in xs {
        for (k, x) in row.iter().enumerate() {
            let x = liquid.input(k, *x);
            if (x - inputs[k]).abs() >= liquid.format.input_threshold {
                inputs[k] = x;
            }
        }
        for _ in 0..liquid.format.unfolds {
            let known = sent.clone();
            for (i, unit) in liquid.units.iter().enumerate() {
                let mut num =
                    i128::from(unit.cm) * i128::from(v[i]) + i128::from(unit.gleak) * i128::from(unit.vleak);
                let mut den = i128::from(unit.cm) + i128::from(unit.gleak);
                for synapse in &unit.synapses {
                    let y = match synapse.source {
                        SourceNode::Unit(unit) => known[unit as usize],
                        SourceNode::Input(input) => inputs[input as usize],
                    };
                    let product = (i128::from(y) - i128::from(synapse.mu)) * i128::from(synapse.slope);
                    let z = nearest(product, 1 << liquid.format.slope_shift);
                    let open = sigmoid(liquid, z);
                    let g = nearest(i128::from(synapse.w) * open, 1 << liquid.format.sigmoid_bits);
                    num += g * i128::from(synapse.erev);
                    den += g;
                }
                v[i] = nearest(num, den) as i32;
                if (v[i] - sent[i]).abs() >= liquid.format.threshold {
                    sent[i] = v[i];
                    messages += 1;
                }
            }
            all.push(v.clone());
        }
    }
    (all, messages)
}

#[test]
fn events_do_what_the_equations_say() {
    for seed in 0..30 {
        let liquid = liquid(seed);
        for threshold in [0.0, 0.0001, 0.02] {
            let config = LiquidConfig {
                threshold,
                input_threshold: threshold,
                state_bits: 13,
                ..LiquidConfig::default()
            };
            let quantized = quantized(&liquid, config);
            let xs = inputs(&liquid, 12, seed);
            let shown = run(&quantized, &netlist(&quantized), &xs);
            let (expected, messages) = states(&quantized, &xs);
            // A run has a step before the first and one after the last.
            assert_eq!(shown.v[..expected.len()], expected, "seed {seed}, threshold {threshold}");
            // In the step after the last, units go on.
            let n = quantized.units.len() as u64;
            assert!(
                (messages..=messages + n).contains(&shown.work.messages),
                "seed {seed}, threshold {threshold}"
            );
        }
    }
}

#[test]
fn what_has_come_to_rest_costs_nothing() {
    let liquid = liquid(6);
    let quantized = quantized(&liquid, LiquidConfig::default());
    let netlist = netlist(&quantized);
    let mut xs = vec![vec![0.7; liquid.inputs.len()]; 400];
    let short = run(&quantized, &netlist, &xs);
    xs.extend(xs.clone());
    let long = run(&quantized, &netlist, &xs);
    assert_eq!(long.v[long.v.len() - 1], short.v[short.v.len() - 1]);
    assert_eq!((long.work, long.inputs), (short.work, short.inputs));
}
