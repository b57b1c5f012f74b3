//! Membrane potentials, or states of liquid units, over time, with threshold and spikes.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use rheobase_net::{Recording, Traces};

use super::axes::{Axes, BOTTOM, headed, panel, side_labels};
use super::palette::{FAINT, INK, of_ranges};
use super::surface::{Area, Figure, px, save};

/// More panels than this are too low to read.
const MOST_PANELS: usize = 6;

/// What a trace is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traced {
    /// The threshold of the node \[mV\], if it has one.
    pub threshold: Option<f64>,
    /// The name and unit of what is traced.
    pub label: &'static str,
}

impl Traced {
    /// The potential of a neuron.
    pub fn potential(threshold: Option<f64>) -> Self {
        Self { threshold, label: "v (mV)" }
    }
}

/// Draws the recorded traces of a run, one panel a node; `traced` says what the trace of a node is.
///
/// # Errors
/// If the recording has no potentials or the file cannot be written.
pub fn traces(recording: &Recording, traced: impl Fn(u32) -> Traced, path: &Path) -> Result<()> {
    let Some(traces) = recording.traces.as_ref().filter(|traces| !traces.nodes.is_empty()) else {
        anyhow::bail!("the recording has no membrane traces: name the neurons to be traced when simulating");
    };
    let about = traces.nodes.iter().map(|node| traced(*node)).collect();
    save(&TracesFigure { recording, traces, about }, path)
}

struct TracesFigure<'a> {
    recording: &'a Recording,
    traces: &'a Traces,
    /// One a traced node.
    about: Vec<Traced>,
}

impl Figure for TracesFigure<'_> {
    fn size(&self) -> (u32, u32) {
        (840, 110 + 110 * self.n_panels() as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let n = self.traces.nodes.len();
        let shown = self.n_panels();
        let of = if shown < n {
            format!("the first {shown} of {n} traced nodes")
        } else {
            format!("{n} traced nodes")
        };
        let caption = format!(
            "{of}, every {} ms  ·  dashed: threshold  ·  strokes above it: spikes",
            self.traces.interval
        );
        let has_potentials = self.about.iter().any(|about| about.label == Traced::potential(None).label);
        let title = if has_potentials { "Membrane potential" } else { "State" };
        let page = headed(area, title, &caption)?;
        let body = page.margin(px(4.0), px(6.0), px(8.0), px(112.0));
        let panels_height = body.dim_in_pixel().1 as i32 - px(BOTTOM);
        let breakpoints: Vec<i32> = (1..shown).map(|i| panels_height * i as i32 / shown as i32).collect();
        let panels = body.split_by_breakpoints([0; 0], breakpoints);
        for (column, area) in panels.iter().enumerate() {
            let is_last = column + 1 == shown;
            let area = if is_last { area.clone() } else { area.margin(0, px(6.0), 0, 0) };
            let (low, high) = self.range(self.about[column].label);
            self.draw_panel(&page, &area, column, low..high, is_last)?;
        }
        Ok(())
    }
}

impl TracesFigure<'_> {
    fn n_panels(&self) -> usize {
        self.traces.nodes.len().min(MOST_PANELS)
    }

    /// All panels of one quantity share a range, so that their heights can be compared.
    fn range(&self, label: &str) -> (f64, f64) {
        let of_label = || self.about.iter().enumerate().filter(|(_, about)| about.label == label);
        let thresholds = of_label().filter_map(|(_, about)| about.threshold.as_ref());
        let values = of_label().flat_map(|(column, _)| self.traces.v.column(column));
        let values = values.chain(thresholds).filter(|v| v.is_finite());
        let (low, high) =
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
        let (low, high) = if low <= high { (low, high) } else { (-1.0, 1.0) };
        let height = (high - low).max(1e-3);
        (low - 0.06 * height, high + 0.35 * height)
    }

    fn draw_panel<B>(
        &self,
        page: &Area<B>,
        area: &Area<B>,
        column: usize,
        y: std::ops::Range<f64>,
        is_last: bool,
    ) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let Recording { t_start, t_stop, ref nodes, .. } = *self.recording;
        let node = self.traces.nodes[column];
        let Traced { threshold: stroke_from, label } = self.about[column];
        let top = y.end;
        let axes = Axes {
            x: t_start..t_stop,
            y: y.clone(),
            x_label: is_last.then_some("time (ms)"),
            y_label: label,
            y_ticks: 4,
        };
        let mut chart = panel(area, &axes)?;
        let range = nodes.iter().position(|range| (range.first..range.first + range.size).contains(&node));
        let color = range.map_or(INK, |range| of_ranges(nodes)[range]);
        if let Some(threshold) = stroke_from {
            let ends = [(t_start, threshold), (t_stop, threshold)];
            let style = FAINT.stroke_width(px(0.7) as u32);
            chart.draw_series(DashedLineSeries::new(ends, px(4.0), px(3.0), style))?;
        }
        let width = chart.plotting_area().dim_in_pixel().0 as usize;
        chart.draw_series(LineSeries::new(
            self.points(column, width / 2),
            color.stroke_width(px(1.0) as u32),
        ))?;
        let highest =
            self.traces.v.column(column).iter().copied().filter(|v| v.is_finite()).fold(f64::MIN, f64::max);
        let from = stroke_from.unwrap_or(highest);
        let spikes = self.recording.spikes.iter().filter(|(_, spike)| *spike == node);
        chart.draw_series(spikes.map(|(t, _)| {
            PathElement::new([(t, from), (t, from + 0.75 * (top - from))], color.stroke_width(px(1.0) as u32))
        }))?;
        let name = range.map_or(format!("node {node}"), |range| {
            format!("{} {}", nodes[range].population, node - nodes[range].first)
        });
        let middle = (self.recording.t_stop, (y.start + y.end) / 2.0);
        let (x, y) = chart.plotting_area().map_coordinate(&middle);
        let (left, top) = page.get_base_pixel();
        side_labels(page, x - left + px(8.0), vec![(name, color, y - top)])
    }

    /// The samples of a trace, or the lowest and highest of each of `columns` stretches if there are more.
    fn points(&self, column: usize, columns: usize) -> Vec<(f64, f64)> {
        let v = self.traces.v.column(column);
        let t = |i: usize| self.traces.t_first + i as f64 * self.traces.interval;
        let finite: Vec<(f64, f64)> =
            v.iter().enumerate().filter(|(_, v)| v.is_finite()).map(|(i, v)| (t(i), *v)).collect();
        if finite.len() <= 2 * columns.max(1) {
            return finite;
        }
        let extremes = |stretch: &[(f64, f64)]| {
            let by_v = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
            let low = *stretch.iter().min_by(by_v).expect("a chunk is not empty");
            let high = *stretch.iter().max_by(by_v).expect("a chunk is not empty");
            if low.0 <= high.0 { [low, high] } else { [high, low] }
        };
        finite.chunks(finite.len().div_ceil(columns)).flat_map(extremes).collect()
    }
}
