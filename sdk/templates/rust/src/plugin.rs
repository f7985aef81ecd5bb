#![forbid(unsafe_code)]

use crate::edge::{Host, Level, Refusal};

/// What lives from open to close. Calls share it, so what changes needs a `Mutex`.
pub struct Plugin {
    host: Host,
}

impl Plugin {
    /// Gets the configuration, JSON that fits the manifest's `config_schema`.
    pub fn open(_config: &[u8], host: Host) -> Result<Plugin, String> {
        Ok(Plugin { host })
    }

    /// Does what an action is for.
    pub fn call(&self, action: &str, input: &[u8]) -> Result<Vec<u8>, Refusal> {
        match action {
            "hello" => {
                if input.first() != Some(&b'{') {
                    return Err(Refusal::bad_input("The input must be a JSON object"));
                }
                self.host.log(Level::Info, "hello was called");
                Ok(br#"{"hello":"world"}"#.to_vec())
            }
            _ => Err(Refusal::UnknownAction),
        }
    }

    /// Asked once after `open`, before there are calls.
    pub fn is_well(&self) -> bool {
        true
    }
}
