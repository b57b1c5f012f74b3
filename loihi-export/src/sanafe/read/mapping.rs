//! On which cores neurons are.

use super::super::network::{Mapped, NeuronId, UnitNames};
use super::{MAX_NEURONS, Reader, unknown};
use crate::cost::yaml::{Node, ReadError, range};

impl Reader {
    pub(super) fn mappings(&mut self, mappings: Node) -> Result<(), ReadError> {
        let expected = "a list of group.neuron: {core: tile.core}";
        if !mappings.is_list() {
            return Err(mappings.value_error("mappings", expected));
        }
        for item in mappings.items() {
            let mut pairs = item.pairs();
            let (Some((key, attributes)), None) = (pairs.next(), pairs.next()) else {
                return Err(item.value_error("a mapping", expected));
            };
            self.mapping(key, attributes)?;
        }
        Ok(())
    }

    fn mapping(&mut self, key: Node, attributes: Node) -> Result<(), ReadError> {
        let address = key.string("a mapping")?;
        let (first, n, number) = self.address(key, address)?;
        let (from, to) = match number.map(|number| (range(number), number.parse::<u32>())) {
            None => (0, n.saturating_sub(1)),
            Some((Some(Ok((_, from, to))), _)) => (from, to),
            Some((None, Ok(number))) => (number, number),
            Some(_) => return Err(unknown(key, "neuron", address)),
        };
        if to >= n {
            return Err(unknown(key, "neuron", address));
        }
        let mut units = UnitNames::default();
        let mut core = None;
        for (name, value) in attributes.attributes("a mapping")? {
            match name {
                "core" => core = Some(value),
                "synapse" => units.synapse = Some(self.known.name(value.string(name)?)),
                "dendrite" => units.dendrite = Some(self.known.name(value.string(name)?)),
                "soma" => units.soma = Some(self.known.name(value.string(name)?)),
                _ => self.known.tell(value, name, "a mapping has no such attribute"),
            }
        }
        // Rows may come again for the same neurons, and a short text must not fill the memory that way.
        let rows = self.network.mapping.len() as u64 + u64::from(to - from) + 1;
        if rows > 2 * MAX_NEURONS {
            return Err(ReadError::TooMany {
                place: key.place(),
                what: "the number of mapped neurons".to_owned(),
                value: rows,
                limit: 2 * MAX_NEURONS,
                way_out: "map every neuron once".to_owned(),
            });
        }
        let core = core.ok_or_else(|| attributes.missing("core", "give the core as tile.core"))?;
        let (tile, core) = place(core)?;
        for number in from..=to {
            self.network.mapping.push(Mapped {
                neuron: NeuronId(first + number),
                tile,
                core,
                units: units.clone(),
            });
        }
        Ok(())
    }
}

/// A tile and a core of it, written `tile.core`.
fn place(node: Node) -> Result<(u32, u32), ReadError> {
    let ends = node.text().and_then(|text| text.split_once('.'));
    let numbers = ends.and_then(|(tile, core)| Some((tile.trim().parse().ok()?, core.trim().parse().ok()?)));
    numbers.ok_or_else(|| node.value_error("core", "tile.core, as in 3.0"))
}
