//! What the README and the manual show works: their configurations load, their commands are taken, their links lead somewhere.
#![allow(clippy::unwrap_used, clippy::panic)]

use clap::Parser;
use server::config::cli::Cli;
use server::config::file;
use std::fs;
use std::path::{Path, PathBuf};

/// A page of the manual and its text.
fn pages() -> Vec<(PathBuf, String)> {
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manual = fs::read_dir(server.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let others = [server.join("../README.md"), server.join("src/source/asterisk/README.md")];
    let pages: Vec<_> = manual.chain(others).map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    assert!(pages.len() > 5, "the manual is not where it was");
    pages
}

/// What stands between the fences of one kind.
fn blocks<'a>(text: &'a str, kind: &str) -> Vec<&'a str> {
    let fence = format!("\n```{kind}\n");
    text.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect()
}

/// Puts the tables of one block over those before it on the page: a page may show a table in parts.
fn lay_over(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => lay_over(under, over),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

#[test]
fn each_configuration_that_is_shown_loads() {
    let mut seen = 0;
    for (path, text) in pages() {
        let mut page = toml::Table::new();
        for block in blocks(&text, "toml") {
            // The mapping of an import is another file; where that is read there is the test for it.
            if block.starts_with("format =") {
                continue;
            }
            seen += 1;
            lay_over(&mut page, block.parse().unwrap_or_else(|why| panic!("{}: {why}\n{block}", path.display())));
            file::read(&path, &page.to_string()).unwrap_or_else(|why| panic!("{why}\n{block}"));
        }
    }
    assert!(seen > 3, "{seen} blocks were found");
}

/// The words of a line of a shell, without its comment; in single quotes or none, as the manual has them.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            '#' if !quoted && words.last().is_some_and(String::is_empty) => break,
            _ => words.last_mut().unwrap().push(sign),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[test]
fn each_command_that_is_shown_is_taken() {
    let mut seen = 0;
    for (path, text) in pages() {
        for line in blocks(&text, "sh").into_iter().flat_map(str::lines) {
            let words = words(line);
            let Some(command) = words.iter().position(|word| word == "ringside") else { continue };
            seen += 1;
            Cli::try_parse_from(&words[command..]).unwrap_or_else(|why| panic!("{}: {line}\n{why}", path.display()));
        }
    }
    assert!(seen > 8, "{seen} commands were found");
}

/// An event that bears the day on which the page was written makes a server that hears nothing else days behind.
#[test]
fn each_event_that_is_shown_to_be_sent_tells_the_time_at_which_it_is() {
    let mut seen = 0;
    for (path, text) in pages() {
        for block in blocks(&text, "sh").into_iter().filter(|block| block.contains("\"time\"")) {
            seen += 1;
            assert!(block.contains("\"time\": \"'\"$(date -u +%FT%TZ)\"'\""), "{}: {block}", path.display());
        }
    }
    assert!(seen > 1, "{seen} events were found");
}

#[test]
fn each_link_leads_to_a_file() {
    for (path, text) in pages() {
        for rest in text.split("](").skip(1) {
            let target = rest.split([')', '#']).next().unwrap_or_default();
            let leads = target.starts_with("http") || path.parent().unwrap().join(target).exists();
            assert!(leads, "{}: {target} is not there", path.display());
        }
    }
}
