//! What a synapse of a chip is.

use super::SynapseMemory;
use super::error::ChipFault;
use super::file::{Reader, Rising, Section, Span, Whole, Word};

/// Widths and ranges of a synapse, and how synapses are laid into memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SynapseFormat {
    /// How the synapses of a source are laid into words.
    pub memory: SynapseMemory,
    /// Widths that a weight may have, its sign included, rising.
    pub weight_bits: Vec<u32>,
    /// Bits that name the target.
    pub index_bits: u32,
    /// Most steps of delay beyond the first, in which every spike travels.
    pub delay_steps: u32,
    /// Most bits of a delay; synapses without delays take none.
    pub delay_bits: u32,
    /// Where signs belong.
    pub sign: SignRule,
    /// The powers of two, least and greatest, that scale the weights of a projection; `None` if there are none.
    pub weight_exponent: Option<[i32; 2]>,
}

/// Where the sign of a weight belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignRule {
    /// Every synapse has a sign.
    Synapse,
    /// All synapses of a source have its sign.
    Source,
    /// A projection is excitatory, inhibitory or mixed, and the weights of a mixed one lose their last bit.
    Projection,
}

impl SynapseFormat {
    /// The bits of a synapse: weight, delay and index. `None` if the chip has no such weight or delay.
    ///
    /// `most_steps` is the greatest delay beyond the first step. A delay takes as many bits as that needs.
    pub fn bits(&self, weight_bits: u32, most_steps: u32) -> Option<u16> {
        let delay_bits = (u32::BITS - most_steps.leading_zeros()).min(self.delay_bits);
        let known = self.weight_bits.contains(&weight_bits) && most_steps <= self.delay_steps;
        // The file's limits keep the sum far below 2^16.
        known.then_some((weight_bits + self.index_bits + delay_bits) as u16)
    }

    pub(super) fn read<'a>(mut section: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        const SIGN: Word<SignRule> = Word(&[
            ("synapse", SignRule::Synapse),
            ("source", SignRule::Source),
            ("projection", SignRule::Projection),
        ]);
        let word = section.figure("word", &Whole(1..=4096), reader);
        let header = section.figure("header", &Whole(0..=4096), reader);
        let block = section.figure("block", &Whole(1..=1 << 20), reader);
        let weight_bits = section.figure("weight_bits", &Rising(Whole(1..=64)), reader);
        let index_bits = section.figure("index_bits", &Whole(0..=32), reader);
        let delay_steps = section.figure("delay_steps", &Whole(0..=65_535), reader);
        let delay_bits: Option<u32> = section.figure("delay_bits", &Whole(0..=16), reader);
        let sign = section.figure("sign", &SIGN, reader);
        let weight_exponent = section.optional("weight_exponent", &Span(Whole(-64..=64)), reader);
        section.close(reader);
        let (delay_steps, delay_bits): (u32, u32) = (delay_steps?, delay_bits?);
        // No bits at all are a delay that belongs to the axon, not to the synapse.
        if delay_bits > 0 && delay_steps >= 1 << delay_bits {
            reader.faults.push(ChipFault::Together {
                name: "synapse.delay_steps".to_owned(),
                problem: format!(
                    "{delay_steps} steps do not fit into {delay_bits} bits, which hold {}: raise delay_bits",
                    (1_u32 << delay_bits) - 1
                ),
            });
        }
        Some(Self {
            memory: SynapseMemory { word: word?, header: header?, block: block? },
            weight_bits: weight_bits?,
            index_bits: index_bits?,
            delay_steps,
            delay_bits,
            sign: sign?,
            weight_exponent: weight_exponent?,
        })
    }
}
