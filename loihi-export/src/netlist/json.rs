//! Small netlists as JSON.

use serde::{Deserialize, Serialize};

use super::file::{FORMAT, VERSION};
use super::{Netlist, NetlistError, ValidNetlist, validate};

/// The document: what it is, and the netlist.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<N> {
    format: String,
    version: i64,
    netlist: N,
}

/// The JSON twin of a netlist file.
pub fn to_json(netlist: &ValidNetlist) -> String {
    let document = Document { format: FORMAT.to_owned(), version: VERSION, netlist: &**netlist };
    serde_json::to_string(&document).expect("a netlist has only texts, numbers and lists of these")
}

/// Reads a netlist from JSON.
///
/// # Errors
/// [`NetlistError`].
pub fn from_json(text: &str) -> Result<ValidNetlist, NetlistError> {
    /// What every version has.
    #[derive(Deserialize)]
    struct Head {
        format: Option<String>,
        version: Option<i64>,
    }
    let syntax = |error: serde_json::Error| NetlistError::Syntax {
        line: error.line(),
        column: error.column(),
        problem: error.to_string(),
    };
    let Head { format, version } = serde_json::from_str(text).map_err(syntax)?;
    if format.as_deref() != Some(FORMAT) || version != Some(VERSION) {
        return Err(NetlistError::Format { format, version });
    }
    let document: Document<Netlist> = serde_json::from_str(text).map_err(syntax)?;
    Ok(validate(document.netlist)?)
}
