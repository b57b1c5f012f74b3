//! Layers from left to right, synapses as lines between them.

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::super::axes::{headed, shortened, text};
use super::super::palette::{EXCITATORY, FAINT, INHIBITORY, INK, INPUT, tint};
use super::super::surface::{Area, Figure, px};
use super::{Wired, draw_legend, kind_color, kind_name};

/// Height of the names of layers, above them \[points\].
const TITLES: f64 = 26.0;
const LEGEND: f64 = 34.0;

pub(super) struct Layered<'a> {
    wired: &'a Wired<'a>,
    /// Of inputs, then of every layer: the numbers of its nodes from top to bottom.
    columns: Vec<Vec<usize>>,
}

/// A synapse between two places of a picture.
struct Line {
    /// Column and row.
    from: (usize, usize),
    to: (usize, usize),
    strength: f64,
}

impl<'a> Layered<'a> {
    pub fn new(wired: &'a Wired<'a>) -> Self {
        let inputs = (0..wired.wiring.n_inputs()).collect();
        let layers = wired.wiring.layers().iter();
        let layers = layers.map(|layer| layer.iter().map(|unit| *unit as usize).collect());
        Self { wired, columns: std::iter::once(inputs).chain(layers).collect() }
    }

    fn tallest(&self) -> usize {
        self.columns.iter().map(Vec::len).max().unwrap_or(1)
    }

    /// Height of the picture of the nodes \[points\].
    fn height(&self) -> f64 {
        (24.0 * self.tallest() as f64).clamp(200.0, 660.0)
    }

    fn radius(&self) -> f64 {
        (0.4 * self.height() / self.tallest() as f64).clamp(1.6, 9.0)
    }

    /// Where a node is, in points from the upper left of the picture.
    fn place(&self, (column, row): (usize, usize), width: f64) -> (f64, f64) {
        const MARGIN: f64 = 80.0;
        let n_columns = self.columns.len();
        let x = MARGIN + (width - 2.0 * MARGIN) * column as f64 / (n_columns - 1).max(1) as f64;
        // Nodes of a short column stand apart, but not at the ends of the picture.
        let n = self.columns[column].len() as f64;
        let spread = (self.height() / n).min(3.0 * self.height() / self.tallest() as f64).min(64.0);
        (x, self.height() / 2.0 + spread * (row as f64 - (n - 1.0) / 2.0))
    }

    /// All synapses, the strongest last.
    fn lines(&self) -> Vec<Line> {
        let mut places = vec![(0, 0); self.wired.wiring.units()];
        for (column, units) in self.columns.iter().enumerate().skip(1) {
            units.iter().enumerate().for_each(|(row, unit)| places[*unit] = (column, row));
        }
        let sensory = self.wired.synapses(true).map(|(synapse, strength)| Line {
            from: (0, synapse.source as usize),
            to: places[synapse.target as usize],
            strength,
        });
        let between = self.wired.synapses(false).map(|(synapse, strength)| Line {
            from: places[synapse.source as usize],
            to: places[synapse.target as usize],
            strength,
        });
        let mut lines: Vec<Line> = sensory.chain(between).collect();
        lines.sort_by(|a, b| a.strength.abs().total_cmp(&b.strength.abs()));
        lines
    }
}

impl Figure for Layered<'_> {
    fn size(&self) -> (u32, u32) {
        (840, (54.0 + TITLES + self.height() + 12.0 + LEGEND) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let area = headed(area, "Wiring", &self.wired.caption())?;
        let (body, legend) = area.split_vertically(area.dim_in_pixel().1 as i32 - px(LEGEND));
        let (titles, body) = body.split_vertically(px(TITLES));
        self.draw_titles(&titles)?;
        self.draw_lines(&body)?;
        self.draw_nodes(&body)?;
        draw_legend(&legend, self.wired.strengths.as_ref().map(|_| self.wired.strongest()))
    }
}

impl Layered<'_> {
    fn draw_titles<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let width = width_of(area);
        for (column, nodes) in self.columns.iter().enumerate() {
            let name = match (column, nodes.first()) {
                (0, _) | (_, None) => "inputs",
                (_, Some(unit)) => kind_name(self.wired.wiring.kinds()[*unit]),
            };
            let at = (px(self.place((column, 0), width).0), px(TITLES / 2.0));
            text(
                area,
                &format!("{name} ({})", nodes.len()),
                at,
                12.0,
                INK,
                Pos::new(HPos::Center, VPos::Center),
            )?;
        }
        Ok(())
    }

    fn draw_lines<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let lines = self.lines();
        let strongest = self.wired.strongest();
        // The more lines, the fainter and the thinner.
        let n = (lines.len().max(1) as f64).sqrt();
        let (strength, width) = ((12.0 / n).clamp(0.5, 0.9), (26.0 / n).clamp(0.7, 2.0));
        let is_trained = self.wired.strengths.is_some();
        for line in &lines {
            let share = if is_trained { line.strength.abs() / strongest } else { 0.6 };
            let color = if line.strength < 0.0 { INHIBITORY } else { EXCITATORY };
            // Weak ones stay visible.
            let color = tint(color, strength * (0.45 + 0.55 * share));
            let style = color.stroke_width(px(width * (0.2 + 1.2 * share)).max(1) as u32);
            let path = self.path(line, width_of(area));
            let at = |(x, y): (f64, f64)| (px(x), px(y));
            area.draw(&PathElement::new(path.iter().copied().map(at).collect::<Vec<_>>(), style))?;
            if line.to.0 <= line.from.0 {
                area.draw(&Polygon::new(arrow(&path).map(at), color.filled()))?;
            }
        }
        Ok(())
    }

    /// The way of a line, in points: from right to left side of two columns, or an arc beside one.
    fn path(&self, line: &Line, width: f64) -> Vec<(f64, f64)> {
        let (from, to) = (self.place(line.from, width), self.place(line.to, width));
        let r = self.radius();
        let gap = self.place((1, 0), width).0 - self.place((0, 0), width).0;
        let ends = if line.from == line.to {
            // A loop at the upper right.
            let reach = 3.2 * r.max(3.0);
            [
                (from.0 + 0.5 * r, from.1 - r),
                (from.0 + 0.6 * reach, from.1 - reach),
                (from.0 + reach, from.1 - 0.6 * reach),
                (from.0 + r, from.1 - 0.5 * r),
            ]
        } else if line.from.0 < line.to.0 {
            let reach = 0.5 * (to.0 - from.0);
            [(from.0 + r, from.1), (from.0 + reach, from.1), (to.0 - reach, to.1), (to.0 - r, to.1)]
        } else {
            // Within a layer, or back: around on the right side of both.
            let reach = (10.0 + 0.4 * (from.1 - to.1).abs()).min(0.55 * gap);
            [(from.0 + r, from.1), (from.0 + r + reach, from.1), (to.0 + r + reach, to.1), (to.0 + r, to.1)]
        };
        const PIECES: i32 = 24;
        (0..=PIECES).map(|k| bezier(&ends, f64::from(k) / f64::from(PIECES))).collect()
    }

    fn draw_nodes<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let (radius, width) = (self.radius(), width_of(area));
        for (column, nodes) in self.columns.iter().enumerate() {
            // Names that would stand on top of one another are thinned evenly.
            let spread = match nodes.len() {
                0 | 1 => f64::INFINITY,
                _ => self.place((column, 1), width).1 - self.place((column, 0), width).1,
            };
            let every = (12.0 / spread).ceil().max(1.0) as usize;
            for (row, node) in nodes.iter().enumerate() {
                let (x, y) = self.place((column, row), width);
                let color = if column == 0 { INPUT } else { kind_color(self.wired.wiring.kinds()[*node]) };
                area.draw(&Circle::new((px(x), px(y)), px(radius + 0.8), WHITE.filled()))?;
                area.draw(&Circle::new((px(x), px(y)), px(radius), color.filled()))?;
                if column == 0 && row % every == 0 {
                    let name = shortened(&self.wired.input_name(*node), 10);
                    let at = (px(x - radius - 5.0), px(y));
                    text(area, &name, at, 11.0, FAINT, Pos::new(HPos::Right, VPos::Center))?;
                } else if column > 0 && radius >= 6.0 {
                    let at = (px(x), px(y));
                    text(area, &node.to_string(), at, 9.5, INK, Pos::new(HPos::Center, VPos::Center))?;
                } else if column + 1 == self.columns.len() && row % every == 0 {
                    let at = (px(x + radius + 5.0), px(y));
                    text(area, &node.to_string(), at, 11.0, FAINT, Pos::new(HPos::Left, VPos::Center))?;
                }
            }
        }
        Ok(())
    }
}

fn width_of<B: DrawingBackend>(area: &Area<B>) -> f64 {
    f64::from(area.dim_in_pixel().0) / f64::from(px(1.0))
}

fn bezier([a, b, c, d]: &[(f64, f64); 4], s: f64) -> (f64, f64) {
    let r = 1.0 - s;
    let weights = [r * r * r, 3.0 * r * r * s, 3.0 * r * s * s, s * s * s];
    let mix = |x: [f64; 4]| x.iter().zip(weights).map(|(x, w)| x * w).sum();
    (mix([a.0, b.0, c.0, d.0]), mix([a.1, b.1, c.1, d.1]))
}

/// The corners of an arrow's head at the end of a path.
fn arrow(path: &[(f64, f64)]) -> [(f64, f64); 3] {
    const LENGTH: f64 = 5.0;
    let (tip, before) = (path[path.len() - 1], path[path.len() - 3]);
    let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
    let length = dx.hypot(dy).max(1e-9);
    let (dx, dy) = (dx / length * LENGTH, dy / length * LENGTH);
    let back = (tip.0 - dx, tip.1 - dy);
    [tip, (back.0 - 0.45 * dy, back.1 + 0.45 * dx), (back.0 + 0.45 * dy, back.1 - 0.45 * dx)]
}
