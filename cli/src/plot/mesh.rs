//! The board as a heat map: how full its cores are of every budget, and where packets go.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rheobase_mapping::chip::{Budget, Chip, Mesh};
use rheobase_mapping::file::{Core, MappingFile};
use rheobase_mapping::{Links, Routes, route};

use super::axes::{count_text, headed, text};
use super::heat::{Frame, Scale, color_bar};
use super::palette::{FAINT, INK, diverging, sequential, tint};
use super::surface::{Area, Figure, px, save};

/// Draws a panel for every budget of the chip, and one for the traffic.
///
/// # Errors
/// If the file cannot be written.
pub fn mesh(mapping: &MappingFile, path: &Path) -> Result<()> {
    let (chip, mesh) = (mapping.chip(), mapping.mesh());
    let routes = mapping.placed().map(|(traffic, placement)| route(&traffic, &placement, &mesh));
    save(&MeshFigure { mapping, budgets: budgets(&chip), chip, mesh, routes }, path)
}

struct MeshFigure<'a> {
    mapping: &'a MappingFile,
    chip: Chip,
    mesh: Mesh,
    budgets: Vec<Budget>,
    routes: Option<Routes>,
}

/// Width of a panel and the most of its height \[points\].
const WIDTH: f64 = 384.0;
const MOST_HEIGHT: f64 = 384.0;
/// Over a panel: what it shows.
const TITLE: f64 = 36.0;
/// Around and between panels.
const MARGIN: f64 = 20.0;
/// Right of the panels: what colors mean.
const RIGHT: f64 = 92.0;
/// Cores that hold nothing.
const EMPTY: RGBColor = RGBColor(0xf3, 0xf3, 0xf3);

fn budgets(chip: &Chip) -> Vec<Budget> {
    Budget::ALL.into_iter().filter(|budget| chip.limit(*budget).is_some()).collect()
}

impl MeshFigure<'_> {
    fn n_rows(&self) -> usize {
        (self.budgets.len() + 1).div_ceil(2)
    }

    /// The side of a tile with its part of the gaps \[points\].
    fn tile(&self) -> f64 {
        let [width, height] = self.mesh.size().map(f64::from);
        (WIDTH / width).min(MOST_HEIGHT / height)
    }

    fn panel_height(&self) -> f64 {
        TITLE + self.tile() * f64::from(self.mesh.size()[1])
    }
}

impl Figure for MeshFigure<'_> {
    fn size(&self) -> (u32, u32) {
        let height = 54.0 + self.n_rows() as f64 * (self.panel_height() + MARGIN) + 6.0;
        ((3.0 * MARGIN + 2.0 * WIDTH + RIGHT) as u32, height as u32)
    }

    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let [x, y] = self.mesh.chips;
        let caption = format!(
            "{} of {} cores in use  \u{b7}  {} chip{}  \u{b7}  {} packets, {} hops",
            count_text(self.mapping.cores().len() as u64),
            count_text(u64::from(self.mesh.n_cores())),
            x * y,
            if x * y == 1 { "" } else { "s" },
            count_text(self.mapping.traffic().packets),
            count_text(self.mapping.traffic().hops)
        );
        let page = headed(area, &format!("Cores of {}", self.chip.title()), &caption)?;
        for (i, budget) in self.budgets.iter().enumerate() {
            let corner = self.panel(i);
            let limit = self.chip.limit(*budget).unwrap_or(u64::MAX) as f64;
            let [mean, most] = self.mapping.share(&self.chip, *budget).unwrap_or([0.0; 2]);
            let told = format!(
                "of {}: mean {:.0} %, most {:.0} %",
                count_text(limit as u64),
                100.0 * mean,
                100.0 * most
            );
            self.titled(&page, corner, &budget.to_string(), &told)?;
            let color = |core: &Core| sequential(core.usage().of(*budget) as f64 / limit);
            self.draw_cores(&page, corner, &color)?;
        }
        let corner = self.panel(self.budgets.len());
        self.draw_traffic(&page, corner)?;
        self.draw_bars(&page)
    }
}

impl MeshFigure<'_> {
    /// The upper left corner of a panel \[points\].
    fn panel(&self, i: usize) -> (f64, f64) {
        let (column, row) = ((i % 2) as f64, (i / 2) as f64);
        (MARGIN + column * (WIDTH + MARGIN), row * (self.panel_height() + MARGIN))
    }

    fn titled<B>(&self, page: &Area<B>, (x, y): (f64, f64), title: &str, told: &str) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let top_left = Pos::new(HPos::Left, VPos::Top);
        text(page, title, (px(x), px(y + 2.0)), 12.5, INK, top_left)?;
        text(page, told, (px(x), px(y + 17.0)), 11.0, FAINT, top_left)
    }

    /// The corners of a core in a panel \[device pixels\]: cores of a tile stand in a square.
    fn corners(&self, (x, y): (f64, f64), core: u32) -> [(i32, i32); 2] {
        let [tile_x, tile_y] = self.mesh.tile(core).map(f64::from);
        let (side, gap) = (self.tile(), 0.14 * self.tile());
        let columns = f64::from(self.mesh.cores_per_tile).sqrt().ceil();
        let k = f64::from(core % self.mesh.cores_per_tile);
        let (column, row) = (k % columns, (k / columns).floor());
        let cell = (side - 2.0 * gap) / columns;
        let left = x + tile_x * side + gap + column * cell;
        let top = y + TITLE + tile_y * side + gap + row * cell;
        let seam = (0.04 * cell).min(0.5);
        [(px(left), px(top)), (px(left + cell - seam), px(top + cell - seam))]
    }

    /// Every core in its color, and a frame around every chip.
    fn draw_cores<B>(
        &self,
        page: &Area<B>,
        corner: (f64, f64),
        color: &dyn Fn(&Core) -> RGBColor,
    ) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        for core in 0..self.mesh.n_cores() {
            let color = self.mapping.core(core).map_or(EMPTY, color);
            page.draw(&Rectangle::new(self.corners(corner, core), color.filled()))?;
        }
        for core in self.mapping.cores() {
            let rim = tint(INK, 0.35).stroke_width(px(0.25) as u32);
            page.draw(&Rectangle::new(self.corners(corner, core.core), rim))?;
        }
        let ((x, y), side) = (corner, self.tile());
        let [width, height] = self.mesh.tiles.map(f64::from);
        for chip_x in 0..self.mesh.chips[0] {
            for chip_y in 0..self.mesh.chips[1] {
                let left = x + f64::from(chip_x) * width * side;
                let top = y + TITLE + f64::from(chip_y) * height * side;
                let frame = [(px(left), px(top)), (px(left + width * side), px(top + height * side))];
                page.draw(&Rectangle::new(frame, INK.stroke_width(px(0.8) as u32)))?;
            }
        }
        Ok(())
    }

    /// Packets of the cores, and over the links between tiles.
    fn draw_traffic<B>(&self, page: &Area<B>, corner: (f64, f64)) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let of = |core: &Core| core.packets_out + core.packets_in;
        let most = self.mapping.cores().iter().map(of).max().unwrap_or(0).max(1);
        let links = self.routes.as_ref().map(|routes| &routes.links);
        let told = match links {
            Some(links) => {
                format!("most of a core {}, of a link {}", count_text(most), count_text(links.most_loaded()))
            }
            None => format!("most of a core {}", count_text(most)),
        };
        self.titled(page, corner, "packets to and from other cores; lines: over links", &told)?;
        self.draw_cores(page, corner, &|core| sequential(of(core) as f64 / most as f64))?;
        links.map_or(Ok(()), |links| self.draw_links(page, corner, links))
    }

    fn draw_links<B>(&self, page: &Area<B>, (x, y): (f64, f64), links: &Links) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let Links { size, east, west, north, south } = links;
        let (side, most) = (self.tile(), links.most_loaded().max(1) as f64);
        let reach = 0.14 * side;
        let width = size[0] as usize;
        for tile in 0..east.len() {
            let (right, down) = ((tile % width + 1) as f64 * side, (tile / width + 1) as f64 * side);
            let (middle_x, middle_y) = (right - side / 2.0, down - side / 2.0);
            let link = |packets: u64, [from, to]: [(f64, f64); 2]| -> Result<()> {
                if packets == 0 {
                    return Ok(());
                }
                let share = packets as f64 / most;
                let ends = [from, to].map(|(dx, dy)| (px(x + dx), px(y + TITLE + dy)));
                let stroke =
                    diverging(-0.25 - 0.75 * share).stroke_width(px(0.5 + 0.1 * side * share) as u32);
                page.draw(&PathElement::new(ends, stroke))?;
                Ok(())
            };
            // Both ways side by side, in the gap between two tiles.
            let off = 0.16 * side;
            let across = |dy: f64| [(right - reach, middle_y + dy), (right + reach, middle_y + dy)];
            let along = |dx: f64| [(middle_x + dx, down - reach), (middle_x + dx, down + reach)];
            link(east[tile], across(-off))?;
            link(north[tile], along(off))?;
            if (tile + 1) % width != 0 {
                link(west[tile + 1], across(off))?;
            }
            if tile + width < south.len() {
                link(south[tile + width], along(-off))?;
            }
        }
        Ok(())
    }

    fn draw_bars<B>(&self, page: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let left = px(3.0 * MARGIN + 2.0 * WIDTH + 8.0);
        let bar = |row: usize| {
            let top = px(row as f64 * (self.panel_height() + MARGIN) + TITLE);
            let height = px((self.panel_height() - TITLE).clamp(70.0, 150.0));
            Frame { left, right: left + px(12.0), top, bottom: top + height }
        };
        let ticks = || vec![0.0, 0.25, 0.5, 0.75, 1.0];
        let place = |share: f64| share;
        color_bar(
            page,
            bar(0),
            &Scale { place: &place, color: &sequential, ticks: ticks(), title: "share of the limit" },
        )?;
        let of_links = |share: f64| diverging(-0.25 - 0.75 * share);
        let scale =
            Scale { place: &place, color: &of_links, ticks: ticks(), title: "share of the fullest link" };
        if self.routes.is_some() { color_bar(page, bar(self.n_rows() - 1), &scale) } else { Ok(()) }
    }
}
