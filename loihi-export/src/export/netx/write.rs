//! Netlists as NetX files.

use std::path::Path;

use rheobase_net::file::{Hdf5Tree, Values};

use super::layer::Layer;
use super::{NetxError, chain};
use crate::export::Lost;
use crate::netlist::ValidNetlist;

/// Writes a netlist as a NetX file, atomically. Returns what it lost, which is nothing unless `allow_lossy`.
///
/// The first layer is an input without neurons, which tells NetX its shape; then there is one layer a population.
///
/// # Errors
/// [`NetxError`]; [`NetxError::Lossy`] if something would be lost and may not.
pub fn write(path: &Path, netlist: &ValidNetlist, allow_lossy: bool) -> Result<Vec<Lost>, NetxError> {
    let (layers, lost) = chain::of(netlist)?;
    if !lost.is_empty() && !allow_lossy {
        return Err(NetxError::Lossy(lost));
    }
    let mut tree = Hdf5Tree::default();
    text(&mut tree, "layer/0/type", "input");
    tree.put("layer/0/shape", vec![layers[0].n_in as i32]);
    for (i, layer) in (1..).zip(layers) {
        put(&mut tree, &format!("layer/{i}"), layer);
    }
    tree.write(path)?;
    Ok(lost)
}

fn put(tree: &mut Hdf5Tree, group: &str, layer: Layer) {
    let Layer { name: _, n, n_in, weight, delay, weight_rec, i_decay, v_decay, threshold, bias, refractory } =
        layer;
    let [rows, columns] = [n as u64, n_in as u64];
    let kind = if weight_rec.is_some() { "dense_rec" } else { "dense" };
    text(tree, &format!("{group}/type"), kind);
    tree.put(&format!("{group}/shape"), vec![n as i32]);
    number(tree, &format!("{group}/inFeatures"), n_in as i32);
    number(tree, &format!("{group}/outFeatures"), n as i32);
    tree.put_shaped(&format!("{group}/weight"), weight, &[rows, columns]);
    if let Some(weight_rec) = weight_rec {
        tree.put_shaped(&format!("{group}/weight_rec"), weight_rec, &[rows, rows]);
    }
    if let Some(delay) = delay {
        let delay: Vec<i32> = delay.into_iter().map(i32::from).collect();
        tree.put_shaped(&format!("{group}/delay"), delay, &[rows, columns]);
    }
    if bias.iter().any(|bias| *bias != 0) {
        tree.put(&format!("{group}/bias"), bias);
    }
    text(tree, &format!("{group}/neuron/type"), "CUBA");
    column(tree, &format!("{group}/neuron/iDecay"), i_decay);
    column(tree, &format!("{group}/neuron/vDecay"), v_decay);
    column(tree, &format!("{group}/neuron/vThMant"), threshold);
    column(tree, &format!("{group}/neuron/refDelay"), refractory);
}

/// A number for all neurons if they have the same, and a list otherwise.
fn column(tree: &mut Hdf5Tree, path: &str, values: Vec<i32>) {
    match values.iter().all(|value| *value == values[0]) {
        true => number(tree, path, values[0]),
        false => tree.put(path, values),
    }
}

fn number(tree: &mut Hdf5Tree, path: &str, value: i32) {
    tree.put_shaped(path, vec![value], &[]);
}

/// A text as lava-dl writes it: one of fixed length.
fn text(tree: &mut Hdf5Tree, path: &str, text: &str) {
    tree.put_shaped(path, Values::Ascii(vec![text.to_owned()]), &[1]);
}
