//! One try at a mail: a session, each recipient asked for, the mail sent to those who were taken.
//!
//! One deadline covers all of it. lettre ends a whole mail at the first refused recipient; here
//! every answer is noted and the others go on. Who has the mail stays known whatever happens
//! afterwards, so that no later try reaches them again.

use std::time::Duration;

use jiff::Timestamp;
use lettre::message::Mailbox;
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt};
use lettre::transport::smtp::extension::MailParameter;
use tokio::time::{Instant, timeout, timeout_at};

use super::address::mailbox;
use super::mime;
use super::session::{Doing, Server, Session};
use super::tally::Tally;
use super::wire::{Reply, stuffed};
use crate::contract::{Attempt, Failure, Fault, Receipt};
use crate::message::Mail;

/// How long the goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// Why an address can't be reached.
const NARROW: &str = "the address has letters beyond ASCII, and the server doesn't offer SMTPUTF8";

/// Tries once to bring the mail to everyone who doesn't have it.
pub(super) async fn send(
    server: &Server,
    mail: &Mail,
    attempt: &Attempt,
) -> Result<Receipt, Failure> {
    let mut course = Course {
        server,
        mail,
        at: attempt.at,
        tally: Tally::resumed(attempt.progress.as_deref()),
        doing: "connecting",
        unknown: false,
    };
    let end = Instant::now() + attempt.deadline;
    let outcome = match timeout_at(end, course.run()).await {
        Ok(outcome) => outcome,
        Err(_) => Err(late(server, attempt.deadline, course.doing)),
    };
    outcome.map_err(|failure| Failure {
        progress: course.tally.progress(),
        maybe_arrived: course.unknown,
        ..failure
    })
}

/// Opens a session and closes it again: says what was reached.
pub(super) async fn reach(server: &Server, deadline: Duration) -> Result<String, Failure> {
    let mut doing = "connecting";
    let session = match timeout(deadline, server.open(&mut doing)).await {
        Ok(session) => session?,
        Err(_) => return Err(late(server, deadline, doing)),
    };
    let _ = timeout(GOODBYE, session.close()).await;
    Ok(server.reached())
}

/// The try as it goes: what is known stays here when the deadline cuts it off.
struct Course<'a> {
    server: &'a Server,
    mail: &'a Mail,
    at: Timestamp,
    tally: Tally,
    doing: Doing,
    /// The mail is written to its end and not answered.
    unknown: bool,
}

impl Course<'_> {
    async fn run(&mut self) -> Result<Receipt, Failure> {
        let pending = self.tally.pending(self.mail).map_err(refused)?;
        if pending.is_empty() {
            return Ok(Receipt::default());
        }
        let mut session = self.server.open(&mut self.doing).await?;
        let answer = self.transact(&mut session, pending).await?;
        // Its answer changes nothing, so nothing waits for it.
        tokio::spawn(timeout(GOODBYE, session.close()));
        match self.tally.failure(&self.server.address()) {
            Some(failure) => Err(failure),
            None => Ok(Receipt {
                status: answer.as_ref().map(|reply| reply.code),
                excerpt: answer.map(|reply| self.server.covered(&reply)),
                holding: None,
            }),
        }
    }

    /// One mail to all of them; the answer to it, if there was anyone left to send it to.
    async fn transact(
        &mut self,
        session: &mut Session,
        pending: Vec<Mailbox>,
    ) -> Result<Option<Reply>, Failure> {
        let from = mailbox(&self.mail.from).map_err(refused)?;
        let wide = session.can("SMTPUTF8");
        let reachable = self.reachable(pending, wide);
        if !wide && !is_ascii(&from) {
            return Err(refused(format!("{from}: {NARROW}")));
        }
        self.begin(session, from, wide).await?;
        let accepted = self.recipients(session, reachable).await?;
        if accepted.is_empty() {
            return Ok(None);
        }
        let keep = |one: &Mailbox| wide || is_ascii(one);
        let bytes = mime::bytes(self.mail, self.at, keep).map_err(refused)?;
        let reply = self.data(session, &bytes).await?;
        self.settle(&accepted, &reply)?;
        Ok(Some(reply))
    }

    /// Those whose address the server can read; the others are refused with the reason.
    fn reachable(&mut self, pending: Vec<Mailbox>, wide: bool) -> Vec<Mailbox> {
        let (reachable, not): (Vec<_>, Vec<_>) =
            pending.into_iter().partition(|one| wide || is_ascii(one));
        for one in not {
            self.tally.impossible(&one, NARROW);
        }
        reachable
    }

    async fn begin(
        &mut self,
        session: &mut Session,
        from: Mailbox,
        wide: bool,
    ) -> Result<(), Failure> {
        self.doing = "waiting for the answer to MAIL FROM";
        let needed = wide && !addresses(self.mail).all(|one| is_ascii(&one));
        let parameters = if needed { vec![MailParameter::SmtpUtfEight] } else { Vec::new() };
        let step = format!("mail from {}", from.email);
        let reply = session.wire.ask(MailFrom::new(Some(from.email), parameters)).await;
        let reply = reply.map_err(|e| self.server.broken(&step, &e))?;
        if reply.is_done() { Ok(()) } else { Err(self.server.unhappy(&step, &reply)) }
    }

    /// Asks for each recipient; gives back those who were taken.
    async fn recipients(
        &mut self,
        session: &mut Session,
        pending: Vec<Mailbox>,
    ) -> Result<Vec<Mailbox>, Failure> {
        let mut accepted = Vec::new();
        for one in pending {
            self.doing = "waiting for the answer to RCPT TO";
            let step = format!("mail to {}", one.email);
            let reply = session.wire.ask(Rcpt::new(one.email.clone(), Vec::new())).await;
            let reply = reply.map_err(|e| self.server.broken(&step, &e))?;
            match reply.code {
                code if code / 100 == 2 => accepted.push(one),
                // The server hangs up, or wants a login: nothing about this recipient.
                421 | 530 => return Err(self.server.unhappy(&step, &reply)),
                _ if reply.is_for_now() || reply.is_for_ever() => {
                    self.tally.turned_away(&one, &reply, self.server.covered(&reply));
                }
                _ => return Err(self.server.unhappy(&step, &reply)),
            }
        }
        Ok(accepted)
    }

    async fn data(&mut self, session: &mut Session, bytes: &[u8]) -> Result<Reply, Failure> {
        self.doing = "waiting for the answer to DATA";
        let broken = |e| self.server.broken("DATA", &e);
        let go = session.wire.ask(Data).await.map_err(broken)?;
        if go.is_done() {
            return Err(self.server.unhappy("DATA", &go));
        }
        if go.code != 354 {
            return Ok(go);
        }
        self.doing = "sending the mail";
        session.wire.write(&stuffed(bytes)).await.map_err(broken)?;
        self.doing = "waiting for the answer to the mail, which it has";
        self.unknown = true;
        let reply = session.wire.ask(".\r\n").await.map_err(broken)?;
        self.unknown = !(reply.is_done() || reply.is_for_now() || reply.is_for_ever());
        Ok(reply)
    }

    /// What the answer to the mail means for those it went to.
    fn settle(&mut self, accepted: &[Mailbox], reply: &Reply) -> Result<(), Failure> {
        if reply.is_done() {
            self.tally.took(accepted);
            return Ok(());
        }
        if matches!(reply.code, 421 | 530) || self.unknown {
            return Err(self.server.unhappy("the mail", reply));
        }
        for one in accepted {
            self.tally.turned_away(one, reply, self.server.covered(reply));
        }
        Ok(())
    }
}

fn late(server: &Server, deadline: Duration, doing: Doing) -> Failure {
    let reason = format!("{}: no end after {deadline:.0?}, while {doing}", server.address());
    Failure::new(Fault::Unavailable { retry_after: None }, reason)
}

fn addresses(mail: &Mail) -> impl Iterator<Item = Mailbox> {
    let lists = mail.to.iter().chain(&mail.cc).chain(&mail.reply_to);
    lists.chain([&mail.from]).filter_map(|text| mailbox(text).ok())
}

fn is_ascii(one: &Mailbox) -> bool {
    one.email.user().is_ascii()
}

fn refused(reason: String) -> Failure {
    Failure::new(Fault::Refused, reason)
}
