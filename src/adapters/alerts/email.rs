//! Mail by SMTP, over TLS or not at all.

use std::io;
use std::time::Duration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SmtpTransport};
use lettre::{Address, Transport};

use super::super::reason::reason;
use super::Around;
use super::answer::Teller;
use super::secret::SecretAt;
use super::trust::certificates;
use super::words::{Wording, with};
use crate::config::{EmailChannel, MailTls};
use crate::model::{Page, PageStep};
use crate::ports::{Channel, ChannelError, Delivered};
use crate::report::page::Words;
use crate::report::page::email::{Mail, mail};
use crate::report::page::template::Reading;

/// For connecting, and for each answer.
const TIME: Duration = Duration::from_secs(10);

pub struct Email {
    name: String,
    config: EmailChannel,
    domain: String,
    tls: TlsParameters,
    password: Option<SecretAt>,
    wording: Wording,
}

impl Email {
    /// # Errors
    /// What is wrong with a file that the configuration names.
    pub fn new(name: &str, config: &EmailChannel, around: &Around<'_>) -> Result<Self, String> {
        let base = around.base;
        let ca_file = config.ca_file.as_ref().map(|path| base.join(path));
        let mut tls =
            TlsParameters::builder(config.server.clone()).certificate_store(CertificateStore::None);
        for der in certificates(ca_file.as_deref())? {
            // One that cannot be read is one fewer that is trusted.
            if let Ok(one) = Certificate::from_der(der) {
                tls = tls.add_root_certificate(one);
            }
        }
        let tls = tls
            .build_rustls()
            .map_err(|error| format!("no TLS: {error}"))?;
        let domain = config
            .from
            .rsplit('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        let password = config.login.as_ref();
        let password = password.map(|(_, secret)| SecretAt::new(secret, base));
        let plain = Reading::Plain;
        Ok(Self {
            name: name.to_owned(),
            config: config.clone(),
            domain,
            tls,
            password,
            wording: Wording::load(&config.templates, base, plain, plain)?,
        })
    }

    fn transport(&self, login: Option<Credentials>) -> SmtpTransport {
        let tls = match self.config.tls {
            MailTls::StartTls => Tls::Required(self.tls.clone()),
            MailTls::Wrapper => Tls::Wrapper(self.tls.clone()),
        };
        let builder = SmtpTransport::builder_dangerous(self.config.server.clone())
            .port(self.config.port)
            .tls(tls)
            .timeout(Some(TIME))
            .hello_name(ClientId::Domain(self.domain.clone()));
        match login {
            Some(login) => builder.credentials(login).build(),
            None => builder.build(),
        }
    }

    fn message(&self, page: &Page, words: &Words, thread: Option<&str>) -> Result<Message, String> {
        let mail = mail(page, words);
        let id = format!("<{}@{}>", mail.id, self.domain);
        let mailbox = |address: &str| {
            let parsed = address.parse::<Address>();
            parsed
                .map(|address| Mailbox::new(None, address))
                .map_err(|error| error.to_string())
        };
        let mut message = Message::builder()
            .from(mailbox(&self.config.from)?)
            .subject(mail.subject.clone())
            .message_id(Some(id.clone()));
        for to in &self.config.to {
            message = message.to(mailbox(to)?);
        }
        for (name, value) in extra(&mail, page) {
            let name = HeaderName::new_from_ascii(name.to_owned());
            let name = name.map_err(|error| error.to_string())?;
            message = message.raw_header(HeaderValue::new(name, value));
        }
        if let Some(first) = thread.filter(|first| *first != id) {
            message = message
                .in_reply_to(first.to_owned())
                .references(first.to_owned());
        }
        let text = SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .body(mail.text);
        let html = SinglePart::builder()
            .header(ContentType::TEXT_HTML)
            .body(mail.html);
        let both = MultiPart::alternative().singlepart(text).singlepart(html);
        message.multipart(both).map_err(|error| error.to_string())
    }
}

/// Plain headers of our own words: no answers by machines, and how urgent it is.
fn extra(mail: &Mail, page: &Page) -> Vec<(&'static str, String)> {
    let mut extra = vec![
        ("Auto-Submitted", "auto-generated".to_owned()),
        ("X-Driftwarden-Step", page.step.as_str().to_owned()),
    ];
    if matches!(page.step, PageStep::Trigger | PageStep::Update) {
        extra.push(("X-Priority", mail.priority.to_string()));
    }
    extra
}

impl Channel for Email {
    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Duration {
        Duration::ZERO
    }

    fn send(&self, page: &Page, thread: Option<&str>) -> Result<Delivered, ChannelError> {
        let password = self.password.as_ref().map(SecretAt::read).transpose();
        let password =
            password.map_err(|what| Teller::new(&self.name, Vec::new()).passing(&what, None))?;
        let teller = Teller::new(&self.name, password.iter().collect());
        let (words, failed) = self.wording.of(page);
        let message = self
            .message(page, &words, thread)
            .map_err(|what| teller.refused(&what))?;
        let own = message
            .headers()
            .get_raw("Message-ID")
            .unwrap_or_default()
            .to_owned();
        let user = self.config.login.as_ref().map(|(user, _)| user.clone());
        let login = user.zip(password.as_ref());
        let login = login.map(|(user, one)| Credentials::new(user, one.expose().to_owned()));
        let answer = self.transport(login).send(&message);
        let answer = answer.map_err(|error| judged(&error, &teller))?;
        let lines: Vec<&str> = answer.message().collect();
        let said = teller.clean(&format!("{} {}", answer.code(), lines.join(" ")));
        Ok(Delivered {
            answer: with(said, failed),
            thread: Some(thread.map_or(own, str::to_owned)),
        })
    }
}

fn judged(error: &Error, teller: &Teller<'_>) -> ChannelError {
    let mut what = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<io::Error>() {
            what = match io.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                    "no answer in time".to_owned()
                }
                _ => reason(io),
            };
            break;
        }
        let text = inner.to_string();
        if !what.contains(&text) {
            what = format!("{what}: {text}");
        }
        cause = inner.source();
    }
    match error.is_permanent() {
        true => teller.refused(&what),
        false => teller.passing(&what, None),
    }
}
