//! Recordings that are written while their run goes on: the same file as one that is written at once,
//! whatever happens in between.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::Path;

use ndarray::Array2;
use proptest::prelude::*;
use rheobase_net::file::{
    self, FileError, RatesHead, RecordingEnd, RecordingHead, RecordingPosition, RecordingWriter, TracesHead,
};
use rheobase_net::{
    Counters, Description, NodeRange, ProjectionWeights, Provenance, Rates, Recording, SpikeTrain,
    SpikeTrainError, Traces,
};

/// A recording of 5 nodes with so many spikes, samples and bins.
fn recording(spikes: usize, samples: usize, bins: usize) -> Recording {
    let range = |population: &str, first, size, is_source| NodeRange {
        population: population.to_owned(),
        first,
        size,
        is_source,
    };
    let times = (0..spikes).map(|i| 0.1 * (i / 2) as f64).collect();
    let nodes = (0..spikes).map(|i| (i % 2 * 3) as u32).collect();
    Recording {
        t_start: 0.0,
        t_stop: 1.0 / 3.0,
        nodes: vec![range("input", 0, 2, true), range("liquid", 2, 3, false)],
        spikes: SpikeTrain::from_sorted(5, times, nodes).unwrap(),
        traces: Some(Traces {
            nodes: vec![4, 2, 3],
            t_first: 0.1,
            interval: 0.1,
            v: Array2::from_shape_fn((samples, 3), |(k, i)| -70.0 + (3 * k + i) as f64 / 7.0),
        }),
        rates: Some(Rates {
            populations: vec!["liquid".to_owned()],
            t_first: 0.0,
            bin: 5.0,
            hz: Array2::from_shape_fn((bins, 1), |(k, _)| k as f64 / 3.0),
        }),
        final_v: Some(vec![-0.0, -64.5, f64::MIN_POSITIVE, 1e300, -70.0]),
        weights: Some(vec![ProjectionWeights { projection: "p".to_owned(), weights: vec![1.5, -0.25] }]),
        counters: Counters { spikes: spikes as u64, synaptic_events: u64::MAX, ..Counters::default() },
        provenance: Provenance {
            version: "0.1.0".to_owned(),
            seed: u64::MAX,
            engine: "grid, µ".to_owned(),
            configuration: "OHDR {\"dt\":0.1}".to_owned(),
            network: Description::default(),
        },
    }
}

fn head(recording: &Recording) -> RecordingHead {
    RecordingHead {
        t_start: recording.t_start,
        nodes: recording.nodes.clone(),
        traces: recording.traces.clone().map(|Traces { nodes, t_first, interval, v: _ }| TracesHead {
            nodes,
            t_first,
            interval,
        }),
        rates: recording.rates.clone().map(|Rates { populations, t_first, bin, hz: _ }| RatesHead {
            populations,
            t_first,
            bin,
        }),
        provenance: recording.provenance.clone(),
    }
}

fn end(recording: &Recording) -> RecordingEnd {
    let Recording { t_stop, counters, final_v, weights, .. } = recording.clone();
    RecordingEnd { t_stop, counters, final_v, weights }
}

/// Records the rows from one fraction of everything to another.
fn record(writer: &mut RecordingWriter, recording: &Recording, from: f64, to: f64) -> Result<(), FileError> {
    let part = |n: usize| (n as f64 * from) as usize..(n as f64 * to) as usize;
    let spikes = part(recording.spikes.len());
    writer.spikes(&recording.spikes.times()[spikes.clone()], &recording.spikes.nodes()[spikes])?;
    if let Some(Traces { v, .. }) = &recording.traces {
        let rows = part(v.nrows());
        writer.samples(&v.as_slice().unwrap()[rows.start * v.ncols()..rows.end * v.ncols()])?;
    }
    if let Some(Rates { hz, .. }) = &recording.rates {
        let rows = part(hz.nrows());
        writer.rates(&hz.as_slice().unwrap()[rows.start * hz.ncols()..rows.end * hz.ncols()])?;
    }
    Ok(())
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A position has to survive a checkpoint.
fn kept(position: &RecordingPosition) -> RecordingPosition {
    serde_json::from_str(&serde_json::to_string(position).unwrap()).unwrap()
}

#[test]
fn a_streamed_recording_is_the_one_written_at_once() {
    for (spikes, samples, bins) in [(1000, 300, 20), (1, 0, 1), (0, 1, 0), (0, 0, 0), (200_000, 1, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.h5");
        let mut recording = recording(spikes, samples, bins);
        if bins == 0 {
            (recording.traces, recording.rates, recording.final_v) = (None, None, None);
        }
        let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
        for step in 0..10 {
            record(&mut writer, &recording, f64::from(step) / 10.0, f64::from(step + 1) / 10.0).unwrap();
        }
        writer.finish(&end(&recording)).unwrap();
        assert_eq!(file::read_recording(&path).unwrap(), recording);
        assert_eq!(names(folder.path()), ["run.h5"]);
    }
}

#[test]
fn a_run_that_crashes_is_taken_up_where_its_last_position_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.h5");
    let recording = recording(300_000, 500, 10);
    let mut position = {
        let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
        record(&mut writer, &recording, 0.0, 0.1).unwrap();
        writer.position().unwrap()
    };
    for tenth in 1..10 {
        let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let mut writer = RecordingWriter::resume(&path, &kept(&position)).unwrap();
        assert_eq!(writer.head(), &head(&recording));
        record(&mut writer, &recording, from, to).unwrap();
        let next = writer.position().unwrap();
        // The crash comes after more was recorded, now and then before the next checkpoint is there.
        record(&mut writer, &recording, to, 1.0).unwrap();
        drop(writer);
        fs::write(folder.path().join("run.h5.part/whole.h5"), "half of it").unwrap();
        if tenth % 3 == 0 {
            let mut writer = RecordingWriter::resume(&path, &position).unwrap();
            record(&mut writer, &recording, from, to).unwrap();
            assert_eq!(writer.position().unwrap(), next);
        }
        position = next;
    }
    assert!(!path.exists());
    let mut writer = RecordingWriter::resume(&path, &position).unwrap();
    writer.assemble(&end(&recording)).unwrap();
    assert_eq!(file::read_recording(&path).unwrap(), recording);
    // A crash between the two: the run ends once more.
    drop(writer);
    RecordingWriter::resume(&path, &position).unwrap().finish(&end(&recording)).unwrap();
    assert_eq!(file::read_recording(&path).unwrap(), recording);
    assert_eq!(names(folder.path()), ["run.h5"]);
}

#[test]
fn a_run_that_is_stopped_leaves_a_whole_recording_of_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.h5");
    fs::write(&path, "an older one").unwrap();
    let (whole, half) = (recording(100, 40, 8), Recording { t_stop: 0.125, ..recording(50, 20, 4) });
    let mut writer = RecordingWriter::create(&path, &head(&whole)).unwrap();
    record(&mut writer, &whole, 0.0, 0.5).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "an older one");
    writer.finish(&end(&half)).unwrap();
    assert_eq!(file::read_recording(&path).unwrap(), half);
}

#[test]
fn a_spool_is_used_by_one_run_and_removed_only_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.h5");
    let head = head(&recording(0, 0, 0));
    let mut writer = RecordingWriter::create(&path, &head).unwrap();
    let position = writer.position().unwrap();
    assert!(matches!(RecordingWriter::create(&path, &head), Err(FileError::SpoolBusy { .. })));
    assert!(matches!(RecordingWriter::resume(&path, &position), Err(FileError::SpoolBusy { .. })));
    assert!(matches!(RecordingWriter::discard(&path), Err(FileError::SpoolBusy { .. })));
    drop(writer);
    let error = RecordingWriter::create(&path, &head).err().unwrap();
    assert!(matches!(&error, FileError::SpoolExists { spool } if spool.ends_with("run.h5.part")), "{error}");
    RecordingWriter::discard(&path).unwrap();
    RecordingWriter::discard(&path).unwrap();
    let error = RecordingWriter::resume(&path, &position).err().unwrap();
    assert!(matches!(error, FileError::SpoolMissing { .. }), "{error}");
    fs::create_dir(folder.path().join("run.h5.part")).unwrap();
    RecordingWriter::discard(&path).unwrap();
    drop(RecordingWriter::create(&path, &head).unwrap());
}

#[test]
fn a_spool_that_does_not_fit_the_position_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.h5");
    let recording = recording(1000, 10, 10);
    let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
    record(&mut writer, &recording, 0.0, 1.0).unwrap();
    let position = writer.position().unwrap();
    drop(writer);
    for (name, len) in [("spike_t_ms.f64", 8000), ("spike_node.u32", 4000), ("trace_v_mV.f64", 240)] {
        let file = folder.path().join("run.h5.part").join(name);
        let good = fs::read(&file).unwrap();
        assert_eq!(good.len(), len);
        fs::write(&file, &good[..len - 1]).unwrap();
        let error = RecordingWriter::resume(&path, &position).err().unwrap();
        let FileError::SpoolShort { file: named, has, needs } = &error else { panic!("{error:?}") };
        assert_eq!((named, *has, *needs), (&file, len as u64 - 1, len as u64));
        let mut bad = good.clone();
        bad[len / 2] ^= 1;
        fs::write(&file, &bad).unwrap();
        let error = RecordingWriter::resume(&path, &position).err().unwrap();
        assert!(matches!(&error, FileError::SpoolChanged { file: named, .. } if *named == file), "{error}");
        fs::write(&file, &good).unwrap();
    }
    drop(RecordingWriter::resume(&path, &position).unwrap());

    // The spool of another run.
    RecordingWriter::discard(&path).unwrap();
    let other = RecordingHead { t_start: 1.0, ..head(&recording) };
    let mut writer = RecordingWriter::create(&path, &other).unwrap();
    record(&mut writer, &recording, 0.0, 1.0).unwrap();
    writer.position().unwrap();
    drop(writer);
    let error = RecordingWriter::resume(&path, &position).err().unwrap();
    assert!(matches!(&error, FileError::SpoolChanged { file, .. } if file.ends_with("head.h5")), "{error}");
}

#[test]
fn rows_and_spikes_that_do_not_fit_are_refused_and_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.h5");
    let recording = Recording { rates: None, ..recording(2, 1, 0) };
    let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
    record(&mut writer, &recording, 0.0, 1.0).unwrap();
    let before = writer.position().unwrap();
    let rows = |result: Result<(), FileError>| match result.unwrap_err() {
        FileError::Rows { object, values, columns, .. } => (object, values, columns),
        error => panic!("{error:?}"),
    };
    assert_eq!(rows(writer.samples(&[0.0; 4])), ("traces/v_mV", 4, 3));
    assert_eq!(rows(writer.rates(&[0.0])), ("rates/hz", 1, 0));
    let mut spikes = |times: &[f64], nodes: &[u32]| match writer.spikes(times, nodes).unwrap_err() {
        FileError::Spikes { source, .. } => source,
        error => panic!("{error:?}"),
    };
    assert_eq!(spikes(&[1.0, 0.5], &[0, 0]), SpikeTrainError::Order { index: 1 });
    assert_eq!(spikes(&[0.0], &[2]), SpikeTrainError::Order { index: 0 });
    assert_eq!(spikes(&[1.0], &[5]), SpikeTrainError::Node { index: 0, node: 5, n_nodes: 5 });
    assert_eq!(spikes(&[1.0], &[]), SpikeTrainError::Lengths { times: 1, nodes: 0 });
    assert!(matches!(spikes(&[f64::NAN], &[0]), SpikeTrainError::Time { index: 0, .. }));
    assert_eq!(writer.position().unwrap(), before);
    writer.finish(&end(&recording)).unwrap();
    assert_eq!(file::read_recording(&path).unwrap(), recording);
}

#[test]
fn a_folder_that_is_missing_or_goes_away_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let recording = recording(10, 0, 0);
    let missing = folder.path().join("missing/run.h5");
    let error = RecordingWriter::create(&missing, &head(&recording)).err().unwrap();
    assert!(matches!(&error, FileError::Write { file, .. } if *file == missing), "{error:?}");
    let error = RecordingWriter::create(folder.path(), &head(&recording)).err().unwrap();
    assert!(matches!(&error, FileError::Write { .. }), "{error:?}");

    let path = folder.path().join("run.h5");
    let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
    writer.position().unwrap();
    fs::remove_dir_all(folder.path().join("run.h5.part")).unwrap();
    record(&mut writer, &recording, 0.0, 1.0).unwrap();
    let error = writer.position().unwrap_err();
    assert!(
        matches!(&error, FileError::SpoolWrite { file, .. } if file.ends_with("spike_t_ms.f64")),
        "{error:?}"
    );
    assert!(writer.finish(&end(&recording)).is_err());
    assert!(!path.exists());
}

/// The part of the test below that runs in a process whose files may have 80 KiB.
#[test]
fn in_a_process_with_a_limit() {
    let Some(folder) = std::env::var_os("RHEOBASE_LIMITED") else { return };
    let folder = Path::new(&folder);
    let path = folder.join("run.h5");
    // Half of the samples are 70 KiB, which fits; all of them, and the whole recording, do not.
    let recording = recording(2048, 6000, 0);
    let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
    record(&mut writer, &recording, 0.0, 0.5).unwrap();
    let position = writer.position().unwrap();
    fs::write(folder.join("position.json"), serde_json::to_string(&position).unwrap()).unwrap();
    record(&mut writer, &recording, 0.5, 1.0).unwrap();
    for _ in 0..2 {
        let error = writer.position().unwrap_err();
        let FileError::SpoolWrite { file, source } = &error else { panic!("{error:?}") };
        assert!(file.ends_with("trace_v_mV.f64"), "{error}");
        assert_eq!(source.kind(), std::io::ErrorKind::FileTooLarge);
    }
    drop(writer);
    let mut writer = RecordingWriter::resume(&path, &position).unwrap();
    let error = writer.assemble(&end(&recording)).unwrap_err();
    assert!(matches!(&error, FileError::Write { file, .. } if *file == path), "{error:?}");
    assert!(!folder.join("run.h5.part/whole.h5").exists());
    fs::write(folder.join("done"), "").unwrap();
}

/// A limit of the size of files refuses writes as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_what_was_recorded_before() {
    let folder = tempfile::tempdir().unwrap();
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 160; exec \"$0\" --exact in_a_process_with_a_limit"])
        .arg(std::env::current_exe().unwrap())
        .env("RHEOBASE_LIMITED", folder.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    assert!(folder.path().join("done").exists());
    let (path, recording) = (folder.path().join("run.h5"), recording(2048, 6000, 0));
    assert!(!path.exists());
    let position = fs::read_to_string(folder.path().join("position.json")).unwrap();
    let position: RecordingPosition = serde_json::from_str(&position).unwrap();
    let mut writer = RecordingWriter::resume(&path, &position).unwrap();
    record(&mut writer, &recording, 0.5, 1.0).unwrap();
    writer.finish(&end(&recording)).unwrap();
    assert_eq!(file::read_recording(&path).unwrap(), recording);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pieces of any size, with positions and crashes in between.
    #[test]
    fn pieces_make_no_difference(
        size in (0..3000_usize, 0..200_usize, 0..50_usize),
        cuts in prop::collection::vec((0.0..1.0_f64, 0..3_u8), 0..12),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.h5");
        let recording = recording(size.0, size.1, size.2);
        let mut cuts = cuts;
        cuts.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut writer = RecordingWriter::create(&path, &head(&recording)).unwrap();
        let mut from = 0.0;
        for (to, event) in cuts.into_iter().chain([(1.0, 0)]) {
            record(&mut writer, &recording, from, to).unwrap();
            from = to;
            if event > 0 {
                let position = writer.position().unwrap();
                if event > 1 {
                    record(&mut writer, &recording, to, 1.0).unwrap();
                    drop(writer);
                    writer = RecordingWriter::resume(&path, &position).unwrap();
                }
            }
        }
        writer.finish(&end(&recording)).unwrap();
        prop_assert_eq!(file::read_recording(&path).unwrap(), recording);
    }
}
