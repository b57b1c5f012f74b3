//! The chip emulator: against closed forms, against a replay that goes by the page of the chip and shares no code
//! with it, and against itself on other cores and threads.

mod closed_forms;
mod naive;
mod networks;
mod partitions;
mod pricing;
mod replay;
mod runs;
mod work;
