//! What the value of a figure may be: read, or said in words.

use std::ops::RangeInclusive;

use toml::de::DeValue;

/// What the value of a figure may be.
pub(in crate::chip) trait Kind<T> {
    /// The value, if it is one.
    fn read(&self, value: &DeValue<'_>) -> Option<T>;
    /// What it has to be, in words.
    fn must(&self) -> String;
}

/// A whole number.
#[derive(Debug)]
pub(in crate::chip) struct Whole(pub(in crate::chip) RangeInclusive<i64>);

impl<T: TryFrom<i64>> Kind<T> for Whole {
    fn read(&self, value: &DeValue<'_>) -> Option<T> {
        let number = value.as_integer()?;
        let number = i64::from_str_radix(number.as_str(), number.radix()).ok()?;
        self.0.contains(&number).then(|| T::try_from(number).ok()).flatten()
    }

    fn must(&self) -> String {
        format!("a whole number from {} to {}", self.0.start(), self.0.end())
    }
}

/// A number that is finite.
#[derive(Debug)]
pub(in crate::chip) struct Real(pub(in crate::chip) RangeInclusive<f64>);

impl Kind<f64> for Real {
    fn read(&self, value: &DeValue<'_>) -> Option<f64> {
        let number: f64 = match (value.as_float(), value.as_integer()) {
            (Some(float), _) => float.as_str().parse().ok()?,
            (None, Some(integer)) => i64::from_str_radix(integer.as_str(), integer.radix()).ok()? as f64,
            (None, None) => return None,
        };
        self.0.contains(&number).then_some(number)
    }

    fn must(&self) -> String {
        format!("a number from {} to {}", self.0.start(), self.0.end())
    }
}

/// Two values of a kind.
#[derive(Debug)]
pub(in crate::chip) struct Pair<K>(pub(in crate::chip) K);

impl<T, K: Kind<T>> Kind<[T; 2]> for Pair<K> {
    fn read(&self, value: &DeValue<'_>) -> Option<[T; 2]> {
        let list = value.as_array()?;
        if list.len() != 2 {
            return None;
        }
        Some([self.0.read(list[0].get_ref())?, self.0.read(list[1].get_ref())?])
    }

    fn must(&self) -> String {
        format!("two values in brackets, each {}", self.0.must())
    }
}

/// Two values, the first not above the second.
#[derive(Debug)]
pub(in crate::chip) struct Span<K>(pub(in crate::chip) K);

impl<T: PartialOrd, K: Kind<T>> Kind<[T; 2]> for Span<K> {
    fn read(&self, value: &DeValue<'_>) -> Option<[T; 2]> {
        Pair(&self.0).read(value).filter(|[low, high]| low <= high)
    }

    fn must(&self) -> String {
        format!("a least and a greatest value in brackets, each {}", self.0.must())
    }
}

/// At least one value of a kind, rising.
#[derive(Debug)]
pub(in crate::chip) struct Rising<K>(pub(in crate::chip) K);

impl<T: PartialOrd, K: Kind<T>> Kind<Vec<T>> for Rising<K> {
    fn read(&self, value: &DeValue<'_>) -> Option<Vec<T>> {
        const MOST: usize = 64;
        let list = value.as_array().filter(|list| (1..=MOST).contains(&list.len()))?;
        let values = list.iter().map(|value| self.0.read(value.get_ref())).collect::<Option<Vec<T>>>()?;
        values.windows(2).all(|pair| pair[0] < pair[1]).then_some(values)
    }

    fn must(&self) -> String {
        format!("a list of 1 to 64 rising values, each {}", self.0.must())
    }
}

/// A word out of a few.
#[derive(Debug)]
pub(in crate::chip) struct Word<T: 'static>(pub(in crate::chip) &'static [(&'static str, T)]);

impl<T: Copy> Kind<T> for Word<T> {
    fn read(&self, value: &DeValue<'_>) -> Option<T> {
        let word = value.as_str()?;
        self.0.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
    }

    fn must(&self) -> String {
        let words: Vec<String> = self.0.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        format!("one of {}", words.join(", "))
    }
}

impl<T, K: Kind<T>> Kind<T> for &K {
    fn read(&self, value: &DeValue<'_>) -> Option<T> {
        (*self).read(value)
    }

    fn must(&self) -> String {
        (*self).must()
    }
}
