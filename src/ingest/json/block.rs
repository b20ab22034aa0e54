//! Finds the end of an object or array, 64 bytes at a time.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};

use super::MAX_DEPTH;

/// Carries the state of a value across the pieces in which its text arrives.
#[derive(Clone, Debug, Default)]
pub(super) struct BracketScan {
    depth: u32,
    /// All ones while inside a string, else zero.
    in_string: u64,
    /// One if the next byte is escaped.
    escaped: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooDeep;

impl BracketScan {
    /// Reads on; the first byte ever fed must open the value. Returns how many bytes of `text`
    /// belong to the value if it ends here, and `None` if all of them do and more must follow.
    pub(super) fn feed(&mut self, text: &[u8]) -> Result<Option<usize>, TooDeep> {
        dispatch!(Level::new(), simd => self.feed_with(simd, text))
    }

    // What is called with `simd` must be inlined, or it is compiled without what the processor has.
    #[inline(always)]
    fn feed_with<S: Simd>(&mut self, simd: S, text: &[u8]) -> Result<Option<usize>, TooDeep> {
        let (blocks, rest) = text.as_chunks::<64>();
        for (index, block) in blocks.iter().enumerate() {
            if let Some(end) = self.block(simd, block, 64)? {
                return Ok(Some(index.saturating_mul(64).saturating_add(end)));
            }
        }
        if rest.is_empty() {
            return Ok(None);
        }
        let mut padded = [b' '; 64];
        for (to, from) in padded.iter_mut().zip(rest) {
            *to = *from;
        }
        let end = self.block(simd, &padded, rest.len())?;
        Ok(end.map(|end| (text.len() - rest.len()).saturating_add(end)))
    }

    /// Reads one block of which the first `length` bytes count.
    #[inline(always)]
    fn block<S: Simd>(
        &mut self,
        simd: S,
        block: &[u8; 64],
        length: usize,
    ) -> Result<Option<usize>, TooDeep> {
        let masks = Masks::of(simd, block);
        let escaped = self.escapes(masks.backslash, length);
        let strings = prefix_xor(masks.quote & !escaped) ^ self.in_string;
        self.in_string = if strings >> 63 == 1 { u64::MAX } else { 0 };
        let open = masks.open & !strings;
        let close = masks.close & !strings;

        let (opened, closed) = (open.count_ones(), close.count_ones());
        if self.depth > closed && self.depth + opened <= MAX_DEPTH {
            self.depth = self.depth + opened - closed;
            return Ok(None);
        }
        self.one_by_one(open, close)
    }

    /// The value may end, or grow too deep, within this block.
    fn one_by_one(&mut self, open: u64, close: u64) -> Result<Option<usize>, TooDeep> {
        let mut brackets = open | close;
        while brackets != 0 {
            let bit = brackets.trailing_zeros();
            brackets &= brackets - 1;
            if open >> bit & 1 == 1 {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(TooDeep);
                }
            } else {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return Ok(Some(bit as usize + 1));
                }
            }
        }
        Ok(None)
    }

    /// Which bytes stand behind an odd number of backslashes.
    #[inline(always)]
    fn escapes(&mut self, backslash: u64, length: usize) -> u64 {
        const EVEN: u64 = 0x5555_5555_5555_5555;
        let carried = self.escaped;
        if backslash == 0 {
            self.escaped = 0;
            return carried;
        }
        let backslash = backslash & !carried;
        let follows = backslash << 1 | carried;
        let odd_starts = backslash & !EVEN & !follows;
        let (sequences, overflow) = odd_starts.overflowing_add(backslash);
        let escaped = (EVEN ^ (sequences << 1)) & follows;
        self.escaped = match escaped.checked_shr(length as u32) {
            Some(shifted) => shifted & 1,
            None => u64::from(overflow),
        };
        escaped
    }
}

struct Masks {
    quote: u64,
    backslash: u64,
    open: u64,
    close: u64,
}

impl Masks {
    #[inline(always)]
    fn of<S: Simd>(simd: S, block: &[u8; 64]) -> Self {
        let bytes: u8x64<S> = (*block).simd_into(simd);
        // `[` and `{`, `]` and `}` differ in one bit only; no other byte meets them once it is set.
        let folded = bytes | 0x20;
        Self {
            quote: bytes.simd_eq(b'"').to_bitmask(),
            backslash: bytes.simd_eq(b'\\').to_bitmask(),
            open: folded.simd_eq(b'{').to_bitmask(),
            close: folded.simd_eq(b'}').to_bitmask(),
        }
    }
}

/// Bit i is the parity of bits 0..=i: set from an opening quote up to its closing one.
#[inline(always)]
fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    bits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same by hand, a byte at a time.
    fn end_by_hand(text: &[u8]) -> Option<usize> {
        let (mut depth, mut in_string, mut escaped) = (0u32, false, false);
        for (index, byte) in text.iter().enumerate() {
            if in_string {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => in_string = true,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return Some(index + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    proptest! {
        #[test]
        fn agrees_with_a_reading_by_hand_however_the_text_is_cut(
            body in proptest::collection::vec(
                prop::sample::select(b"{}[]\"\"\"\\\\a :,".to_vec()), 0..300),
            cuts in proptest::collection::vec(0usize..300, 0..4),
        ) {
            let mut text = b"[".to_vec();
            // Outside strings a backslash is no JSON; the escape rule only holds inside them.
            let mut in_string = false;
            let mut escaped = false;
            for byte in body {
                if !in_string && byte == b'\\' { continue; }
                if in_string && !escaped && byte == b'\\' { escaped = true; text.push(byte); continue; }
                if byte == b'"' && !escaped { in_string = !in_string; }
                escaped = false;
                text.push(byte);
            }
            let expected = end_by_hand(&text);
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len()).collect();
            cuts.push(0);
            cuts.push(text.len());
            cuts.sort_unstable();
            let mut scan = BracketScan::default();
            let mut found = None;
            for pair in cuts.windows(2) {
                match scan.feed(&text[pair[0]..pair[1]]) {
                    Ok(Some(end)) => { found = Some(pair[0] + end); break; }
                    Ok(None) => {}
                    Err(TooDeep) => return Ok(()),
                }
            }
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn refuses_what_is_too_deep() {
        let text = "[".repeat(5_000);
        assert_eq!(BracketScan::default().feed(text.as_bytes()), Err(TooDeep));
        let fits = "[".repeat(MAX_DEPTH as usize);
        assert_eq!(BracketScan::default().feed(fits.as_bytes()), Ok(None));
    }
}
