//! Netlists as HDF5: a group a core, and in it lists that lie as they do in memory.
//!
//! `docs/formats.md` describes every group, dataset and attribute.

use std::path::Path;

use rheobase_net::file::{Attributes, FileError, Hdf5Reader, Hdf5Tree, check_format};

use super::fields::{self, Fields};
use super::{
    Block, Core, Group, InputAxons, InvalidNetlist, Link, Netlist, Origin, OutputAxons, Place, Population,
    Sign, ValidNetlist, validate,
};

/// What a file says that it is.
pub const FORMAT: &str = "rheobase-netlist";
/// The version that is written, and the last that is read.
pub const VERSION: i64 = 1;

/// Why a file is no netlist.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetlistError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It contradicts itself.
    #[error(transparent)]
    Invalid(#[from] InvalidNetlist),
    /// It is no JSON, or its values are of other types.
    #[error("line {line}, column {column}: {problem}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// It is something else, or of a later program.
    #[error("the file is {}, and a netlist is \"{FORMAT}\", version {VERSION}", said(format.as_deref(), *version))]
    Format {
        /// What it says that it is.
        format: Option<String>,
        /// Its version.
        version: Option<i64>,
    },
    /// A model, a link or a sign has a name or number that is none.
    #[error("{group}: `{field}` is \"{value}\", and may be {allowed}")]
    Choice {
        /// Where.
        group: String,
        /// The field.
        field: &'static str,
        /// What it is.
        value: String,
        /// What it may be.
        allowed: &'static str,
    },
    /// A number of a group is outside of what its type holds.
    #[error("{group}: `{field}` is {value}, and may be from {min} to {max}")]
    Scalar {
        /// Where.
        group: String,
        /// The field.
        field: &'static str,
        /// What it is.
        value: i64,
        /// The least that it may be.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// Lists that belong together are of different lengths, or starts of rows do not rise.
    #[error("{group}: `{field}` does not cut a list of {len} into rows")]
    Rows {
        /// Where.
        group: String,
        /// The field.
        field: &'static str,
        /// How long the list is.
        len: usize,
    },
}

fn said(format: Option<&str>, version: Option<i64>) -> String {
    match (format, version) {
        (Some(format), Some(version)) => format!("\"{format}\", version {version}"),
        (Some(format), None) => format!("\"{format}\" without a version"),
        (None, _) => "something else".to_owned(),
    }
}

/// Writes a netlist, atomically.
///
/// # Errors
/// [`NetlistError::File`].
pub fn write(path: &Path, netlist: &ValidNetlist) -> Result<(), NetlistError> {
    Ok(tree_of(netlist).write(path)?)
}

/// The bytes of a netlist's file.
///
/// # Errors
/// As [`write()`].
pub fn to_bytes(netlist: &ValidNetlist) -> Result<Vec<u8>, NetlistError> {
    Ok(tree_of(netlist).to_bytes("the netlist")?)
}

fn tree_of(netlist: &ValidNetlist) -> Hdf5Tree {
    let Netlist { origin, chip, populations, cores } = &**netlist;
    let mut tree = Hdf5Tree::of_format(FORMAT, VERSION);
    let Origin { made_with, made_from, network, dt } = origin;
    for (name, text) in [("made_with", made_with), ("made_from", made_from), ("network", network)] {
        tree.text("origin", name, text);
    }
    tree.number("origin", "dt", *dt);
    if let Some(Place { name, file, chips }) = chip {
        tree.text("chip", "name", name);
        tree.text("chip", "file", file);
        tree.put("chip/chips", chips.to_vec());
    }
    tree.put("populations/name", populations.iter().map(|of| of.name.clone()).collect::<Vec<_>>());
    tree.put("populations/size", populations.iter().map(|of| of.size).collect::<Vec<_>>());
    tree.make_group("sources");
    for (i, population) in populations.iter().enumerate() {
        if let Some(axons) = &population.source {
            put_output_axons(&mut tree, &format!("sources/{i}"), axons);
        }
    }
    tree.put("cores/number", cores.iter().map(|core| core.core).collect::<Vec<_>>());
    let mut projections: Vec<&str> =
        cores.iter().flat_map(|core| &core.blocks).map(|block| block.projection.as_str()).collect();
    projections.sort_unstable();
    projections.dedup();
    tree.put("projections", projections.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    for core in cores {
        put_core(&mut tree, core, &projections);
    }
    tree
}

/// Reads a netlist.
///
/// # Errors
/// [`NetlistError`].
pub fn read(path: &Path) -> Result<ValidNetlist, NetlistError> {
    from_reader(&Hdf5Reader::open(path)?)
}

/// Reads a netlist from a file that is in memory.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(bytes: &[u8]) -> Result<ValidNetlist, NetlistError> {
    from_reader(&Hdf5Reader::from_bytes("the netlist", bytes)?)
}

fn from_reader(file: &Hdf5Reader) -> Result<ValidNetlist, NetlistError> {
    check_format(file, FORMAT, VERSION)?;
    let attributes = file.attributes("origin")?;
    let text = |name| -> Result<String, FileError> { Ok(attributes.text(name)?.to_owned()) };
    let origin = Origin {
        made_with: text("made_with")?,
        made_from: text("made_from")?,
        network: text("network")?,
        dt: attributes.f64("dt")?,
    };
    let chip = match file.has_group("chip")? {
        true => {
            let attributes = file.attributes("chip")?;
            let chips = file.read_list::<u32>("chip/chips")?;
            let &[x, y] = chips.as_slice() else {
                return Err(rows("chip", "chips", chips.len()));
            };
            Some(Place {
                name: attributes.text("name")?.to_owned(),
                file: attributes.text("file")?.to_owned(),
                chips: [x, y],
            })
        }
        false => None,
    };
    let names = file.read_texts("populations/name")?;
    let sizes = file.read_list::<u32>("populations/size")?;
    if names.len() != sizes.len() {
        return Err(rows("populations", "size", names.len()));
    }
    let mut populations = Vec::with_capacity(names.len());
    for (i, (name, size)) in names.into_iter().zip(sizes).enumerate() {
        let group = format!("sources/{i}");
        let source = match file.has_group(&group)? {
            true => Some(output_axons(file, &group)?),
            false => None,
        };
        populations.push(Population { name, size, source });
    }
    let projections = file.read_texts("projections")?;
    let numbers = file.read_list::<u32>("cores/number")?;
    let cores =
        numbers.into_iter().map(|core| get_core(file, core, &projections)).collect::<Result<_, _>>()?;
    Ok(validate(Netlist { origin, chip, populations, cores })?)
}

fn rows(group: &str, field: &'static str, len: usize) -> NetlistError {
    NetlistError::Rows { group: group.to_owned(), field, len }
}

fn put_output_axons(tree: &mut Hdf5Tree, group: &str, axons: &OutputAxons) {
    let OutputAxons { first, core, axon } = axons;
    tree.put(&format!("{group}/first"), first.clone());
    tree.put(&format!("{group}/core"), core.clone());
    tree.put(&format!("{group}/axon"), axon.clone());
}

fn output_axons(file: &Hdf5Reader, group: &str) -> Result<OutputAxons, FileError> {
    Ok(OutputAxons {
        first: file.read_list(&format!("{group}/first"))?,
        core: file.read_list(&format!("{group}/core"))?,
        axon: file.read_list(&format!("{group}/axon"))?,
    })
}

fn put_core(tree: &mut Hdf5Tree, core: &Core, projections: &[&str]) {
    let Core { core: number, groups, input_axons, blocks, output_axons } = core;
    let root = format!("cores/{number}");
    tree.integer(&root, "groups", groups.len() as i64);
    for (g, Group { population, neurons, model }) in groups.iter().enumerate() {
        let group = format!("{root}/groups/{g}");
        tree.integer(&group, "population", i64::from(*population));
        tree.text(&group, "model", model.name());
        tree.put(&format!("{group}/neurons"), neurons.clone());
        let Ok(()) = fields::visit(&mut model.clone(), &mut Writing { tree, group });
    }
    let InputAxons { population, node } = input_axons;
    tree.put(&format!("{root}/input_axons/population"), population.clone());
    tree.put(&format!("{root}/input_axons/node"), node.clone());
    put_output_axons(tree, &format!("{root}/output_axons"), output_axons);
    put_blocks(tree, &root, blocks, projections);
}

fn put_blocks(tree: &mut Hdf5Tree, root: &str, blocks: &[Block], projections: &[&str]) {
    let of = |get: &dyn Fn(&Block) -> i32| blocks.iter().map(get).collect::<Vec<_>>();
    let projection = |block: &Block| {
        projections.binary_search(&block.projection.as_str()).expect("all projections are in the list") as i32
    };
    let mut put = |name: &str, values: Vec<i32>| tree.put(&format!("{root}/blocks/{name}"), values);
    put("projection", of(&projection));
    put("group", of(&|block| block.group as i32));
    put("port", of(&|block| i32::from(block.port)));
    put("link", of(&|block| link_number(&block.link)));
    let weights = |block: &Block| match block.link {
        Link::Weights { weight_exp, weight_bits, sign, message_bits } => {
            [i32::from(weight_exp), i32::from(weight_bits), sign_number(sign), i32::from(message_bits)]
        }
        Link::Scaled | Link::Direct | Link::Ltc | Link::Float { .. } => [0; 4],
    };
    for (i, name) in ["weight_exp", "weight_bits", "sign", "message_bits"].into_iter().enumerate() {
        put(name, of(&|block| weights(block)[i]));
    }
    let scale = |block: &Block| if let Link::Float { scale } = block.link { scale } else { 1.0 };
    tree.put(&format!("{root}/blocks/scale"), blocks.iter().map(scale).collect::<Vec<_>>());
    tree.put(
        &format!("{root}/blocks/rows"),
        blocks.iter().map(|block| block.n_rows() as u32).collect::<Vec<_>>(),
    );
    let all = |get: &dyn Fn(&Block) -> Vec<u32>| blocks.iter().flat_map(get).collect::<Vec<_>>();
    tree.put(&format!("{root}/rows/axon"), all(&|block| block.axon.clone()));
    let lengths = |block: &Block| block.first.windows(2).map(|two| two[1] - two[0]).collect();
    tree.put(&format!("{root}/rows/synapses"), all(&lengths));
    tree.put(&format!("{root}/synapses/target"), all(&|block| block.target.clone()));
    let weight: Vec<i32> = blocks.iter().flat_map(|block| block.weight.iter().copied()).collect();
    match weight.iter().map(|weight| i16::try_from(*weight)).collect::<Result<Vec<i16>, _>>() {
        Ok(weight) => tree.put(&format!("{root}/synapses/weight"), weight),
        Err(_) => tree.put(&format!("{root}/synapses/weight"), weight),
    }
    let delay: Vec<u8> = blocks.iter().flat_map(|block| block.delay.iter().copied()).collect();
    tree.put(&format!("{root}/synapses/delay"), delay);
}

fn link_number(link: &Link) -> i32 {
    match link {
        Link::Weights { .. } => 0,
        Link::Scaled => 1,
        Link::Direct => 2,
        Link::Float { .. } => 3,
        Link::Ltc => 4,
    }
}

fn sign_number(sign: Sign) -> i32 {
    match sign {
        Sign::Null => 0,
        Sign::Mixed => 1,
        Sign::Excitatory => 2,
        Sign::Inhibitory => 3,
    }
}

fn get_core(file: &Hdf5Reader, number: u32, projections: &[String]) -> Result<Core, NetlistError> {
    let root = format!("cores/{number}");
    let n_groups = file.attributes(&root)?.u32("groups")?;
    let mut groups = Vec::new();
    for g in 0..n_groups {
        let group = format!("{root}/groups/{g}");
        let attributes = file.attributes(&group)?;
        let name = attributes.text("model")?;
        let Some(mut model) = fields::blank(name) else {
            let (field, value) = ("model", name.to_owned());
            let allowed = "one that docs/formats.md names";
            return Err(NetlistError::Choice { group, field, value, allowed });
        };
        fields::visit(&mut model, &mut Reading { file, attributes: &attributes, group: &group })?;
        let neurons = file.read_list(&format!("{group}/neurons"))?;
        groups.push(Group { population: attributes.u32("population")?, neurons, model });
    }
    let input_axons = InputAxons {
        population: file.read_list(&format!("{root}/input_axons/population"))?,
        node: file.read_list(&format!("{root}/input_axons/node"))?,
    };
    let output_axons = output_axons(file, &format!("{root}/output_axons"))?;
    let blocks = get_blocks(file, &root, projections)?;
    Ok(Core { core: number, groups, input_axons, blocks, output_axons })
}

fn get_blocks(file: &Hdf5Reader, root: &str, projections: &[String]) -> Result<Vec<Block>, NetlistError> {
    let n = file.read_list::<u32>(&format!("{root}/blocks/rows"))?;
    let list = |field: &'static str, range: [i64; 2]| -> Result<Vec<i64>, NetlistError> {
        let values = file.read_list::<i64>(&format!("{root}/blocks/{field}"))?;
        if values.len() != n.len() {
            return Err(rows(&format!("{root}/blocks"), field, n.len()));
        }
        let [min, max] = range;
        match values.iter().find(|value| !(min..=max).contains(*value)) {
            Some(value) => {
                let (group, value) = (format!("{root}/blocks"), *value);
                Err(NetlistError::Scalar { group, field, value, min, max })
            }
            None => Ok(values),
        }
    };
    let projection = list("projection", [0, projections.len() as i64 - 1])?;
    let group = list("group", [0, i64::from(u32::MAX)])?;
    let port = list("port", [0, 255])?;
    let link = list("link", [0, 4])?;
    let weight_exp = list("weight_exp", [-128, 127])?;
    let weight_bits = list("weight_bits", [0, 255])?;
    let sign = list("sign", [0, 3])?;
    let message_bits = list("message_bits", [0, 255])?;
    let scale = file.read_list::<f64>(&format!("{root}/blocks/scale"))?;
    if scale.len() != n.len() {
        return Err(rows(&format!("{root}/blocks"), "scale", n.len()));
    }
    let axon = file.read_list::<u32>(&format!("{root}/rows/axon"))?;
    let synapses = file.read_list::<u32>(&format!("{root}/rows/synapses"))?;
    let target = file.read_list::<u32>(&format!("{root}/synapses/target"))?;
    let weight = file.read_list::<i32>(&format!("{root}/synapses/weight"))?;
    let delay = file.read_list::<u8>(&format!("{root}/synapses/delay"))?;
    let sum = |list: &[u32]| list.iter().map(|n| u64::from(*n)).sum::<u64>();
    if synapses.len() != axon.len() || sum(&n) != axon.len() as u64 {
        return Err(rows(&format!("{root}/blocks"), "rows", axon.len()));
    }
    if weight.len() != target.len() || delay.len() != target.len() || sum(&synapses) != target.len() as u64 {
        return Err(rows(&format!("{root}/rows"), "synapses", target.len()));
    }
    let (mut row, mut synapse) = (0, 0);
    let mut blocks = Vec::with_capacity(n.len());
    for (b, n_rows) in n.iter().enumerate() {
        let of_block = row..row + *n_rows as usize;
        let mut first = Vec::with_capacity(of_block.len() + 1);
        first.push(0);
        first.extend(synapses[of_block.clone()].iter().scan(0, |end, n| {
            *end += n;
            Some(*end)
        }));
        let end = synapse + first[of_block.len()] as usize;
        blocks.push(Block {
            projection: projections[projection[b] as usize].clone(),
            group: group[b] as u32,
            port: port[b] as u8,
            link: match link[b] {
                0 => Link::Weights {
                    weight_exp: weight_exp[b] as i8,
                    weight_bits: weight_bits[b] as u8,
                    sign: match sign[b] {
                        0 => Sign::Null,
                        1 => Sign::Mixed,
                        2 => Sign::Excitatory,
                        _ => Sign::Inhibitory,
                    },
                    message_bits: message_bits[b] as u8,
                },
                1 => Link::Scaled,
                2 => Link::Direct,
                3 => Link::Float { scale: scale[b] },
                _ => Link::Ltc,
            },
            axon: axon[of_block.clone()].to_vec(),
            first,
            target: target[synapse..end].to_vec(),
            weight: weight[synapse..end].to_vec(),
            delay: delay[synapse..end].to_vec(),
        });
        (row, synapse) = (of_block.end, end);
    }
    Ok(blocks)
}

/// Puts the fields of a model into a file.
struct Writing<'a> {
    tree: &'a mut Hdf5Tree,
    group: String,
}

impl Fields for Writing<'_> {
    type Error = std::convert::Infallible;

    fn column(&mut self, name: &'static str, column: &mut Vec<i32>) -> Result<(), Self::Error> {
        self.tree.put(&format!("{}/{name}", self.group), std::mem::take(column));
        Ok(())
    }

    fn counts(&mut self, name: &'static str, column: &mut Vec<u32>) -> Result<(), Self::Error> {
        self.tree.put(&format!("{}/{name}", self.group), std::mem::take(column));
        Ok(())
    }

    fn floats(&mut self, name: &'static str, column: &mut Vec<f64>) -> Result<(), Self::Error> {
        self.tree.put(&format!("{}/{name}", self.group), std::mem::take(column));
        Ok(())
    }

    fn scalar(&mut self, name: &'static str, value: i64, _range: [i64; 2]) -> Result<i64, Self::Error> {
        self.tree.integer(&self.group, name, value);
        Ok(value)
    }
}

/// Takes the fields of a model from a file.
struct Reading<'a> {
    file: &'a Hdf5Reader,
    attributes: &'a Attributes,
    group: &'a str,
}

impl Fields for Reading<'_> {
    type Error = NetlistError;

    fn column(&mut self, name: &'static str, column: &mut Vec<i32>) -> Result<(), NetlistError> {
        *column = self.file.read_list(&format!("{}/{name}", self.group))?;
        Ok(())
    }

    fn counts(&mut self, name: &'static str, column: &mut Vec<u32>) -> Result<(), NetlistError> {
        *column = self.file.read_list(&format!("{}/{name}", self.group))?;
        Ok(())
    }

    fn floats(&mut self, name: &'static str, column: &mut Vec<f64>) -> Result<(), NetlistError> {
        *column = self.file.read_list(&format!("{}/{name}", self.group))?;
        Ok(())
    }

    fn scalar(&mut self, name: &'static str, _value: i64, range: [i64; 2]) -> Result<i64, NetlistError> {
        let value = self.attributes.i64(name)?;
        let [min, max] = range;
        if (min..=max).contains(&value) {
            return Ok(value);
        }
        Err(NetlistError::Scalar { group: self.group.to_owned(), field: name, value, min, max })
    }
}
