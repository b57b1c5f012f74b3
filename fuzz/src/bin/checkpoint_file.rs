//! The libFuzzer program of [`rheobase_fuzz::checkpoint_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::checkpoint_file(data));
