//! The blocks within `evidence` that name who keeps or vouches for the log outside this machine.

use jiff::SignedDuration;

use super::address::url;
use super::blocks::{checked, name};
use super::error::Problems;
use super::literal::Placed;
use super::sections::Section;
use super::values;
use super::vocabulary::{self as known, BlockSpec};
use crate::model::{DurabilityLevel, SourceLocation};

/// Who keeps or vouches for the log outside this machine. All of it needs a build with the feature
/// `aws`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutsideConfig {
    pub durability: DurabilityConfig,
    pub mirror: Option<MirrorConfig>,
    pub witnesses: Vec<WitnessConfig>,
    /// In the order of the file: the first that answers gives the token.
    pub timestamps: Vec<TimestampsConfig>,
}

/// The level that each class of records must reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurabilityConfig {
    /// What a scan waits for before it calls itself done. Default `durable`.
    pub scan: DurabilityLevel,
    /// What the record of a fix must reach before the fix may run. Default `durable`.
    pub fix: DurabilityLevel,
    /// How many witnesses must have cosigned what is `witnessed`. Default 1, at most as many as are
    /// named. Danger: with all of them, one that does not answer holds everything up.
    pub witnesses: u8,
    /// How long to wait for it. Default 60 s, at most 1 h. Danger: a scan, and later a fix, stands
    /// still for so long while the places outside cannot be reached.
    pub wait: SignedDuration,
}

impl Default for DurabilityConfig {
    fn default() -> Self {
        Self {
            scan: DurabilityLevel::Durable,
            fix: DurabilityLevel::Durable,
            witnesses: 1,
            wait: SignedDuration::from_secs(60),
        }
    }
}

/// A bucket with Object Lock that holds a second copy of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MirrorConfig {
    pub bucket: String,
    pub region: String,
    /// Where S3 is reached. Absent: the Region's own endpoint.
    pub endpoint: Option<String>,
    /// What every name in the bucket begins with; empty, or ends in `/`.
    pub prefix: String,
    /// How long each object is locked from when it is put. Default 7 years, of 366 days each.
    /// Danger: it cannot be shortened afterwards, by nobody, nor can the bucket be deleted.
    pub retention: SignedDuration,
    pub at: SourceLocation,
}

/// A C2SP witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessConfig {
    pub name: String,
    pub url: String,
    /// Its verifier key in C2SP's text form.
    pub key: String,
    pub at: SourceLocation,
}

/// A time stamping authority as RFC 3161 has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimestampsConfig {
    pub name: String,
    pub url: String,
    pub at: SourceLocation,
}

impl OutsideConfig {
    /// The first word that asks for something outside this machine, and where it stands.
    pub fn first_block(&self) -> Option<(&'static str, &SourceLocation)> {
        let mirror = self.mirror.iter().map(|mirror| ("mirror", &mirror.at));
        let witnesses = self.witnesses.iter().map(|one| ("witness", &one.at));
        let timestamps = self.timestamps.iter().map(|one| ("timestamps", &one.at));
        mirror.chain(witnesses).chain(timestamps).next()
    }
}

pub(super) fn read(sections: &[Section], problems: &mut Problems<'_>) -> OutsideConfig {
    let of = |spec: &'static BlockSpec| {
        let same = move |section: &&Section| std::ptr::eq(section.spec, spec);
        sections.iter().filter(same)
    };
    let mirror = of(&known::MIRROR_S3).next();
    let mirror = mirror.and_then(|section| mirror_config(section, problems));
    let witnesses = of(&known::WITNESS).filter_map(|section| {
        Some(WitnessConfig {
            name: name(section, problems)?,
            url: url(section, "url", problems)?,
            key: section.text("key")?.text.clone(),
            at: problems.locate(section.offset),
        })
    });
    let witnesses = witnesses.collect();
    let timestamps = of(&known::TIMESTAMPS).filter_map(|section| {
        Some(TimestampsConfig {
            name: name(section, problems)?,
            url: url(section, "url", problems)?,
            at: problems.locate(section.offset),
        })
    });
    let timestamps = timestamps.collect();
    let has = Has {
        mirror: of(&known::MIRROR_S3).next().is_some(),
        witnesses: of(&known::WITNESS).count(),
    };
    let durability = of(&known::DURABILITY).next();
    let durability = durability.map_or_else(DurabilityConfig::default, |section| {
        durability_config(section, has, problems)
    });
    OutsideConfig {
        durability,
        mirror,
        witnesses,
        timestamps,
    }
}

#[derive(Clone, Copy)]
struct Has {
    mirror: bool,
    witnesses: usize,
}

fn durability_config(section: &Section, has: Has, problems: &mut Problems<'_>) -> DurabilityConfig {
    let preset = DurabilityConfig::default();
    let mut level = |attribute: &str, otherwise: DurabilityLevel| {
        let Some(text) = section.text(attribute) else {
            return otherwise;
        };
        let parse = |word: &str| {
            DurabilityLevel::parse(word).ok_or_else(|| format!("unknown level `{word}`"))
        };
        let help = "write `durable`, `worm` or `witnessed`";
        let level = checked(text, parse, help, problems).unwrap_or(otherwise);
        must_be_possible(level, text, has, problems);
        level
    };
    let default = level("default", DurabilityLevel::Durable);
    let scan = level("scan", default);
    let fix = level("fix", default);
    let wait = section.text("wait").and_then(|text| {
        let help = "write a whole number with its unit, such as `90s` or `15m`";
        let wait = checked(text, values::duration, help, problems)?;
        if wait > SignedDuration::from_hours(1) {
            let what = format!("`wait` is `{}`, which is too long", text.text);
            problems.add_with_help(text.offset, what, "at most `1h`");
        }
        Some(wait)
    });
    let witnesses = section.text("witnesses").and_then(|text| {
        let parse = |digits: &str| match digits.parse::<u8>() {
            Ok(count) if count > 0 && usize::from(count) <= has.witnesses => Ok(count),
            _ => Err(format!(
                "`witnesses` is {digits}, of {} that are named",
                has.witnesses
            )),
        };
        let help = "write how many must cosign, at least 1 and at most as many as there are blocks \
                    `witness`";
        checked(text, parse, help, problems)
    });
    DurabilityConfig {
        scan,
        fix,
        witnesses: witnesses.unwrap_or(preset.witnesses),
        wait: wait.unwrap_or(preset.wait),
    }
}

fn must_be_possible(level: DurabilityLevel, text: &Placed, has: Has, problems: &mut Problems<'_>) {
    let (lacks, block) = match level {
        DurabilityLevel::Durable => (false, ""),
        DurabilityLevel::Worm => (!has.mirror, "mirror \"s3\""),
        DurabilityLevel::Witnessed => (has.witnesses == 0, "witness \"NAME\""),
    };
    if lacks {
        let what = format!("`{level}` can never be reached: `evidence` has no such place");
        let help = format!("add `{block} {{ … }}` within `evidence`, or write a lower level");
        problems.add_with_help(text.offset, what, help);
    }
}

fn mirror_config(section: &Section, problems: &mut Problems<'_>) -> Option<MirrorConfig> {
    let bucket_help = "write the name alone, 3 to 63 small letters, digits, `-` and `.`";
    let bucket = checked(section.text("bucket")?, bucket, bucket_help, problems);
    let region_help = "write a Region such as `eu-central-1`";
    let region = checked(section.text("region")?, region, region_help, problems);
    let endpoint = match section.has("endpoint") {
        true => Some(url(section, "endpoint", problems)?),
        false => None,
    };
    let prefix_help = "write plain words with `/` between them, such as `driftwarden/prod`";
    let prefix = match section.text("prefix") {
        Some(text) => checked(text, prefix, prefix_help, problems)?,
        None => String::new(),
    };
    let retention_help = "write a whole number with its unit, such as `2557d` or `7y`, from \
                          `1d` to `100y`";
    let retention = match section.text("retention") {
        Some(text) => checked(text, retention, retention_help, problems)?,
        None => YEAR * 7,
    };
    Some(MirrorConfig {
        bucket: bucket?,
        region: region?,
        endpoint,
        prefix,
        retention,
        at: problems.locate(section.offset),
    })
}

/// Never shorter than a year of the calendar.
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn retention(text: &str) -> Result<SignedDuration, String> {
    let years = text.strip_suffix('y').map(|digits| {
        let all_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
        let years: Option<i32> = digits.parse().ok().filter(|_| all_digits);
        let years = years.ok_or_else(|| format!("`{text}` is no duration"))?;
        YEAR.checked_mul(years)
            .ok_or_else(|| format!("`{text}` is too long"))
    });
    let found = years.unwrap_or_else(|| values::duration(text))?;
    match found {
        short if short < DAY => Err(format!("`{text}` is too short a retention")),
        // What S3 takes at most.
        long if long > YEAR * 100 => Err(format!("`{text}` is too long a retention")),
        fits => Ok(fits),
    }
}

fn bucket(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    match (3..=63).contains(&text.len()) && text.bytes().all(plain) && !text.contains("..") {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no name of a bucket")),
    }
}

pub(super) fn region(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    match text.bytes().all(plain) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no Region")),
    }
}

/// A prefix with its `/` at the end.
fn prefix(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let whole = text.strip_suffix('/').unwrap_or(text);
    let good = |part: &str| !part.is_empty() && part != "." && part != "..";
    match whole
        .split('/')
        .all(|part| good(part) && part.chars().all(plain))
    {
        true => Ok(format!("{whole}/")),
        false => Err(format!("`{text}` is no prefix")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_is_never_shorter_than_it_says() {
        assert_eq!(
            retention("7y"),
            Ok(SignedDuration::from_hours(7 * 366 * 24))
        );
        assert_eq!(retention("1d"), Ok(DAY));
        for wrong in ["0d", "1h", "101y", "-1y", "+1y", "y", "7", "9999999999y"] {
            assert!(retention(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_prefix_is_words_with_slashes_between() {
        assert_eq!(prefix("a/b"), Ok("a/b/".to_owned()));
        assert_eq!(prefix("a/"), Ok("a/".to_owned()));
        for wrong in ["/a", "a//b", "..", "a/../b", "a b", "/"] {
            assert!(prefix(wrong).is_err(), "{wrong}");
        }
    }
}
