//! Who sends to whom: packets from core to core.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rheobase_mapping::file::MappingFile;

use super::axes::{count_text, headed, text};
use super::heat::{Frame, Scale, color_bar, log_ticks};
use super::image::Image;
use super::palette::{FAINT, INK, sequential};
use super::surface::{Area, FONT, Figure, px, save};

/// Draws the packets from every core in use to every other.
///
/// # Errors
/// If the file cannot be written.
pub fn matrix(mapping: &MappingFile, path: &Path) -> Result<()> {
    save(&Matrix { mapping }, path)
}

struct Matrix<'a> {
    mapping: &'a MappingFile,
}

/// Left of and above the cells: numbers of cores and titles \[points\].
const LEFT: f64 = 66.0;
const TOP: f64 = 54.0;
/// Right of the cells: the color bar.
const RIGHT: f64 = 120.0;
/// Under the cells.
const UNDER: f64 = 52.0;
/// The palest color of a pair that talks.
const PALEST: f64 = 0.12;

impl Matrix<'_> {
    /// The side of a cell \[points\], a whole number of device pixels.
    fn cell(&self) -> f64 {
        ((2240.0 / self.n() as f64).floor() / 4.0).clamp(0.5, 60.0)
    }

    fn n(&self) -> usize {
        self.mapping.cores().len().max(1)
    }

    fn side(&self) -> f64 {
        self.cell() * self.n() as f64
    }
}

impl Figure for Matrix<'_> {
    fn size(&self) -> (u32, u32) {
        ((LEFT + self.side().max(240.0) + RIGHT) as u32, (TOP + self.side().max(120.0) + UNDER) as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let sent = self.mapping.sent().unwrap_or_default();
        let n_pairs = self.n() * (self.n() - 1);
        let caption = format!(
            "{} packets, {} of {} pairs of cores talk",
            count_text(self.mapping.traffic().packets),
            count_text(sent.len() as u64),
            count_text(n_pairs as u64)
        );
        headed(area, "Traffic between cores", &caption)?;
        let most = sent.iter().map(|(_, _, packets)| *packets).max().unwrap_or(1).max(1) as f64;
        let least = sent.iter().map(|(_, _, packets)| *packets).min().unwrap_or(1).max(1) as f64;
        let place = |packets: f64| match most > least {
            true => PALEST + (1.0 - PALEST) * (packets.max(least) / least).ln() / (most / least).ln(),
            false => 1.0,
        };
        let core =
            |core: u32| self.mapping.cores().binary_search_by_key(&core, |of| of.core).unwrap_or(0) as i32;
        let side = px(self.side());
        let cell = px(self.cell());
        let mut image = Image::new((side as u32, side as u32));
        for (from, to, packets) in sent {
            let (x, y) = (core(*to) * cell, core(*from) * cell);
            image.fill(x..x + cell, y..y + cell, sequential(place(*packets as f64)));
        }
        // No core sends to itself.
        for i in 0..self.n() as i32 {
            image.fill(i * cell..(i + 1) * cell, i * cell..(i + 1) * cell, RGBColor(0xe4, 0xe4, 0xe4));
        }
        image.draw(area, (px(LEFT), px(TOP)))?;
        let corners = [(px(LEFT), px(TOP)), (px(LEFT) + side, px(TOP) + side)];
        area.draw(&Rectangle::new(corners, INK.stroke_width(px(0.8) as u32)))?;
        self.draw_names(area)?;
        if self.n() == 1 {
            let at = (px(LEFT + self.side() + 12.0), px(TOP + self.side() / 2.0));
            return text(
                area,
                "one core sends to nobody",
                at,
                11.0,
                FAINT,
                Pos::new(HPos::Left, VPos::Center),
            );
        }
        let left = px(LEFT + self.side() + 40.0);
        let bar =
            Frame { left, right: left + px(12.0), top: px(TOP), bottom: px(TOP + self.side().min(260.0)) };
        let ticks = log_ticks(least, most);
        color_bar(area, bar, &Scale { place: &place, color: &sequential, ticks, title: "packets" })
    }
}

impl Matrix<'_> {
    fn draw_names<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let widest = self.mapping.cores().iter().map(|core| core.core.to_string().len()).max().unwrap_or(1);
        let every = |points: f64| (points / self.cell()).ceil().max(1.0) as usize;
        let middle = |i: usize| self.cell() * (i as f64 + 0.5);
        for (i, core) in self.mapping.cores().iter().enumerate().step_by(every(12.0)) {
            let at = (px(LEFT - 6.0), px(TOP + middle(i)));
            text(area, &core.core.to_string(), at, 11.0, INK, Pos::new(HPos::Right, VPos::Center))?;
        }
        for (i, core) in self.mapping.cores().iter().enumerate().step_by(every(7.0 * widest as f64 + 5.0)) {
            let at = (px(LEFT + middle(i)), px(TOP + self.side() + 6.0));
            text(area, &core.core.to_string(), at, 11.0, INK, Pos::new(HPos::Center, VPos::Top))?;
        }
        let at = (px(LEFT + self.side() / 2.0), px(TOP + self.side() + 24.0));
        text(area, "to core", at, 12.5, INK, Pos::new(HPos::Center, VPos::Top))?;
        let style = TextStyle::from((FONT, px(12.5)).into_font().transform(FontTransform::Rotate270));
        let style = style.color(&INK).pos(Pos::new(HPos::Center, VPos::Top));
        area.draw(&Text::new("from core", (px(12.0), px(TOP + self.side() / 2.0)), style))?;
        Ok(())
    }
}
