//! The numbers of implicit methods.

use std::f64::consts::FRAC_1_SQRT_2;

use super::Implicit;
use crate::tableau::Tableau;

/// Implicit Euler; L-stable.
pub const IMPLICIT_EULER: Implicit = Implicit {
    tableau: &Tableau { name: "implicit-euler", a: &[&[1.0]], b: &[1.0], c: &[1.0], b_error: None, order: 1 },
};

/// The implicit midpoint, Gauss's method of order 2.
pub const IMPLICIT_MIDPOINT: Implicit = Implicit {
    tableau: &Tableau {
        name: "implicit-midpoint",
        a: &[&[0.5]],
        b: &[1.0],
        c: &[0.5],
        b_error: None,
        order: 2,
    },
};

/// The implicit trapezoid.
pub const TRAPEZOID: Implicit = Implicit {
    tableau: &Tableau {
        name: "trapezoid",
        a: &[&[], &[0.5, 0.5]],
        b: &[0.5, 0.5],
        c: &[0.0, 1.0],
        b_error: None,
        order: 2,
    },
};

/// Gauss's method of order 4.
pub const GAUSS_4: Implicit = Implicit {
    tableau: &Tableau {
        name: "gl4",
        a: &[&[0.25, -0.038_675_134_594_812_88], &[0.538_675_134_594_812_9, 0.25]],
        b: &[0.5, 0.5],
        c: &[0.211_324_865_405_187_1, 0.788_675_134_594_812_9],
        b_error: None,
        order: 4,
    },
};

/// Gauss's method of order 6.
pub const GAUSS_6: Implicit = Implicit {
    tableau: &Tableau {
        name: "gl6",
        a: &[
            &[0.138_888_888_888_888_9, -0.035_976_667_524_938_9, 0.009_789_444_015_308_325],
            &[0.300_263_194_980_864_57, 0.222_222_222_222_222_2, -0.022_485_417_203_086_815],
            &[0.267_988_333_762_469_44, 0.480_421_111_969_383_36, 0.138_888_888_888_888_9],
        ],
        b: &[0.277_777_777_777_777_8, 0.444_444_444_444_444_4, 0.277_777_777_777_777_8],
        c: &[0.112_701_665_379_258_31, 0.5, 0.887_298_334_620_741_7],
        b_error: None,
        order: 6,
    },
};

/// Radau IIA of order 3; L-stable.
pub const RADAU_3: Implicit = Implicit {
    tableau: &Tableau {
        name: "radauIIA3",
        a: &[&[0.416_666_666_666_666_7, -0.083_333_333_333_333_33], &[0.75, 0.25]],
        b: &[0.75, 0.25],
        c: &[0.333_333_333_333_333_3, 1.0],
        b_error: None,
        order: 3,
    },
};

/// Radau IIA of order 5; L-stable.
pub const RADAU_5: Implicit = Implicit {
    tableau: &Tableau {
        name: "radauIIA5",
        a: &[
            &[0.196_815_477_223_660_4, -0.065_535_425_850_198_39, 0.023_770_974_348_220_15],
            &[0.394_424_314_739_087_3, 0.292_073_411_665_228_5, -0.041_548_752_125_997_93],
            &[0.376_403_062_700_467_25, 0.512_485_826_188_421_6, 0.111_111_111_111_111_1],
        ],
        b: &[0.376_403_062_700_467_25, 0.512_485_826_188_421_6, 0.111_111_111_111_111_1],
        c: &[0.155_051_025_721_682_2, 0.644_948_974_278_317_8, 1.0],
        b_error: None,
        order: 5,
    },
};

/// Alexander's diagonally implicit method of order 2; L-stable.
pub const SDIRK_2: Implicit = Implicit {
    tableau: &Tableau {
        name: "sdirk2",
        a: &[&[0.292_893_218_813_452_5], &[FRAC_1_SQRT_2, 0.292_893_218_813_452_5]],
        b: &[FRAC_1_SQRT_2, 0.292_893_218_813_452_5],
        c: &[0.292_893_218_813_452_5, 1.0],
        b_error: None,
        order: 2,
    },
};

/// Trapezoid, then the second backward difference, as one method; L-stable.
pub const TR_BDF_2: Implicit = Implicit {
    tableau: &Tableau {
        name: "trbdf2",
        a: &[
            &[],
            &[0.292_893_218_813_452_5, 0.292_893_218_813_452_5],
            &[0.353_553_390_593_273_8, 0.353_553_390_593_273_8, 0.292_893_218_813_452_5],
        ],
        b: &[0.353_553_390_593_273_8, 0.353_553_390_593_273_8, 0.292_893_218_813_452_5],
        c: &[0.0, 0.585_786_437_626_905, 1.0],
        b_error: None,
        order: 2,
    },
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Quadrature of the order of the method, and rows that add up.
    #[test]
    fn rows_and_weights_add_up() {
        let all = [
            IMPLICIT_EULER,
            IMPLICIT_MIDPOINT,
            TRAPEZOID,
            GAUSS_4,
            GAUSS_6,
            RADAU_3,
            RADAU_5,
            SDIRK_2,
            TR_BDF_2,
        ];
        for Implicit { tableau: Tableau { name, a, b, c, order, .. } } in all {
            for (row, c) in a.iter().zip(*c) {
                assert!((row.iter().sum::<f64>() - c).abs() < 1e-15, "{name}");
            }
            for power in 0..*order as i32 {
                let sum: f64 = b.iter().zip(*c).map(|(b, c)| b * c.powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-15, "{name}: {power}");
            }
        }
    }
}
