//! The rows of a table of colors: a unit or an input each, in groups.

use std::ops::Range;

use plotters::style::RGBColor;
use rheobase_ltc::wiring::{UnitKind, Wiring};

use super::palette::{INK, INPUT, MOTOR};
use super::wiring::{kind_color, kind_name};

/// What stands in which row, from top to bottom.
pub struct Rows {
    /// The number of the unit or input of every row.
    pub order: Vec<usize>,
    /// What stands beside every row.
    pub labels: Vec<String>,
    /// Rows that belong together.
    pub groups: Vec<Group>,
}

/// Rows that belong together.
pub struct Group {
    /// What they are.
    pub name: String,
    /// The color of their kind.
    pub color: RGBColor,
    /// Which they are.
    pub rows: Range<usize>,
}

impl Rows {
    /// The units of a wiring, in the order in which signals go through their kinds.
    pub fn of_wiring(wiring: &Wiring) -> Self {
        let mut rows = Self { order: Vec::new(), labels: Vec::new(), groups: Vec::new() };
        for kind in [UnitKind::Inter, UnitKind::Command, UnitKind::Motor] {
            let first = rows.order.len();
            rows.order.extend((0..wiring.units()).filter(|unit| wiring.kinds()[*unit] == kind));
            if rows.order.len() > first {
                let (name, color) = (kind_name(kind).to_owned(), kind_color(kind));
                rows.groups.push(Group { name, color, rows: first..rows.order.len() });
            }
        }
        rows.labels = rows.order.iter().map(usize::to_string).collect();
        rows
    }

    /// The units of a network without a wiring.
    pub fn of_units(n: usize) -> Self {
        let labels = (0..n).map(|unit| unit.to_string()).collect();
        let groups = vec![Group { name: "units".to_owned(), color: MOTOR, rows: 0..n }];
        Self { order: (0..n).collect(), labels, groups }
    }

    /// Inputs by their names.
    pub fn of_inputs(names: &[String]) -> Self {
        let groups = vec![Group { name: "inputs".to_owned(), color: INPUT, rows: 0..names.len() }];
        Self { order: (0..names.len()).collect(), labels: names.to_vec(), groups }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// A height that shows every row \[points\].
    pub fn height(&self) -> f64 {
        (14.0 * self.len() as f64).clamp(42.0, 580.0)
    }

    /// The color of a row's group.
    pub fn color(&self, row: usize) -> RGBColor {
        self.groups.iter().find(|group| group.rows.contains(&row)).map_or(INK, |group| group.color)
    }
}
