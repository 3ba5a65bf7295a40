//! Firebase Auth as it refuses: what its emulator never says, Google's server does.
#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, reason = "a keychain that is locked needs a Secret Service")
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

/// What every call is answered with.
#[derive(Clone)]
pub(crate) enum Answer {
    /// What the emulator behind it says.
    Passes,
    /// A refusal, in the words of Google's server.
    Refused(Value),
    /// Nothing: the connection ends.
    Silence,
}

impl Answer {
    /// A refusal with this code.
    pub(crate) fn code(code: &str) -> Self {
        Self::Refused(json!({ "message": code }))
    }

    /// A web API key that opens another project, or none: an emulator takes any.
    pub(crate) fn key_of_another() -> Self {
        Self::Refused(json!({
            "message": "API key not valid. Please pass a valid API key.",
            "details": [{ "reason": "API_KEY_INVALID" }],
        }))
    }
}

/// Stands for Firebase Auth, and answers as it was told last.
pub(crate) struct Refusing {
    pub(crate) host: String,
    answer: Arc<Mutex<Answer>>,
}

impl Refusing {
    /// In front of nobody.
    pub(crate) fn start() -> Self {
        Self::answering(Answer::Silence, String::new())
    }

    /// In front of the emulator there: every call passes until it is told otherwise.
    pub(crate) fn before(emulator: &str) -> Self {
        Self::answering(Answer::Passes, emulator.to_owned())
    }

    fn answering(first: Answer, emulator: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let host = listener.local_addr().expect("an address").to_string();
        let answer = Arc::new(Mutex::new(first));
        let told = Arc::clone(&answer);
        std::thread::spawn(move || {
            for call in listener.incoming().flatten() {
                let answer = told.lock().unwrap_or_else(PoisonError::into_inner).clone();
                // Who gives up meanwhile does not mind.
                let _ = reply(call, answer, &emulator);
            }
        });
        Self { host, answer }
    }

    pub(crate) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }
}

fn reply(mut call: TcpStream, answer: Answer, emulator: &str) -> std::io::Result<()> {
    let request = read(&call)?;
    let error = match answer {
        Answer::Silence => return Ok(()),
        Answer::Refused(error) => error,
        Answer::Passes => {
            let mut there = TcpStream::connect(emulator)?;
            there.write_all(&request)?;
            std::io::copy(&mut there, &mut call)?;
            return Ok(());
        }
    };
    let body = json!({ "error": error }).to_string();
    write!(
        call,
        "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A request as it is to be passed on: its connection is for this one alone.
fn read(call: &TcpStream) -> std::io::Result<Vec<u8>> {
    let mut from = BufReader::new(call.try_clone()?);
    let mut request = Vec::new();
    from.read_until(b'\n', &mut request)?;
    request.extend_from_slice(b"Connection: close\r\n");
    let mut length = 0;
    let mut line = String::new();
    while from.read_line(&mut line)? > 2 {
        match line.trim().split_once(':') {
            Some((name, _)) if name.eq_ignore_ascii_case("connection") => line.clear(),
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().unwrap_or(0);
            }
            _ => {}
        }
        request.extend_from_slice(line.as_bytes());
        line.clear();
    }
    request.extend_from_slice(b"\r\n");
    let head = request.len();
    request.resize(head + length, 0);
    from.read_exact(&mut request[head..])?;
    Ok(request)
}
