#![forbid(unsafe_code)]

//! As much of a JSON reader as the plugin needs: strict about everything, and it keeps the texts of one object.

/// Deeper than anybody means it, and far from the end of the stack.
const DEEPEST: usize = 64;

/// The members of a JSON object that are texts; the others are checked and left out.
pub fn texts_of_object(json: &[u8]) -> Result<Vec<(String, String)>, String> {
    let text = std::str::from_utf8(json).map_err(|_| "It is not UTF-8".to_owned())?;
    let mut reader = Reader { text, at: 0 };
    let mut texts = Vec::new();
    reader.spaces();
    reader.object(0, &mut |name, value| {
        if let Some(value) = value {
            texts.push((name, value));
        }
    })?;
    reader.spaces();
    if reader.at < text.len() {
        return Err(reader.unexpected());
    }
    Ok(texts)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn unexpected(&self) -> String {
        match self.text[self.at..].chars().next() {
            Some(c) => format!("There is a {:?} at {} that does not belong there", c, self.at),
            None => "It ends too early".to_owned(),
        }
    }

    fn take(&mut self, byte: u8) -> Result<(), String> {
        if self.peek() != Some(byte) {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(())
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Text, if it is one.
    fn value(&mut self, depth: usize) -> Result<Option<String>, String> {
        if depth > DEEPEST {
            return Err("It is too deep".to_owned());
        }
        match self.peek() {
            Some(b'"') => return self.string().map(Some),
            Some(b'{') => self.object(depth, &mut |_, _| {})?,
            Some(b'[') => self.list(depth)?,
            Some(b't') => self.word("true")?,
            Some(b'f') => self.word("false")?,
            Some(b'n') => self.word("null")?,
            _ => self.number()?,
        }
        Ok(None)
    }

    fn object(
        &mut self,
        depth: usize,
        member: &mut dyn FnMut(String, Option<String>),
    ) -> Result<(), String> {
        self.take(b'{')?;
        self.spaces();
        if self.peek() == Some(b'}') {
            return self.take(b'}');
        }
        loop {
            self.spaces();
            let name = self.string()?;
            self.spaces();
            self.take(b':')?;
            self.spaces();
            let value = self.value(depth + 1)?;
            member(name, value);
            self.spaces();
            if self.peek() != Some(b',') {
                return self.take(b'}');
            }
            self.at += 1;
        }
    }

    fn list(&mut self, depth: usize) -> Result<(), String> {
        self.take(b'[')?;
        self.spaces();
        if self.peek() == Some(b']') {
            return self.take(b']');
        }
        loop {
            self.spaces();
            self.value(depth + 1)?;
            self.spaces();
            if self.peek() != Some(b',') {
                return self.take(b']');
            }
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> Result<(), String> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.unexpected());
        }
        self.at += word.len();
        Ok(())
    }

    fn digits(&mut self) -> Result<(), String> {
        if !self.peek().map_or(false, |c| c.is_ascii_digit()) {
            return Err(self.unexpected());
        }
        while self.peek().map_or(false, |c| c.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), String> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn string(&mut self) -> Result<String, String> {
        self.take(b'"')?;
        let mut string = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.find(|c| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            string.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(string);
                }
                Some(b'\\') => {
                    self.at += 1;
                    string.push(self.escaped()?);
                }
                _ => return Err(self.unexpected()),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => c as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(c)
    }

    fn unicode(&mut self) -> Result<char, String> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or_else(|| "Half a character is not one".to_owned());
        }
        self.take(b'\\')?;
        let second = self.unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err("Half a character is not one".to_owned());
        }
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        char::from_u32(code).ok_or_else(|| self.unexpected())
    }

    /// `uXXXX`.
    fn unit(&mut self) -> Result<u32, String> {
        self.take(b'u')?;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|c| (c as char).to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.unexpected())?;
            self.at += 1;
        }
        Ok(unit)
    }
}
