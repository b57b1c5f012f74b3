//! The four equations.

use anyhow::{Context, Result, bail};
use rheobase_ltc::Real;
use rheobase_ltc::cell::ltc::{Ltc, LtcConfig, Map};
use rheobase_ltc::cell::{Cell, Layout};
use rheobase_ltc::field::{Constant, CtRnn, Field, Linear, LtcField, Sinusoids, Smooth};
use rheobase_ltc::wiring::{Synapse, fully_connected};
use rheobase_net::file::Hdf5Reader;

/// An equation, where it begins, and what is known of its solution.
pub struct Problem {
    name: String,
    params: Vec<(String, Vec<f64>)>,
    pub initial: Vec<f64>,
    pub times: Vec<f64>,
    /// SciPy's, `[times, state]`.
    pub reference: Vec<f64>,
    /// Derivatives by y0 and parameters from the shortest fixed steps of a run of order 4.
    pub gradient: Vec<(String, Vec<f64>)>,
}

/// Where the parameters of a dataset stand in those of the field.
pub struct Place {
    pub dataset: String,
    pub at: Vec<usize>,
}

impl Problem {
    pub fn read(file: &Hdf5Reader, truth: &Hdf5Reader) -> Result<Self> {
        let names = file.datasets("params")?;
        let read = |name: String| Ok((name.clone(), file.read(&format!("params/{name}"))?));
        let best = "rk4_h0.01/grad";
        let gradient = truth.datasets(best)?.into_iter();
        let gradient = gradient.map(|name| Ok((name.clone(), truth.read(&format!("{best}/{name}"))?)));
        Ok(Self {
            name: file.attributes("/")?.text("problem")?.to_owned(),
            params: names.into_iter().map(read).collect::<Result<_>>()?,
            initial: file.read("y0")?,
            times: file.read("t")?,
            reference: truth.read("reference_scipy")?,
            gradient: gradient.collect::<Result<_>>()?,
        })
    }

    fn of(&self, name: &str) -> Result<&[f64]> {
        let all = self.params.iter().find(|(of, _)| of == name);
        all.map(|(_, values)| &values[..]).with_context(|| format!("params/{name} is missing"))
    }

    /// The parameters of the field, and where those of the file stand among them.
    pub fn parameters(&self) -> Result<(Vec<f64>, Vec<Place>)> {
        let blocks: Vec<(&str, Vec<usize>)> = match self.name.as_str() {
            "LTCODE" => {
                let cell = self.cell()?;
                let wiring = cell.wiring();
                let flat =
                    |synapse: &Synapse| synapse.source as usize * wiring.units() + synapse.target as usize;
                let layout: &Layout = Cell::<f64>::layout(&cell);
                let at = |name: &str, n: usize| match name {
                    "w" | "sigma" | "mu" | "erev" => wiring.synapses().iter().map(flat).collect(),
                    name if name.starts_with("sensory_") => wiring.sensory().iter().map(flat).collect(),
                    _ => (0..n).collect(),
                };
                let blocks = layout.blocks().iter().filter(|block| !block.range.is_empty());
                let blocks = blocks.map(|block| (block.name.clone(), at(&block.name, block.range.len())));
                return self.placed(blocks.collect());
            }
            "CTRNN" => ["W", "b", "tau"].map(|name| (name, Vec::new())).to_vec(),
            "VdP" => vec![("mu", Vec::new())],
            "Lin" => vec![("A", Vec::new())],
            other => bail!("problem is {other}, and must be LTCODE, CTRNN, VdP or Lin"),
        };
        let whole =
            |(name, _): (&str, Vec<usize>)| Ok((name.to_owned(), (0..self.of(name)?.len()).collect()));
        self.placed(blocks.into_iter().map(whole).collect::<Result<_>>()?)
    }

    /// Blocks one after the other, each with the places that its values have in the file.
    fn placed(&self, blocks: Vec<(String, Vec<usize>)>) -> Result<(Vec<f64>, Vec<Place>)> {
        let (mut parameters, mut places) = (Vec::new(), Vec::new());
        for (dataset, in_file) in blocks {
            let values = self.of(&dataset)?;
            let first = parameters.len();
            parameters.extend(in_file.iter().map(|at| values[*at]));
            let mut at = vec![0; in_file.len()];
            in_file.iter().enumerate().for_each(|(k, in_file)| at[*in_file] = first + k);
            places.push(Place { dataset, at });
        }
        Ok((parameters, places))
    }

    fn cell(&self) -> Result<Ltc> {
        let (units, n_inputs) = (self.initial.len() as u32, self.of("amp")?.len() as u32);
        let wiring = fully_connected(n_inputs, units, units, true, 0)?;
        let maps = (Map::None, Map::None);
        Ok(Ltc::new(
            wiring,
            LtcConfig { input_map: maps.0, output_map: maps.1, epsilon: 0.0, ..LtcConfig::default() },
        )?)
    }

    /// The field with these parameters.
    pub fn field<R: Real>(&self, parameters: &[R]) -> Result<Box<dyn Smooth<R>>> {
        let n = self.initial.len();
        Ok(match self.name.as_str() {
            "LTCODE" => {
                let waves = ["amp", "freq", "phase"].map(|name| self.of(name).map(<[f64]>::to_vec));
                let [amplitude, frequency, phase] = waves;
                let input = Sinusoids { amplitude: amplitude?, frequency: frequency?, phase: phase? };
                Box::new(LtcField::new(&self.cell()?, parameters, Box::new(input))?)
            }
            "CTRNN" => {
                let (w, rest) = parameters.split_at(n * n);
                let (b, tau) = rest.split_at(n);
                let (w, b, tau) = (w.to_vec(), b.to_vec(), tau.to_vec());
                Box::new(CtRnn { w, u: Vec::new(), b, tau, input: Box::new(Constant(Vec::new())) })
            }
            "VdP" => Box::new(VanDerPol { mu: parameters[0] }),
            _ => Box::new(Linear { n, a: parameters.to_vec() }),
        })
    }
}

/// y₀' = y₁, y₁' = mu (1 − y₀²) y₁ − y₀.
struct VanDerPol<R> {
    mu: R,
}

impl<R: Real> Field<R> for VanDerPol<R> {
    fn n_state(&self) -> usize {
        2
    }

    fn rate(&self, _: f64, y: &[R], rate: &mut [R]) {
        rate[0] = y[1];
        rate[1] = self.mu * (R::ONE - y[0] * y[0]) * y[1] - y[0];
    }
}

impl<R: Real> Smooth<R> for VanDerPol<R> {
    fn n_parameters(&self) -> usize {
        1
    }

    fn pull(&self, _: f64, y: &[R], g: &[R], by_state: &mut [R], by_parameters: &mut [R]) -> R {
        let bent = R::ONE - y[0] * y[0];
        by_state[0] -= g[1] * (R::of(2.0) * self.mu * y[0] * y[1] + R::ONE);
        by_state[1] += g[0] + g[1] * self.mu * bent;
        by_parameters[0] += g[1] * bent * y[1];
        R::ZERO
    }
}
