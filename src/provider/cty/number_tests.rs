use super::*;

fn text(given: &str) -> String {
    Number::parse(given).unwrap().to_string()
}

#[test]
fn every_digit_is_kept() {
    for given in [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "123456789012345678901234567890.000000000000000000001",
        "-0.00000000000000000000000000000000001",
    ] {
        assert_eq!(text(given), given);
    }
    assert_eq!(text("1.50e2"), "150");
    assert_eq!(text("-0.0"), "0");
    assert_eq!(text("007"), "7");
    assert_eq!(text("12e-3"), "0.012");
    assert_eq!(Number::from_u64(u64::MAX).to_string(), u64::MAX.to_string());
}

#[test]
fn one_number_is_equal_however_it_came() {
    let float = Number::from_f64(0.1).unwrap();
    assert_eq!(float, Number::parse("0.10").unwrap());
    assert_ne!(float, Number::parse("0.1000000000000000055").unwrap());
    assert_eq!(Number::from_f64(5.0).unwrap(), Number::from(5));
    assert_eq!(
        Number::from_f64(1e20).unwrap(),
        Number::parse("100000000000000000000").unwrap()
    );
    assert_ne!(
        Number::parse("9007199254740993").unwrap(),
        Number::parse("9007199254740992").unwrap()
    );
}

#[test]
fn numbers_have_an_order() {
    let infinite = f64::INFINITY;
    let sorted: Vec<Number> = [
        Number::from_f64(-infinite),
        Number::parse("-12345678901234567890"),
        Number::parse("-10.5"),
        Number::parse("-1"),
        Number::parse("0"),
        Number::parse("0.001"),
        Number::parse("0.01"),
        Number::parse("2"),
        Number::parse("10"),
        Number::parse("12345678901234567890"),
        Number::from_f64(infinite),
    ]
    .into_iter()
    .flatten()
    .collect();
    assert_eq!(sorted.len(), 11);
    assert!(sorted.is_sorted_by(|one, other| one < other), "{sorted:?}");
}

#[test]
fn what_is_no_number_is_refused() {
    for given in ["", "-", "1.", ".5", "1e", "0x10", "1_000", "NaN", "1e99999"] {
        assert!(Number::parse(given).is_none(), "{given}");
    }
    assert!(Number::from_f64(f64::NAN).is_none());
}

#[test]
fn the_longest_numbers_can_be_read_as_they_are_written() {
    let digits = "7".repeat(2_000);
    for given in [
        "9e9797".to_owned(),
        format!("-0.{digits}e-10000"),
        format!("-0.{digits}e10000"),
    ] {
        let number = Number::parse(&given).unwrap();
        assert_eq!(Number::parse(&number.to_string()).unwrap(), number);
    }
    for given in [
        format!("{digits}7"),
        "1e10000".to_owned(),
        "0".repeat(12_004),
    ] {
        assert!(Number::parse(&given).is_none(), "{given}");
    }
}
