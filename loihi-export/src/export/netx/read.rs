//! NetX files, layer by layer.

use std::path::Path;

use rheobase_net::file::Hdf5Reader;

use super::layer::Layer;
use super::{MAX_DELAY, MAX_NEURONS, MAX_WEIGHTS, NetxError, NetxFault, build, synapse};
use crate::netlist::{ValidNetlist, validate};

/// Reads a NetX file. The layers are populations `layer0`, `layer1` and so on, by the names of their groups, each
/// on a core of its own; the source is `input`. A step is 1 ms, as the files do not say it.
///
/// # Errors
/// [`NetxError`].
pub fn read(path: &Path) -> Result<ValidNetlist, NetxError> {
    of_file(&Hdf5Reader::open(path)?)
}

/// Reads a NetX file that is in memory.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(bytes: &[u8]) -> Result<ValidNetlist, NetxError> {
    of_file(&Hdf5Reader::from_bytes("the NetX file", bytes)?)
}

fn of_file(file: &Hdf5Reader) -> Result<ValidNetlist, NetxError> {
    let mut found = file.groups("layer")?;
    let (mut layers, mut numbers): (Vec<Layer>, Vec<usize>) = (Vec::new(), Vec::new());
    for layer in 0..found.len() {
        if found.binary_search(&layer.to_string()).is_err() {
            found.truncate(8);
            return Err(NetxError::Layers { found });
        }
        let reader = LayerReader { file, layer, group: format!("layer/{layer}") };
        if let Some(read) = reader.read(layers.last())? {
            numbers.push(layer);
            layers.push(read);
        }
    }
    if layers.is_empty() {
        found.truncate(8);
        return Err(NetxError::Layers { found });
    }
    Ok(validate(build::netlist(&layers, &numbers)?)?)
}

/// One group of the file.
struct LayerReader<'a> {
    file: &'a Hdf5Reader,
    layer: usize,
    group: String,
}

impl LayerReader<'_> {
    fn fault(&self, fault: NetxFault) -> NetxError {
        NetxError::Layer { layer: self.layer, fault }
    }

    fn path(&self, dataset: &str) -> String {
        format!("{}/{dataset}", self.group)
    }

    /// The layer, or nothing if it has no neurons; `before` is the one before it.
    fn read(&self, before: Option<&Layer>) -> Result<Option<Layer>, NetxError> {
        let kind = self.text("type")?;
        match kind.as_str() {
            "input" if self.file.has_group(&self.path("neuron"))? => Err(self.fault(NetxFault::InputNeurons)),
            "input" | "flatten" if before.is_none() => Ok(None),
            "dense" => Ok(Some(self.dense(before, false)?)),
            "dense_rec" => Ok(Some(self.dense(before, true)?)),
            _ => Err(self.fault(NetxFault::Kind { kind: kind.chars().take(40).collect() })),
        }
    }

    fn dense(&self, before: Option<&Layer>, is_recurrent: bool) -> Result<Layer, NetxError> {
        let shape: Vec<i64> = self.file.read(&self.path("shape"))?;
        let n = shape.iter().try_fold(1_u64, |n, axis| n.checked_mul(u64::try_from(*axis).ok()?));
        let n = n.filter(|n| (1..=MAX_NEURONS).contains(n));
        let n = n.ok_or_else(|| self.fault(NetxFault::Shape { shape }))? as usize;
        let (mut weight, n_in) = self.matrix("weight", n, before.map(|layer| layer.n))?;
        let mut weight_rec = match is_recurrent {
            true => Some(self.matrix("weight_rec", n, Some(n))?.0),
            false => None,
        };
        clip_together(&mut weight, weight_rec.as_mut());
        let delay = match self.file.has_dataset(&self.path("delay"))? {
            true if is_recurrent => return Err(self.fault(NetxFault::RecurrentDelay)),
            true => Some(self.delays(n, n_in)?),
            false => None,
        };
        let [i_decay, v_decay, threshold] = self.neurons(n)?;
        let bias = match self.file.has_dataset(&self.path("bias"))? {
            // Lava keeps 16 bits.
            true => self.column("bias", n)?.into_iter().map(|bias| i32::from(bias as i16)).collect(),
            false => vec![0; n],
        };
        let name = format!("layer{}", self.layer);
        let refractory = vec![1; n];
        Ok(Layer { name, n, n_in, weight, delay, weight_rec, i_decay, v_decay, threshold, bias, refractory })
    }

    /// Decays and thresholds; those of NetX's integrator where the layer has no neurons.
    fn neurons(&self, n: usize) -> Result<[Vec<i32>; 3], NetxError> {
        if !self.file.has_group(&self.path("neuron"))? {
            return Ok([vec![0; n], vec![4096; n], vec![1 << 17; n]]);
        }
        let kind = self.text("neuron/type")?;
        if !["CUBA", "LOIHI"].contains(&kind.as_str()) {
            return Err(self.fault(NetxFault::Neurons { kind: kind.chars().take(40).collect() }));
        }
        let bits = self.path("neuron/messageBits");
        if self.file.has_dataset(&bits)? || self.file.has_group(&bits)? {
            return Err(self.fault(NetxFault::MessageBits));
        }
        let i_decay = self.column("neuron/iDecay", n)?;
        self.range("neuron/iDecay", &i_decay, [0, 4096], "")?;
        let v_decay = self.column("neuron/vDecay", n)?;
        self.range("neuron/vDecay", &v_decay, [0, 4096], "")?;
        Ok([i_decay, v_decay, self.column("neuron/vThMant", n)?])
    }

    /// The weights of a matrix of `n` rows, and its columns; of as many as are given.
    fn matrix(
        &self,
        dataset: &'static str,
        n: usize,
        columns: Option<usize>,
    ) -> Result<(Vec<i32>, usize), NetxError> {
        let shape = self.file.shape(&self.path(dataset))?;
        let found = shape.iter().try_fold(1_u64, |n, axis| n.checked_mul(*axis)).unwrap_or(u64::MAX);
        if found > MAX_WEIGHTS {
            return Err(self.fault(NetxFault::TooLarge { dataset, found, most: MAX_WEIGHTS }));
        }
        let n_columns = match shape.as_slice() {
            [_] if found.is_multiple_of(n as u64) => found / n as u64,
            [rows, columns] if *rows == n as u64 => *columns,
            _ => 0,
        };
        if n_columns == 0 || columns.is_some_and(|columns| columns as u64 != n_columns) {
            let columns =
                columns.map_or("the number of its senders".to_owned(), |columns| columns.to_string());
            let expected = format!("{n} rows of {columns}");
            return Err(self.fault(NetxFault::Length { dataset, found, expected }));
        }
        Ok((self.numbers(dataset)?, n_columns as usize))
    }

    /// Delays of all synapses, from one, one a row, one a column, or all of them.
    fn delays(&self, n: usize, n_in: usize) -> Result<Vec<u8>, NetxError> {
        let shape = self.file.shape(&self.path("delay"))?;
        let found = shape.iter().try_fold(1_u64, |n, axis| n.checked_mul(*axis)).unwrap_or(u64::MAX);
        let (rows, columns) = (n as u64, n_in as u64);
        let of: fn(usize, usize, usize) -> usize = match shape.as_slice() {
            [] => |_, _, _| 0,
            [all] if *all == rows => |post, _, _| post,
            [all] if *all == columns => |_, pre, _| pre,
            [n, n_in] if [*n, *n_in] == [rows, columns] => |post, pre, n_in| post * n_in + pre,
            _ => {
                let expected = format!("1, {n}, {n_in} or {n} times {n_in}");
                return Err(self.fault(NetxFault::Length { dataset: "delay", found, expected }));
            }
        };
        let delays = self.numbers("delay")?;
        self.range("delay", &delays, [0, i64::from(i32::MAX)], "")?;
        let delays: Vec<u8> = delays.into_iter().map(|delay| delay.min(i32::from(MAX_DELAY)) as u8).collect();
        Ok((0..n * n_in).map(|i| delays[of(i / n_in, i % n_in, n_in)]).collect())
    }

    /// One number a neuron, from as many or from one.
    fn column(&self, dataset: &'static str, n: usize) -> Result<Vec<i32>, NetxError> {
        let shape = self.file.shape(&self.path(dataset))?;
        match shape.iter().try_fold(1_u64, |n, axis| n.checked_mul(*axis)).unwrap_or(u64::MAX) {
            1 => Ok(vec![self.numbers(dataset)?[0]; n]),
            found if found == n as u64 => self.numbers(dataset),
            found => {
                let expected = format!("1 or {n}");
                Err(self.fault(NetxFault::Length { dataset, found, expected }))
            }
        }
    }

    /// Numbers as NetX takes them: what is behind the point is cut off.
    fn numbers(&self, dataset: &'static str) -> Result<Vec<i32>, NetxError> {
        let path = self.path(dataset);
        if !self.file.element_type(&path)?.starts_with('f') {
            return Ok(self.file.read(&path)?);
        }
        let numbers = self.file.read::<f64>(&path)?;
        let whole = |(entry, number): (usize, f64)| {
            let range = [f64::from(i32::MIN), f64::from(i32::MAX)];
            match (range[0]..=range[1]).contains(&number) {
                true => Ok(number as i32),
                false => Err(self.fault(NetxFault::Value {
                    dataset,
                    entry,
                    value: number.to_string(),
                    min: i64::from(i32::MIN),
                    max: i64::from(i32::MAX),
                    why: "",
                })),
            }
        };
        numbers.into_iter().enumerate().map(whole).collect()
    }

    fn range(
        &self,
        dataset: &'static str,
        values: &[i32],
        [min, max]: [i64; 2],
        why: &'static str,
    ) -> Result<(), NetxError> {
        match values.iter().position(|value| !(min..=max).contains(&i64::from(*value))) {
            None => Ok(()),
            Some(entry) => {
                let value = values[entry].to_string();
                Err(self.fault(NetxFault::Value { dataset, entry, value, min, max, why }))
            }
        }
    }

    fn text(&self, dataset: &'static str) -> Result<String, NetxError> {
        let mut texts = self.file.read_texts(&self.path(dataset))?;
        if texts.is_empty() {
            let expected = "1".to_owned();
            return Err(self.fault(NetxFault::Length { dataset, found: 0, expected }));
        }
        // Fixed strings are filled with NULs.
        Ok(texts.swap_remove(0).trim_end_matches('\0').to_owned())
    }
}

/// Clips the weights of a layer, which NetX does with both matrices side by side.
fn clip_together(weight: &mut Vec<i32>, weight_rec: Option<&mut Vec<i32>>) {
    let Some(weight_rec) = weight_rec else { return synapse::clip(weight) };
    let n = weight.len();
    weight.append(weight_rec);
    synapse::clip(weight);
    *weight_rec = weight.split_off(n);
}
