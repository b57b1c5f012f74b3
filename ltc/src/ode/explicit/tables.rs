//! The numbers of methods with an estimate of the error.

use crate::tableau::Tableau;

/// Heun's method of order 3.
pub const HEUN_3: Tableau = Tableau {
    name: "heun3",
    a: &[&[], &[1.0 / 3.0], &[0.0, 2.0 / 3.0]],
    b: &[0.25, 0.0, 0.75],
    c: &[0.0, 1.0 / 3.0, 2.0 / 3.0],
    b_error: None,
    order: 3,
};

/// Fehlberg's method of order 2, with an estimate of order 1.
pub const FEHLBERG_2: Tableau = Tableau {
    name: "fehlberg2",
    a: &[&[], &[0.5], &[1.0 / 256.0, 255.0 / 256.0]],
    b: &[1.0 / 512.0, 255.0 / 256.0, 1.0 / 512.0],
    c: &[0.0, 0.5, 1.0],
    b_error: Some(&[-1.0 / 512.0, 0.0, 1.0 / 512.0]),
    order: 2,
};

/// Bogacki & Shampine 1989, doi 10.1016/0893-9659(89)90079-7: order 3, with an estimate of order 2.
pub const BOGACKI_SHAMPINE: Tableau = Tableau {
    name: "bosh3",
    a: &[&[], &[0.5], &[0.0, 0.75], &[2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0]],
    b: &[2.0 / 9.0, 1.0 / 3.0, 4.0 / 9.0, 0.0],
    c: &[0.0, 0.5, 0.75, 1.0],
    b_error: Some(&[2.0 / 9.0 - 7.0 / 24.0, 1.0 / 3.0 - 0.25, 4.0 / 9.0 - 1.0 / 3.0, -0.125]),
    order: 3,
};

/// Dormand & Prince 1980, doi 10.1016/0771-050X(80)90013-3, with Shampine's estimate of order 4.
pub const DORMAND_PRINCE_5: Tableau = Tableau {
    name: "dopri5",
    a: &[
        &[],
        &[0.2],
        &[3.0 / 40.0, 9.0 / 40.0],
        &[44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0],
        &[19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0],
        &[9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0],
        &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
    ],
    b: &[35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0, 0.0],
    c: &[0.0, 0.2, 0.3, 0.8, 8.0 / 9.0, 1.0, 1.0],
    b_error: Some(&[
        35.0 / 384.0 - 1951.0 / 21600.0,
        0.0,
        500.0 / 1113.0 - 22642.0 / 50085.0,
        125.0 / 192.0 - 451.0 / 720.0,
        -2187.0 / 6784.0 + 12231.0 / 42400.0,
        11.0 / 84.0 - 649.0 / 6300.0,
        -1.0 / 60.0,
    ]),
    order: 5,
};

/// The weights of the state in the middle of a step, to order 5 (Shampine 1986).
pub(super) const MIDDLE_OF_DORMAND_PRINCE_5: [f64; 7] = [
    6_025_192_743.0 / 30_085_553_152.0 / 2.0,
    0.0,
    51_252_292_925.0 / 65_400_821_598.0 / 2.0,
    -2_691_868_925.0 / 45_128_329_728.0 / 2.0,
    187_940_372_067.0 / 1_594_534_317_056.0 / 2.0,
    -1_776_094_331.0 / 19_743_644_256.0 / 2.0,
    11_237_099.0 / 235_043_384.0 / 2.0,
];

/// The weights of the state in the middle of a step of Heun's method, by Euler's.
pub(super) const MIDDLE_OF_EULER: [f64; 2] = [0.5, 0.0];
/// The same for Fehlberg's method of order 2, by its middle stage.
pub(super) const MIDDLE_OF_MIDPOINT: [f64; 3] = [0.0, 0.5, 0.0];

/// Tsitouras 2011: order 5, with an estimate of order 4.
pub const TSITOURAS_5: Tableau = Tableau {
    name: "tsit5",
    a: &[
        &[],
        &[0.161],
        &[-0.008_480_655_492_356_989, 0.335_480_655_492_357],
        &[2.897_153_057_105_493_5, -6.359_448_489_975_075, 4.362_295_432_869_581_5],
        &[5.325_864_828_439_257, -11.748_883_564_062_828, 7.495_539_342_889_836_5, -0.092_495_066_361_755_25],
        &[
            5.861_455_442_946_42,
            -12.920_969_317_847_11,
            8.159_367_898_576_159,
            -0.071_584_973_281_401,
            -0.028_269_050_394_068_383,
        ],
        &[
            0.096_460_766_818_065_23,
            0.01,
            0.479_889_650_414_499_6,
            1.379_008_574_103_742,
            -3.290_069_515_436_081,
            2.324_710_524_099_774,
        ],
    ],
    b: &[
        0.096_460_766_818_065_23,
        0.01,
        0.479_889_650_414_499_6,
        1.379_008_574_103_742,
        -3.290_069_515_436_081,
        2.324_710_524_099_774,
        0.0,
    ],
    c: &[0.0, 0.161, 0.327, 0.9, 0.980_025_540_904_509_7, 1.0, 1.0],
    b_error: Some(&[
        0.001_780_011_052_225_771_4,
        0.000_816_434_459_656_746_9,
        -0.007_880_878_010_261_995,
        0.144_711_007_173_262_9,
        -0.582_357_165_452_555_2,
        0.458_082_105_929_186_97,
        -0.015_151_515_151_515_152,
    ]),
    order: 5,
};

/// The weight of every stage inside a step: factors of θ, θ², θ³ and θ⁴.
pub(super) const INSIDE_OF_TSITOURAS_5: [[f64; 4]; 7] = [
    [1.0, -2.763_706_197_274_826, 2.913_255_461_821_912_6, -1.053_088_497_729_021_6],
    [0.0, 0.131_699_999_999_999_98, -0.2234, 0.1017],
    [0.0, 3.930_296_236_894_751_6, -5.941_033_872_131_505, 2.490_627_285_651_253],
    [0.0, -12.411_077_166_933_676, 30.338_188_630_282_32, -16.548_102_889_244_902],
    [0.0, 37.509_313_416_511_04, -88.178_904_894_766_4, 47.379_521_962_819_28],
    [0.0, -27.896_526_289_197_286, 65.091_894_674_793_66, -34.870_657_861_496_61],
    [0.0, 1.5, -4.0, 2.5],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The conditions for order 5 that need no trees with branches below branches, and those for quadrature.
    #[test]
    fn rows_and_weights_add_up() {
        for Tableau { name, a, b, c, b_error, order } in [
            HEUN_3,
            FEHLBERG_2,
            BOGACKI_SHAMPINE,
            DORMAND_PRINCE_5,
            TSITOURAS_5,
            super::super::dop853::TABLEAU,
        ] {
            for (row, c) in a.iter().zip(c) {
                assert!((row.iter().sum::<f64>() - c).abs() < 1e-14, "{name}");
            }
            for power in 0..order as i32 {
                let sum: f64 = b.iter().zip(c).map(|(b, c)| b * c.powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-14, "{name}: {power}");
            }
            assert!(b_error.map_or(0.0, |b| b.iter().sum::<f64>()).abs() < 1e-14, "{name}");
        }
    }

    #[test]
    fn the_inside_ends_at_the_end() {
        for (stage, powers) in INSIDE_OF_TSITOURAS_5.iter().enumerate() {
            assert!((powers.iter().sum::<f64>() - TSITOURAS_5.b[stage]).abs() < 1e-13, "{stage}");
        }
    }
}
