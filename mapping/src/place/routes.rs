//! What a placement costs on the board, counted exactly.

use super::{Placement, Traffic};
use crate::chip::Mesh;

/// Packets on the way from core to core, along x first and then along y.
#[derive(Debug, Clone, PartialEq)]
pub struct Routes {
    /// Packets between cores; a spike is one for every destination core.
    pub packets: u64,
    /// Hops of all packets from tile to tile.
    pub hops: u64,
    /// Packets whose destination is on another chip.
    pub chip_packets: u64,
    /// Energy of all hops \[pJ\].
    pub energy: f64,
    /// Packets over each link.
    pub links: Links,
}

/// Packets over the links from tile to tile; a link goes one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Tiles of the board along x and y.
    pub size: [u32; 2],
    /// From every tile, row by row, to the next along x; `[height, width]`, 0 at the rim.
    pub east: Vec<u64>,
    /// From every tile to the one before along x.
    pub west: Vec<u64>,
    /// From every tile to the next along y.
    pub north: Vec<u64>,
    /// From every tile to the one before along y.
    pub south: Vec<u64>,
}

/// Sends the traffic over the board. `O(pairs of parts + tiles)`.
///
/// # Panics
/// If the placement is not one of the traffic on this board.
pub fn route(traffic: &Traffic, placement: &Placement, mesh: &Mesh) -> Routes {
    let tile: Vec<[u32; 2]> = placement.core.iter().map(|core| mesh.tile(*core)).collect();
    let links = Links::of(traffic, mesh.size(), &tile);
    let (mut packets, mut hops, mut chip_packets) = (0, 0, 0);
    for part in 0..traffic.n_parts() {
        let [x, y] = tile[part as usize];
        let chip = mesh.chip(placement.core[part as usize]);
        for (other, n) in traffic.sent(part) {
            let [to_x, to_y] = tile[other as usize];
            packets += n;
            hops += n * u64::from(x.abs_diff(to_x) + y.abs_diff(to_y));
            chip_packets += if mesh.chip(placement.core[other as usize]) == chip { 0 } else { n };
        }
    }
    Routes { packets, hops, chip_packets, energy: links.energy(mesh), links }
}

impl Links {
    /// The links of parts on tiles.
    pub(super) fn of(traffic: &Traffic, size: [u32; 2], tile: &[[u32; 2]]) -> Self {
        assert_eq!(tile.len(), traffic.n_parts() as usize, "a tile for every part");
        let [width, height] = size.map(|n| n as usize);
        // First, for every link, the packets that enter its line there less those that have left it.
        let [mut east, mut west, mut north, mut south] = [0; 4].map(|_| vec![0_u64; width * height]);
        let mut go = |[x, y]: [u32; 2], [to_x, to_y]: [u32; 2], packets: u64| {
            let at = |x: u32, y: u32| y as usize * width + x as usize;
            let along = if to_x > x { &mut east } else { &mut west };
            enter(along, at(x, y), at(to_x, y), packets);
            let along = if to_y > y { &mut north } else { &mut south };
            enter(along, at(to_x, y), at(to_x, to_y), packets);
        };
        for part in 0..traffic.n_parts() {
            let here = tile[part as usize];
            traffic.sent(part).for_each(|(other, packets)| go(here, tile[other as usize], packets));
        }
        for row in 0..height {
            let row = row * width..(row + 1) * width;
            row.clone().skip(1).for_each(|to| carry(&mut east, to - 1, to));
            row.rev().skip(1).for_each(|to| carry(&mut west, to + 1, to));
        }
        (width..width * height).for_each(|to| carry(&mut north, to - width, to));
        (0..width * (height - 1)).rev().for_each(|to| carry(&mut south, to + width, to));
        Self { size, east, west, north, south }
    }

    /// The packets over the link that most go over.
    pub fn most_loaded(&self) -> u64 {
        let Self { size: _, east, west, north, south } = self;
        [east, west, north, south].into_iter().flatten().copied().max().unwrap_or(0)
    }

    /// The energy of all hops \[pJ\].
    fn energy(&self, mesh: &Mesh) -> f64 {
        let width = self.size[0] as usize;
        let mut energy = 0.0;
        for tile in 0..self.east.len() {
            for (axis, at, ahead, back) in [
                (0, tile % width, self.east[tile], self.west[tile]),
                (1, tile / width, self.north[tile], self.south[tile]),
            ] {
                if ahead > 0 {
                    energy += ahead as f64 * mesh.hop_energy(axis, at as u32);
                }
                if back > 0 {
                    energy += back as f64 * mesh.hop_energy(axis, at as u32 - 1);
                }
            }
        }
        energy
    }
}

/// Packets enter the links of a line at a tile and have left them at another.
fn enter(line: &mut [u64], from: usize, to: usize, packets: u64) {
    line[from] = line[from].wrapping_add(packets);
    line[to] = line[to].wrapping_sub(packets);
}

/// What is on one link of a line goes on over the next.
fn carry(line: &mut [u64], from: usize, to: usize) {
    line[to] = line[to].wrapping_add(line[from]);
}
