//! Axes, titles and labels, the same in every figure.

use std::ops::Range;

use anyhow::Result;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::output::count;

use super::palette::{FAINT, INK};
use super::surface::{Area, FONT, px};

/// A chart with two linear axes.
pub type Chart<'a, B> = ChartContext<'a, B, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What stands on the axes of a panel.
pub struct Axes<'a> {
    /// The range from left to right.
    pub x: Range<f64>,
    /// The range from bottom to top.
    pub y: Range<f64>,
    /// Under the horizontal axis; a panel without it shows no ticks there, as one above another.
    pub x_label: Option<&'a str>,
    /// Beside the vertical axis.
    pub y_label: &'a str,
    /// About how many ticks the vertical axis has.
    pub y_ticks: usize,
}

/// Width of the labels and the title of a vertical axis \[points\].
pub const LEFT: f64 = 62.0;
/// Height of the labels and the title of a horizontal axis \[points\].
pub const BOTTOM: f64 = 42.0;

/// Draws axes in `area` and gives the chart between them.
pub fn panel<'a, B>(area: &'a Area<B>, axes: &Axes<'_>) -> Result<Chart<'a, B>>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let label = TextStyle::from((FONT, px(12.0)).into_font()).color(&INK);
    let title = TextStyle::from((FONT, px(13.5)).into_font()).color(&INK);
    let mut chart = ChartBuilder::on(area)
        .set_label_area_size(LabelAreaPosition::Left, px(LEFT))
        .set_label_area_size(LabelAreaPosition::Bottom, px(if axes.x_label.is_some() { BOTTOM } else { 2.0 }))
        .build_cartesian_2d(axes.x.clone(), axes.y.clone())?;
    let tick = |value: &f64| tick_text(*value);
    chart
        .configure_mesh()
        .disable_mesh()
        .axis_style(INK.stroke_width(px(0.8) as u32))
        .set_all_tick_mark_size(px(4.0))
        .x_labels(if axes.x_label.is_some() { 8 } else { 0 })
        .y_labels(axes.y_ticks)
        .x_label_formatter(&tick)
        .y_label_formatter(&tick)
        .label_style(label)
        .axis_desc_style(title)
        .x_desc(axes.x_label.unwrap_or_default())
        .y_desc(axes.y_label)
        .draw()?;
    Ok(chart)
}

/// A number as short as it can be written without the noise of its last bits.
pub fn tick_text(value: f64) -> String {
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    let text = if text == "-0" { "0" } else { text };
    text.replace('-', "\u{2212}")
}

/// A count with thin spaces between its thousands.
pub fn count_text(n: u64) -> String {
    count(n).replace(',', "\u{2009}")
}

/// Draws `content` at `at` \[device pixels\], `points` high.
pub fn text<B>(
    area: &Area<B>,
    content: &str,
    at: (i32, i32),
    points: f64,
    color: RGBColor,
    pos: Pos,
) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let style = TextStyle::from((FONT, px(points)).into_font()).color(&color).pos(pos);
    area.draw(&Text::new(content, at, style))?;
    Ok(())
}

/// Draws a title and a caption at the top left of `area`, and gives what is left under them.
pub fn headed<B>(area: &Area<B>, title: &str, caption: &str) -> Result<Area<B>>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let top_left = Pos::new(HPos::Left, VPos::Top);
    text(area, title, (px(14.0), px(10.0)), 17.0, INK, top_left)?;
    text(area, caption, (px(14.0), px(31.0)), 12.0, FAINT, top_left)?;
    Ok(area.split_vertically(px(54.0)).1)
}

/// Names at the right of a panel, each beside its height but never on top of another.
///
/// `labels` are name, color and height \[device pixels\]; `x` is their left edge.
pub fn side_labels<B>(area: &Area<B>, x: i32, mut labels: Vec<(String, RGBColor, i32)>) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    labels.sort_by_key(|(_, _, y)| *y);
    let heights: Vec<i32> = labels.iter().map(|(_, _, y)| *y).collect();
    for ((name, color, _), y) in labels.into_iter().zip(apart(&heights, px(14.0))) {
        text(area, &shortened(&name, 14), (x, y), 12.0, color, Pos::new(HPos::Left, VPos::Center))?;
    }
    Ok(())
}

/// Heights that are a step apart at least; those that have to move lie around the middle of their own. Ascending, as
/// those that are given.
fn apart(heights: &[i32], step: i32) -> Vec<i32> {
    /// How many heights, and their sum.
    struct Bundle {
        n: i32,
        sum: i32,
    }
    let first = |bundle: &Bundle| (2 * bundle.sum - bundle.n * (bundle.n - 1) * step) / (2 * bundle.n);
    let mut bundles: Vec<Bundle> = Vec::new();
    for &height in heights {
        let mut last = Bundle { n: 1, sum: height };
        while let Some(before) = bundles.pop_if(|before| first(before) + before.n * step > first(&last)) {
            last = Bundle { n: before.n + last.n, sum: before.sum + last.sum };
        }
        bundles.push(last);
    }
    bundles.iter().flat_map(|bundle| (0..bundle.n).map(move |i| first(bundle) + i * step)).collect()
}

/// A name of so many letters at most.
pub fn shortened(name: &str, longest: usize) -> String {
    if name.chars().count() <= longest {
        return name.to_owned();
    }
    name.chars().take(longest - 1).chain(['\u{2026}']).collect()
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn labels_lie_around_their_own_heights_and_never_on_each_other() {
        assert_eq!(apart(&[0, 100, 200], 10), [0, 100, 200]);
        assert_eq!(apart(&[100, 100, 100], 10), [90, 100, 110]);
        // Two bundles that meet become one.
        assert_eq!(apart(&[100, 100, 112, 112], 10), [91, 101, 111, 121]);
        assert!(apart(&[], 10).is_empty());
    }
}
