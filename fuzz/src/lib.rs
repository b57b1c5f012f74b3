//! Fuzz targets, one for every file reader: a function that takes any bytes and must not panic.

/// A WAV file: refused, or read to as many samples as its bytes hold.
pub fn wav_file(bytes: &[u8]) {
    if let Ok(audio) = rheobase_study::data::wav_bytes(bytes) {
        assert!(!audio.pcm.is_empty() && audio.pcm.len() <= bytes.len());
    }
}
