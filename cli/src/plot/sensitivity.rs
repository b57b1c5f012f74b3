//! What an answer listens to: derivatives by inputs and states of the steps before.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axes::{BOTTOM, headed, text};
use super::heat::{Heat, RIGHT, Scale, heat, log_ticks, round_ticks};
use super::palette::{INK, diverging, sequential};
use super::rows::Rows;
use super::surface::{Area, Figure, px, save};

/// The derivatives of one answer.
pub struct Sensitivity<'a> {
    /// The inputs.
    pub inputs: &'a Rows,
    /// The units.
    pub units: &'a Rows,
    /// The answer.
    pub answer: &'a str,
    /// When the steps that were looked at begin and end; `[times + 1]`.
    pub edges: &'a [f64],
    /// Number of lags.
    pub n_lags: usize,
    /// `[times, lags, inputs]`, no number before the beginning.
    pub by_inputs: &'a [f64],
    /// `[times, lags, units]`, no number before the beginning.
    pub by_states: &'a [f64],
}

/// Draws the response to lasting changes of inputs over time, and the mean size of derivatives over lags.
///
/// # Errors
/// If the file cannot be written.
pub fn sensitivity(sensitivity: &Sensitivity<'_>, path: &Path) -> Result<()> {
    save(sensitivity, path)
}

/// Height of a panel's title \[points\].
const TITLE: f64 = 24.0;
/// How much smaller the palest color is than the darkest.
const DECADES: f64 = 1e-4;

impl Figure for Sensitivity<'_> {
    fn size(&self) -> (u32, u32) {
        let tables = 2.0 * self.inputs.height() + self.units.height();
        (860, (54.0 + tables + 3.0 * (TITLE + BOTTOM + 10.0) + 8.0) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let caption = format!(
            "derivatives of the answer {:?} by scaled inputs and by states, back to {} steps",
            self.answer, self.n_lags
        );
        let page = headed(area, "Sensitivity", &caption)?;
        let body = page.margin(px(2.0), px(6.0), px(8.0), px(RIGHT));
        let of = |rows: &Rows| px(rows.height() + TITLE + BOTTOM + 10.0);
        let (upper, rest) = body.split_vertically(of(self.inputs));
        let (middle, lower) = rest.split_vertically(of(self.inputs));
        self.draw_over_time(&page, &upper)?;
        let titles =
            ["by inputs: mean size over time, against the lag", "by states: how long units are remembered"];
        self.draw_over_lags(&page, &middle, self.inputs, self.by_inputs, titles[0])?;
        self.draw_over_lags(&page, &lower, self.units, self.by_states, titles[1])
    }
}

impl Sensitivity<'_> {
    /// What a change of an input that began `n_lags` steps ago does to the answer.
    fn draw_over_time<B>(&self, page: &Area<B>, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let (n_inputs, n_lags) = (self.inputs.len(), self.n_lags);
        let response = |time: usize, input: usize| -> f64 {
            let by = (0..n_lags).map(|lag| self.by_inputs[(time * n_lags + lag) * n_inputs + input]);
            by.filter(|by| by.is_finite()).sum()
        };
        let n_times = self.edges.len() - 1;
        let all = (0..n_times).flat_map(|time| (0..n_inputs).map(move |input| (time, input)));
        let largest = all.map(|(time, input)| response(time, input).abs()).fold(1e-12, f64::max);
        let scale = Scale {
            place: &|by| 0.5 + 0.5 * by / largest,
            color: &|place| diverging(2.0 * place - 1.0),
            ticks: round_ticks(-largest, largest, 4),
            title: "Σ ∂y/∂u",
        };
        let table = Heat {
            rows: self.inputs,
            edges: self.edges,
            value: &response,
            scale: &scale,
            x_label: Some("time"),
        };
        let area = titled(area, "by inputs: response to a lasting change, over time")?;
        heat(page, &area, &table, 0)?;
        Ok(())
    }

    fn draw_over_lags<B>(
        &self,
        page: &Area<B>,
        area: &Area<B>,
        rows: &Rows,
        by: &[f64],
        title: &str,
    ) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let (n, n_lags) = (rows.len(), self.n_lags);
        let n_times = self.edges.len() - 1;
        let mut means = vec![f64::NAN; n_lags * n];
        for (place, mean) in means.iter_mut().enumerate() {
            let known =
                (0..n_times).map(|time| by[time * n_lags * n + place].abs()).filter(|by| by.is_finite());
            let (count, sum) = known.fold((0.0, 0.0), |(count, sum), by| (count + 1.0, sum + by));
            *mean = if count > 0.0 { sum / count } else { f64::NAN };
        }
        let largest = means.iter().copied().filter(|mean| mean.is_finite()).fold(1e-12, f64::max);
        let least = largest * DECADES;
        let scale = Scale {
            place: &|mean| (mean.max(least) / least).ln() / DECADES.recip().ln(),
            color: &sequential,
            ticks: log_ticks(least, largest),
            title: if std::ptr::eq(rows, self.inputs) { "|∂y/∂u|" } else { "|∂y/∂x|" },
        };
        let edges: Vec<f64> = (0..=n_lags).map(|lag| lag as f64 - 0.5).collect();
        let table = Heat {
            rows,
            edges: &edges,
            value: &|lag, thing| means[lag * n + thing],
            scale: &scale,
            x_label: Some("lag (steps)"),
        };
        heat(page, &titled(area, title)?, &table, 0)?;
        Ok(())
    }
}

/// A panel's title, and what is left under it.
fn titled<B>(area: &Area<B>, title: &str) -> Result<Area<B>>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let (above, below) = area.split_vertically(px(TITLE));
    let at = (px(super::axes::LEFT), px(TITLE - 7.0));
    text(&above, title, at, 12.5, INK, Pos::new(HPos::Left, VPos::Bottom))?;
    Ok(below.margin(0, px(10.0), 0, 0))
}
