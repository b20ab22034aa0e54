//! The approved attributes of one resource, packed: at a million resources a tree is too large.

/// A list of (slot, flags, text), in the order of the slots. Headers are ASCII, seven bits a byte, so
/// that the whole is text and reading it back checks nothing again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored(Box<str>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredValue<'a> {
    pub slot: usize,
    /// Raw JSON; the hex digest if sensitive.
    pub text: &'a str,
    pub sensitive: bool,
    /// Unknown when the plan was made, taken from the state after apply.
    pub from_state: bool,
    /// From the state, and the configuration writes it: no mere reading back.
    pub is_written: bool,
}

impl StoredValue<'_> {
    /// Whether it is only what the provider read back where no author wrote anything.
    pub fn is_read_back(&self) -> bool {
        self.from_state && !self.is_written
    }
}

const HEADER: usize = 7;

impl Stored {
    /// Packs values; they must come in the order of their slots.
    pub fn pack<'a>(values: impl IntoIterator<Item = StoredValue<'a>>) -> Self {
        let mut packed = String::new();
        for value in values {
            // A text of more than 256 MiB cannot be an attribute: no plan element is that large.
            if value.slot >= 1 << 14 || value.text.len() >= 1 << 28 {
                continue;
            }
            let flags = usize::from(value.sensitive)
                | usize::from(value.from_state) << 1
                | usize::from(value.is_written) << 2;
            let length = value.text.len();
            let header = [
                value.slot >> 7,
                value.slot,
                flags,
                length >> 21,
                length >> 14,
                length >> 7,
                length,
            ];
            packed.extend(header.map(|bits| char::from((bits & 0x7f) as u8)));
            packed.push_str(value.text);
        }
        Self(packed.into_boxed_str())
    }

    pub fn iter(&self) -> Iter<'_> {
        Iter { rest: &self.0 }
    }

    pub fn get(&self, slot: usize) -> Option<StoredValue<'_>> {
        self.iter().find(|value| value.slot == slot)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

pub struct Iter<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Iter<'a> {
    type Item = StoredValue<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (header, _) = self.rest.as_bytes().split_first_chunk::<HEADER>()?;
        let [slot_high, slot_low, flags, l3, l2, l1, l0] = header.map(usize::from);
        let end = HEADER + (l3 << 21 | l2 << 14 | l1 << 7 | l0);
        let (packed, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        Some(StoredValue {
            slot: slot_high << 7 | slot_low,
            text: packed.get(HEADER..)?,
            sensitive: flags & 1 != 0,
            from_state: flags & 2 != 0,
            is_written: flags & 4 != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_what_was_packed() {
        let value = |slot, text, sensitive| StoredValue {
            slot,
            text,
            sensitive,
            from_state: !sensitive,
            is_written: slot == 3,
        };
        let values = [
            value(0, "\"é\"", false),
            value(3, "", true),
            value(300, "{}", false),
        ];
        let stored = Stored::pack(values);
        assert_eq!(stored.iter().collect::<Vec<_>>(), values);
        assert_eq!(stored.get(3), Some(values[1]));
        assert_eq!(stored.get(4), None);
    }
}
