#![forbid(unsafe_code)]

use crate::edge::{quoted, Host, Level, Refusal};
use crate::find::{self, Kind};
use crate::json::texts_of_object;

/// The longest text that is looked at, in bytes.
const LONGEST: usize = 1024 * 1024;

/// The settings. Nothing changes after `open`, so calls may share it.
pub struct Plugin {
    host: Host,
    mask: Option<String>,
    code_name: String,
}

/// How often each was found.
#[derive(Default)]
struct Found {
    emails: usize,
    cards: usize,
    code_names: usize,
}

impl Plugin {
    pub fn open(config: &[u8], host: Host) -> Result<Plugin, String> {
        let mut plugin = Plugin { host, mask: None, code_name: String::new() };
        let texts = texts_of_object(config).map_err(|why| format!("The configuration: {}", why))?;
        for (name, text) in texts {
            match name.as_str() {
                "mask" => plugin.mask = Some(text),
                "code_name" => plugin.code_name = text,
                _ => {}
            }
        }
        // Whether there is one may be logged; which one it is may not.
        let with = if plugin.code_name.is_empty() { "no" } else { "a" };
        plugin.host.log(Level::Info, &format!("Masks addresses and card numbers, and {} code name", with));
        Ok(plugin)
    }

    pub fn call(&self, action: &str, input: &[u8]) -> Result<Vec<u8>, Refusal> {
        match action {
            "redact" => {
                let (text, found) = self.redact(&text_of(input)?)?;
                Ok(format!("{{\"text\":{},\"found\":{}}}", quoted(&text), found.json()).into_bytes())
            }
            "count" => Ok(self.redact(&text_of(input)?)?.1.json().into_bytes()),
            _ => Err(Refusal::UnknownAction),
        }
    }

    /// Whether it hides what it is there to hide.
    pub fn is_well(&self) -> bool {
        self.redact("a@b.example").map_or(false, |(text, found)| found.emails == 1 && !text.contains("b.example"))
    }

    fn redact(&self, text: &str) -> Result<(String, Found), Refusal> {
        let mut masked = String::with_capacity(text.len());
        let mut found = Found::default();
        let mut at = 0;
        while let Some((kind, start, end)) = find::next(text, at, &self.code_name) {
            if self.host.cancelled() {
                return Err(Refusal::Cancelled);
            }
            masked.push_str(&text[at..start]);
            let mark = found.add(kind);
            masked.push_str(self.mask.as_deref().unwrap_or(mark));
            at = end;
        }
        masked.push_str(&text[at..]);
        Ok((masked, found))
    }
}

impl Found {
    /// Counts one; answers what stands in its place unless the settings say otherwise.
    fn add(&mut self, kind: Kind) -> &'static str {
        match kind {
            Kind::Email => {
                self.emails += 1;
                "[email]"
            }
            Kind::Card => {
                self.cards += 1;
                "[card]"
            }
            Kind::CodeName => {
                self.code_names += 1;
                "[name]"
            }
        }
    }

    fn json(&self) -> String {
        format!(
            "{{\"emails\":{},\"cards\":{},\"code_names\":{}}}",
            self.emails, self.cards, self.code_names
        )
    }
}

fn text_of(input: &[u8]) -> Result<String, Refusal> {
    let texts = texts_of_object(input)
        .map_err(|why| Refusal::BadInput(format!("The input must be a JSON object: {}", why)))?;
    let text = texts
        .into_iter()
        // The last one, as most readers of JSON do when a name is there twice.
        .rfind(|(name, _)| name == "text")
        .ok_or_else(|| Refusal::bad_input("The input must have a text with the name \"text\""))?
        .1;
    if text.len() > LONGEST {
        return Err(Refusal::Failed {
            code: "too_long",
            message: format!("The text has {} bytes; {} are the most", text.len(), LONGEST),
            retryable: false,
        });
    }
    Ok(text)
}
