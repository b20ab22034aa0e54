//! Lists the mapping tables, so that adding one is adding a file.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const FOLDER: &str = "src/normalise/aws";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let folder = variable("CARGO_MANIFEST_DIR")?.join(FOLDER);
    let mut list = File::create(variable("OUT_DIR")?.join("tables.rs"))?;
    writeln!(list, "const TABLES: &[(&str, &str)] = &[")?;
    for table in tables(&folder)? {
        let name = table.file_stem().unwrap_or_default();
        writeln!(list, "    ({name:?}, include_str!({table:?})),")?;
    }
    writeln!(list, "];")
}

/// The tables, sorted: the program must not depend on the order in which a disk lists its files.
fn tables(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut tables = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            tables.push(path);
        }
    }
    tables.sort();
    Ok(tables)
}

fn variable(name: &str) -> io::Result<PathBuf> {
    let value = env::var_os(name);
    value
        .map(PathBuf::from)
        .ok_or_else(|| io::Error::other(format!("{name} is not set")))
}
