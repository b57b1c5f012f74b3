//! Records many spikes, as a long run does, and says how long that took and how much memory.
//!
//!     cargo run --release -p rheobase-net --example long_recording -- FOLDER 200000000

use std::path::PathBuf;
use std::time::Instant;

use rheobase_net::file::{self, FileError, RecordingEnd, RecordingHead, RecordingWriter, TracesHead};
use rheobase_net::{Counters, NodeRange, Provenance};

/// Spikes of a window.
const WINDOW: usize = 10_000;

fn main() -> Result<(), FileError> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| ".".to_owned()));
    let n: u64 = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let path = folder.join("long.h5");
    let liquid = NodeRange { population: "liquid".to_owned(), first: 0, size: 77_169, is_source: false };
    let head = RecordingHead {
        t_start: 0.0,
        nodes: vec![liquid],
        traces: Some(TracesHead { nodes: (0..10).collect(), t_first: 0.1, interval: 0.1 }),
        rates: None,
        provenance: Provenance::default(),
    };

    let start = Instant::now();
    let mut writer = RecordingWriter::create(&path, &head)?;
    let nodes: Vec<u32> = (0..WINDOW as u32).map(|i| i * 7).collect();
    let (mut window, mut positions) = (0, Vec::new());
    while window < n / WINDOW as u64 {
        let t = 0.1 * window as f64;
        writer.spikes(&[t; WINDOW], &nodes)?;
        writer.samples(&[-65.0; 10])?;
        window += 1;
        if window.is_multiple_of(1000) {
            let before = Instant::now();
            writer.position()?;
            positions.push(before.elapsed().as_secs_f64());
        }
    }
    let recorded = start.elapsed().as_secs_f64();
    let longest = positions.iter().fold(0.0_f64, |longest, time| longest.max(*time));
    let n_positions = positions.len();
    println!("recorded {n} spikes in {recorded:.2} s; {n_positions} positions, the longest {longest:.3} s");
    println!("peak memory {}", peak());

    let position = writer.position()?;
    drop(writer);
    let start = Instant::now();
    let writer = RecordingWriter::resume(&path, &position)?;
    println!("resumed in {:.2} s", start.elapsed().as_secs_f64());

    let start = Instant::now();
    writer.finish(&RecordingEnd {
        t_stop: 0.1 * window as f64,
        counters: Counters::default(),
        final_v: None,
        weights: None,
    })?;
    println!("put together in {:.2} s; peak memory {}", start.elapsed().as_secs_f64(), peak());

    let start = Instant::now();
    let found = file::read_recording(&path)?.spikes.len();
    println!("read {found} spikes in {:.2} s; peak memory {}", start.elapsed().as_secs_f64(), peak());
    Ok(())
}

/// The most memory that the process had, where the system tells.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}
