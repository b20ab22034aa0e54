//! The block within `evidence` that names a key service as the log's signer.

use super::address::url;
use super::blocks::checked;
use super::error::Problems;
use super::outside::region;
use super::sections::Section;
use super::vocabulary as known;
use crate::model::SourceLocation;

/// Who signs the log in the place of a key file. Needs a build with the feature `aws`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignerConfig {
    pub kms: KmsKey,
    pub at: SourceLocation,
}

/// A key of AWS KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KmsKey {
    /// Its ARN, its id, or an alias. Danger: an alias that is moved to another key leaves a log that
    /// nothing can be added to until it is moved back.
    pub key: String,
    pub region: String,
    /// Where KMS is reached. Absent: the Region's own endpoint.
    pub endpoint: Option<String>,
}

impl KmsKey {
    /// A key by its ARN alone, which names the Region, too.
    ///
    /// # Errors
    /// What is wrong, for a message.
    pub fn of_arn(arn: &str) -> Result<Self, String> {
        let key = key(arn)?;
        let region = region_of(&key).ok_or_else(|| format!("`{arn}` is no ARN of a KMS key"))?;
        Ok(Self {
            region: region.to_owned(),
            key,
            endpoint: None,
        })
    }

    /// A key by its id or an alias, beside another.
    ///
    /// # Errors
    /// What is wrong, for a message.
    pub fn beside(&self, id: &str) -> Result<Self, String> {
        match id.starts_with("arn:") {
            true => Self::of_arn(id),
            false => Ok(Self {
                key: key(id)?,
                ..self.clone()
            }),
        }
    }
}

pub(super) fn read(sections: &[Section], problems: &mut Problems<'_>) -> Option<SignerConfig> {
    let section = sections
        .iter()
        .find(|section| std::ptr::eq(section.spec, &known::SIGNER_KMS))?;
    let text = section.text("key")?;
    let key = checked(text, key, KEY_HELP, problems);
    let region_help = "write a Region such as `eu-central-1`";
    let region = checked(section.text("region")?, region, region_help, problems);
    let endpoint = match section.has("endpoint") {
        true => Some(url(section, "endpoint", problems)?),
        false => None,
    };
    let (key, region) = (key?, region?);
    if let Some(own) = region_of(&key).filter(|own| *own != region) {
        let what = format!("the key is in `{own}`, not in `{region}`");
        problems.add_with_help(
            section.place_of("region"),
            what,
            "write the key's own Region",
        );
        return None;
    }
    Some(SignerConfig {
        kms: KmsKey {
            key,
            region,
            endpoint,
        },
        at: problems.locate(section.offset),
    })
}

const KEY_HELP: &str = "write the key's ARN, `arn:aws:kms:REGION:ACCOUNT:key/ID`";

fn key(text: &str) -> Result<String, String> {
    const LONGEST: usize = 2048;
    let plain = |c: char| c.is_ascii_alphanumeric() || ":/_-".contains(c);
    let is_good = !text.is_empty() && text.len() <= LONGEST && text.chars().all(plain);
    let is_whole = !text.starts_with("arn:") || region_of(text).is_some();
    match is_good && is_whole {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is no key of KMS")),
    }
}

/// The Region in the ARN of a key or an alias.
fn region_of(key: &str) -> Option<&str> {
    let parts: Vec<_> = key.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, "kms", own, account, resource]
            if partition.starts_with("aws") && region(own).is_ok() && !own.is_empty() =>
        {
            let name = resource.strip_prefix("key/");
            let name = name.or_else(|| resource.strip_prefix("alias/"));
            let is_account = account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
            (is_account && name.is_some_and(|name| !name.is_empty())).then_some(*own)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_names_its_region_and_near_misses_are_no_keys() {
        let arn = "arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d";
        assert_eq!(KmsKey::of_arn(arn).unwrap().region, "eu-central-1");
        assert!(KmsKey::of_arn("alias/evidence").is_err());
        for good in [
            "alias/evidence",
            "0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f",
            arn,
        ] {
            assert!(key(good).is_ok(), "{good}");
        }
        for wrong in [
            "",
            "a b",
            "arn:aws:s3:::bucket",
            "arn:aws:kms:eu-central-1:1111:key/0a1b2c3d",
            "arn:aws:kms::111122223333:key/0a1b2c3d",
            "arn:aws:kms:eu-central-1:111122223333:key/",
            "arn:aws:kms:eu-central-1:111122223333:0a1b2c3d",
        ] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }
}
