//! The libFuzzer program of [`rheobase_fuzz::spikes_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::spikes_file(data));
