//! The libFuzzer program of [`rheobase_fuzz::recording_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::recording_file(data));
