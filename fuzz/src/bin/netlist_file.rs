//! The libFuzzer program of [`rheobase_fuzz::netlist_file`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rheobase_fuzz::netlist_file(data));
