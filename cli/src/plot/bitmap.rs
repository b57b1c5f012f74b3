//! The bitmap backend with its letters at their height and its corners round.
//!
//! plotters' own bitmap text stands a fifth of its size too high beside an SVG's, and its thick lines
//! end in long thorns where they turn sharply, as a membrane potential does at every spike.

use plotters::backend::BitMapBackend;
use plotters::style::FontTransform;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

type Drawn<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

/// A bitmap in memory.
pub struct Bitmap<'a>(pub BitMapBackend<'a>);

impl<'a> DrawingBackend for Bitmap<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.0.present()
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn<'a> {
        self.0.draw_pixel(at, color)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn<'a> {
        self.0.draw_line(from, to, style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        lower_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.0.draw_rect(upper_left, lower_right, style, fill)
    }

    /// Every stretch by itself, with a disk where two meet. A translucent path has no disks: they would
    /// show through.
    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn<'a> {
        let mut last: Option<BackendCoord> = None;
        let mut is_first = true;
        let opaque = style.color().alpha >= 1.0;
        for point in path {
            if let Some(from) = last {
                if !is_first && opaque && style.stroke_width() > 2 {
                    self.0.draw_circle(from, style.stroke_width() / 2, &Disk(style.color()), true)?;
                }
                self.0.draw_path([from, point], style)?;
                is_first = false;
            }
            last = Some(point);
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn<'a> {
        // The font's em is 1/1.164 of the size; half of its digits' height lies 0.2 of the size lower than
        // where plotters centers them.
        let down = (0.2 * style.size()).round() as i32;
        let at = match style.transform() {
            FontTransform::None => (x, y + down),
            FontTransform::Rotate90 => (x - down, y),
            FontTransform::Rotate180 => (x, y - down),
            FontTransform::Rotate270 => (x + down, y),
        };
        self.0.draw_text(text, style, at)
    }

    fn blit_bitmap(&mut self, at: BackendCoord, size: (u32, u32), pixels: &[u8]) -> Drawn<'a> {
        self.0.blit_bitmap(at, size, pixels)
    }
}

/// The style of a filled disk.
struct Disk(BackendColor);

impl BackendStyle for Disk {
    fn color(&self) -> BackendColor {
        self.0
    }

    fn stroke_width(&self) -> u32 {
        1
    }
}
