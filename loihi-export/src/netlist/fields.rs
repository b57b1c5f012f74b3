//! The fields of a model, named once for writing and for reading.

use super::{Activation, Delta, FloatLif, Lif, LtcUnits, Model, Resonator};

/// Somebody who takes or gives the fields of a model, one after the other.
pub(super) trait Fields {
    /// Why a field cannot be had.
    type Error;

    /// A number of every compartment, or of every synapse.
    fn column(&mut self, name: &'static str, column: &mut Vec<i32>) -> Result<(), Self::Error>;

    /// A count of every compartment.
    fn counts(&mut self, name: &'static str, column: &mut Vec<u32>) -> Result<(), Self::Error>;

    /// A floating-point number of every compartment.
    fn floats(&mut self, name: &'static str, column: &mut Vec<f64>) -> Result<(), Self::Error>;

    /// A number of the group, which has to be from `min` to `max`.
    fn scalar(&mut self, name: &'static str, value: i64, range: [i64; 2]) -> Result<i64, Self::Error>;
}

/// A number of the group, of any type.
fn scalar<F: Fields, T: Copy + Into<i64> + TryFrom<i64>>(
    fields: &mut F,
    name: &'static str,
    value: &mut T,
    range: [T; 2],
) -> Result<(), F::Error> {
    let read = fields.scalar(name, (*value).into(), range.map(Into::into))?;
    *value = T::try_from(read).unwrap_or(*value);
    Ok(())
}

fn yes_or_no<F: Fields>(fields: &mut F, name: &'static str, value: &mut bool) -> Result<(), F::Error> {
    *value = fields.scalar(name, i64::from(*value), [0, 1])? == 1;
    Ok(())
}

/// A model of this name with nothing in it.
pub(super) fn blank(name: &str) -> Option<Model> {
    let lif = Lif::default;
    let delta = || Delta { vth: Vec::new(), spike_exp: 0, state_exp: 0, cum_error: false };
    Some(match name {
        "lif" => Model::Lif(lif()),
        "lif_reset" => Model::LifReset { lif: lif(), interval: 1, offset: 0 },
        "ternary_lif" => Model::TernaryLif { lif: lif(), vth_lo: Vec::new() },
        "float_lif" => Model::FloatLif(FloatLif {
            du: Vec::new(),
            dv: Vec::new(),
            vth: Vec::new(),
            bias: Vec::new(),
            refractory: Vec::new(),
        }),
        "graded_vec" => Model::GradedVec { vth: Vec::new(), rectified: false },
        "product" => Model::Product { vth: Vec::new(), exp: 0 },
        "sigma" => Model::Sigma,
        "delta" => Model::Delta(delta()),
        "sigma_delta" => Model::SigmaDelta { delta: delta(), bias: Vec::new(), activation: Activation::Unit },
        "resonator" => Model::Resonator(Resonator {
            sin_decay: Vec::new(),
            cos_decay: Vec::new(),
            vth: Vec::new(),
            state_exp: 0,
            decay_bits: 0,
            izhikevich: false,
        }),
        "ltc" => Model::Ltc(LtcUnits::default()),
        _ => return None,
    })
}

/// Goes through all fields of a model.
pub(super) fn visit<F: Fields>(model: &mut Model, fields: &mut F) -> Result<(), F::Error> {
    match model {
        Model::Lif(of) => lif(of, fields),
        Model::LifReset { lif: of, interval, offset } => {
            scalar(fields, "interval", interval, [1, u32::MAX])?;
            scalar(fields, "offset", offset, [0, u32::MAX])?;
            lif(of, fields)
        }
        Model::TernaryLif { lif: of, vth_lo } => {
            fields.column("vth_lo", vth_lo)?;
            lif(of, fields)
        }
        Model::FloatLif(FloatLif { du, dv, vth, bias, refractory }) => {
            for (name, column) in [("du", du), ("dv", dv), ("vth", vth), ("bias", bias)] {
                fields.floats(name, column)?;
            }
            fields.counts("refractory", refractory)
        }
        Model::GradedVec { vth, rectified } => {
            yes_or_no(fields, "rectified", rectified)?;
            fields.column("vth", vth)
        }
        Model::Product { vth, exp } => {
            scalar(fields, "exp", exp, [0, u8::MAX])?;
            fields.column("vth", vth)
        }
        Model::Sigma => Ok(()),
        Model::Delta(of) => delta(of, fields),
        Model::SigmaDelta { delta: of, bias, activation } => {
            let mut relu = *activation == Activation::Relu;
            yes_or_no(fields, "relu", &mut relu)?;
            *activation = if relu { Activation::Relu } else { Activation::Unit };
            fields.column("bias", bias)?;
            delta(of, fields)
        }
        Model::Resonator(of) => {
            let Resonator { sin_decay, cos_decay, vth, state_exp, decay_bits, izhikevich } = of;
            scalar(fields, "state_exp", state_exp, [0, u8::MAX])?;
            scalar(fields, "decay_bits", decay_bits, [0, u8::MAX])?;
            yes_or_no(fields, "izhikevich", izhikevich)?;
            fields.column("sin_decay", sin_decay)?;
            fields.column("cos_decay", cos_decay)?;
            fields.column("vth", vth)
        }
        Model::Ltc(of) => ltc(of, fields),
    }
}

fn ltc<F: Fields>(units: &mut LtcUnits, fields: &mut F) -> Result<(), F::Error> {
    let LtcUnits {
        cm,
        gleak,
        vleak,
        w,
        slope,
        mu,
        erev,
        table,
        sigmoid_bits,
        z_bits,
        slope_shift,
        threshold,
        start,
    } = units;
    for (name, bits) in [("sigmoid_bits", sigmoid_bits), ("z_bits", z_bits), ("slope_shift", slope_shift)] {
        scalar(fields, name, bits, [0, u8::MAX])?;
    }
    scalar(fields, "threshold", threshold, [i32::MIN, i32::MAX])?;
    scalar(fields, "start", start, [0, u32::MAX])?;
    let of_units = [("cm", cm), ("gleak", gleak), ("vleak", vleak)];
    let of_synapses = [("w", w), ("slope", slope), ("mu", mu), ("erev", erev), ("table", table)];
    of_units.into_iter().chain(of_synapses).try_for_each(|(name, column)| fields.column(name, column))
}

fn lif<F: Fields>(lif: &mut Lif, fields: &mut F) -> Result<(), F::Error> {
    let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min, v_max } = lif;
    scalar(fields, "v_min", v_min, [i32::MIN, i32::MAX])?;
    scalar(fields, "v_max", v_max, [i32::MIN, i32::MAX])?;
    let columns = [
        ("du", du),
        ("dv", dv),
        ("vth", vth),
        ("bias_mant", bias_mant),
        ("bias_exp", bias_exp),
        ("refractory", refractory),
        ("u", u),
        ("v", v),
    ];
    columns.into_iter().try_for_each(|(name, column)| fields.column(name, column))
}

fn delta<F: Fields>(delta: &mut Delta, fields: &mut F) -> Result<(), F::Error> {
    let Delta { vth, spike_exp, state_exp, cum_error } = delta;
    scalar(fields, "spike_exp", spike_exp, [0, u8::MAX])?;
    scalar(fields, "state_exp", state_exp, [0, u8::MAX])?;
    yes_or_no(fields, "cum_error", cum_error)?;
    fields.column("vth", vth)
}
