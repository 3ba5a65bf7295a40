//! A mouse, as the X server knows one: WebDriver's own waits after every click until the window has dealt with it.

use std::process::Command;

use counterfoil_tests::window::{Outcome, Window, WindowError};
use serde_json::Value;

/// Milliseconds from one click to the next: as quick as a hand is.
const BETWEEN: &str = "40";

/// Clicks twice on the middle of a part, without looking in between.
pub(crate) async fn double_click(window: &Window, part: &str) -> Outcome {
    window.part(part).await?;
    let script = format!(
        "const {{ left, top, width, height }} = document.querySelector('[data-testid=\"{part}\"]').getBoundingClientRect();
         return [Math.round(left + width / 2), Math.round(top + height / 2)];"
    );
    let middle = window.measure(&script).await?;
    let (x, y) = (pixels(&middle[0])?, pixels(&middle[1])?);
    let mut device = Command::new("xdotool");
    device.args(["search", "--onlyvisible", "--name", "^Counterfoil"]);
    device.args(["mousemove", "--sync", "--window", "%1", &x, &y]);
    device.args(["click", "--repeat", "2", "--delay", BETWEEN, "1"]);
    let done = device
        .output()
        .map_err(|error| WindowError::new(format!("xdotool: {error}")))?;
    if done.status.success() {
        Ok(())
    } else {
        let said = String::from_utf8_lossy(&done.stderr);
        Err(WindowError::new(format!("xdotool: {said}")))
    }
}

fn pixels(number: &Value) -> Outcome<String> {
    let whole = number.as_i64();
    whole
        .map(|pixels| pixels.to_string())
        .ok_or_else(|| WindowError::new(format!("{number} is not a place")))
}
