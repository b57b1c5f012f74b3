//! Tables of colors: a row a unit or an input, a column a step or a lag.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axes::{Axes, panel, shortened, side_labels, text, tick_text};
use super::image::Image;
use super::palette::INK;
use super::rows::Rows;
use super::surface::{Area, FONT, px};

/// Right of a table: names of groups and a bar of colors \[points\].
pub const RIGHT: f64 = 152.0;
/// Where there is no number.
const NOTHING: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);

/// A table of colors.
pub struct Heat<'a> {
    /// What stands in which row.
    pub rows: &'a Rows,
    /// Where columns begin and end, ascending; one more than there are columns.
    pub edges: &'a [f64],
    /// The value of a column and a unit or input; no number leaves the place gray.
    pub value: &'a dyn Fn(usize, usize) -> f64,
    /// What colors mean.
    pub scale: &'a Scale<'a>,
    /// Under the table; without it there are no ticks either.
    pub x_label: Option<&'a str>,
}

/// What colors mean.
pub struct Scale<'a> {
    /// Where a value stands on the bar, 0 to 1.
    pub place: &'a dyn Fn(f64) -> f64,
    /// The color of a place on the bar.
    pub color: &'a dyn Fn(f64) -> RGBColor,
    /// Values that are marked on the bar.
    pub ticks: Vec<f64>,
    /// Beside the bar.
    pub title: &'a str,
}

/// Where a table was drawn \[device pixels of the page\].
#[derive(Clone, Copy)]
pub struct Frame {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
}

impl Frame {
    /// The heights of the upper and lower end of a row of `n`.
    pub fn row(&self, row: usize, n: usize) -> (i32, i32) {
        let y = |row: usize| self.top + ((self.bottom - self.top) as f64 * row as f64 / n as f64) as i32;
        (y(row), y(row + 1))
    }
}

/// Draws a table in `area`, a part of `page`, and what stands at its sides: names of rows at the left, of groups
/// and a bar of colors at the right, `aside` from its edge.
pub fn heat<B>(page: &Area<B>, area: &Area<B>, heat: &Heat<'_>, aside: i32) -> Result<Frame>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let Heat { rows, edges, value, scale, x_label } = heat;
    let n_rows = rows.len();
    let (start, end) = (edges[0], edges[edges.len() - 1]);
    // A run without any time is as wide as any.
    let end = if end > start { end } else { start + 1.0 };
    let axes = Axes { x: start..end, y: 0.0..n_rows as f64, x_label: *x_label, y_label: "", y_ticks: 0 };
    let frame = {
        let chart = panel(area, &axes)?;
        let inner = chart.plotting_area().strip_coord_spec();
        let (width, height) = inner.dim_in_pixel();
        let (page_left, page_top) = page.get_base_pixel();
        let (left, top) = inner.get_base_pixel();
        let (left, top) = (left - page_left, top - page_top);
        let mut image = Image::new((width, height));
        let local = Frame { left: 0, right: width as i32, top: 0, bottom: height as i32 };
        // A white seam, where there is room for one.
        let seam = if height as i32 / n_rows.max(1) as i32 >= px(6.0) { px(0.5) } else { 0 };
        for (x, columns) in stretches(edges, start, end, width) {
            for (row, thing) in rows.order.iter().enumerate() {
                let values =
                    columns.clone().map(|column| value(column, *thing)).filter(|value| value.is_finite());
                let (n, sum) = values.fold((0, 0.0), |(n, sum), value| (n + 1, sum + value));
                let color = match n {
                    0 => NOTHING,
                    n => (scale.color)((scale.place)(sum / f64::from(n)).clamp(0.0, 1.0)),
                };
                let (upper, lower) = local.row(row, n_rows);
                image.fill(x.clone(), upper..lower - seam, color);
            }
        }
        image.draw(&inner, (0, 0))?;
        Frame { left, right: left + width as i32, top, bottom: top + height as i32 }
    };
    draw_names(page, rows, frame, aside)?;
    let bar = Frame { left: frame.right + aside + px(84.0), right: frame.right + aside + px(96.0), ..frame };
    color_bar(page, bar, scale)?;
    Ok(frame)
}

/// Stretches of pixels that show the same columns; more than one column, where a pixel is wider than they are.
fn stretches(
    edges: &[f64],
    start: f64,
    end: f64,
    width: u32,
) -> Vec<(std::ops::Range<i32>, std::ops::Range<usize>)> {
    let n_columns = edges.len() - 1;
    let at = |x: u32| start + (end - start) * f64::from(x) / f64::from(width);
    let mut stretches: Vec<(std::ops::Range<i32>, std::ops::Range<usize>)> = Vec::new();
    for x in 0..width {
        let first =
            edges.partition_point(|edge| *edge <= at(x)).saturating_sub(1).min(n_columns.saturating_sub(1));
        let last = edges.partition_point(|edge| *edge < at(x + 1)).clamp(first + 1, n_columns.max(first + 1));
        let x = x as i32;
        match stretches.last_mut() {
            Some((pixels, columns)) if *columns == (first..last) => pixels.end = x + 1,
            _ => stretches.push((x..x + 1, first..last)),
        }
    }
    stretches
}

fn draw_names<B>(page: &Area<B>, rows: &Rows, frame: Frame, aside: i32) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let n_rows = rows.len();
    // Names that would stand on top of one another are thinned evenly.
    let height = f64::from(frame.bottom - frame.top) / f64::from(px(1.0)) / n_rows.max(1) as f64;
    let every = (11.5 / height).ceil().max(1.0) as usize;
    for (row, label) in rows.labels.iter().enumerate().step_by(every) {
        let (upper, lower) = frame.row(row, n_rows);
        // What fits between the edge of the page and the table.
        let label = shortened(label, 10);
        let at = (frame.left - px(6.0), (upper + lower) / 2);
        text(page, &label, at, 11.0, INK, Pos::new(HPos::Right, VPos::Center))?;
    }
    let mut names = Vec::new();
    for group in &rows.groups {
        let (upper, lower) = (frame.row(group.rows.start, n_rows).0, frame.row(group.rows.end, n_rows).0);
        let strip = [(frame.right + px(3.0), upper), (frame.right + px(7.0), lower - px(0.5))];
        page.draw(&Rectangle::new(strip, group.color.filled()))?;
        names.push((group.name.clone(), INK, (upper + lower) / 2));
    }
    side_labels(page, frame.right + aside + px(12.0), names)
}

/// A bar that tells what colors mean, between the heights of a frame.
pub fn color_bar<B>(page: &Area<B>, frame: Frame, scale: &Scale<'_>) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    const STEPS: i32 = 128;
    let Frame { left, right, top, bottom } = frame;
    // A low table has a bar that is higher than it.
    let bottom = bottom.max(top + px(64.0));
    let y = |place: f64| bottom - (f64::from(bottom - top) * place) as i32;
    // From the top down, each over the rest of the bar, so that no seam shows between two steps.
    for i in (0..STEPS).rev() {
        let (low, high) = (f64::from(i) / f64::from(STEPS), f64::from(i + 1) / f64::from(STEPS));
        let color = (scale.color)((low + high) / 2.0);
        page.draw(&Rectangle::new([(left, y(high)), (right, y(0.0))], color.filled()))?;
    }
    page.draw(&Rectangle::new([(left, y(1.0)), (right, y(0.0))], INK.stroke_width(px(0.8) as u32)))?;
    let mut free_from = i32::MAX;
    for tick in &scale.ticks {
        let at = y((scale.place)(*tick));
        page.draw(&PathElement::new([(right, at), (right + px(3.0), at)], INK.stroke_width(px(0.8) as u32)))?;
        if at < free_from {
            text(
                page,
                &short_tick(*tick),
                (right + px(6.0), at),
                11.0,
                INK,
                Pos::new(HPos::Left, VPos::Center),
            )?;
            free_from = at - px(12.0);
        }
    }
    let upright = TextStyle::from((FONT, px(11.0)).into_font().transform(FontTransform::Rotate270));
    let style = upright.color(&INK).pos(Pos::new(HPos::Center, VPos::Bottom));
    page.draw(&Text::new(scale.title, (left - px(4.0), (top + bottom) / 2), style))?;
    Ok(())
}

/// A tick as short as it can be written: small ones as powers of ten.
fn short_tick(value: f64) -> String {
    let power = value.abs().log10().round();
    let is_power = value > 0.0 && (value / 10.0_f64.powf(power) - 1.0).abs() < 1e-9;
    if !(is_power && power < -3.0) {
        return tick_text(value);
    }
    let digits = (-power).to_string();
    let raised = |digit: char| match digit {
        '1' => '\u{b9}',
        '2' => '\u{b2}',
        '3' => '\u{b3}',
        other => char::from_u32(0x2070 + other.to_digit(10).unwrap_or(0)).unwrap_or(other),
    };
    format!("10\u{207b}{}", digits.chars().map(raised).collect::<String>())
}

/// Round values from `low` to `high`, about `n` of them.
pub fn round_ticks(low: f64, high: f64, n: usize) -> Vec<f64> {
    let raw = (high - low) / n.max(1) as f64;
    if !(raw > 0.0 && raw.is_finite()) {
        return vec![low];
    }
    let power = 10.0_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().find(|step| step * power >= raw).unwrap_or(10.0) * power;
    let (first, last) = ((low / step - 1e-9).ceil() as i64, (high / step + 1e-9).floor() as i64);
    (first..=last).map(|k| k as f64 * step).collect()
}

/// Values 1, 2 and 5 times a power of ten from `low` to `high`; powers of ten alone if there are many.
pub fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let powers = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let within = |tick: &f64| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(tick);
    let of = |factors: &[f64]| -> Vec<f64> {
        let ticks =
            powers.clone().flat_map(|power| factors.iter().map(move |factor| factor * 10.0_f64.powi(power)));
        ticks.filter(within).collect()
    };
    let all = of(&[1.0, 2.0, 5.0]);
    let tens = of(&[1.0]);
    if all.len() > 7 && tens.len() > 1 { tens } else { all }
}
