//! How hot it is while neurons move, and how dear room is.

use super::price::{Room, Rooms};

/// How hot and how dear it is on the way down, in mean spikes of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Climate {
    pub heat: f32,
    pub rooms: Rooms,
}

impl Climate {
    /// From 0, where moves may lose and room is cheap but not free, to 1, where parts are nearly within their limits.
    ///
    /// Room costs less than the packets that an axon saves, and what is beyond a limit more: prices that keep parts
    /// within their limits by themselves leave room empty, and pay for it with packets.
    pub fn at(x: f32) -> Self {
        let of_axons = Room { weight: 0.3, wall: from_to(2.0, 8.0, x), start: 0.95 + 0.035 * x };
        let Self { heat, rooms } = Self::graded(x);
        Self { heat, rooms: Rooms { of_axons, ..rooms } }
    }

    /// The same where a neuron takes much of a part, and would not move beside a wall, and in a large network, whose
    /// few passes end with more parts beside one.
    ///
    /// While prices begin early and rise slowly, parts never get far beyond what they may hold, and what they hold
    /// beyond it is given up while it is still warm enough to find another place.
    pub fn graded(x: f32) -> Self {
        let room = Room { weight: from_to(0.5, 10.0, x), wall: 0.0, start: 0.6 + 0.32 * x };
        Self { heat: from_to(3.0, 0.4, x), rooms: room.into() }
    }

    /// That of exchanges, from 0 to 1: a wall does not stop two neurons that need about as much.
    pub fn of_exchanges(x: f32) -> Self {
        Self { heat: 1.2 * (1.0 - x), rooms: Self::beside_a_wall(6.0).into() }
    }

    /// Room beside a wall of so much.
    pub fn beside_a_wall(wall: f32) -> Room {
        Room { weight: 0.5, wall, start: 0.97 }
    }
}

/// A number between two others, in equal ratios.
fn from_to(from: f32, to: f32, x: f32) -> f32 {
    from * libm::powf(to / from, x)
}

/// Room while parts are emptied.
pub(super) const EMPTYING: Room = Room { weight: 1.0, wall: 0.0, start: 0.9 };
