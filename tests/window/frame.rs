//! The window as the display has it: where it stands, how large it is, and the button that closes it.
//!
//! There is no window manager on a test's display, so this does what one does: it moves the window, and tells it by
//! `WM_DELETE_WINDOW` (ICCCM 4.2.8.1) that somebody has pressed its close button.

use std::process::{Child, ExitStatus, Stdio};
use std::time::Instant;

use x11rb::connection::Connection as _;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ChangeWindowAttributesAux, ClientMessageEvent, ConfigureWindowAux,
    ConnectionExt as _, EventMask, MapState, Window as Id,
};
use x11rb::rust_connection::RustConnection;

use super::{GLANCE, Outcome, PATIENCE, Place, WindowError, beside};

/// Left, top, width and height on the display, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    /// From the display's left edge.
    pub left: i32,
    /// From the display's top edge.
    pub top: i32,
    /// Of the content.
    pub width: u32,
    /// Of the content.
    pub height: u32,
}

/// A till that was started as a person starts it; it ends with this.
pub struct Frame {
    display: RustConnection,
    root: Id,
    till: Child,
    window: Id,
}

impl Frame {
    /// Starts the till in `place` and waits until its window stands on the display.
    ///
    /// # Errors
    /// When the till is not built, there is no display, or no window appears.
    pub fn open(place: &Place) -> Outcome<Self> {
        let (display, screen) = connected()?;
        let root = display.setup().roots[screen].root;
        // What windows ask of the window manager is said to the root.
        let hear = ChangeWindowAttributesAux::new().event_mask(EventMask::SUBSTRUCTURE_NOTIFY);
        display
            .change_window_attributes(root, &hear)
            .map_err(said("the display cannot be watched"))?
            .check()
            .map_err(said("the display cannot be watched"))?;
        let till = place
            .command(&beside("counterfoil")?)
            .env("GTK_USE_PORTAL", "0")
            .env("NO_AT_BRIDGE", "1")
            .stdin(Stdio::null())
            // Its web process complains while the folder is cleared away under it.
            .stderr(Stdio::null())
            .spawn()
            .map_err(said("the till does not start"))?;
        let mut frame = Self {
            display,
            root,
            till,
            window: root,
        };
        frame.window = frame.until("its window does not appear", Self::find)?;
        Ok(frame)
    }

    /// Where the window stands now.
    ///
    /// # Errors
    /// When it is there no more.
    pub fn geometry(&self) -> Outcome<Geometry> {
        let here = self
            .display
            .get_geometry(self.window)
            .map_err(said("where is the window?"))?
            .reply()
            .map_err(said("where is the window?"))?;
        Ok(Geometry {
            left: here.x.into(),
            top: here.y.into(),
            width: here.width.into(),
            height: here.height.into(),
        })
    }

    /// The display's width and height.
    #[must_use]
    pub fn display(&self) -> (u32, u32) {
        let screens = &self.display.setup().roots;
        let screen = screens.iter().find(|screen| screen.root == self.root);
        screen.map_or((0, 0), |screen| {
            (
                screen.width_in_pixels.into(),
                screen.height_in_pixels.into(),
            )
        })
    }

    /// Moves and sizes the window, as a person who drags its edges does.
    ///
    /// # Errors
    /// When the display refuses.
    pub fn place(&self, to: Geometry) -> Outcome {
        let change = ConfigureWindowAux::new()
            .x(to.left)
            .y(to.top)
            .width(to.width)
            .height(to.height);
        self.display
            .configure_window(self.window, &change)
            .map_err(said("the window cannot be moved"))?
            .check()
            .map_err(said("the window cannot be moved"))
    }

    /// Waits until the window stands as wanted, and returns where that is.
    ///
    /// # Errors
    /// When it never does; the error says where it stands instead.
    pub fn stands(&self, wanted: impl Fn(Geometry) -> bool) -> Outcome<Geometry> {
        let begun = Instant::now();
        loop {
            let here = self.geometry()?;
            if wanted(here) {
                return Ok(here);
            }
            if begun.elapsed() > PATIENCE {
                return Err(WindowError::new(format!("it stands at {here:?}")));
            }
            std::thread::sleep(GLANCE);
        }
    }

    /// Waits until the window has asked to fill the screen: a window manager would let it
    /// (Extended Window Manager Hints, `_NET_WM_STATE`).
    ///
    /// # Errors
    /// When it does not ask.
    pub fn asks_to_be_maximised(&mut self) -> Outcome {
        let state = self.atom("_NET_WM_STATE")?;
        let maximised = self.atom("_NET_WM_STATE_MAXIMIZED_VERT")?;
        self.until("it does not ask to be maximised", |frame| {
            let heard = frame.display.poll_for_event();
            let asked = match heard.map_err(said("the display is silent"))? {
                Some(Event::ClientMessage(message)) => {
                    message.type_ == state && message.data.as_data32()[1..3].contains(&maximised)
                }
                _ => frame
                    .property(frame.window, "_NET_WM_STATE")?
                    .contains(&maximised),
            };
            Ok(asked.then_some(()))
        })
    }

    /// Presses the window's close button, and waits until the till has ended.
    ///
    /// # Errors
    /// When it does not end.
    pub fn close(mut self) -> Outcome<ExitStatus> {
        press_close(&self.display, self.window)?;
        self.until("the till does not end", |frame| {
            frame.till.try_wait().map_err(said("is it running?"))
        })
    }

    /// The till's window among those of the display, once it is shown.
    fn find(&mut self) -> Outcome<Option<Id>> {
        if let Some(status) = self.till.try_wait().map_err(said("is it running?"))? {
            return Err(WindowError::new(format!("the till ended: {status}")));
        }
        let tree = self
            .display
            .query_tree(self.root)
            .map_err(said("what is on the display?"))?
            .reply()
            .map_err(said("what is on the display?"))?;
        // A window that goes between two questions is not the one.
        let ours = |&window: &Id| self.is_the_tills(window).unwrap_or(false);
        Ok(tree.children.into_iter().find(ours))
    }

    fn is_the_tills(&self, window: Id) -> Outcome<bool> {
        if self.property(window, "_NET_WM_PID")? != [self.till.id()] {
            return Ok(false);
        }
        let seen = self
            .display
            .get_window_attributes(window)
            .map_err(said("is it shown?"))?
            .reply()
            .map_err(said("is it shown?"))?;
        // The toolkit has windows of its own, which nobody can close.
        let closes = self.atom("WM_DELETE_WINDOW")?;
        Ok(seen.map_state == MapState::VIEWABLE
            && self.property(window, "WM_PROTOCOLS")?.contains(&closes))
    }

    fn atom(&self, name: &str) -> Outcome<u32> {
        atom(&self.display, name)
    }

    /// A property's numbers; none where it is not set.
    fn property(&self, window: Id, name: &str) -> Outcome<Vec<u32>> {
        let property = self.atom(name)?;
        let reply = self
            .display
            .get_property(false, window, property, AtomEnum::ANY, 0, 64)
            .map_err(said(name))?
            .reply()
            .map_err(said(name))?;
        Ok(reply.value32().map(Iterator::collect).unwrap_or_default())
    }

    fn until<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&mut Self) -> Outcome<Option<T>>,
    ) -> Outcome<T> {
        let begun = Instant::now();
        loop {
            if let Some(seen) = look(self)? {
                return Ok(seen);
            }
            if begun.elapsed() > PATIENCE {
                return Err(WindowError::new(what));
            }
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // It has ended already, unless a test failed.
        let _ = self.till.kill();
        let _ = self.till.wait();
    }
}

/// Presses the close button of the window with this number; whether it closes is the till's matter.
pub(super) fn press_close_of(window: Id) -> Outcome {
    press_close(&connected()?.0, window)
}

fn press_close(display: &RustConnection, window: Id) -> Outcome {
    let protocols = atom(display, "WM_PROTOCOLS")?;
    let close = atom(display, "WM_DELETE_WINDOW")?;
    let message =
        ClientMessageEvent::new(32, window, protocols, [close, x11rb::CURRENT_TIME, 0, 0, 0]);
    display
        .send_event(false, window, EventMask::NO_EVENT, message)
        .map_err(said("the window cannot be told"))?
        .check()
        .map_err(said("the window cannot be told"))
}

fn atom(display: &RustConnection, name: &str) -> Outcome<u32> {
    let reply = display
        .intern_atom(false, name.as_bytes())
        .map_err(said(name))?
        .reply()
        .map_err(said(name))?;
    Ok(reply.atom)
}

/// A connection to the display. A server that nobody uses any more begins anew, and refuses meanwhile.
fn connected() -> Outcome<(RustConnection, usize)> {
    let begun = Instant::now();
    loop {
        match x11rb::connect(None) {
            Ok(connected) => return Ok(connected),
            Err(error) if begun.elapsed() > PATIENCE => return Err(said("no display")(error)),
            Err(_) => std::thread::sleep(GLANCE),
        }
    }
}

fn said<E: std::fmt::Display>(what: &str) -> impl Fn(E) -> WindowError + '_ {
    move |error| WindowError::new(format!("{what}: {error}"))
}
