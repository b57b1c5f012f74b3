//! Lava's time step as the page of the chip states it, in 64-bit numbers and dense loops: connections first send
//! what they computed a step ago, then receive.

use rheobase_loihi_export::emulate::Message;
use rheobase_loihi_export::netlist::{Lif, Link, Model, Sign, ValidNetlist};

/// A netlist of one core of LIF neurons, going through time.
pub struct Naive<'a> {
    netlist: &'a ValidNetlist,
    t: i64,
    /// By group and compartment.
    pub u: Vec<Vec<i64>>,
    pub v: Vec<Vec<i64>>,
    held: Vec<Vec<i64>>,
    /// What every node sent in the last step.
    pub s: Vec<i64>,
    /// Buffers of the blocks: `[delay][target]`.
    buffers: Vec<Vec<Vec<i64>>>,
}

impl<'a> Naive<'a> {
    pub fn new(netlist: &'a ValidNetlist) -> Self {
        let core = &netlist.cores[0];
        let column = |of: fn(&Lif) -> &Vec<i32>| {
            let lists = core.groups.iter().map(|group| of(lif(&group.model)).iter());
            lists.map(|list| list.map(|value| i64::from(*value)).collect()).collect::<Vec<Vec<i64>>>()
        };
        let (u, v) = (column(|lif| &lif.u), column(|lif| &lif.v));
        let held = v.iter().map(|v| vec![0; v.len()]).collect();
        let sizes = core.blocks.iter().map(|block| core.groups[block.group as usize].neurons.len());
        let n_nodes = *netlist.first_nodes().last().expect("one more than populations");
        Self {
            netlist,
            t: 0,
            u,
            v,
            held,
            s: vec![0; n_nodes as usize],
            buffers: sizes.map(|n| vec![vec![0; n]; 64]).collect(),
        }
    }

    pub fn step(&mut self, messages: &[Message]) {
        self.t += 1;
        let core = &self.netlist.cores[0];
        let mut arriving: Vec<Vec<i64>> = self.u.iter().map(|u| vec![0; u.len()]).collect();
        for (block, buffer) in core.blocks.iter().zip(&mut self.buffers) {
            for (sum, sent) in arriving[block.group as usize].iter_mut().zip(&buffer[0]) {
                *sum += sent;
            }
        }
        let n_in = self.netlist.populations[0].size as usize;
        self.s[..n_in].fill(0);
        messages.iter().for_each(|message| self.s[message.node as usize] = i64::from(message.value));
        for (g, group) in core.groups.iter().enumerate() {
            let first = self.netlist.first_nodes()[group.population as usize] as usize;
            if let Model::LifReset { interval, offset, .. } = &group.model
                && (self.t - i64::from(*offset)) % i64::from(*interval) == 0
            {
                self.u[g].fill(0);
                self.v[g].fill(0);
            }
            for (i, a) in arriving[g].iter().enumerate() {
                self.s[first + i] = self.neuron(g, i, &group.model, *a);
            }
        }
        for (block, buffer) in core.blocks.iter().zip(&mut self.buffers) {
            let Link::Weights { weight_exp, weight_bits, sign, message_bits } = block.link else {
                panic!("the replay has no other links");
            };
            buffer.rotate_left(1);
            buffer[63].fill(0);
            for delay in 0..64 {
                let mut sums = vec![0_i64; buffer[0].len()];
                for (row, axon) in block.axon.iter().enumerate() {
                    let s = self.s[*axon as usize];
                    let s = if message_bits == 0 { i64::from(s != 0) } else { s };
                    for i in block.row(row).filter(|i| block.delay[*i] == delay) {
                        sums[block.target[i] as usize] += cut(block.weight[i], weight_bits, sign) * s;
                    }
                }
                for (sum, to) in sums.iter().zip(&mut buffer[usize::from(delay)]) {
                    let power = 2_f64.powi(i32::from(weight_exp));
                    *to += (*sum as f64 * power).floor() as i64;
                }
            }
        }
    }

    fn neuron(&mut self, g: usize, i: usize, model: &Model, a: i64) -> i64 {
        const LIMIT: i64 = 1 << 23;
        let lif = lif(model);
        let bias = (f64::from(lif.bias_mant[i]) * 2_f64.powi(lif.bias_exp[i])).floor() as i64;
        let mut u = decay(self.u[g][i], 4096 - (i64::from(lif.du[i]) + 1)) + a * 64;
        if u > LIMIT {
            u -= 2 * LIMIT;
        }
        if u <= -LIMIT {
            u += 2 * LIMIT;
        }
        let mut v = decay(self.v[g][i], 4096 - i64::from(lif.dv[i])) + u + bias;
        v = v.clamp(1 - LIMIT, LIMIT - 1);
        if self.held[g][i] > 0 {
            self.held[g][i] -= 1;
            v = 0;
        }
        let mut s = i64::from(v > i64::from(lif.vth[i]) * 64);
        if let Model::TernaryLif { vth_lo, .. } = model {
            s -= i64::from(v < i64::from(vth_lo[i]) * 64);
        }
        if s != 0 {
            v = 0;
            self.held[g][i] = i64::from(lif.refractory[i]) - 1;
        }
        (self.u[g][i], self.v[g][i]) = (u, v);
        s
    }
}

fn lif(model: &Model) -> &Lif {
    match model {
        Model::Lif(lif) | Model::LifReset { lif, .. } | Model::TernaryLif { lif, .. } => lif,
        _ => panic!("the replay has no other models"),
    }
}

fn decay(x: i64, m: i64) -> i64 {
    x.signum() * ((x.abs() * m) / 4096)
}

fn cut(weight: i32, bits: u8, sign: Sign) -> i64 {
    let lost = |bits: i32| 2_f64.powi(bits);
    let down = |w: f64, grain: f64| ((w / grain).floor() * grain) as i64;
    let w = f64::from(weight);
    let bits = i32::from(bits);
    match sign {
        Sign::Mixed => down(w.clamp(-256.0, 255.0), lost(9 - bits)),
        Sign::Excitatory | Sign::Null => down(w.clamp(0.0, 255.0), lost(8 - bits)),
        Sign::Inhibitory => -down((-w).clamp(0.0, 255.0), lost(8 - bits)),
    }
}
