//! A picture inside a figure: what would be too many rectangles for an SVG.

use std::ops::Range;

use anyhow::Result;
use plotters::element::BitMapElement;
use plotters::prelude::*;

use super::surface::Area;

/// Pixels that are filled with colors before they are drawn as one element.
pub struct Image {
    width: u32,
    height: u32,
    /// Red, green and blue of every pixel, row by row.
    pixels: Vec<u8>,
}

impl Image {
    /// A white image of this size \[device pixels\].
    pub fn new((width, height): (u32, u32)) -> Self {
        Self { width, height, pixels: vec![0xff; width as usize * height as usize * 3] }
    }

    /// Fills a rectangle, or what of it is inside the image.
    pub fn fill(&mut self, x: Range<i32>, y: Range<i32>, RGBColor(red, green, blue): RGBColor) {
        for y in y.start.max(0)..y.end.min(self.height as i32) {
            for x in x.start.max(0)..x.end.min(self.width as i32) {
                let at = (y as usize * self.width as usize + x as usize) * 3;
                self.pixels[at..at + 3].copy_from_slice(&[red, green, blue]);
            }
        }
    }

    /// Draws it with its upper left corner at `at`.
    pub fn draw<B>(self, area: &Area<B>, at: (i32, i32)) -> Result<()>
    where
        B: DrawingBackend,
        B::ErrorType: 'static,
    {
        let Self { width, height, pixels } = self;
        let image = BitMapElement::with_owned_buffer(at, (width, height), pixels)
            .expect("the buffer was made for the size");
        area.draw(&image)?;
        Ok(())
    }
}
