//! A desktop's Secret Service: gnome-keyring's own, over a session bus and a home that nobody else has.

use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;

use tempfile::TempDir;
use xtask::child::{Running, exists};
use zbus::Message;
use zbus::blocking::fdo::DBusProxy;
use zbus::blocking::{Connection, MessageIterator, connection};
use zbus::zvariant::{DynamicType, ObjectPath, OwnedObjectPath, OwnedValue, Value};

use super::{PATIENCE, until};

const NAME: &str = "org.freedesktop.secrets";
const SERVICE: &str = "/org/freedesktop/secrets";
/// What its daemon keeps a person's secrets in, and opens when they log in.
const LOGIN: &str = "/org/freedesktop/secrets/collection/login";
/// What it asks to show a person a window.
const PROMPTER: &str = "org.gnome.keyring.SystemPrompter";
/// What a person logs in with, which opens it.
const PASSWORD: &str = "the-password-of-a-cashier";

/// How a Secret Service begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// By somebody who logs in with a password.
    Unlocked,
    /// By somebody who is logged in without one.
    Locked,
}

/// A person's session: a bus, and a Secret Service on it while one is started.
pub struct Desktop {
    // In the order in which they end.
    service: Option<Running>,
    client: Connection,
    _bus: Running,
    folder: TempDir,
}

impl Desktop {
    /// With a bus that nobody is on.
    pub async fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = address(folder.path());
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../xtask/session-bus.conf");
        let mut bus = Command::new("dbus-daemon");
        bus.args(["--nofork", "--nopidfile"])
            .arg(format!("--config-file={}", config.display()))
            .arg(format!("--address={address}"))
            .stderr(Stdio::null());
        let bus = Running::start("a session bus (Debian's package dbus)", &mut bus);
        let bus = bus.unwrap_or_else(|error| panic!("{error}"));
        let client = until("the bus answers", || connect(&address, None)).await;
        Self {
            service: None,
            client,
            _bus: bus,
            folder,
        }
    }

    /// With a Secret Service that is open.
    pub async fn open() -> Self {
        let mut desktop = Self::bare().await;
        desktop.begin(Begins::Unlocked).await;
        desktop
    }

    /// What `DBUS_SESSION_BUS_ADDRESS` is to say.
    pub fn address(&self) -> String {
        address(self.folder.path())
    }

    /// Starts a Secret Service over what one kept before.
    pub async fn begin(&mut self, begins: Begins) {
        assert!(
            exists("gnome-keyring-daemon"),
            "The Secret Service that is tried is Debian's package gnome-keyring; `cargo xtask test` installs it."
        );
        let folder = |name: &str| self.folder.path().join(name);
        let runtime = folder("runtime");
        fs::create_dir_all(&runtime).expect("a folder");
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700)).expect("its own");
        let daemon = "gnome-keyring-daemon --foreground --components=secrets";
        let mut shell = Command::new("sh");
        shell.arg("-c");
        match begins {
            // It reads the password until its input ends.
            Begins::Unlocked => shell.args([
                format!("printf %s \"$0\" | {daemon} --unlock").as_str(),
                PASSWORD,
            ]),
            Begins::Locked => shell.arg(format!("exec {daemon}")),
        };
        shell
            .env("DBUS_SESSION_BUS_ADDRESS", self.address())
            .env("HOME", folder("home"))
            .env("XDG_CACHE_HOME", folder("cache"))
            .env("XDG_CONFIG_HOME", folder("config"))
            .env("XDG_DATA_HOME", folder("share"))
            .env("XDG_RUNTIME_DIR", runtime)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for shared in ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL"] {
            shell.env_remove(shared);
        }
        let service = Running::start("gnome-keyring-daemon", &mut shell);
        self.service = Some(service.unwrap_or_else(|error| panic!("{error}")));
        until("the Secret Service is there", || {
            self.is_there().then_some(())
        })
        .await;
    }

    /// Ends the Secret Service. What it keeps stays in its files.
    pub async fn end(&mut self) {
        self.service = None;
        until("the Secret Service is gone", || {
            (!self.is_there()).then_some(())
        })
        .await;
    }

    /// Locks what is open.
    pub fn lock(&self) {
        let all = vec![ObjectPath::try_from(LOGIN).expect("a path")];
        let locked = self.ask(SERVICE, "org.freedesktop.Secret.Service", "Lock", &(all,));
        let (locked, _): (Vec<OwnedObjectPath>, OwnedObjectPath) = read(&locked);
        assert_eq!(locked.len(), 1, "{locked:?}");
    }

    /// Unlocks it as logging in does: the daemon's own door for that, without a window.
    pub fn unlock(&self) {
        let how = ("plain", Value::from(""));
        let opened = self.ask(
            SERVICE,
            "org.freedesktop.Secret.Service",
            "OpenSession",
            &how,
        );
        let (_, session): (OwnedValue, OwnedObjectPath) = read(&opened);
        let password = (session, Vec::<u8>::new(), PASSWORD.as_bytes(), "text/plain");
        let collection = ObjectPath::try_from(LOGIN).expect("a path");
        let door = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";
        let with = (collection, password);
        self.ask(SERVICE, door, "UnlockWithMasterPassword", &with);
    }

    /// The names of what it keeps for tills, and whether each can be read.
    pub fn entries(&self) -> Vec<(String, bool)> {
        let ours = HashMap::from([("service", "Counterfoil")]);
        let found = self.ask(
            SERVICE,
            "org.freedesktop.Secret.Service",
            "SearchItems",
            &(ours,),
        );
        let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) = read(&found);
        let named = |open| move |item| (self.name_of(&item), open);
        let mut entries: Vec<_> = open.into_iter().map(named(true)).collect();
        entries.extend(locked.into_iter().map(named(false)));
        entries
    }

    /// Has a window that nobody answers, until this is dropped.
    pub fn nobody_at_the_window(&self) -> Nobody {
        let window = connect(&self.address(), Some(PROMPTER)).expect("the name is free");
        let (tell, asked) = mpsc::channel();
        let messages = MessageIterator::from(&window);
        thread::spawn(move || {
            for message in messages.map_while(Result::ok) {
                let what = message.header().member().map(ToString::to_string);
                // Nobody listens where the test has ended.
                let _ = tell.send(what);
            }
        });
        Nobody { window, asked }
    }

    fn name_of(&self, item: &OwnedObjectPath) -> String {
        let what = ("org.freedesktop.Secret.Item", "Attributes");
        let attributes = self.ask(
            item.as_str(),
            "org.freedesktop.DBus.Properties",
            "Get",
            &what,
        );
        let attributes: OwnedValue = read(&attributes);
        let attributes = HashMap::<String, String>::try_from(attributes).expect("texts");
        attributes["username"].clone()
    }

    fn is_there(&self) -> bool {
        let bus = DBusProxy::new(&self.client).expect("the bus");
        let name = NAME.try_into().expect("a name");
        bus.name_has_owner(name).expect("an answer")
    }

    fn ask<B>(&self, path: &str, of: &str, what: &str, with: &B) -> Message
    where
        B: serde::Serialize + DynamicType,
    {
        let answered = self
            .client
            .call_method(Some(NAME), path, Some(of), what, with);
        answered.unwrap_or_else(|error| panic!("{what}: {error}"))
    }
}

/// Who is asked for a password and says nothing.
pub struct Nobody {
    window: Connection,
    asked: mpsc::Receiver<Option<String>>,
}

impl Nobody {
    /// Waits until the Secret Service asks for the password.
    pub fn is_asked(&self) {
        let asks = |what: &Option<String>| what.as_deref() == Some("BeginPrompting");
        while !asks(&self.asked.recv_timeout(PATIENCE).expect("asked")) {}
    }
}

impl Drop for Nobody {
    fn drop(&mut self) {
        let _ = self.window.clone().close();
    }
}

fn address(folder: &Path) -> String {
    let socket: PathBuf = folder.join("bus");
    format!("unix:path={}", socket.display())
}

fn connect(address: &str, name: Option<&str>) -> Option<Connection> {
    let mut builder = connection::Builder::address(address).expect("an address");
    if let Some(name) = name {
        builder = builder.name(name.to_owned()).expect("a name");
    }
    builder.build().ok()
}

fn read<T>(message: &Message) -> T
where
    T: for<'a> zbus::zvariant::DynamicDeserialize<'a>,
{
    message.body().deserialize().expect("what was asked for")
}
