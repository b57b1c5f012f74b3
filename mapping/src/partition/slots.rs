//! In which parts every source has pins, and how many.

/// What the partitioner knows of a source: one line of the cache, while the source touches few parts.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Source {
    /// Spikes that it sends.
    pub spikes: f32,
    /// The part where it is itself, or [`OUTSIDE`].
    pub home: u32,
    /// Parts with at least one of its targets.
    pub destinations: u16,
    /// Bits of its synapses.
    pub bits: u16,
    /// Parts with at least one of its pins.
    n: u16,
    /// Whether one of its targets is where it is itself; kept where there are counters.
    pub reaches_home: bool,
    slots: [Slot; INLINE],
}

/// The home of a source that comes from outside.
pub(super) const OUTSIDE: u32 = u32::MAX;
/// The most parts, and the most pins of a source in a part.
pub(super) const MOST: u32 = u16::MAX as u32;
/// Parts that find room in the line of their source.
const INLINE: usize = 12;
/// Parts whose bits are in a word.
pub(super) const LANES: usize = 32;

/// A part that a source touches.
#[derive(Clone, Copy, Default)]
pub(super) struct Slot {
    part: u16,
    /// The source's pins there, > 0.
    pins: u16,
}

impl Slot {
    pub fn part(self) -> u32 {
        u32::from(self.part)
    }
    pub fn pins(self) -> u32 {
        u32::from(self.pins)
    }
}

/// All sources, with the parts that each touches.
///
/// A source that touches few parts has a short list, in no order: that of networks with structure. Where
/// sources touch a good share of all parts, a counter for every part and a bit are shorter to search and to add.
pub(super) struct Sources {
    pub of: Vec<Source>,
    parts: Parts,
}

enum Parts {
    /// What does not find room beside the source.
    Lists(Vec<Vec<Slot>>),
    Rows(Rows),
}

/// Counters of all sources, part by part: neurons of one part, whose turns come one after the other, look at those
/// of the same part.
pub(super) struct Rows {
    n_sources: usize,
    /// Pins by part and source.
    pins: Vec<u16>,
    /// Whether there is a target, a bit a part, by word and source.
    reached: Vec<u32>,
}

impl Rows {
    /// The pins of all sources in a part.
    #[inline]
    pub fn pins(&self, part: u32) -> &[u16] {
        &self.pins[part as usize * self.n_sources..][..self.n_sources]
    }

    /// The parts from `word` times [`LANES`] on that each source reaches, a bit a part.
    #[inline]
    pub fn reached(&self, word: usize) -> &[u32] {
        &self.reached[word * self.n_sources..][..self.n_sources]
    }

    /// Whether a source has a target in a part.
    #[inline]
    pub fn reaches(&self, source: u32, part: u32) -> bool {
        self.reached(part as usize / LANES)[source as usize] >> (part as usize % LANES) & 1 != 0
    }

    fn count(&mut self, source: u32, part: u32) -> &mut u16 {
        &mut self.pins[part as usize * self.n_sources + source as usize]
    }
}

impl Sources {
    /// Sources without pins.
    pub fn new(spikes: &[u32], bits: &[u16], n_parts: u32, rows: bool) -> Self {
        let source = |(spikes, bits): (&u32, &u16)| Source {
            spikes: *spikes as f32,
            home: OUTSIDE,
            destinations: 0,
            bits: *bits,
            n: 0,
            reaches_home: false,
            slots: [Slot::default(); INLINE],
        };
        let of: Vec<Source> = spikes.iter().zip(bits).map(source).collect();
        let (n_parts, n_sources) = (n_parts as usize, of.len());
        let parts = if rows {
            let (pins, reached) =
                (vec![0; n_parts * n_sources], vec![0; n_parts.div_ceil(LANES) * n_sources]);
            Parts::Rows(Rows { n_sources, pins, reached })
        } else {
            Parts::Lists(vec![Vec::new(); n_sources])
        };
        Self { of, parts }
    }

    /// The counters, if there are any.
    #[inline]
    pub fn rows(&self) -> Option<&Rows> {
        match &self.parts {
            Parts::Lists(_) => None,
            Parts::Rows(rows) => Some(rows),
        }
    }

    /// Takes down where a source is itself.
    #[inline]
    pub fn settle(&mut self, source: u32, home: u32) {
        let reaches_home = self.rows().is_some_and(|rows| rows.reaches(source, home));
        let of = &mut self.of[source as usize];
        (of.home, of.reaches_home) = (home, reaches_home);
    }

    /// Takes down whether a source has a target in a part, which lists do not tell from itself.
    #[inline]
    pub fn reach(&mut self, source: u32, part: u32, is: bool) {
        if let Parts::Rows(rows) = &mut self.parts {
            let of = &mut self.of[source as usize];
            if of.home == part {
                of.reaches_home = is;
            }
            let (word, bit) = (part as usize / LANES, part as usize % LANES);
            let word = &mut rows.reached[word * rows.n_sources + source as usize];
            *word = *word & !(1 << bit) | u32::from(is) << bit;
        }
    }

    /// The parts that a source touches, if there are no counters: first those that lie beside it.
    #[inline]
    pub fn lists(&self, source: u32) -> (&[Slot], &[Slot]) {
        let of = &self.of[source as usize];
        let n = usize::from(of.n);
        match &self.parts {
            Parts::Lists(rest) if n > INLINE => (&of.slots, &rest[source as usize][..n - INLINE]),
            _ => (&of.slots[..n], &[]),
        }
    }

    /// The number of parts that a source touches.
    #[inline]
    pub fn n_touched(&self, source: u32) -> u32 {
        u32::from(self.of[source as usize].n)
    }

    /// Calls for every part that a source touches.
    pub fn each(&self, source: u32, mut call: impl FnMut(u32, u32)) {
        if let Some(rows) = self.rows() {
            let all = rows.pins.iter().skip(source as usize).step_by(rows.n_sources).enumerate();
            all.filter(|(_, n)| **n > 0).for_each(|(part, n)| call(part as u32, u32::from(*n)));
            return;
        }
        let (beside, rest) = self.lists(source);
        beside.iter().chain(rest).for_each(|slot| call(slot.part(), slot.pins()));
    }

    /// The pins of a source in a part.
    #[inline]
    pub fn get(&self, source: u32, part: u32) -> u32 {
        if let Some(rows) = self.rows() {
            return u32::from(rows.pins(part)[source as usize]);
        }
        let (beside, rest) = self.lists(source);
        let found = |slots: &[Slot]| slots.iter().find(|slot| slot.part() == part).map(|slot| slot.pins());
        found(beside).or_else(|| found(rest)).unwrap_or(0)
    }

    /// Adds pins and tells how many there are.
    #[inline]
    pub fn add(&mut self, source: u32, part: u32, pins: u32) -> u32 {
        let of = &mut self.of[source as usize];
        let n = usize::from(of.n);
        match &mut self.parts {
            Parts::Rows(rows) => {
                let count = rows.count(source, part);
                of.n += u16::from(*count == 0);
                *count += pins as u16;
                u32::from(*count)
            }
            Parts::Lists(rest) => {
                let (beside, more) = of.slots.split_at_mut(n.min(INLINE));
                let rest = &mut rest[source as usize];
                let mut slots = beside.iter_mut().chain(rest.iter_mut());
                if let Some(slot) = slots.find(|slot| slot.part() == part) {
                    slot.pins += pins as u16;
                    return slot.pins();
                }
                let slot = Slot { part: part as u16, pins: pins as u16 };
                match more.first_mut() {
                    Some(free) => *free = slot,
                    None => rest.push(slot),
                }
                of.n += 1;
                pins
            }
        }
    }

    /// Takes pins away and tells how many are left.
    #[inline]
    pub fn remove(&mut self, source: u32, part: u32, pins: u32) -> u32 {
        let of = &mut self.of[source as usize];
        let n = usize::from(of.n);
        match &mut self.parts {
            Parts::Rows(rows) => {
                let count = rows.count(source, part);
                *count -= pins as u16;
                of.n -= u16::from(*count == 0);
                u32::from(*count)
            }
            Parts::Lists(rest) => {
                let rest = &mut rest[source as usize];
                let mut slots = of.slots[..n.min(INLINE)].iter_mut().chain(rest.iter_mut());
                let slot =
                    slots.find(|slot| slot.part() == part).expect("pins are taken from where they are");
                slot.pins -= pins as u16;
                let left = slot.pins();
                if left == 0 {
                    // The last one takes the free place.
                    let last = rest.pop().unwrap_or_else(|| of.slots[n - 1]);
                    let mut slots = of.slots[..n.min(INLINE)].iter_mut().chain(rest.iter_mut());
                    if let Some(slot) = slots.find(|slot| slot.part() == part) {
                        *slot = last;
                    }
                    of.n -= 1;
                }
                left
            }
        }
    }
}
