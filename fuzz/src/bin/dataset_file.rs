//! The libFuzzer program of [`rheobase_fuzz::dataset_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::dataset_file(data));
