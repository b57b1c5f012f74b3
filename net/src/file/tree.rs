//! What other crates put into HDF5 files.

use std::collections::HashMap;
use std::path::Path;

use hdf5_pure::{AttrValue, DatasetBuilder, FileBuilder};

use super::header::Format;
use super::writer::{self, Place};
use super::{FileError, Hdf5Reader};

/// The content of an HDF5 file: groups with attributes and datasets, in the order in which they are put.
///
/// ```
/// use rheobase_net::file::{Hdf5Reader, Hdf5Tree};
///
/// let mut tree = Hdf5Tree::default();
/// tree.put("layer/0/shape", vec![5_u32, 6]);
/// tree.put_shaped("layer/0/weight", vec![1_i32, 2, 3, 4], &[2, 2]);
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("net.h5");
/// tree.write(&path)?;
/// assert_eq!(Hdf5Reader::open(&path)?.read_list::<u32>("layer/0/shape")?, [5, 6]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Hdf5Tree {
    groups: Vec<(String, Group)>,
    at: HashMap<String, usize>,
}

/// What lies in a group, which is named by its whole path; "" is the file itself.
#[derive(Debug, Clone, Default)]
struct Group {
    attributes: Vec<(String, AttrValue)>,
    datasets: Vec<(String, Data)>,
}

/// The numbers or texts of a dataset, and its shape.
#[derive(Debug, Clone)]
struct Data {
    values: Values,
    shape: Vec<u64>,
}

/// The values of a dataset.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Values {
    /// Bytes.
    U8(Vec<u8>),
    /// Signed words.
    I16(Vec<i16>),
    /// Signed double words.
    I32(Vec<i32>),
    /// Double words.
    U32(Vec<u32>),
    /// Signed quad words.
    I64(Vec<i64>),
    /// Quad words.
    U64(Vec<u64>),
    /// Floating-point numbers.
    F64(Vec<f64>),
    /// Texts of variable length.
    Texts(Vec<String>),
    /// ASCII texts of one fixed length, that of the longest.
    Ascii(Vec<String>),
}

macro_rules! values {
    ($($type:ty => $variant:ident),*) => {$(
        impl From<Vec<$type>> for Values {
            fn from(values: Vec<$type>) -> Self {
                Self::$variant(values)
            }
        }
    )*};
}
values!(u8 => U8, i16 => I16, i32 => I32, u32 => U32, i64 => I64, u64 => U64, f64 => F64, String => Texts);

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::I16(values) => values.len(),
            Self::I32(values) => values.len(),
            Self::U32(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::U64(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::Texts(texts) | Self::Ascii(texts) => texts.len(),
        }
    }

    fn fill(&self, dataset: &mut DatasetBuilder) -> Result<(), String> {
        match self {
            Self::U8(values) => dataset.with_u8_data(values),
            Self::I16(values) => dataset.with_i16_data(values),
            Self::I32(values) => dataset.with_i32_data(values),
            Self::U32(values) => dataset.with_u32_data(values),
            Self::I64(values) => dataset.with_i64_data(values),
            Self::U64(values) => dataset.with_u64_data(values),
            Self::F64(values) => dataset.with_f64_data(values),
            Self::Texts(texts) => dataset.with_vlen_strings(&borrowed(texts)),
            Self::Ascii(texts) => {
                dataset.with_ascii_strings(&borrowed(texts)).map_err(|error| error.to_string())?
            }
        };
        Ok(())
    }
}

impl Hdf5Tree {
    /// A file that says what it is: attributes `format`, `version`, `made_with`, as all of ours have.
    pub fn of_format(format: &'static str, version: i64) -> Self {
        let mut tree = Self::default();
        tree.group("").attributes = vec![
            ("format".to_owned(), AttrValue::VarLenString(format.to_owned())),
            ("version".to_owned(), AttrValue::I64(version)),
            ("made_with".to_owned(), AttrValue::VarLenString(crate::VERSION.to_owned())),
        ];
        tree
    }

    /// Puts a list at a path; its groups are made.
    pub fn put(&mut self, path: &str, values: impl Into<Values>) {
        let values = values.into();
        let shape = vec![values.len() as u64];
        self.put_data(path, Data { values, shape });
    }

    /// Puts numbers of a shape at a path, the last axis fastest; `[]` for a single one.
    ///
    /// # Panics
    /// If there are not as many as the shape says.
    pub fn put_shaped(&mut self, path: &str, values: impl Into<Values>, shape: &[u64]) {
        let values = values.into();
        assert_eq!(
            values.len() as u64,
            shape.iter().product::<u64>(),
            "{path}: the values are those of the shape"
        );
        self.put_data(path, Data { values, shape: shape.to_vec() });
    }

    fn put_data(&mut self, path: &str, data: Data) {
        let (group, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.group(group).datasets.push((name.to_owned(), data));
    }

    /// Puts a text as an attribute of a group.
    pub fn text(&mut self, group: &str, name: &str, text: &str) {
        self.attribute(group, name, AttrValue::VarLenString(text.to_owned()));
    }

    /// Puts a whole number as an attribute of a group.
    pub fn integer(&mut self, group: &str, name: &str, value: i64) {
        self.attribute(group, name, AttrValue::I64(value));
    }

    /// Puts a number as an attribute of a group.
    pub fn number(&mut self, group: &str, name: &str, value: f64) {
        self.attribute(group, name, AttrValue::F64(value));
    }

    /// Makes a group, if it is not there.
    pub fn make_group(&mut self, path: &str) {
        self.group(path);
    }

    fn attribute(&mut self, group: &str, name: &str, value: AttrValue) {
        self.group(group).attributes.push((name.to_owned(), value));
    }

    fn group(&mut self, path: &str) -> &mut Group {
        let at = match self.at.get(path) {
            Some(at) => *at,
            None => {
                self.at.insert(path.to_owned(), self.groups.len());
                self.groups.push((path.to_owned(), Group::default()));
                self.groups.len() - 1
            }
        };
        &mut self.groups[at].1
    }

    /// Writes the file, atomically.
    ///
    /// # Errors
    /// [`FileError::Write`], [`FileError::Encode`]; a text with a NUL character is [`FileError::Text`].
    pub fn write(&self, path: &Path) -> Result<(), FileError> {
        writer::save(path, self.content(path)?)
    }

    /// The bytes of the file; `name` is what messages call it.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub fn to_bytes(&self, name: &str) -> Result<Vec<u8>, FileError> {
        let mut bytes = Vec::new();
        writer::emit(Path::new(name), self.content(Path::new(name))?, &mut bytes)?;
        Ok(bytes)
    }

    fn content(&self, path: &Path) -> Result<FileBuilder, FileError> {
        let mut file = FileBuilder::new();
        let node = Node::of(&self.groups);
        node.put(path, &mut file)?;
        for (name, node) in &node.children {
            let group = file.create_group(name);
            file.add_group(node.build(path, group)?);
        }
        Ok(file)
    }
}

/// A group with those inside of it.
#[derive(Default)]
struct Node<'a> {
    group: Option<&'a Group>,
    children: Vec<(&'a str, Node<'a>)>,
    at: HashMap<&'a str, usize>,
}

impl<'a> Node<'a> {
    fn of(groups: &'a [(String, Group)]) -> Self {
        let mut root = Self::default();
        for (path, group) in groups {
            let mut node = &mut root;
            for name in path.split('/').filter(|name| !name.is_empty()) {
                let at = *node.at.entry(name).or_insert(node.children.len());
                if at == node.children.len() {
                    node.children.push((name, Self::default()));
                }
                node = &mut node.children[at].1;
            }
            node.group = Some(group);
        }
        root
    }

    fn put(&self, path: &Path, place: &mut impl Place) -> Result<(), FileError> {
        let Some(Group { attributes, datasets }) = self.group else { return Ok(()) };
        for (name, value) in attributes {
            if let AttrValue::VarLenString(text) = value {
                writer::check_text(path, "an attribute", text)?;
            }
            place.attribute(name, value.clone());
        }
        for (name, Data { values, shape }) in datasets {
            if let Values::Texts(texts) | Values::Ascii(texts) = values {
                texts.iter().try_for_each(|text| writer::check_text(path, "a text", text))?;
            }
            let dataset = place.dataset(name);
            let encode = |reason| FileError::Encode { file: path.to_owned(), reason };
            values.fill(dataset).map_err(encode)?;
            dataset.with_shape(shape);
        }
        Ok(())
    }

    fn build(
        &self,
        path: &Path,
        mut group: hdf5_pure::GroupBuilder,
    ) -> Result<hdf5_pure::FinishedGroup, FileError> {
        self.put(path, &mut group)?;
        for (name, node) in &self.children {
            let child = group.create_group(name);
            group.add_group(node.build(path, child)?);
        }
        Ok(group.finish())
    }
}

/// Checks that a file is of this format and not of a later version.
///
/// # Errors
/// [`FileError::Format`], [`FileError::Version`].
pub fn check_format(file: &Hdf5Reader, name: &'static str, version: i64) -> Result<(), FileError> {
    Format { name, version }.check(file)
}
