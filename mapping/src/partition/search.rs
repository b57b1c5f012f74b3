//! The search for few packets in few parts.
//!
//! Neurons move, in passes over all of them: at first hot, so that a move may lose, and with cheap room, so
//! that parts may be too full; at the end cold and dear, until every part is within its limits. What is legal
//! then gives up parts as long as the rest find room, and what is not gets more. Where parts hold few neurons and sources
//! reach many, these change places in the end.

use super::PartitionConfig;
use super::anneal::{self, Pass, Sums};
use super::climate::{Climate, EMPTYING};
use super::noise::{Gumbel, Noise};
use super::open::open;
use super::pins::{LARGE, Pins};
use super::price::{Prices, Room, Rooms};
use super::schedule::Schedule;
use super::slots::MOST;
use super::state::State;
use crate::Graph;
use crate::chip::Limits;

/// One search, from nothing to the best partition that it finds.
pub(super) struct Search<'a> {
    graph: &'a Graph,
    limits: &'a Limits,
    pins: &'a Pins,
    config: PartitionConfig,
    /// Mean spikes of a source: the scale of prices and of heat.
    mean: f32,
    gumbel: Gumbel,
    noise: Noise,
    /// Passes that are left, and those that may come on top while nothing is legal.
    pub left: usize,
    overtime: usize,
    /// Passes so far, as far as neurons were asked.
    asked: f64,
    /// Which shares of the work the passes begin and end at.
    stage: (f64, f64),
    /// Whether neurons may open parts: not while some have just been closed.
    may_open: bool,
    /// How hot it begins, as a share of what a first partition wants.
    heat: f32,
    schedule: Schedule,
}

/// How a search ends.
pub(super) enum Outcome {
    /// With the best partition that was found, legal or not.
    Found(Found),
    /// Too early: so many parts would be more like it.
    Wants(u32),
    /// Stopped from outside.
    Stopped,
}

/// A partition that the search ends with.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub part: Vec<u32>,
    pub n_parts: u32,
    /// The objective.
    pub cost: u64,
    /// Parts that are too full.
    pub n_over: usize,
}

/// What a pass does.
#[derive(Debug, Clone, Copy)]
enum Kind {
    /// Neurons move alone.
    Soft,
    /// The same, and no move may leave a part too full.
    Hard,
    /// Two neurons change places.
    Exchange,
}

/// What a round of exchanges begins with.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Parts are closed, unless some are too full.
    Close,
    /// What does not fit yet is given as long again, while that helps.
    Again,
    /// Parts that are still too full are given others.
    Open,
}

/// Passes with dear room, before a partition is given up as too full.
const SQUEEZE: usize = 4;
/// Passes among legal partitions, at most.
const POLISH: usize = 4;
/// Fewer moves than one of so many neurons end these, and in a large network.
const FEW: usize = 1000;
const LARGE_FEW: usize = 50;
/// Where on the way down descents begin: the first one, that of a network whose sources reach many parts, and those
/// after parts were opened, after some were closed, and at the end.
const HOT: f32 = 0.0;
const REACHING: f32 = 0.3;
const OPENED: f32 = 0.3;
const WARM: f32 = 0.5;
const TEPID: f32 = 0.75;
/// Parts that a source reaches which are many, and how much hotter a search is then.
const FAR: f64 = 64.0;
const HOTTER: f32 = 1.5;
/// Parts of fewer neurons are filled by exchanges, where sources reach many parts: passes of a round, how many rounds
/// may be expected, passes with dear room before parts are given up as too full, and how full they may be on the average
/// by closing some.
const GRANULAR: usize = 64;
const EXCHANGES: f64 = 45.0;
const EXPECTED: usize = 7;
const EXCHANGE_SQUEEZE: usize = 8;
const CLOSE: f32 = 0.985;
/// How full parts may be on the average, of the budget that is fullest, where neurons are small.
const FULL: f32 = 0.985;
/// Axons grow with this power of the number of parts, about.
const GROWTH: f32 = 0.5;
/// The same for fewer parts, at least.
const LEAST_GROWTH: f32 = 0.1;
/// How full parts may become by closing some, and still be expected to fit after further moves.
const HOPELESS: f32 = 1.016;
/// Numbers of parts that may fail one after the other before the search ends.
const FAILURES: usize = 2;

impl<'a> Search<'a> {
    pub fn new(
        graph: &'a Graph,
        limits: &'a Limits,
        pins: &'a Pins,
        config: PartitionConfig,
        seed: u64,
    ) -> Self {
        let total: f64 = graph.spikes.iter().map(|n| f64::from(*n)).sum();
        let mean = (total / graph.spikes.len().max(1) as f64).max(0.01) as f32;
        let schedule = Schedule::new(pins.len(), config.effort);
        let noise = Noise::new(seed);
        Self {
            graph,
            limits,
            pins,
            config,
            mean,
            gumbel: Gumbel::new(),
            noise,
            left: schedule.all,
            overtime: 2 * schedule.all,
            asked: 0.0,
            stage: (0.0, 1.0),
            may_open: true,
            heat: 1.0,
            schedule,
        }
    }

    /// A search that begins near a good partition.
    pub fn colder(self, heat: f32) -> Self {
        Self { heat, ..self }
    }

    /// The best legal partition that is found from a first one, or one that is too full.
    ///
    /// If `may_want`, a first partition with too few parts or too many is given up early. `go_on` is asked between passes
    /// with the share that is done, and ends the search by a no.
    pub fn run(&mut self, first: Vec<u32>, may_want: bool, go_on: &mut dyn FnMut(f64) -> bool) -> Outcome {
        let n_parts = first.iter().max().map_or(1, |most| most + 1);
        let mut state = self.state(first, self.room(n_parts));
        let mut sums = Sums::new(self.pins.n_vertices(), state.n_parts());
        self.may_open = false;
        let probe = if may_want { self.schedule.first_descent / 4 } else { 0 };
        if self.descend(&mut state, &mut sums, probe, WARM, go_on).is_none() {
            return Outcome::Stopped;
        }
        let wants = wanted(&state, n_parts).min(MOST).min(self.graph.n_neurons);
        if may_want && wants.abs_diff(n_parts) > n_parts / 24 {
            return Outcome::Wants(wants);
        }
        let axons: u64 = state.load.iter().map(|load| u64::from(load.input_axons)).sum();
        // Where parts are far too many, it is for this that sources reach many.
        let far_too_many = n_parts > 2 * wants;
        let reach = if far_too_many { 1.0 } else { axons as f64 / f64::from(self.graph.n_sources().max(1)) };
        let asked = if probe > 0 { self.asked / probe as f64 } else { 1.0 };
        self.schedule = self.schedule.of_network(reach, asked, self.pins.len(), self.config.effort);
        self.left = self.schedule.all;
        let is_far = reach > FAR;
        let from = if is_far { REACHING } else { HOT };
        if is_far {
            self.heat *= HOTTER;
        }
        if is_far && is_granular(&state) {
            let schedule = self.schedule;
            match self.pack(&mut state, &mut sums, go_on) {
                Some(best) if best.n_over == 0 => return Outcome::Found(best),
                Some(_) => {}
                None => return Outcome::Stopped,
            }
            (self.schedule, self.left, self.stage) = (schedule, schedule.all, (0.0, 1.0));
        }
        let best = self.vary(&mut state, &mut sums, (self.schedule.first_descent, from), go_on);
        drop(state);
        match best.and_then(|best| self.warm_up_from(best, go_on)) {
            Some(found) => Outcome::Found(found),
            None => Outcome::Stopped,
        }
    }

    /// The best partition near a legal one, colder than a search from a first one; `best` itself where that is far
    /// better than what is given.
    pub fn improve(
        &mut self,
        from: Vec<u32>,
        best: Found,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Found> {
        let n_parts = from.iter().max().map_or(1, |most| most + 1);
        let mut state = self.state(from, n_parts);
        if best.n_over == 0 && found(&state).worth() > best.worth() * 5 / 4 {
            return Some(best);
        }
        let mut sums = Sums::new(self.pins.n_vertices(), n_parts);
        self.settle(&mut state, &mut sums, go_on)?;
        let from = found(&state);
        let improved = self.warm_up(&mut state, &mut sums, from, go_on)?;
        Some(if improved.is_better(&best) { improved } else { best })
    }

    /// The state of a partition, with room for `n_parts`.
    fn state(&self, part: Vec<u32>, n_parts: u32) -> State<'a> {
        State::new(self.graph, self.limits, self.pins, self.config.objective, part, n_parts)
    }

    /// Room for so many parts and a few that may be opened: what is not used costs time as well.
    fn room(&self, n_parts: u32) -> u32 {
        (n_parts + n_parts / 16 + 2).min(MOST).min(self.graph.n_neurons).max(n_parts)
    }

    /// Warms a partition up again, if that may pay.
    fn warm_up_from(&mut self, best: Found, go_on: &mut dyn FnMut(f64) -> bool) -> Option<Found> {
        if !self.schedule.warms_up {
            return Some(best);
        }
        let n_parts = best.part.iter().max().map_or(1, |most| most + 1);
        let mut state = self.state(best.part.clone(), n_parts);
        let mut sums = Sums::new(self.pins.n_vertices(), n_parts);
        self.warm_up(&mut state, &mut sums, best, go_on)
    }

    /// The best partition where parts hold few neurons and sources reach many: one long descent, and then exchanges that
    /// fill the parts, of which some are closed for as long as the rest find room.
    fn pack(
        &mut self,
        state: &mut State<'_>,
        sums: &mut Sums,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Found> {
        self.stage = (0.0, 0.3);
        self.descend(state, sums, self.schedule.all, REACHING, go_on)?;
        let n = (EXCHANGES * self.config.effort).ceil() as usize;
        (self.schedule.all, self.left) = (EXPECTED * n, EXPECTED * n);
        self.stage = (0.3, 1.0);
        let mut best = found(state);
        let mut step = Step::Close;
        let mut n_over = usize::MAX;
        loop {
            match step {
                Step::Close if state.n_over() > 0 => {}
                Step::Close => {
                    n_over = usize::MAX;
                    let used = state.n_used();
                    let aim = (used as f32 * state.fullness() / CLOSE).ceil() as u32;
                    let prices = self.prices(state, EMPTYING);
                    anneal::empty_least(state, sums, prices, used - aim.min(used - 1).max(1));
                }
                Step::Again => {}
                Step::Open => open(state, &mut self.noise, n_over as u32),
            }
            for i in 0..n {
                let Climate { heat, rooms } = Climate::of_exchanges(i as f32 / (n - 1).max(1) as f32);
                self.pass(state, sums, Kind::Exchange, heat, rooms, go_on)?;
            }
            for i in 0..EXCHANGE_SQUEEZE {
                if state.n_over() == 0 {
                    break;
                }
                let room = Climate::beside_a_wall((12 << i) as f32);
                self.pass(state, sums, Kind::Exchange, 0.0, room, go_on)?;
            }
            let found = found(state);
            let (now_over, better) = (found.n_over, found.is_better(&best));
            let fits = now_over == 0;
            if better {
                best = found;
            }
            let helps = now_over < std::mem::replace(&mut n_over, now_over);
            step = match step {
                _ if fits && better => Step::Close,
                Step::Close | Step::Again if !fits && helps => Step::Again,
                Step::Again if !fits && best.n_over > 0 => Step::Open,
                _ => return Some(best),
            }
        }
    }

    /// Warms the best partition up again, for as long as passes are left and it pays; `state` is that partition.
    fn warm_up(
        &mut self,
        state: &mut State<'_>,
        sums: &mut Sums,
        mut best: Found,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Found> {
        let n = self.schedule.descent;
        while best.n_over == 0 && best.cost > 0 && self.left > n + POLISH {
            self.descend(state, sums, n, TEPID, go_on)?;
            self.settle(state, sums, go_on)?;
            let found = found(state);
            let pays = (found.cost as f64) < 0.998 * best.cost as f64;
            if found.is_better(&best) {
                best = found;
            }
            if !pays {
                break;
            }
        }
        Some(best)
    }

    /// Descends with ever other numbers of parts, for as long as it gets better.
    fn vary(
        &mut self,
        state: &mut State<'a>,
        sums: &mut Sums,
        (mut passes, mut from): (usize, f32),
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Found> {
        let mut best: Option<Found> = None;
        let mut failures = 0;
        loop {
            self.descend(state, sums, passes, from, go_on)?;
            self.may_open = failures > 0;
            self.settle(state, sums, go_on)?;
            let found = found(state);
            let better = best.as_ref().is_none_or(|best| found.is_better(best));
            let legal = found.n_over == 0;
            if better {
                best = Some(found);
            }
            failures = if legal && better { 0 } else { failures + 1 };
            let any_legal = best.as_ref().is_some_and(|best| best.n_over == 0);
            let (used, full) = (state.n_used(), state.fullness());
            self.may_open = false;
            (passes, from) = (self.schedule.descent, WARM);
            let enough =
                if any_legal { self.left <= passes + POLISH } else { self.left == 0 && self.overtime == 0 };
            if failures > FAILURES && any_legal || enough {
                return best;
            }
            if legal {
                let aim = ((used as f32 * full / self::full(state)).ceil() as u32).min(used - 1 - used / 50);
                if aim == 0 || full * used as f32 / aim as f32 > HOPELESS {
                    return best;
                }
                let prices = self.prices(state, EMPTYING);
                anneal::empty_least(state, sums, prices, used - aim);
            } else if any_legal {
                if full > 1.0 {
                    return best;
                }
                // Once more from here, for longer.
                passes = 2 * self.schedule.descent;
            } else {
                let aim = wanted(state, used).max(used + used / 64 + 1).min(used + used.div_ceil(3));
                if aim > state.n_parts() {
                    *state = self.state(std::mem::take(&mut state.part), self.room(aim));
                    *sums = Sums::new(self.pins.n_vertices(), state.n_parts());
                }
                open(state, &mut self.noise, aim - used);
                (passes, from) = (self.schedule.first_descent * 2 / 3, OPENED);
            }
        }
    }

    /// Passes from some way down to the end, colder and dearer.
    fn descend(
        &mut self,
        state: &mut State<'_>,
        sums: &mut Sums,
        n: usize,
        from: f32,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<()> {
        sums.wake();
        for i in 0..n {
            let x = from + (1.0 - from) * i as f32 / (n - 1).max(1) as f32;
            let graded = is_granular(state) || self.pins.len() > LARGE;
            let climate = if graded { Climate::graded } else { Climate::at };
            let Climate { heat, rooms } = climate(x);
            self.pass(state, sums, Kind::Soft, heat, rooms, go_on)?;
        }
        Some(())
    }

    /// Cold passes until every part is within its limits, and then the last ones.
    fn settle(
        &mut self,
        state: &mut State<'_>,
        sums: &mut Sums,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<()> {
        for i in 0..SQUEEZE {
            if state.n_over() == 0 {
                break;
            }
            sums.wake();
            let room = Room { weight: 8.0 * (1 << i) as f32, wall: 0.0, start: 0.95 };
            self.pass(state, sums, Kind::Soft, 0.0, room, go_on)?;
        }
        if state.n_over() > 0 {
            return Some(());
        }
        let few = if state.pins.len() > LARGE { LARGE_FEW } else { FEW };
        for _ in 0..POLISH {
            let room = Room { weight: 2.0, wall: 0.0, start: 0.985 };
            if self.pass(state, sums, Kind::Hard, 0.0, room, go_on)? * few < state.pins.n_vertices() {
                break;
            }
        }
        Some(())
    }

    fn pass(
        &mut self,
        state: &mut State<'_>,
        sums: &mut Sums,
        kind: Kind,
        heat: f32,
        rooms: impl Into<Rooms>,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<usize> {
        if self.left == 0 {
            self.overtime = self.overtime.saturating_sub(1);
        }
        self.left = self.left.saturating_sub(1);
        self.asked += sums.awake();
        let (from, to) = self.stage;
        let share = 1.0 - self.left as f64 / self.schedule.all as f64;
        if !go_on(from + (to - from) * share) {
            return None;
        }
        let temperature = heat * self.heat * self.mean;
        let patience = 10.0 * self.mean.max(2.0 * temperature);
        let (prices, seed) = (self.prices(state, rooms), self.noise.word());
        let may_open = self.may_open;
        let hard = matches!(kind, Kind::Hard);
        let pass = Pass { temperature, prices, hard, may_open, patience, seed };
        Some(match kind {
            Kind::Exchange => Pass { patience: self.mean, ..pass }.exchange(state, sums, &self.gumbel),
            Kind::Soft | Kind::Hard => pass.run(state, sums, &self.gumbel),
        })
    }

    /// Prices of room that is told in mean spikes.
    fn prices(&self, state: &State<'_>, rooms: impl Into<Rooms>) -> Prices {
        let axons: f32 = state.load.iter().map(|load| load.input_axons as f32).sum();
        let used = state.n_used() as f32;
        let events = match self.config.balance {
            Some(beyond) => {
                let all: u64 = state.load.iter().map(|load| load.events).sum();
                (1.0 + beyond as f32) * (all as f32 / used).max(1.0)
            }
            None => f32::MAX,
        };
        let Rooms { of_axons, of_neurons } = rooms.into();
        let spikes = |Room { weight, wall, start }: Room| Room {
            weight: weight * self.mean,
            wall: wall * self.mean,
            start,
        };
        let rooms = Rooms { of_axons: spikes(of_axons), of_neurons: spikes(of_neurons) };
        Prices { rooms, axons: axons / used + 1.0, events }
    }
}

impl Found {
    /// What is compared: a percent more parts must save a percent of the cost.
    fn worth(&self) -> u128 {
        u128::from(self.cost) * u128::from(self.n_parts)
    }

    pub fn is_better(&self, than: &Self) -> bool {
        (self.n_over, self.worth(), self.n_parts) < (than.n_over, than.worth(), than.n_parts)
    }
}

/// Of so many parts with which a search began, those that would have been right: more have more axons, so what is
/// missing grows while it is made.
fn wanted(state: &State<'_>, begun: u32) -> u32 {
    let ratio = state.fullness() / full(state);
    let power = 1.0 / (1.0 - if ratio > 1.0 { GROWTH } else { LEAST_GROWTH });
    (begun as f32 * ratio.powf(power)).ceil() as u32
}

/// Whether parts hold so few neurons that what they have left is less than a neuron takes.
fn is_granular(state: &State<'_>) -> bool {
    state.pins.n_vertices() < GRANULAR * state.n_used() as usize
}

/// How full parts may be on the average: where neurons are large, more room is left that none of them fits.
fn full(state: &State<'_>) -> f32 {
    let neurons = state.pins.n_vertices() as f32 / state.n_used() as f32;
    FULL.min(1.0 - 1.0 / neurons).max(0.5)
}

fn found(state: &State<'_>) -> Found {
    let (n_parts, cost, n_over) = (state.n_used(), state.cost(), state.n_over());
    Found { part: state.part.clone(), n_parts, cost, n_over }
}
