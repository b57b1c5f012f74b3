//! Energy and time of small steps against sums that are written out here.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use rheobase_loihi_export::cost::{
    Architecture, AxonId, CoreLayout, CostPlan, Layout, Meter, StepActivity, StepCost, SynapseRun, Timing,
};

/// Costs of the built-in Loihi, from its file.
const ACCESS: (f64, f64) = (51.2e-12, 6.0e-9);
const UPDATE: (f64, f64) = (21.6e-12, 3.7e-9);
const SPIKE: (f64, f64) = (69.3e-12, 30.0e-9);
const SPARSE: (f64, f64) = (33.6e-12, 4.7e-9);
const OUT: (f64, f64) = (111.0e-12, 5.1e-9);
const IN: f64 = 16.0e-9;
const EAST: (f64, f64) = (3.0e-12, 4.1e-9);
const NORTH: (f64, f64) = (4.2e-12, 6.5e-9);

fn near(ours: f64, expected: f64) {
    assert!((ours - expected).abs() <= 1e-14 * expected.abs(), "{ours:e} and not {expected:e}");
}

/// Three neurons on core 0 and two on core 26, which is core 2 of tile 6: column 1, row 2, so one hop east and two
/// north. An axon to each core.
fn plan() -> (CostPlan, AxonId, AxonId) {
    let mut layout = Layout::default();
    layout.core(CoreLayout { core: 0, somas: vec![0; 3] });
    layout.core(CoreLayout { core: 26, somas: vec![0; 2] });
    let sparse = |n| SynapseRun { synapse: 1, dendrite: 0, n };
    let far = layout.axon(0, 1, &[sparse(2)]);
    let near = layout.axon(0, 0, &[sparse(1)]);
    (CostPlan::new(&Architecture::loihi(), &layout).unwrap(), far, near)
}

fn step(timing: Timing, fill: impl Fn(&mut StepActivity)) -> StepCost {
    let (plan, ..) = plan();
    let mut activity = StepActivity::new(plan.n_cores());
    fill(&mut activity);
    let mut meter = Meter::new(&plan, timing);
    let cost = meter.step(&activity);
    // A meter keeps nothing from step to step.
    assert_eq!(meter.step(&activity), cost);
    cost
}

#[test]
fn a_step_in_which_nothing_happens_still_looks_at_every_neuron() {
    for timing in [Timing::Simple, Timing::Detailed] {
        let cost = step(timing, |_| {});
        near(cost.energy.soma, 5.0 * ACCESS.0);
        assert_eq!((cost.energy.network, cost.energy.synapse), (0.0, 0.0));
        assert_eq!((cost.counts.accessed, cost.counts.updated), (5, 0));
        // The slower core has three neurons; two tiles take 1 µs to agree.
        near(cost.time, 3.0 * ACCESS.1 + 1.0e-6);
    }
}

#[test]
fn a_spike_to_two_cores_costs_what_its_events_cost() {
    let (_, far, home) = plan();
    for timing in [Timing::Simple, Timing::Detailed] {
        let cost = step(timing, |activity| {
            activity.cores_mut()[0].updated(0);
            activity.cores_mut()[0].fired(1, [far, home]);
        });
        near(cost.energy.soma, 5.0 * ACCESS.0 + 2.0 * UPDATE.0 + SPIKE.0);
        near(cost.energy.synapse, 3.0 * SPARSE.0);
        near(cost.energy.network, 2.0 * OUT.0 + EAST.0 + 2.0 * NORTH.0);
        let counts = cost.counts;
        assert_eq!((counts.updated, counts.fired, counts.packets, counts.hops), (2, 1, 2, 3));
        assert_eq!(counts.synaptic_events, 3);
        // The first message leaves when both neurons are done with, the second right behind it.
        let first = 2.0 * (ACCESS.1 + UPDATE.1) + SPIKE.1 + OUT.1;
        let second = first + OUT.1;
        let expected = match timing {
            // Core 0 is busy with its neurons for longer than anyone with messages.
            Timing::Simple => second + ACCESS.1,
            // The first arrives after its hops and two synapses are read. It is alone on its way, and the second does
            // not leave the core's tile: both wait for nothing.
            Timing::Detailed => {
                (first + EAST.1 + 2.0 * NORTH.1 + IN + 2.0 * SPARSE.1).max(second + IN + SPARSE.1)
            }
        };
        near(cost.time, expected + 1.0e-6);
    }
}

/// Two messages to one core: the second waits until the first is done with.
#[test]
fn messages_to_one_core_wait_for_each_other() {
    let (_, _, home) = plan();
    let cost = step(Timing::Detailed, |activity| {
        activity.cores_mut()[0].fired(0, [home]);
        activity.cores_mut()[0].fired(1, [home, home, home]);
    });
    let spike = ACCESS.1 + UPDATE.1 + SPIKE.1 + OUT.1;
    let each = IN + SPARSE.1;
    // The first is done with before the second is sent; the other three queue, since sending takes less time.
    let second = 2.0 * spike;
    assert!(spike + each < second);
    near(cost.time, second + 3.0 * each + 1.0e-6);
}

#[test]
fn links_and_cores_are_counted_where_that_is_asked_for() {
    let (plan, far, home) = plan();
    let mut activity = StepActivity::new(plan.n_cores());
    activity.cores_mut()[0].fired(2, [far, home, far]);
    let mut meter = Meter::new(&plan, Timing::Simple);
    meter.count_links();
    let cost = meter.step(&activity);
    let links: Vec<(u32, u64)> = meter.links().iter().map(|link| (link.tile, link.messages)).collect();
    // The core's own link at tile 0, then east into column 1 (tile 4), north to tiles 5 and 6.
    assert_eq!(links, [(0, 3), (4, 2), (5, 2), (6, 2)]);
    let cores = meter.cores();
    assert_eq!((cores[0].sent, cores[0].received, cores[1].received), (3, 1, 2));
    assert_eq!((cores[0].synaptic_events, cores[1].synaptic_events), (1, 4));
    let units: f64 = cores.iter().map(|core| core.energy).sum();
    near(units + 2.0 * (EAST.0 + 2.0 * NORTH.0), cost.energy.total());
}

#[test]
fn a_layout_that_the_chip_has_no_place_for_is_refused() {
    let refused = |core: u32, somas: Vec<u16>, synapse: u16| {
        let mut layout = Layout::default();
        layout.core(CoreLayout { core, somas });
        layout.axon(0, 0, &[SynapseRun { synapse, dendrite: 0, n: 1 }]);
        CostPlan::new(&Architecture::loihi(), &layout).unwrap_err().to_string()
    };
    assert!(refused(128, vec![0], 0).starts_with("core 128 of the layout: the chip has 128 cores"));
    assert!(
        refused(3, vec![1025], 0).starts_with("core 3 has 1025 soma units, and the layout names number 1025")
    );
    assert!(refused(3, vec![0], 3).starts_with("core 3 has 3 synapse units, and the layout names number 3"));
}
