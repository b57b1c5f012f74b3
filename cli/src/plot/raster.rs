//! Spikes as marks over time, one row a node, one band a population.

use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use rheobase_net::{NodeRange, SpikeTrain};

use super::axes::{Axes, BOTTOM, Chart, count_text, headed, panel, side_labels};
use super::image::Image;
use super::palette::{of_ranges, tint};
use super::surface::{Area, Figure, px, save};

/// Above this number of spikes the marks of a panel are one image: an SVG of as many rectangles would
/// be megabytes that no viewer scrolls.
const DENSE: usize = 20_000;

/// Draws the spikes of `nodes` in `window` \[ms\]; sources stand in a panel of their own.
///
/// # Errors
/// If the file cannot be written.
pub fn raster(spikes: &SpikeTrain, nodes: &[NodeRange], window: Range<f64>, path: &Path) -> Result<()> {
    save(&Raster { spikes, nodes, window, colors: of_ranges(nodes) }, path)
}

struct Raster<'a> {
    spikes: &'a SpikeTrain,
    nodes: &'a [NodeRange],
    window: Range<f64>,
    /// One a range.
    colors: Vec<RGBColor>,
}

impl Figure for Raster<'_> {
    fn size(&self) -> (u32, u32) {
        (840, 520)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let area = headed(area, "Spikes", &self.caption())?;
        let (width, height) = area.dim_in_pixel();
        let body = area.margin(px(4.0), px(6.0), px(8.0), px(112.0));
        let label_x = width as i32 - px(104.0);
        let (sources, neurons): (Vec<usize>, Vec<usize>) =
            (0..self.nodes.len()).partition(|range| self.nodes[*range].is_source);
        if sources.is_empty() || neurons.is_empty() {
            let ranges = if neurons.is_empty() { &sources } else { &neurons };
            return self.draw_panel(&area, &body, ranges, true, label_x);
        }
        let n = |ranges: &[usize]| ranges.iter().map(|range| f64::from(self.nodes[*range].size)).sum::<f64>();
        let share = (n(&sources) / (n(&sources) + n(&neurons))).clamp(0.22, 0.45);
        let panels_height = f64::from(height) - f64::from(px(BOTTOM));
        let (upper, lower) = body.split_vertically((share * panels_height) as i32);
        self.draw_panel(&area, &upper.margin(0, px(12.0), 0, 0), &sources, false, label_x)?;
        self.draw_panel(&area, &lower, &neurons, true, label_x)
    }
}

impl Raster<'_> {
    fn caption(&self) -> String {
        let seconds = (self.window.end - self.window.start) / 1000.0;
        let groups: Vec<String> = [(true, "sources"), (false, "neurons")]
            .into_iter()
            .filter_map(|(is_source, what)| {
                let ranges: Vec<&NodeRange> =
                    self.nodes.iter().filter(|range| range.is_source == is_source).collect();
                let n: u64 = ranges.iter().map(|range| u64::from(range.size)).sum();
                if n == 0 {
                    return None;
                }
                let inside = |node: u32| {
                    ranges.iter().any(|range| (range.first..range.first + range.size).contains(&node))
                };
                let spikes = self.spikes_in_window().filter(|(_, node)| inside(*node)).count();
                let rate = spikes as f64 / n as f64 / seconds;
                Some(format!(
                    "{} {what}: {} spikes, {rate:.1} Hz each",
                    count_text(n),
                    count_text(spikes as u64)
                ))
            })
            .collect();
        groups.join("  ·  ")
    }

    fn spikes_in_window(&self) -> impl Iterator<Item = (f64, u32)> {
        let times = self.spikes.times();
        let from = times.partition_point(|t| *t < self.window.start);
        let to = times.partition_point(|t| *t < self.window.end);
        (from..to).map(|i| (times[i], self.spikes.nodes()[i]))
    }

    fn draw_panel<B>(
        &self,
        area: &Area<B>,
        body: &Area<B>,
        ranges: &[usize],
        has_time: bool,
        label_x: i32,
    ) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let n: u32 = ranges.iter().map(|range| self.nodes[*range].size).sum();
        let chart = panel(
            body,
            &Axes {
                x: self.window.clone(),
                y: 0.0..f64::from(n),
                x_label: has_time.then_some("time (ms)"),
                y_label: if self.nodes[ranges[0]].is_source { "source" } else { "neuron" },
                y_ticks: if has_time { 6 } else { 3 },
            },
        )?;
        let mut first_row = 0;
        let mut labels = Vec::new();
        let mut bands = Vec::new();
        let (_, area_top) = area.get_base_pixel();
        for range in ranges {
            let (NodeRange { population, first, size, is_source: _ }, color) =
                (&self.nodes[*range], self.colors[*range]);
            bands.push(Band { nodes: *first..*first + *size, first_row, color });
            let middle = f64::from(first_row) + f64::from(*size) / 2.0;
            let (_, y) = chart.plotting_area().map_coordinate(&(self.window.start, middle));
            labels.push((population.clone(), color, y - area_top));
            first_row += size;
        }
        self.draw_marks(&chart, &bands, n)?;
        side_labels(area, label_x, labels)
    }

    fn draw_marks<B>(&self, chart: &Chart<'_, B>, bands: &[Band], n: u32) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let plotting = chart.plotting_area();
        let area = plotting.strip_coord_spec();
        let (width, height) = area.dim_in_pixel();
        let row = f64::from(height) / f64::from(n.max(1));
        let span = self.window.end - self.window.start;
        let in_bands = |node: u32| bands.iter().any(|band| band.nodes.contains(&node));
        let n_marks = self.spikes_in_window().filter(|(_, node)| in_bands(*node)).count();
        // The fewer the marks, the larger: their sides are a tenth of their mean distance, within limits.
        let distance = (f64::from(width) * f64::from(height) / n_marks.max(1) as f64).sqrt();
        let mark_width = (0.1 * distance).clamp(f64::from(px(1.0)), f64::from(px(2.0))) as i32;
        let mark_height = (0.9 * row).clamp(f64::from(mark_width), f64::from(px(7.0))) as i32;
        let mut marks = Vec::new();
        for band in bands {
            let y = |row_number: u32| (f64::from(height) - row * f64::from(row_number)) as i32;
            let (top, bottom) = (y(band.first_row + band.nodes.end - band.nodes.start), y(band.first_row));
            area.draw(&Rectangle::new(
                [(px(0.8), top), (width as i32, bottom - 1)],
                tint(band.color, 0.07).filled(),
            ))?;
            marks.extend(self.spikes_in_window().filter(|(_, node)| band.nodes.contains(node)).map(
                |(t, node)| {
                    let row_middle = f64::from(band.first_row + node - band.nodes.start) + 0.5;
                    let x = ((t - self.window.start) / span * f64::from(width)) as i32;
                    let y = (f64::from(height) - row * row_middle) as i32 - mark_height / 2;
                    ((x, y), band.color)
                },
            ));
        }
        if marks.len() <= DENSE {
            for ((x, y), color) in marks {
                let corners = [(x, y), (x + mark_width - 1, y + mark_height - 1)];
                area.draw(&Rectangle::new(corners, color.filled()))?;
            }
            return Ok(());
        }
        let mut image = Image::new((width, height));
        for band in bands {
            let y = |row_number: u32| (f64::from(height) - row * f64::from(row_number)) as i32;
            let top = y(band.first_row + band.nodes.end - band.nodes.start);
            image.fill(0..width as i32, top..y(band.first_row), tint(band.color, 0.07));
        }
        for ((x, y), color) in marks {
            image.fill(x..x + mark_width, y..y + mark_height, color);
        }
        image.draw(&area, (px(0.8), 0))
    }
}

/// The rows of one population.
struct Band {
    nodes: Range<u32>,
    first_row: u32,
    color: RGBColor,
}
