//! The libFuzzer program of [`rheobase_fuzz::data_set_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::data_set_file(data));
