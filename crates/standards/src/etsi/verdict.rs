//! Three verdicts about a message, never one for another: schema, dictionary, scope (etsi.md section 8).

use super::core::{EndpointId, Payload, Request, Response, ResponsePayload};
use super::dictionary::Dictionaries;
use super::message::{Message, Received};
use super::object::{Kind, Object};
use super::profile::Profiles;
use super::task::{PreservationDetails, RequestDetails, RequestValues};
use super::time::QualifiedDateTime;
use super::values::Uuid;
use crate::refusal::{Finding, Refusal, Rule};
use crate::tree::{Element, Position};
use law::received::Normalised;
use std::borrow::Cow;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    Failed(Vec<Finding>),
    /// An earlier verdict left nothing to judge.
    NotJudged,
}

impl Verdict {
    fn of(findings: Vec<Finding>) -> Verdict {
        if findings.is_empty() { Verdict::Passed } else { Verdict::Failed(findings) }
    }
    pub fn findings(&self) -> &[Finding] {
        match self {
            Verdict::Failed(findings) => findings,
            Verdict::Passed | Verdict::NotJudged => &[],
        }
    }
    /// For the model of an order as received: the first finding stands for all, which are printed where there is room.
    pub fn as_law(&self) -> law::received::Finding {
        match self {
            Verdict::Passed => law::received::Finding::Yes,
            Verdict::NotJudged => law::received::Finding::unknown("not judged: the message does not follow its schema"),
            Verdict::Failed(findings) => {
                let first = &findings[0];
                let place = law::received::Place::new(first.at.line, first.at.column, first.path.clone());
                law::received::Finding::no(first.code(), first.to_string(), Some(place))
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts {
    pub schema: Verdict,
    pub dictionary: Verdict,
    pub scope: Verdict,
    /// Deviations that the dictionary verdict tolerated.
    pub normalised: Vec<Normalised>,
}

/// What lies outside the message.
#[derive(Clone, Debug)]
pub struct Setting {
    pub dictionaries: Dictionaries,
    /// Who we are; a task for another provider is out of scope. None: a reader who is no provider.
    pub own: Option<EndpointId>,
    /// Authorisations on file: identifier, beginning, end.
    pub on_file: Vec<(Uuid, Option<QualifiedDateTime>, Option<QualifiedDateTime>)>,
    /// National extensions that are read; none unless somebody loads one.
    pub profiles: Profiles,
}

impl Setting {
    pub fn reader() -> Setting {
        Setting { dictionaries: Dictionaries::with_eu_profile(), own: None, on_file: Vec::new(), profiles: Profiles::default() }
    }
}

/// All three. The message itself only when the schema's is good.
pub fn judge(received: &Received, setting: &Setting) -> (Option<Message>, Verdicts) {
    let read = received.schema_under(&setting.profiles);
    let mut dictionaries = Cow::Borrowed(&setting.dictionaries);
    if let Ok(Message { payload: Payload::Response(ResponsePayload::Actions(answers)), .. }) = &read {
        for answer in answers.actions.iter() {
            if let Response::GetCspConfig(config) = &answer.response {
                dictionaries.to_mut().add_config(config);
            }
        }
    }
    let dictionary = dictionaries.judge(received.root());
    let (message, schema, scope) = match read {
        Ok(message) => {
            let scope = Scope { root: received.root(), setting, findings: Vec::new() }.judge(&message);
            (Some(message), Verdict::Passed, Verdict::of(scope))
        }
        Err(findings) => (None, Verdict::Failed(findings), Verdict::NotJudged),
    };
    (message, Verdicts { schema, dictionary: Verdict::of(dictionary.findings), scope, normalised: dictionary.normalised })
}

struct Scope<'a> {
    root: &'a Element,
    setting: &'a Setting,
    findings: Vec<Finding>,
}

type Span<'a> = (Option<&'a QualifiedDateTime>, Option<&'a QualifiedDateTime>);

impl Scope<'_> {
    fn judge(mut self, message: &Message) -> Vec<Finding> {
        let Payload::Request(request) = &message.payload else { return self.findings };
        let objects: Vec<&Object> = request.actions.actions.iter().filter_map(|action| object_of(&action.request)).collect();
        for object in &objects {
            match &object.kind {
                Kind::Authorisation(authorisation) => {
                    let span = authorisation.timespan.as_ref().map_or((None, None), |span| (span.start.as_ref(), span.end.as_ref()));
                    self.order(object, span);
                }
                Kind::Disclosure(task) => {
                    self.is_ours(object, task.csp.as_ref());
                    if let Some(details) = &task.request {
                        self.disclosure(object, details, &objects);
                    } else {
                        self.find(Rule::NoIdentifier, object, "RequestDetails", "");
                    }
                }
                Kind::Preservation(task) => {
                    self.is_ours(object, task.csp.as_ref());
                    if let Some(details) = &task.request {
                        self.preservation(object, details);
                    }
                }
                Kind::Refused(refused) if refused.is_interception() => self.find(Rule::Interception, object, "", &refused.name.local),
                Kind::Refused(refused) => self.find(Rule::OtherTask, object, "", &refused.name.local),
                Kind::Document(_) | Kind::Notification(_) | Kind::Delivery(_) => {}
            }
        }
        self.findings
    }

    fn find(&mut self, rule: Rule, object: &Object, field: &str, was: &str) {
        let (at, path) = place(self.root, object.base.identifier.as_str(), field);
        self.findings.push(Finding { path, ..Refusal::new(rule, at, was) });
    }

    fn disclosure(&mut self, object: &Object, details: &RequestDetails, objects: &[&Object]) {
        let span = (details.start.as_ref(), details.end.as_ref());
        self.order(object, span);
        self.names_somebody(object, details.values.as_ref());
        self.has_no_content(object, details.request_type.as_ref());
        let mut authorised: Vec<Span<'_>> = Vec::new();
        for authorisation in objects.iter().filter(|other| object.associated().contains(&other.base.identifier)) {
            if let Kind::Authorisation(body) = &authorisation.kind {
                authorised.push(body.timespan.as_ref().map_or((None, None), |span| (span.start.as_ref(), span.end.as_ref())));
            }
        }
        let on_file = self.setting.on_file.iter().filter(|(identifier, _, _)| object.associated().contains(identifier));
        authorised.extend(on_file.map(|(_, start, end)| (start.as_ref(), end.as_ref())));
        if authorised.is_empty() {
            self.find(Rule::NoAuthorisation, object, "", object.base.identifier.as_str());
        }
        for (start, end) in authorised {
            let is_early = |moment: &&QualifiedDateTime| start.is_some_and(|start| moment.unix() < start.unix());
            let is_late = |moment: &&QualifiedDateTime| end.is_some_and(|end| end.unix() < moment.unix());
            let moments = [("StartTime", span.0), ("EndTime", span.1), ("ObservedTime", details.observed.as_ref())];
            for (field, moment) in moments {
                if let Some(moment) = moment.filter(|moment| is_early(moment) || is_late(moment)) {
                    self.find(Rule::OutsideTime, object, field, moment.as_str());
                }
            }
        }
    }

    fn preservation(&mut self, object: &Object, details: &PreservationDetails) {
        self.order(object, (details.start.as_ref(), details.end.as_ref()));
        self.names_somebody(object, details.values.as_ref());
        self.has_no_content(object, details.request_type.as_ref());
    }

    fn order(&mut self, object: &Object, span: Span<'_>) {
        if let (Some(start), Some(end)) = span
            && end.unix() < start.unix()
        {
            self.find(Rule::Backwards, object, "EndTime", end.as_str());
        }
    }

    fn names_somebody(&mut self, object: &Object, values: Option<&RequestValues>) {
        if values.is_none_or(|values| values.values.iter().any(|value| value.value.as_str().trim().is_empty())) {
            self.find(Rule::NoIdentifier, object, "RequestDetails", "");
        }
    }

    fn has_no_content(&mut self, object: &Object, request_type: Option<&super::approval::DictionaryEntry>) {
        if let Some(kind) = request_type.filter(|kind| kind.value.as_str().contains("Content") || kind.name.as_str().contains("Content")) {
            self.find(Rule::Content, object, "Type", kind.value.as_str());
        }
    }

    fn is_ours(&mut self, object: &Object, csp: Option<&EndpointId>) {
        if let (Some(own), Some(csp)) = (&self.setting.own, csp)
            && own != csp
        {
            self.find(Rule::OtherProvider, object, "CSPID", csp.unique.as_str());
        }
    }
}

pub(crate) fn object_of(request: &Request) -> Option<&Object> {
    match request {
        Request::Create(create) => Some(&create.object),
        Request::Update(update) => Some(&update.object),
        Request::Deliver(deliver) => Some(&deliver.object),
        Request::Get(_) | Request::List(_) | Request::GetCspConfig(_) => None,
    }
}

/// Where a field of the object with this identifier stands; the object itself when it has no such field.
pub(crate) fn place(root: &Element, identifier: &str, field: &str) -> (Position, String) {
    let mut found = None;
    root.walk(&mut |element| {
        let is_it = element
            .elements()
            .next()
            .is_some_and(|first| first.name.local == "ObjectIdentifier" && first.text().as_deref() == Some(identifier));
        let is_json = element.json.is_some() && element.child("ObjectIdentifier").and_then(Element::text).as_deref() == Some(identifier);
        if found.is_none() && (is_it || is_json) {
            found = Some(element);
        }
    });
    let Some(object) = found else { return (root.at, String::new()) };
    let mut at = (object.at, format!("/HI1Object[{identifier}]"));
    if !field.is_empty() {
        let mut inside = None;
        object.walk(&mut |element| {
            if inside.is_none() && element.name.local == field {
                inside = Some(element);
            }
        });
        if let Some(inside) = inside {
            at = (inside.at, format!("/HI1Object[{identifier}]/../{field}"));
        }
    }
    at
}
