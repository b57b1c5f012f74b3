//! The encoding of headers and states. The one place that knows bincode.
//!
//! Integers have a fixed width, so that what is decoded counts as many bytes against the limit as it takes
//! in the file.

use std::io::{self, Read, Write};

use bincode::config::{Configuration, Fixint, Limit, LittleEndian, NoLimit};
use bincode::error::{DecodeError, EncodeError};
use serde::Serialize;
use serde::de::DeserializeOwned;

type Plain = Configuration<LittleEndian, Fixint, NoLimit>;
type Limited<const N: usize> = Configuration<LittleEndian, Fixint, Limit<N>>;

/// Why a value could not be encoded.
pub(super) enum Failure {
    /// It could not be written.
    Io(io::Error),
    /// It cannot be encoded.
    Value(String),
}

/// Encodes a value. Small pieces are written: buffer the sink.
pub(super) fn encode(value: &impl Serialize, mut sink: impl Write) -> Result<(), Failure> {
    let result = bincode::serde::encode_into_std_write(value, &mut sink, Plain::default());
    result.map(drop).map_err(|error| match error {
        EncodeError::Io { inner, .. } => Failure::Io(inner),
        error => Failure::Value(error.to_string()),
    })
}

/// Decodes a value that takes `len` bytes, all of which have to be used. Small pieces are read: buffer the
/// source.
///
/// No text or list in the bytes makes it allocate more than 32 times `len`, or 1 MiB, whatever length it
/// claims: the library takes its limit as a constant, so there is one for every order of size.
pub(super) fn decode<T: DeserializeOwned>(source: impl Read, len: u64) -> Result<T, String> {
    let mut source = source.take(len);
    let value = match len {
        ..=0x10_0000 => decode_limited::<T, 0x10_0000>(&mut source),
        ..=0x200_0000 => decode_limited::<T, 0x200_0000>(&mut source),
        ..=0x4000_0000 => decode_limited::<T, 0x4000_0000>(&mut source),
        #[cfg(target_pointer_width = "64")]
        ..=0x8_0000_0000 => decode_limited::<T, 0x8_0000_0000>(&mut source),
        #[cfg(target_pointer_width = "64")]
        ..=0x100_0000_0000 => decode_limited::<T, 0x100_0000_0000>(&mut source),
        _ => return Err(format!("it has {len} bytes, which is more than this machine can hold")),
    }?;
    match source.limit() {
        0 => Ok(value),
        left => Err(format!("{left} bytes are left over")),
    }
}

fn decode_limited<T: DeserializeOwned, const N: usize>(source: &mut impl Read) -> Result<T, String> {
    let result = bincode::serde::decode_from_std_read(source, Limited::<N>::default());
    result.map_err(|error| match error {
        DecodeError::UnexpectedEnd { .. } => "it ends too early".to_owned(),
        DecodeError::Io { inner, .. } if inner.kind() == io::ErrorKind::UnexpectedEof => {
            "it ends too early".to_owned()
        }
        DecodeError::Io { inner, .. } => inner.to_string(),
        DecodeError::LimitExceeded => "something in it claims to be longer than the file".to_owned(),
        error => error.to_string(),
    })
}
