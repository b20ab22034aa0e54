//! Witness cosignatures (C2SP tlog-cosignature, cosignature/v1): somebody else saw this checkpoint at
//! that time, and saw that the log had only grown.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use jiff::Timestamp;
use thiserror::Error;

const COSIGNATURE_V1: u8 = 4;

/// The key of a witness, as C2SP writes it: `name+hash+key`, of type 0x04.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessKey {
    text: String,
    name: String,
    id: u32,
    key: VerifyingKey,
}

/// One signature line of a witness. Nothing in it is believed before [`Cosignature::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    name: String,
    id: u32,
    seconds: u64,
    signature: Signature,
}

/// A cosignature that was found among others, and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// When the witness says that it saw the checkpoint.
    pub at: Timestamp,
    /// The signature line, with its line end.
    pub line: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WitnessError {
    #[error("it is no witness key of the form `name+hash+key`")]
    Key,
    #[error("its algorithm is not cosignature/v1 (type 04)")]
    Algorithm,
    #[error("its hash does not belong to its name and key")]
    Hash,
    #[error("line {0} is no witness's signature line")]
    Line(usize),
    #[error("there is no line by `{0}`")]
    Absent(String),
    #[error("the line by `{0}` is no cosignature")]
    Malformed(String),
    #[error("the cosignature of `{0}` is not valid for this checkpoint")]
    Signature(String),
    #[error("the cosignature of `{0}` carries no time")]
    Time(String),
}

impl WitnessKey {
    /// # Errors
    /// It is not written exactly as C2SP has it, or is of another type.
    pub fn parse(text: &str) -> Result<Self, WitnessError> {
        let mut parts = text.splitn(3, '+');
        let (name, hash, encoded) = (parts.next(), parts.next(), parts.next());
        let (Some(name), Some(hash), Some(encoded)) = (name, hash, encoded) else {
            return Err(WitnessError::Key);
        };
        let bytes = BASE64_STANDARD
            .decode(encoded)
            .map_err(|_| WitnessError::Key)?;
        let (kind, key) = bytes.split_first().ok_or(WitnessError::Key)?;
        if *kind != COSIGNATURE_V1 {
            return Err(WitnessError::Algorithm);
        }
        let id = signed_note::key_id(name, &bytes);
        let is_name = signed_note::is_key_name_valid(name) && !name.chars().any(char::is_control);
        if !is_name || hash.len() != 8 {
            return Err(WitnessError::Key);
        }
        if hash != format!("{id:08x}") {
            return Err(WitnessError::Hash);
        }
        let key = VerifyingKey::try_from(key).map_err(|_| WitnessError::Key)?;
        Ok(Self {
            text: text.to_owned(),
            name: name.to_owned(),
            id,
            key,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Finds this witness's line among signature lines, and verifies it over the checkpoint `note`.
    ///
    /// # Errors
    /// There is no such line, or it does not verify.
    pub fn find(&self, note: &[u8], lines: &str) -> Result<Witnessed, WitnessError> {
        let own = format!("— {} ", self.name);
        let mut missing = WitnessError::Absent(self.name.clone());
        for line in lines.lines().filter(|line| line.starts_with(&own)) {
            match Cosignature::parse(line) {
                None => missing = WitnessError::Malformed(self.name.clone()),
                // Another key of the same name, such as the one before it.
                Some(cosignature) if !cosignature.is_by(self) => {}
                Some(cosignature) => {
                    return Ok(Witnessed {
                        at: cosignature.verify(note, self)?,
                        line: format!("{line}\n"),
                    });
                }
            }
        }
        Err(missing)
    }
}

impl Cosignature {
    /// Reads signature lines, each with its line end.
    ///
    /// # Errors
    /// A line is no cosignature, or there is none.
    pub fn parse_lines(bytes: &[u8]) -> Result<Vec<Self>, WitnessError> {
        let text = std::str::from_utf8(bytes).map_err(|_| WitnessError::Line(1))?;
        let text = text.strip_suffix('\n').ok_or(WitnessError::Line(1))?;
        let lines = text.split('\n').enumerate();
        let read = lines.map(|(at, line)| Self::parse(line).ok_or(WitnessError::Line(at + 1)));
        read.collect()
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(encoded).ok()?;
        let (id, rest) = bytes.split_first_chunk::<4>()?;
        let (seconds, signature) = rest.split_first_chunk::<8>()?;
        signed_note::is_key_name_valid(name).then_some(Self {
            name: name.to_owned(),
            id: u32::from_be_bytes(*id),
            seconds: u64::from_be_bytes(*seconds),
            signature: Signature::from_slice(signature).ok()?,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this line claims to be that witness's.
    pub fn is_by(&self, key: &WitnessKey) -> bool {
        self.name == key.name && self.id == key.id
    }

    /// The time at which the witness saw the checkpoint `note`.
    ///
    /// # Errors
    /// The signature is not that key's over this checkpoint, or carries no time.
    pub fn verify(&self, note: &[u8], key: &WitnessKey) -> Result<Timestamp, WitnessError> {
        let invalid = || WitnessError::Signature(self.name.clone());
        let text = note_text(note).ok_or_else(invalid)?;
        let mut message = format!("cosignature/v1\ntime {}\n", self.seconds).into_bytes();
        message.extend_from_slice(text);
        let verified = key.key.verify_strict(&message, &self.signature);
        verified.map_err(|_| invalid())?;
        let seconds = i64::try_from(self.seconds)
            .ok()
            .filter(|seconds| *seconds > 0);
        let time = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
        time.ok_or_else(|| WitnessError::Time(self.name.clone()))
    }
}

/// A note's text with its last line end: what signatures are over.
fn note_text(note: &[u8]) -> Option<&[u8]> {
    let at = note.windows(2).rposition(|pair| pair == b"\n\n")?;
    note.get(..=at)
}

/// A note with the signature lines of `origin` alone, and the lines of everybody else.
pub fn split_lines(note: &[u8], origin: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = note_text(note)?;
    let lines = note.get(text.len() + 1..)?;
    let own = format!("— {origin} ");
    let mut log = [text, b"\n"].concat();
    let mut others = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        match line.starts_with(own.as_bytes()) {
            true => log.extend_from_slice(line),
            false => others.extend_from_slice(line),
        }
    }
    Some((log, others))
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signer, SigningKey};

    use super::*;

    const NOTE: &[u8] = b"example.org/log\n3\nroot\n\n\xe2\x80\x94 example.org/log c2ln\n";

    fn witness(seed: u8) -> (SigningKey, WitnessKey) {
        let signing = SigningKey::from_bytes(&[seed; 32]);
        let mut public = vec![COSIGNATURE_V1];
        public.extend_from_slice(signing.verifying_key().as_bytes());
        let name = "witness.example/w1";
        let id = signed_note::key_id(name, &public);
        let text = format!("{name}+{id:08x}+{}", BASE64_STANDARD.encode(public));
        (signing, WitnessKey::parse(&text).unwrap())
    }

    fn line(signing: &SigningKey, key: &WitnessKey, seconds: u64) -> String {
        let mut message = format!("cosignature/v1\ntime {seconds}\n").into_bytes();
        message.extend_from_slice(b"example.org/log\n3\nroot\n");
        let mut bytes = key.id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&seconds.to_be_bytes());
        bytes.extend_from_slice(&signing.sign(&message).to_bytes());
        format!("— {} {}\n", key.name, BASE64_STANDARD.encode(bytes))
    }

    #[test]
    fn a_cosignature_carries_its_time() {
        let (signing, key) = witness(1);
        let lines = line(&signing, &key, 1_762_074_000);
        let read = Cosignature::parse_lines(lines.as_bytes()).unwrap();
        let [cosignature] = read.as_slice() else {
            panic!("{read:?}")
        };
        assert!(cosignature.is_by(&key));
        let time = cosignature.verify(NOTE, &key).unwrap();
        assert_eq!(time.to_string(), "2025-11-02T09:00:00Z");
        let other = b"example.org/log\n4\nroot\n\n";
        assert!(cosignature.verify(other, &key).is_err());
        let (_, stranger) = witness(2);
        assert!(!cosignature.is_by(&stranger));
        assert!(cosignature.verify(NOTE, &stranger).is_err());
        let untimed = line(&signing, &key, 0);
        let untimed = Cosignature::parse_lines(untimed.as_bytes()).unwrap();
        assert!(matches!(
            untimed[0].verify(NOTE, &key),
            Err(WitnessError::Time(_))
        ));
    }

    #[test]
    fn a_cosignature_is_found_among_others_and_every_flipped_bit_of_it_is_seen() {
        let (signing, key) = witness(1);
        let own = line(&signing, &key, 1_762_074_000);
        let (name, encoded) = own.trim_end().rsplit_once(' ').unwrap();
        let lines = format!("— other AAAA\n{name} AAAAAAAA\n{own}");
        let found = key.find(NOTE, &lines).unwrap();
        assert_eq!(
            (found.line, found.at.as_second()),
            (own.clone(), 1_762_074_000)
        );
        let absent = key.find(NOTE, "— other AAAA\n");
        assert_eq!(absent, Err(WitnessError::Absent(key.name.clone())));
        let body = BASE64_STANDARD.decode(encoded).unwrap();
        for bit in 0..body.len() * 8 {
            let mut body = body.clone();
            body[bit / 8] ^= 1 << (bit % 8);
            let line = format!("{name} {}\n", BASE64_STANDARD.encode(body));
            assert!(key.find(NOTE, &line).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn near_misses_are_no_lines_and_no_keys() {
        let (signing, key) = witness(1);
        let good = line(&signing, &key, 7);
        for bad in [
            "",
            "\n",
            "— a b\n",
            "- w AAAA\n",
            good.trim_end(),
            &format!("{good}\n"),
        ] {
            assert!(Cosignature::parse_lines(bad.as_bytes()).is_err(), "{bad:?}");
        }
        let ed25519 = key.as_str().replace("+BI", "+AY");
        for bad in ["", "a+b+c", &ed25519, &key.as_str().replace("w1+", "w2+")] {
            assert!(WitnessKey::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_lines_of_others_are_told_apart() {
        let (signing, key) = witness(1);
        let line = line(&signing, &key, 7);
        let both = [NOTE, line.as_bytes()].concat();
        let (log, others) = split_lines(&both, "example.org/log").unwrap();
        assert_eq!((log.as_slice(), others.as_slice()), (NOTE, line.as_bytes()));
        assert_eq!(split_lines(b"no note", "example.org/log"), None);
    }
}
