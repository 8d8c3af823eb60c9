//! The `atomsub` binary: reads the command line, does what it says, and ends with a code that tells how it went.

use std::io::Write;
use std::process::ExitCode;

use atomsub::cli::{Cli, Command, Configured, Exit, check, verify};
use atomsub::config::Config;
use atomsub::run::{RunError, run};
use atomsub::telemetry;
use clap::Parser;

/// A tenth of the time of a publish less than with the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    std::panic::catch_unwind(|| execute(&cli.command)).unwrap_or(Exit::Bug).into()
}

fn execute(command: &Command) -> Exit {
    match command {
        Command::Run(configured) => serve(configured),
        Command::Check(configured) => {
            block_on(async { check::check(&configured.sources(), &mut std::io::stdout()).await })
        }
        Command::Verify(configured) => {
            verify::verify(&configured.sources(), &mut std::io::stdout(), &mut std::io::stderr())
        }
        Command::Export(transfer) => transfer.export(&mut std::io::stdout(), &mut std::io::stderr()),
        Command::Import(transfer) => transfer.import(&mut std::io::stdin(), &mut std::io::stderr()),
        Command::Setup(setup) => setup.execute(&mut std::io::stdout(), &mut std::io::stderr()),
    }
}

fn serve(configured: &Configured) -> Exit {
    let config = match Config::load(&configured.sources()) {
        Ok(config) => config,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Configuration;
        }
    };
    telemetry::init(config.log.format);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    block_on(async {
        match run(config).await {
            Ok(()) => Exit::Ok,
            Err(error) => {
                tracing::error!("{error}");
                match error {
                    RunError::Store(_) => Exit::StoreDamaged,
                    RunError::Web(_) => Exit::Configuration,
                    RunError::System(_) | RunError::LineDied => Exit::Bug,
                }
            }
        }
    })
}

fn block_on(work: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => {
            complain(&format!("the system gives us no threads: {error}"));
            Exit::Bug
        }
    }
}

/// Says it where no log is yet.
fn complain(text: &str) {
    // Nobody may be there to read it; the exit code tells too.
    let _ = writeln!(std::io::stderr(), "{text}");
}
