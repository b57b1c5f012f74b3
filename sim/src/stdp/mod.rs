//! Weights that change by the times of spikes.
//!
//! A synapse sees presynaptic spikes when they are fired and postsynaptic ones a delay later (the delay is
//! dendritic). It is looked at when it delivers, a delay after the presynaptic spike, and is then brought up
//! to date to the time of that spike:
//!
//! ```text
//! 1. every postsynaptic spike that has reached it since the presynaptic spike before potentiates it
//! 2. the postsynaptic trace, as it is at the synapse just before the spike, depresses it
//! 3. its weight is delivered, and the presynaptic traces grow
//! ```
//! This is NEST's lazy scheme, at the time of delivery. By then all postsynaptic spikes that matter are
//! known, and they belong to the shard of the synapse: shards tell each other nothing about weights, windows
//! stay as long as they are, and a spike on its way is still a segment and no list of weights.
//!
//! What a synapse remembers is its weight alone. The presynaptic traces are those of its segment, since all
//! synapses of a segment see the same spikes; which postsynaptic spikes it has seen follows from the time of
//! the last presynaptic one; and traces of postsynaptic spikes are kept with the spikes (`history.rs`).
//!
//! A segment whose source is silent would keep spikes for ever. So when many are kept, a *sweep* applies
//! what has reached every synapse and forgets the spikes. Each synapse undergoes the same steps in the
//! same order with it or without, so a sweep changes no bit.
//!
//! Times are counted in units of a [`Clock`]: steps on the grid, where all comparisons are exact, and ms in
//! real-valued time, where spikes nearer than [`SAME_TIME`] reach a synapse together, as in NEST.
//!
//! Cost: a presynaptic spike takes one exponential a synapse, and one for each postsynaptic spike since the
//! one before; on the grid they are looked up. Memory is 8 bytes a synapse, and 24 a segment and a spike.

mod history;
mod rule;
mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::plan::{Kind, Packed, Plan, Plastic, Segment, Shard, Table, Target, with_packed};
use history::History;
use rule::{AnyRule, Post, Rule, Traces};
pub(crate) use state::{LearningState, final_weights, restore, state};

/// Spikes that reach a synapse nearer to each other than this \[ms\] reach it at the same time.
const SAME_TIME: f64 = 1e-6;

/// How many spikes a neuron are kept before a sweep. A sweep looks at every synapse, and every spike changes
/// each of its neuron's, so there is an eighth of a look for every change that is made anyway; and spikes stay
/// in the cache.
const MOST_POSTS: usize = 8;

/// How many spikes are kept whatever the number of neurons.
const FEW_POSTS: usize = 1 << 10;

/// The time of a scheduler.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    /// One unit in ms.
    unit: f64,
    is_grid: bool,
}

impl Clock {
    /// Time is counted in steps.
    pub fn grid(dt: f64) -> Self {
        Self { unit: dt, is_grid: true }
    }

    /// Time is in ms.
    pub fn real() -> Self {
        Self { unit: 1.0, is_grid: false }
    }

    fn delay(self, kind: &Kind) -> f64 {
        if self.is_grid { f64::from(kind.steps) } else { kind.delay }
    }

    fn longest_delay(self, plastic: &Plastic) -> f64 {
        if self.is_grid { f64::from(plastic.max_steps) } else { plastic.max_delay }
    }

    /// How far apart two times of a synapse may be that count as one: less than its delay, so that whatever
    /// is compared has happened.
    fn tolerance(self, delay: f64) -> f64 {
        if self.is_grid { 0.0 } else { SAME_TIME.min(0.5 * delay) }
    }
}

/// The plastic synapses of a shard in a run.
#[derive(Debug)]
pub(crate) struct Learning<'a> {
    table: &'a Table,
    kinds: &'a [Kind],
    plastic: &'a [Plastic],
    rules: Vec<AnyRule>,
    clock: Clock,
    /// The history of every projection.
    history_of: Vec<usize>,
    histories: Vec<History>,
    /// What a weight of every projection is multiplied by after it was made from its size: 1 or −1.
    signs: Vec<f64>,
    /// What every segment remembers.
    rows: Vec<Row>,
    /// What every synapse delivers.
    weights: Vec<f64>,
    /// Every synapse has seen what had reached it a delay before this time.
    swept: f64,
    /// Spikes that are kept, and how many of them are worth a sweep.
    n_posts: usize,
    most_posts: usize,
}

/// The presynaptic spikes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Row {
    /// The last one; minus infinity before the first.
    last: f64,
    /// The traces, with it.
    traces: Traces,
}

/// What happens at the end of an update.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Visit {
    /// A presynaptic spike.
    Spike,
    /// Nothing.
    Sweep,
}

impl<'a> Learning<'a> {
    /// The synapses of a shard at the start of a run, or nothing if all weights stay.
    pub fn new(plan: &'a Plan, shard: &'a Shard, clock: Clock) -> Option<Self> {
        if plan.plastic.is_empty() {
            return None;
        }
        let (keys, history_of) = history::keys(plan);
        let reach = |history: usize| {
            let sharing = plan.plastic.iter().zip(&history_of).filter(|(_, of)| **of == history);
            sharing.map(|(plastic, _)| clock.longest_delay(plastic)).fold(0.0, f64::max)
        };
        let history = |(k, key): (usize, &_)| History::new(shard, *key, reach(k), clock);
        let histories: Vec<History> = keys.iter().enumerate().map(history).collect();
        let n_neurons = histories.iter().map(|history| history.posts.len()).sum::<usize>();
        let sign = |plastic: &Plastic| {
            let part = shard.parts.iter().find(|part| part.population == plastic.target);
            let takes_amounts = |class: u16| plan.classes[usize::from(class)].takes_amounts();
            let is_amount = part.is_some_and(|part| takes_amounts(part.class));
            if is_amount { 1.0 } else { largest(plastic).signum() }
        };
        let table = &shard.plastic;
        let row = Row { last: f64::NEG_INFINITY, traces: Traces::default() };
        let mut learning = Self {
            table,
            kinds: &plan.kinds,
            plastic: &plan.plastic,
            rules: plan.plastic.iter().map(|plastic| AnyRule::new(&plastic.rule, clock)).collect(),
            clock,
            history_of,
            histories,
            signs: plan.plastic.iter().map(sign).collect(),
            rows: vec![row; table.n_segments()],
            weights: vec![0.0; table.n_synapses()],
            swept: f64::NEG_INFINITY,
            n_posts: 0,
            most_posts: FEW_POSTS.max(MOST_POSTS * n_neurons),
        };
        learning.set_weights(|projection, synapse| plan.plastic[projection].start.get(synapse));
        Some(learning)
    }

    /// Neurons of the shard have fired.
    pub fn note(&mut self, spikes: impl Iterator<Item = (f64, u32)>) {
        for (t, node) in spikes {
            for history in &mut self.histories {
                self.n_posts += usize::from(history.note(t, node));
            }
        }
    }

    /// A presynaptic spike is delivered by a segment at `t`: its synapses are brought up to date.
    pub fn pass(&mut self, segment: usize, t: f64) {
        let kind = &self.kinds[self.table.segment(segment).0 as usize];
        // The spike was fired a delay ago; in real-valued time to rounding, which is that of its time itself.
        let sent = t - self.clock.delay(kind);
        self.update(segment, sent, Visit::Spike);
    }

    /// What every synapse delivers, in the order of the table.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The synapses of a segment with what they deliver.
    pub fn segment(&self, segment: usize) -> (&'a Kind, Segment<'_>) {
        let (kind, _) = self.table.segment(segment);
        (&self.kinds[kind as usize], self.table.with_weights(segment, &self.weights))
    }

    /// Keeps memory bounded. Everything that is delivered before `t`, and all spikes before it, have been
    /// seen.
    pub fn tidy(&mut self, t: f64) {
        if self.n_posts > self.most_posts {
            self.sweep(t);
        }
    }

    /// Applies what has reached every synapse a delay before `t`, and forgets what nobody will ask for.
    ///
    /// A presynaptic spike that has not been delivered was fired a delay before `t` at the earliest, so it
    /// comes after all that is applied.
    fn sweep(&mut self, t: f64) {
        for segment in 0..self.rows.len() {
            let kind = &self.kinds[self.table.segment(segment).0 as usize];
            self.update(segment, t - self.clock.delay(kind), Visit::Sweep);
        }
        for history in &mut self.histories {
            // The next presynaptic spike asks for the trace two delays before its delivery.
            history.forget_before(t - 2.0 * history.reach - 2.0 * self.clock.tolerance(history.reach));
        }
        self.n_posts = self.histories.iter().map(History::len).sum();
        self.swept = t;
    }

    /// Applies what has reached every synapse until `t`, the end of the run, after everything that is on its
    /// way has passed.
    fn finish(&mut self, t: f64) {
        for segment in 0..self.rows.len() {
            self.update(segment, t, Visit::Sweep);
        }
    }

    /// Brings a segment up to date to the time `until`.
    fn update(&mut self, segment: usize, until: f64, visit: Visit) {
        let Self { table, kinds, rules, clock, history_of, histories, signs, rows, weights, swept, .. } =
            self;
        let (kind, synapses) = table.segment(segment);
        let kind = &kinds[kind as usize];
        let projection = projection_of(kind);
        let delay = clock.delay(kind);
        let row = &mut rows[segment];
        let update = Update {
            history: &histories[history_of[projection]],
            row: *row,
            seen: row.last.max(*swept - delay),
            until,
            delay,
            tolerance: clock.tolerance(delay),
            sign: signs[projection],
            visit,
        };
        let (packed, size) = table.packed();
        let weights = &mut weights[synapses.clone()];
        let before = with_packed!(packed, size, packed => match &rules[projection] {
            AnyRule::Pair(rule) => update.apply(rule, &packed[synapses], weights),
            AnyRule::Triplet(rule) => update.apply(rule, &packed[synapses], weights),
        });
        if visit == Visit::Spike {
            let Traces { fast, slow } = before;
            *row = Row { last: until, traces: Traces { fast: fast + 1.0, slow: slow + 1.0 } };
        }
    }
}

/// One update of a segment.
struct Update<'a> {
    history: &'a History,
    row: Row,
    /// What has reached the synapses until then is applied already.
    seen: f64,
    until: f64,
    delay: f64,
    tolerance: f64,
    sign: f64,
    visit: Visit,
}

impl Update<'_> {
    /// Updates the synapses, and says what the presynaptic traces are at the end.
    fn apply(&self, rule: &impl Rule, synapses: &[impl Packed], weights: &mut [f64]) -> Traces {
        let traces = rule.decayed(self.row.traces, self.until - self.row.last);
        for (synapse, weight) in synapses.iter().zip(weights) {
            let posts = self.history.of(synapse.target().place());
            if !posts.is_empty() {
                *weight = self.sign * self.size(rule, traces, posts, weight.abs());
            }
        }
        traces
    }

    /// The size of a weight after the update.
    #[inline]
    fn size(&self, rule: &impl Rule, traces: Traces, posts: &[Post], mut size: f64) -> f64 {
        let Self { history: _, row, seen, until, delay, tolerance, sign: _, visit } = *self;
        let reached = |t: f64| move |post: &Post| post.t + delay <= t + tolerance;
        let n_until = count_from_back(posts, posts.len(), reached(until));
        if row.last > f64::NEG_INFINITY {
            let n_seen = count_from_back(posts, n_until, reached(seen));
            for post in &posts[n_seen..n_until] {
                let since = post.t + delay - row.last;
                size = rule.potentiated(size, row.traces, since, post);
            }
        }
        if visit == Visit::Spike {
            // A postsynaptic spike that reaches the synapse together with this one makes no pair.
            let n_before = count_from_back(posts, n_until, |post| post.t + delay < until - tolerance);
            if let Some(post) = posts[..n_before].last() {
                let since = until - (post.t + delay);
                size = rule.depressed(size, traces, since, post);
            }
        }
        size
    }
}

/// How many of the first `n` spikes fulfil a condition that holds for the oldest; few of them do not.
#[inline]
fn count_from_back(posts: &[Post], mut n: usize, holds: impl Fn(&Post) -> bool) -> usize {
    while n > 0 && !holds(&posts[n - 1]) {
        n -= 1;
    }
    n
}

fn projection_of(kind: &Kind) -> usize {
    usize::from(kind.plastic.expect("only plastic synapses are in the table of plastic synapses"))
}

fn largest(plastic: &Plastic) -> f64 {
    plastic.rule.w_max().expect("the rule of a plastic projection has a largest weight")
}
