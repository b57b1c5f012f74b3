//! The libFuzzer program of [`rheobase_fuzz::netx_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::netx_file(data));
