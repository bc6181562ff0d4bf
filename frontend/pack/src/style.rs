//! Joins the parts of `style/` into one sheet, in the order `style/order.txt` names, and finds the fonts it uses.
//!
//! A part nobody named, or a name without a part, is an error: a style that is silently missing looks like a fault of
//! the page.

use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::Path;

/// The joined sheet. Its fonts are still called as in the source (`fonts/NAME`); the site gives them their final names.
pub struct Sheet {
    pub css: String,
    pub fonts: Vec<Font>,
}

/// A font file the sheet names.
pub struct Font {
    /// As in the sheet: `fonts/inter.woff2`.
    pub named: String,
    pub bytes: Vec<u8>,
}

pub fn join(dir: &Path) -> Result<Sheet> {
    let order = std::fs::read_to_string(dir.join("order.txt")).context("reading style/order.txt")?;
    let parts: Vec<&str> =
        order.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    all_are_named(dir, &parts)?;
    let mut css = String::new();
    for part in parts {
        css.push_str(&std::fs::read_to_string(dir.join(part)).with_context(|| format!("reading style/{part}"))?);
    }
    let css = squeeze(&css);
    let mut fonts = Vec::new();
    for named in font_names(&css) {
        let bytes = std::fs::read(dir.join(&named)).with_context(|| format!("reading style/{named}"))?;
        fonts.push(Font { named, bytes });
    }
    Ok(Sheet { css, fonts })
}

fn all_are_named(dir: &Path, parts: &[&str]) -> Result<()> {
    for entry in std::fs::read_dir(dir).context("reading style/")? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        if name.ends_with(".css") && !parts.contains(&name.as_ref()) {
            bail!("style/{name} is not in style/order.txt");
        }
    }
    Ok(())
}

/// What stands in `url("…")` of the sheet under `fonts/`, each once.
fn font_names(css: &str) -> BTreeSet<String> {
    css.split("url(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|url| url.starts_with("fonts/"))
        .map(str::to_owned)
        .collect()
}

/// Without comments, indentation and empty lines. Blanks inside a line stay: in CSS they mean something.
fn squeeze(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    bare.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_squeezed_sheet_keeps_its_rules() {
        assert_eq!(squeeze("/* a\n b */\n.x {\n  color: red; /* c */\n}\n\n"), ".x {\ncolor: red;\n}");
    }

    #[test]
    fn fonts_are_found_once() {
        let css = "src: url(\"fonts/a.woff2\"); src: url(\"fonts/a.woff2\"), url(\"/other.png\")";
        assert_eq!(font_names(css).into_iter().collect::<Vec<_>>(), ["fonts/a.woff2"]);
    }

    #[test]
    fn light_by_choice_and_light_by_the_system_are_alike() {
        let tokens =
            std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../style/tokens.css")).unwrap();
        let block = |selector: &str| {
            let (_, after) = tokens.split_once(selector).unwrap();
            after.split_once('}').unwrap().0.lines().map(str::trim).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(block("[data-theme=\"light\"] {"), block("[data-theme=\"auto\"] {"));
    }
}
