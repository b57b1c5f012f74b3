//! The libFuzzer program of [`rheobase_fuzz::mapping_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::mapping_file(data));
