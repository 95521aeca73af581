//! Appending values to text: what lines, events and listings are made of.
//!
//! [`put!`](crate::put!) appends its arguments one behind the other. How a value reads is said once, by its [`Put`], and
//! `Display` is made of that ([`show`]). Nothing here goes through `core::fmt`, which takes several times as long as the
//! writing itself: a full table is millions of short texts.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What can be appended to text.
pub trait Put {
    /// Appends it.
    fn put(&self, out: &mut String);
}

/// Appends values to a `&mut String`, one behind the other: `put!(out, "rd ", rd, " label ", 100_u32)`.
#[macro_export]
macro_rules! put {
    ($out:expr, $($value:expr),+ $(,)?) => {{
        let out: &mut ::std::string::String = $out;
        $($crate::put::Put::put(&$value, out);)+
    }};
}

/// `Display` by means of [`Put`].
pub fn show(value: &impl Put, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = String::new();
    value.put(&mut text);
    f.pad(&text)
}

/// A value between quotation marks. Text from outside does not belong here, but into [`crate::json::string`].
#[derive(Clone, Copy, Debug)]
pub struct Quoted<T>(pub T);

/// Octets as upper-case hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

/// Octets as lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug)]
pub struct LowerHex<'a>(pub &'a [u8]);

/// Octets as pairs of upper-case hexadecimal digits: `02:00:5E`.
#[derive(Clone, Copy, Debug)]
pub struct Pairs<'a>(pub &'a [u8]);

/// Octets as pairs of lower-case hexadecimal digits: `02:00:5e`.
#[derive(Clone, Copy, Debug)]
pub struct LowerPairs<'a>(pub &'a [u8]);

impl<T: Put + ?Sized> Put for &T {
    #[inline]
    fn put(&self, out: &mut String) {
        (**self).put(out);
    }
}

impl Put for str {
    #[inline]
    fn put(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Put for String {
    #[inline]
    fn put(&self, out: &mut String) {
        out.push_str(self);
    }
}

impl Put for char {
    #[inline]
    fn put(&self, out: &mut String) {
        out.push(*self);
    }
}

impl Put for bool {
    fn put(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }
}

impl Put for u8 {
    #[inline]
    fn put(&self, out: &mut String) {
        octet(*self, 0, out);
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl Put for $number {
            #[inline]
            fn put(&self, out: &mut String) {
                out.push_str(itoa::Buffer::new().format(*self));
            }
        }
    )*};
}

numbers! { u16 u32 u64 u128 usize i32 }

impl<T: Put> Put for Quoted<T> {
    #[inline(always)]
    fn put(&self, out: &mut String) {
        put!(out, '"', self.0, '"');
    }
}

impl Put for Hex<'_> {
    fn put(&self, out: &mut String) {
        digits(UPPER, b'A', self.0, out);
    }
}

impl Put for LowerHex<'_> {
    fn put(&self, out: &mut String) {
        digits(LOWER, b'a', self.0, out);
    }
}

impl Put for Pairs<'_> {
    fn put(&self, out: &mut String) {
        with_colons(UPPER_COLON, self.0, out);
    }
}

impl Put for LowerPairs<'_> {
    fn put(&self, out: &mut String) {
        with_colons(LOWER_COLON, self.0, out);
    }
}

impl Put for Ipv4Addr {
    #[inline]
    fn put(&self, out: &mut String) {
        let [a, b, c, d] = self.octets();
        octet(a, 1, out);
        octet(b, 1, out);
        octet(c, 1, out);
        octet(d, 0, out);
    }
}

/// RFC 5952: the first of the longest runs of two or more zero groups is `::`, IPv4 addresses inside are dotted quads.
impl Put for Ipv6Addr {
    fn put(&self, out: &mut String) {
        if let Some(inside) = self.to_ipv4_mapped() {
            return put!(out, "::ffff:", inside);
        }
        let groups = self.segments();
        let (mut longest, mut run) = (0..0, 0..0);
        for (at, group) in groups.iter().enumerate() {
            run = if *group != 0 { at + 1..at + 1 } else { run.start..at + 1 };
            if run.len() > longest.len() {
                longest = run.clone();
            }
        }
        if longest.len() < 2 {
            return with_groups(&groups, out);
        }
        with_groups(groups.get(..longest.start).unwrap_or(&[]), out);
        out.push_str("::");
        with_groups(groups.get(longest.end..).unwrap_or(&[]), out);
    }
}

impl Put for IpAddr {
    #[inline]
    fn put(&self, out: &mut String) {
        match self {
            IpAddr::V4(addr) => addr.put(out),
            IpAddr::V6(addr) => addr.put(out),
        }
    }
}

/// Appends groups of hexadecimal digits without leading zeros, colons between them.
fn with_groups(groups: &[u16], out: &mut String) {
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            out.push(':');
        }
        let [high, low] = group.to_be_bytes();
        // without the first digit of the first octet that says something, where it is zero
        let said = if high > 0 { high } else { low };
        if said > 0xf {
            cell::<2>(LOWER, said, out)
        } else {
            cell::<1>(DIGITS, said, out)
        }
        if high > 0 {
            cell::<2>(LOWER, low, out);
        }
    }
}

fn with_colons(cells: &'static str, octets: &[u8], out: &mut String) {
    octets.iter().for_each(|octet| cell::<3>(cells, *octet, out));
    out.truncate(out.len() - usize::from(!octets.is_empty()));
}

/// Appends two digits for each octet: sixteen octets at once, and one by one those that are left. `ten`: the digit of that
/// value.
fn digits(cells: &'static str, ten: u8, octets: &[u8], out: &mut String) {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { ten - 10 };
    let (blocks, rest) = octets.as_chunks::<16>();
    for block in blocks {
        let digits = block.map(|octet| [digit(octet >> 4), digit(octet & 0xf)]);
        out.push_str(str::from_utf8(digits.as_flattened()).unwrap_or(""));
    }
    rest.iter().for_each(|octet| cell::<2>(cells, *octet, out));
}

/// Appends a decimal number and so many of the dots behind it: none or one.
#[inline]
fn octet(n: u8, dots: usize, out: &mut String) {
    let end = out.len() + 1 + usize::from(n > 9) + usize::from(n > 99) + dots;
    cell::<4>(DECIMAL, n, out);
    out.truncate(end);
}

/// Appends one of the cells of `N` octets a table consists of. What is longer than needed is cut off again: a copy of a
/// known length is an instruction, where one of as many octets as there happen to be is a call.
#[inline]
fn cell<const N: usize>(table: &'static str, at: u8, out: &mut String) {
    let at = usize::from(at) * N;
    if let Some(cell) = table.get(at..at + N) {
        out.push_str(cell);
    }
}

const DIGITS: &str = "0123456789abcdef";
static UPPER: &str = text(&pairs::<512>(b"0123456789ABCDEF"));
static LOWER: &str = text(&pairs::<512>(b"0123456789abcdef"));
static UPPER_COLON: &str = text(&pairs::<768>(b"0123456789ABCDEF"));
static LOWER_COLON: &str = text(&pairs::<768>(b"0123456789abcdef"));
static DECIMAL: &str = text(&decimal());

/// Two digits for each octet, in cells of `N / 256`; colons fill them.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
const fn pairs<const N: usize>(digits: &[u8; 16]) -> [u8; N] {
    let mut cells = [b':'; N];
    let mut octet = 0;
    while octet < 256 {
        let at = octet * (N / 256);
        (cells[at], cells[at + 1]) = (digits[octet >> 4], digits[octet & 0xf]);
        octet += 1;
    }
    cells
}

/// Each octet in decimal, and dots that fill the cell.
#[allow(clippy::indexing_slicing)] // while compiling, where a wrong index is an error
const fn decimal() -> [u8; 1024] {
    let mut cells = [b'.'; 1024];
    let mut n = 0u8;
    loop {
        let mut at = 4 * n as usize;
        if n > 99 {
            cells[at] = b'0' + n / 100;
            at += 1;
        }
        if n > 9 {
            cells[at] = b'0' + n / 10 % 10;
            at += 1;
        }
        cells[at] = b'0' + n % 10;
        if n == u8::MAX {
            return cells;
        }
        n += 1;
    }
}

const fn text(ascii: &[u8]) -> &str {
    match str::from_utf8(ascii) {
        Ok(text) => text,
        Err(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dice::Dice;

    fn text_of(value: impl Put) -> String {
        let mut out = String::new();
        value.put(&mut out);
        out
    }

    #[test]
    fn values_read_as_the_standard_library_has_them() {
        for n in 0..=u16::MAX {
            assert_eq!(text_of(n), n.to_string());
            let [high, low] = n.to_be_bytes();
            assert_eq!(text_of(low), low.to_string());
            assert_eq!(text_of(Hex(&[high, low])), format!("{n:04X}"));
            assert_eq!(text_of(LowerHex(&[high, low])), format!("{n:04x}"));
            assert_eq!(text_of(Pairs(&[high, low])), format!("{high:02X}:{low:02X}"));
            assert_eq!(text_of(LowerPairs(&[low])), format!("{low:02x}"));
            let addr = Ipv6Addr::new(0x2001, n, 0, 0, n, 0, n, 1);
            assert_eq!(text_of(addr), addr.to_string());
        }
        let mut dice = Dice::new(7);
        for _ in 0..100_000 {
            let addr = Ipv4Addr::from(dice.array::<4>());
            assert_eq!(text_of(IpAddr::V4(addr)), addr.to_string());
            // groups that are zero, or begin with zeros
            let mut groups = [0; 8];
            groups
                .iter_mut()
                .for_each(|group| *group = if dice.once_in(2) { 0 } else { dice.u16() >> (dice.u8() % 16) });
            let addr = Ipv6Addr::from(groups);
            assert_eq!(text_of(IpAddr::V6(addr)), addr.to_string());
            let mapped = Ipv4Addr::from(dice.array::<4>()).to_ipv6_mapped();
            assert_eq!(text_of(mapped), mapped.to_string());
        }
    }

    #[test]
    fn digits_of_any_number_of_octets() {
        let octets: Vec<u8> = (0..=u8::MAX).rev().collect();
        for n in 0..70 {
            let octets = &octets[..n];
            let upper: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
            assert_eq!(text_of(Hex(octets)), upper.concat());
            assert_eq!(text_of(LowerHex(octets)), upper.concat().to_lowercase());
            assert_eq!(text_of(Pairs(octets)), upper.join(":"));
            assert_eq!(text_of(LowerPairs(octets)), upper.join(":").to_lowercase());
        }
    }

    #[test]
    fn one_value_follows_the_other() {
        let mut out = String::from("-");
        put!(&mut out, Quoted(7_u8), ' ', "x", true, 65_536_u32, &&'y');
        assert_eq!(out, "-\"7\" xtrue65536y");
    }
}
