//! Moves that may lose before they win, under prices for what is nearly full.

use std::cell::Cell;

use pulp::{Arch, NullaryFnOnce};

use super::Objective;
use super::noise::{Gumbel, Noise};
use super::pins::Pin;
use super::price::{Burden, Price, Prices};
use super::slots::{LANES, OUTSIDE, Rows, Slot};
use super::state::State;

/// One pass over all neurons.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass {
    /// How much a move of a neuron with [`TYPICAL`] pins may lose \[spikes\], on the scale of Gumbel's distribution;
    /// of another as the root of its pins, as gains differ by that. 0 for none.
    pub temperature: f32,
    /// What room costs.
    pub prices: Prices,
    /// Whether a move must leave every part within its limits, or no worse.
    pub hard: bool,
    /// Whether a neuron of a part that is too full may go to a part of its own.
    pub may_open: bool,
    /// A neuron that would lose this much is left alone for a pass, twice as much for two, and so on
    /// \[spikes\].
    pub patience: f32,
    /// Names the random numbers.
    pub seed: u64,
}

/// What a source of a neuron adds to the sums.
#[derive(Clone, Copy)]
struct Seen {
    source: u32,
    /// The part where it is, unless it is the neuron itself.
    home: u32,
    /// Spikes and prices.
    worth: f32,
    /// The input axon that it takes: a source that is here itself, but does not reach itself, takes none.
    axon: f32,
    /// Its pins at the neuron.
    n: u32,
    /// Whether it has no target where it is.
    is_away: bool,
}

/// Sums over the parts that a neuron's sources touch: their spikes and prices, and their number.
pub(super) struct Sums {
    /// The sources of the neuron, as the sums need them.
    seen: Vec<Seen>,
    /// By part, if sources have counters for all.
    worth: Vec<f32>,
    n: Vec<f32>,
    /// By part, if sources have lists, and which parts have a sum.
    pair: Vec<[f32; 2]>,
    touched: Vec<u64>,
    /// Passes that a neuron is left alone for, because nothing draws it away.
    rest: Vec<u8>,
}

impl Sums {
    pub fn new(n_neurons: usize, n_parts: u32) -> Self {
        let n = (n_parts as usize).next_multiple_of(LANES);
        Self {
            seen: Vec::new(),
            worth: vec![0.0; n],
            n: vec![0.0; n],
            pair: vec![[0.0; 2]; n],
            touched: vec![0; n.div_ceil(64)],
            rest: vec![0; n_neurons],
        }
    }

    /// Lets every neuron be asked again.
    pub fn wake(&mut self) {
        self.rest.fill(0);
    }

    /// The share of neurons that the next pass asks.
    pub fn awake(&self) -> f64 {
        let n = self.rest.iter().filter(|rest| **rest == 0).count();
        n as f64 / self.rest.len().max(1) as f64
    }

    /// Adds all sources to every part that they reach, as spikes and prices and as axons.
    #[inline(always)]
    fn add_rows(&mut self, seen: &[Seen], rows: &Rows) {
        let parts = self.worth.chunks_exact_mut(LANES).zip(self.n.chunks_exact_mut(LANES));
        for (word, (worth, n)) in parts.enumerate() {
            let reached = rows.reached(word);
            let (mut sum, mut count) = ([0.0_f32; LANES], [0.0_f32; LANES]);
            for &Seen { source, worth, axon, .. } in seen {
                let reached = reached[source as usize];
                for lane in 0..LANES {
                    let is = reached & 1 << lane != 0;
                    sum[lane] += if is { worth } else { 0.0 };
                    count[lane] += if is { axon } else { 0.0 };
                }
            }
            worth.copy_from_slice(&sum);
            n.copy_from_slice(&count);
        }
    }

    /// Adds a source to every part that it touches, and its axon, if it brings one, to those that have it
    /// already; gives its pins in `from`.
    #[inline(always)]
    fn add(&mut self, slots: &[Slot], (worth, axon): (f32, f32), home: u32, local: bool, from: usize) -> u32 {
        let mut here = 0;
        for slot in slots {
            let part = slot.part() as usize;
            let [sum, n] = &mut self.pair[part];
            // At home it may be alone, without a target.
            let alone = slot.part() == home && slot.pins() == 1;
            *sum += if alone && local { 0.0 } else { worth };
            *n += if alone { 0.0 } else { axon };
            self.touched[part / 64] |= 1 << (part % 64);
            here += if part == from { slot.pins() } else { 0 };
        }
        here
    }
}

/// What a neuron would leave, and what it has in common with every part.
#[derive(Clone, Copy)]
struct Ties {
    /// Spikes and prices of all its sources.
    all: f32,
    /// Those of sources that touch its part by it alone.
    alone: (f32, f32),
    burden: Burden,
}

/// Sums up what ties a neuron to every part.
struct Tie<'a, 'b> {
    state: &'a State<'b>,
    sums: &'a mut Sums,
    price: &'a [Price],
    neuron: u32,
}

impl NullaryFnOnce for Tie<'_, '_> {
    type Output = Ties;
    #[inline(always)]
    fn call(self) -> Ties {
        let Self { state, sums, price, neuron } = self;
        let from = state.part[neuron as usize] as usize;
        let local = state.objective == Objective::Messages;
        let mut ties = Ties { all: 0.0, alone: (0.0, 0.0), burden: state.burden[neuron as usize] };
        sums.seen.clear();
        for Pin { source, n, own } in state.pins.at(neuron) {
            let of = &state.sources.of[source as usize];
            // Where messages to the own part count, a source is no reason to be with its targets.
            let mut worth = if own && local { 0.0 } else { of.spikes };
            if own {
                ties.burden.outputs += f32::from(of.destinations);
            } else if of.home != OUTSIDE {
                worth += price[of.home as usize].output();
            }
            ties.all += worth;
            let axon = (n - u32::from(own)).min(1) as f32;
            let home = if own { OUTSIDE } else { of.home };
            let is_away = home != OUTSIDE && !of.reaches_home;
            sums.seen.push(Seen { source, home, worth, axon, n, is_away });
        }
        // The sources first and the parts after them, so that one does not wait for the other.
        let seen = std::mem::take(&mut sums.seen);
        let mut alone = |Seen { home, worth, axon, n, .. }: Seen, here: u32| {
            let at_home = u32::from(home as usize == from);
            ties.alone.0 += if here - if local { at_home } else { 0 } == n { worth } else { 0.0 };
            ties.alone.1 += if here - at_home == n { axon } else { 0.0 };
        };
        match state.sources.rows() {
            Some(rows) => {
                sums.add_rows(&seen, rows);
                let pins = rows.pins(from as u32);
                for &of in &seen {
                    alone(of, u32::from(pins[of.source as usize]));
                    // At home it is also without a target.
                    if of.is_away && !local {
                        sums.worth[of.home as usize] += of.worth;
                    }
                }
            }
            None => {
                for &of in &seen {
                    let (beside, rest) = state.sources.lists(of.source);
                    let home = state.sources.of[of.source as usize].home;
                    let mut add = |slots| sums.add(slots, (of.worth, of.axon), home, local, from);
                    alone(of, add(beside) + add(rest));
                }
            }
        }
        sums.seen = seen;
        ties
    }
}

impl Pass {
    /// Offers every neuron the other parts that its sources touch, in random order; gives the number of moves.
    pub fn run(&self, state: &mut State<'_>, sums: &mut Sums, gumbel: &Gumbel) -> usize {
        let mut noise = Noise::new(self.seed);
        let order = in_blocks(state.pins.n_vertices(), &mut noise);
        let mut market = Market::new(state, self.prices, self.may_open);
        let hot = self.temperature > 0.0;
        let mut n_moves = 0;
        for (i, neuron) in order.into_iter().enumerate() {
            if i % 64 == 0 {
                market.refresh(state);
            }
            if sums.rest[neuron as usize] > 0 {
                sums.rest[neuron as usize] -= 1;
                continue;
            }
            let temperature = self.temperature_of(state, neuron);
            let mut best = None;
            let mut nearest = f32::NEG_INFINITY;
            let mut most = self.least(state, neuron, gumbel, &mut noise);
            market.offers(state, sums, neuron, |part, gain| {
                let mut gain = gain.sum();
                nearest = nearest.max(gain);
                if hot {
                    gain += temperature * gumbel.draw(&mut noise);
                }
                if gain > most {
                    (most, best) = (gain, Some(part));
                }
            });
            let Some(to) = best else {
                sums.rest[neuron as usize] = (-nearest / self.patience).clamp(0.0, LONGEST) as u8;
                continue;
            };
            if self.hard && !state.may_move(neuron, to) {
                continue;
            }
            market.apply(state, neuron, to);
            n_moves += 1;
        }
        n_moves
    }

    /// What a move of a neuron must gain more than: a draw, while it is hot.
    pub(super) fn least(&self, state: &State<'_>, neuron: u32, gumbel: &Gumbel, noise: &mut Noise) -> f32 {
        match self.temperature_of(state, neuron) {
            0.0 => LEAST,
            temperature => temperature * gumbel.draw(noise),
        }
    }

    fn temperature_of(&self, state: &State<'_>, neuron: u32) -> f32 {
        self.temperature * (state.pins.sources(neuron).len() as f32 / TYPICAL).sqrt()
    }
}

/// The numbers below `n`, in blocks of neighbors that come in random order: what is near lies near in memory.
pub(super) fn in_blocks(n: usize, noise: &mut Noise) -> impl Iterator<Item = u32> + use<> {
    /// Neurons that share sources, which a nearby cache holds.
    const MOST: usize = 256;
    let block = (n / 64).clamp(1, MOST);
    // Where blocks begin is another place every time.
    let shift = noise.word() as usize % n.max(1);
    let blocks = noise.permutation(n.div_ceil(block));
    let places =
        blocks.into_iter().flat_map(move |i| (i as usize * block..).take(block).take_while(move |i| *i < n));
    places.map(move |i| ((i + shift) % n) as u32)
}

/// Passes that a neuron is left alone for at most.
const LONGEST: f32 = 6.0;
/// Pins of a neuron for which heat is told.
const TYPICAL: f32 = 64.0;
/// A gain below this is rounding \[spikes\].
const LEAST: f32 = 1e-2;

/// Empties the `n` parts that hold least: every neuron goes to the part that it is drawn to most.
pub(super) fn empty_least(state: &mut State<'_>, sums: &mut Sums, prices: Prices, n: u32) {
    let mut parts: Vec<u32> = (0..state.n_parts()).filter(|p| state.load[*p as usize].neurons > 0).collect();
    parts.sort_by_key(|part| (state.load[*part as usize].input_axons, *part));
    parts.truncate(n as usize);
    let mut closed = vec![false; state.n_parts() as usize];
    parts.iter().for_each(|part| closed[*part as usize] = true);
    let neurons = (0..state.pins.n_vertices() as u32).filter(|v| closed[state.part[*v as usize] as usize]);
    let mut market = Market::new(state, prices, false);
    let open = |part: &u32| !closed[*part as usize] && state.load[*part as usize].neurons > 0;
    let Some(any) = (0..state.n_parts()).find(open) else { return };
    for neuron in neurons.collect::<Vec<u32>>() {
        market.refresh(state);
        let mut best = (f32::NEG_INFINITY, any);
        market.offers(state, sums, neuron, |part, gain| {
            let gain = gain.sum();
            if !closed[part as usize] && gain > best.0 {
                best = (gain, part);
            }
        });
        market.apply(state, neuron, best.1);
    }
}

/// What a move gains \[spikes\].
#[derive(Clone, Copy)]
pub(super) struct Gain {
    /// Packets, and the output axons of its sources.
    pub packets: f32,
    /// Room in the part that it leaves, less that in the one that it enters.
    pub room: f32,
    /// What is beyond the limits in the one, less that in the other.
    pub wall: f32,
}

impl Gain {
    /// Without what is beyond the limits.
    pub fn soft(self) -> f32 {
        self.packets + self.room
    }

    pub fn sum(self) -> f32 {
        self.soft() + self.wall
    }
}

/// What room costs in every part, as neurons move.
pub(super) struct Market {
    prices: Prices,
    may_open: bool,
    pub price: Vec<Price>,
    /// The part with most room left, which is offered to everyone.
    roomiest: u32,
    /// A part without neurons, which is offered where parts are too full.
    empty: Option<u32>,
    arch: Arch,
}

impl Market {
    pub fn new(state: &State<'_>, prices: Prices, may_open: bool) -> Self {
        let mut market =
            Self { prices, may_open, price: Vec::new(), roomiest: 0, empty: None, arch: Arch::new() };
        market.refresh(state);
        market
    }

    /// Looks at all parts again: a move changes the output axons of many homes, each by little.
    pub fn refresh(&mut self, state: &State<'_>) {
        self.price.clear();
        self.price.extend(state.load.iter().map(|load| self.prices.of(load, state.limits)));
        let used = (0..state.n_parts()).filter(|part| state.load[*part as usize].neurons > 0);
        let share = |part: &u32| state.load[*part as usize].share(state.limits);
        self.roomiest = used.min_by(|a, b| share(a).total_cmp(&share(b))).unwrap_or(0);
        let is_empty = |part: &u32| state.load[*part as usize].neurons == 0;
        self.empty = if self.may_open { (0..state.n_parts()).find(is_empty) } else { None };
    }

    pub fn apply(&mut self, state: &mut State<'_>, neuron: u32, to: u32) {
        let from = state.part[neuron as usize];
        state.apply(neuron, to);
        for part in [from, to] {
            self.price[part as usize] = self.prices.of(&state.load[part as usize], state.limits);
        }
    }

    /// Prices a part as it would be with a burden more, or less.
    pub fn price_with(&mut self, part: usize, state: &State<'_>, burden: Burden, axons: f32, sign: f32) {
        let load = state.load[part].with(burden, axons, sign, state.limits);
        self.price[part] = self.prices.of(&load, state.limits);
    }

    /// Calls with every part that a neuron may be drawn to, and what it gains there.
    pub fn offers(&self, state: &State<'_>, sums: &mut Sums, neuron: u32, mut offer: impl FnMut(u32, Gain)) {
        let from = state.part[neuron as usize];
        let Self { price, arch, .. } = self;
        let Ties { all, alone, burden } = arch.dispatch(Tie { state, sums, price, neuron });
        let mut leave = price[from as usize].of(burden, alone.1, -1.0);
        let wall = price[from as usize].wall(burden, alone.1, -1.0);
        if state.limits_configs() {
            leave += price[from as usize].configs(-(state.configs_only_of(neuron) as f32));
        }
        let roomiest = self.roomiest;
        // Offered by its sources, or not to be offered.
        let seen = Cell::new(roomiest == from);
        let mut see = |part: u32, with: f32, n_with: f32| {
            if part != from {
                let axons = burden.axons - n_with;
                let mut enter = price[part as usize].of(burden, axons, 1.0);
                let walls = wall + price[part as usize].wall(burden, axons, 1.0);
                if state.limits_configs() {
                    enter += price[part as usize].configs(state.configs_new_in(neuron, part) as f32);
                }
                offer(part, Gain { packets: alone.0 - (all - with), room: -leave - enter, wall: -walls });
                seen.set(seen.get() || part == roomiest);
            }
        };
        if state.sources.rows().is_some() {
            for (part, (with, n_with)) in sums.worth.iter_mut().zip(&mut sums.n).enumerate() {
                if *with > 0.0 || *n_with > 0.0 {
                    see(part as u32, std::mem::take(with), std::mem::take(n_with));
                }
            }
        } else {
            for (i, bits) in sums.touched.iter_mut().enumerate() {
                let mut bits = std::mem::take(bits);
                while bits != 0 {
                    let part = i * 64 + bits.trailing_zeros() as usize;
                    bits &= bits - 1;
                    let [with, n_with] = std::mem::take(&mut sums.pair[part]);
                    see(part as u32, with, n_with);
                }
            }
        }
        if let Some(empty) = self.empty.filter(|empty| state.load[*empty as usize].neurons == 0)
            && !state.load[from as usize].fits(state.limits)
        {
            see(empty, 0.0, 0.0);
        }
        if !seen.get() {
            see(roomiest, 0.0, 0.0);
        }
    }
}
