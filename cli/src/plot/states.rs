//! What a liquid network did: its answers, and the states of all units.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;

use super::axes::{Axes, count_text, headed, panel, side_labels};
use super::heat::{Heat, RIGHT, Scale, heat, round_ticks};
use super::palette::{diverging, nth, tint};
use super::rows::Rows;
use super::surface::{Area, Figure, px, save};

/// More lines than this cannot be told apart.
const MOST_LINES: usize = 12;
/// Colors that stay apart.
const N_COLORS: usize = 6;

/// A color for a line: paler the second time around.
fn color(k: usize) -> RGBColor {
    tint(nth(k), if k < N_COLORS { 1.0 } else { 0.5 })
}

/// A run of a liquid network.
pub struct States<'a> {
    /// The units.
    pub rows: &'a Rows,
    /// When steps begin and end; `[steps + 1]`.
    pub edges: &'a [f64],
    /// `[steps, units]`
    pub states: &'a [f64],
    /// What the answers are; `[answers]`.
    pub answer_names: &'a [String],
    /// `[steps, answers]`
    pub answers: &'a [f64],
}

/// Draws answers as lines and states as a table of colors over time.
///
/// # Errors
/// If the file cannot be written.
pub fn states(states: &States<'_>, path: &Path) -> Result<()> {
    save(states, path)
}

impl States<'_> {
    /// Height of the answers \[points\], with room for a name each.
    fn answers_height(&self) -> f64 {
        60.0 + (14.0 * self.answer_names.len().min(MOST_LINES) as f64).max(90.0)
    }
}

impl Figure for States<'_> {
    fn size(&self) -> (u32, u32) {
        (860, (54.0 + self.answers_height() + self.rows.height() + 56.0) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let n_steps = self.edges.len() - 1;
        let (units, steps) = (count_text(self.rows.len() as u64), count_text(n_steps as u64));
        let page = headed(area, "Answers and states", &format!("{units} units, {steps} steps"))?;
        let body = page.margin(px(4.0), px(6.0), px(8.0), px(RIGHT));
        let (upper, lower) = body.split_vertically(px(self.answers_height()));
        self.draw_answers(&page, &upper.margin(0, px(12.0), 0, 0))?;

        let largest =
            self.states.iter().copied().filter(|v| v.is_finite()).fold(1e-12, |most, v| v.abs().max(most));
        let scale = Scale {
            place: &|v| 0.5 + 0.5 * v / largest,
            color: &|place| diverging(2.0 * place - 1.0),
            ticks: round_ticks(-largest, largest, 5),
            title: "state",
        };
        let units = self.rows.len();
        let table = Heat {
            rows: self.rows,
            edges: self.edges,
            value: &|step, unit| self.states[step * units + unit],
            scale: &scale,
            x_label: Some("time"),
        };
        heat(&page, &lower, &table, 0)?;
        Ok(())
    }
}

impl States<'_> {
    fn draw_answers<B>(&self, page: &Area<B>, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let n = self.answer_names.len();
        let values = self.answers.iter().copied().filter(|v| v.is_finite());
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (v.min(l), v.max(h)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        let pad = 0.06 * (high - low).max(1e-6);
        let (start, end) = (self.edges[0], self.edges[self.edges.len() - 1]);
        let axes = Axes {
            x: start..if end > start { end } else { start + 1.0 },
            y: low - pad..high + pad,
            x_label: None,
            y_label: "answer",
            y_ticks: 4,
        };
        let mut chart = panel(area, &axes)?;
        let mut labels = Vec::new();
        let (page_left, page_top) = page.get_base_pixel();
        let mut right = 0;
        for (k, name) in self.answer_names.iter().enumerate().take(MOST_LINES) {
            // An answer is that of the end of a step.
            let points = self.edges[1..].iter().enumerate().map(|(step, t)| (*t, self.answers[step * n + k]));
            let points: Vec<(f64, f64)> = points.filter(|(_, v)| v.is_finite()).collect();
            let last = points.last().map_or(low, |(_, v)| *v);
            chart.draw_series(LineSeries::new(points, color(k).stroke_width(px(1.2) as u32)))?;
            let (x, y) = chart.plotting_area().map_coordinate(&(axes.x.end, last));
            right = x - page_left;
            labels.push((name.clone(), color(k), y - page_top));
        }
        side_labels(page, right + px(8.0), labels)
    }
}
