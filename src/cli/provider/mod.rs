//! `driftwarden provider`: look at live resources through their own Terraform providers.

mod show;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{scan, wire};

/// Look at live resources exactly, through their own Terraform providers
///
/// Providers are started from `--from`, and only in the version and with the checksums of `--lock`.
/// They read live; nothing is changed, and no state is locked.
#[derive(Args)]
pub struct ProviderArgs {
    #[command(subcommand)]
    command: ProviderCommand,
}

#[derive(Subcommand)]
enum ProviderCommand {
    /// Compare live resources with what was approved, by the provider's own plan and a fresh read
    ///
    /// Two signals: what the provider would change back, and what is not as it was when it was settled
    /// (`provider settle`). The second alone sees what was added by hand beside the configuration.
    ///
    /// Exit status: 0 all resources were seen and are as approved; 2 something differs, is gone or was
    /// not seen; 1 it could not do its job.
    Check(CheckArgs),
    /// Keep how resources read right after their approved apply, for later checks
    ///
    /// A resource that is not as it was applied any more is not settled. Where the provider would
    /// change what was just applied, the configuration cannot be put together from the plan: such
    /// places are kept too, and later judged by the read alone.
    ///
    /// What was settled is recorded in the evidence log, with the settled baseline as a blob. The file is a
    /// working copy, believed only if it is what the log has, and restored from there if it is gone.
    ///
    /// Exit status: 0 all were settled; 2 some were not; 1 it could not do its job.
    Settle(SettleArgs),
}

#[derive(Args)]
struct CheckArgs {
    #[command(flatten)]
    common: CommonArgs,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Args)]
struct SettleArgs {
    #[command(flatten)]
    common: CommonArgs,
}

#[derive(Args, Clone, Debug)]
pub struct CommonArgs {
    /// Addresses of resources [default: all that the plan has].
    #[arg(value_name = "ADDRESS")]
    pub addresses: Vec<String>,
    /// The workspace, where the configuration has more than one.
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
    /// The approved plan, where the workspace has more than one.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// The lock file that the plan was made with.
    #[arg(long, value_name = "FILE", default_value = ".terraform.lock.hcl")]
    pub lock: PathBuf,
    /// A folder of providers: a mirror on disk, or `.terraform/providers`. May be given again.
    #[arg(
        long = "from",
        value_name = "DIR",
        default_value = ".terraform/providers"
    )]
    pub from: Vec<PathBuf>,
    /// An environment variable that the providers get, or `NAME*` for all that begin so. May be given
    /// again. They get no other.
    #[arg(long = "env", value_name = "NAME")]
    pub env: Vec<String>,
    /// Attributes of provider configurations that the plan does not tell, as JSON by key:
    /// `{"aws": {"region": "eu-west-1"}}`.
    #[arg(long, value_name = "FILE")]
    pub provider_config: Option<PathBuf>,
    /// The working copy of the settled baseline [default: settled/WORKSPACE.json beside the configuration].
    #[arg(long, value_name = "FILE")]
    pub settled: Option<PathBuf>,
    /// Where the providers work: relative paths in resources start there [default: a private folder].
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
}

/// # Errors
/// What cannot be read, or a provider that is refused.
pub fn run(
    args: &ProviderArgs,
    config: &Path,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let config = wire::load_config(config)?;
    let good = match &args.command {
        ProviderCommand::Check(check) => {
            let checked = wire::check_exactly(&config, &check.common)?;
            match check.format {
                Format::Text => show::check_text(&checked, out, err)?,
                Format::Json => show::check_json(&checked, out)?,
            }
            checked.is_good()
        }
        ProviderCommand::Settle(settle) => {
            let settled = wire::settle_exactly(&config, &settle.common, scan::now())?;
            show::settled_text(&settled, out)?;
            settled.is_good()
        }
    };
    Ok(match good {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(2),
    })
}
