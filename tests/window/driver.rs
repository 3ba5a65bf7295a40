//! `WebKitWebDriver`, the program that it starts, and the surroundings of both.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use xtask::child::Running;

use super::{Outcome, WindowError};

const PATIENCE: Duration = Duration::from_secs(30);

/// The desktop program to start.
#[derive(Clone, Debug)]
pub struct Program(PathBuf);

impl Program {
    /// The one that was built together with the program that is running now.
    ///
    /// # Errors
    /// When it was not built.
    pub fn built() -> Outcome<Self> {
        Ok(Self(beside("counterfoil")?))
    }

    /// The one that a package installed.
    #[must_use]
    pub fn installed(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

/// The path of a program in the folder that cargo builds programs into.
///
/// # Errors
/// When it was not built.
pub fn beside(program: &str) -> Outcome<PathBuf> {
    let here = std::env::current_exe()
        .map_err(|error| WindowError::new(format!("where am I? {error}")))?;
    // Programs lie in target/debug, tests one folder further in.
    let found = here
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        WindowError::new(format!(
            "{program} is not built: cargo build --workspace --bins, or cargo xtask e2e, which does it"
        ))
    })
}

/// Where a program keeps its data and finds its cloud, apart from everything that this machine's user has.
#[derive(Clone, Debug)]
pub struct Place {
    home: PathBuf,
    data: PathBuf,
    emulator: Option<String>,
    auth: Option<String>,
    /// The bus of the session whose keychain it has.
    session: Option<String>,
    bound: bool,
}

impl Place {
    /// A place under `folder`, which must exist as long as the window is open.
    #[must_use]
    pub fn under(folder: &Path) -> Self {
        Self {
            home: folder.join("home"),
            data: folder.join("data"),
            emulator: None,
            auth: None,
            session: None,
            bound: false,
        }
    }

    /// The same, with its data somewhere else.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<PathBuf>) -> Self {
        self.data = data.into();
        self
    }

    /// The same, with the Firestore emulator at `host:port` for its cloud.
    #[must_use]
    pub fn with_emulator(mut self, host: impl Into<String>) -> Self {
        self.emulator = Some(host.into());
        self
    }

    /// The same, with the Auth emulator at `host:port` for its accounts.
    #[must_use]
    pub fn with_auth(mut self, host: impl Into<String>) -> Self {
        self.auth = Some(host.into());
        self
    }

    /// The same, with no emulator for its accounts: Google has them.
    #[must_use]
    pub fn without_auth(mut self) -> Self {
        self.auth = None;
        self
    }

    /// The same, in the session with this bus, whose keychain has its secrets.
    #[must_use]
    pub fn with_keychain(mut self, bus: impl Into<String>) -> Self {
        self.session = Some(bus.into());
        self
    }

    /// The same, its programs held to what files permit, as every user but root is.
    #[must_use]
    pub fn bound_by_permissions(mut self) -> Self {
        self.bound = true;
        self
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Where a program keeps what belongs to this user and not to the data.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.home.join("config")
    }

    /// A command that sees this place and no other: `counterfoilctl`, or the till.
    #[must_use]
    pub fn command(&self, program: &Path) -> Command {
        let mut command = if self.bound {
            let mut command = Command::new("setpriv");
            command
                .args(["--bounding-set", "-dac_override", "--"])
                .arg(program);
            command
        } else {
            Command::new(program)
        };
        self.surround(&mut command);
        command
    }

    fn surround(&self, command: &mut Command) {
        for (variable, folder) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "share"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
        ] {
            command.env(variable, self.home.join(folder));
        }
        command
            .env("HOME", &self.home)
            .env("COUNTERFOIL_DATA", &self.data);
        // The words are looked for in English, whoever runs this.
        command
            .env("LANG", "C.UTF-8")
            .env("LANGUAGE", "en")
            .env_remove("LC_ALL");
        match &self.emulator {
            Some(host) => command.env("FIRESTORE_EMULATOR_HOST", host),
            None => command.env_remove("FIRESTORE_EMULATOR_HOST"),
        };
        match &self.auth {
            Some(host) => command.env("FIREBASE_AUTH_EMULATOR_HOST", host),
            None => command.env_remove("FIREBASE_AUTH_EMULATOR_HOST"),
        };
        match &self.session {
            Some(bus) => command
                .env("DBUS_SESSION_BUS_ADDRESS", bus)
                .env_remove("COUNTERFOIL_KEYCHAIN"),
            // Nothing of a test is left in the keychain of whoever runs it.
            None => command.env("COUNTERFOIL_KEYCHAIN", "file"),
        };
    }
}

/// A running `WebKitWebDriver`.
pub(super) struct Driver {
    _running: Running,
    port: u16,
}

impl Driver {
    pub(super) fn start(place: &Place) -> Outcome<Self> {
        let listening = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let port = listening
            .map_err(|error| WindowError::new(format!("no free port: {error}")))?
            .port();
        for folder in [&place.home, &place.data] {
            std::fs::create_dir_all(folder)
                .map_err(|error| WindowError::new(format!("{}: {error}", folder.display())))?;
        }
        // The program is started by the driver and takes its surroundings from it.
        let mut command = place.command(Path::new("WebKitWebDriver"));
        command
            .arg(format!("--port={port}"))
            .env("TAURI_AUTOMATION", "true")
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // Nothing here asks a desktop's portals or screen readers; starting them takes seconds.
            .env("GTK_USE_PORTAL", "0")
            .env("NO_AT_BRIDGE", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let running = Running::start(
            "WebKitWebDriver (Debian's package webkit2gtk-driver)",
            &mut command,
        )?;
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > PATIENCE {
                return Err(WindowError::new("WebKitWebDriver does not answer"));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(Self {
            _running: running,
            port,
        })
    }

    pub(super) async fn session(&self, program: &Program) -> Outcome<Client> {
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "webkitgtk:browserOptions".to_owned(),
            json!({ "binary": program.0 }),
        );
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let address = format!("http://127.0.0.1:{}", self.port);
        tokio::time::timeout(PATIENCE, builder.connect(&address))
            .await
            .map_err(|_| WindowError::new(format!("{} opens no window", program.0.display())))?
            .map_err(|error| WindowError::new(format!("{}: {error}", program.0.display())))
    }
}
