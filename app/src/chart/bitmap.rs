//! A drawing as pixels: drawn at three times the size and scaled down by a box filter.
//!
//! Owns the fonts of pictures: Inter's plain and firm cuts, made from the site's own font file with its table figures.

use super::theme::{FONT, Medium, Theme, UNITS};
use super::{ChartError, Drawing, Light};
use plotters::backend::BitMapBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::style::{FontStyle, register_font};
use std::sync::OnceLock;

static PLAIN: &[u8] = include_bytes!("fonts/inter-plain.ttf");
static FIRM: &[u8] = include_bytes!("fonts/inter-firm.ttf");

/// Rows of red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// `size` in CSS pixels, `density` pixels to each. It takes 27 bytes of memory a pixel while it draws; whoever calls it
/// bounds the size.
///
/// # Errors
/// If the drawing fails.
pub fn pixels<D: Drawing>(
    drawing: &D,
    (width, height): (u32, u32),
    density: u32,
    light: Light,
) -> Result<Pixels, ChartError> {
    fonts()?;
    let theme = Theme::new(light, Medium::Bitmap).dense(density.max(1));
    let (width, height) = (width * density.max(1), height * density.max(1));
    let large = (width * UNITS, height * UNITS);
    let mut rgb = vec![0; large.0 as usize * large.1 as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut rgb, large).into_drawing_area();
        drawing.draw(&area, &theme)?;
        area.present()?;
    }
    Ok(Pixels { width, height, rgb: scaled_down(&rgb, width as usize, height as usize) })
}

fn fonts() -> Result<(), ChartError> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let register =
        || register_font(FONT, FontStyle::Normal, PLAIN).is_ok() && register_font(FONT, FontStyle::Bold, FIRM).is_ok();
    if *REGISTERED.get_or_init(register) { Ok(()) } else { Err(ChartError::Font) }
}

/// The mean of each square of [`UNITS`] by [`UNITS`].
fn scaled_down(large: &[u8], width: usize, height: usize) -> Vec<u8> {
    let units = UNITS as usize;
    let row = width * units * 3;
    let mut small = Vec::with_capacity(width * height * 3);
    let mut sums = vec![0_u32; width * 3];
    for rows in large.chunks_exact(row.max(1) * units) {
        sums.fill(0);
        for row in rows.chunks_exact(row) {
            for (square, sum) in row.chunks_exact(units * 3).zip(sums.chunks_exact_mut(3)) {
                for pixel in square.chunks_exact(3) {
                    for (sum, part) in sum.iter_mut().zip(pixel) {
                        *sum += u32::from(*part);
                    }
                }
            }
        }
        small.extend(sums.iter().map(|sum| u8::try_from(sum / (UNITS * UNITS)).unwrap_or(u8::MAX)));
    }
    small
}
