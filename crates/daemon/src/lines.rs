//! An event is put into words once for all helpers that want the same words.

use herald_api::encode::Form;
use herald_speaker::config;

/// The lines of one event, by encoder and form, as far as somebody wants them.
#[derive(Default)]
pub struct Lines {
    text: [String; 6],
    made: [bool; 6],
}

impl Lines {
    /// Another event: nothing is said of it yet.
    pub fn clear(&mut self) {
        self.made = [false; 6];
    }

    /// The line for helpers with this encoder and form; `make` makes it for the first of them.
    pub fn get(&mut self, kind: config::Encoder, form: Form, make: impl FnOnce(&mut String)) -> &str {
        let place = usize::from(kind == config::Encoder::Json) * 3
            + match form {
                Form::Parsed => 0,
                Form::Packets => 1,
                Form::Consolidated => 2,
            };
        let (Some(text), Some(made)) = (self.text.get_mut(place), self.made.get_mut(place)) else { return "" };
        if !std::mem::replace(made, true) {
            text.clear();
            make(text);
        }
        text
    }
}
