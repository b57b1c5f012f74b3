//! Two neurons that change places, where parts hold few neurons and what is left in them is less than one takes.

use super::Objective;
use super::anneal::{Gain, Market, Pass, Sums, in_blocks};
use super::noise::{Gumbel, Noise};
use super::pins::Pin;
use super::price::{Burden, Prices};
use super::slots::{MOST, Source};
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
            let least = self.least(state, neuron, gumbel, &mut noise);
            let there = &members[to as usize];
            let first = noise.word() as usize % there.len();
            let tries = (first..).map(|i| i % there.len()).take(EXCHANGES.min(there.len()));
            let out = quotes.quote(state, neuron, to);
            let (back, place) = quotes.while_offered(state, neuron, to, out, |quotes| {
                let back = tries.map(|place| (quotes.quote(state, there[place], from).gain, place));
                back.max_by(|a, b| a.0.sum().total_cmp(&b.0.sum())).expect("the part is not empty")
            });
            let here = members[from as usize].iter().position(|v| *v == neuron).expect("it is there");
            // What is beyond the limits is counted where it was changed, which no price foresees: a neuron's move also
            // changes the output axons of its sources.
            let excess = state.excess as f32;
            let soft = out.gain.soft();
            if out.gain.sum() + back.sum() > least && back.sum() > 0.0 {
                let other = members[to as usize][place];
                quotes.apply(state, neuron, to);
                quotes.apply(state, other, from);
                if soft + back.soft() - wall * (state.excess as f32 - excess) > least {
                    members[to as usize][place] = neuron;
                    members[from as usize][here] = other;
                    n_moves += 2;
                    continue;
                }
                quotes.apply(state, other, to);
                quotes.apply(state, neuron, from);
            }
            if out.gain.sum() > least {
                quotes.apply(state, neuron, to);
                if soft - wall * (state.excess as f32 - excess) > least {
                    members[from as usize].swap_remove(here);
                    members[to as usize].push(neuron);
                    n_moves += 1;
                } else {
                    quotes.apply(state, neuron, from);
                }
            }
        }
        n_moves
    }
}

/// What a move gains, and what it takes along.
#[derive(Clone, Copy)]
pub(super) struct Quote {
    pub gain: Gain,
    burden: Burden,
    /// Input axons that are gone in the part that is left, and that are new in the one that is entered.
    pub left: f32,
    pub entered: f32,
}

/// What moves to one other part gain, for passes that ask for many: what all of them need lies side by side.
pub(super) struct Quotes {
    pub market: Market,
    of: Vec<Brief>,
}

/// What quotes ask of a source.
#[derive(Clone, Copy)]
struct Brief {
    /// Its spikes and the price of its output axons.
    worth: f32,
    /// The part where it is, or [`AWAY`].
    home: u16,
    /// Its pins at the neuron that is offered, which count as where that would be; 0 while none is.
    offered: u16,
}

/// The home of a source that comes from outside.
const AWAY: u16 = u16::MAX;

impl Quotes {
    pub fn new(state: &State<'_>, prices: Prices) -> Self {
        let of = |of: &Source| Brief { worth: 0.0, home: of.home.min(MOST) as u16, offered: 0 };
        let of = state.sources.of.iter().map(of).collect();
        let mut quotes = Self { market: Market::new(state, prices, false), of };
        quotes.refresh(state);
        quotes
    }

    /// Looks at all parts again.
    fn refresh(&mut self, state: &State<'_>) {
        self.market.refresh(state);
        let price = &self.market.price;
        let output = |home: u16| if home == AWAY { 0.0 } else { price[usize::from(home)].output() };
        for (brief, of) in self.of.iter_mut().zip(&state.sources.of) {
            brief.worth = of.spikes + output(brief.home);
        }
    }

    /// Moves a neuron.
    fn apply(&mut self, state: &mut State<'_>, neuron: u32, to: u32) {
        self.market.apply(state, neuron, to);
        let own = state.pins.at(neuron).filter(|pin| pin.own);
        own.for_each(|pin| self.of[pin.source as usize].home = to as u16);
    }

    /// What `ask` finds while a neuron, quoted before, is in another part, but for the prices of third parts.
    pub fn while_offered<T>(
        &mut self,
        state: &State<'_>,
        neuron: u32,
        to: u32,
        Quote { burden, left, entered, .. }: Quote,
        ask: impl FnOnce(&Self) -> T,
    ) -> T {
        let from = state.part[neuron as usize];
        let ends = [from, to].map(|part| part as usize);
        let prices = ends.map(|part| self.market.price[part]);
        for (part, axons, sign) in [(ends[0], left, -1.0), (ends[1], entered, 1.0)] {
            self.market.price_with(part, state, burden, axons, sign);
        }
        for Pin { source, n, own } in state.pins.at(neuron) {
            let of = &mut self.of[source as usize];
            of.offered = n as u16;
            of.home = if own { to as u16 } else { of.home };
        }
        let found = ask(self);
        for Pin { source, own, .. } in state.pins.at(neuron) {
            let of = &mut self.of[source as usize];
            of.offered = 0;
            of.home = if own { from as u16 } else { of.home };
        }
        ends.iter().zip(prices).for_each(|(part, price)| self.market.price[*part] = price);
        found
    }

    /// What a neuron gains in another part: an offer of [`Market::offers`], or one on the way back of what is offered.
    pub fn quote(&self, state: &State<'_>, neuron: u32, to: u32) -> Quote {
        let from = state.part[neuron as usize];
        match state.sources.rows() {
            Some(rows) => {
                let (here, there) = (rows.pins(from), rows.pins(to));
                let pins =
                    |source: u32| (u32::from(here[source as usize]), u32::from(there[source as usize]));
                self.quote_where(state, neuron, to, pins)
            }
            None => {
                let pins = |source| (state.sources.get(source, from), state.sources.get(source, to));
                self.quote_where(state, neuron, to, pins)
            }
        }
    }

    /// The same, where `pins` tells those of a source in the part that is left and in the other.
    #[inline(always)]
    fn quote_where(
        &self,
        state: &State<'_>,
        neuron: u32,
        to: u32,
        pins: impl Fn(u32) -> (u32, u32),
    ) -> Quote {
        let from = state.part[neuron as usize];
        let ends = [from as u16, to as u16];
        let local = u32::from(state.objective == Objective::Messages);
        let (mut saved, mut spent, mut left, mut entered, mut outputs) = (0.0, 0.0, 0, 0, 0.0);
        for pin in state.pins.at(neuron) {
            let Pin { source, n, own } = pin;
            let Brief { mut worth, mut home, offered } = self.of[source as usize];
            if own {
                let of = &state.sources.of[source as usize];
                outputs += f32::from(of.destinations);
                (worth, home) = (if local == 1 { 0.0 } else { of.spikes }, AWAY);
            }
            let axon = pin.synapses().min(1);
            let (here, there) = pins(source);
            let (here, there) = (here + u32::from(offered), there - u32::from(offered));
            let (home_here, home_there) = (u32::from(home == ends[0]), u32::from(home == ends[1]));
            saved += only_if(here - local * home_here == n, worth);
            spent += only_if(there == local * home_there, worth);
            left += axon & u32::from(here - home_here == n);
            entered += axon & u32::from(there == home_there);
        }
        let packets = saved - spent;
        let (left, entered) = (left as f32, entered as f32);
        let burden = Burden { outputs, ..state.burden[neuron as usize] };
        let (here, there) = (&self.market.price[from as usize], &self.market.price[to as usize]);
        let mut room = here.of(burden, left, -1.0) + there.of(burden, entered, 1.0);
        if state.limits_configs() {
            room += here.configs(-(state.configs_only_of(neuron) as f32));
            room += there.configs(state.configs_new_in(neuron, to) as f32);
        }
        let wall = here.wall(burden, left, -1.0) + there.wall(burden, entered, 1.0);
        Quote { gain: Gain { packets, room: -room, wall: -wall }, burden, left, entered }
    }
}

/// A number or 0, without a branch: which it is, is a matter of chance.
#[inline(always)]
fn only_if(is: bool, x: f32) -> f32 {
    f32::from_bits(x.to_bits() & u32::from(is).wrapping_neg())
}
