//! Mean firing rates of populations over time.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use rheobase_net::{NodeRange, Rates};

use super::axes::{Axes, headed, panel, side_labels};
use super::palette::{INK, of_ranges};
use super::surface::{Area, Figure, px, save};

/// Draws the mean rate of a node of each population, as steps; `nodes` says which are sources.
///
/// # Errors
/// If there is no bin or the file cannot be written.
pub fn rates(rates: &Rates, nodes: &[NodeRange], path: &Path) -> Result<()> {
    if rates.hz.is_empty() {
        anyhow::bail!("the recording has no rates: give the length of a bin when simulating");
    }
    save(&RatesFigure { rates, nodes }, path)
}

struct RatesFigure<'a> {
    rates: &'a Rates,
    nodes: &'a [NodeRange],
}

impl Figure for RatesFigure<'_> {
    fn size(&self) -> (u32, u32) {
        (840, 360)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let Rates { populations, t_first, bin, hz } = self.rates;
        let caption = format!("mean of a population's nodes in bins of {bin} ms");
        let area = headed(area, "Firing rates", &caption)?;
        let width = area.dim_in_pixel().0 as i32;
        let body = area.margin(px(4.0), px(6.0), px(8.0), px(112.0));
        let highest = hz.iter().copied().filter(|hz| hz.is_finite()).fold(0.0, f64::max);
        let n_bins = hz.nrows();
        let axes = Axes {
            x: *t_first..t_first + bin * n_bins as f64,
            y: 0.0..(1.08 * highest).max(1.0),
            x_label: Some("time (ms)"),
            y_label: "rate (Hz)",
            y_ticks: 6,
        };
        let mut chart = panel(&body, &axes)?;
        let colors = of_ranges(self.nodes);
        let mut labels = Vec::new();
        let (_, area_top) = area.get_base_pixel();
        for (column, population) in populations.iter().enumerate() {
            let range = self.nodes.iter().position(|range| range.population == *population);
            let color = range.map_or(INK, |range| colors[range]);
            let steps = (0..n_bins).flat_map(|i| {
                let from = t_first + bin * i as f64;
                [(from, hz[[i, column]]), (from + bin, hz[[i, column]])]
            });
            chart.draw_series(LineSeries::new(steps, color.stroke_width(px(1.4) as u32)))?;
            // A label stands at the height of the last bins' mean, where the eye arrives.
            let last = hz.column(column).iter().rev().take(5).sum::<f64>() / n_bins.min(5) as f64;
            let (_, y) = chart.plotting_area().map_coordinate(&(*t_first, last));
            labels.push((population.clone(), color, y - area_top));
        }
        side_labels(&area, width - px(104.0), labels)
    }
}
