//! Colors that stay apart for color-blind readers and in grayscale print.

use plotters::style::RGBColor;
use rheobase_net::NodeRange;

/// Axes and titles.
pub const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
/// Captions, rulers and whatever should step back.
pub const FAINT: RGBColor = RGBColor(0x77, 0x77, 0x77);
/// Excitatory neurons.
pub const EXCITATORY: RGBColor = POPULATIONS[0];
/// Inhibitory neurons.
pub const INHIBITORY: RGBColor = POPULATIONS[1];

/// Okabe and Ito's colors without black and yellow (<https://jfly.uni-koeln.de/color/>).
const POPULATIONS: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x56, 0xb4, 0xe9),
];
/// Sources, apart from every population of neurons.
const SOURCES: [RGBColor; 2] = [RGBColor(0x55, 0x55, 0x55), RGBColor(0x99, 0x99, 0x99)];

/// Inputs, inter, command and motor neurons: apart from each other and from the polarities.
pub const INPUT: RGBColor = RGBColor(0x77, 0x77, 0x77);
/// Inter neurons.
pub const INTER: RGBColor = POPULATIONS[2];
/// Command neurons.
pub const COMMAND: RGBColor = POPULATIONS[4];
/// Motor neurons.
pub const MOTOR: RGBColor = POPULATIONS[3];

/// The `k`-th of some colors that stay apart.
pub fn nth(k: usize) -> RGBColor {
    POPULATIONS[k % POPULATIONS.len()]
}

/// A color for every range: neurons and sources count for themselves, in the network's order.
pub fn of_ranges(ranges: &[NodeRange]) -> Vec<RGBColor> {
    let (mut neurons, mut sources) = (POPULATIONS.iter().cycle(), SOURCES.iter().cycle());
    ranges
        .iter()
        .map(|range| if range.is_source { sources.next() } else { neurons.next() })
        .map(|color| *color.expect("a cycle of colors does not end"))
        .collect()
}

/// A color for each of `n` curves, again from the first where there are more curves than colors.
pub fn of_series(n: usize) -> impl Iterator<Item = RGBColor> {
    POPULATIONS.iter().copied().cycle().take(n)
}

/// `color` mixed with white; 0 is white, 1 the color itself.
pub fn tint(color: RGBColor, strength: f64) -> RGBColor {
    mix(RGBColor(0xff, 0xff, 0xff), color, strength)
}

/// White to dark blue by `x` in 0..=1, with an even fall of lightness.
pub fn sequential(x: f64) -> RGBColor {
    /// ColorBrewer's "Blues" at its ends and in its middle.
    const STOPS: [RGBColor; 4] = [
        RGBColor(0xff, 0xff, 0xff),
        RGBColor(0xb8, 0xd3, 0xe9),
        RGBColor(0x43, 0x8f, 0xc4),
        RGBColor(0x08, 0x30, 0x6b),
    ];
    let at = x.clamp(0.0, 1.0) * (STOPS.len() - 1) as f64;
    let i = (at as usize).min(STOPS.len() - 2);
    mix(STOPS[i], STOPS[i + 1], at - i as f64)
}

/// Orange over white to blue by `x` in −1..=1; white is 0.
pub fn diverging(x: f64) -> RGBColor {
    let color = if x < 0.0 { INHIBITORY } else { RGBColor(0x00, 0x5a, 0x9c) };
    tint(color, x.abs().min(1.0))
}

fn mix(from: RGBColor, to: RGBColor, share: f64) -> RGBColor {
    let channel =
        |from: u8, to: u8| (f64::from(from) + share * (f64::from(to) - f64::from(from))).round() as u8;
    RGBColor(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
}
