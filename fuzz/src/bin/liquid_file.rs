//! The libFuzzer program of [`rheobase_fuzz::liquid_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::liquid_file(data));
