//! A mail server that does as it is told: well, badly, or not at all.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::CertifiedKey;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::email::wire::Stream;

/// What the server does where something is due.
#[derive(Clone, Copy)]
pub enum Act {
    Say(&'static str),
    Silence,
    HangUp,
    Drip(&'static str),
}

/// A running server, and what it heard.
pub struct Post {
    pub address: SocketAddr,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Default)]
struct Heard {
    commands: Vec<String>,
    mails: Vec<String>,
}

/// How the server behaves: the first entry that a command begins with counts, else it is polite.
/// `CONNECT` stands for the greeting, `.` for the end of a mail.
#[derive(Clone, Default)]
pub struct Manners {
    pub acts: Vec<(&'static str, Act)>,
    pub tls: Option<Arc<ServerConfig>>,
    pub implicit: bool,
}

impl Manners {
    pub fn with(acts: &[(&'static str, Act)]) -> Self {
        Manners { acts: acts.to_vec(), ..Manners::default() }
    }

    fn act(&self, command: &str) -> Act {
        let found = self.acts.iter().find(|(start, _)| command.starts_with(start));
        found.map(|(_, act)| *act).unwrap_or_else(|| match command {
            "CONNECT" => Act::Say("220 post.test ESMTP"),
            "DATA" => Act::Say("354 go on"),
            "." => Act::Say("250 2.0.0 taken as 4711"),
            "QUIT" => Act::Say("221 bye"),
            _ if command.starts_with("EHLO") => {
                Act::Say("250-post.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN")
            }
            _ if command.starts_with("AUTH") => Act::Say("235 welcome"),
            _ if command.starts_with("STARTTLS") => Act::Say("220 go ahead"),
            _ => Act::Say("250 fine"),
        })
    }
}

impl Post {
    pub async fn start(manners: Manners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let post = Post { address, heard: heard.clone() };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(Box::new(stream), manners.clone(), heard.clone()));
            }
        });
        post
    }

    pub fn commands(&self) -> Vec<String> {
        self.heard.lock().unwrap().commands.clone()
    }

    /// The commands that begin so.
    pub fn said(&self, start: &str) -> Vec<String> {
        self.commands().into_iter().filter(|command| command.starts_with(start)).collect()
    }

    pub fn mails(&self) -> Vec<String> {
        self.heard.lock().unwrap().mails.clone()
    }
}

async fn serve(stream: Box<dyn Stream>, manners: Manners, heard: Arc<Mutex<Heard>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    if manners.implicit {
        stream = encrypted(stream, &manners).await?;
    }
    act(&mut stream, manners.act("CONNECT")).await?;
    loop {
        let command = line(&mut stream).await?;
        heard.lock().unwrap().commands.push(command.clone());
        let what = manners.act(&command);
        act(&mut stream, what).await?;
        let positive = matches!(what, Act::Say(text) if text.starts_with(['2', '3']));
        if command == "STARTTLS" && positive {
            stream = encrypted(stream, &manners).await?;
        }
        if command == "DATA" && positive {
            let mail = mail(&mut stream).await?;
            heard.lock().unwrap().mails.push(mail);
            act(&mut stream, manners.act(".")).await?;
        }
    }
}

async fn act(stream: &mut BufReader<Box<dyn Stream>>, act: Act) -> Option<()> {
    match act {
        Act::Say(text) => stream.write_all(format!("{text}\r\n").as_bytes()).await.ok(),
        Act::HangUp => None,
        Act::Silence => std::future::pending().await,
        Act::Drip(text) => {
            for byte in text.bytes() {
                stream.write_all(&[byte]).await.ok()?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Some(())
        }
    }
}

async fn line(stream: &mut BufReader<Box<dyn Stream>>) -> Option<String> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok().filter(|&read| read > 0)?;
    Some(line.strip_suffix("\r\n")?.to_owned())
}

async fn mail(stream: &mut BufReader<Box<dyn Stream>>) -> Option<String> {
    let mut mail = String::new();
    loop {
        match line(stream).await?.as_str() {
            "." => return Some(mail),
            text => mail.push_str(&format!("{}\r\n", text.strip_prefix('.').unwrap_or(text))),
        }
    }
}

async fn encrypted(
    stream: BufReader<Box<dyn Stream>>,
    manners: &Manners,
) -> Option<BufReader<Box<dyn Stream>>> {
    let acceptor = TlsAcceptor::from(manners.tls.clone()?);
    let stream = acceptor.accept(stream.into_inner()).await.ok()?;
    Some(BufReader::new(Box::new(stream)))
}

/// A certificate for a name: the server's side, and a client that trusts it.
pub fn certificate(name: &str) -> (Arc<ServerConfig>, ClientConfig) {
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = ServerConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key.into())
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (Arc::new(server), client)
}
