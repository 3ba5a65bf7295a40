//! The real window, driven as a person would: by keys, clicks and a scanner's bursts, and looked at as pictures.
//!
//! The interface names its parts by `data-testid` (`ui/src/testids.ts`); nothing here knows its markup. A display must
//! be there: `cargo xtask test` gives one by `xvfb-run`.

mod driver;
mod frame;
mod keys;
mod pictures;

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde_json::Value;

pub use driver::{Place, Program, beside};
pub use frame::{Frame, Geometry};
pub use keys::Chord;
pub use pictures::{Look, folder};

use driver::Driver;

/// How long something may take to appear, on a machine that is busy building.
const PATIENCE: Duration = Duration::from_secs(20);
const GLANCE: Duration = Duration::from_millis(25);

/// What the window did not do.
#[derive(Debug)]
pub struct WindowError(String);

/// The outcome of everything one does with a window.
pub type Outcome<T = ()> = Result<T, WindowError>;

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for WindowError {}

impl WindowError {
    /// An error with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl From<xtask::failure::Failure> for WindowError {
    fn from(failure: xtask::failure::Failure) -> Self {
        Self(failure.to_string())
    }
}

/// What the driver answers, or that it does not.
async fn within<T>(
    what: impl fmt::Display,
    asked: impl Future<Output = Result<T, CmdError>>,
) -> Outcome<T> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(WindowError(format!("{what}: {error}"))),
        Err(_) => Err(WindowError(format!("{what}: the window does not answer"))),
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a second start is to be seen in the test's output"
)]
fn once_more(name: &str, error: &WindowError) {
    eprintln!("{name}: {error}; once more");
}

/// An open window of the till; the program ends with it.
pub struct Window {
    client: Client,
    // Ended after the session, and also when a test panics.
    _driver: Driver,
    pictures: String,
    data: PathBuf,
}

impl Window {
    /// Starts `program` with its data and its surroundings in `place`. Pictures that it takes are called after `name`.
    ///
    /// # Errors
    /// When the driver or the program does not start.
    pub async fn open(name: &str, program: &Program, place: &Place) -> Outcome<Self> {
        // On a busy machine WebKitWebDriver at times never answers a session that it was asked for. The till that it
        // started ends with it; one that opens no window twice has failed.
        let mut driver = Driver::start(place)?;
        let mut session = driver.session(program).await;
        if let Err(error) = &session {
            once_more(name, error);
            drop(driver);
            driver = Driver::start(place)?;
            session = driver.session(program).await;
        }
        let client = session?;
        let window = Self {
            client,
            _driver: driver,
            pictures: name.to_owned(),
            data: place.data().to_owned(),
        };
        window.size(1280, 800).await?;
        Ok(window)
    }

    /// Closes the window as its close button does not: at once. What was shown is on disk. The program has ended when
    /// this is done, so that another may start on its data.
    ///
    /// # Errors
    /// When the session has gone already, as after a crash of the program, or the program does not end.
    pub async fn close(self) -> Outcome {
        within("close the window", self.client.clone().close()).await?;
        self.ended().await
    }

    /// Clicks a part that ends the program, and waits until it has.
    ///
    /// # Errors
    /// When the part does not appear, or the program does not end.
    pub async fn click_and_end(self, name: &str) -> Outcome {
        let part = self.part(name).await?;
        // The window may be gone before the driver has its answer.
        let _ = part.click().await;
        self.ended().await
    }

    /// Waits until the program has ended.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ended(self) -> Outcome {
        let ended = self
            .until(|| async { free(&self.data).then_some(()) })
            .await;
        ended.ok_or_else(|| WindowError::new("the program does not end"))
    }

    /// Gives the window's content this size, in CSS pixels.
    ///
    /// # Errors
    /// When the window cannot be asked.
    pub async fn size(&self, width: u32, height: u32) -> Outcome {
        within(
            "size the window",
            self.client.set_window_size(width, height),
        )
        .await
    }

    /// The part of this name, as soon as it is there and can be seen.
    ///
    /// # Errors
    /// When it does not appear; a picture of what is there instead is left in `target/screens/failed`.
    pub async fn part(&self, name: &str) -> Outcome<Element> {
        let found = self
            .until(|| async {
                let part = self.now(name).await?;
                within(name, part.is_displayed())
                    .await
                    .ok()?
                    .then_some(part)
            })
            .await;
        match found {
            Some(part) => Ok(part),
            None => self.missed(format_args!("{name} is not to be seen")).await,
        }
    }

    /// Whether the part is there at this moment.
    pub async fn shows(&self, name: &str) -> bool {
        match self.now(name).await {
            Some(part) => within(name, part.is_displayed()).await.unwrap_or(false),
            None => false,
        }
    }

    /// Waits until a part has gone.
    ///
    /// # Errors
    /// When it stays.
    pub async fn gone(&self, name: &str) -> Outcome {
        let gone = self
            .until(|| async { (!self.shows(name).await).then_some(()) })
            .await;
        match gone {
            Some(()) => Ok(()),
            None => self.missed(format_args!("{name} is still there")).await,
        }
    }

    /// A part's text as it is shown.
    ///
    /// # Errors
    /// When the part does not appear.
    pub async fn text(&self, name: &str) -> Outcome<String> {
        let part = self.part(name).await?;
        within(name, part.text()).await
    }

    /// Waits until a part's text is as wanted, and returns it. `what` completes "… does not say".
    ///
    /// # Errors
    /// When it never is; the error has what the part says instead.
    pub async fn says(
        &self,
        name: &str,
        what: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Outcome<String> {
        let said = self
            .until(|| async {
                let part = self.now(name).await?;
                let text = within(name, part.text()).await.ok()?;
                wanted(&text).then_some(text)
            })
            .await;
        match said {
            Some(text) => Ok(text),
            None => {
                let instead = match self.now(name).await {
                    Some(part) => within(name, part.text()).await.unwrap_or_default(),
                    None => "nothing: it is not there".to_owned(),
                };
                self.missed(format_args!("{name} does not say {what} but {instead}"))
                    .await
            }
        }
    }

    /// Clicks a part.
    ///
    /// # Errors
    /// When it does not appear or something lies over it.
    pub async fn click(&self, name: &str) -> Outcome {
        let mut tries = 0;
        loop {
            let part = self.part(name).await?;
            match within(format_args!("click {name}"), part.click()).await {
                // A list that is drawn anew between finding and clicking leaves a part that is no more: find it again.
                Err(_) if tries < 2 => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// Puts text into a field, in place of what it holds.
    ///
    /// # Errors
    /// When the field does not appear or takes no text.
    pub async fn fill(&self, name: &str, text: &str) -> Outcome {
        let field = self.part(name).await?;
        within(format_args!("clear {name}"), field.clear()).await?;
        within(format_args!("fill {name}"), field.send_keys(text)).await
    }

    /// Chooses a file for a file field, which itself is out of sight behind its button.
    ///
    /// # Errors
    /// When the field is not there or takes no file.
    pub async fn choose_file(&self, name: &str, path: &str) -> Outcome {
        let field = self.until(|| self.now(name)).await;
        match field {
            Some(field) => within(format_args!("choose {path}"), field.send_keys(path)).await,
            None => self.missed(format_args!("{name} is not there")).await,
        }
    }

    /// What a script answers in the window. For measuring what the window looks like, never for doing what a person would.
    ///
    /// # Errors
    /// When the script throws.
    pub async fn measure(&self, script: &str) -> Outcome<Value> {
        within("measure", self.client.execute(script, Vec::new())).await
    }

    async fn now(&self, name: &str) -> Option<Element> {
        let selector = format!("[data-testid=\"{name}\"]");
        within(name, self.client.find(Locator::Css(&selector)))
            .await
            .ok()
    }

    /// Looks again and again until there is an answer or patience ends.
    async fn until<T, F: Future<Output = Option<T>>>(&self, look: impl Fn() -> F) -> Option<T> {
        let begun = Instant::now();
        loop {
            if let Some(seen) = look().await {
                return Some(seen);
            }
            if begun.elapsed() > PATIENCE {
                return None;
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    async fn missed<T>(&self, what: fmt::Arguments<'_>) -> Outcome<T> {
        let picture = match self.picture_of_failure().await {
            Ok(path) => path,
            Err(_) => PathBuf::from("no picture: the window does not answer"),
        };
        Err(WindowError(format!("{what} ({})", picture.display())))
    }
}

/// Whether no program has its window open on this data (docs/adr/0004).
fn free(data: &Path) -> bool {
    // Without the file, as in a folder that could not be written, there is no lock either.
    File::open(data.join("window.lock")).map_or(true, |lock| lock.try_lock().is_ok())
}
