//! Small HDF5 files of every layout, sound and not, from the corpus of the fuzz target.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;

use rheobase_study::data::{Signal, load_hdf5};

fn corpus(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/samples_file").join(name)
}

/// The files hold counting numbers, so that the cuts can be seen.
#[test]
fn sound_files_are_cut_into_samples() {
    let series = load_hdf5(&corpus("valid_series.h5")).unwrap();
    assert_eq!((series.name(), series.classes().len(), series.groups().len()), ("valid_series", 2, 0));
    let Signal::Series(second) = &series.samples()[1].signal else { panic!("not a series") };
    assert_eq!(second, &ndarray::array![[4.0, 5.0], [6.0, 7.0], [8.0, 9.0], [10.0, 11.0]]);
    assert!(series.samples()[1].is_test && !series.samples()[0].is_test);

    let audio = load_hdf5(&corpus("valid_audio.h5")).unwrap();
    assert_eq!(audio.groups(), ["x", "y"]);
    let Signal::Audio(second) = &audio.samples()[1].signal else { panic!("not audio") };
    assert_eq!((second.rate_hz, second.pcm.len(), second.pcm[0]), (8000, 5, 3.0 / 32768.0));

    let events = load_hdf5(&corpus("valid_events.h5")).unwrap();
    let Signal::Events(first) = &events.samples()[0].signal else { panic!("not events") };
    // Node (p·34 + y)·34 + x: 0 for the first corner, 2311 for the last.
    assert_eq!((first.n_nodes(), first.times(), first.nodes()), (2312, &[0.005, 0.009][..], &[0, 2311][..]));
}

#[test]
fn faults_are_named_with_their_place() {
    for (name, says) in [
        (
            "offset_past_the_end.h5",
            "offset 2 is 4000000000: offsets must start at 0, never fall, and end at 6",
        ),
        ("offset_falls.h5", "offset 2 is 6: offsets must"),
        ("label_out_of_range.h5", "sample 1 has the label 9, and there are 2 classes (0 to 1)"),
        ("no_channel.h5", "X has the shape [6, 0]"),
        ("rate_below_zero.h5", "rate_hz is -1, and must be between 1 and 4294967295"),
        ("pixel_out_of_range.h5", "x[1] is 34, and must be below 34"),
        ("times_fall.h5", "the times of sample 1 fall"),
        ("label_of_4_billion.h5", "sample 1 has the label 4294967295"),
    ] {
        let found = load_hdf5(&corpus(name)).unwrap_err().to_string();
        assert!(found.contains(says), "{name}: {found}");
    }
}
