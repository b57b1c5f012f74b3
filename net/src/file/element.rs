//! The number types of datasets, and which stored type may be read as which.

use hdf5_pure::{DType, Dataset, Error};

/// A number type that datasets are read as.
///
/// A stored number is converted only where its value is kept: every integer type is read as any
/// other with a check of each value's range, integers and `f32` are read as `f64`.
pub trait Element: sealed::Sealed + Copy + Send + Sized + 'static {
    /// The type's name in messages.
    const NAME: &'static str;
}

/// What is wrong with a dataset's numbers.
pub enum Mismatch {
    /// The stored type is never read as this one.
    Type,
    /// A value does not fit.
    Value { index: usize, value: String },
    /// The library cannot read it.
    Library(Error),
}

impl From<Error> for Mismatch {
    fn from(error: Error) -> Self {
        Self::Library(error)
    }
}

pub(super) mod sealed {
    use super::{Dataset, Mismatch};

    pub trait Sealed: Sized {
        fn read(dataset: &Dataset) -> Result<Vec<Self>, Mismatch>;
    }
}

/// How a stored type is taken: by sign for integers, so that none of their values is lost.
enum Stored {
    Unsigned,
    Signed,
    Float,
    Other,
}

fn stored(dtype: &DType) -> Stored {
    match dtype {
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => Stored::Unsigned,
        // A boolean of NumPy is an enumeration over a byte.
        DType::I8 | DType::I16 | DType::I32 | DType::I64 | DType::Enum(_) => Stored::Signed,
        DType::F32 | DType::F64 => Stored::Float,
        // The library's list of types is open.
        _ => Stored::Other,
    }
}

fn convert<A, B>(values: Vec<A>) -> Result<Vec<B>, Mismatch>
where
    A: Copy + std::fmt::Display,
    B: TryFrom<A>,
{
    let fit = |(index, value): (usize, &A)| {
        B::try_from(*value).map_err(|_| Mismatch::Value { index, value: value.to_string() })
    };
    values.iter().enumerate().map(fit).collect()
}

macro_rules! integer {
    ($($type:ident $stored:ident $read:ident),*) => {$(
        impl Element for $type {
            const NAME: &'static str = stringify!($type);
        }

        impl sealed::Sealed for $type {
            fn read(dataset: &Dataset) -> Result<Vec<Self>, Mismatch> {
                let dtype = dataset.dtype()?;
                match stored(&dtype) {
                    _ if dtype == DType::$stored => Ok(dataset.$read()?),
                    Stored::Unsigned => convert(dataset.read_u64()?),
                    Stored::Signed => convert(dataset.read_i64()?),
                    Stored::Float | Stored::Other => Err(Mismatch::Type),
                }
            }
        }
    )*};
}

integer!(
    u8 U8 read_u8, u16 U16 read_u16, u32 U32 read_u32, u64 U64 read_u64,
    i8 I8 read_i8, i16 I16 read_i16, i32 I32 read_i32, i64 I64 read_i64
);

impl Element for f32 {
    const NAME: &'static str = "f32";
}

impl sealed::Sealed for f32 {
    fn read(dataset: &Dataset) -> Result<Vec<Self>, Mismatch> {
        match dataset.dtype()? {
            DType::F32 => Ok(dataset.read_f32()?),
            _ => Err(Mismatch::Type),
        }
    }
}

impl Element for f64 {
    const NAME: &'static str = "f64";
}

impl sealed::Sealed for f64 {
    fn read(dataset: &Dataset) -> Result<Vec<Self>, Mismatch> {
        /// Integers up to 2⁵³ are whole in an `f64`.
        fn exact(values: Vec<i64>) -> Result<Vec<f64>, Mismatch> {
            let fits = |(index, value): (usize, &i64)| match value.unsigned_abs() <= 1 << 53 {
                true => Ok(*value as f64),
                false => Err(Mismatch::Value { index, value: value.to_string() }),
            };
            values.iter().enumerate().map(fits).collect()
        }
        match stored(&dataset.dtype()?) {
            Stored::Float => Ok(dataset.read_f64()?),
            Stored::Unsigned => exact(convert(dataset.read_u64()?)?),
            Stored::Signed => exact(dataset.read_i64()?),
            Stored::Other => Err(Mismatch::Type),
        }
    }
}
