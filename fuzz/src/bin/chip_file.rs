//! The libFuzzer program of [`rheobase_fuzz::chip_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::chip_file(data));
