//! A table of sources and targets, a synapse a cell.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use rheobase_ltc::wiring::UnitKind;

use super::super::axes::{headed, shortened, text};
use super::super::image::Image;
use super::super::palette::{EXCITATORY, INHIBITORY, INK, INPUT, tint};
use super::super::surface::{Area, FONT, Figure, px};
use super::{Wired, draw_legend, kind_color, kind_name};

/// Left of the table and above it: numbers and titles \[points\].
const LEFT: f64 = 106.0;
const TOP: f64 = 54.0 + 46.0;
const LEGEND: f64 = 54.0;
/// Between the rows of inputs and those of units.
const GAP: f64 = 8.0;
/// The strip that tells kinds of units apart.
const STRIP: f64 = 5.0;
/// With more synapses the cells are one image.
const DENSE: usize = 10_000;

pub(super) struct TableFigure<'a> {
    wired: &'a Wired<'a>,
    n_inputs: usize,
    units: usize,
}

impl<'a> TableFigure<'a> {
    pub fn new(wired: &'a Wired<'a>) -> Self {
        Self { wired, n_inputs: wired.wiring.n_inputs(), units: wired.wiring.units() }
    }

    /// The side of a cell \[points\].
    fn cell(&self) -> f64 {
        (660.0 / (self.n_inputs + self.units) as f64).clamp(0.5, 22.0)
    }

    fn width(&self) -> f64 {
        self.cell() * self.units as f64
    }

    fn height(&self) -> f64 {
        self.cell() * (self.n_inputs + self.units) as f64 + GAP
    }

    /// The top of the row of an input, or of a unit \[points\].
    fn row(&self, source: usize, is_input: bool) -> f64 {
        TOP + self.cell() * source as f64
            + if is_input { 0.0 } else { self.cell() * self.n_inputs as f64 + GAP }
    }
}

impl Figure for TableFigure<'_> {
    fn size(&self) -> (u32, u32) {
        let width = (LEFT + self.width() + 24.0).max(560.0);
        (width as u32, (TOP + self.height() + 12.0 + LEGEND) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        headed(area, "Wiring", &self.wired.caption())?;
        self.draw_cells(area)?;
        self.draw_frame(area)?;
        self.draw_names(area)?;
        let (_, legend) = area.split_vertically(area.dim_in_pixel().1 as i32 - px(LEGEND));
        self.draw_kinds(&legend)?;
        let (_, legend) = legend.split_vertically(px(20.0));
        draw_legend(&legend, self.wired.strengths.as_ref().map(|_| self.wired.strongest()))
    }
}

impl TableFigure<'_> {
    /// Which strip is which kind, above the legend of polarities.
    fn draw_kinds<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let mut kinds = vec![("inputs", INPUT)];
        for kind in [UnitKind::Inter, UnitKind::Command, UnitKind::Motor] {
            if self.wired.wiring.kinds().contains(&kind) {
                kinds.push((kind_name(kind), kind_color(kind)));
            }
        }
        for (k, (name, color)) in kinds.into_iter().enumerate() {
            let x = px(24.0 + 110.0 * k as f64);
            area.draw(&Rectangle::new([(x, px(2.0)), (x + px(18.0), px(2.0 + STRIP))], color.filled()))?;
            let at = (x + px(24.0), px(2.0 + STRIP / 2.0));
            text(area, name, at, 12.0, INK, Pos::new(HPos::Left, VPos::Center))?;
        }
        Ok(())
    }

    fn draw_cells<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let strongest = self.wired.strongest();
        let cells = [true, false].into_iter().flat_map(|is_input| {
            self.wired.synapses(is_input).map(move |(synapse, strength)| {
                let (x, y) = (
                    LEFT + self.cell() * f64::from(synapse.target),
                    self.row(synapse.source as usize, is_input),
                );
                let color = if strength < 0.0 { INHIBITORY } else { EXCITATORY };
                let share = strength.abs() / strongest;
                (x, y, tint(color, 0.12 + 0.88 * share))
            })
        });
        let n = self.wired.wiring.synapses().len() + self.wired.wiring.sensory().len();
        // A white seam, where there is room for one.
        let seam = if self.cell() >= 5.0 { 0.5 } else { 0.0 };
        if n <= DENSE {
            for (x, y, color) in cells {
                let corners = [(px(x), px(y)), (px(x + self.cell() - seam), px(y + self.cell() - seam))];
                area.draw(&Rectangle::new(corners, color.filled()))?;
            }
            return Ok(());
        }
        let mut image = Image::new((px(self.width()) as u32, px(self.height()) as u32));
        for (x, y, color) in cells {
            let (x, y) = (x - LEFT, y - TOP);
            image.fill(px(x)..px(x + self.cell() - seam), px(y)..px(y + self.cell() - seam), color);
        }
        image.draw(area, (px(LEFT), px(TOP)))
    }

    fn draw_frame<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let (left, right) = (px(LEFT), px(LEFT + self.width()));
        for (n, is_input) in [(self.n_inputs, true), (self.units, false)] {
            let (top, bottom) = (px(self.row(0, is_input)), px(self.row(n, is_input)));
            area.draw(&Rectangle::new([(left, top), (right, bottom)], INK.stroke_width(px(0.7) as u32)))?;
        }
        // Kinds, along both sides.
        let inputs = [
            (px(LEFT - 2.0 - STRIP), px(self.row(0, true))),
            (px(LEFT - 2.0), px(self.row(self.n_inputs, true))),
        ];
        area.draw(&Rectangle::new(inputs, INPUT.filled()))?;
        for (unit, kind) in self.wired.wiring.kinds().iter().enumerate() {
            let (x, y) = (LEFT + self.cell() * unit as f64, self.row(unit, false));
            let beside = [(px(LEFT - 2.0 - STRIP), px(y)), (px(LEFT - 2.0), px(y + self.cell()))];
            area.draw(&Rectangle::new(beside, kind_color(*kind).filled()))?;
            let above = [(px(x), px(TOP - 2.0 - STRIP)), (px(x + self.cell()), px(TOP - 2.0))];
            area.draw(&Rectangle::new(above, kind_color(*kind).filled()))?;
        }
        Ok(())
    }

    fn draw_names<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        // Names that would stand on top of one another are thinned evenly.
        let thinned = |room: f64| (room / self.cell()).ceil().max(1.0) as usize;
        for input in (0..self.n_inputs).step_by(thinned(12.0)) {
            let name = shortened(&self.wired.input_name(input), 10);
            let at = (px(LEFT - 12.0), px(self.row(input, true) + self.cell() / 2.0));
            text(area, &name, at, 11.0, INK, Pos::new(HPos::Right, VPos::Center))?;
        }
        for unit in (0..self.units).step_by(thinned(12.0)) {
            let at = (px(LEFT - 12.0), px(self.row(unit, false) + self.cell() / 2.0));
            text(area, &unit.to_string(), at, 11.0, INK, Pos::new(HPos::Right, VPos::Center))?;
        }
        let widest = 7.0 * self.units.to_string().len() as f64 + 4.0;
        for unit in (0..self.units).step_by(thinned(widest)) {
            let at = (px(LEFT + self.cell() * (unit as f64 + 0.5)), px(TOP - 12.0));
            text(area, &unit.to_string(), at, 11.0, INK, Pos::new(HPos::Center, VPos::Center))?;
        }
        let center = Pos::new(HPos::Center, VPos::Center);
        text(area, "to unit", (px(LEFT + self.width() / 2.0), px(TOP - 29.0)), 12.0, INK, center)?;
        let upright = TextStyle::from((FONT, px(12.0)).into_font().transform(FontTransform::Rotate270));
        let style = upright.color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
        for (title, n, is_input) in [("from input", self.n_inputs, true), ("from unit", self.units, false)] {
            let (top, bottom) = (self.row(0, is_input), self.row(n, is_input));
            // A title that is longer than its rows would run into the other one.
            if bottom - top >= 62.0 {
                let at = (px(14.0), px((top + bottom) / 2.0));
                area.draw(&Text::new(title, at, style.clone()))?;
            }
        }
        Ok(())
    }
}
