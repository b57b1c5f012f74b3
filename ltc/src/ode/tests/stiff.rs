//! Networks so large that explicit steps must be tiny.

use super::*;

fn run(
    field: &LtcField<f64>,
    initial: &[f64],
    solver: &dyn Solver<f64, LtcField<f64>>,
    rtol: f64,
) -> Solution<f64> {
    let steps = Steps::Adaptive(Control::new(rtol, rtol * 1e-2));
    solve(field, solver, &landing(initial, &[0.0, 2.0]), &steps).unwrap()
}

/// A dense network of 256 units has time constants down to cm/Σw ≈ 1/250, 500 of them in the time here, and an
/// explicit method is stable for a few of them a step, whatever its tolerance. The stiff one takes as many steps as
/// the inputs ask for.
#[test]
fn a_large_network_needs_few_steps() {
    let (cell, parameters, initial) = dense(256, 8, 11);
    let field = field_of(&cell, &parameters, waves(8));
    let best = run(&field, &initial, &explicit::DOP853, 1e-9).states;
    let stiff = run(&field, &initial, &RODAS5P, 1e-3);
    let off = far(&stiff.states, &best);
    assert!(off < 1e-3, "{off:.1e}");
    let explicit = run(&field, &initial, &explicit::DOPRI5, 1e-3).work;
    let Work { steps, rejected, .. } = stiff.work;
    assert!(steps + rejected < 30, "{:?}", stiff.work);
    assert!(3 * (steps + rejected) < explicit.steps + explicit.rejected, "{explicit:?}");
}

/// Membranes a hundred times faster cost an explicit method a hundred times the steps; the stiff one follows the inputs.
#[test]
fn fast_membranes_need_few_steps() {
    let (cell, mut parameters, initial) = dense(48, 8, 11);
    parameters[Cell::<f64>::layout(&cell).range("cm").unwrap()].iter_mut().for_each(|cm| *cm *= 0.01);
    let field = field_of(&cell, &parameters, waves(8));
    let explicit = run(&field, &initial, &explicit::DOPRI5, 1e-6);
    for (rtol, times_fewer) in [(1e-3, 10), (1e-6, 4)] {
        let stiff = run(&field, &initial, &RODAS5P, rtol);
        let off = far(&stiff.states, &explicit.states);
        assert!(off < 10.0 * rtol, "{off:.1e}");
        let Work { steps, rejected, .. } = stiff.work;
        assert!(
            times_fewer * (steps + rejected) < explicit.work.steps,
            "{:?} {:?}",
            stiff.work,
            explicit.work
        );
    }
}

/// In closed form: the Jacobian is that of derivatives one by one.
#[test]
fn the_jacobian_is_that_of_pulls() {
    let (cell, parameters, initial) = dense(11, 3, 2);
    let field = field_of(&cell, &parameters, waves(3));
    let n = 11;
    let (mut closed, mut by_time) = (vec![0.0; n * n], vec![0.0; n]);
    field.jacobian(0.7, &initial, &mut closed, &mut by_time);
    for k in 0..n {
        let mut g = vec![0.0; n];
        g[k] = 1.0;
        let (mut by_state, mut unused) = (vec![0.0; n], vec![0.0; parameters.len()]);
        let t = field.pull(0.7, &initial, &g, &mut by_state, &mut unused);
        assert!(far(&by_state, &closed[k * n..(k + 1) * n]) < 1e-13);
        assert!((t - by_time[k]).abs() < 1e-13);
    }
}

/// A network of 24 units whose membranes are a hundred times faster than usual; a sum of squares over times.
fn fast() -> (LtcField<f64>, Vec<f64>) {
    let (cell, mut parameters, initial) = dense(24, 4, 5);
    parameters[Cell::<f64>::layout(&cell).range("cm").unwrap()].iter_mut().for_each(|cm| *cm *= 0.01);
    (field_of(&cell, &parameters, waves(4)), initial)
}

/// The gradient of a stiff network along its states against reverse mode through so many Radau steps that they are
/// exact; and the way back that solves the state backward, which has none.
#[test]
fn stiff_networks_have_gradients() {
    let (field, initial) = fast();
    let times = [0.0, 0.35, 0.8];
    let problem = landing(&initial, &times);
    let fine = solve(&field, &implicit::RADAU_5, &problem, &Steps::Fixed(2e-3)).unwrap();
    let by_states: Vec<f64> = fine.states.iter().map(|y| 2.0 * y).collect();
    let exact = pull(&field, &implicit::RADAU_5, &problem, &fine, &by_states).unwrap();
    let size = |values: &[f64]| values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    for (rtol, allowed) in [(1e-5, 1e-4), (1e-8, 1e-7)] {
        let steps = Steps::Adaptive(Control::new(rtol, 1e-2 * rtol));
        let solution = solve(&field, &RODAS5P, &problem, &steps).unwrap();
        let by_states: Vec<f64> = solution.states.iter().map(|y| 2.0 * y).collect();
        let (along, work) =
            pull_along(&field, &RODAS5P, &problem, &solution.states, &by_states, &steps).unwrap();
        let off = far(&along.parameters, &exact.parameters) / size(&exact.parameters);
        let of_initial = far(&along.initial, &exact.initial) / size(&exact.initial);
        assert!(off < allowed && of_initial < allowed, "{rtol:.0e}: {off:.1e}, {of_initial:.1e}");
        assert!(work.steps < 1000, "{work:?}");
        let backward =
            pull_continuous(&field, &explicit::DOPRI5, &problem, &solution.states, &by_states, &steps);
        let is_lost = backward.map(|(gradient, _)| far(&gradient.parameters, &exact.parameters) > 1.0);
        assert!(is_lost.unwrap_or(true), "the state can be solved backward");
    }
}
