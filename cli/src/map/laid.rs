//! How a network is laid down on a chip: in its whole numbers, where the chip says what these are.

use anyhow::anyhow;
use rheobase_mapping::chip::Chip;
use rheobase_mapping::fit::{Fit, fit};
use rheobase_mapping::quantize::{
    NumberFormat, Parameters, QuantizeConfig, QuantizeError, QuantizeReport, QuantizedNetwork, quantize,
};
use rheobase_mapping::{Activity, Layout};
use rheobase_net::ValidNetwork;

use crate::error::{Failure, OrBadInput};

/// How a network is to be laid down.
#[derive(Debug, Clone)]
pub struct LayConfig {
    /// Width of a weight \[bits\].
    pub weight_bits: u8,
    /// What a step of the chip means \[ms\].
    pub dt: f64,
    /// Groups of neurons that share their constants; `None` for each its own.
    pub groups: Option<u32>,
    /// Whether weights may have exponents below 0.
    pub negative_exponents: bool,
    /// How long the activity was counted \[ms\].
    pub counted: Option<f64>,
}

/// A network laid down.
pub struct Laid<'a> {
    /// Widths and configurations.
    pub layout: Layout,
    /// What a step of the chip means \[ms\].
    pub dt: f64,
    /// Steps of the chip that the activity counts, if that is known.
    pub steps: Option<u64>,
    /// Width of a weight \[bits\].
    pub weight_bits: u32,
    /// The network in the chip's numbers; `None` if the chip does not say in which numbers it counts.
    pub quantized: Option<QuantizedNetwork<'a>>,
}

/// Lays a network down.
///
/// # Errors
/// All that the chip cannot say, and with it all reasons for which the network fits onto no core.
pub fn lay_down<'a>(
    network: &'a ValidNetwork,
    chip: &Chip,
    activity: &Activity,
    config: &LayConfig,
) -> Result<Laid<'a>, Failure> {
    let LayConfig { weight_bits, dt, groups, negative_exponents, counted } = *config;
    let width = u32::from(weight_bits);
    let steps = counted.map(|counted| (counted / dt).round() as u64);
    let Some(format) = NumberFormat::of(chip) else {
        let layout = Layout::of(network, chip, width, dt).or_bad_input()?;
        return Ok(Laid { layout, dt, steps, weight_bits: width, quantized: None });
    };
    let config = QuantizeConfig {
        dt,
        weight_bits,
        parameters: groups.map_or(Parameters::PerNeuron, Parameters::Groups),
        negative_exponents,
        counted,
        ..QuantizeConfig::default()
    };
    let quantized = quantize(network, &format, activity, &config)
        .map_err(|error| refused(network, chip, width, dt, &error))?;
    Ok(Laid { layout: quantized.layout(), dt, steps, weight_bits: width, quantized: Some(quantized) })
}

/// What cannot be quantized may not fit either: both are told at once.
fn refused(network: &ValidNetwork, chip: &Chip, width: u32, dt: f64, error: &QuantizeError) -> Failure {
    let layout = Layout::of(network, chip, width, dt).ok();
    let infeasible = layout.and_then(|layout| fit(network, &layout, chip, None).err());
    let told = infeasible.map_or_else(|| error.to_string(), |infeasible| format!("{error}\n{infeasible}"));
    Failure::BadInput(anyhow!(told))
}

impl Laid<'_> {
    /// What the chip's numbers cost.
    pub fn report(&self) -> Option<&QuantizeReport> {
        self.quantized.as_ref().map(QuantizedNetwork::report)
    }

    /// The exponent of every projection's weights.
    pub fn exponents(&self) -> Option<Vec<i32>> {
        let projections = self.quantized.as_ref()?.projections().iter();
        Some(projections.map(|projection| i32::from(projection.weight_exp())).collect())
    }

    /// How many cores the network takes, before it is mapped.
    ///
    /// # Errors
    /// All reasons for which there is no mapping.
    pub fn fit(&self, network: &ValidNetwork, chip: &Chip, board: Option<&str>) -> Result<Fit, Failure> {
        fit(network, &self.layout, chip, board).or_bad_input()
    }

    /// What is to be known of the numbers in which the network is mapped.
    pub fn remark(&self, chip: &Chip) -> Option<String> {
        let bits = self.weight_bits;
        let title = chip.title();
        self.quantized.is_none().then(|| {
            format!("{title} does not say in which numbers it counts: nothing is quantized, and a weight takes {bits} bits")
        })
    }
}
