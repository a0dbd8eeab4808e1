//! A stand-in for Vault and OpenBao, in a process of its own: `servers/vault/main.mjs`, run by Node.js.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::{Value, json};

/// A running server. It ends when this is dropped, which fails if a client broke the protocol.
pub struct VaultServer {
    process: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    url: String,
}

impl VaultServer {
    /// A server that listens on a port of its own, by plain HTTP.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// A server that speaks TLS; with `ca`, only to clients that have a certificate of that authority.
    /// All are paths of PEM files.
    #[must_use]
    pub fn start_with_tls(cert: &str, key: &str, ca: Option<&str>) -> Self {
        Self::start_with(&[json!({ "cert": cert, "key": key, "ca": ca }).to_string()])
    }

    fn start_with(arguments: &[String]) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("servers/vault/main.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs");
        let input = process.stdin.take().expect("its standard input is a pipe");
        let output = process
            .stdout
            .take()
            .expect("its standard output is a pipe");
        let mut output = BufReader::new(output);
        let opened = read_line(&mut output);
        Self {
            process,
            pipes: Mutex::new((input, output)),
            url: text(&opened["url"]),
        }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Does what `command` says (`servers/vault/main.mjs` lists what it can), and gives the answer.
    pub fn tell(&self, command: &Value) -> Value {
        let mut pipes = self.pipes.lock().expect("no command panics");
        writeln!(pipes.0, "{command}").expect("the server reads its commands");
        let answer = read_line(&mut pipes.1);
        assert_eq!(answer["failed"], Value::Null, "{command}");
        answer
    }

    /// How many requests whose path ends so were answered with this status.
    #[must_use]
    pub fn count(&self, path: &str, status: u16) -> usize {
        let log = self.tell(&json!({ "do": "log" }));
        let requests = log["requests"].as_array().expect("the log is a list");
        let is_counted = |request: &&Value| {
            text(&request["path"]).ends_with(path) && request["status"] == status
        };
        requests.iter().filter(is_counted).count()
    }
}

impl Drop for VaultServer {
    fn drop(&mut self) {
        let violations = match std::thread::panicking() {
            true => json!([]),
            false => self.tell(&json!({ "do": "log" }))["violations"].take(),
        };
        let _ended_already = self.process.kill();
        let _ended_already = self.process.wait();
        assert_eq!(violations, json!([]), "the protocol of Vault was broken");
    }
}

fn read_line(output: &mut impl BufRead) -> Value {
    let mut line = String::new();
    output.read_line(&mut line).expect("the server answers");
    serde_json::from_str(&line).expect("the server answers in JSON")
}

fn text(value: &Value) -> String {
    value.as_str().expect("it is a string").to_owned()
}
