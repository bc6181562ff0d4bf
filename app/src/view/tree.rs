//! JSON as a tree, read with little code: browsers download this instead of a JSON library.
//!
//! It reads what frames are made of: whole numbers, texts, lists, members. A number with a fraction is an error: frames
//! carry exact counts only. Depth is bounded, so that no text can overflow the stack.

use super::wire::WireError;

/// A value of a frame. Members keep their order; of two with one name the first counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree {
    Null,
    Truth(bool),
    Whole(i64),
    Text(String),
    List(Vec<Tree>),
    Members(Vec<(String, Tree)>),
}

/// Frames are eight deep at most.
const DEEPEST: u32 = 32;

/// # Errors
/// If `text` is not JSON, is nested deeper than any frame, or has a number that is not whole.
pub fn read(text: &str) -> Result<Tree, WireError> {
    let mut reader = Reader { text, at: 0 };
    let tree = reader.value(DEEPEST)?;
    match reader.next() {
        None => Ok(tree),
        Some(_) => Err(reader.fault("more than one value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no blank; it stays to be read.
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    fn fault(&self, what: &str) -> WireError {
        WireError::of(&format!("{what} at byte {}", self.at))
    }

    fn value(&mut self, depth: u32) -> Result<Tree, WireError> {
        let Some(depth) = depth.checked_sub(1) else { return Err(self.fault("nested too deep")) };
        match self.next() {
            Some(b'"') => self.text().map(Tree::Text),
            Some(b'{') => self.members(depth),
            Some(b'[') => self.list(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'n') => self.word("null", Tree::Null),
            Some(b't') => self.word("true", Tree::Truth(true)),
            Some(b'f') => self.word("false", Tree::Truth(false)),
            Some(_) | None => Err(self.fault("no value")),
        }
    }

    fn word(&mut self, word: &str, means: Tree) -> Result<Tree, WireError> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(means)
        } else {
            Err(self.fault("no value"))
        }
    }

    /// After an item: whether another follows. `end` is taken in.
    fn goes_on(&mut self, end: u8) -> Result<bool, WireError> {
        let byte = self.next();
        self.at += 1;
        match byte {
            Some(b',') => Ok(true),
            Some(byte) if byte == end => Ok(false),
            Some(_) | None => Err(self.fault("no comma")),
        }
    }

    /// Takes in the bracket, and its other half where nothing is between them.
    fn is_empty(&mut self, end: u8) -> bool {
        self.at += 1;
        let empty = self.next() == Some(end);
        if empty {
            self.at += 1;
        }
        empty
    }

    fn list(&mut self, depth: u32) -> Result<Tree, WireError> {
        let mut items = Vec::new();
        let mut more = !self.is_empty(b']');
        while more {
            items.push(self.value(depth)?);
            more = self.goes_on(b']')?;
        }
        Ok(Tree::List(items))
    }

    fn members(&mut self, depth: u32) -> Result<Tree, WireError> {
        let mut members = Vec::new();
        let mut more = !self.is_empty(b'}');
        while more {
            if self.next() != Some(b'"') {
                return Err(self.fault("no name"));
            }
            let name = self.text()?;
            if self.next() != Some(b':') {
                return Err(self.fault("no colon"));
            }
            self.at += 1;
            members.push((name, self.value(depth)?));
            more = self.goes_on(b'}')?;
        }
        Ok(Tree::Members(members))
    }

    fn number(&mut self) -> Result<Tree, WireError> {
        let from = self.at;
        self.at += 1;
        while let Some(b'0'..=b'9') = self.byte() {
            self.at += 1;
        }
        let is_whole = !matches!(self.byte(), Some(b'.' | b'e' | b'E'));
        let digits = self.text.get(from..self.at).unwrap_or_default();
        // `-0` is a number with a fraction, to the library as well.
        let is_plain = digits == "0" || !digits.trim_start_matches('-').starts_with('0');
        match digits.parse() {
            Ok(whole) if is_whole && is_plain => Ok(Tree::Whole(whole)),
            Ok(_) | Err(_) => Err(self.fault("a number that is not whole")),
        }
    }

    /// A text, from its first quote to behind its last.
    fn text(&mut self) -> Result<String, WireError> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let from = self.at;
            while self.byte().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            // Both ends lie beside ASCII, so they part no letter.
            out.push_str(self.text.get(from..self.at).unwrap_or_default());
            let byte = self.byte();
            self.at += 1;
            match byte {
                Some(b'"') => return Ok(out),
                Some(b'\\') => out.push(self.escaped()?),
                Some(_) | None => return Err(self.fault("a text without end")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, WireError> {
        let byte = self.byte();
        self.at += 1;
        Ok(match byte {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'u') => {
                let first = self.hex()?;
                let code = if (0xd800..0xdc00).contains(&first) { self.second_half(first)? } else { first };
                char::from_u32(code).ok_or_else(|| self.fault("half a letter"))?
            }
            Some(_) | None => return Err(self.fault("an unknown escape")),
        })
    }

    /// Letters beyond the first plane come as two escapes.
    fn second_half(&mut self, first: u32) -> Result<u32, WireError> {
        if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return Err(self.fault("half a letter"));
        }
        self.at += 2;
        match self.hex()? {
            second @ 0xdc00..=0xdfff => Ok(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)),
            _ => Err(self.fault("half a letter")),
        }
    }

    fn hex(&mut self) -> Result<u32, WireError> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.byte().and_then(|byte| char::from(byte).to_digit(16));
            code = code * 16 + digit.ok_or_else(|| self.fault("an unknown escape"))?;
            self.at += 1;
        }
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// The same by the library; nothing where it has what frames do not have.
    fn of(value: Value) -> Option<Tree> {
        Some(match value {
            Value::Null => Tree::Null,
            Value::Bool(truth) => Tree::Truth(truth),
            Value::Number(number) => Tree::Whole(number.as_i64()?),
            Value::String(text) => Tree::Text(text),
            Value::Array(items) => Tree::List(items.into_iter().map(of).collect::<Option<_>>()?),
            Value::Object(members) => {
                Tree::Members(members.into_iter().map(|(name, value)| Some((name, of(value)?))).collect::<Option<_>>()?)
            }
        })
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_reads_what_the_library_writes(value in values(), pretty in any::<bool>()) {
            let text = if pretty { format!("{value:#}") } else { value.to_string() };
            prop_assert_eq!(read(&text).ok(), of(value));
        }

        #[test]
        fn any_text_is_read_or_refused_as_by_the_library(text in r#"[\[\]{}:,"\\a-fu0-9trulsen. -]{0,24}"#) {
            // Of two members with one name the library keeps the last; frames have none.
            let ours = read(&text).ok();
            if !text.contains('{') {
                prop_assert_eq!(ours, serde_json::from_str(&text).ok().and_then(of), "{}", text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = read(&text);
        }
    }

    #[test]
    fn escapes_of_all_kinds_are_read() {
        let text = r#""a\"\\\/\b\f\n\r\té\ud83d\ude00 é""#;
        assert_eq!(read(text), Ok(Tree::Text("a\"\\/\u{8}\u{c}\n\r\té😀 é".to_owned())));
        for half in [r#""\ud83d""#, r#""\ud83dA""#, r#""\ude00""#] {
            assert!(read(half).is_err(), "{half}");
        }
    }

    #[test]
    fn what_no_frame_holds_is_an_error_that_says_where() {
        for (text, said) in [
            ("[1.5]", "a number that is not whole at byte 2"),
            ("[1,]", "no value at byte 3"),
            ("{\"a\" 1}", "no colon at byte 5"),
            ("[1 2]", "no comma at byte 4"),
            ("\"abc", "a text without end at byte 5"),
            ("1 2", "more than one value at byte 2"),
        ] {
            assert_eq!(read(text).map_err(|fault| fault.to_string()), Err(said.to_owned()), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_err());
    }
}
