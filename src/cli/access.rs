//! How a command reaches what it asks about: the configuration, a source's key, the running gateway
//! or the file of a stopped one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use agnox_bridge_sinks::catalog::Catalog;
use agnox_bridge_sinks::secret::Secret;
use agnox_bridge_sinks::signature::AgnoxKey;
use anyhow::{Context, anyhow, bail};
use arc_swap::ArcSwap;
use clap::Args;
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::{Common, Ended, runtime};
use crate::admin::{AdminClient, ClientError, Desk, Rules};
use crate::config::{self, LoadOptions, Loaded, Settings};
use crate::journal::{self, Journal, JournalError};

/// Which secret signs or verifies. Secrets never come as arguments, where other users see them.
#[derive(Args, Debug, Clone)]
pub struct KeyArgs {
    /// The source whose secret is used; the first by name if left out.
    #[arg(long)]
    pub source: Option<String>,
    /// Take the secret from this file instead of from the configuration.
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
}

/// The running gateway, or the journal of a stopped one.
pub struct Access {
    pub(super) way: Way,
    /// The zone that the configuration tells times in.
    pub zone: TimeZone,
}

/// There is no journal yet: nothing has happened that could be asked about.
#[derive(Debug, thiserror::Error)]
#[error("there is no journal yet at {}; `agnox-bridge serve` makes it", .0.display())]
pub struct NotStarted(PathBuf);

/// How it is reached.
pub enum Way {
    /// Over its admin listener.
    Running(AdminClient),
    /// From its file.
    Stopped(Desk, Arc<dyn Journal>),
}

/// Calls the same operation on whichever is there.
macro_rules! ask {
    ($access:expr, $method:ident($($argument:expr),*), by_ref($($filter:expr),*)) => {
        match &$access.way {
            $crate::cli::access::Way::Running(client) => client.$method($(&$filter),* $($argument),*).await?,
            $crate::cli::access::Way::Stopped(desk, _) => desk.$method($($filter.clone()),* $($argument),*).await?,
        }
    };
    ($access:expr, $method:ident($($argument:expr),*)) => {
        ask!($access, $method($($argument),*), by_ref())
    };
}
pub(super) use ask;

/// Opens what is there, asks it, and lets go of it.
pub fn with(common: &Common, ask: impl AsyncFnOnce(&Access) -> Ended) -> Ended {
    let loaded = load(common);
    runtime()?.block_on(async {
        let access = match loaded {
            Ok(loaded) => Access::open(loaded, common).await?,
            Err(error) => Access::running(common).await.ok_or(error)?,
        };
        let ended = ask(&access).await;
        access.close().await;
        ended
    })
}

impl Access {
    /// The running gateway if one answers, else the file.
    pub async fn open(loaded: Loaded, common: &Common) -> anyhow::Result<Self> {
        let settings = &loaded.settings;
        let admin = reachable(settings.server.admin).to_string();
        let client = AdminClient::new(&admin, settings.server.admin_token.clone())?;
        match client.status().await {
            Ok(_) => Ok(Access { way: Way::Running(client), zone: settings.timezone.clone() }),
            Err(ClientError::Unreachable { .. }) => Self::open_file(loaded, common),
            Err(error) => Err(error).context("the running gateway does not help"),
        }
    }

    /// The running gateway, for who can't read its secrets: those of a service often only it can.
    async fn running(common: &Common) -> Option<Self> {
        let settings = load_with(common, &placeholders()).ok()?.settings;
        let admin = reachable(settings.server.admin).to_string();
        let client = AdminClient::new(&admin, settings.server.admin_token).ok()?;
        client.status().await.ok()?;
        Some(Access { way: Way::Running(client), zone: settings.timezone })
    }

    fn open_file(loaded: Loaded, common: &Common) -> anyhow::Result<Self> {
        let file = folder_of(&common.config).join(loaded.settings.journal.url.path());
        if !file.exists() {
            return Err(NotStarted(file).into());
        }
        let url = loaded.settings.journal.url.to_string();
        let journal = journal::open(&url, folder_of(&common.config))
            .map_err(|error| explain(error, &loaded))?;
        let router = Some(Arc::new(loaded.router));
        let known =
            loaded.outlets.values().map(|outlet| (outlet.name.clone(), outlet.kind.clone()));
        let rules = Rules { router, redactor: loaded.redactor, sinks: known.collect() };
        let rules = Arc::new(ArcSwap::from_pointee(rules));
        let way = Way::Stopped(Desk::new(Arc::clone(&journal), rules, None), journal);
        Ok(Access { way, zone: loaded.settings.timezone })
    }

    /// Lets go of the file, everything written.
    pub async fn close(self) {
        if let Way::Stopped(_, journal) = self.way {
            journal.close().await;
        }
    }
}

fn explain(error: JournalError, loaded: &Loaded) -> anyhow::Error {
    let held = matches!(error, JournalError::Locked(_));
    let error = anyhow!(error);
    if !held {
        return error.context("can't open the journal");
    }
    let admin = loaded.settings.server.admin;
    error.context(format!(
        "a gateway holds the journal, but none answers at its admin address {admin}"
    ))
}

/// Reads the configuration; the error is its whole report.
pub fn load(common: &Common) -> anyhow::Result<Loaded> {
    load_with(common, &LoadOptions::default())
}

/// All kinds of sinks that can be configured: with the services of the configuration's own, where
/// there is a configuration.
///
/// # Errors
/// With all that is wrong with those.
pub fn catalog(common: &Common) -> anyhow::Result<Catalog> {
    if !common.config.exists() {
        return Ok(Catalog::built_in().clone());
    }
    config::catalog(&common.config, &placeholders())
        .map_err(|report| anyhow!("a service of your own can't be used\n\n{report}"))
}

/// The same, in a special way.
fn load_with(common: &Common, options: &LoadOptions) -> anyhow::Result<Loaded> {
    there_is_one(common)?;
    config::load(&common.config, options)
        .map_err(|report| anyhow!("the configuration can't be used\n\n{report}"))
}

/// Whether there is a configuration at all.
///
/// # Errors
/// With how to come by one.
pub fn there_is_one(common: &Common) -> anyhow::Result<()> {
    if !common.config.exists() {
        bail!(
            "there is no {}; name the configuration with --config, or make one with `agnox-bridge init`",
            common.config.display()
        );
    }
    Ok(())
}

/// Reads it for its addresses alone, which are known without the secrets.
pub fn load_addresses(common: &Common) -> anyhow::Result<Loaded> {
    load(common).or_else(|error| load_with(common, &placeholders()).map_err(|_| error))
}

fn placeholders() -> LoadOptions {
    LoadOptions { without_secrets: true, ..LoadOptions::default() }
}

/// An id as the lists print it.
///
/// # Errors
/// If it is none, in words for a person.
pub fn id(text: &str) -> anyhow::Result<Uuid> {
    Uuid::parse_str(text.trim()).map_err(|_| {
        anyhow!(
            "this is no whole id, such as 01956b9e-5a80-7c3f-9d1e-0a4b7c6d2e11; lists print them"
        )
    })
}

/// The folder that relative paths of a configuration start from.
pub fn folder_of(config: &Path) -> &Path {
    config.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Where the public listener is reached from this machine.
pub fn base_url(settings: &Settings) -> String {
    let scheme = if settings.server.tls.is_some() { "https" } else { "http" };
    format!("{scheme}://{}", reachable(settings.server.listen))
}

/// Where a source's events are posted to.
pub fn hooks_url(settings: &Settings, source: Option<&str>) -> anyhow::Result<String> {
    Ok(format!("{}/hooks/{}", base_url(settings), source_name(settings, source)?))
}

/// An address to connect to for one that is listened on.
fn reachable(mut address: std::net::SocketAddr) -> std::net::SocketAddr {
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = match address.ip() {
            std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(loopback);
    }
    address
}

/// The source that is meant: the named one, or the first.
pub fn source_name(settings: &Settings, source: Option<&str>) -> anyhow::Result<String> {
    match source {
        Some(name) if settings.sources.contains_key(name) => Ok(name.to_owned()),
        Some(name) => {
            let known: Vec<&str> = settings.sources.keys().map(String::as_str).collect();
            bail!("there is no source `{name}`; there is {}", known.join(", "))
        }
        None => settings.sources.keys().next().cloned().context("the configuration has no source"),
    }
}

/// The key that signs; `None` where the source is unsigned.
pub fn key_for(key: &KeyArgs, common: &Common) -> anyhow::Result<Option<AgnoxKey>> {
    Ok(keys_for(key, common)?.into_iter().next())
}

/// Every key that may sign; none where the source is unsigned.
pub fn keys_for(key: &KeyArgs, common: &Common) -> anyhow::Result<Vec<AgnoxKey>> {
    let secrets: Vec<Secret> = match &key.secret_file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("can't read {}", path.display()))?;
            vec![Secret::new(text.trim_end_matches(['\r', '\n']))]
        }
        None => {
            let settings = load(common)?.settings;
            let name = source_name(&settings, key.source.as_deref())?;
            settings.sources[&name].all_secrets().cloned().collect()
        }
    };
    secrets.iter().map(|secret| AgnoxKey::new(secret).map_err(anyhow::Error::from)).collect()
}

/// A file's bytes, or standard input's.
pub fn read_input(file: Option<&Path>) -> anyhow::Result<Vec<u8>> {
    match file {
        Some(path) => std::fs::read(path).with_context(|| format!("can't read {}", path.display())),
        None => {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
            Ok(bytes)
        }
    }
}
