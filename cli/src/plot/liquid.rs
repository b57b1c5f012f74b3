//! A network in space: neurons where they are, and a sample of their synapses.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rheobase_net::{Network, PopulationId, Projection, Receptor};

use super::axes::{count_text, headed, text};
use super::palette::{EXCITATORY, FAINT, INHIBITORY, INK, tint};
use super::surface::{Area, Figure, px, save};

/// More synapses than this hide the neurons.
const MOST_SYNAPSES: usize = 400;
/// How the box is turned to the viewer: about the vertical, then forward \[radians\].
const AZIMUTH: f64 = 0.42;
const ELEVATION: f64 = 0.36;

/// Draws the neurons of `network` that have positions.
///
/// # Errors
/// If no neuron has a position or the file cannot be written.
pub fn liquid(network: &Network, path: &Path) -> Result<()> {
    let neurons = placed_neurons(network);
    if neurons.is_empty() {
        anyhow::bail!(
            "no neuron of the network has a position: use a generator that places them, as the column"
        );
    }
    save(&Liquid { network, view: View::of(neurons.iter().map(|neuron| neuron.position)), neurons }, path)
}

struct Liquid<'a> {
    network: &'a Network,
    neurons: Vec<Neuron>,
    view: View,
}

/// A neuron to be drawn.
struct Neuron {
    population: usize,
    idx: usize,
    position: [f64; 3],
    is_inhibitory: bool,
    has_input: bool,
}

/// From space to the unit square, and the depth behind it.
pub struct View {
    low: [f64; 3],
    high: [f64; 3],
    /// Which axis of space goes right, up and away: the longest one right, the shortest one away.
    axes: [usize; 3],
    /// What the turned box covers, `[left, bottom, right, top]`.
    bounds: [f64; 4],
}

fn placed_neurons(network: &Network) -> Vec<Neuron> {
    let mut neurons = Vec::new();
    for (population, nodes) in network.populations.iter().enumerate() {
        let (true, Some(positions)) = (nodes.model.is_neuron(), &nodes.positions) else { continue };
        let mut has_input = vec![false; positions.len()];
        for projection in &network.projections {
            let is_input = network.populations[projection.source.idx()].model.is_source();
            if is_input && projection.target.idx() == population {
                projection.synapses.target.iter().for_each(|target| has_input[*target as usize] = true);
            }
        }
        let is_inhibitory = is_inhibitory(network, population);
        neurons.extend(positions.iter().zip(has_input).enumerate().map(|(idx, (position, has_input))| {
            Neuron { population, idx, position: position.map(f64::from), is_inhibitory, has_input }
        }));
    }
    neurons
}

/// Whether the synapses that leave a population inhibit, by receptor or by the sign of the first weight.
fn is_inhibitory(network: &Network, population: usize) -> bool {
    let leaves = |projection: &&Projection| projection.source == PopulationId(population as u32);
    network.projections.iter().filter(leaves).any(|projection| match projection.receptor {
        Receptor::Inhibitory => true,
        Receptor::Excitatory => false,
        Receptor::BySign => !projection.synapses.is_empty() && projection.synapses.weight.get(0) < 0.0,
    })
}

impl View {
    /// The view of the box around some points.
    pub fn of(positions: impl Iterator<Item = [f64; 3]>) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for position in positions {
            for axis in 0..3 {
                low[axis] = low[axis].min(position[axis]);
                high[axis] = high[axis].max(position[axis]);
            }
        }
        let mut axes = [0, 1, 2];
        axes.sort_by(|a, b| (high[*b] - low[*b]).total_cmp(&(high[*a] - low[*a])));
        let mut view = Self { low, high, axes, bounds: [0.0, 0.0, 1.0, 1.0] };
        let corners: Vec<[f64; 3]> = corners(low, high).map(|corner| view.turn(corner)).collect();
        let extreme = |axis: usize, better: fn(f64, f64) -> f64| {
            corners.iter().map(|corner| corner[axis]).reduce(better).expect("a box has corners")
        };
        view.bounds =
            [extreme(0, f64::min), extreme(1, f64::min), extreme(0, f64::max), extreme(1, f64::max)];
        view
    }

    /// A point in the viewer's frame: right, up, away.
    fn turn(&self, position: [f64; 3]) -> [f64; 3] {
        let centered = self.axes.map(|axis| position[axis] - (self.low[axis] + self.high[axis]) / 2.0);
        let [right, up, away] = centered;
        let (sin, cos) = AZIMUTH.sin_cos();
        let (right, away) = (right * cos - away * sin, right * sin + away * cos);
        let (sin, cos) = ELEVATION.sin_cos();
        [right, up * cos + away * sin, away * cos - up * sin]
    }

    /// The corners of the box.
    pub fn box_corners(&self) -> impl Iterator<Item = [f64; 3]> {
        corners(self.low, self.high)
    }

    /// The height of the turned box by its width.
    pub fn aspect(&self) -> f64 {
        let [left, bottom, right, top] = self.bounds;
        (top - bottom) / (right - left).max(1e-9)
    }

    /// Where a point is drawn on a surface of `size`, and how far away it is, 0 to 1.
    pub fn project(&self, position: [f64; 3], size: (u32, u32)) -> ((i32, i32), f64) {
        let [right, up, away] = self.turn(position);
        let [left, bottom, most_right, top] = self.bounds;
        let (width, height) = (f64::from(size.0), f64::from(size.1));
        let scale = (width / (most_right - left).max(1e-9)).min(height / (top - bottom).max(1e-9));
        let x = width / 2.0 + (right - (left + most_right) / 2.0) * scale;
        let y = height / 2.0 - (up - (bottom + top) / 2.0) * scale;
        let reach =
            self.axes.iter().map(|axis| self.high[*axis] - self.low[*axis]).fold(1e-9, f64::max) / 2.0;
        ((x as i32, y as i32), (0.5 + away / reach / 2.0).clamp(0.0, 1.0))
    }
}

/// The corners of a box; two of them share an edge if their numbers differ in one bit.
fn corners(low: [f64; 3], high: [f64; 3]) -> impl Iterator<Item = [f64; 3]> {
    (0..8_usize).map(move |corner| {
        std::array::from_fn(|axis| if corner >> axis & 1 == 1 { high[axis] } else { low[axis] })
    })
}

/// The edges of a box, by the numbers of its corners.
pub fn edges() -> impl Iterator<Item = [usize; 2]> {
    (0..8_usize).flat_map(|from| {
        (0..3).filter(move |axis| from >> axis & 1 == 0).map(move |axis| [from, from | 1 << axis])
    })
}

impl Figure for Liquid<'_> {
    fn size(&self) -> (u32, u32) {
        // The heading, the legend, and the box at the width of the page.
        let body = 792.0 * self.view.aspect();
        (840, (54.0 + 34.0 + 40.0 + body.clamp(160.0, 560.0)) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let synapses = self.sampled_synapses();
        let n_synapses: usize =
            self.network.projections.iter().filter(|p| self.is_drawn(p)).map(|p| p.synapses.len()).sum();
        let n_inhibitory = self.neurons.iter().filter(|neuron| neuron.is_inhibitory).count();
        let n_input = self.neurons.iter().filter(|neuron| neuron.has_input).count();
        let caption = format!(
            "{} neurons, {} inhibitory, {} with input  ·  {} of {} synapses drawn",
            count_text(self.neurons.len() as u64),
            count_text(n_inhibitory as u64),
            count_text(n_input as u64),
            count_text(synapses.len() as u64),
            count_text(n_synapses as u64)
        );
        let area = headed(area, "Liquid", &caption)?;
        let (body, legend) = area.split_vertically(area.dim_in_pixel().1 as i32 - px(34.0));
        let body = body.margin(px(20.0), px(20.0), px(24.0), px(24.0));
        self.draw_box(&body)?;
        for (from, to, is_inhibitory) in synapses {
            let size = body.dim_in_pixel();
            let ends = [self.view.project(from, size).0, self.view.project(to, size).0];
            let color = if is_inhibitory { INHIBITORY } else { EXCITATORY };
            body.draw(&PathElement::new(ends, color.mix(0.3).stroke_width(px(0.6) as u32)))?;
        }
        self.draw_neurons(&body)?;
        draw_legend(&legend)
    }
}

impl Liquid<'_> {
    /// Whether a projection joins neurons that are drawn.
    fn is_drawn(&self, projection: &Projection) -> bool {
        [projection.source, projection.target].into_iter().all(|end| {
            let population = &self.network.populations[end.idx()];
            population.model.is_neuron() && population.positions.is_some()
        })
    }

    /// Every k-th synapse between drawn neurons: from, to, whether it inhibits.
    fn sampled_synapses(&self) -> Vec<([f64; 3], [f64; 3], bool)> {
        let projections = || self.network.projections.iter().filter(|projection| self.is_drawn(projection));
        let n: usize = projections().map(|projection| projection.synapses.len()).sum();
        let every = n.div_ceil(MOST_SYNAPSES).max(1);
        let at = |population: PopulationId, idx: usize| -> [f64; 3] {
            let positions = self.network.populations[population.idx()].positions.as_ref();
            positions.expect("is_drawn saw them")[idx].map(f64::from)
        };
        let mut sampled = Vec::new();
        let mut skipped = 0;
        for projection in projections() {
            let synapses = &projection.synapses;
            let inhibits = is_inhibitory(self.network, projection.source.idx());
            for i in (skipped..synapses.len()).step_by(every) {
                let source = synapses.row_start.partition_point(|start| *start <= i as u64) - 1;
                let target = synapses.target[i] as usize;
                sampled.push((at(projection.source, source), at(projection.target, target), inhibits));
            }
            // The stride goes on from one projection to the next, so that small ones get their share.
            skipped = (skipped + every - synapses.len() % every) % every;
        }
        sampled
    }

    fn draw_box<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let size = area.dim_in_pixel();
        let corners: Vec<(i32, i32)> =
            self.view.box_corners().map(|corner| self.view.project(corner, size).0).collect();
        for [from, to] in edges() {
            let edge = [corners[from], corners[to]];
            area.draw(&PathElement::new(edge, tint(FAINT, 0.45).stroke_width(px(0.6) as u32)))?;
        }
        Ok(())
    }

    fn draw_neurons<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let size = area.dim_in_pixel();
        let mut order: Vec<_> =
            self.neurons.iter().map(|neuron| (self.view.project(neuron.position, size), neuron)).collect();
        // The far ones first; the order of equally far ones is that of the network.
        order.sort_by(|((_, a), first), ((_, b), second)| {
            b.total_cmp(a).then((first.population, first.idx).cmp(&(second.population, second.idx)))
        });
        let radius = (90.0 / (self.neurons.len() as f64).sqrt()).clamp(1.0, 7.5);
        for ((at, away), neuron) in order {
            let color = if neuron.is_inhibitory { INHIBITORY } else { EXCITATORY };
            draw_neuron(
                area,
                at,
                radius * (1.0 - 0.3 * away),
                tint(color, 1.0 - 0.45 * away),
                neuron.has_input,
            )?;
        }
        Ok(())
    }
}

/// A disk with a white rim, and around it a dark ring if the neuron has input.
fn draw_neuron<B>(area: &Area<B>, at: (i32, i32), radius: f64, color: RGBColor, has_input: bool) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    if has_input {
        area.draw(&Circle::new(at, px(radius + 2.2), INK.filled()))?;
    }
    area.draw(&Circle::new(at, px(radius + 0.8), WHITE.filled()))?;
    area.draw(&Circle::new(at, px(radius), color.filled()))?;
    Ok(())
}

fn draw_legend<B>(area: &Area<B>) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let entries =
        [("excitatory", EXCITATORY, false), ("inhibitory", INHIBITORY, false), ("with input", FAINT, true)];
    for (i, (name, color, has_input)) in entries.into_iter().enumerate() {
        let x = px(24.0 + 110.0 * i as f64);
        draw_neuron(area, (x, px(12.0)), 5.0, color, has_input)?;
        text(area, name, (x + px(12.0), px(12.0)), 12.0, INK, Pos::new(HPos::Left, VPos::Center))?;
    }
    Ok(())
}
