//! A sink of a service: its program, with one person's options.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use url::Url;

use super::Options;
use super::asked::Asked;
use super::form::{Form, Type};
use super::program::Program;
use super::render::Telling;
use super::send;
use crate::client::Client;
use crate::contract::{Attempt, Failure, Fault, Notice, Receipt, Sink};
use crate::kind::{BuildError, Built, Surroundings};
use crate::message::Message;
use crate::options::{fragment_warning, template_error};
use crate::secret::Redactor;
use crate::template::{Filling, RenderError, Template, Tree};

/// A sink of a service.
pub(super) struct ServiceSink {
    pub program: Arc<Program>,
    pub options: Options,
    /// The person's own templates and trees, by parameter.
    pub own: Own,
    /// What all of its templates ask for.
    pub asked: Asked,
    pub client: Client,
    redactor: OnceLock<Redactor>,
}

/// A person's own templates and trees, by parameter.
#[derive(Default)]
pub(super) struct Own {
    pub templates: BTreeMap<String, Template>,
    pub trees: BTreeMap<String, Arc<Tree>>,
}

/// What stands in for them where they may be what failed.
pub(super) static NONE: Own = Own { templates: BTreeMap::new(), trees: BTreeMap::new() };

/// Builds a sink from a person's options.
pub(super) fn build(
    form: &Form,
    program: Arc<Program>,
    options: serde_json::Value,
    around: &Surroundings<'_>,
) -> Result<Built, BuildError> {
    let options = form.read_options(options)?;
    let own = Own::compile(&options, &program, around)?;
    let warnings = warnings(form, &options);
    let sink = ServiceSink {
        asked: program.asked.and(&own.asked()),
        program,
        options,
        own,
        client: around.client.clone(),
        redactor: OnceLock::new(),
    };
    Ok(Built { warnings, ..Built::new(sink) })
}

fn warnings(form: &Form, options: &Options) -> Vec<BuildError> {
    let mut warnings = Vec::new();
    for (name, parameter) in form.parameters.iter() {
        let written = options.get(name);
        let several = written.as_array().into_iter().flatten();
        let mut texts = several.chain([written]).filter_map(serde_json::Value::as_str);
        if parameter.kind == Type::Url {
            let url = written.as_str().and_then(|text| Url::parse(text).ok());
            warnings.extend(url.and_then(|url| fragment_warning(name, &url)));
        }
        let unlikely = parameter.unlikely.as_ref().filter(|one| texts.any(|text| one.fits(text)));
        warnings.extend(unlikely.map(|one| BuildError::new(name, &*one.say)));
    }
    warnings
}

impl Own {
    fn compile(
        options: &Options,
        program: &Program,
        around: &Surroundings<'_>,
    ) -> Result<Self, BuildError> {
        let mut own = Own::default();
        for (name, text) in options.templates() {
            let template = around.templates.compile(text, program.escape);
            let template = template.map_err(|error| template_error(name, error))?;
            own.templates.insert(name.to_owned(), template);
        }
        for (name, tree) in options.trees() {
            let tree = around.templates.tree(tree, program.escape);
            let tree = tree.map_err(|error| template_error(name, error))?;
            own.trees.insert(name.to_owned(), tree);
        }
        Ok(own)
    }

    /// What they ask for. A tree may ask for anything.
    fn asked(&self) -> Asked {
        match self.trees.is_empty() {
            true => {
                Asked::of_notice(&|names| self.templates.values().any(|one| one.mentions(names)))
            }
            false => Asked::all_variables(),
        }
    }
}

impl ServiceSink {
    /// Covers its secrets.
    pub fn redactor(&self) -> &Redactor {
        self.redactor.get_or_init(|| Redactor::new(self.options.secrets()))
    }

    fn refused(&self, why: &str) -> Message {
        Message { steps: Vec::new(), fallback: Some(why.to_owned()), course: None }
    }

    async fn reached(&self, deadline: Duration) -> Result<String, Failure> {
        let unknown = |why: String| Failure::new(Fault::Suspended, why);
        let options = self.options.for_notice(&BTreeMap::new());
        let options = options.map_err(|RenderError(why)| unknown(why))?;
        let scene = serde_json::json!({ "options": options });
        let filling = Filling {
            data: &scene,
            words: None,
            templates: &NONE.templates,
            trees: &NONE.trees,
            most: usize::MAX,
        };
        let mut why = "it sends nothing".to_owned();
        for step in self.program.all_steps() {
            match step.origin(&filling) {
                Ok(origin) => return self.client.reach(&origin, deadline).await,
                Err(RenderError(wrong)) => why = wrong,
            }
        }
        Err(unknown(why))
    }
}

impl Sink for ServiceSink {
    fn render(&self, notice: &Notice, words: Option<&Template>) -> Result<Message, RenderError> {
        Telling::new(self, notice, words, None).message()
    }

    fn minimal(&self, notice: &Notice, why: &str) -> Message {
        match Telling::new(self, notice, None, Some(why)).message() {
            Ok(message) => Message { fallback: Some(why.to_owned()), ..message },
            Err(RenderError(also)) => self.refused(&match also == why {
                true => why.to_owned(),
                false => format!("{why}; without the own templates: {also}"),
            }),
        }
    }

    fn send<'a>(
        &'a self,
        message: &'a Message,
        attempt: &'a Attempt,
    ) -> BoxFuture<'a, Result<Receipt, Failure>> {
        send::send(self, message, attempt).boxed()
    }

    fn holds(&self) -> bool {
        self.program.holds
    }

    fn reach<'a>(&'a self, deadline: Duration) -> BoxFuture<'a, Result<String, Failure>> {
        self.reached(deadline).boxed()
    }
}
