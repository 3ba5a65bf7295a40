//! Keys, as a person and as a scanner press them.

use std::time::Duration;

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::{Outcome, Window, WindowError};

/// How long a person takes from one key to the next.
const TYPING: Duration = Duration::from_millis(120);

/// A key with those held down beside it, such as Ctrl and Enter.
#[derive(Clone, Copy, Debug)]
pub struct Chord {
    key: char,
    control: bool,
    shift: bool,
}

impl Chord {
    /// A key that WebDriver has a name for.
    #[must_use]
    pub fn key(key: Key) -> Self {
        Self::character(char::from(key))
    }

    /// A key that writes this character.
    #[must_use]
    pub fn character(key: char) -> Self {
        Self {
            key,
            control: false,
            shift: false,
        }
    }

    /// The same with Ctrl held down.
    #[must_use]
    pub fn with_control(mut self) -> Self {
        self.control = true;
        self
    }

    /// The same with Shift held down.
    #[must_use]
    pub fn with_shift(mut self) -> Self {
        self.shift = true;
        self
    }

    fn press(self, keys: KeyActions) -> KeyActions {
        let held: Vec<char> = [(self.control, Key::Control), (self.shift, Key::Shift)]
            .into_iter()
            .filter(|(held, _)| *held)
            .map(|(_, key)| char::from(key))
            .collect();
        let keys = held
            .iter()
            .fold(keys, |keys, &value| keys.then(KeyAction::Down { value }));
        let keys = keys
            .then(KeyAction::Down { value: self.key })
            .then(KeyAction::Up { value: self.key });
        held.iter()
            .rev()
            .fold(keys, |keys, &value| keys.then(KeyAction::Up { value }))
    }
}

impl Window {
    /// Presses a key, wherever the focus is.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn press(&self, chord: Chord) -> Outcome {
        self.press_all(&[chord]).await
    }

    /// Presses keys at once, one after the other, faster than the window can answer any of them.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn press_all(&self, chords: &[Chord]) -> Outcome {
        let keys = chords
            .iter()
            .fold(keyboard(), |keys, chord| chord.press(keys));
        self.perform(keys).await
    }

    /// Types at a person's pace, wherever the focus is.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn type_slowly(&self, text: &str) -> Outcome {
        let keys = text.chars().fold(keyboard(), |keys, key| {
            Chord::character(key).press(keys).pause(TYPING)
        });
        self.perform(keys).await
    }

    /// What a scanner sends for these codes, one after the other without a rest: each code and Enter.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn scan(&self, codes: &[&str]) -> Outcome {
        let keys = codes.iter().fold(keyboard(), |keys, code| {
            let keys = code
                .chars()
                .fold(keys, |keys, key| Chord::character(key).press(keys));
            Chord::key(Key::Enter).press(keys)
        });
        self.perform(keys).await
    }

    async fn perform(&self, keys: KeyActions) -> Outcome {
        self.client
            .perform_actions(keys)
            .await
            .map_err(WindowError::while_doing("press keys"))
    }
}

fn keyboard() -> KeyActions {
    KeyActions::new("keyboard".to_owned())
}
