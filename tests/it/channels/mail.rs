//! Mail never goes without TLS; what a real server gets is for tests/e2e/channels.sh.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use driftwarden::ports::ChannelError;

use super::{channel, folder, pages};

/// A server that offers what it is told to offer, and keeps every line that came.
fn server(offers: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&came);
    std::thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else {
            return;
        };
        let _ = stream.write_all(b"220 here\r\n");
        let reader = BufReader::new(stream.try_clone().unwrap());
        for line in reader.split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let answer: &[u8] = match line.get(..4) {
                Some("EHLO") => offers.as_bytes(),
                Some("STAR") => b"454 no TLS now\r\n",
                Some("QUIT") => b"221 bye\r\n",
                _ => b"250 ok\r\n",
            };
            kept.lock().unwrap().push(line);
            let _ = stream.write_all(answer);
        }
    });
    (port, came)
}

fn refused(offers: &'static str) -> (ChannelError, Vec<String>) {
    let (port, came) = server(offers);
    let dir = folder("s3cr3t-passw0rd");
    let block = format!(
        "channel \"email\" \"team\" {{\n  server = \"127.0.0.1\"\n  port = {port}\n  from = \"a@bank.example\"\n  \
         to = [\"b@bank.example\"]\n  username = \"a\"\n  password_file = \"secret\"\n}}"
    );
    let error = channel(dir.path(), &block)
        .send(&pages::of(pages::finding()), None)
        .unwrap_err();
    let came = came.lock().unwrap().clone();
    (error, came)
}

/// Somebody in between may have taken the offer away: so it is tried again, and nothing is said.
#[test]
fn a_server_without_starttls_gets_neither_password_nor_message() {
    for offers in [
        "250-here\r\n250 AUTH PLAIN LOGIN\r\n",
        "250-here\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
    ] {
        let (error, came) = refused(offers);
        assert!(matches!(error, ChannelError::Passing { .. }), "{error}");
        let told: Vec<&String> = came
            .iter()
            .filter(|line| !line.starts_with("EHLO"))
            .collect();
        assert!(
            told.iter()
                .all(|line| ["STARTTLS", "QUIT"].contains(&line.as_str())),
            "{told:?}"
        );
    }
}
