//! The colours, the type and the scale that drawings use.
//!
//! The colours are those of `style/tokens.css`, under the same names (tested). A picture of its own is dark or light; in
//! a page's first paint nobody knows yet which, so there a colour is the name of its token and the style decides.

use crate::kpi::Band;
use plotters::style::RGBColor;

/// Units of a drawing to a CSS pixel: plotters knows whole units only, and lines on whole pixels look stepped.
pub const UNITS: u32 = 3;

/// As the site's style names it; in pictures of their own the viewer's machine may lack the first.
pub const FONT: &str = "Inter, system-ui, sans-serif";

macro_rules! inks {
    ($($ink:ident = $token:literal, $dark:literal, $light:literal;)*) => {
        /// A colour by its meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Ink { $($ink),* }

        impl Ink {
            pub const ALL: &'static [Self] = &[$(Self::$ink),*];

            /// The custom property of the style.
            #[must_use]
            pub const fn token(self) -> &'static str {
                match self { $(Self::$ink => $token),* }
            }

            const fn dark(self) -> u32 {
                match self { $(Self::$ink => $dark),* }
            }

            const fn light(self) -> u32 {
                match self { $(Self::$ink => $light),* }
            }
        }
    };
}

inks! {
    Page = "--page", 0x0d_1015, 0xf4_f5f7;
    Surface = "--surface", 0x14_1920, 0xff_ffff;
    Raised = "--raised", 0x1b_212b, 0xec_eff3;
    Line = "--line", 0x26_2e3a, 0xdf_e4ea;
    Grid = "--grid", 0x1f_2630, 0xeb_eef2;
    Text = "--text", 0xe7_ebf1, 0x17_1c24;
    Muted = "--muted", 0x9b_a6b6, 0x52_5d6e;
    Faint = "--faint", 0x7b_8798, 0x68_7384;
    Accent = "--accent", 0x80_b1ff, 0x1c_5dcd;
    Ok = "--ok", 0x3c_bb91, 0x0a_7556;
    OkFill = "--ok-fill", 0x35_b08a, 0x2a_9b77;
    OkWash = "--ok-wash", 0x12_241f, 0xea_f6f2;
    Warn = "--warn", 0xe8_ad43, 0x85_5600;
    WarnFill = "--warn-fill", 0xd9_9b2e, 0xce_8d17;
    WarnWash = "--warn-wash", 0x28_2114, 0xfd_f5e4;
    Crit = "--crit", 0xff_7d52, 0xb9_3a0c;
    CritFill = "--crit-fill", 0xee_6234, 0xd8_501d;
    CritWash = "--crit-wash", 0x2c_1b16, 0xfd_efe9;
    Series1 = "--series-1", 0x80_b1ff, 0x1c_5dcd;
    Series2 = "--series-2", 0x58_c4cb, 0x10_7f87;
    Series3 = "--series-3", 0xc5_9ee1, 0x7d_4da6;
    Series4 = "--series-4", 0xe2_bb76, 0x9a_6600;
    Series5 = "--series-5", 0x8d_99aa, 0x68_7384;
    Completed = "--completed", 0x5b_97f5, 0x1c_5dcd;
    Answered = "--answered", 0x35_b08a, 0x1e_8f6b;
    Busy = "--busy", 0xe3_c04d, 0xa8_8400;
    NoAnswer = "--no-answer", 0xe0_8a3c, 0xc4_6a12;
    Failed = "--failed-calls", 0xee_6234, 0xc7_3f12;
    Cancelled = "--cancelled", 0x8d_99aa, 0x68_7384;
    Congestion = "--congestion", 0xb0_86dc, 0x7d_4da6;
}

impl Ink {
    /// Of words in that state.
    #[must_use]
    pub const fn text_of(band: Band) -> Self {
        match band {
            Band::None | Band::TooFew | Band::NoBaseline | Band::Unjudged => Self::Muted,
            Band::Ok => Self::Text,
            Band::Warn => Self::Warn,
            Band::Critical => Self::Crit,
        }
    }

    /// Of shapes in that state.
    #[must_use]
    pub const fn fill_of(band: Band) -> Self {
        match band {
            Band::None | Band::TooFew | Band::NoBaseline | Band::Unjudged => Self::Series5,
            Band::Ok => Self::OkFill,
            Band::Warn => Self::WarnFill,
            Band::Critical => Self::CritFill,
        }
    }

    /// Behind what is in that state; nothing where it is well.
    #[must_use]
    pub const fn wash_of(band: Band) -> Option<Self> {
        match band {
            Band::None | Band::TooFew | Band::NoBaseline | Band::Ok | Band::Unjudged => None,
            Band::Warn => Some(Self::WarnWash),
            Band::Critical => Some(Self::CritWash),
        }
    }

    /// Stands for the token where colours are names: a colour that no palette has.
    #[must_use]
    pub const fn code(self) -> u32 {
        self as u32 + 1
    }
}

/// Which of the palettes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Light {
    #[default]
    Dark,
    Light,
    /// As the page around it is lit: colours are codes, see [`Ink::code`].
    OfThePage,
}

/// What the drawing is made on; each has its own idea of where text stands and how large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Medium {
    Svg,
    Canvas,
    Bitmap,
}

impl Medium {
    /// What plotters wants as the size of text, in ems. Its SVG divides by 1.24; its bitmaps take the height from the
    /// highest to the lowest stroke, which in Inter is 1.21 em.
    pub(super) const fn text_size(self) -> f64 {
        match self {
            Self::Svg => 1.24,
            Self::Canvas => 1.0,
            Self::Bitmap => 1.21,
        }
    }

    /// How far below the wanted middle to aim so that digits stand in the middle (their half height is 0.364 em), in ems.
    /// SVG lets the base line hang 0.5 ex (0.273 em) below, bitmaps 0.117 em, the canvas 0.364 em.
    pub(super) const fn text_drop(self) -> f64 {
        match self {
            Self::Svg => 0.091,
            Self::Canvas => 0.0,
            Self::Bitmap => 0.247,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theme {
    pub light: Light,
    pub medium: Medium,
    /// Units of the drawing area to a CSS pixel.
    pub units: u32,
}

impl Theme {
    #[must_use]
    pub const fn new(light: Light, medium: Medium) -> Self {
        Self { light, medium, units: UNITS }
    }

    /// The same, for displays of `density` pixels to a CSS pixel.
    #[must_use]
    pub const fn dense(self, density: u32) -> Self {
        Self { units: UNITS * density, ..self }
    }

    #[must_use]
    pub const fn ink(&self, ink: Ink) -> RGBColor {
        let hex = match self.light {
            Light::Dark => ink.dark(),
            Light::Light => ink.light(),
            Light::OfThePage => ink.code(),
        };
        let [_, r, g, b] = hex.to_be_bytes();
        RGBColor(r, g, b)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const TOKENS: &str = include_str!("../../../style/tokens.css");

    /// The colours of the first rule with that selector.
    fn colours(selector: &str) -> HashMap<String, String> {
        let rule = TOKENS.split_once(&format!("{selector} {{")).unwrap().1.split_once('}').unwrap().0;
        rule.lines()
            .filter_map(|line| line.trim().strip_suffix(';')?.split_once(": "))
            .filter(|(_, value)| value.starts_with('#'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn the_colours_are_those_of_the_style() {
        for (light, selector) in [(Light::Dark, ":root"), (Light::Light, "[data-theme=\"light\"]")] {
            let of_the_style = colours(selector);
            for ink in Ink::ALL {
                let RGBColor(r, g, b) = Theme::new(light, Medium::Svg).ink(*ink);
                let hex = format!("#{r:02x}{g:02x}{b:02x}");
                assert_eq!(of_the_style.get(ink.token()), Some(&hex), "{} in {selector}", ink.token());
            }
        }
    }
}
