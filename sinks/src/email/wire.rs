//! One SMTP connection: commands out, replies in, and the step up to TLS.
//!
//! Written out instead of using lettre's connection, which reads a line of any length into memory,
//! keeps what a middleman slipped in before STARTTLS as if it had come through TLS, and gives up a
//! whole mail at the first refused recipient. There is no deadline in here: the caller holds one
//! over everything. This file knows no mail and no sink.

use std::fmt::Display;
use std::io;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio_rustls::TlsConnector;

/// The longest line of a reply, in bytes; the protocol's own limit is 512.
const LINE: u64 = 4 * 1024;
/// All that a server may say in one connection, in bytes.
const TALK: usize = 64 * 1024;

/// What a connection runs over.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection that speaks SMTP's lines.
pub(super) struct Wire {
    stream: BufReader<Box<dyn Stream>>,
    heard: usize,
}

/// One reply of the server, which may have had several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// The three digits.
    pub code: u16,
    /// The lines behind them.
    pub lines: Vec<String>,
}

/// Why a connection can't go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    #[error("the server closed the connection")]
    Closed,
    #[error("the server's answer is not SMTP: {0:?}")]
    Nonsense(String),
    #[error("the server's answers are too long")]
    TooLong,
    #[error("TLS failed: {0}")]
    Tls(io::Error),
    #[error("the server sent text in the clear behind its STARTTLS answer, as an attacker would")]
    Injected,
}

impl Wire {
    /// Speaks over an open stream.
    pub(super) fn over(stream: impl Stream + 'static) -> Self {
        Wire { stream: BufReader::new(Box::new(stream)), heard: 0 }
    }

    /// Sends a command (its line ending included) and reads the reply.
    pub(super) async fn ask(&mut self, command: impl Display) -> Result<Reply, Broken> {
        self.write(command.to_string().as_bytes()).await?;
        self.reply().await
    }

    /// Sends bytes as they are.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Broken> {
        self.stream.write_all(bytes).await?;
        Ok(self.stream.flush().await?)
    }

    /// Reads one reply to its last line.
    pub(super) async fn reply(&mut self) -> Result<Reply, Broken> {
        let mut lines = Vec::new();
        let mut first = None;
        loop {
            let line = self.line().await?;
            let Some((code, last, text)) = split(&line) else { return Err(Broken::Nonsense(line)) };
            if *first.get_or_insert(code) != code {
                return Err(Broken::Nonsense(line));
            }
            lines.push(text.to_owned());
            if last {
                return Ok(Reply { code, lines });
            }
        }
    }

    /// Goes on through TLS, with the certificate checked against `name`.
    pub(super) async fn secure(
        self,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<Wire, Broken> {
        if !self.stream.buffer().is_empty() {
            return Err(Broken::Injected);
        }
        let stream = TlsConnector::from(config).connect(name, self.stream.into_inner()).await;
        Ok(Wire { heard: self.heard, ..Wire::over(stream.map_err(Broken::Tls)?) })
    }

    async fn line(&mut self) -> Result<String, Broken> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(LINE).read_until(b'\n', &mut line).await?;
        self.heard += read;
        if line.len() as u64 == LINE || self.heard > TALK {
            return Err(Broken::TooLong);
        }
        if line.pop() != Some(b'\n') {
            return Err(Broken::Closed);
        }
        Ok(String::from_utf8_lossy(&line).trim_end_matches('\r').to_owned())
    }
}

/// The code, whether it is the last line, and the text of one line of a reply.
fn split(line: &str) -> Option<(u16, bool, &str)> {
    let (digits, rest) = line.split_at_checked(3)?;
    let code = digits.parse().ok().filter(|code| (200..600).contains(code))?;
    match rest.as_bytes().first() {
        None => Some((code, true, "")),
        Some(b' ') => Some((code, true, &rest[1..])),
        Some(b'-') => Some((code, false, &rest[1..])),
        Some(_) => None,
    }
}

impl Reply {
    /// The thing asked for is done (2xx).
    pub(super) fn is_done(&self) -> bool {
        self.code / 100 == 2
    }

    /// Not now, perhaps later (4xx).
    pub(super) fn is_for_now(&self) -> bool {
        self.code / 100 == 4
    }

    /// Never in this form (5xx).
    pub(super) fn is_for_ever(&self) -> bool {
        self.code / 100 == 5
    }

    /// Code and words on one line, cut to what a person reads.
    pub(super) fn words(&self) -> String {
        let words = format!("{} {}", self.code, self.lines.join(" "));
        crate::facts::line(&words, 300)
    }
}

/// The mail as it goes behind `DATA`: lines end in CRLF, a leading dot is doubled, and the last
/// line is there for the closing dot to follow.
pub(super) fn stuffed(mail: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(mail.len() + 64);
    let mut lines = mail.split(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        if lines.peek().is_none() && line.is_empty() {
            break;
        }
        // A carriage return that doesn't end a line has no meaning in a mail, only in an attack.
        let mut kept = line.iter().copied().filter(|&byte| byte != b'\r').peekable();
        if kept.peek() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend(kept);
        out.extend_from_slice(b"\r\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_mail_can_end_it() {
        for mail in ["a\r\n.\r\nb", "a\r.\r\nb", "a\n.\nb", ".", "..\r\n", "a\r\n\r.\r\r\nQUIT"] {
            let sent = stuffed(mail.as_bytes());
            let text = String::from_utf8(sent).unwrap();
            assert!(
                !text.contains("\r\n.\r\n") && !text.starts_with(".\r\n"),
                "{mail:?}: {text:?}"
            );
            assert!(text.ends_with("\r\n"));
            assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        }
    }

    #[tokio::test]
    async fn a_reply_of_several_lines_is_one_reply() {
        let mut wire = Wire::over(says(b"250-a\r\n250-b\r\n250 c\r\n220 next\r\n"));
        assert_eq!(wire.reply().await.unwrap().lines, ["a", "b", "c"]);
        assert_eq!(wire.reply().await.unwrap().code, 220);
        assert!(matches!(wire.reply().await, Err(Broken::Closed)));
    }

    #[tokio::test]
    async fn an_endless_line_is_not_read_to_its_end() {
        let mut wire = Wire::over(says(&[b'2'; 10_000]));
        assert!(matches!(wire.reply().await, Err(Broken::TooLong)));
    }

    #[tokio::test]
    async fn what_is_not_smtp_is_said_to_be_so() {
        for bytes in
            ["HTTP/1.1 400 Bad\r\n", "250-a\r\n251 b\r\n", "25\r\n", "999 x\r\n", "250x\r\n"]
        {
            let mut wire = Wire::over(says(bytes.as_bytes()));
            assert!(matches!(wire.reply().await, Err(Broken::Nonsense(_))), "{bytes:?}");
        }
    }

    fn says(bytes: &[u8]) -> impl Stream + 'static {
        let (near, mut far) = tokio::io::duplex(64);
        let bytes = bytes.to_vec();
        tokio::spawn(async move {
            let _ = far.write_all(&bytes).await;
        });
        near
    }
}
