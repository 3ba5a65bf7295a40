//! The question before the window closes.

use counterfoil_app::{AppError, ErrorCode};
use serde::Deserialize;
use specta::Type;
use tauri::{State, WebviewWindow};

use crate::closing::Closing;

/// What became of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub(crate) enum CloseAnswer {
    /// It is shown.
    Shown,
    /// The person stays.
    Stay,
    /// The person means it.
    Close,
}

/// Says what became of the question before the window closes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_close(
    window: WebviewWindow,
    closing: State<'_, Closing>,
    answer: CloseAnswer,
) -> Result<(), AppError> {
    match answer {
        CloseAnswer::Shown => closing.shown(),
        CloseAnswer::Stay => closing.stays(),
        CloseAnswer::Close => {
            closing.meant();
            let closed = window.close();
            closed.map_err(|error| AppError::new(ErrorCode::Internal, error.to_string()))?;
        }
    }
    Ok(())
}
