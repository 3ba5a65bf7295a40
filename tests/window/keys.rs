//! Keys, as a person and as a scanner press them.

use std::time::Duration;

use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::key::Key;

use super::frame::press_close_of;
use super::{Outcome, Window, WindowError, within};

/// How long a person takes from one key to the next.
const TYPING: Duration = Duration::from_millis(120);

/// Milliseconds from one key of a scan to the next.
const SCANNING: &str = "3";

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
    /// Unlike the other keys these come through the X server, as a device's do: it stamps them with the time at which
    /// they were sent, while the driver waits after every key until the window has dealt with it.
    ///
    /// # Errors
    /// When there is no window of the till on this display, or `xdotool` is not there.
    pub async fn scan(&self, codes: &[&str]) -> Outcome {
        let window = self.on_display().await?;
        let mut device = vec!["windowfocus", "--sync", &window];
        for code in codes {
            device.extend(["type", "--args", "1", "--delay", SCANNING, code]);
            device.extend(["key", "--delay", SCANNING, "Return"]);
        }
        xdotool(&device).await?;
        Ok(())
    }

    /// Gives the window the keyboard, as a window manager does: what has the focus is marked only then.
    ///
    /// # Errors
    /// When there is no window of the till on this display, or `xdotool` is not there.
    pub async fn take_keyboard(&self) -> Outcome {
        let window = self.on_display().await?;
        xdotool(&["windowfocus", "--sync", &window]).await?;
        Ok(())
    }

    /// Presses the close button of the window's frame; whether it closes is the till's matter.
    ///
    /// # Errors
    /// When there is no window of the till on this display, or `xdotool` is not there.
    pub async fn press_close(&self) -> Outcome {
        let window = self.on_display().await?;
        let number = window.trim().parse();
        press_close_of(number.map_err(|_| WindowError::new("the window has no number"))?)
    }

    /// The window's number on the display.
    async fn on_display(&self) -> Outcome<String> {
        let found = xdotool(&[
            "search",
            "--sync",
            "--onlyvisible",
            "--name",
            "^Counterfoil",
        ])
        .await?;
        let window = found.lines().next().map(str::to_owned);
        window.ok_or_else(|| WindowError::new("no window of the till is on this display"))
    }

    async fn perform(&self, keys: KeyActions) -> Outcome {
        within("press keys", self.client.perform_actions(keys)).await
    }
}

async fn xdotool(arguments: &[&str]) -> Outcome<String> {
    let limit = Duration::from_secs(30);
    let mut command = tokio::process::Command::new("xdotool");
    command.args(arguments).kill_on_drop(true);
    let output = tokio::time::timeout(limit, command.output())
        .await
        .map_err(|_| WindowError::new("xdotool does not end"))?
        .map_err(|error| WindowError::new(format!("xdotool: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(WindowError::new(format!("xdotool {arguments:?}: {said}")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn keyboard() -> KeyActions {
    KeyActions::new("keyboard".to_owned())
}
