//! What the constants of a neuron are on a chip.

use super::file::{Reader, Section, Span, Whole};

/// Widths and ranges of a neuron's constants; `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NeuronFormat {
    /// Bits of a decay.
    pub decay_bits: Option<u32>,
    /// Bits of a threshold's mantissa.
    pub threshold_bits: Option<u32>,
    /// By how many bits thresholds and inputs are shifted to the left of the potential.
    pub threshold_shift: Option<u32>,
    /// Bits of a bias's mantissa, without its sign.
    pub bias_bits: Option<u32>,
    /// The powers of two, least and greatest, that scale a bias.
    pub bias_exponent: Option<[i32; 2]>,
    /// Steps of refractory time, least and greatest.
    pub refractory_steps: Option<[u32; 2]>,
}

impl NeuronFormat {
    pub(super) fn read<'a>(mut section: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        const BITS: Whole = Whole(1..=64);
        let decay_bits = section.optional("decay_bits", &BITS, reader);
        let threshold_bits = section.optional("threshold_bits", &BITS, reader);
        let threshold_shift = section.optional("threshold_shift", &Whole(0..=64), reader);
        let bias_bits = section.optional("bias_bits", &BITS, reader);
        let bias_exponent = section.optional("bias_exponent", &Span(Whole(-64..=64)), reader);
        let refractory_steps = section.optional("refractory_steps", &Span(Whole(0..=65_535)), reader);
        section.close(reader);
        Some(Self {
            decay_bits: decay_bits?,
            threshold_bits: threshold_bits?,
            threshold_shift: threshold_shift?,
            bias_bits: bias_bits?,
            bias_exponent: bias_exponent?,
            refractory_steps: refractory_steps?,
        })
    }
}
