//! The attributes of a group or dataset, read by type.

use std::collections::HashMap;
use std::path::PathBuf;

use hdf5_pure::AttrValue;

use super::FileError;

/// The attributes of a group or dataset, as [`Hdf5Reader::attributes`](super::Hdf5Reader::attributes)
/// finds them. An attribute that the HDF5 library cannot decode is as good as absent.
#[derive(Debug)]
pub struct Attributes {
    file: PathBuf,
    object: String,
    values: HashMap<String, AttrValue>,
}

impl Attributes {
    pub(super) fn new(file: PathBuf, object: &str, values: HashMap<String, AttrValue>) -> Self {
        let object = match object {
            "" | "/" => "the file".to_owned(),
            object => object.to_owned(),
        };
        Self { file, object, values }
    }

    /// The attributes' names, in alphabetical order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.values.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Whether there is an attribute of this name.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A string.
    ///
    /// # Errors
    /// [`FileError::Attribute`] if it is missing or something else.
    pub fn text(&self, name: &str) -> Result<&str, FileError> {
        self.get(name, "a string", AttrValue::as_str)
    }

    /// A list of strings.
    ///
    /// # Errors
    /// [`FileError::Attribute`] if it is missing or something else.
    pub fn texts(&self, name: &str) -> Result<&[String], FileError> {
        self.get(name, "a list of strings", AttrValue::as_strings)
    }

    /// A signed integer.
    ///
    /// # Errors
    /// [`FileError::Attribute`] if it is missing or something else.
    pub fn i64(&self, name: &str) -> Result<i64, FileError> {
        self.get(name, "an integer", AttrValue::as_i64)
    }

    /// An integer that is not below zero.
    ///
    /// # Errors
    /// [`FileError::Attribute`] if it is missing or something else.
    pub fn u64(&self, name: &str) -> Result<u64, FileError> {
        self.get(name, "an integer from 0 to 2^64 - 1", AttrValue::as_u64)
    }

    /// An integer from 0 to 2³² - 1.
    ///
    /// # Errors
    /// [`FileError::Attribute`] if it is missing or something else.
    pub fn u32(&self, name: &str) -> Result<u32, FileError> {
        let fits = |value: &AttrValue| value.as_u64().and_then(|value| u32::try_from(value).ok());
        self.get(name, "an integer from 0 to 2^32 - 1", fits)
    }

    /// A number; an integer of up to 53 bits is one too.
    ///
    /// # Errors
    /// [`FileError::Attribute`] if it is missing or something else.
    pub fn f64(&self, name: &str) -> Result<f64, FileError> {
        let whole = |value: i64| (value.unsigned_abs() <= 1 << 53).then_some(value as f64);
        let number = |value: &AttrValue| value.as_f64().or_else(|| value.as_i64().and_then(whole));
        self.get(name, "a number", number)
    }

    /// The error for an attribute whose value is none of those allowed.
    pub(super) fn refuse(&self, name: &str, expected: &'static str) -> FileError {
        let found = match self.values.get(name) {
            None => "none of that name".to_owned(),
            Some(value) => match value.as_str() {
                Some(text) => format!("{:?}", text.chars().take(80).collect::<String>()),
                None => {
                    value.as_i64().map_or_else(|| value.type_name().to_owned(), |value| value.to_string())
                }
            },
        };
        FileError::Attribute {
            file: self.file.clone(),
            object: self.object.clone(),
            attribute: name.to_owned(),
            found,
            expected,
        }
    }

    fn get<'a, T>(
        &'a self,
        name: &str,
        expected: &'static str,
        view: impl FnOnce(&'a AttrValue) -> Option<T>,
    ) -> Result<T, FileError> {
        self.values.get(name).and_then(view).ok_or_else(|| self.refuse(name, expected))
    }
}
