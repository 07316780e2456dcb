//! The configuration as types: what stands at the top of the file, and the sections that no other
//! room owns.
//!
//! The doc comments here are the reference: the JSON Schema, the reference page and what editors
//! show derive from them. Defaults stand beside their option and are checked against the schema.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use agnox_bridge_sinks::secret::Secret;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::{self, JournalUrl};
use super::sinks::SinkConfig;
use crate::model::Status;
use crate::model::units::{Size, Span};
use crate::rehearse::CaseConfig;
use crate::route::{GroupConfig, MissedConfig, RuleConfig};
use crate::schedule::WindowConfig;

/// The configuration of agnox-bridge.
#[derive(Clone, Debug, JsonSchema)]
#[schemars(title = "agnox-bridge", deny_unknown_fields)]
pub struct Settings {
    /// The time zone of times in messages, by its IANA name: `Europe/Berlin`.
    #[schemars(with = "String")]
    #[schemars(extend("default" = "UTC"))]
    pub timezone: TimeZone,
    /// More files with `sinks`, `groups`, `rules`, `windows`, `missed_runs` and `tests`, such as one
    /// per team: names or patterns (`teams/*.yaml`), relative to this file, read in the order of
    /// their names.
    #[schemars(with = "scalars::OneOrMore")]
    pub include: Vec<String>,
    /// Where the bridge listens, and what it lets in.
    pub server: ServerConfig,
    /// Where events, decisions and deliveries are kept.
    pub journal: JournalConfig,
    /// What to know about Agnox itself.
    pub agnox: AgnoxConfig,
    /// Who posts events: a name for each Agnox organisation. The webhook of `main` is
    /// `/hooks/main`.
    pub sources: BTreeMap<String, SourceConfig>,
    /// What you know of your groups. All entries that match add up, later ones win.
    pub groups: Vec<GroupConfig>,
    /// A folder of template files (`*.hbs`), relative to this file. A rule or sink uses one by
    /// its name, other templates as a partial: `{{> header}}`.
    #[schemars(with = "String")]
    pub templates: Option<PathBuf>,
    /// A folder of services of your own (`*.yaml`), relative to this file: each is a kind of sink.
    /// Where this is left out, the folder `catalog` beside this file, if it is there.
    #[schemars(with = "String")]
    pub catalog: Option<PathBuf>,
    /// The places that messages can go to, each by a name of yours: the kind with its options,
    /// and beside it how to deliver.
    pub sinks: BTreeMap<String, SinkConfig>,
    /// The programs that sinks of the kind `exec` may run, each by its absolute path. Only this
    /// file can allow one, and no file that it includes.
    pub allow_exec: Vec<PathBuf>,
    /// Who hears of what, in order. All rules that match fire; whoever is named by several is
    /// told once.
    pub rules: Vec<RuleConfig>,
    /// Times in which rules can be quiet, each by a name of yours, for a rule's `mute`.
    pub windows: BTreeMap<String, WindowConfig>,
    /// The groups that should report, and when. One that doesn't makes an event of its own.
    pub missed_runs: Vec<MissedConfig>,
    /// Named cases with what must and must not be sent; `agnox-bridge test` runs them.
    pub tests: Vec<CaseConfig>,
    /// The sink that is told when a message to another one could not be delivered, at most once
    /// an hour for each.
    #[schemars(with = "String")]
    pub on_dead: Option<String>,
    /// Tells an uptime monitor that the bridge can accept and deliver.
    #[schemars(with = "HeartbeatConfig")]
    pub heartbeat: Option<HeartbeatConfig>,
}

/// Where the bridge listens, and what it lets in.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// The address for Agnox: `/hooks/{source}`, `/healthz`, `/readyz`. `0.0.0.0:8080` is every
    /// network of the machine.
    #[serde(deserialize_with = "scalars::address")]
    #[schemars(with = "String")]
    #[schemars(extend("default" = "127.0.0.1:8080"))]
    pub listen: SocketAddr,
    /// The address for people: the API and the metrics.
    #[serde(deserialize_with = "scalars::address")]
    #[schemars(with = "String")]
    #[schemars(extend("default" = "127.0.0.1:8081"))]
    pub admin: SocketAddr,
    /// What people must send to the admin address as `Authorization: Bearer …`. Needed once
    /// `admin` can be reached from other machines.
    #[serde(deserialize_with = "scalars::given")]
    #[schemars(with = "Secret")]
    pub admin_token: Option<Secret>,
    /// The largest body that is taken; Agnox's are a few KiB.
    #[schemars(extend("default" = "1MiB"))]
    pub body_limit: Size,
    /// How long a body may take to arrive.
    #[schemars(extend("default" = "5s"))]
    pub body_timeout: Span,
    /// The memory for bodies that are on their way to the journal. When it is full, requests wait,
    /// and then get 503.
    #[schemars(extend("default" = "32MiB"))]
    pub body_memory: Size,
    /// How many connections may be open at once.
    #[schemars(extend("default" = 1024))]
    pub connections: NonZeroUsize,
    /// Serves `listen` over TLS, for a bridge without a proxy before it.
    #[serde(deserialize_with = "scalars::given")]
    #[schemars(with = "TlsConfig")]
    pub tls: Option<TlsConfig>,
}

/// The files of a certificate, relative to the configuration. They are read again at a reload.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The certificate with its chain, in PEM.
    pub cert: PathBuf,
    /// The private key, in PEM.
    pub key: PathBuf,
}

/// Where events, decisions and deliveries are kept.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct JournalConfig {
    /// `sqlite:` and a file, relative to the configuration. One bridge uses a file at a time.
    #[schemars(extend("default" = "sqlite:agnox-bridge.db"))]
    pub url: JournalUrl,
    /// How long events are kept. What is not delivered yet, or dead and not seen, stays longer.
    #[schemars(extend("default" = "30d"))]
    pub retention: Span,
}

/// What to know about Agnox itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AgnoxConfig {
    /// The dashboard that links to runs lead to. An empty text leaves links out.
    #[schemars(extend("default" = "https://agnox.dev"))]
    pub dashboard: String,
    /// The statuses that count as failing.
    #[serde(deserialize_with = "scalars::statuses")]
    #[schemars(with = "Vec<String>")]
    #[schemars(extend("default" = ["FAILED", "ERROR", "UNSTABLE"]))]
    pub failing: Vec<Status>,
}

/// One Agnox organisation that posts to us: its secret, several while one is rotated, or
/// `allow_unsigned: true`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SourceConfig {
    /// The secret that Agnox signs with, as Agnox shows it when a webhook is made.
    #[serde(deserialize_with = "scalars::given")]
    #[schemars(with = "Secret")]
    pub secret: Option<Secret>,
    /// Several secrets that are all taken, for the time of changing one.
    pub secrets: Vec<Secret>,
    /// Takes events from anybody who reaches the address. For a trial on loopback only.
    #[schemars(extend("default" = false))]
    pub allow_unsigned: bool,
}

/// Tells an uptime monitor that the bridge can accept and deliver.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeartbeatConfig {
    /// The monitor's push address. It is called with GET.
    pub url: Secret,
    /// How often it is called.
    #[serde(default = "every_minute")]
    #[schemars(extend("default" = "60s"))]
    pub every: Span,
}

impl SourceConfig {
    /// All its secrets.
    pub fn all_secrets(&self) -> impl Iterator<Item = &Secret> {
        self.secret.iter().chain(&self.secrets)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            timezone: TimeZone::UTC,
            include: Vec::new(),
            server: ServerConfig::default(),
            journal: JournalConfig::default(),
            agnox: AgnoxConfig::default(),
            sources: BTreeMap::new(),
            groups: Vec::new(),
            templates: None,
            catalog: None,
            sinks: BTreeMap::new(),
            allow_exec: Vec::new(),
            rules: Vec::new(),
            windows: BTreeMap::new(),
            missed_runs: Vec::new(),
            tests: Vec::new(),
            on_dead: None,
            heartbeat: None,
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        ServerConfig {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin: SocketAddr::from((Ipv4Addr::LOCALHOST, 8081)),
            admin_token: None,
            body_limit: Size(1 << 20),
            body_timeout: Span(Duration::from_secs(5)),
            body_memory: Size(32 << 20),
            connections: NonZeroUsize::new(1024).unwrap_or(NonZeroUsize::MIN),
            tls: None,
        }
    }
}

impl Default for JournalConfig {
    fn default() -> Self {
        JournalConfig {
            url: JournalUrl::Sqlite("agnox-bridge.db".into()),
            retention: Span(Duration::from_secs(30 * 24 * 60 * 60)),
        }
    }
}

impl Default for AgnoxConfig {
    fn default() -> Self {
        AgnoxConfig {
            dashboard: "https://agnox.dev".to_owned(),
            failing: vec![Status::Failed, Status::Error, Status::Unstable],
        }
    }
}

fn every_minute() -> Span {
    Span(Duration::from_secs(60))
}
