//! The approved attributes of one resource, packed: at a million resources a tree is too large.

/// How many values, a header of (slot, flags, length) for each in the order of the slots, then their
/// texts from the last to the first. The last slots hold the keys: most lookups ask for those, of a
/// resource that is in no cache, and find header and text in one place. Headers are ASCII, seven bits
/// a byte, so that the whole is text and reading it back checks nothing again.
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

const COUNT: usize = 2;
const HEADER: usize = 7;

impl Stored {
    /// Packs values; they must come in the order of their slots.
    pub fn pack<'a>(values: impl DoubleEndedIterator<Item = StoredValue<'a>> + Clone) -> Self {
        // A text of more than 256 MiB cannot be an attribute: no plan element is that large.
        let fits = |value: &StoredValue<'_>| value.slot < 1 << 14 && value.text.len() < 1 << 28;
        let values = values.filter(fits);
        let sizes = values.clone().map(|value| HEADER + value.text.len());
        let (count, size) = sizes.fold((0, COUNT), |(count, all), size| (count + 1, all + size));
        if count == 0 {
            return Self::default();
        }
        let mut packed = String::with_capacity(size);
        push(&mut packed, [count >> 7, count]);
        for value in values.clone() {
            let flags = usize::from(value.sensitive)
                | usize::from(value.from_state) << 1
                | usize::from(value.is_written) << 2;
            let (slot, length) = (value.slot, value.text.len());
            let (l3, l2, l1) = (length >> 21, length >> 14, length >> 7);
            push(&mut packed, [slot >> 7, slot, flags, l3, l2, l1, length]);
        }
        values.rev().for_each(|value| packed.push_str(value.text));
        Self(packed.into_boxed_str())
    }

    pub fn iter(&self) -> Iter<'_> {
        let (headers, texts) = self.parts().unwrap_or_default();
        Iter { headers, texts }
    }

    pub fn get(&self, slot: usize) -> Option<StoredValue<'_>> {
        let (headers, texts) = self.parts()?;
        let mut at = 0;
        for header in headers.iter().rev().map(Header::of) {
            if header.slot == slot {
                return Some(header.value(texts.get(at..at + header.length)?));
            }
            at += header.length;
        }
        None
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn parts(&self) -> Option<(&[[u8; HEADER]], &str)> {
        let (count, behind) = self.0.as_bytes().split_first_chunk::<COUNT>()?;
        let [high, low] = count.map(usize::from);
        let headers = (high << 7 | low) * HEADER;
        let (packed, _) = behind.split_at_checked(headers)?;
        Some((packed.as_chunks().0, self.0.get(COUNT + headers..)?))
    }
}

fn push<const N: usize>(packed: &mut String, bits: [usize; N]) {
    let bytes = bits.map(|bits| (bits & 0x7f) as u8);
    packed.push_str(std::str::from_utf8(&bytes).unwrap_or_default());
}

struct Header {
    slot: usize,
    flags: usize,
    length: usize,
}

impl Header {
    #[inline]
    fn of(packed: &[u8; HEADER]) -> Self {
        let [slot_high, slot_low, flags, l3, l2, l1, l0] = packed.map(usize::from);
        Self {
            slot: slot_high << 7 | slot_low,
            flags,
            length: l3 << 21 | l2 << 14 | l1 << 7 | l0,
        }
    }

    #[inline]
    fn value<'a>(&self, text: &'a str) -> StoredValue<'a> {
        StoredValue {
            slot: self.slot,
            text,
            sensitive: self.flags & 1 != 0,
            from_state: self.flags & 2 != 0,
            is_written: self.flags & 4 != 0,
        }
    }
}

pub struct Iter<'a> {
    headers: &'a [[u8; HEADER]],
    texts: &'a str,
}

impl<'a> Iterator for Iter<'a> {
    type Item = StoredValue<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let (header, headers) = self.headers.split_first()?;
        let header = Header::of(header);
        let before = self.texts.len().checked_sub(header.length)?;
        let (texts, text) = self.texts.split_at_checked(before)?;
        (self.headers, self.texts) = (headers, texts);
        Some(header.value(text))
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
        let stored = Stored::pack(values.into_iter());
        assert_eq!(stored.iter().collect::<Vec<_>>(), values);
        assert_eq!(stored.get(3), Some(values[1]));
        assert_eq!(stored.get(4), None);
        assert!(!stored.is_empty());
        let nothing = Stored::pack(values.into_iter().take(0));
        assert_eq!((nothing.iter().next(), nothing.get(0)), (None, None));
        assert!(nothing.is_empty());
    }
}
