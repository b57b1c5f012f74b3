//! The file that a figure is drawn into.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Once;

use anyhow::{Context, Result, bail};
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::{FontStyle, register_font};

use super::bitmap::Bitmap;

/// Device pixels a point, while drawing.
pub const SCALE: u32 = 4;
/// Pixels a point in a PNG.
const PNG_SCALE: u32 = 2;
/// The embedded font; the other names are for viewers of an SVG that lack it.
pub const FONT: &str = "DejaVu Sans, Verdana, sans-serif";

/// Where a figure is drawn.
pub type Area<B> = DrawingArea<B, Shift>;

/// Something that can be drawn on any surface.
pub trait Figure {
    /// Width and height in points.
    fn size(&self) -> (u32, u32);

    /// Draws itself onto a white `area`.
    ///
    /// # Errors
    /// If the surface cannot be drawn on.
    fn draw<B>(&self, area: &Area<B>) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static;
}

/// Device pixels of a length in points.
pub fn px(points: f64) -> i32 {
    (points * f64::from(SCALE)).round() as i32
}

/// Draws a figure into a PNG or SVG file, by the file's extension. The file appears whole or not at all.
///
/// # Errors
/// If the extension is another one or the file cannot be written.
pub fn save(figure: &impl Figure, path: &Path) -> Result<()> {
    let extension = path.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let draw: fn(&_, &Path) -> Result<()> = match extension.as_deref() {
        Some("png") => save_png,
        Some("svg") => save_svg,
        _ => bail!("{}: figures are written as .png or .svg", path.display()),
    };
    static REGISTER: Once = Once::new();
    REGISTER.call_once(|| {
        let font = include_bytes!("../../fonts/DejaVuSans-subset.ttf");
        register_font(FONT, FontStyle::Normal, font)
            .unwrap_or_else(|_| unreachable!("the embedded font is read by a test"));
    });
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let suffix = format!(".{}", extension.unwrap_or_default());
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rheobase-").suffix(&suffix);
    // As any other program would create it; tempfile alone would hide the figure from other users.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file =
        builder.tempfile_in(folder).with_context(|| format!("{} cannot be written", path.display()))?;
    draw(figure, file.path()).with_context(|| format!("{} cannot be drawn", path.display()))?;
    file.persist(path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(())
}

fn save_png(figure: &impl Figure, path: &Path) -> Result<()> {
    let (width, height) = figure.size();
    let (drawn_width, drawn_height) = (width * SCALE, height * SCALE);
    let mut drawn = vec![0xff; drawn_width as usize * drawn_height as usize * 3];
    {
        let bitmap = BitMapBackend::with_buffer(&mut drawn, (drawn_width, drawn_height));
        let area = Bitmap(bitmap).into_drawing_area();
        figure.draw(&area)?;
        area.present()?;
    }
    let size = (width * PNG_SCALE, height * PNG_SCALE);
    let pixels = average_down(&drawn, drawn_width as usize, (SCALE / PNG_SCALE) as usize);
    let mut png = BitMapBackend::new(path, size);
    png.blit_bitmap((0, 0), size, &pixels)?;
    png.present()?;
    Ok(())
}

/// Averages squares of `factor` × `factor` RGB pixels of an image that is `width` pixels wide.
fn average_down(pixels: &[u8], width: usize, factor: usize) -> Vec<u8> {
    let row_bytes = width * 3;
    let mut averaged = Vec::with_capacity(pixels.len() / (factor * factor));
    for rows in pixels.chunks_exact(row_bytes * factor) {
        for x in 0..width / factor {
            for channel in 0..3 {
                let square = (0..factor).flat_map(|dy| (0..factor).map(move |dx| (dx, dy)));
                let sum: u32 = square
                    .map(|(dx, dy)| u32::from(rows[dy * row_bytes + (x * factor + dx) * 3 + channel]))
                    .sum();
                averaged.push((sum / (factor * factor) as u32) as u8);
            }
        }
    }
    averaged
}

fn save_svg(figure: &impl Figure, path: &Path) -> Result<()> {
    let (width, height) = figure.size();
    let (drawn_width, drawn_height) = (width * SCALE, height * SCALE);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (drawn_width, drawn_height)).into_drawing_area();
        area.fill(&WHITE)?;
        figure.draw(&area)?;
        area.present()?;
    }
    // The view box keeps the drawn coordinates; the figure's own size is in points.
    let drawn = format!("width=\"{drawn_width}\" height=\"{drawn_height}\" viewBox");
    let svg = svg.replacen(&drawn, &format!("width=\"{width}\" height=\"{height}\" viewBox"), 1);
    // plotters-svg leaves the first half of the media type out, and browsers then show nothing.
    let svg = svg.replace("data:png;base64", "data:image/png;base64");
    let mut file = fs::File::create(path)?;
    file.write_all(svg.as_bytes())?;
    file.sync_all()?;
    Ok(())
}
