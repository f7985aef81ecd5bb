#![forbid(unsafe_code)]

//! Where in a text something stands that has to be masked. Addresses and numbers are ASCII, and in UTF-8 a word is found
//! only where a character begins: every place is between characters.

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Email,
    Card,
    CodeName,
}

/// The first thing at or after `from`: what it is, where it begins, and where it ends.
pub fn next(text: &str, from: usize, code_name: &str) -> Option<(Kind, usize, usize)> {
    let bytes = text.as_bytes();
    (from..bytes.len()).find_map(|at| {
        let found = |kind: Kind| move |end: usize| (kind, at, end);
        email(bytes, at)
            .map(found(Kind::Email))
            .or_else(|| card(bytes, at).map(found(Kind::Card)))
            .or_else(|| word(bytes, at, code_name).map(found(Kind::CodeName)))
    })
}

fn is_local(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&c)
}

/// Where the address that begins here ends.
fn email(bytes: &[u8], start: usize) -> Option<usize> {
    // One look for each run of characters, and not one for each of them.
    if !is_local(bytes[start]) || start > 0 && is_local(bytes[start - 1]) {
        return None;
    }
    let at = start + bytes[start..].iter().position(|c| !is_local(*c))?;
    if bytes[at] != b'@' {
        return None;
    }
    let domain = at + 1;
    let length = bytes[domain..]
        .iter()
        .position(|c| !c.is_ascii_alphanumeric() && *c != b'.' && *c != b'-')
        .unwrap_or(bytes.len() - domain);
    let mut end = domain + length;
    while end > domain && !bytes[end - 1].is_ascii_alphanumeric() {
        end -= 1;
    }
    bytes[domain..end].contains(&b'.').then(|| end)
}

/// Where the card number that begins here ends: 13 to 19 digits with the right last one, alone or in groups.
fn card(bytes: &[u8], start: usize) -> Option<usize> {
    if !bytes[start].is_ascii_digit() || start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let mut digits = Vec::with_capacity(19);
    let mut end = None;
    let mut at = start;
    while at < bytes.len() && digits.len() < 19 {
        if bytes[at].is_ascii_digit() {
            digits.push(bytes[at] - b'0');
            let alone = bytes.get(at + 1).map_or(true, |c| !c.is_ascii_alphanumeric());
            // The longest one: too much is better hidden than too little.
            if alone && digits.len() >= 13 && has_right_last_digit(&digits) {
                end = Some(at + 1);
            }
        } else if !(bytes[at] == b' ' || bytes[at] == b'-') || !bytes[at - 1].is_ascii_digit() {
            break;
        }
        at += 1;
    }
    end
}

/// Luhn's sum.
fn has_right_last_digit(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, digit)| match (i % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => 2 * digit - 9,
            (_, digit) => 2 * digit,
        })
        .sum();
    sum % 10 == 0
}

/// Where the word ends, if it stands here; ASCII letters may be large or small.
fn word(bytes: &[u8], start: usize, word: &str) -> Option<usize> {
    let end = start + word.len();
    let same = bytes.get(start..end)?.eq_ignore_ascii_case(word.as_bytes());
    (same && !word.is_empty()).then(|| end)
}
