//! Placement where the best one is known, on boards of all kinds.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

use proptest::prelude::*;
use rheobase_mapping::chip::Mesh;
use rheobase_mapping::{
    Graph, Objective, Partition, PlaceConfig, PlaceError, Placement, Traffic, Watch, place, route,
    shorten_trees, tree_links,
};

fn mesh(tiles: [u32; 2]) -> Mesh {
    Mesh { chips: [1, 1], tiles, cores_per_tile: 1, hop: [3.0, 4.2], chip_hop: [3.0, 4.2] }
}

fn go_on(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn placed(traffic: &Traffic, mesh: &Mesh, config: &PlaceConfig) -> Placement {
    placed_until(traffic, mesh, config, &go_on)
}

fn placed_until(traffic: &Traffic, mesh: &Mesh, config: &PlaceConfig, watch: Watch<'_>) -> Placement {
    let placement = place(traffic, mesh, config, watch).expect("the board has a core for every part");
    let mut cores = placement.core.clone();
    cores.sort_unstable();
    cores.dedup();
    assert_eq!(cores.len(), traffic.n_parts() as usize, "every part has a core of its own");
    assert!(cores.iter().all(|core| *core < mesh.n_cores()));
    placement
}

/// Numbers in an order that says nothing of a grid.
fn shuffled(n: u32) -> Vec<u32> {
    let mut names: Vec<u32> = (0..n).collect();
    names.sort_by_key(|i| u64::from(i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17));
    names
}

/// Parts that talk with their neighbors of a grid, or of a torus.
fn grid([width, height]: [u32; 2], is_torus: bool) -> Traffic {
    let names = shuffled(width * height);
    let name = |x: u32, y: u32| names[(y % height * width + x % width) as usize];
    let mut packets = Vec::new();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        for (next_x, next_y) in [(x + 1, y), (x, y + 1)] {
            if is_torus || next_x < width && next_y < height {
                packets.push((name(x, y), name(next_x, next_y), 10));
            }
        }
    }
    Traffic::from_packets(width * height, &packets)
}

/// No packet takes less than one hop, so a grid on a mesh of its own shape costs as many hops as packets. Small
/// ones are solved; larger ones come near, and nearer with more swaps.
#[test]
fn a_grid_unfolds() {
    let cases = [([6, 6], 2000, 1.0), ([5, 11], 2000, 1.0), ([10, 10], 10_000, 1.0), ([25, 33], 2000, 1.35)];
    for (size, swaps, excess) in cases {
        let traffic = grid(size, false);
        let config = PlaceConfig { swaps, ..PlaceConfig::default() };
        let hops = route(&traffic, &placed(&traffic, &mesh(size), &config), &mesh(size)).hops;
        assert!(hops as f64 <= excess * traffic.n_packets() as f64, "{size:?}: {hops}");
    }
}

/// Traffic that falls with distance, 100 exp(−d²/2) packets within 2 steps each way, and in addition one packet a
/// part over any distance, which belongs into no place. The parts' own places are a placement, so the best is
/// not above their hops.
#[test]
fn local_traffic_is_found_among_chance_traffic() {
    let [width, height] = [30, 21];
    let names = shuffled(width * height);
    let name = |x: u32, y: u32| names[(y * width + x) as usize];
    let mut packets: Vec<_> = (0..).zip(&names).map(|(i, part)| (i, *part, 1)).collect();
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        for (to_x, to_y) in (y..height.min(y + 3)).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let (dx, dy) = (f64::from(x.abs_diff(to_x)), f64::from(to_y - y));
            if dx <= 2.0 {
                let n = 100.0 * (-0.5 * (dx * dx + dy * dy)).exp();
                packets.push((name(x, y), name(to_x, to_y), n.round() as u64));
            }
        }
    }
    let (traffic, mesh) = (Traffic::from_packets(width * height, &packets), mesh([width, height]));
    let mut own = vec![0; names.len()];
    (0..).zip(&names).for_each(|(core, part)| own[*part as usize] = core);
    let own = route(&traffic, &Placement { core: own }, &mesh).hops;
    let hops = route(&traffic, &placed(&traffic, &mesh, &PlaceConfig::default()), &mesh).hops;
    assert!(hops as f64 <= 1.15 * own as f64, "{hops}, own places {own}");
}

/// A ring of k parts crosses each of the k − 1 steps of a line at least twice, and folded it does so exactly
/// twice. A torus of k × k parts, folded both ways, has 2 k rings of 2 (k − 1) hops.
#[test]
fn a_torus_folds() {
    let k = 8;
    let traffic = grid([k, k], true);
    let hops = route(&traffic, &placed(&traffic, &mesh([k, k]), &PlaceConfig::default()), &mesh([k, k])).hops;
    let folded = u64::from(10 * 2 * k * 2 * (k - 1));
    assert!(hops as f64 <= 1.05 * folded as f64, "{hops}, folded {folded}");
}

/// Everyone of a clique talks with everyone else of it, and one packet goes from clique to clique.
fn cliques(size: u32) -> Traffic {
    let names = shuffled(2 * size);
    let mut packets = vec![(names[0], names[2 * size as usize - 1], 1)];
    for (i, j) in (0..2 * size).flat_map(|i| (0..2 * size).map(move |j| (i, j))) {
        if i / size == j / size {
            packets.push((names[i as usize], names[j as usize], 5));
        }
    }
    Traffic::from_packets(2 * size, &packets)
}

#[test]
fn a_clique_has_a_chip_for_itself() {
    let board = |chips| Mesh { chips, tiles: [4, 4], chip_hop: [50.0, 60.0], ..mesh([4, 4]) };
    let config = PlaceConfig { objective: Objective::Energy, ..PlaceConfig::default() };
    for chips in [[2, 1], [1, 2]] {
        let traffic = cliques(16);
        let routes = route(&traffic, &placed(&traffic, &board(chips), &config), &board(chips));
        assert_eq!(routes.chip_packets, 1, "{chips:?}");
    }
}

#[test]
fn a_clique_has_a_tile_for_itself() {
    let board = Mesh { cores_per_tile: 4, ..mesh([8, 4]) };
    let traffic = cliques(4);
    let routes = route(&traffic, &placed(&traffic, &board, &PlaceConfig::default()), &board);
    assert_eq!((routes.packets, routes.hops), (traffic.n_packets(), 1));
}

/// The least hops of all placements, by branch and bound over cores.
fn least(traffic: &Traffic, mesh: &Mesh, core: &mut Vec<u32>, hops: u64, best: &mut u64) {
    if hops >= *best {
        return;
    }
    let part = core.len() as u32;
    if part == traffic.n_parts() {
        *best = hops;
        return;
    }
    for next in (0..mesh.n_cores()).filter(|next| !core.contains(next)).collect::<Vec<_>>() {
        let [x, y] = mesh.tile(next);
        let placed = traffic.shared(part).filter(|(other, _)| *other < part);
        let more = placed.map(|(other, packets)| {
            let [other_x, other_y] = mesh.tile(core[other as usize]);
            packets * u64::from(x.abs_diff(other_x) + y.abs_diff(other_y))
        });
        let hops = hops + more.sum::<u64>();
        core.push(next);
        least(traffic, mesh, core, hops, best);
        core.pop();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Up to 8 parts on up to 12 cores: the least of all placements is found.
    #[test]
    fn small_boards_are_solved(
        (n_parts, tiles, cores_per_tile) in prop::sample::select(vec![
            (8, [3, 3], 1), (8, [2, 2], 3), (7, [8, 1], 1), (6, [3, 2], 2), (5, [3, 4], 1), (2, [2, 6], 1),
        ]),
        packets in prop::collection::vec((0..8_u32, 0..8_u32, 0..100_u64), 0..40),
    ) {
        let mesh = Mesh { cores_per_tile, ..mesh(tiles) };
        let packets: Vec<_> = packets.into_iter().map(|(a, b, n)| (a % n_parts, b % n_parts, n)).collect();
        let traffic = Traffic::from_packets(n_parts, &packets);
        let mut best = u64::MAX;
        least(&traffic, &mesh, &mut Vec::new(), 0, &mut best);
        let hops = route(&traffic, &placed(&traffic, &mesh, &PlaceConfig::default()), &mesh).hops;
        prop_assert_eq!(hops, best);
    }
}

/// Over 256 parts there are several boards from coarse to fine.
#[test]
fn threads_do_not_change_a_placement() {
    let board =
        Mesh { chips: [2, 3], tiles: [4, 5], cores_per_tile: 3, chip_hop: [30.0, 42.0], ..mesh([1, 1]) };
    for (size, objective) in [([10, 10], Objective::Hops), ([17, 19], Objective::Energy)] {
        let traffic = grid(size, true);
        let config = PlaceConfig { seed: 3, swaps: 200, objective, ..PlaceConfig::default() };
        let with = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            pool.install(|| placed(&traffic, &board, &config))
        };
        let one = with(1);
        assert_eq!([&with(2), &with(8)], [&one, &one]);
        assert_ne!(one, placed(&traffic, &board, &PlaceConfig { seed: 4, ..config }));
    }
}

/// Wherever a search is ended there is a placement, and the later, the fewer hops it has: the greedy order with which
/// it begins, one that neighbors have improved, and the end.
#[test]
fn a_search_that_is_ended_keeps_what_it_found() {
    let board = mesh([20, 20]);
    // Over 256 parts there are several boards from coarse to fine.
    for size in [[10, 10], [18, 20]] {
        let traffic = grid(size, true);
        let config = PlaceConfig { swaps: 200, ..PlaceConfig::default() };
        let hops = |watch: Watch<'_>| {
            let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            let placement = one.install(|| placed_until(&traffic, &board, &config, watch));
            route(&traffic, &placement, &board).hops
        };
        let calls = AtomicU32::new(0);
        let until = |last: u32| {
            let calls = AtomicU32::new(0);
            hops(&|_| match calls.fetch_add(1, Ordering::Relaxed) < last {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            })
        };
        let end = hops(&|done| {
            assert!((0.0..=1.0).contains(&done));
            calls.fetch_add(1, Ordering::Relaxed);
            ControlFlow::Continue(())
        });
        let calls = calls.into_inner();
        let [begin, half, last] = [0, calls / 2, calls - 1].map(until);
        assert!(end <= last && last <= half && half < begin, "{size:?}: {begin}, {half}, {last}, {end}");
    }
}

/// The share of the work that is told rises to 1, and is asked for at every temperature of every run.
#[test]
fn a_search_tells_how_far_it_is() {
    let traffic = grid([18, 20], true);
    let shares = std::sync::Mutex::new(Vec::new());
    let config = PlaceConfig { swaps: 20, ..PlaceConfig::default() };
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    one.install(|| {
        placed_until(&traffic, &mesh([20, 20]), &config, &|done| {
            shares.lock().unwrap().push(done);
            ControlFlow::Continue(())
        })
    });
    let shares = shares.into_inner().unwrap();
    assert!(shares.is_sorted() && shares.len() > 5 * 200, "{} calls", shares.len());
    assert_eq!((shares[0], shares[shares.len() - 1]), (0.0, 1.0));
}

/// Neurons that each reach some others, in parts of equal size.
fn random_graph(n_neurons: u32, n_parts: u32, targets: &[u32], spikes: &[u32]) -> (Graph, Partition) {
    let n = n_neurons as usize;
    let mut rows: Vec<Vec<u32>> = targets.chunks(targets.len() / n).map(<[u32]>::to_vec).collect();
    rows.iter_mut().for_each(|row| row.sort_unstable());
    let row_start = (0..=n as u64).map(|i| i * rows[0].len() as u64).collect();
    let (spikes, target) = (spikes.to_vec(), rows.concat());
    let graph = Graph { n_neurons, row_start, target, spikes, synapse_bits: vec![8; n], config: vec![0; n] };
    (graph, Partition { part: (0..n_neurons).map(|i| i % n_parts).collect(), n_parts })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    /// No swap with a cell of a neighboring tile makes the trees shorter, by a count of all of them; and threads
    /// change nothing.
    #[test]
    fn trees_are_as_short_as_swaps_of_neighbors_make_them(
        targets in prop::collection::vec(0..48_u32, 48 * 5),
        spikes in prop::collection::vec(0..20_u32, 48),
        (tiles, chips, cores_per_tile) in
            prop::sample::select(vec![([4, 4], [1, 1], 1), ([2, 3], [2, 1], 1), ([3, 2], [1, 1], 2)]),
    ) {
        let mesh = Mesh { chips, cores_per_tile, ..mesh(tiles) };
        let (graph, partition) = random_graph(48, 12, &targets, &spikes);
        let links = |placement: &Placement| tree_links(&graph, &partition, placement, &mesh).n();
        let config = PlaceConfig { swaps: 20, ..PlaceConfig::default() };
        let start = placed(&Traffic::new(&graph, &partition), &mesh, &config);
        let with = |n_threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
            pool.install(|| shorten_trees(&graph, &partition, &mesh, &start, 1000, &go_on))
        };
        let short = with(1);
        prop_assert_eq!([&with(2), &with(8)], [&short, &short]);
        let least = links(&short);
        prop_assert!(least <= links(&start));
        prop_assert_eq!(&shorten_trees(&graph, &partition, &mesh, &start, 0, &go_on), &start);
        let ended = shorten_trees(&graph, &partition, &mesh, &start, 1000, &|_| ControlFlow::Break(()));
        prop_assert_eq!(&ended, &start);
        for (part, to) in (0..12).flat_map(|part| (0..mesh.n_cores()).map(move |to| (part, to))) {
            let mut core = short.core.clone();
            let from = core[part];
            let ([x, y], [to_x, to_y]) = (mesh.tile(from), mesh.tile(to));
            if x.abs_diff(to_x) <= 1 && y.abs_diff(to_y) <= 1 {
                core.iter_mut().filter(|core| **core == to).for_each(|core| *core = from);
                core[part] = to;
                prop_assert!(links(&Placement { core }) >= least, "part {} to core {}", part, to);
            }
        }
    }
}

#[test]
fn boards_of_all_kinds_hold_what_fits() {
    let boards = [
        mesh([1, 1]),
        mesh([1, 7]),
        mesh([13, 2]),
        Mesh { chips: [3, 1], tiles: [1, 3], cores_per_tile: 2, ..mesh([1, 1]) },
        Mesh { chips: [2, 2], tiles: [3, 5], cores_per_tile: 7, ..mesh([1, 1]) },
    ];
    for board in boards {
        for n_parts in [0, 1, board.n_cores() / 2, board.n_cores()] {
            let silent = Traffic::from_packets(n_parts, &[]);
            let ring: Vec<_> = (0..n_parts).map(|i| (i, (i + 1) % n_parts, 2)).collect();
            for traffic in [silent, Traffic::from_packets(n_parts, &ring)] {
                for swaps in [0, 100] {
                    let config = PlaceConfig { swaps, ..PlaceConfig::default() };
                    let routes = route(&traffic, &placed(&traffic, &board, &config), &board);
                    assert_eq!(routes.packets, traffic.n_packets());
                }
            }
        }
    }
}

#[test]
fn more_parts_than_cores_are_refused_with_the_way_out() {
    let board = Mesh { chips: [2, 1], tiles: [8, 4], cores_per_tile: 4, ..mesh([1, 1]) };
    let error = place(&Traffic::from_packets(300, &[]), &board, &PlaceConfig::default(), &go_on).unwrap_err();
    assert_eq!(
        error.to_string(),
        "300 parts need 300 cores and the board has 256, 2 chips of 128: take a board of 3 chips, or cut the network \
         into fewer parts"
    );
}

#[test]
fn hostile_boards_are_refused() {
    let traffic = Traffic::from_packets(10, &[(0, 9, 1)]);
    let place = |mesh| place(&traffic, &mesh, &PlaceConfig::default(), &go_on);
    assert!(matches!(place(mesh([0, 5])), Err(PlaceError::NoCore { .. })));
    assert!(matches!(place(Mesh { cores_per_tile: 0, ..mesh([5, 5]) }), Err(PlaceError::NoCore { .. })));
    let huge = Mesh { chips: [u32::MAX; 2], cores_per_tile: u32::MAX, ..mesh([u32::MAX; 2]) };
    assert!(matches!(place(huge), Err(PlaceError::TooLarge { n_cores: u64::MAX, .. })));
    assert!(matches!(place(mesh([1 << 24, 2])), Err(PlaceError::TooLarge { .. })));
}

/// Two chips of 2 × 2 tiles side by side; tiles (x, y) have the cores (0, 0) 0, (1, 0) 1, (2, 0) 4, (3, 1) 7.
#[test]
fn routes_go_along_x_and_then_along_y() {
    let board = Mesh { chips: [2, 1], chip_hop: [10.0, 20.0], ..mesh([2, 2]) };
    let traffic = Traffic::from_packets(3, &[(0, 1, 5), (1, 0, 7), (0, 2, 100), (2, 1, 1)]);
    let routes = route(&traffic, &Placement { core: vec![0, 7, 1] }, &board);
    // 0 → 7 is three hops east and one north, 7 → 0 three west and one south; 0 → 1 is one east;
    // 1 → 7 is two east and one north.
    assert_eq!(routes.links.east, [105, 6, 6, 0, 0, 0, 0, 0]);
    assert_eq!(routes.links.west, [0, 0, 0, 0, 0, 7, 7, 7]);
    assert_eq!(routes.links.north, [0, 0, 0, 6, 0, 0, 0, 0]);
    assert_eq!(routes.links.south, [0, 0, 0, 0, 7, 0, 0, 0]);
    assert_eq!((routes.packets, routes.chip_packets, routes.links.most_loaded()), (113, 13, 105));
    assert_eq!(routes.hops, 5 * 4 + 7 * 4 + 100 + 3);
    let energy = 3.0 * (105 + 6 + 7 + 7) as f64 + 10.0 * (6 + 7) as f64 + 4.2 * (6 + 7) as f64;
    assert!((routes.energy - energy).abs() < 1e-9);
}
