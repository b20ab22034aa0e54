//! The faults that show before a call is made.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

pub fn wanted() -> String {
    std::env::var("FAULT").unwrap_or_default()
}

pub fn before_handshake(fault: &str, socket: &Path) {
    let socket = socket.display();
    match fault {
        "dies-at-once" => std::process::exit(3),
        "says-nothing" => std::thread::sleep(Duration::from_secs(600)),
        "no-handshake" => println!("This binary is a plugin. It is not meant to be run."),
        "endless-line" => loop {
            let written = std::io::stdout().write_all(&[b'x'; 4096]);
            if written.is_err() {
                return;
            }
        },
        "old-protocol" => println!("1|4|unix|{socket}|grpc|"),
        "other-core" => println!("2|6|unix|{socket}|grpc|"),
        "tcp" => println!("1|6|tcp|127.0.0.1:1|grpc|"),
        "tls" => println!("1|6|unix|{socket}|grpc|MIIBczCCARmg"),
        "no-socket" => println!("1|6|unix|{socket}|grpc|"),
        _ => return,
    }
    std::thread::sleep(Duration::from_secs(600));
}

/// More than a pipe holds, with secrets in it.
pub fn after_handshake(fault: &str) {
    if fault != "noisy" {
        return;
    }
    for at in 0..20_000 {
        eprintln!(
            r#"{{"@level":"debug","@message":"answer","body":"password=hunter2hunter2 {at}"}}"#
        );
        println!("and on stdout, where nothing belongs any more: hunter2hunter2");
    }
}
