//! Incremental gains against recounts, on random boards with random traffic.

use proptest::prelude::*;

use super::board::Board;
use super::cells::Cells;
use super::levels::coarsen;
use super::{Objective, Placement, Traffic, route};
use crate::chip::Mesh;

/// A board of up to 2 × 2 chips of 4 × 4 tiles of 3 cores, traffic of parts on it, distinct cells for them,
/// and swaps of parts with cells.
fn case() -> impl Strategy<Value = (Mesh, Traffic, Vec<u32>, Vec<(u32, u32)>)> {
    let mesh = (1..=2_u32, 1..=2_u32, 1..=4_u32, 1..=4_u32, 1..=3_u32).prop_map(|(cx, cy, tx, ty, k)| Mesh {
        chips: [cx, cy],
        tiles: [tx, ty],
        cores_per_tile: k,
        hop: [3.0, 4.2],
        chip_hop: [30.5, 41.3],
    });
    mesh.prop_flat_map(|mesh| {
        let n_cells = mesh.n_cores();
        let cells = Just((0..n_cells).collect::<Vec<_>>()).prop_shuffle();
        (Just(mesh), 1..=n_cells, cells).prop_flat_map(move |(mesh, n_parts, mut cells)| {
            cells.truncate(n_parts as usize);
            let packets = prop::collection::vec((0..n_parts, 0..n_parts, 0..1000_u64), 0..100);
            let traffic = packets.prop_map(move |packets| Traffic::from_packets(n_parts, &packets));
            let swaps = prop::collection::vec((0..n_parts, 0..n_cells), 0..50);
            (Just(mesh), traffic, Just(cells), swaps)
        })
    })
}

fn routed(mesh: &Mesh, traffic: &Traffic, board: &Board, cells: &[u32]) -> super::Routes {
    let core = |cell: &u32| mesh.first_core(board.tile(*cell)) + cell % board.per_tile;
    route(traffic, &Placement { core: cells.iter().map(core).collect() }, mesh)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_a_swap_changes_is_what_a_recount_finds((mesh, traffic, cells, swaps) in case()) {
        for objective in [Objective::Hops, Objective::Energy] {
            let board = Board::new(&mesh, objective);
            let mut cells = Cells::new(&traffic, &board, cells.clone());
            for &(part, to) in &swaps {
                let before = cells.cost();
                let change = cells.change(part, to, board.tile(to), f64::INFINITY);
                let change = change.expect("no change is above the limit");
                prop_assert_eq!(cells.change(part, to, board.tile(to), change - 1e-6), None);
                cells.swap(part, to, board.tile(to));
                prop_assert!((cells.cost() - before - change).abs() <= 1e-9 * (1.0 + before));
                prop_assert_eq!(cells.part(to), Some(part));
            }
            let counted = Cells::new(&traffic, &board, cells.cells().to_vec());
            prop_assert_eq!(cells.pulls(), counted.pulls());
            let routes = routed(&mesh, &traffic, &board, cells.cells());
            let counted = match objective {
                Objective::Hops | Objective::TreeLinks => routes.hops as f64,
                Objective::Energy => routes.energy,
            };
            prop_assert!((cells.cost() - counted).abs() <= 1e-9 * (1.0 + counted));
            prop_assert_eq!(cells.most_loaded_link(), routes.links.most_loaded());
        }
    }

    #[test]
    fn a_part_at_rest_costs_least_of_all_tiles((mesh, traffic, cells, _) in case()) {
        let board = Board::new(&mesh, Objective::Energy);
        let cells = Cells::new(&traffic, &board, cells);
        for part in 0..traffic.n_parts() {
            let least = cells.moved(part, cells.tile(part), cells.rest(part));
            for cell in (0..board.n_cells()).step_by(board.per_tile as usize) {
                let there = cells.moved(part, cells.tile(part), board.tile(cell));
                prop_assert!(least <= there + 1e-9 * there.abs());
            }
        }
    }
}

/// On full boards with odd sides, too, every part keeps a cell of its own from the coarsest board to the finest.
#[test]
fn every_part_of_every_level_has_a_cell_of_its_own() {
    for (tiles, cores_per_tile, n_parts) in
        [([25, 27], 1, 675), ([25, 27], 1, 600), ([9, 13], 3, 351), ([1, 999], 1, 999), ([40, 40], 2, 700)]
    {
        let mesh = Mesh { chips: [1, 1], tiles, cores_per_tile, hop: [1.0; 2], chip_hop: [1.0; 2] };
        let links: Vec<_> = (0..n_parts).map(|i| (i, i * 7 % n_parts, u64::from(1 + i % 5))).collect();
        let traffic = Traffic::from_packets(n_parts, &links);
        let levels = coarsen(&traffic, Board::new(&mesh, Objective::Hops));
        assert!(levels.len() > 1);
        let coarsest = levels.last().expect("there are several");
        let mut cell = super::order::along_curve(&coarsest.traffic, &coarsest.board);
        for pair in levels.windows(2).rev() {
            cell = pair[0].spread(&pair[1].board, &cell);
            let mut sorted = cell.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), pair[0].traffic.n_parts() as usize);
            assert!(sorted.last().is_some_and(|cell| *cell < pair[0].board.n_cells()));
        }
    }
}
