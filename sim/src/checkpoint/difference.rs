//! What differs between two configurations, in a line that a person reads.

use serde_json::Value;

/// No more than so many differences are told.
const MOST: usize = 4;

/// Tells the differences between the configuration of a checkpoint and that of a run, both JSON.
pub(super) fn between(checkpoint: &str, run: &str) -> String {
    let parse = |text| serde_json::from_str::<Value>(text).ok();
    let mut found = Vec::new();
    match parse(checkpoint).zip(parse(run)) {
        Some((checkpoint, run)) => compare("", Some(&checkpoint), Some(&run), &mut found),
        None => found.push(line("the text", Some(&checkpoint.into()), Some(&run.into()))),
    }
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let told = found.join("; ");
    match (told.is_empty(), more) {
        (true, _) => "it is written in another way".to_owned(),
        (false, 0) => told,
        (false, more) => format!("{told}; and {more} more"),
    }
}

fn compare(name: &str, checkpoint: Option<&Value>, run: Option<&Value>, found: &mut Vec<String>) {
    match (checkpoint, run) {
        (Some(Value::Object(a)), Some(Value::Object(b))) => {
            let only_b = b.keys().filter(|key| !a.contains_key(*key));
            for key in a.keys().chain(only_b) {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                compare(&name, a.get(key), b.get(key), found);
            }
        }
        (a, b) if a != b => found.push(line(name, a, b)),
        _ => {}
    }
}

fn line(name: &str, checkpoint: Option<&Value>, run: Option<&Value>) -> String {
    let text = |value: Option<&Value>| match value.map(Value::to_string) {
        None => "nothing".to_owned(),
        Some(text) if text.chars().count() > 60 => text.chars().take(59).chain(['…']).collect(),
        Some(text) => text,
    };
    format!("{name} is {} in the checkpoint and {} here", text(checkpoint), text(run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named_with_both_values() {
        let differ = between(
            r#"{"dt": 0.1, "record": {"spikes": true, "rates_bin": null}, "old": 1}"#,
            r#"{"dt": 0.2, "record": {"spikes": true, "rates_bin": 5.0}}"#,
        );
        assert_eq!(
            differ,
            "dt is 0.1 in the checkpoint and 0.2 here; old is 1 in the checkpoint and nothing here; \
             record.rates_bin is null in the checkpoint and 5.0 here"
        );
        assert_eq!(between("a", "b"), "the text is \"a\" in the checkpoint and \"b\" here");
        assert_eq!(between(r#"{"a":1}"#, r#"{ "a": 1 }"#), "it is written in another way");
        let long = format!("{{{}}}", (0..6).map(|i| format!("\"k{i}\":{i}")).collect::<Vec<_>>().join(","));
        assert!(between(&long, "{}").ends_with("; and 2 more"));
    }
}
