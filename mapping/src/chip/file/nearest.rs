//! The known name that an unknown one was probably meant to be.

/// Below this likeness a suggestion would be a guess.
const ALIKE: f64 = 0.7;

/// The known name that is most like `name`, if one is alike at all.
pub(in crate::chip) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known.to_owned())
}
