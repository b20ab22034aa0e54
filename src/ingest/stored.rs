//! The approved attributes of one resource, packed: at a million resources a tree is too large.

/// A list of (slot, flags, text), in the order of the slots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored(Box<[u8]>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredValue<'a> {
    pub slot: usize,
    /// Canonical or raw JSON, as the row's form says; the hex digest if sensitive.
    pub text: &'a str,
    pub sensitive: bool,
    /// Unknown when the plan was made, taken from the state after apply.
    pub from_state: bool,
}

const SENSITIVE: u8 = 1;
const FROM_STATE: u8 = 2;
const HEADER: usize = 7;

impl Stored {
    /// Packs values; they must come in the order of their slots.
    pub fn pack<'a>(values: impl IntoIterator<Item = StoredValue<'a>>) -> Self {
        let mut bytes = Vec::new();
        for value in values {
            let (Ok(slot), Ok(length)) =
                (u16::try_from(value.slot), u32::try_from(value.text.len()))
            else {
                continue;
            };
            let flags =
                (u8::from(value.sensitive) * SENSITIVE) | (u8::from(value.from_state) * FROM_STATE);
            bytes.extend(slot.to_le_bytes());
            bytes.push(flags);
            bytes.extend(length.to_le_bytes());
            bytes.extend(value.text.as_bytes());
        }
        Self(bytes.into_boxed_slice())
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
    rest: &'a [u8],
}

impl<'a> Iterator for Iter<'a> {
    type Item = StoredValue<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (header, rest) = self.rest.split_first_chunk::<HEADER>()?;
        let [slot_low, slot_high, flags, l0, l1, l2, l3] = *header;
        let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).ok()?;
        let (text, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some(StoredValue {
            slot: u16::from_le_bytes([slot_low, slot_high]).into(),
            text: std::str::from_utf8(text).ok()?,
            sensitive: flags & SENSITIVE != 0,
            from_state: flags & FROM_STATE != 0,
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
