//! What all routes have in common, said once: who may ask, how a refusal looks, and that a POST can be made once.

use super::{
    proposals::Word,
    slip::{Format, Holder},
};
use crate::problem::Refusal;
use axum::http::StatusCode;
use utoipa::{
    OpenApi, PartialSchema, ToSchema,
    openapi::{
        Content, HttpMethod, License, Object, OpenApi as Described, Ref, RefOr, Required, Response, Schema,
        Server,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem},
        schema::{Array, Components, SchemaType, Type},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
        tag::Tag,
    },
};

/// The names of the ways to be known.
pub(super) const SESSION: &str = "session";
const CSRF: &str = "csrf";
const KEY: &str = "key";
/// How the shapes of lists begin.
const LIST: &str = "List_";
/// The kind of a refusal's body.
const PROBLEM: &str = "application/problem+json";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Hefu",
        description = "Card payments of which none stays one-sided. Moments are milliseconds since 1970 (UTC), amounts \
                       minor units with their ISO 4217 number, errors problem+json (RFC 9457). Persons sign in \
                       (POST /api/session) and send X-CSRF-Token with whatever changes something; machines send \
                       Authorization: Bearer hefu_…. A POST with an Idempotency-Key is done once in 24 hours."
    ),
    tags(
        (name = "session", description = "Signing in and out, and one's own account"),
        (name = "payments", description = "Payments, and what a person decides about them"),
        (name = "proposals", description = "What waits for a second person"),
        (name = "watching", description = "How the gateway, its links and its terminals stand, and what changes, live"),
        (name = "people", description = "Accounts, keys of machines, and the audit log"),
    ),
    components(schemas(Holder, Format, Word))
)]
struct Description;

/// The description before its routes.
pub(super) fn beginning() -> Described {
    let mut description = Description::openapi();
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    description.info.license = Some(license);
    description.servers = Some(vec![Server::new("/")]);
    let components = description.components.get_or_insert_default();
    let header = |name, why| ApiKeyValue::with_description(name, why);
    let cookie = header(
        "hefu",
        "The session's cookie, set by POST /api/session; behind TLS it is called __Host-hefu.",
    );
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let csrf = header("X-CSRF-Token", "The session's `csrf`, with whatever changes something.");
    components.add_security_scheme(CSRF, SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("hefu_…");
    let bearer = bearer.description(Some("The key of a machine, from POST /api/keys."));
    components.add_security_scheme(KEY, SecurityScheme::Http(bearer.build()));
    components.schemas.insert(Refusal::name().into_owned(), Refusal::schema());
    description
}

/// The whole description: every route behind the guard says so.
pub(super) fn guarded(mut description: Described) -> Described {
    for (method, operation) in operations(&mut description) {
        let for_persons = operation.security.is_some();
        if operation.security.is_none() {
            let session = SecurityRequirement::new(SESSION, NO_SCOPES);
            let session = if changes(&method) { session.add(CSRF, NO_SCOPES) } else { session };
            operation.security = Some(vec![session, SecurityRequirement::new(KEY, NO_SCOPES)]);
        }
        if method == HttpMethod::Post && !for_persons {
            operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
        }
        for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
            operation.responses.responses.entry(status.as_str().to_owned()).or_insert_with(refusal);
        }
    }
    finished(description)
}

/// Adds the routes of a demonstration, which anybody may use.
pub(super) fn with_open(description: Described, mut extra: Described, tag: Tag) -> Described {
    for (_, operation) in operations(&mut extra) {
        operation.security = Some(Vec::new());
        operation.tags = Some(vec![tag.name.clone()]);
    }
    extra.tags = Some(vec![tag]);
    let extra = finished(extra);
    assert_eq!(twice(&description, &extra), None, "two shapes have one name");
    description.merge_from(extra)
}

/// A name that stands for one shape here and for another there: one of them would be lost.
fn twice<'a>(one: &Described, other: &'a Described) -> Option<&'a str> {
    let known = &one.components.as_ref()?.schemas;
    let mut more = other.components.as_ref()?.schemas.iter();
    more.find(|(name, shape)| known.get(*name).is_some_and(|known| known != *shape))
        .map(|(name, _)| name.as_str())
}

/// A list names the shape of its items, which the derived description writes out in each list.
fn name_items(components: &mut Components) {
    let lists = components.schemas.keys().filter_map(|name| name.strip_prefix(LIST));
    for of in lists.map(str::to_owned).collect::<Vec<_>>() {
        let list = components.schemas.get_mut(&format!("{LIST}{of}"));
        if let Some(RefOr::T(Schema::Object(list))) = list {
            list.properties.insert("items".to_owned(), Array::new(Ref::from_schema_name(of)).into());
        }
    }
}

const NO_SCOPES: [&str; 0] = [];

/// Says of every refusal how it looks, of every answer what it is, and of every query that it knows no null.
fn finished(mut description: Described) -> Described {
    description.components.iter_mut().for_each(name_items);
    for (_, operation) in operations(&mut description) {
        let takes = operation.request_body.is_some() || operation.parameters.is_some();
        let responses = &mut operation.responses.responses;
        if takes {
            responses.entry(StatusCode::BAD_REQUEST.as_str().to_owned()).or_insert_with(refusal);
        }
        responses.entry(StatusCode::TOO_MANY_REQUESTS.as_str().to_owned()).or_insert_with(refusal);
        responses.entry("default".to_owned()).or_insert_with(refusal);
        for (status, response) in responses {
            if let RefOr::T(response) = response {
                say(status, response);
            }
        }
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(Parameter { parameter_in: ParameterIn::Query, schema: Some(schema), .. }) =
                parameter
            {
                not_null(schema);
            }
        }
    }
    description
}

fn operations(description: &mut Described) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    description.paths.paths.values_mut().flat_map(|item| {
        let PathItem { get, put, post, delete, .. } = item;
        let all = [
            (HttpMethod::Get, get),
            (HttpMethod::Put, put),
            (HttpMethod::Post, post),
            (HttpMethod::Delete, delete),
        ];
        all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
    })
}

fn changes(method: &HttpMethod) -> bool {
    *method != HttpMethod::Get
}

fn refusal() -> RefOr<Response> {
    RefOr::T(Response::default())
}

/// A response says what it is; every refusal is a problem.
fn say(status: &str, response: &mut Response) {
    let number = status.parse().ok().and_then(|code| StatusCode::from_u16(code).ok());
    if response.description.is_empty() {
        response.description = match number {
            Some(code) => code.canonical_reason().unwrap_or("an answer").to_owned(),
            None => "Any other refusal".to_owned(),
        };
    }
    if number.is_none_or(|code| !code.is_success()) {
        let problem = Content::new(Some(Ref::from_schema_name(Refusal::name())));
        response.content = [(PROBLEM.to_owned(), RefOr::T(problem))].into_iter().collect();
    }
}

/// What may be left out of a query is left out: there is no way to write null.
fn not_null(schema: &mut RefOr<Schema>) {
    let is_null = |schema: &RefOr<Schema>| {
        matches!(schema, RefOr::T(Schema::Object(Object { schema_type: SchemaType::Type(Type::Null), .. })))
    };
    match schema {
        RefOr::T(Schema::Object(Object { schema_type: kind @ SchemaType::Array(_), .. })) => {
            if let SchemaType::Array(types) = kind {
                types.retain(|one| *one != Type::Null);
                if let [one] = types.as_slice() {
                    *kind = SchemaType::Type(one.clone());
                }
            }
        }
        RefOr::T(Schema::OneOf(one_of)) => {
            one_of.items.retain(|item| !is_null(item));
            if let [one] = one_of.items.as_slice() {
                *schema = one.clone();
            }
        }
        _ => {}
    }
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The same key again within 24 hours hears the first answer, and nothing is done twice.",
        ))
        .schema(Some(Object::with_type(Type::String)))
        .build()
}
