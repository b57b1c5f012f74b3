//! One sequence, input after input, at the least cost.
//!
//! A [`Stream`] is an LTC network with its parameters and its state. Vector code runs over units, not over
//! samples, and nothing is allocated in a step; its numbers have the bits of the same sample in a batch. It is
//! made for inference, for a group of units in a simulation, and for the right side of the network's ODE.
//!
//! ```
//! use rand::{SeedableRng, rngs::SmallRng};
//! use rheobase_ltc::cell::ltc::{Ltc, LtcConfig};
//! use rheobase_ltc::wiring::fully_connected;
//!
//! let cell = Ltc::new(fully_connected(2, 8, 1, true, 1111)?, LtcConfig::default())?;
//! let parameters: Vec<f32> = cell.start(&mut SmallRng::seed_from_u64(1));
//! let mut stream = cell.stream(&parameters)?;
//! for (inputs, elapsed) in [([0.5, 1.0], 1.0), ([0.1, 0.2], 0.25)] {
//!     let outputs: &[f32] = stream.step(&inputs, elapsed)?;
//!     assert_eq!(outputs.len(), 1);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use pulp::{Arch, NullaryFnOnce};

use super::packed::{Packed, PackedSynapses};
use super::slices::{OfUnit, Slices, WIDE};
use super::step::{exponential, fused, leak};
use super::{Incoming, Ltc, Unfold};
use crate::Real;
use crate::cell::{Cell, CellError};

/// An LTC network with its parameters and its state.
///
/// A clone shares the parameters and goes its own way.
#[derive(Debug, Clone)]
pub struct Stream<R> {
    network: Arc<Network<R>>,
    /// Steps since the start.
    n_steps: usize,
    /// As synapses see them.
    inputs: Vec<R>,
    /// num and den of every unit but for the synapses between units: what does not change in a step.
    held: [Vec<R>; 2],
    /// Those of all synapses.
    driven: [Vec<R>; 2],
    state: Vec<R>,
    outputs: Vec<R>,
}

/// What a network is, in the order that a single sample wants. What has a number a unit is padded to a
/// multiple of [`WIDE`].
#[derive(Debug)]
struct Network<R> {
    arch: Arch,
    unfolds: usize,
    unfold: Unfold,
    units: usize,
    /// num and den of every unit without synapses.
    leak: [Vec<R>; 2],
    cm: Vec<R>,
    /// w and b of every input.
    input_map: Vec<[R; 2]>,
    output_map: Vec<[R; 2]>,
    sensory: Slices<R>,
    synapses: Slices<R>,
}

impl Ltc {
    /// A network with these raw parameters, in state 0.
    ///
    /// # Errors
    /// If the number of parameters does not fit.
    pub fn stream<R: Real>(&self, raw: &[R]) -> Result<Stream<R>, CellError> {
        size(
            "the list of parameters",
            raw.len(),
            self.layout.n_parameters(),
            "as the layout of the cell says",
        )?;
        let effective = self.effective(raw);
        let units = self.wiring.units();
        let padded = units.next_multiple_of(WIDE);
        let of_units = |pad: R, value: &dyn Fn(usize) -> R| -> Vec<R> {
            (0..padded).map(|unit| if unit < units { value(unit) } else { pad }).collect()
        };
        let leak = [0, 1].map(|k| of_units(R::ONE, &|unit| leak(self, &effective, unit)[k]));
        let cm = of_units(R::ONE, &|unit| effective[self.places.cm.start + unit]);
        let map = |n: usize, w: &std::ops::Range<usize>, b: &std::ops::Range<usize>| -> Vec<[R; 2]> {
            let (w, b) = (&effective[w.clone()], &effective[b.clone()]);
            let of = |k: usize| [w.get(k).copied().unwrap_or(R::ONE), b.get(k).copied().unwrap_or(R::ZERO)];
            (0..n).map(of).collect()
        };
        let places = &self.places;
        let packed = Packed::of(self, &effective);
        let network = Network {
            arch: self.arch,
            unfolds: self.config.unfolds,
            unfold: self.config.unfold,
            units,
            leak,
            cm,
            input_map: map(self.wiring.n_inputs(), &places.input_w, &places.input_b),
            output_map: map(self.wiring.n_outputs(), &places.output_w, &places.output_b),
            sensory: slices(&self.sensory, packed.sensory(), units),
            synapses: slices(&self.synapses, packed.synapses(), units),
        };
        let zeros = |n: usize| vec![R::ZERO; n];
        Ok(Stream {
            n_steps: 0,
            inputs: zeros(network.input_map.len()),
            held: network.leak.clone(),
            driven: network.leak.clone(),
            state: zeros(padded),
            outputs: zeros(network.output_map.len()),
            network: Arc::new(network),
        })
    }
}

fn slices<R: Real>(incoming: &Incoming, packed: PackedSynapses<'_, R>, units: usize) -> Slices<R> {
    let of_unit = |unit: usize| -> OfUnit<R> {
        let range = incoming.range(unit);
        incoming.sources[range.clone()].iter().copied().zip(packed.range(range)).collect()
    };
    Slices::new(&(0..units).map(of_unit).collect::<Vec<_>>())
}

fn size(what: &'static str, size: usize, expected: usize, shape: &str) -> Result<(), CellError> {
    if size == expected { Ok(()) } else { Err(CellError::Size { what, size, expected, shape: shape.into() }) }
}

impl<R: Real> Stream<R> {
    /// The states of the units.
    pub fn state(&self) -> &[R] {
        &self.state[..self.network.units]
    }

    /// The outputs of the last step.
    pub fn outputs(&self) -> &[R] {
        &self.outputs
    }

    /// Starts again from a state.
    ///
    /// # Errors
    /// If its size does not fit.
    pub fn start(&mut self, state: &[R]) -> Result<(), CellError> {
        size("the state", state.len(), self.network.units, "one a unit")?;
        self.state[..state.len()].copy_from_slice(state);
        self.n_steps = 0;
        Ok(())
    }

    /// Goes on by one input, which lasts so long, and gives the outputs.
    ///
    /// # Errors
    /// If the number of inputs does not fit, time is negative or infinite, or a state becomes infinite or no
    /// number; the error calls the sequence sample 0.
    pub fn step(&mut self, inputs: &[R], elapsed: R) -> Result<&[R], CellError> {
        if !(elapsed >= R::ZERO && elapsed.is_finite()) {
            return Err(CellError::Elapsed { sample: 0, step: self.n_steps, value: elapsed.to_f64() });
        }
        self.check_inputs(inputs)?;
        self.network.arch.dispatch(Steps {
            network: &self.network,
            inputs,
            elapsed,
            mapped: &mut self.inputs,
            held: &mut self.held,
            driven: &mut self.driven,
            state: &mut self.state,
            outputs: &mut self.outputs,
        });
        // Without a way out in the middle the search is vector code.
        if !self.state.iter().fold(true, |are_finite, v| are_finite & v.is_finite()) {
            let unit = self.state.iter().position(|v| !v.is_finite()).unwrap_or(0);
            let value = self.state[unit].to_f64();
            return Err(CellError::NotFinite { unit, sample: 0, step: self.n_steps, value });
        }
        self.n_steps += 1;
        Ok(&self.outputs)
    }

    /// Holds inputs for [`Stream::drive`].
    ///
    /// # Errors
    /// If their number does not fit.
    pub fn hold(&mut self, inputs: &[R]) -> Result<(), CellError> {
        self.check_inputs(inputs)?;
        self.network.arch.dispatch(Hold {
            network: &self.network,
            inputs,
            mapped: &mut self.inputs,
            held: &mut self.held,
        });
        Ok(())
    }

    /// num = gleak vleak + Σ a erev and den = gleak + Σ a + epsilon of every unit, with all units in this state
    /// and the inputs of the last [`Stream::hold`]: cm dv/dt = num − den v. The stream's own state stays.
    ///
    /// # Panics
    /// If there is not a state a unit.
    pub fn drive(&mut self, state: &[R]) -> [&[R]; 2] {
        let units = self.network.units;
        assert_eq!(state.len(), units, "there is one state a unit");
        let [num, den] = &mut self.driven;
        self.network.arch.dispatch(Drive { network: &self.network, held: &self.held, state, num, den });
        [&num[..units], &den[..units]]
    }

    fn check_inputs(&self, inputs: &[R]) -> Result<(), CellError> {
        size("the list of inputs", inputs.len(), self.inputs.len(), "one an input of the wiring")
    }
}

/// num and den of all units for a state.
struct Drive<'s, R> {
    network: &'s Network<R>,
    held: &'s [Vec<R>; 2],
    state: &'s [R],
    num: &'s mut [R],
    den: &'s mut [R],
}

impl<R: Real> NullaryFnOnce for Drive<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { network, held, state, num, den } = self;
        num.copy_from_slice(&held[0]);
        den.copy_from_slice(&held[1]);
        network.synapses.add(state, num, den);
    }
}

/// num and den of all units, but for the synapses between them.
struct Hold<'s, R> {
    network: &'s Network<R>,
    inputs: &'s [R],
    mapped: &'s mut [R],
    held: &'s mut [Vec<R>; 2],
}

impl<R: Real> NullaryFnOnce for Hold<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { network, inputs, mapped, held: [num, den] } = self;
        for ((mapped, x), [w, b]) in mapped.iter_mut().zip(inputs).zip(&network.input_map) {
            *mapped = x.mul_add(*w, *b);
        }
        num.copy_from_slice(&network.leak[0]);
        den.copy_from_slice(&network.leak[1]);
        network.sensory.add(mapped, num, den);
    }
}

/// A step of a sequence.
struct Steps<'s, R> {
    network: &'s Network<R>,
    inputs: &'s [R],
    elapsed: R,
    mapped: &'s mut [R],
    held: &'s mut [Vec<R>; 2],
    driven: &'s mut [Vec<R>; 2],
    state: &'s mut [R],
    outputs: &'s mut [R],
}

impl<R: Real> NullaryFnOnce for Steps<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { network, inputs, elapsed, mapped, held, driven: [num, den], state, outputs } = self;
        Hold { network, inputs, mapped, held: &mut *held }.call();
        let h = elapsed / R::of(network.unfolds as f64);
        for _ in 0..network.unfolds {
            Drive { network, held: &*held, state: &*state, num: &mut *num, den: &mut *den }.call();
            unfold(network, h, num, den, state);
        }
        for ((output, v), [w, b]) in outputs.iter_mut().zip(&*state).zip(&network.output_map) {
            *output = v.mul_add(*w, *b);
        }
    }
}

#[inline(always)]
fn unfold<R: Real>(network: &Network<R>, h: R, num: &[R], den: &[R], state: &mut [R]) {
    let blocks = num.as_chunks::<WIDE>().0.iter().zip(den.as_chunks::<WIDE>().0);
    let blocks = blocks.zip(network.cm.as_chunks::<WIDE>().0).zip(state.as_chunks_mut::<WIDE>().0);
    for (((num, den), cm), v) in blocks {
        let mut after = *v;
        match network.unfold {
            Unfold::Fused => {
                for lane in 0..WIDE {
                    after[lane] = fused(v[lane], num[lane], den[lane], cm[lane], h);
                }
            }
            Unfold::Exponential => {
                for lane in 0..WIDE {
                    after[lane] = exponential(v[lane], num[lane], den[lane], cm[lane], h);
                }
            }
        }
        *v = after;
    }
}
