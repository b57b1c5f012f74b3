//! The LTC as a differential equation.
//!
//! ```text
//! cm dv/dt = gleak vleak + Σ a erev − (gleak + Σ a + epsilon) v      a = w σ(sigma (u − mu))
//! ```
//! The parameters are those of the cell, effective ones, in the cell's layout. Sums go over synapses in the
//! order of the cell and by its kernels ([`Stream::drive`]), so a bounded step with a constant input has the cell's
//! bits. Derivatives go synapse by synapse; those of a Jacobian for eight units side by side.

mod jacobian;
mod packed;
mod pull;

use std::ops::Range;
use std::sync::{Mutex, TryLockError};

use pulp::Arch;

use super::{Field, Input, Relaxation, Relaxing};
use crate::Real;
use crate::cell::ltc::Stream;
use crate::cell::{Cell, CellError, Ltc};
use packed::{Drives, Eight, Packed, UNITS};

/// An LTC network whose inputs are a function of time.
pub struct LtcField<R> {
    arch: Arch,
    units: usize,
    parameters: Vec<R>,
    epsilon: R,
    /// The kernels, with their room to work; who finds them busy takes a copy.
    kernels: Mutex<Kernels<R>>,
    /// Whether synapses look at another place of a longer list of states, which the kernels cannot.
    looks_elsewhere: bool,
    recurrent: Packed<R>,
    sensory: Packed<R>,
    places: Places,
    leak: Vec<Leak<R>>,
    input: Box<dyn Input<R>>,
}

/// The cell's kernels, and the time whose inputs they hold.
#[derive(Debug, Clone)]
struct Kernels<R> {
    stream: Stream<R>,
    held_at: f64,
}

/// What eight units have beside synapses.
#[derive(Debug, Clone, Copy)]
struct Leak<R> {
    cm: Eight<R>,
    gleak: Eight<R>,
    /// gleak vleak
    current: Eight<R>,
}

/// Where parameters stand.
#[derive(Debug, Clone)]
struct Places {
    gleak: Range<usize>,
    vleak: Range<usize>,
    cm: Range<usize>,
    /// w, sigma, mu and erev.
    recurrent: [Range<usize>; 4],
    sensory: [Range<usize>; 4],
    input_w: Range<usize>,
    input_b: Range<usize>,
}

impl<R: Real> LtcField<R> {
    /// The field of a cell with raw parameters; the unfolds and the output map of the cell do not matter.
    ///
    /// # Errors
    /// If the number of parameters or inputs does not fit.
    pub fn new(cell: &Ltc, raw: &[R], input: Box<dyn Input<R>>) -> Result<Self, CellError> {
        let layout = Cell::<R>::layout(cell);
        let n_inputs = cell.wiring().n_inputs();
        let sizes = [
            ("the list of parameters", raw.len(), layout.n_parameters()),
            ("the list of inputs", input.n_inputs(), n_inputs),
        ];
        for (what, size, expected) in sizes {
            if size != expected {
                return Err(CellError::Size { what, size, expected, shape: "as the cell has".to_owned() });
            }
        }
        let range = |name: &str| layout.range(name).expect("the layout of an LTC cell has it");
        let of = |prefix: &str| ["w", "sigma", "mu", "erev"].map(|name| range(&format!("{prefix}{name}")));
        let places = Places {
            gleak: range("gleak"),
            vleak: range("vleak"),
            cm: range("cm"),
            recurrent: of(""),
            sensory: of("sensory_"),
            input_w: range("input_w"),
            input_b: range("input_b"),
        };
        let parameters = cell.effective(raw);
        let units = cell.wiring().units();
        let of_units = |range: &Range<usize>, block: usize, filler: R| -> Eight<R> {
            let values = &parameters[range.clone()];
            std::array::from_fn(|lane| values.get(block * UNITS + lane).copied().unwrap_or(filler))
        };
        let leak = (0..units.div_ceil(UNITS)).map(|block| {
            let gleak = of_units(&places.gleak, block, R::ZERO);
            let vleak = of_units(&places.vleak, block, R::ZERO);
            let current = std::array::from_fn(|lane| gleak[lane] * vleak[lane]);
            Leak { cm: of_units(&places.cm, block, R::ONE), gleak, current }
        });
        let leak = leak.collect();
        let packed = |synapses, places| Packed::new(units, synapses, &parameters, places);
        let recurrent = packed(cell.wiring().synapses(), &places.recurrent);
        let sensory = packed(cell.wiring().sensory(), &places.sensory);
        let epsilon = R::of(cell.config().epsilon);
        Ok(Self {
            arch: Arch::new(),
            units,
            parameters: parameters[..layout.n_parameters()].to_vec(),
            epsilon,
            kernels: Mutex::new(Kernels { stream: cell.stream(raw)?, held_at: f64::NAN }),
            looks_elsewhere: false,
            recurrent,
            sensory,
            places,
            leak,
            input,
        })
    }

    /// The same field whose recurrent synapses look at another place of a longer list of states.
    pub(super) fn looking_at(mut self, sources: impl Fn(usize, u32) -> u32) -> Self {
        let mut synapses = std::mem::take(&mut self.recurrent.synapses);
        for (k, synapse) in synapses.iter_mut().enumerate() {
            synapse.source = sources(k, synapse.source);
        }
        self.recurrent = Packed::new(self.units, &synapses, &self.parameters, &self.places.recurrent);
        self.looks_elsewhere = true;
        self
    }

    /// The effective parameters, in the layout of the cell.
    pub fn parameters(&self) -> &[R] {
        &self.parameters
    }

    /// Number of recurrent synapses.
    pub fn n_synapses(&self) -> usize {
        self.recurrent.synapses.len()
    }

    /// What comes in.
    pub fn input(&self) -> &dyn Input<R> {
        &*self.input
    }

    /// Hands drive and conductance of every unit to `write`.
    fn drive(&self, t: f64, y: &[R], mut write: impl Write<R>) {
        if self.looks_elsewhere {
            let (mapped, _) = self.inputs(t);
            return self.arch.dispatch(Drives { field: self, mapped: &mapped, y, write });
        }
        let mut go = |Kernels { stream, held_at }: &mut Kernels<R>| {
            // Methods have several stages at one time.
            if *held_at != t {
                let mut inputs = vec![R::ZERO; self.input.n_inputs()];
                self.input.at(t, &mut inputs);
                stream.hold(&inputs).expect("the number of inputs was checked");
                *held_at = t;
            }
            let [num, den] = stream.drive(y);
            write.write(0..self.units, y, &self.parameters[self.places.cm.clone()], num, den);
        };
        match self.kernels.try_lock() {
            Ok(mut kernels) => go(&mut kernels),
            Err(TryLockError::Poisoned(broken)) => go(&mut broken.into_inner()),
            Err(TryLockError::WouldBlock) => {
                let copy = self.kernels.lock().map(|kernels| kernels.clone());
                go(&mut copy.unwrap_or_else(|broken| broken.into_inner().clone()));
            }
        }
    }

    /// The inputs as synapses see them, and as they come.
    fn inputs(&self, t: f64) -> (Vec<R>, Vec<R>) {
        let mut inputs = vec![R::ZERO; self.input.n_inputs()];
        self.input.at(t, &mut inputs);
        let mut mapped = inputs.clone();
        let w = &self.parameters[self.places.input_w.clone()];
        let b = &self.parameters[self.places.input_b.clone()];
        for (k, x) in mapped.iter_mut().enumerate() {
            let (w, b) = (w.get(k).copied().unwrap_or(R::ONE), b.get(k).copied().unwrap_or(R::ZERO));
            *x = x.mul_add(w, b);
        }
        (mapped, inputs)
    }
}

/// What becomes of drive and conductance.
trait Write<R> {
    fn write(&mut self, units: Range<usize>, v: &[R], cm: &[R], num: &[R], den: &[R]);
}

struct WriteRate<'r, R>(&'r mut [R]);

impl<R: Real> Write<R> for WriteRate<'_, R> {
    #[inline(always)]
    fn write(&mut self, units: Range<usize>, v: &[R], cm: &[R], num: &[R], den: &[R]) {
        for (lane, rate) in self.0[units].iter_mut().enumerate() {
            *rate = (num[lane] - den[lane] * v[lane]) / cm[lane];
        }
    }
}

struct WriteRelaxation<'r, R>(&'r mut Relaxation<R>);

impl<R: Real> Write<R> for WriteRelaxation<'_, R> {
    #[inline(always)]
    fn write(&mut self, units: Range<usize>, _: &[R], cm: &[R], num: &[R], den: &[R]) {
        let n = units.len();
        let Relaxation { capacity, drive, conductance } = &mut *self.0;
        capacity[units.clone()].copy_from_slice(&cm[..n]);
        drive[units.clone()].copy_from_slice(&num[..n]);
        conductance[units].copy_from_slice(&den[..n]);
    }
}

impl<R: Real> Field<R> for LtcField<R> {
    fn n_state(&self) -> usize {
        self.units
    }

    fn rate(&self, t: f64, y: &[R], rate: &mut [R]) {
        self.drive(t, y, WriteRate(rate));
    }
}

impl<R: Real> Relaxing<R> for LtcField<R> {
    fn relaxation(&self, t: f64, y: &[R], relaxation: &mut Relaxation<R>) {
        self.drive(t, y, WriteRelaxation(relaxation));
    }
}
