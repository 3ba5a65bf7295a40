//! Pictures of the window, for people to look at.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Outcome, Window, WindowError, within};

/// More than the interface's longest movement.
const DRAWING: Duration = Duration::from_millis(150);

/// A way to dress the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
    /// For glare and weak eyes.
    Contrast,
}

impl Look {
    /// The name that the interface's theme has, and that a picture's file ends with.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::Contrast => "contrast",
        }
    }
}

/// Where the pictures lie: `target/screens`.
#[must_use]
pub fn folder() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || here.parent().unwrap_or(here).join("target"),
        PathBuf::from,
    );
    target.join("screens")
}

impl Window {
    /// Takes a picture of what is shown, in light and in dark, as `NAME-WHAT-light.png` and `NAME-WHAT-dark.png`;
    /// the window looks afterwards as before.
    ///
    /// # Errors
    /// When the window does not answer or the files cannot be written.
    pub async fn pictures(&self, what: &str) -> Outcome {
        for look in [Look::Light, Look::Dark] {
            self.picture(what, look).await?;
        }
        Ok(())
    }

    /// Takes one picture in the given look, and returns where it lies.
    ///
    /// # Errors
    /// When the window does not answer or the file cannot be written.
    pub async fn picture(&self, what: &str, look: Look) -> Outcome<PathBuf> {
        // The interface dresses its root element; here it is dressed for the picture only, and nothing is saved.
        let before = self.dress(look.name()).await?;
        let path = self
            .save(&folder().join(format!("{}-{what}-{}.png", self.pictures, look.name())))
            .await;
        let path = path?;
        self.dress(&before).await?;
        Ok(path)
    }

    /// Sets the look and returns the one before, when the window has had time to be drawn with it.
    async fn dress(&self, look: &str) -> Outcome<String> {
        let script = "
            const root = document.documentElement;
            const before = root.dataset.theme ?? 'light';
            root.dataset.theme = arguments[0];
            return before;";
        // Not an asynchronous script: WebKit's driver now and then forgets to say that one has ended.
        let before = within(
            "dress the window",
            self.client.execute(script, vec![look.into()]),
        )
        .await?;
        tokio::time::sleep(DRAWING).await;
        self.drawn().await?;
        Ok(before.as_str().unwrap_or("light").to_owned())
    }

    /// Waits until what the document says now has been drawn: on a busy machine the picture lags behind it.
    async fn drawn(&self) -> Outcome {
        let ask = "
            window.drawnFrames = 0;
            const next = () => { window.drawnFrames += 1; if (window.drawnFrames < 3) requestAnimationFrame(next); };
            requestAnimationFrame(next);";
        self.measure(ask).await?;
        let drawn = self
            .until(|| async {
                let frames = self.measure("return window.drawnFrames").await.ok()?;
                (frames.as_u64() == Some(3)).then_some(())
            })
            .await;
        drawn.ok_or_else(|| WindowError::new("the window draws nothing"))
    }

    pub(super) async fn picture_of_failure(&self) -> Outcome<PathBuf> {
        self.save(
            &folder()
                .join("failed")
                .join(format!("{}.png", self.pictures)),
        )
        .await
    }

    async fn save(&self, path: &Path) -> Outcome<PathBuf> {
        let png = within("take a picture", self.client.screenshot()).await?;
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(path, png));
        written.map_err(|error| WindowError::new(format!("{}: {error}", path.display())))?;
        Ok(path.to_owned())
    }
}
