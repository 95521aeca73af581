//! What a line of events has to be: one JSON object, in which no object has a key twice.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// What is wrong with a line that should be one JSON object, without duplicate keys, in printable ASCII.
pub fn fault(line: &str) -> Option<String> {
    if !line.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Some("it is not a line of printable ASCII".into());
    }
    let mut keys = Keys::default();
    let mut json = serde_json::Deserializer::from_str(line);
    if let Err(error) = keys.deserialize(&mut json).and_then(|()| json.end()) {
        return Some(error.to_string());
    }
    if !line.trim_start().starts_with('{') {
        return Some("it is no object".into());
    }
    keys.twice.map(|key| format!("`{key}` is there twice"))
}

/// A key that an object of this JSON has twice.
pub fn keys_twice(json: &str) -> Option<String> {
    let mut keys = Keys::default();
    keys.deserialize(&mut serde_json::Deserializer::from_str(json)).ok()?;
    keys.twice
}

/// Walks JSON and finds a key that is there twice.
#[derive(Default)]
struct Keys<'de> {
    /// The keys of the objects around the place that was reached, outermost first.
    open: Vec<Cow<'de, str>>,
    twice: Option<String>,
}

impl<'de> DeserializeSeed<'de> for &mut Keys<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Keys<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let first = self.open.len();
        while let Some(Key(key)) = map.next_key::<Key<'de>>()? {
            if self.open.iter().skip(first).any(|known| *known == key) {
                self.twice = Some(key.to_string());
            }
            self.open.push(key);
            map.next_value_seed(&mut *self)?;
        }
        self.open.truncate(first);
        Ok(())
    }
}

/// A key, borrowed where nothing in it is escaped.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_str(KeyVisitor).map(Key)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(key.into())
    }

    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(key.to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_not_one_object() {
        for good in ["{}", "{ \"a\": { \"b\": 1 }, \"b\": [ { \"b\": null }, 2.5 ] }"] {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "",
            "1",
            "{} {}",
            "{",
            "{ \"a\": 1, \"a\": 2 }",
            "{ \"a\": { \"b\": 1 }, \"b\": 1, \"\\u0061\": 2 }",
            "{ \"a\": 1e999 }",
            "[ { \"a\": [ { \"b\": 1, \"b\": 1 } ] } ]",
            "{}\n{}",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
        assert_eq!(keys_twice("[ { \"a\": [ { \"b\": 1, \"b\": 1 } ] } ]").as_deref(), Some("b"));
    }
}
