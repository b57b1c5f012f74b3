//! Numbers as C++ streams print them.

/// `%.{digits}g`, which is what a stream does with a number if it is told nothing.
pub fn general(value: f64, digits: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == f64::NEG_INFINITY { "-inf".to_owned() } else { format!("{value}") };
    }
    let (mantissa, exponent) = parts(value, digits - 1);
    let is_plain = (-4..digits as i32).contains(&exponent);
    let text = match is_plain {
        true => format!("{value:.*}", (digits as i32 - 1 - exponent) as usize),
        false => mantissa,
    };
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    };
    if is_plain { text } else { text + &power(exponent) }
}

/// `%.{decimals}e`.
pub fn scientific(value: f64, decimals: usize) -> String {
    let (mantissa, exponent) = parts(value, decimals);
    mantissa + &power(exponent)
}

fn parts(value: f64, decimals: usize) -> (String, i32) {
    let text = format!("{value:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.to_owned(), exponent.parse().unwrap_or(0))
}

fn power(exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("e{sign}{:02}", exponent.abs())
}

#[test]
fn numbers_look_as_they_do_there() {
    let shown = [0.0, 20.0, 38.75, 72.796875, 100000.0, 1234567.0, 0.0001, 0.00001234, -1.5, 7.76e-8];
    let general: Vec<String> = shown.iter().map(|value| general(*value, 6)).collect();
    let expected =
        ["0", "20", "38.75", "72.7969", "100000", "1.23457e+06", "0.0001", "1.234e-05", "-1.5", "7.76e-08"];
    assert_eq!(general, expected);
    assert_eq!(scientific(1.4776e-6, 6), "1.477600e-06");
    assert_eq!(scientific(0.0, 6), "0.000000e+00");
}
