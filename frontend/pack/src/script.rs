//! Makes the generated JS smaller where that is certain to change nothing: comment blocks that stand alone, and the
//! indentation. Brotli does the rest; a real minifier would save two kilobytes and cost a large dependency.

/// The script without `/** … */` blocks and `//` lines of their own, and without leading blanks.
/// A line inside a template literal would lose its indentation: wasm-bindgen writes none over several lines.
pub fn without_comments(js: &str) -> String {
    let mut out = String::with_capacity(js.len());
    let mut inside = false;
    for line in js.lines().map(str::trim) {
        if inside {
            inside = !line.ends_with("*/");
        } else if line.starts_with("/*") && !line.contains("*/") {
            inside = true;
        } else if !(line.is_empty() || line.starts_with("//") || line.starts_with("/*") && line.ends_with("*/")) {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_their_own_go_and_code_stays() {
        let js = "/** says\n * much\n */\nfunction f(a) {\n    // why\n    return a / 2; /* half */\n}\n/* one */\n";
        assert_eq!(without_comments(js), "function f(a) {\nreturn a / 2; /* half */\n}\n");
    }

    #[test]
    fn an_address_in_a_string_is_no_comment() {
        assert_eq!(without_comments("  x = \"https://example.org/*\";"), "x = \"https://example.org/*\";\n");
    }
}
