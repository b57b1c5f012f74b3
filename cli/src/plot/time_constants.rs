//! How fast the units of a liquid network forget, from moment to moment.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rheobase_ltc::look::TimeConstants;

use super::axes::{BOTTOM, headed, text, tick_text};
use super::heat::{Frame, Heat, RIGHT, Scale, heat, log_ticks};
use super::palette::{FAINT, INK, sequential, tint};
use super::rows::Rows;
use super::surface::{Area, Figure, px, save};

/// Time constants over a run.
pub struct TimeConstantsFigure<'a> {
    /// The units.
    pub rows: &'a Rows,
    /// When steps begin and end; `[steps + 1]`.
    pub edges: &'a [f64],
    /// The time constants at the ends of steps, and their bounds.
    pub constants: &'a TimeConstants,
}

/// Draws time constants as a table of colors over time, and beside it the range of every unit in its bounds.
///
/// # Errors
/// If the file cannot be written.
pub fn time_constants(figure: &TimeConstantsFigure<'_>, path: &Path) -> Result<()> {
    save(figure, path)
}

/// Width of the ranges \[points\].
const RANGES: f64 = 190.0;

impl Figure for TimeConstantsFigure<'_> {
    fn size(&self) -> (u32, u32) {
        (920, (54.0 + self.rows.height() + 58.0) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let caption = "left: over time  ·  right: the range of every unit (thick), its median (dot), and the \
                       bounds that no input can leave (thin)";
        let page = headed(area, "Effective time constants", caption)?;
        let body = page.margin(px(4.0), px(6.0), px(8.0), px(RIGHT + RANGES));
        let (low, high) = range(self.constants.values.iter().copied());
        let ratio = (high / low).ln().max(1e-9);
        let scale = Scale {
            place: &|tau| (tau / low).ln() / ratio,
            color: &|place| sequential(0.06 + 0.94 * place),
            ticks: log_ticks(low, high),
            title: "time constant",
        };
        let units = self.rows.len();
        let table = Heat {
            rows: self.rows,
            edges: self.edges,
            value: &|step, unit| self.constants.values[step * units + unit],
            scale: &scale,
            x_label: Some("time"),
        };
        let frame = heat(&page, &body, &table, px(RANGES))?;
        self.draw_ranges(&page, frame)
    }
}

impl TimeConstantsFigure<'_> {
    fn draw_ranges<B>(&self, page: &Area<B>, table: Frame) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let TimeConstants { values, least, most } = self.constants;
        let (low, high) = range(values.iter().chain(least).chain(most).copied());
        // Room at both ends, so that a bound is seen to end.
        let (low, high) = (low / (high / low).powf(0.04), high * (high / low).powf(0.04));
        let frame = Frame { left: table.right + px(16.0), right: table.right + px(RANGES), ..table };
        let x = |tau: f64| {
            let share = ((tau / low).ln() / (high / low).ln().max(1e-9)).clamp(0.0, 1.0);
            frame.left + (share * f64::from(frame.right - frame.left)) as i32
        };
        let corners = [(frame.left, frame.top), (frame.right, frame.bottom)];
        page.draw(&Rectangle::new(corners, INK.stroke_width(px(0.8) as u32)))?;
        let mut free_from = i32::MIN;
        for tick in log_ticks(low, high) {
            let at = x(tick);
            let grid = [(at, frame.top), (at, frame.bottom)];
            page.draw(&PathElement::new(grid, tint(FAINT, 0.25).stroke_width(px(0.6) as u32)))?;
            if at >= free_from {
                let label = tick_text(tick);
                let center = Pos::new(HPos::Center, VPos::Top);
                text(page, &label, (at, frame.bottom + px(5.0)), 12.0, INK, center)?;
                free_from = at + px(7.5 * (label.chars().count() + 2) as f64);
            }
        }
        let center = Pos::new(HPos::Center, VPos::Bottom);
        let middle = ((frame.left + frame.right) / 2, frame.bottom + px(BOTTOM - 6.0));
        text(page, "τ in the data's unit of time", middle, 12.0, INK, center)?;

        let units = self.rows.len();
        for (row, unit) in self.rows.order.iter().enumerate() {
            let (upper, lower) = frame.row(row, units);
            let y = (upper + lower) / 2;
            let thick = (0.55 * f64::from(lower - upper)).clamp(f64::from(px(1.6)), f64::from(px(6.0)));
            let bounds = [(x(least[*unit]), y), (x(most[*unit]), y)];
            page.draw(&PathElement::new(bounds, FAINT.stroke_width(px(0.9) as u32)))?;
            for end in bounds.iter().filter(|_| lower - upper >= px(6.0)) {
                let tip = [(end.0, y - px(2.5)), (end.0, y + px(2.5))];
                page.draw(&PathElement::new(tip, FAINT.stroke_width(px(0.9) as u32)))?;
            }
            let mut of_unit: Vec<f64> =
                values.iter().skip(*unit).step_by(units).copied().filter(|tau| tau.is_finite()).collect();
            of_unit.sort_by(f64::total_cmp);
            let (Some(first), Some(last)) = (of_unit.first(), of_unit.last()) else { continue };
            let half = (thick / 2.0) as i32;
            let bar = [(x(*first), y - half), (x(*last).max(x(*first) + px(1.0)), y + half)];
            page.draw(&Rectangle::new(bar, self.rows.color(row).filled()))?;
            page.draw(&Circle::new((x(of_unit[of_unit.len() / 2]), y), half.max(px(1.4)), INK.filled()))?;
        }
        Ok(())
    }
}

/// The least and the largest of finite numbers above 0.
fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let known = values.filter(|value| value.is_finite() && *value > 0.0);
    let (low, high) =
        known.fold((f64::INFINITY, 0.0), |(low, high), value| (value.min(low), value.max(high)));
    match low <= high {
        true => (low, high.max(low * 1.01)),
        false => (1.0, 10.0),
    }
}
