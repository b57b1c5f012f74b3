//! The neurons of a network in space, colored by the core that holds them.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rheobase_mapping::file::MappingFile;
use rheobase_net::ValidNetwork;

use super::axes::{count_text, headed, text};
use super::liquid::{View, edges};
use super::palette::{FAINT, INK, tint};
use super::surface::{Area, Figure, px, save};

/// Draws the neurons that have positions where they are, and beside it pulled apart by core.
///
/// # Errors
/// If no neuron has a position or the file cannot be written.
pub fn cores(mapping: &MappingFile, network: &ValidNetwork, path: &Path) -> Result<()> {
    let neurons = placed(mapping, network);
    if neurons.is_empty() {
        anyhow::bail!(
            "no neuron of the network has a position: use a generator that places them, as the column"
        );
    }
    let apart = apart(&neurons);
    let view = |neurons: &[Neuron]| View::of(neurons.iter().map(|neuron| neuron.position));
    let (together_view, apart_view) = (view(&neurons), view(&apart));
    save(&Cores { together: neurons, together_view, apart, apart_view, n_cores: mapping.cores().len() }, path)
}

struct Cores {
    together: Vec<Neuron>,
    together_view: View,
    apart: Vec<Neuron>,
    apart_view: View,
    n_cores: usize,
}

#[derive(Debug, Clone, Copy)]
struct Neuron {
    position: [f64; 3],
    core: u32,
}

/// How far cores move away from the middle, as a share of their distance from it.
const PULL: f64 = 0.9;

fn placed(mapping: &MappingFile, network: &ValidNetwork) -> Vec<Neuron> {
    let neurons = network.populations().iter().filter(|population| population.model.is_neuron());
    let with_cores = neurons.zip(mapping.populations());
    with_cores
        .filter_map(|(population, of)| Some((population.positions.as_ref()?, &of.core)))
        .flat_map(|(positions, core)| positions.iter().zip(core))
        .map(|(position, core)| Neuron { position: position.map(f64::from), core: *core })
        .collect()
}

/// The neurons, those of every core moved away from the middle of all.
fn apart(neurons: &[Neuron]) -> Vec<Neuron> {
    let mut sums: BTreeMap<u32, (f64, [f64; 3])> = BTreeMap::new();
    for Neuron { position, core } in neurons {
        let (n, sum) = sums.entry(*core).or_default();
        *n += 1.0;
        sum.iter_mut().zip(position).for_each(|(sum, x)| *sum += x);
    }
    let n_all: f64 = sums.values().map(|(n, _)| n).sum();
    let middle: [f64; 3] =
        std::array::from_fn(|axis| sums.values().map(|(_, sum)| sum[axis]).sum::<f64>() / n_all);
    let moved = |neuron: &Neuron| {
        let (n, sum) = sums[&neuron.core];
        let away = |axis: usize| neuron.position[axis] + PULL * (sum[axis] / n - middle[axis]);
        Neuron { position: std::array::from_fn(away), core: neuron.core }
    };
    neurons.iter().map(moved).collect()
}

/// Colors far from those of the cores before: hues by the golden ratio, in three lightnesses.
fn color_of(core: usize) -> RGBColor {
    let hue = (core as f64 * 0.618_033_988_75).fract();
    let lightness = [0.42, 0.58, 0.30][core % 3];
    let (r, g, b) = HSLColor(hue, 0.62, lightness).to_backend_color().rgb;
    RGBColor(r, g, b)
}

impl Figure for Cores {
    fn size(&self) -> (u32, u32) {
        let height = |view: &View| (400.0 * view.aspect()).clamp(120.0, 420.0);
        (880, (54.0 + 24.0 + 24.0 + height(&self.together_view).max(height(&self.apart_view))) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let caption = format!(
            "{} neurons on {} cores, a color a core",
            count_text(self.together.len() as u64),
            count_text(self.n_cores as u64)
        );
        let page = headed(area, "Neurons by core", &caption)?;
        let (left, right) = page.split_horizontally(page.dim_in_pixel().0 as i32 / 2);
        draw_panel(&left, "in space", &self.together, &self.together_view, true)?;
        draw_panel(&right, "pulled apart by core", &self.apart, &self.apart_view, false)
    }
}

fn draw_panel<B>(area: &Area<B>, title: &str, neurons: &[Neuron], view: &View, with_box: bool) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    text(area, title, (px(14.0), px(2.0)), 12.5, INK, Pos::new(HPos::Left, VPos::Top))?;
    let body = area.margin(px(24.0), px(20.0), px(20.0), px(20.0));
    let size = body.dim_in_pixel();
    if with_box {
        let ends: Vec<(i32, i32)> = view.box_corners().map(|corner| view.project(corner, size).0).collect();
        for [from, to] in edges() {
            let stroke = tint(FAINT, 0.45).stroke_width(px(0.6) as u32);
            body.draw(&PathElement::new([ends[from], ends[to]], stroke))?;
        }
    }
    let mut numbers: Vec<u32> = neurons.iter().map(|neuron| neuron.core).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut order: Vec<_> =
        neurons.iter().enumerate().map(|(i, neuron)| (view.project(neuron.position, size), i)).collect();
    // The far ones first.
    order.sort_by(|((_, a), first), ((_, b), second)| b.total_cmp(a).then(first.cmp(second)));
    let radius = (80.0 / (neurons.len() as f64).sqrt()).clamp(1.2, 5.0);
    for ((at, away), i) in order {
        let core = numbers.binary_search(&neurons[i].core).unwrap_or(0);
        let radius = radius * (1.0 - 0.25 * away);
        body.draw(&Circle::new(at, px(radius + 0.35), WHITE.filled()))?;
        body.draw(&Circle::new(at, px(radius), tint(color_of(core), 1.0 - 0.35 * away).filled()))?;
    }
    Ok(())
}
