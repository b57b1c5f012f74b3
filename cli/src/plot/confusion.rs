//! Which class was taken for which.

use std::path::Path;

use anyhow::Result;
use ndarray::Array2;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axes::{count_text, headed, text, tick_text};
use super::palette::{INK, sequential};
use super::surface::{Area, FONT, Figure, px, save};

/// How often each class was given each answer.
pub struct Confusion<'a> {
    /// The classes' names; `[n]`.
    pub classes: &'a [String],
    /// Number of answers `[truth, answer]`; `[n, n]`.
    pub counts: &'a Array2<u64>,
}

/// Draws the counts in cells, colored by the share of a truth's answers.
///
/// # Errors
/// If names and counts do not fit or the file cannot be written.
pub fn confusion(confusion: &Confusion<'_>, path: &Path) -> Result<()> {
    let n = confusion.classes.len();
    if n == 0 || confusion.counts.dim() != (n, n) {
        anyhow::bail!(
            "{n} class names for a matrix of {:?} counts: give one a row and column",
            confusion.counts.dim()
        );
    }
    save(confusion, path)
}

/// Above the cells: the heading \[points\].
const TOP: f64 = 62.0;
/// Right of the cells: the color bar \[points\].
const RIGHT: f64 = 110.0;
/// Longer names of classes are cut \[letters\].
const LONGEST_NAME: usize = 14;

impl Confusion<'_> {
    /// The side of a cell \[points\]: room for numbers while there are few, a square of 640 at most.
    fn cell(&self) -> f64 {
        (640.0 / self.classes.len() as f64).clamp(4.0, 46.0).floor()
    }

    /// The width of the widest name \[points\], by the font's widest usual letter.
    fn name_width(&self) -> f64 {
        let letters =
            self.classes.iter().map(|name| name.chars().count().min(LONGEST_NAME)).max().unwrap_or(0);
        6.4 * letters as f64
    }

    /// Whether names under the cells have to stand upright.
    fn is_upright(&self) -> bool {
        self.name_width() + 4.0 > self.cell()
    }

    /// Left of the cells: the names of the truths and their title.
    fn left(&self) -> f64 {
        14.0 + 18.0 + 14.0 + self.name_width()
    }

    /// Under the cells: the names of the answers and their title.
    fn under(&self) -> f64 {
        7.0 + if self.is_upright() { self.name_width() } else { 14.0 } + 36.0
    }

    /// The size of the numbers in the cells \[points\], if they can be read; a digit is about 0.55 of it wide.
    fn number_size(&self) -> Option<f64> {
        let digits = self.counts.iter().max().map_or(1, |largest| largest.to_string().len());
        let size = (0.85 * self.cell() / (0.55 * digits as f64)).min(14.0);
        (size >= 6.0).then_some(size)
    }

    fn side(&self) -> f64 {
        self.cell() * self.classes.len() as f64
    }

    fn caption(&self) -> String {
        let (right, all) = (self.counts.diag().sum(), self.counts.sum());
        let accuracy = 100.0 * right as f64 / all.max(1) as f64;
        format!("{} of {} right, {accuracy:.1} %", count_text(right), count_text(all))
    }
}

impl Figure for Confusion<'_> {
    fn size(&self) -> (u32, u32) {
        let width = (self.left() + self.side() + RIGHT).max(300.0);
        (width as u32, (TOP + self.side() + self.under()) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        headed(area, "Confusion matrix", &self.caption())?;
        self.draw_cells(area)?;
        self.draw_names(area)?;
        self.draw_color_bar(area)
    }
}

impl Confusion<'_> {
    fn draw_cells<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let (left, cell, number_size) = (self.left(), self.cell(), self.number_size());
        for ((truth, answer), count) in self.counts.indexed_iter() {
            let share = *count as f64 / self.counts.row(truth).sum().max(1) as f64;
            let corner =
                |column: usize, row: usize| (px(left + cell * column as f64), px(TOP + cell * row as f64));
            let corners = [corner(answer, truth), corner(answer + 1, truth + 1)];
            area.draw(&Rectangle::new(corners, sequential(share).filled()))?;
            if let Some(points) = number_size.filter(|_| *count > 0) {
                let ink = if share > 0.5 { WHITE } else { INK };
                let middle = ((corners[0].0 + corners[1].0) / 2, (corners[0].1 + corners[1].1) / 2);
                text(area, &count.to_string(), middle, points, ink, Pos::new(HPos::Center, VPos::Center))?;
            }
        }
        let frame = [(px(left), px(TOP)), (px(left + self.side()), px(TOP + self.side()))];
        area.draw(&Rectangle::new(frame, INK.stroke_width(px(0.8) as u32)))?;
        Ok(())
    }

    fn draw_names<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let (left, cell, side) = (self.left(), self.cell(), self.side());
        // Names that would stand on top of one another are thinned evenly.
        let every = (13.0 / cell).ceil().max(1.0) as usize;
        for (i, name) in self.classes.iter().enumerate().step_by(every) {
            let name: String = name.chars().take(LONGEST_NAME).collect();
            let middle = cell * (i as f64 + 0.5);
            let right = Pos::new(HPos::Right, VPos::Center);
            text(area, &name, (px(left - 7.0), px(TOP + middle)), 12.0, INK, right)?;
            let at = (px(left + middle), px(TOP + side + 7.0));
            if self.is_upright() {
                let style = TextStyle::from((FONT, px(12.0)).into_font().transform(FontTransform::Rotate270));
                let style = style.color(&INK).pos(Pos::new(HPos::Right, VPos::Center));
                area.draw(&Text::new(name, at, style))?;
            } else {
                text(area, &name, at, 12.0, INK, Pos::new(HPos::Center, VPos::Top))?;
            }
        }
        let at = (px(left + side / 2.0), px(TOP + side + self.under() - 12.0));
        text(area, "answer", at, 13.5, INK, Pos::new(HPos::Center, VPos::Bottom))?;
        let style = TextStyle::from((FONT, px(13.5)).into_font().transform(FontTransform::Rotate270));
        let style = style.color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
        area.draw(&Text::new("truth", (px(14.0), px(TOP + side / 2.0)), style))?;
        Ok(())
    }

    fn draw_color_bar<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        const STEPS: i32 = 128;
        let side = self.side();
        let (left, right) = (px(self.left() + side + 22.0), px(self.left() + side + 36.0));
        let y = |share: f64| px(TOP + side * (1.0 - share));
        // From the top down, each over the rest of the bar, so that no seam shows between two steps.
        for i in (0..STEPS).rev() {
            let (low, high) = (f64::from(i) / f64::from(STEPS), f64::from(i + 1) / f64::from(STEPS));
            let color = sequential((low + high) / 2.0);
            area.draw(&Rectangle::new([(left, y(high)), (right, y(0.0))], color.filled()))?;
        }
        area.draw(&Rectangle::new([(left, y(1.0)), (right, y(0.0))], INK.stroke_width(px(0.8) as u32)))?;
        for share in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let tick = [(right, y(share)), (right + px(4.0), y(share))];
            area.draw(&PathElement::new(tick, INK.stroke_width(px(0.8) as u32)))?;
            let at = (right + px(8.0), y(share));
            text(area, &tick_text(share), at, 12.0, INK, Pos::new(HPos::Left, VPos::Center))?;
        }
        let style = TextStyle::from((FONT, px(12.0)).into_font().transform(FontTransform::Rotate270));
        let style = style.color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
        area.draw(&Text::new("share of the truth", (right + px(42.0), px(TOP + side / 2.0)), style))?;
        Ok(())
    }
}
