//! A Terraform provider that fails on request, for tests/it/provider: it is not shipped.
//!
//! `FAULT` in its environment says how; without it, it is a good provider of one type, `fault_thing`,
//! whose resources are files in the folder that its configuration names. `PROTOCOL` is 5 or 6.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test program ends on the first surprise, and prints"
)]

mod answers;
mod applying;
mod calls;
mod faults;
mod schema;
mod serve;

use std::path::PathBuf;

fn main() {
    let fault = faults::wanted();
    let protocol = std::env::var("PROTOCOL").unwrap_or_else(|_| "6".to_owned());
    let folder = PathBuf::from(std::env::var("PLUGIN_UNIX_SOCKET_DIR").unwrap());
    let socket = match fault.as_str() {
        "foreign-socket" => std::env::temp_dir().join("../fault-foreign.sock"),
        _ => folder.join("plugin123456789"),
    };
    faults::before_handshake(&fault, &socket);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        drop(std::fs::remove_file(&socket));
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        println!("1|{protocol}|unix|{}|grpc|", socket.display());
        faults::after_handshake(&fault);
        serve::forever(listener, calls::Provider::new(fault, &protocol)).await;
    });
}
