//! A receiver of HTTP on loopback: it keeps what came, and answers as it is told.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value as Json;

#[derive(Clone, Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap()
    }
}

#[derive(Clone, Debug)]
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Takes the request, does what it asks, and dies before it answers.
    Lost,
}

pub fn reply(status: u16, body: &str) -> Reply {
    Reply::Answer {
        status,
        headers: Vec::new(),
        body: body.to_owned(),
    }
}

pub fn reply_with(status: u16, header: (&'static str, &str), body: &str) -> Reply {
    Reply::Answer {
        status,
        headers: vec![(header.0, header.1.to_owned())],
        body: body.to_owned(),
    }
}

pub struct StandIn {
    pub address: SocketAddr,
    came: Arc<Mutex<Vec<Request>>>,
    _alive: Sender<()>,
}

type Answers = Box<dyn Fn(&Request, usize) -> Reply + Send + Sync>;

impl StandIn {
    /// `answers` gets each request and how many came before it.
    pub fn new(answers: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let came = Arc::new(Mutex::new(Vec::new()));
        let (alive, dead) = channel();
        let answers: Answers = Box::new(answers);
        let kept = Arc::clone(&came);
        thread::spawn(move || serve(&listener, &answers, &kept, &dead));
        Self {
            address,
            came,
            _alive: alive,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn came(&self) -> Vec<Request> {
        self.came.lock().unwrap().clone()
    }
}

fn serve(
    listener: &TcpListener,
    answers: &Answers,
    came: &Mutex<Vec<Request>>,
    dead: &Receiver<()>,
) {
    use std::sync::mpsc::TryRecvError::Disconnected;
    while dead.try_recv() != Err(Disconnected) {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                // A client that sends nonsense harms nobody.
                let _ = one(stream, answers, came);
            }
            Err(_) => thread::sleep(std::time::Duration::from_millis(2)),
        }
    }
}

fn one(stream: TcpStream, answers: &Answers, came: &Mutex<Vec<Request>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let request = read(&mut reader)?;
    let reply = {
        let mut came = came.lock().unwrap();
        let reply = answers(&request, came.len());
        came.push(request);
        reply
    };
    let Reply::Answer {
        status,
        headers,
        body,
    } = reply
    else {
        return None;
    };
    let mut out = reader.into_inner();
    let mut head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    out.write_all(format!("{head}\r\n{body}").as_bytes()).ok()
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length")?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}
