//! Descriptions in TOML: read into a type, with errors that point at the line and the likely meaning.

use std::path::Path;

use anyhow::anyhow;
use serde::de::DeserializeOwned;

use crate::error::{Failure, OrBadInput};
use crate::text_file;

/// Reads a TOML file.
///
/// # Errors
/// With the file, the line, the column and, for an unknown field, the known field that is most like it.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Failure> {
    let text = text_file::read(path)?;
    parse(&text, &path.display().to_string()).or_bad_input()
}

/// Parses the text of the file `name`.
fn parse<T: DeserializeOwned>(text: &str, name: &str) -> anyhow::Result<T> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(String::new(), |span| {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!(":{line}:{column}")
        });
        let message = error.message().trim_end().replace('\n', "; ");
        let suggestion =
            suggestion(&message).map_or(String::new(), |field| format!("; did you mean `{field}`?"));
        anyhow!("{name}{place}: {message}{suggestion}")
    })
}

/// The known name that is most like the unknown one, out of serde's message
/// "unknown field `tau`, expected one of `tau_m`, `v_th`" (or variant, or "`a` or `b`").
fn suggestion(message: &str) -> Option<&str> {
    let (unknown, known) = message.split_once(", expected ")?;
    if !unknown.starts_with("unknown ") {
        return None;
    }
    let quoted = |text: &'_ str| -> Option<(usize, usize)> {
        let start = text.find('`')? + 1;
        Some((start, start + text[start..].find('`')?))
    };
    let (start, end) = quoted(unknown)?;
    let unknown = &unknown[start..end];
    // Between backticks stand the names, and between the names what separates them.
    let names = known.split('`').skip(1).step_by(2);
    /// Below this likeness a suggestion would be a guess.
    const ALIKE: f64 = 0.7;
    names
        .map(|name| (strsim::jaro_winkler(unknown, name), name))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Neuron {
        #[serde(default)]
        tau_m: f64,
        #[serde(default)]
        v_th: f64,
        #[serde(default)]
        synapse: Synapse,
    }

    #[derive(Debug, Deserialize, PartialEq, Default)]
    #[serde(rename_all = "snake_case")]
    enum Synapse {
        #[default]
        Delta,
        Exp,
        Alpha,
    }

    fn error(text: &str) -> String {
        parse::<Neuron>(text, "liquid.toml").expect_err("the text is wrong").to_string()
    }

    #[test]
    fn an_unknown_field_is_told_with_its_line_and_the_nearest_known_one() {
        let told = error("v_th = -55.0\ntau_mem = 20.0\n");
        assert!(told.starts_with("liquid.toml:2:1: unknown field `tau_mem`"), "{told}");
        assert!(told.ends_with("did you mean `tau_m`?"), "{told}");
        let told = error("synapse = \"alfa\"");
        assert!(told.contains("liquid.toml:1:11") && told.ends_with("did you mean `alpha`?"), "{told}");
    }

    #[test]
    fn nothing_is_suggested_where_nothing_is_alike() {
        let told = error("color = 1");
        assert!(told.contains("unknown field `color`, expected one of `tau_m`"), "{told}");
        assert!(!told.contains("did you mean"), "{told}");
    }

    #[test]
    fn wrong_types_and_broken_text_are_told_with_their_place() {
        assert!(error("tau_m = \"long\"").starts_with("liquid.toml:1:9: invalid type: string \"long\""));
        assert!(error("tau_m = 1.0\nv_th = ").starts_with("liquid.toml:2:"));
    }
}
