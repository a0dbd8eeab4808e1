//! moto, a stand-in for AWS: a server of the test's own, ended with the test.
//!
//! Must not know: what is asked of it.

use std::io;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A running `moto_server`, empty at first. It believes any credentials.
#[derive(Debug)]
pub struct MotoServer {
    process: Child,
    port: u16,
}

const STARTED_WITHIN: usize = 3_000;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

impl MotoServer {
    /// Starts one; `None`, said aloud, where moto is not installed.
    #[must_use]
    pub fn start() -> Option<Self> {
        let port = free_port();
        let started = Command::new(program())
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = match started {
            Ok(process) => process,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                skip("moto_server is not installed: .ci/run installs it in target/tools");
                return None;
            }
            Err(error) => panic!("moto_server can't be started: {error}"),
        };
        let server = Self { process, port };
        server.wait_until_it_listens();
        Some(server)
    }

    /// The URL of every service in it.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "another process starts, and tells nobody"
    )]
    fn wait_until_it_listens(&self) {
        for _ in 0..STARTED_WITHIN {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return;
            }
            thread::sleep(BETWEEN_LOOKS);
        }
        panic!("moto_server does not listen");
    }
}

impl Drop for MotoServer {
    fn drop(&mut self) {
        // Already gone is as good.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let own = root.join("target/tools/bin/moto_server");
    if own.exists() {
        own
    } else {
        PathBuf::from("moto_server")
    }
}

/// A port of the loopback that nobody listens at.
///
/// # Panics
/// If the system has none left.
#[must_use]
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has free ports");
    listener.local_addr().expect("it is bound").port()
}

/// Says that a test can't run here.
///
/// # Panics
/// Under `CI`, where nothing may be missing.
#[expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    reason = "CI says who it is by its environment, and a tester reads why a test did nothing"
)]
pub fn skip(reason: &str) {
    assert!(std::env::var("CI").is_err(), "{reason}");
    eprintln!("skipped: {reason}");
}
