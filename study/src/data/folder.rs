//! A folder of WAV files with an index in CSV.
//!
//! The index is `index.csv` in the folder, with a header line and the columns `file` (relative to
//! the folder) and `label`, and, where wanted, `group` and `split` (`train` or `test`). Classes and
//! groups are numbered in the order of their names.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::{Audio, Dataset, Draft, InvalidDataset, Sample, Signal, WavError, check, load_wav};

/// Why a folder is not a data set.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The index cannot be read.
    #[error("cannot read the index {}: give the folder an index.csv with the columns file, label, group, split", path.display())]
    Index {
        /// The index.
        path: PathBuf,
        /// Why not.
        source: csv::Error,
    },
    /// The index lacks a column, or has one that is not known.
    #[error("the index {} {problem}: its columns are file, label and, where wanted, group and split", path.display())]
    Columns {
        /// The index.
        path: PathBuf,
        /// What is wrong with them.
        problem: String,
    },
    /// Lines or files that cannot be used; all of them.
    #[error("{} of the clips in {} cannot be used:{}", faults.len(), path.display(), list(faults))]
    Clips {
        /// The folder.
        path: PathBuf,
        /// What is wrong, line by line.
        faults: Vec<ClipFault>,
    },
    /// The clips can be read, and do not make a data set.
    #[error(transparent)]
    Dataset(#[from] InvalidDataset),
}

/// What is wrong with one line of the index.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClipFault {
    /// The line has not the fields that the header promises.
    #[error("line {line}: {source}")]
    Line {
        /// The line of the index, from 1.
        line: u64,
        /// What is wrong with it.
        source: csv::Error,
    },
    /// The label is empty.
    #[error("line {line}: \"{file}\" has no label")]
    NoLabel {
        /// The line of the index.
        line: u64,
        /// The file.
        file: String,
    },
    /// The file lies outside the folder.
    #[error("line {line}: \"{file}\" leads out of the folder: give a path inside it")]
    Outside {
        /// The line of the index.
        line: u64,
        /// The file.
        file: String,
    },
    /// The file is not a recording that can be used.
    #[error("line {line}: \"{file}\": {source}")]
    Wav {
        /// The line of the index.
        line: u64,
        /// The file.
        file: String,
        /// Why not.
        source: WavError,
    },
}

fn list(faults: &[ClipFault]) -> impl fmt::Display {
    faults.iter().map(|fault| format!("\n  - {fault}")).collect::<String>()
}

#[derive(Debug, Clone, Deserialize)]
struct Row {
    file: String,
    label: String,
    #[serde(default)]
    group: String,
    #[serde(default)]
    split: Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Split {
    #[default]
    #[serde(alias = "")]
    Train,
    Test,
}

/// Reads the folder `path`.
///
/// # Errors
/// [`FolderError`]; the faults of all clips at once.
pub fn load_folder(path: &Path) -> Result<Dataset, FolderError> {
    let rows = read_index(path)?;
    let mut faults = Vec::new();
    let mut clips = Vec::new();
    for (line, row) in rows {
        match row.map_err(|source| ClipFault::Line { line, source }).and_then(|row| {
            let audio = read_clip(path, line, &row)?;
            Ok((row, audio))
        }) {
            Ok(clip) => clips.push(clip),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(FolderError::Clips { path: path.to_owned(), faults });
    }
    let name = path.file_name().map_or_else(|| "folder".into(), |name| name.to_string_lossy().into_owned());
    Ok(check(draft(name, clips, path))?)
}

type NumberedRow = (u64, Result<Row, csv::Error>);

fn read_index(path: &Path) -> Result<Vec<NumberedRow>, FolderError> {
    let path = path.join("index.csv");
    let unreadable = |source| FolderError::Index { path: path.clone(), source };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(&path).map_err(unreadable)?;
    let header = reader.headers().map_err(unreadable)?.clone();
    let wrong = |problem| FolderError::Columns { path: path.clone(), problem };
    for column in ["file", "label"] {
        if !header.iter().any(|name| name == column) {
            return Err(wrong(format!("has no column \"{column}\"")));
        }
    }
    let mut seen = BTreeSet::new();
    for name in header.iter() {
        if !["file", "label", "group", "split"].contains(&name) {
            return Err(wrong(format!("has a column \"{name}\"")));
        }
        if !seen.insert(name) {
            return Err(wrong(format!("has two columns \"{name}\"")));
        }
    }
    let rows = reader.records().enumerate().map(|(k, record)| {
        let line = match &record {
            Ok(record) => record.position().map_or(k as u64 + 2, csv::Position::line),
            Err(error) => error.position().map_or(k as u64 + 2, csv::Position::line),
        };
        (line, record.and_then(|record| record.deserialize(Some(&header))))
    });
    Ok(rows.collect())
}

fn read_clip(folder: &Path, line: u64, row: &Row) -> Result<Audio, ClipFault> {
    let file = row.file.clone();
    if row.label.is_empty() {
        return Err(ClipFault::NoLabel { line, file });
    }
    let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if !Path::new(&file).components().all(inside) {
        return Err(ClipFault::Outside { line, file });
    }
    load_wav(&folder.join(&file)).map_err(|source| ClipFault::Wav { line, file, source })
}

fn draft(name: String, clips: Vec<(Row, Audio)>, path: &Path) -> Draft {
    let sorted = |field: fn(&Row) -> &String| -> Vec<String> {
        let names: BTreeSet<&String> =
            clips.iter().map(|(row, _)| field(row)).filter(|n| !n.is_empty()).collect();
        names.into_iter().cloned().collect()
    };
    let (classes, groups) = (sorted(|row| &row.label), sorted(|row| &row.group));
    let place = |names: &[String], name: &String| names.binary_search(name).ok().map(|k| k as u32);
    let samples = clips
        .into_iter()
        .map(|(row, audio)| Sample {
            signal: Signal::Audio(audio),
            label: place(&classes, &row.label).expect("the label is in the list made of all labels"),
            group: place(&groups, &row.group),
            is_test: row.split == Split::Test,
        })
        .collect();
    let source = path.display().to_string();
    Draft { name, classes, groups, channels: Vec::new(), samples, source, license: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(index: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.csv"), index).unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: 16000,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        for (name, len) in [("a.wav", 50), ("b.wav", 70), ("empty.wav", 0)] {
            let mut writer = hound::WavWriter::create(folder.path().join(name), spec).unwrap();
            (0..len).for_each(|k| writer.write_sample(k).unwrap());
            writer.finalize().unwrap();
        }
        let whole = std::fs::read(folder.path().join("a.wav")).unwrap();
        std::fs::write(folder.path().join("cut.wav"), &whole[..whole.len() - 10]).unwrap();
        std::fs::write(folder.path().join("text.wav"), "not a recording").unwrap();
        folder
    }

    #[test]
    fn classes_groups_and_split_come_from_the_index() {
        let folder =
            folder("file,label,group,split\na.wav,two,eve,train\nb.wav,one,adam,test\na.wav,one,eve,\n");
        let dataset = load_folder(folder.path()).unwrap();
        assert_eq!(dataset.classes(), ["one", "two"]);
        assert_eq!(dataset.groups(), ["adam", "eve"]);
        assert_eq!(dataset.labels(), [1, 0, 0]);
        let samples = dataset.samples();
        assert_eq!(samples.iter().map(|s| s.group).collect::<Vec<_>>(), [Some(1), Some(0), Some(1)]);
        assert_eq!(samples.iter().map(|s| s.is_test).collect::<Vec<_>>(), [false, true, false]);
        let Signal::Audio(audio) = &samples[1].signal else { panic!("{samples:?}") };
        assert_eq!((audio.rate_hz, audio.pcm.len(), audio.pcm[64]), (16000, 70, 64.0 / 32768.0));
    }

    #[test]
    fn all_faults_come_at_once() {
        let folder = folder(
            "file,label,split\nabsent.wav,x,train\ncut.wav,x,test\ntext.wav,x,\nempty.wav,x,train\n\
             ../a.wav,y,test\na.wav,,test\na.wav,x,maybe\na.wav,x\nb.wav,y,test\n",
        );
        let error = load_folder(folder.path()).unwrap_err();
        let FolderError::Clips { faults, .. } = &error else { panic!("{error}") };
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 8, "{lines:#?}");
        assert!(lines[0].starts_with("line 2: \"absent.wav\": it cannot be read"));
        assert!(lines[1].contains("promises 50 samples, and only 45"));
        assert!(lines[2].contains("not a WAV file"));
        assert!(lines[3].contains("holds no sample"));
        assert!(lines[4].contains("leads out of the folder"));
        assert!(lines[5].contains("has no label"));
        assert!(lines[6].starts_with("line 8") && lines[6].contains("maybe"));
        assert!(lines[7].starts_with("line 9"), "{}", lines[7]);
    }

    #[test]
    fn columns_are_checked_first() {
        let says = |index: &str| load_folder(folder(index).path()).unwrap_err().to_string();
        assert!(says("file,class\na.wav,x\n").contains("has no column \"label\""));
        assert!(says("file,label,speaker\na.wav,x,y\n").contains("has a column \"speaker\""));
        assert!(says("file,label\na.wav,x\nb.wav,x\n").contains("there is 1 class: a classifier needs two"));
        let empty = tempfile::tempdir().unwrap();
        assert!(load_folder(empty.path()).unwrap_err().to_string().contains("index.csv"));
    }
}
