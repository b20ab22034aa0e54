//! Numbers of any precision, as they came.

use std::cmp::Ordering;
use std::fmt;

/// Numbers with more digits are refused: nobody configures one.
const MAX_DIGITS: usize = 2_000;
/// Zeros that a number may stand for by its exponent.
const MAX_EXPONENT: i64 = 10_000;
/// Whatever is written can be read again: all zeros and digits, a sign and a point.
const MAX_TEXT: usize = 12_003;

/// A number: small integers and doubles plainly, all others as decimal digits.
///
/// A double stands for the shortest decimal that reads back as it, so that 0.1 in a state (a decimal)
/// and 0.1 from a provider (a double) are one number.
#[derive(Clone, Debug)]
pub struct Number(Repr);

#[derive(Clone, Debug)]
enum Repr {
    Int(i64),
    /// Finite with a fraction or beyond 64 bits, or infinite; never NaN.
    Float(f64),
    /// Neither of the above can hold it.
    Decimal(Decimal),
}

/// `0.digits × 10^exponent`, without zeros at either end of the digits; zero has none.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: Box<str>,
    exponent: i64,
}

impl From<i64> for Number {
    fn from(int: i64) -> Self {
        Self(Repr::Int(int))
    }
}

impl Number {
    /// `None` for what is not a number.
    pub fn from_f64(float: f64) -> Option<Self> {
        // 2^63, the first double beyond the integers of 64 bits.
        const BEYOND: f64 = 9_223_372_036_854_775_808.0;
        if float.is_nan() {
            return None;
        }
        if float.fract() == 0.0 && (-BEYOND..BEYOND).contains(&float) {
            return Some(Self(Repr::Int(float as i64)));
        }
        Some(Self(Repr::Float(float)))
    }

    pub fn from_u64(int: u64) -> Self {
        match i64::try_from(int) {
            Ok(int) => Self(Repr::Int(int)),
            Err(_) => Self(Repr::Decimal(Decimal::of_integer(&int.to_string()))),
        }
    }

    /// Reads a decimal number, with a sign, a fraction and an exponent or without.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() <= 18
            && let Ok(int) = text.parse::<i64>()
        {
            // `parse` takes a plus sign, which JSON does not; Terraform's numbers may have one.
            return Some(Self(Repr::Int(int)));
        }
        let decimal = Decimal::parse(text)?;
        match decimal.as_i64() {
            Some(int) => Some(Self(Repr::Int(int))),
            None => Some(Self(Repr::Decimal(decimal))),
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Repr::Int(int) => Some(*int),
            Repr::Float(_) | Repr::Decimal(_) => None,
        }
    }

    /// The double that a float on the wire would be; none for what a double does not hold exactly.
    pub fn as_wire_float(&self) -> Option<f64> {
        match &self.0 {
            Repr::Float(float) => Some(*float),
            Repr::Int(_) | Repr::Decimal(_) => None,
        }
    }

    pub fn is_infinite(&self) -> bool {
        matches!(self.0, Repr::Float(float) if float.is_infinite())
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Int(0))
    }

    fn decimal(&self) -> Option<Decimal> {
        match &self.0 {
            Repr::Int(int) => Some(Decimal::of_integer(&int.to_string())),
            Repr::Float(float) if float.is_infinite() => None,
            // Rust writes the shortest decimal that reads back as the same double.
            Repr::Float(float) => Decimal::parse(&format!("{float:e}")),
            Repr::Decimal(decimal) => Some(decimal.clone()),
        }
    }
}

impl Decimal {
    fn of_integer(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(Self::zero)
    }

    fn zero() -> Self {
        Self {
            negative: false,
            digits: "".into(),
            exponent: 0,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_TEXT {
            return None;
        }
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || (mantissa.contains('.') && fraction.is_empty()) {
            return None;
        }
        let digits = [whole, fraction].concat();
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let point = i64::try_from(whole.len()).ok()?.checked_add(exponent)?;
        let significant = digits.trim_start_matches('0');
        let leading = i64::try_from(digits.len().checked_sub(significant.len())?).ok()?;
        let significant = significant.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self::zero());
        }
        let exponent = point.checked_sub(leading)?;
        if significant.len() > MAX_DIGITS || exponent.abs() > MAX_EXPONENT {
            return None;
        }
        Some(Self {
            negative,
            digits: significant.into(),
            exponent,
        })
    }

    fn as_i64(&self) -> Option<i64> {
        let length = i64::try_from(self.digits.len()).ok()?;
        match self.exponent {
            0 if self.digits.is_empty() => Some(0),
            1..=19 if self.exponent >= length => self.to_string().parse().ok(),
            _ => None,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        let sign = |own: &Self| match (own.digits.is_empty(), own.negative) {
            (true, _) => 0_i8,
            (false, true) => -1,
            (false, false) => 1,
        };
        let magnitude = || {
            let by_exponent = self.exponent.cmp(&other.exponent);
            by_exponent.then_with(|| self.digits.cmp(&other.digits))
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            0 => Ordering::Equal,
            1 => magnitude(),
            _ => magnitude().reverse(),
        })
    }
}

/// Without an exponent: what every reader of decimal numbers takes.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.digits.is_empty() {
            return f.write_str("0");
        }
        if self.negative {
            f.write_str("-")?;
        }
        let Ok(whole) = usize::try_from(self.exponent) else {
            f.write_str("0.")?;
            for _ in self.exponent..0 {
                f.write_str("0")?;
            }
            return f.write_str(&self.digits);
        };
        match self.digits.split_at_checked(whole) {
            Some(("", fraction)) => write!(f, "0.{fraction}"),
            Some((whole, "")) => f.write_str(whole),
            Some((whole, fraction)) => write!(f, "{whole}.{fraction}"),
            None => {
                f.write_str(&self.digits)?;
                for _ in self.digits.len()..whole {
                    f.write_str("0")?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.0, self.decimal()) {
            (Repr::Int(int), _) => write!(f, "{int}"),
            (_, Some(decimal)) => write!(f, "{decimal}"),
            (Repr::Float(float), None) => write!(f, "{float}"),
            (Repr::Decimal(decimal), None) => write!(f, "{decimal}"),
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let (Repr::Int(own), Repr::Int(theirs)) = (&self.0, &other.0) {
            return own.cmp(theirs);
        }
        let infinite = |number: &Self| match number.0 {
            Repr::Float(float) if float.is_infinite() => float,
            Repr::Int(_) | Repr::Float(_) | Repr::Decimal(_) => 0.0,
        };
        match (self.decimal(), other.decimal()) {
            (Some(own), Some(theirs)) => own.compare(&theirs),
            _ => infinite(self).total_cmp(&infinite(other)),
        }
    }
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
