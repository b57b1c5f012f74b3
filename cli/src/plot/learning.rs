//! How training went: the loss, and the validation score, of every epoch.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;

use super::axes::{Axes, BOTTOM, headed, panel, side_labels};
use super::palette::of_series;
use super::surface::{Area, Figure, px, save};

/// A model's way through training.
pub struct Curve {
    /// What it is called beside its end.
    pub name: String,
    /// The loss of every epoch.
    pub loss: Vec<f64>,
    /// The validation score of every epoch; empty if there is none.
    pub score: Vec<f64>,
    /// The epoch that was kept, from 1, if it is over.
    pub best: Option<usize>,
}

/// What is said about the curves.
pub struct Captions<'a> {
    /// Over all.
    pub title: &'a str,
    /// What the score is.
    pub score: &'a str,
    /// Whether a higher score is better.
    pub higher_is_better: bool,
}

/// Draws the curves, the losses above the scores.
///
/// # Errors
/// If there is no epoch or the file cannot be written.
pub fn learning(curves: &[Curve], captions: &Captions<'_>, path: &Path) -> Result<()> {
    if curves.iter().all(|curve| curve.loss.is_empty()) {
        anyhow::bail!("no epoch is over, so there is nothing to draw");
    }
    save(&LearningFigure { curves, captions }, path)
}

struct LearningFigure<'a> {
    curves: &'a [Curve],
    captions: &'a Captions<'a>,
}

impl LearningFigure<'_> {
    fn has_scores(&self) -> bool {
        self.curves.iter().any(|curve| !curve.score.is_empty())
    }
}

impl Figure for LearningFigure<'_> {
    fn size(&self) -> (u32, u32) {
        (760, if self.has_scores() { 480 } else { 290 })
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let caption = match self.has_scores() {
            true => "ring: the epoch that was kept, best on the validation sequences",
            false => "there are no validation sequences, so the last epoch is kept",
        };
        let page = headed(area, self.captions.title, caption)?;
        let body = page.margin(px(4.0), px(6.0), px(8.0), px(70.0));
        if !self.has_scores() {
            return self.draw_panel(&page, &body, "training loss", true, |curve| &curve.loss, false);
        }
        let height = (body.dim_in_pixel().1 as i32 - px(BOTTOM)) / 2;
        let (upper, lower) = body.split_vertically(height);
        let upper = upper.margin(0, px(10.0), 0, 0);
        self.draw_panel(&page, &upper, "training loss", false, |curve| &curve.loss, false)?;
        self.draw_panel(&page, &lower, self.captions.score, true, |curve| &curve.score, true)
    }
}

impl LearningFigure<'_> {
    fn draw_panel<B>(
        &self,
        page: &Area<B>,
        area: &Area<B>,
        y_label: &str,
        is_last: bool,
        of: impl Fn(&Curve) -> &[f64],
        rings: bool,
    ) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let n_epochs = self.curves.iter().map(|curve| curve.loss.len()).max().unwrap_or(1);
        let values: Vec<f64> = self.curves.iter().flat_map(|curve| of(curve).iter().copied()).collect();
        let y = range(&values, rings && self.captions.higher_is_better);
        let axes = Axes {
            x: 1.0..(n_epochs as f64).max(2.0),
            y: y.clone(),
            x_label: is_last.then_some("epoch"),
            y_label,
            y_ticks: 5,
        };
        let mut chart = panel(area, &axes)?;
        let mut labels = Vec::new();
        for (curve, color) in self.curves.iter().zip(of_series(self.curves.len())) {
            let point = |(k, value): (usize, &f64)| ((k + 1) as f64, value.clamp(y.start, y.end));
            let points: Vec<(f64, f64)> = of(curve).iter().enumerate().map(point).collect();
            let Some(end) = points.last().copied() else { continue };
            chart.draw_series(LineSeries::new(points.clone(), color.stroke_width(px(1.2) as u32)))?;
            if let Some(point) = curve.best.filter(|_| rings).and_then(|best| points.get(best - 1)) {
                let ring = |size: f64, style: ShapeStyle| Circle::new(*point, px(size), style);
                chart.draw_series([
                    ring(4.0, WHITE.filled()),
                    ring(4.0, color.stroke_width(px(1.4) as u32)),
                ])?;
            }
            let (x, y) = chart.plotting_area().map_coordinate(&end);
            let (left, top) = page.get_base_pixel();
            labels.push((curve.name.clone(), color, y - top, x - left));
        }
        let right = labels.iter().map(|label| label.3).max().unwrap_or(0) + px(8.0);
        side_labels(page, right, labels.into_iter().map(|(name, color, y, _)| (name, color, y)).collect())
    }
}

/// The range of most values: of those that are worse than 98 of 100 an axis need not show more than its end,
/// so that one wild epoch at the start does not flatten all others.
fn range(values: &[f64], higher_is_better: bool) -> std::ops::Range<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0..1.0 };
    let cut = last * 2 / 100;
    let (low, high) =
        if higher_is_better { (sorted[cut], sorted[last]) } else { (sorted[0], sorted[last - cut]) };
    let height = (high - low).max(1e-6 * high.abs()).max(1e-9);
    low - 0.05 * height..high + 0.08 * height
}
