//! Threads that take the shards through a window together, and wait for the next one awake.
//!
//! ```text
//! leader    hands out shards and brief ─► works on shard 0, and on what nobody has begun ─► waits for the
//!           others ─► takes all back, joins what they did
//! follower            waits ─► works on its shard ─► puts it back ─► waits …
//! ```
//! A window may be one step, and a step some tens of microseconds: too short to put a thread to sleep and
//! to wake it again. So whoever waits spins, and gives way to others only after a while. A shard is moved to
//! its thread and back, so between two windows everything is in one hand. Where other programs hold the
//! followers' cores, the leader finds shards that nobody has begun, and goes on alone.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

/// Spins before a waiting thread gives way; some ten microseconds.
const SPINS: u32 = 1_000;
/// Times that a thread gives way before it sleeps: whoever keeps it waiting that long writes to a disk.
const GIVES_WAY: u32 = 20_000;
const NAP: Duration = Duration::from_micros(50);
/// The turn after the last one.
const DISMISSED: u64 = u64::MAX;

/// A shard that a thread works on.
pub(crate) trait Worker: Send {
    /// What all of them are told before a window.
    type Brief: Send + Sync;

    /// Goes through a window.
    fn work(&mut self, brief: &Self::Brief);
}

/// The followers of a thread.
pub(crate) struct Crew<W: Worker> {
    /// For every shard but the first.
    places: Vec<Place<W>>,
    brief: RwLock<Option<W::Brief>>,
    /// The number of the window.
    turn: AtomicU64,
    /// How many shards of the places are not done with it.
    to_do: AtomicUsize,
    spins: u32,
}

/// Where a shard lies that is handed out.
struct Place<W> {
    to_do: Mutex<Option<W>>,
    done: Mutex<Option<W>>,
}

impl<W: Worker> Crew<W> {
    /// Keeps a thread for every shard but the first while `lead` runs.
    pub fn gather<R>(n_shards: usize, lead: impl FnOnce(&Self) -> R) -> R {
        let has_core_each = thread::available_parallelism().is_ok_and(|n| n.get() >= n_shards);
        let crew = Self {
            places: (1..n_shards)
                .map(|_| Place { to_do: Mutex::new(None), done: Mutex::new(None) })
                .collect(),
            brief: RwLock::new(None),
            turn: AtomicU64::new(0),
            to_do: AtomicUsize::new(0),
            spins: if has_core_each { SPINS } else { 0 },
        };
        thread::scope(|scope| {
            // Dropped before the scope waits for its threads, also if `lead` panics.
            let _dismissal = Dismissal(&crew.turn);
            for place in &crew.places {
                scope.spawn(|| crew.follow(place));
            }
            lead(&crew)
        })
    }

    /// Takes all shards through a window, and gives the brief back.
    pub fn work(&self, shards: &mut Vec<W>, brief: W::Brief) -> W::Brief {
        debug_assert_eq!(shards.len(), self.places.len() + 1);
        if self.places.is_empty() {
            shards[0].work(&brief);
            return brief;
        }
        *self.brief.write().unwrap_or_else(PoisonError::into_inner) = Some(brief);
        self.to_do.store(self.places.len(), Ordering::Relaxed);
        for (place, shard) in self.places.iter().zip(shards.drain(1..)) {
            put(&place.to_do, shard);
        }
        self.turn.fetch_add(1, Ordering::Release);
        self.on_brief(&mut shards[0]);
        self.places.iter().for_each(|place| self.take_on(place));
        self.wait(|| self.to_do.load(Ordering::Acquire) == 0);
        let taken_back = self.places.iter().map(|place| {
            take(&place.done).expect("whoever takes a shard on puts it back, unless it panicked")
        });
        shards.extend(taken_back);
        let brief = self.brief.write().unwrap_or_else(PoisonError::into_inner).take();
        brief.expect("it was put there above, and followers only read it")
    }

    fn follow(&self, place: &Place<W>) {
        let mut turn = 0;
        loop {
            self.wait(|| self.turn.load(Ordering::Acquire) != turn);
            turn = self.turn.load(Ordering::Acquire);
            if turn == DISMISSED {
                return;
            }
            self.take_on(place);
        }
    }

    /// Works on the shard of a place, if nobody has begun.
    fn take_on(&self, place: &Place<W>) {
        let Some(mut shard) = take(&place.to_do) else { return };
        let _done = Done(&self.to_do);
        self.on_brief(&mut shard);
        put(&place.done, shard);
    }

    fn on_brief(&self, shard: &mut W) {
        let brief = self.brief.read().unwrap_or_else(PoisonError::into_inner);
        shard.work(brief.as_ref().expect("it lies there until all shards are done with it"));
    }

    fn wait(&self, until: impl Fn() -> bool) {
        for _ in 0..self.spins {
            if until() {
                return;
            }
            std::hint::spin_loop();
        }
        for _ in 0..GIVES_WAY {
            if until() {
                return;
            }
            thread::yield_now();
        }
        while !until() {
            thread::sleep(NAP);
        }
    }
}

fn take<W>(place: &Mutex<Option<W>>) -> Option<W> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

fn put<W>(place: &Mutex<Option<W>>, shard: W) {
    *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(shard);
}

/// Sends the followers home when it is dropped.
struct Dismissal<'a>(&'a AtomicU64);

impl Drop for Dismissal<'_> {
    fn drop(&mut self) {
        self.0.store(DISMISSED, Ordering::Release);
    }
}

/// Says when it is dropped that a shard is done, be it by a panic.
struct Done<'a>(&'a AtomicUsize);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Adder(u64);

    impl Worker for Adder {
        type Brief = u64;

        fn work(&mut self, brief: &u64) {
            assert_ne!(self.0, 1_000_000, "too much");
            self.0 += brief;
        }
    }

    #[test]
    fn every_shard_takes_every_window_and_keeps_its_place() {
        for n in [1, 2, 8] {
            let mut shards: Vec<Adder> = (0..n).map(Adder).collect();
            let answer = Crew::gather(shards.len(), |crew| {
                (1..=1000).map(|brief| crew.work(&mut shards, brief)).sum::<u64>()
            });
            assert_eq!(answer, 500_500);
            assert!(shards.iter().zip(0..).all(|(shard, k)| shard.0 == k + 500_500));
        }
    }

    #[test]
    #[should_panic]
    fn a_panic_of_a_follower_ends_the_run() {
        let mut shards = vec![Adder(0), Adder(1_000_000)];
        Crew::gather(2, |crew| crew.work(&mut shards, 1));
    }
}
