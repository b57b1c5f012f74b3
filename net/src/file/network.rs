//! Network files.

use std::collections::HashSet;
use std::path::Path;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};

use super::header::{self, Format};
use super::writer::{self, Place};
use super::{FileError, Hdf5Reader, population, projection};
use crate::{Description, Network};

const FORMAT: Format = Format { name: "rheobase-network", version: 2 };

/// Writes a network as a file of the format `rheobase-network`, atomically.
///
/// The network need not be valid, but its names must be fit for groups (not empty, without `/`, each
/// once) and its projections must join populations that are there.
///
/// # Errors
/// [`FileError::Text`], [`FileError::UnknownPopulation`], [`FileError::Write`], [`FileError::Encode`].
pub fn write_network(path: &Path, network: &Network) -> Result<(), FileError> {
    writer::save(path, content(path, network)?)
}

/// Reads a network from a file of the format `rheobase-network`. It is as valid as the file:
/// [`validate`](crate::validate) it next.
///
/// # Errors
/// [`FileError`].
pub fn read_network(path: &Path) -> Result<Network, FileError> {
    from_reader(&Hdf5Reader::open(path)?)
}

/// Reads a network from a file of the format `rheobase-network` that is in memory.
///
/// # Errors
/// As [`read_network`].
pub fn read_network_bytes(bytes: &[u8]) -> Result<Network, FileError> {
    from_reader(&Hdf5Reader::from_bytes("the network file", bytes)?)
}

fn content(path: &Path, network: &Network) -> Result<FileBuilder, FileError> {
    let Network { populations, projections, description } = network;
    let mut file = FORMAT.begin();
    let mut group = file.create_group("description");
    header::put_description(path, &mut group, description)?;
    file.add_group(group.finish());

    let mut parent = file.create_group("populations");
    let names = populations.iter().map(|population| population.name.as_str());
    let population_names = names.clone().collect::<Vec<_>>();
    put_named(path, &mut parent, "population", names, |i, group| {
        population::put(path, group, &populations[i])
    })?;
    file.add_group(parent.finish());

    let mut parent = file.create_group("projections");
    let names = projections.iter().map(|projection| projection.name.as_str());
    put_named(path, &mut parent, "projection", names, |i, group| {
        projection::put(path, group, &projections[i], &population_names)
    })?;
    file.add_group(parent.finish());
    Ok(file)
}

/// Puts a group for every name, with its place in the list.
pub(super) fn put_named<'a>(
    path: &Path,
    parent: &mut GroupBuilder,
    thing: &'static str,
    names: impl Iterator<Item = &'a str>,
    put: impl Fn(usize, &mut GroupBuilder) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut seen = HashSet::new();
    for (i, name) in names.enumerate() {
        let problem = match name {
            "" | "." | ".." => Some("cannot be the name of a group: choose another"),
            name if name.contains(['/', '\0']) => Some("has a '/' or NUL character: leave it out"),
            name if !seen.insert(name) => Some("is there twice: make the names differ"),
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(FileError::Text { file: path.to_owned(), thing, text: name.to_owned(), problem });
        }
        let mut group = parent.create_group(name);
        group.attribute("idx", AttrValue::U32(i as u32));
        put(i, &mut group)?;
        parent.add_group(group.finish());
    }
    Ok(())
}

fn from_reader(file: &Hdf5Reader) -> Result<Network, FileError> {
    FORMAT.check(file)?;
    let description = match file.has_group("description")? {
        true => header::description(file, "description")?,
        false => Description::default(),
    };
    let population_names = in_order(file, "populations")?;
    let populations =
        population_names.iter().map(|name| population::get(file, name)).collect::<Result<_, _>>()?;
    let projections = match file.has_group("projections")? {
        true => in_order(file, "projections")?,
        false => Vec::new(),
    };
    let projections = projections
        .iter()
        .map(|name| projection::get(file, name, &population_names))
        .collect::<Result<_, _>>()?;
    Ok(Network { populations, projections, description })
}

/// The names of the groups inside `parent`, in the order of their attributes `idx`.
pub(super) fn in_order(file: &Hdf5Reader, parent: &'static str) -> Result<Vec<String>, FileError> {
    let mut numbered = Vec::new();
    for name in file.groups(parent)? {
        let idx = file.attributes(&format!("{parent}/{name}"))?.u32("idx")?;
        numbered.push((idx, name));
    }
    numbered.sort_unstable();
    match numbered.iter().enumerate().find(|(i, (idx, _))| *i as u32 != *idx) {
        Some((_, (found, _))) => Err(FileError::Order {
            file: file.path().to_owned(),
            object: parent,
            n: numbered.len(),
            found: *found,
        }),
        None => Ok(numbered.into_iter().map(|(_, name)| name).collect()),
    }
}
