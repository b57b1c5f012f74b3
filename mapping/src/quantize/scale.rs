//! The scale of a population's potential, and the exponents of the projections into it.
//!
//! All that a population receives is added up in one current, so its projections share a scale: how many weights
//! of the chip are a weight of 1. The same number says how exactly its thresholds are counted. Doubling it and
//! raising every exponent by one gives the same weights, so within an octave the scale decides how well weights
//! fall onto whole numbers, and over octaves how well thresholds and decays do, until something overflows.
//!
//! The search tries 32 scales an octave, from the greatest that overflows nothing, eight octaves down, and at each
//! the exponents of a projection up to the least that saturates nothing. What it minimizes is the mean square of
//! what a spike brings to the potential beside the threshold, in excess or short of what it should, weighted by the
//! spikes of sources, as a share of the mean square of what it should: rounding and saturation of weights, rounding
//! of thresholds, and what decays lose by rounding towards zero.
//! `O(synapses)` to sort weights into bins, then `O(scales · projections · bins)`.

use super::compartment::Compartment;
use super::config::QuantizeConfig;
use super::fault::QuantizeFault;
use super::format::{NumberFormat, WeightFormat};

/// Weights of a projection for a scale of 1 on their way into bins.
pub(super) struct Bins {
    format: WeightFormat,
    low: f64,
    high: f64,
    /// The sum of a bin's weights, each times what it counts, and the sum of what they count.
    sums: Vec<(f64, f64)>,
}

/// Bins of a projection: four for every whole number of eight bits.
const BINS: usize = 1024;

impl Bins {
    /// No weights yet, of which none will be below `low` or above `high`; 0 is between them.
    pub fn new(format: WeightFormat, low: f64, high: f64) -> Self {
        Self { format, low, high, sums: vec![(0.0, 0.0); BINS] }
    }

    /// Adds a weight for a scale of 1, with what the square of its error counts.
    pub fn add(&mut self, x: f64, counts: f64) {
        let width = (self.high - self.low) / BINS as f64;
        let bin = if width > 0.0 { (((x - self.low) / width) as usize).min(BINS - 1) } else { 0 };
        self.sums[bin].0 += x * counts;
        self.sums[bin].1 += counts;
    }

    /// The means of the bins that have weights.
    pub fn spread(self) -> Spread {
        let Self { format, low, high, sums } = self;
        let filled = sums.into_iter().filter(|(_, counts)| *counts > 0.0);
        Spread { format, low, high, bins: filled.map(|(sum, counts)| (sum / counts, counts)).collect() }
    }
}

/// Weights of a projection for a scale of 1.
pub(super) struct Spread {
    pub format: WeightFormat,
    low: f64,
    high: f64,
    /// The mean weight of a bin, and what the square of its error counts.
    bins: Vec<(f64, f64)>,
}

impl Spread {
    /// The sum of squares of what all spikes bring.
    fn energy(&self) -> f64 {
        self.bins.iter().map(|(x, counts)| counts * x * x).sum()
    }

    /// The sum of squared errors at a scale and an exponent.
    fn error(&self, scale: f64, exp: i8) -> f64 {
        let step = step(self.format, exp);
        let [least, greatest] = self.format.range();
        let error = |(x, counts): &(f64, f64)| {
            let q = (x * scale / step).round().clamp(least, greatest);
            counts * (q * step / scale - x).powi(2)
        };
        self.bins.iter().map(error).sum()
    }

    /// The best exponent at a scale, and its sum of squared errors.
    fn best(&self, scale: f64, exps: [i8; 2]) -> (i8, f64) {
        let [least, greatest] = self.format.range();
        // A stored number may be half a one too large and still be rounded into the range.
        let fits = |x: f64, limit: f64| if x == 0.0 { 0.0 } else { x * scale / (limit.abs() + 0.5) };
        let need = fits(self.high, greatest).max(fits(-self.low, least));
        let need = need / f64::from(1_u32 << self.format.shift());
        let whole = if need > 0.0 { libm::ceil(libm::log2(need)) } else { 0.0 };
        let whole = whole.clamp(f64::from(exps[0]), f64::from(exps[1])) as i8;
        let tried = (exps[0]..=whole).rev();
        tried
            .map(|exp| (exp, self.error(scale, exp)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .unwrap_or((whole, 0.0))
    }
}

/// Weights of the chip between two stored numbers.
pub(super) fn step(format: WeightFormat, exp: i8) -> f64 {
    libm::exp2(f64::from(format.shift()) + f64::from(exp))
}

/// The scale of a population and the exponents of the projections into it.
pub(super) struct Scale {
    /// Weights of the chip for a weight of 1, times a neuron's gain.
    pub scale: f64,
    /// The exponent of every projection, in the order in which they were given.
    pub exps: Vec<i8>,
}

/// What the numbers of a population have to hold, for a scale of 1.
pub(super) struct Needs {
    threshold: f64,
    bias: f64,
    current: f64,
    weight: f64,
}

impl Needs {
    /// `current` is the greatest sum of a neuron's weights of one sign.
    pub fn new(compartments: &[Compartment], current: f64, spreads: &[Spread]) -> Self {
        let greatest = |of: fn(&Compartment) -> f64| compartments.iter().map(of).fold(0.0, f64::max);
        Self {
            threshold: greatest(|c| c.threshold),
            bias: greatest(|c| c.bias.abs()),
            current,
            weight: spreads.iter().map(|spread| spread.high.max(-spread.low)).fold(0.0, f64::max),
        }
    }
}

/// The least threshold that is counted exactly enough: to a part in 64.
const LEAST_THRESHOLD: u32 = 32;
const PER_OCTAVE: i32 = 32;
const OCTAVES: i32 = 8;

/// Chooses the scale of a population.
///
/// # Errors
/// [`QuantizeFault::Range`] if threshold, bias and currents have no scale at which all fit.
pub(super) fn choose(
    population: &str,
    compartments: &[Compartment],
    spreads: &[Spread],
    needs: &Needs,
    format: &NumberFormat,
    config: &QuantizeConfig,
) -> Result<Scale, QuantizeFault> {
    let exps = if config.negative_exponents {
        format.weight_exp
    } else {
        [format.weight_exp[0].max(0), format.weight_exp[1].max(0)]
    };
    let least =
        f64::from(LEAST_THRESHOLD) / compartments.iter().map(|c| c.threshold).fold(f64::INFINITY, f64::min);
    let mut top = f64::INFINITY;
    for (what, need, limit, also) in limits(needs, format, config) {
        if need * least > limit {
            let (population, factor, need) = (population.to_owned(), need * least / limit, need * least);
            return Err(QuantizeFault::Range {
                population,
                what,
                need,
                least: LEAST_THRESHOLD,
                limit,
                factor,
                also,
            });
        }
        if need > 0.0 {
            top = top.min(limit / need);
        }
    }
    // Beyond this even the greatest exponent saturates the greatest weight more than twice.
    let greatest = 2.0 * 255.0 * libm::exp2(f64::from(exps[1]));
    if needs.weight > 0.0 {
        top = top.min((greatest / needs.weight).max(least));
    }
    let energy: f64 = spreads.iter().map(Spread::energy).sum();
    let sample = sample_of(compartments);
    let mut best: Option<(f64, Scale)> = None;
    for j in 0..PER_OCTAVE * OCTAVES {
        let scale = top * libm::exp2(-f64::from(j) / f64::from(PER_OCTAVE));
        // Where all have one threshold, it is a whole number.
        let is_shared = compartments[0].threshold == 1.0;
        let scale = if is_shared { scale.floor() } else { scale };
        if j > 0 && scale < least {
            break;
        }
        let chosen: Vec<(i8, f64)> = spreads.iter().map(|spread| spread.best(scale, exps)).collect();
        let weights: f64 = chosen.iter().map(|(_, error)| error).sum();
        let weights = if energy > 0.0 { weights / energy } else { 0.0 };
        let error = weights + of_neurons(&sample, scale, format);
        if best.as_ref().is_none_or(|(least, _)| error < *least) {
            let exps = chosen.into_iter().map(|(exp, _)| exp).collect();
            best = Some((error, Scale { scale, exps }));
        }
    }
    Ok(best.expect("the first scale is always tried").1)
}

/// What has to fit at a scale of 1, its limit, and another way out.
fn limits(
    needs: &Needs,
    format: &NumberFormat,
    config: &QuantizeConfig,
) -> [(&'static str, f64, f64, &'static str); 3] {
    let fewer = ", or lower synchrony if its synapses never act at once";
    let shallow = ", or lower depth";
    let current = format.max_state() / format.unit();
    [
        (
            "the potential below its highest threshold",
            needs.threshold * config.depth,
            f64::from(format.max_threshold()),
            shallow,
        ),
        ("its constant input", needs.bias, format.max_bias(), ""),
        ("the current of all its synapses of one sign", needs.current * config.synchrony, current, fewer),
    ]
}

/// Some neurons of a population, evenly.
fn sample_of(compartments: &[Compartment]) -> Vec<Compartment> {
    const SAMPLE: usize = 256;
    compartments.iter().step_by(compartments.len().div_ceil(SAMPLE)).copied().collect()
}

/// The mean squared error that thresholds and decays have at a scale, as a share of a threshold.
fn of_neurons(sample: &[Compartment], scale: f64, format: &NumberFormat) -> f64 {
    let unit = format.unit();
    let of_one = |c: &Compartment| {
        let wanted = scale * c.threshold * unit;
        let rounding = (f64::from(threshold(c, scale, format)) * unit + 1.0) / wanted - 1.0;
        // A decay loses half a unit a step on average, of the current and of the potential.
        let lost = 0.5 * (1.0 / (1.0 - c.chip.beta) + c.chip.sum()) / wanted;
        rounding * rounding + lost * lost
    };
    sample.iter().map(of_one).sum::<f64>() / sample.len() as f64
}

/// The threshold of a neuron. It fires at the first potential above it, so that this is the nearest to its own.
pub(super) fn threshold(compartment: &Compartment, scale: f64, format: &NumberFormat) -> u32 {
    let wanted = (scale * compartment.threshold * format.unit() - 1.0) / format.unit();
    (wanted.round().max(0.0) as u32).min(format.max_threshold())
}
