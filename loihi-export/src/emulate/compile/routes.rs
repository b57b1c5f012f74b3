//! Where messages go, and at what toll.

use std::ops::{AddAssign, Range};

use rheobase_mapping::chip::{Chip, Mesh};

use crate::emulate::EmulateError;
use crate::netlist::{Core, OutputAxons, ValidNetlist};

/// Where the messages of a core's compartments, or of a source's nodes, go.
pub(in crate::emulate) struct Routes {
    first: Vec<u32>,
    ways: Vec<Way>,
    tolls: Vec<Toll>,
}

/// An input axon: the shard, the core in it, the axon there.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulate) struct Way {
    pub shard: u32,
    pub core: u32,
    pub axon: u32,
}

/// A message on its way to an input axon of a shard.
#[derive(Debug, Clone, Copy)]
pub(in crate::emulate) struct Packet {
    /// The core in the shard.
    pub core: u32,
    /// The axon there.
    pub axon: u32,
    /// The message.
    pub value: i32,
}

/// What a message of one sender takes of the network on the chip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::emulate) struct Toll {
    pub packets: u64,
    pub own_packets: u64,
    pub hops: [u64; 2],
    pub chip_hops: [u64; 2],
}

impl Routes {
    /// Where the messages of a sender go.
    #[inline]
    pub fn ways(&self, sender: usize) -> &[Way] {
        &self.ways[self.first[sender] as usize..self.first[sender + 1] as usize]
    }

    /// What one of them takes.
    #[inline]
    pub fn toll(&self, sender: usize) -> &Toll {
        &self.tolls[sender]
    }
}

impl AddAssign for Toll {
    fn add_assign(&mut self, other: Self) {
        let Self { packets, own_packets, hops, chip_hops } = other;
        self.packets += packets;
        self.own_packets += own_packets;
        for axis in 0..2 {
            self.hops[axis] += hops[axis];
            self.chip_hops[axis] += chip_hops[axis];
        }
    }
}

/// The board of a netlist, if its cores are placed.
pub(in crate::emulate) fn mesh_of(netlist: &ValidNetlist) -> Result<Option<Mesh>, EmulateError> {
    let Some(place) = &netlist.chip else { return Ok(None) };
    let mesh = Mesh { chips: place.chips, ..Chip::from_toml(&place.file)?.mesh(None, 0)? };
    let [x, y] = mesh.chips.map(u64::from);
    let n_cores = x.saturating_mul(y).saturating_mul(u64::from(mesh.cores_per_chip()));
    match netlist.cores.last() {
        Some(Core { core, .. }) if u64::from(*core) >= n_cores => {
            Err(EmulateError::OffBoard { core: *core, n_cores })
        }
        Some(_) | None => Ok(Some(mesh)),
    }
}

/// Where cores are: in which shard, and on which tile.
pub(super) struct Places {
    /// The numbers of the cores, rising.
    numbers: Vec<u32>,
    /// The shard of every core and its place there.
    dealt: Vec<(u32, u32)>,
    mesh: Option<Mesh>,
}

impl Places {
    /// The places of a netlist's cores, whose shards are given and do not fall.
    pub fn new(netlist: &ValidNetlist, shards: Vec<u32>) -> Result<Self, EmulateError> {
        let numbers: Vec<u32> = netlist.cores.iter().map(|core| core.core).collect();
        let mut dealt: Vec<(u32, u32)> = Vec::with_capacity(shards.len());
        for shard in shards {
            let place = dealt.last().map_or(0, |(last, place)| if *last == shard { place + 1 } else { 0 });
            dealt.push((shard, place));
        }
        Ok(Self { numbers, dealt, mesh: mesh_of(netlist)? })
    }

    /// How many shards there are.
    pub fn n_shards(&self) -> usize {
        self.dealt.last().map_or(1, |(shard, _)| *shard as usize + 1)
    }

    /// The shard of the netlist's core of this place, and the place in it.
    pub fn of(&self, core: usize) -> (u32, u32) {
        self.dealt[core]
    }

    /// Where the messages of senders go that are on the core `from`, or on none.
    pub fn routes(&self, axons: &OutputAxons, from: Option<u32>) -> Routes {
        let ends = axons.core.iter().zip(&axons.axon);
        let ways = ends.map(|(core, axon)| {
            let place = self.numbers.binary_search(core).expect("a valid netlist's axons end at its cores");
            let (shard, core) = self.dealt[place];
            Way { shard, core, axon: *axon }
        });
        let toll = |sender: usize| {
            let mut sum = Toll::default();
            axons.of(sender).for_each(|(core, _)| sum += self.toll(from, core));
            sum
        };
        Routes {
            ways: ways.collect(),
            tolls: (0..axons.n_senders()).map(toll).collect(),
            first: axons.first.clone(),
        }
    }

    /// What a packet to a core takes. Those of sources come from outside of the mesh.
    fn toll(&self, from: Option<u32>, to: u32) -> Toll {
        let Some(from) = from else { return Toll::default() };
        if from == to {
            return Toll { own_packets: 1, ..Toll::default() };
        }
        let mut toll = Toll { packets: 1, ..Toll::default() };
        if let Some(mesh) = &self.mesh {
            let (from, to) = (mesh.tile(from), mesh.tile(to));
            for axis in 0..2 {
                let way: Range<u32> = from[axis].min(to[axis])..from[axis].max(to[axis]);
                toll.hops[axis] = u64::from(way.end - way.start);
                // Borders lie between the tiles of neighboring chips.
                toll.chip_hops[axis] =
                    u64::from(way.end / mesh.tiles[axis]) - u64::from(way.start / mesh.tiles[axis]);
            }
        }
        toll
    }
}
