//! Two neurons that change places, where parts hold few neurons and what is left in them is less than one takes.

use super::Objective;
use super::anneal::{Gain, Market, Pass, Sums, in_blocks};
use super::noise::{Gumbel, Noise};
use super::pins::Pin;
use super::price::{Burden, Prices};
use super::slots::OUTSIDE;
use super::state::State;

/// Neurons of a part that are tried in exchange for one.
const EXCHANGES: usize = 16;

impl Pass {
    /// Offers every neuron a place in the part that draws it most, in exchange for one of some neurons there; gives
    /// the number of moves.
    pub fn exchange(&self, state: &mut State<'_>, sums: &mut Sums, gumbel: &Gumbel) -> usize {
        let mut noise = Noise::new(self.seed);
        let order = in_blocks(state.pins.n_vertices(), &mut noise);
        let mut quotes = Quotes::new(state, self.prices);
        let mut members = vec![Vec::new(); state.n_parts() as usize];
        state.part.iter().enumerate().for_each(|(v, part)| members[*part as usize].push(v as u32));
        let wall = self.prices.rooms.of_axons.wall;
        let mut n_moves = 0;
        for (i, neuron) in order.into_iter().enumerate() {
            if i % 64 == 0 {
                quotes.refresh(state);
            }
            let from = state.part[neuron as usize];
            let mut best = None;
            let mut most = f32::NEG_INFINITY;
            quotes.market.offers(state, sums, neuron, |part, gain| {
                let drawn = gain.packets + self.patience * gumbel.draw(&mut noise);
                if drawn > most && !members[part as usize].is_empty() {
                    (most, best) = (drawn, Some(part));
                }
            });
            let Some(to) = best else { continue };
            // What is beyond the limits is counted where it was changed, which no price foresees: a neuron's move also
            // changes the output axons of its sources.
            let gain = quotes.gain(state, neuron, to).soft();
            let beyond = state.excess as f32;
            quotes.apply(state, neuron, to);
            let alone = gain - wall * (state.excess as f32 - beyond);
            let there = &members[to as usize];
            let first = noise.word() as usize % there.len();
            let tries = (first..).map(|i| i % there.len()).take(EXCHANGES.min(there.len()));
            let back = tries.map(|place| (quotes.gain(state, there[place], from), place));
            let (back, place) =
                back.max_by(|a, b| a.0.sum().total_cmp(&b.0.sum())).expect("the part is not empty");
            let least = self.least(state, neuron, gumbel, &mut noise);
            let here = members[from as usize].iter().position(|v| *v == neuron).expect("it is there");
            if gain + back.soft() + back.wall.max(0.0) > least && back.sum() > 0.0 {
                let other = members[to as usize][place];
                quotes.apply(state, other, from);
                let both = gain + back.soft() - wall * (state.excess as f32 - beyond);
                if both > least {
                    members[to as usize][place] = neuron;
                    members[from as usize][here] = other;
                    n_moves += 2;
                    continue;
                }
                quotes.apply(state, other, to);
            }
            if alone > least {
                members[from as usize].swap_remove(here);
                members[to as usize].push(neuron);
                n_moves += 1;
            } else {
                quotes.apply(state, neuron, from);
            }
        }
        n_moves
    }
}

/// What moves to one other part gain, for passes that ask for many: what all of them need lies side by side.
pub(super) struct Quotes {
    pub market: Market,
    /// Spikes of every source and the price of its output axons.
    worth: Vec<f32>,
    /// The part where each is.
    home: Vec<u32>,
    /// Bits and synaptic events of every vertex.
    burden: Vec<[f32; 2]>,
}

impl Quotes {
    pub fn new(state: &State<'_>, prices: Prices) -> Self {
        let burden = |vertex: u32| {
            let mut sum = [0.0; 2];
            for pin in state.pins.at(vertex) {
                let of = &state.sources.of[pin.source as usize];
                let synapses = pin.synapses() as f32;
                sum[0] += synapses * f32::from(of.bits);
                sum[1] += synapses * of.spikes;
            }
            sum
        };
        let burden = (0..state.pins.n_vertices() as u32).map(burden).collect();
        let home = state.sources.of.iter().map(|of| of.home).collect();
        let market = Market::new(state, prices, false);
        let mut quotes = Self { market, worth: Vec::new(), home, burden };
        quotes.refresh(state);
        quotes
    }

    /// Looks at all parts again.
    fn refresh(&mut self, state: &State<'_>) {
        self.market.refresh(state);
        let price = &self.market.price;
        let output = |home: u32| if home == OUTSIDE { 0.0 } else { price[home as usize].output() };
        self.worth.clear();
        self.worth.extend(state.sources.of.iter().map(|of| of.spikes + output(of.home)));
    }

    /// Moves a neuron.
    fn apply(&mut self, state: &mut State<'_>, neuron: u32, to: u32) {
        self.market.apply(state, neuron, to);
        let own = state.pins.at(neuron).filter(|pin| pin.own);
        own.for_each(|pin| self.home[pin.source as usize] = to);
    }

    /// What a neuron gains in another part: an offer of [`Market::offers`].
    pub fn gain(&self, state: &State<'_>, neuron: u32, to: u32) -> Gain {
        let from = state.part[neuron as usize];
        match state.sources.rows() {
            Some(rows) => {
                let (here, there) = (rows.pins(from), rows.pins(to));
                let pins =
                    |source: u32| (u32::from(here[source as usize]), u32::from(there[source as usize]));
                self.gain_where(state, neuron, to, pins)
            }
            None => {
                let pins = |source| (state.sources.get(source, from), state.sources.get(source, to));
                self.gain_where(state, neuron, to, pins)
            }
        }
    }

    /// The same, where `pins` tells those of a source in the part that is left and in the other.
    #[inline(always)]
    fn gain_where(&self, state: &State<'_>, neuron: u32, to: u32, pins: impl Fn(u32) -> (u32, u32)) -> Gain {
        let from = state.part[neuron as usize];
        let local = u32::from(state.objective == Objective::Messages);
        let (mut packets, mut left, mut entered, mut outputs) = (0.0, 0.0, 0.0, 0.0);
        for pin in state.pins.at(neuron) {
            let Pin { source, n, own } = pin;
            let (mut worth, mut home) = (self.worth[source as usize], self.home[source as usize]);
            if own {
                let of = &state.sources.of[source as usize];
                outputs += f32::from(of.destinations);
                (worth, home) = (if local == 1 { 0.0 } else { of.spikes }, OUTSIDE);
            }
            let axon = pin.synapses().min(1) as f32;
            let (here, there) = pins(source);
            let (home_here, home_there) = (u32::from(home == from), u32::from(home == to));
            packets += if here - local * home_here == n { worth } else { 0.0 };
            packets -= if there == local * home_there { worth } else { 0.0 };
            left += if here - home_here == n { axon } else { 0.0 };
            entered += if there == home_there { axon } else { 0.0 };
        }
        let [bits, events] = self.burden[neuron as usize];
        let burden = Burden { neurons: state.pins.n_neurons(neuron) as f32, bits, outputs, events };
        let (here, there) = (&self.market.price[from as usize], &self.market.price[to as usize]);
        let mut room = here.of(burden, left, -1.0) + there.of(burden, entered, 1.0);
        if state.limits_configs() {
            room += here.configs(-(state.configs_only_of(neuron) as f32));
            room += there.configs(state.configs_new_in(neuron, to) as f32);
        }
        let wall = here.wall(burden, left, -1.0) + there.wall(burden, entered, 1.0);
        Gain { packets, room: -room, wall: -wall }
    }
}
