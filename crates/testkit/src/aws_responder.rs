//! The AWS JSON protocol as far as failures go: what a stand-in for AWS can't be made to answer.
//!
//! Source: <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::spawn;

/// A request: the operation, as in `TrentService.Decrypt`, and the JSON of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRequest {
    /// The header `X-Amz-Target`.
    pub target: String,
    /// The body.
    pub body: String,
}

/// What a responder does with a request.
#[derive(Debug, Clone)]
pub enum AwsAnswer {
    /// A status and a body.
    Body(u16, String),
    /// An error of the service, by its code, with a status and a message.
    Error(u16, &'static str, &'static str),
    /// Nothing, on a connection that stays open.
    Silence,
}

type Answering = dyn Fn(&AwsRequest) -> AwsAnswer + Send + Sync;

/// Answers requests until the test's process ends, and remembers them.
#[derive(Debug)]
pub struct AwsResponder {
    port: u16,
    requests: Arc<Mutex<Vec<AwsRequest>>>,
}

impl AwsResponder {
    /// A responder on a port of its own.
    ///
    /// # Panics
    /// If the loopback has no port left.
    #[must_use]
    pub fn start(answer: impl Fn(&AwsRequest) -> AwsAnswer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer): (_, Arc<Answering>) = (Arc::clone(&requests), Arc::new(answer));
        spawn(move || {
            for stream in listener.incoming().flatten() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                // A client that hangs up ends its own connection only.
                spawn(move || serve(&stream, &seen, &*answer).ok());
            }
        });
        Self { port, requests }
    }

    /// One that gives every request the same answer.
    #[must_use]
    pub fn always(answer: AwsAnswer) -> Self {
        Self::start(move |_request| answer.clone())
    }

    /// Its URL.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every request so far.
    ///
    /// # Panics
    /// If a thread of the responder did.
    #[must_use]
    pub fn requests(&self) -> Vec<AwsRequest> {
        self.requests.lock().expect("no panic holds it").clone()
    }
}

fn serve(
    stream: &TcpStream,
    seen: &Mutex<Vec<AwsRequest>>,
    answer: &Answering,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read_request(&mut reader)? {
        let answer = answer(&request);
        seen.lock().expect("no panic holds it").push(request);
        let (status, body) = match answer {
            AwsAnswer::Body(status, body) => (status, body),
            AwsAnswer::Error(status, code, message) => {
                let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
                (status, body)
            }
            AwsAnswer::Silence => continue,
        };
        write!(
            &mut &*stream,
            "HTTP/1.1 {status} Answer\r\ncontent-type: application/x-amz-json-1.1\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )?;
    }
    Ok(())
}

/// `None` once the client has hung up.
fn read_request(reader: &mut impl BufRead) -> std::io::Result<Option<AwsRequest>> {
    let mut target = String::new();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let Some((name, value)) = line.split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-amz-target" => value.trim().clone_into(&mut target),
            "content-length" => length = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(AwsRequest { target, body }))
}
