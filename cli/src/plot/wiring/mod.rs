//! Who listens to whom: a wiring as a picture.
//!
//! A wiring with layers is drawn from left to right, inputs first; one without is a table of sources and
//! targets, because lines between many units that all talk to each other show nothing.

mod layered;
mod table;

use std::path::Path;

use anyhow::Result;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use rheobase_ltc::wiring::{Synapse, UnitKind, Wiring};

use super::axes::{count_text, text};
use super::palette::{COMMAND, EXCITATORY, INHIBITORY, INK, INTER, MOTOR};
use super::surface::{Area, px, save};

/// A wiring to be drawn.
pub struct Wired<'a> {
    /// Who listens to whom.
    pub wiring: &'a Wiring,
    /// Names of the inputs, if they have names; numbers otherwise.
    pub inputs: &'a [String],
    /// What training has made of the synapses between units and of those from inputs, in their order: the
    /// conductance, negative where the synapse inhibits.
    pub strengths: Option<[Vec<f64>; 2]>,
}

/// More units in a layer than this cannot be told apart.
const MOST_IN_A_LAYER: usize = 160;

/// Draws a wiring; blue synapses excite, orange ones inhibit, and strong ones are wide or dark.
///
/// # Errors
/// If the file cannot be written.
pub fn wiring(wired: &Wired<'_>, path: &Path) -> Result<()> {
    let layers = wired.wiring.layers();
    let n_inputs = wired.wiring.n_inputs();
    let tallest = layers.iter().map(Vec::len).chain([n_inputs]).max().unwrap_or(0);
    match layers.len() > 1 && tallest <= MOST_IN_A_LAYER {
        true => save(&layered::Layered::new(wired), path),
        false => save(&table::TableFigure::new(wired), path),
    }
}

impl Wired<'_> {
    /// Synapses with their signed strengths, ±1 if nothing was trained: those between units, or from inputs.
    fn synapses(&self, from_inputs: bool) -> impl Iterator<Item = (&Synapse, f64)> {
        let list = if from_inputs { self.wiring.sensory() } else { self.wiring.synapses() };
        let strengths =
            self.strengths.as_ref().map(|[units, inputs]| if from_inputs { inputs } else { units });
        list.iter().enumerate().map(move |(k, synapse)| {
            (synapse, strengths.map_or(f64::from(synapse.polarity), |strengths| strengths[k]))
        })
    }

    /// The largest conductance.
    fn strongest(&self) -> f64 {
        let all = self.synapses(false).chain(self.synapses(true));
        all.map(|(_, strength)| strength.abs()).fold(1e-300, f64::max)
    }

    fn input_name(&self, input: usize) -> String {
        self.inputs.get(input).cloned().unwrap_or_else(|| input.to_string())
    }

    fn caption(&self) -> String {
        let Self { wiring, .. } = self;
        let inhibitory = self.synapses(false).chain(self.synapses(true)).filter(|(_, s)| *s < 0.0).count();
        format!(
            "inputs: {}, units: {}, outputs: {}  ·  synapses: {} from inputs, {} between units, {} of all inhibitory",
            count_text(wiring.n_inputs() as u64),
            count_text(wiring.units() as u64),
            count_text(wiring.n_outputs() as u64),
            count_text(wiring.sensory().len() as u64),
            count_text(wiring.synapses().len() as u64),
            count_text(inhibitory as u64)
        )
    }
}

/// The color of a kind of unit.
pub fn kind_color(kind: UnitKind) -> RGBColor {
    match kind {
        UnitKind::Motor => MOTOR,
        UnitKind::Command => COMMAND,
        UnitKind::Inter => INTER,
    }
}

/// What a kind of unit is called.
pub fn kind_name(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Motor => "motor",
        UnitKind::Command => "command",
        UnitKind::Inter => "inter",
    }
}

/// Which line means what, from left to right.
fn draw_legend<B>(area: &Area<B>, strongest: Option<f64>) -> Result<()>
where
    B: DrawingBackend,
    B::ErrorType: 'static,
{
    let left = Pos::new(HPos::Left, VPos::Center);
    for (k, (name, color)) in [("excitatory", EXCITATORY), ("inhibitory", INHIBITORY)].into_iter().enumerate()
    {
        let x = px(24.0 + 110.0 * k as f64);
        area.draw(&PathElement::new(
            [(x, px(12.0)), (x + px(18.0), px(12.0))],
            color.stroke_width(px(1.6) as u32),
        ))?;
        text(area, name, (x + px(24.0), px(12.0)), 12.0, INK, left)?;
    }
    if let Some(strongest) = strongest {
        let strongest = crate::output::short(strongest);
        text(
            area,
            &format!("the strongest conductance is {strongest}"),
            (px(250.0), px(12.0)),
            12.0,
            INK,
            left,
        )?;
    }
    Ok(())
}
