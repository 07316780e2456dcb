//! The command line: one file per command, parsed here and nowhere else.
//!
//! A command answers on standard output (a table for people, `--json` for programs), speaks of
//! trouble on standard error, and ends with a stable exit code: 0 when it did as asked, 1 when the
//! answer is no (a check that failed, a thing that isn't there), 2 when the words were not
//! understood; a gateway also ends with 74 when its journal failed (starting anew may help), and 78 when a
//! person has to act first.

mod access;
mod check;
mod completions;
mod deliveries;
mod events;
mod explain;
mod groups;
mod healthcheck;
mod incidents;
mod init;
mod journal;
mod output;
mod render;
mod sample;
mod scene;
mod schema;
mod send;
mod serve;
mod sign;
mod silence;
mod sinks;
mod strip;
mod test;
mod verify;
mod when;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use output::Output;

/// A self-hosted alerting gateway for Agnox: a signed event comes in, the right messages go out.
#[derive(Parser, Debug)]
#[command(name = "agnox-bridge", version, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// What every command takes.
#[derive(Args, Debug, Clone)]
pub struct Common {
    /// The configuration file.
    #[arg(
        long,
        short,
        global = true,
        env = "AGNOX_BRIDGE_CONFIG",
        hide_env_values = true,
        default_value = "agnox-bridge.yaml"
    )]
    pub config: PathBuf,
    /// Answer in JSON, for programs.
    #[arg(long, global = true)]
    pub json: bool,
    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t = output::Color::Auto)]
    pub color: output::Color,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Start the gateway.
    Serve(serve::Serve),
    /// Read the configuration and say everything that is wrong with it.
    Check(check::Check),
    /// Say which rules match an event, which don't and why, and what is or was sent.
    Explain(explain::Explain),
    /// Run the configuration's own tests, with nothing sent.
    Test(test::Test),
    /// Show the exact message that a sink would get.
    Render(render::Render),
    /// Send a signed sample event.
    Send(send::Send),
    /// Sign a body as Agnox does.
    Sign(sign::Sign),
    /// Check a signature, and say which check failed.
    Verify(verify::Verify),
    /// Look at events, or decide them anew.
    Events(events::Events),
    /// Look at deliveries, or try dead ones again.
    Deliveries(deliveries::Deliveries),
    /// Look at groups: how each stands, its newest runs, its open incident.
    Groups(groups::Groups),
    /// Look at incidents: who was told of each, and what became of it.
    Incidents(incidents::Incidents),
    /// Hold back for a time what matches, look at what is held back, or end that.
    Silence(silence::Silence),
    /// Look at sinks and at the kinds that there are, make one of your own, and try it.
    Sinks(sinks::Sinks),
    /// Ask a few questions and write a working configuration.
    Init(init::Init),
    /// Print the JSON Schema of the configuration, for editors.
    Schema(schema::Schema),
    /// Back up or check the journal.
    Journal(journal::Journal),
    /// Ask a running gateway whether it is ready; for containers and monitors.
    Healthcheck(healthcheck::Healthcheck),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

/// Parses the command line, runs the command, and turns what went wrong into words and a code.
pub fn main() -> ExitCode {
    // Before anything speaks TLS; that it was installed already would be no harm.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = Cli::parse();
    let output = Output::new(cli.common.color, cli.common.json);
    let common = cli.common;
    let ended = match cli.command {
        Command::Serve(command) => command.run(&common, &output),
        Command::Check(command) => command.run(&common, &output),
        Command::Explain(command) => command.run(&common, &output),
        Command::Test(command) => command.run(&common, &output),
        Command::Render(command) => command.run(&common, &output),
        Command::Send(command) => command.run(&common, &output),
        Command::Sign(command) => command.run(&common, &output),
        Command::Verify(command) => command.run(&common, &output),
        Command::Events(command) => command.run(&common, &output),
        Command::Deliveries(command) => command.run(&common, &output),
        Command::Groups(command) => command.run(&common, &output),
        Command::Incidents(command) => command.run(&common, &output),
        Command::Silence(command) => command.run(&common, &output),
        Command::Sinks(command) => command.run(&common, &output),
        Command::Init(command) => command.run(&common, &output),
        Command::Schema(command) => command.run(&common, &output),
        Command::Journal(command) => command.run(&common, &output),
        Command::Healthcheck(command) => command.run(&common, &output),
        Command::Completions(command) => command.run(&output),
    };
    ended.unwrap_or_else(|error| {
        output.error(&error);
        ExitCode::FAILURE
    })
}

/// How a command ends.
type Ended = anyhow::Result<ExitCode>;

/// The runtime for commands that talk to a gateway or a journal.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
