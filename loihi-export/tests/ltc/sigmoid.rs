//! The table's sigmoid against the sigmoid, within the error that `mapping`'s table states.

use rheobase_loihi_export::ltc::Sigmoid;
use rheobase_loihi_export::netlist::LtcUnits;

fn units(table_bits: u8, sigmoid_bits: u8, z_bits: u8, slope_shift: u8) -> LtcUnits {
    let n = 1_u32 << table_bits;
    let one = f64::from(1_u32 << sigmoid_bits);
    let at = |i: u32| (one / (1.0 + (-16.0 * f64::from(i) / f64::from(n)).exp())).round() as i32;
    let table = (0..=n).map(at).collect();
    LtcUnits { table, sigmoid_bits, z_bits, slope_shift, ..LtcUnits::default() }
}

#[test]
fn it_is_the_sigmoid_within_its_stated_error() {
    for (table_bits, sigmoid_bits, z_bits, slope_shift) in
        [(7, 16, 14, 7), (4, 8, 6, 3), (10, 18, 16, 2), (2, 12, 10, 9), (5, 16, 2, 0)]
    {
        let units = units(table_bits, sigmoid_bits, z_bits, slope_shift);
        let sigmoid = Sigmoid::of(&units);
        let interval = 16.0 / f64::from(1_u32 << table_bits);
        let line = interval * interval / 8.0 / (6.0 * 3.0_f64.sqrt());
        let argument = if slope_shift == 0 { 0.0 } else { 0.125 / f64::from(1_u32 << z_bits) };
        let limit = line + 1.2e-7 + 1.0 / f64::from(1_u32 << sigmoid_bits) + argument;
        let mut worst: f64 = 0.0;
        let product_bits = i32::from(z_bits) + i32::from(slope_shift);
        let slope = if slope_shift == 0 { 1 } else { 37 };
        let mu = -5;
        let reach = ((20.0 * f64::from(product_bits).exp2()) / f64::from(slope)) as i32;
        for i in -4000..=4000_i32 {
            let y = (i64::from(reach) * i64::from(i) / 4000) as i32;
            let z = f64::from(y - mu) * f64::from(slope) / f64::from(product_bits).exp2();
            let open = sigmoid.open(y, slope, mu) as f64 / f64::from(1_u32 << sigmoid_bits);
            worst = worst.max((open - 1.0 / (1.0 + (-z).exp())).abs());
        }
        assert!(worst <= limit, "table of {table_bits} bits: {worst:e} above {limit:e}");
        assert!(worst >= limit / 8.0, "the stated error is far from what it is: {worst:e}, {limit:e}");
    }
}

#[test]
fn it_rises_is_odd_about_a_half_and_stays_within_0_and_1() {
    let units = units(5, 10, 8, 4);
    let sigmoid = Sigmoid::of(&units);
    let mut before = -1;
    for y in (i32::MIN..i32::MAX - 65_536).step_by(65_536).chain(-20_000..20_000) {
        let open = sigmoid.open(y, 3, 0);
        assert!((0..=1024).contains(&open));
        if (-20_000..20_000).contains(&y) {
            if y > -20_000 {
                assert!(open >= before, "{y}");
            }
            before = open;
        }
    }
    // The product is rounded to nearest, ties up: only those that are no ties have a mirror image.
    for y in (-5000..5000).filter(|y| (3 * y) % 16 != 8 && (3 * y) % 16 != -8) {
        assert_eq!(sigmoid.open(y, 3, 0) + sigmoid.open(-y, 3, 0), 1024, "{y}");
    }
    assert_eq!(sigmoid.open(i32::MIN, 1 << 24, 1 << 24), 0);
    assert_eq!(sigmoid.open(i32::MAX, 1 << 24, -(1 << 24)), 1024);
}
