//! Every table as CSV (RFC 4180): by `Accept: text/csv`, `format=csv`, or `.csv` at the end of the address of a list.
//!
//! What does not fit into one answer is told in its head: `Link: …; rel="next"` leads to the next page (RFC 8288), and
//! `ringside-more-rows` says how many rows a frame's table leaves out.
//!
//! Made of the JSON that the route answers, so that both say the same: of row lists their rows, of series their points, of
//! a frame the table named by `table=` (`pdd.points` where a panel has several). Numbers are masked by then. A text that a spreadsheet would take for a formula is
//! led by an apostrophe (`kit::sheet`).

use super::error::ApiError;
use crate::access::principal::{Asker, Principal, PrincipalKind, Role};
use crate::access::proxies::Client;
use crate::control::exports::{Export, Exports};
use crate::kit::sheet::{harmless, put};
use crate::store::StoreError;
use app::domain::Moment;
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, LINK};
use axum::http::{Extensions, HeaderName, HeaderValue, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// Largest answer that is turned into CSV: a thousand rows of facts are far below.
const MAX_BYTES: usize = 16 << 20;

/// What is an export in any form.
const CALLS: &str = "/api/v1/calls";
/// Characters of an address in the audit log.
const MAX_WHAT: usize = 300;
/// The times of rows, of which a row has one.
const TIMES: [&str; 4] = ["filed_at", "t", "at", "from"];

/// How many rows are left out.
const MORE_ROWS: HeaderName = HeaderName::from_static("ringside-more-rows");
/// Addresses that may end in `.csv`. Those that end in an id of somebody's choice may not: the id may end so, too.
const LISTS: [&str; 9] = [
    "/api/v1/kpis",
    "/api/v1/facts",
    "/api/v1/calls",
    "/api/v1/audit",
    "/api/v1/annotations",
    "/api/v1/views/live",
    "/api/v1/views/monitor",
    "/api/v1/views/daily",
    "/api/v1/views/trend",
];

/// Takes `.csv` off the address of a list and asks for CSV by parameter: once, before the route is looked for.
#[must_use]
pub fn by_name(mut request: Request) -> Request {
    if let Some(plain) = plain(request.uri()) {
        *request.uri_mut() = plain;
    }
    request
}

fn plain(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix(".csv")?;
    let is_kpis = |of: &str| path.strip_prefix(of).is_some_and(|id| !id.is_empty() && !id.contains('/'));
    if !(LISTS.contains(&path) || is_kpis("/api/v1/kpis/") || is_kpis("/api/v1/series/")) {
        return None;
    }
    let query = uri.query().filter(|query| !query.is_empty()).map_or_else(String::new, |query| format!("{query}&"));
    format!("{path}?{query}format=csv").parse().ok()
}

/// Answers with CSV where that is asked for. What is given to take away, and lists of calls, are in the audit log before.
pub async fn offer(State(exports): State<Arc<Exports>>, mut request: Request, next: Next) -> Response {
    let accepts = |value: &HeaderValue| value.to_str().is_ok_and(|v| v.trim_start().starts_with("text/csv"));
    let by_header = request.headers().get(ACCEPT).is_some_and(accepts);
    let Some((rest, by_parameter, table)) = split(request.uri()) else { return next.run(request).await };
    let address = request.extensions().get::<OriginalUri>().map_or_else(|| request.uri().clone(), |uri| uri.0.clone());
    let form = match (by_header || by_parameter, address.path() == CALLS) {
        (true, _) => Form::Csv,
        (false, true) => Form::AsItIs,
        (false, false) => return next.run(request).await,
    };
    let by = asker(request.extensions());
    *request.uri_mut() = rest;
    let response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    match given(response, form, table.as_deref(), &address, |told| exports.note(taken(by, told, &address))).await {
        Ok(given) => given,
        Err(error) => error.into_response(),
    }
}

/// In which form rows are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    AsItIs,
}

/// What rows tell of.
struct Told {
    during: Option<(Moment, Moment)>,
    rows: usize,
}

fn asker(extensions: &Extensions) -> Asker {
    let client = extensions.get().copied().unwrap_or(Client::NONE);
    let anybody = || Principal::new(PrincipalKind::Anybody, Role::NONE);
    extensions.get().cloned().unwrap_or_else(anybody).asker(client)
}

/// What the audit log tells of rows that are given.
fn taken(Asker { who, from }: Asker, told: Told, address: &Uri) -> Export {
    let asked = address.query().unwrap_or_default().split('&');
    let asked: Vec<&str> = asked.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
    let path = address.path();
    let what = if asked.is_empty() { path.to_owned() } else { format!("{path}?{}", asked.join("&")) };
    Export { who, from, what: what.chars().take(MAX_WHAT).collect(), during: told.during, rows: told.rows }
}

/// The span that an answer tells of: its own, that of its rows, or its day.
fn during(answer: &Value, rows: &[Value]) -> Option<(Moment, Moment)> {
    let at = |value: &Value| value.as_str().and_then(|text| Moment::parse(text).ok());
    let own = |of: &Value, to: &str| at(&of["from"]).zip(at(&of[to]));
    own(answer, "to").or_else(|| {
        let times = |row: &Value| TIMES.iter().find_map(|name| at(&row[*name]));
        let moments: Vec<Moment> = rows.iter().filter_map(times).collect();
        let rows = moments.iter().min().copied().zip(moments.iter().max().copied());
        rows.or_else(|| own(&answer["day"], "until")).or_else(|| own(&answer["span"], "until"))
    })
}

/// The address without what is ours, whether CSV was asked for, and which table.
fn split(uri: &Uri) -> Option<(Uri, bool, Option<String>)> {
    let (mut asked, mut table, mut rest) = (false, None, Vec::new());
    for pair in uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("format", "csv")) => asked = true,
            Some(("format", "json")) => {}
            Some(("table", name)) => table = Some(name.to_owned()),
            Some(_) | None => rest.push(pair),
        }
    }
    let path = uri.path();
    let address = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
    Some((address.parse().ok()?, asked, table))
}

async fn given<N: Future<Output = Result<(), StoreError>>>(
    response: Response,
    form: Form,
    table: Option<&str>,
    address: &Uri,
    note: impl FnOnce(Told) -> N,
) -> Result<Response, ApiError> {
    let (mut head, body) = response.into_parts();
    let bytes =
        to_bytes(body, MAX_BYTES).await.map_err(|_| ApiError::TooLarge { what: "the table", limit: MAX_BYTES })?;
    let answer = serde_json::from_slice(&bytes).and_then(exact);
    let answer = answer.map_err(|_| ApiError::NoMeaning("there is no table here".to_owned()))?;
    let rows = rows(&answer, table)?;
    note(Told { during: during(&answer, rows), rows: rows.len() }).await?;
    if form == Form::AsItIs {
        return Ok(Response::from_parts(head, Body::from(bytes)));
    }
    let csv = write(rows, &answer);
    head.headers.remove(CONTENT_LENGTH);
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8; header=present"));
    head.headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"ringside.csv\""));
    if let Some(next) = answer["next_cursor"].as_str().and_then(|cursor| next_page(address, cursor)) {
        head.headers.insert(LINK, next);
    }
    let more = &table.map_or(&answer, |table| within(&answer, table))["more"];
    if let Some(more) = more.as_u64().filter(|more| *more > 0) {
        head.headers.insert(MORE_ROWS, HeaderValue::from(more));
    }
    Ok(Response::from_parts(head, Body::from(csv)))
}

/// An answer whose numbers are written with the very digits that they were read with. The library reads decimals fast, and
/// now and then misses the last digit.
fn exact(text: &RawValue) -> serde_json::Result<Value> {
    let text = text.get();
    match text.as_bytes().first() {
        Some(b'{') => {
            let members: BTreeMap<String, &RawValue> = serde_json::from_str(text)?;
            members.into_iter().map(|(name, value)| Ok((name, exact(value)?))).collect()
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text)?;
            items.into_iter().map(exact).collect()
        }
        Some(b'-' | b'0'..=b'9') if text.contains(['.', 'e', 'E']) => {
            Ok(text.parse().ok().and_then(Number::from_f64).map_or(Value::Null, Value::Number))
        }
        Some(_) | None => serde_json::from_str(text),
    }
}

/// The address that was asked for, at another place of the list.
fn next_page(address: &Uri, cursor: &str) -> Option<HeaderValue> {
    let others = address.query().unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: String = others.map(|pair| format!("{pair}&")).collect();
    HeaderValue::from_str(&format!("<{}?{query}cursor={cursor}>; rel=\"next\"", address.path())).ok()
}

/// A member by its path: `pdd.points`.
fn within<'a>(answer: &'a Value, path: &str) -> &'a Value {
    path.split('.').fold(answer, |within, part| &within[part])
}

/// The rows of an answer.
fn rows<'a>(answer: &'a Value, table: Option<&str>) -> Result<&'a [Value], ApiError> {
    let list = match (answer, table) {
        (Value::Array(list), None) => Some(list),
        (Value::Object(_), None) => ["rows", "points"].iter().find_map(|name| answer[*name].as_array()),
        (_, Some(name)) => within(answer, name)["rows"].as_array(),
        (_, None) => None,
    };
    list.map(Vec::as_slice).ok_or_else(|| {
        let why = format!("names none; there are {}", tables(answer).join(", "));
        ApiError::Query { parameter: "table", why }
    })
}

/// The names of an answer's tables, and of those within its members.
fn tables(answer: &Value) -> Vec<String> {
    let members = |of: &'_ Value| -> Vec<(String, Value)> {
        of.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let is_table = |value: &Value| value["rows"].is_array();
    let mut names = Vec::new();
    for (name, member) in members(answer) {
        if is_table(&member) {
            names.push(name);
        } else {
            names.extend(
                members(&member).iter().filter(|(_, v)| is_table(v)).map(|(inner, _)| format!("{name}.{inner}")),
            );
        }
    }
    names
}

fn write(rows: &[Value], answer: &Value) -> Vec<u8> {
    let flat: Vec<Map<String, Value>> = rows.iter().map(|row| flattened(row, answer)).collect();
    let mut columns: Vec<&String> = Vec::new();
    for column in flat.iter().flat_map(Map::keys) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let mut out = String::new();
    if !columns.is_empty() {
        // Names of metadata are columns, too, and somebody's choice.
        line(&mut out, columns.iter().map(|column| harmless(column)));
    }
    for row in &flat {
        line(&mut out, columns.iter().map(|column| row.get(*column).map_or(Cow::Borrowed(""), cell)));
    }
    out.into_bytes()
}

fn line<'a>(out: &mut String, cells: impl Iterator<Item = Cow<'a, str>>) {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            out.push(',');
        }
        put(out, &cell);
    }
    out.push_str("\r\n");
}

/// Members of members and of lists in columns of their own; lists by day or week under its name.
fn flattened(row: &Value, answer: &Value) -> Map<String, Value> {
    let labels = |table: &str, name: &str| -> Vec<String> {
        let rows = answer[table]["rows"].as_array().into_iter().flatten();
        rows.filter_map(|row| row[name].as_str().map(str::to_owned)).collect()
    };
    let mut flat = Map::new();
    for (name, value) in row.as_object().into_iter().flatten() {
        match value {
            Value::Object(members) => {
                flat.extend(members.iter().map(|(member, value)| (format!("{name}.{member}"), value.clone())));
            }
            Value::Array(list) => {
                let names =
                    [labels("days", "date"), labels("weeks", "week")].into_iter().find(|l| l.len() == list.len());
                for (i, value) in list.iter().enumerate() {
                    let label = names.as_ref().map_or_else(|| i.to_string(), |names| names[i].clone());
                    flat.insert(format!("{name} {label}"), value.clone());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                flat.insert(name.clone(), value.clone());
            }
        }
    }
    flat
}

/// No spreadsheet runs what a caller's name says.
fn cell(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => harmless(text),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Cow::Owned(value.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    fn text(answer: &Value, table: Option<&str>) -> String {
        String::from_utf8(write(rows(answer, table).unwrap(), answer)).unwrap()
    }

    #[test]
    fn texts_are_quoted_and_never_formulas_and_numbers_stay() {
        let answer = json!({ "rows": [{ "key": "=cmd|' /C calc'!A1", "n": -5 }, { "key": "a \"b\", c\nd", "n": 1.5, "x": null }, { "key": "+1202", "n": null }] });
        let expected = "key,n,x\r\n\"'=cmd|' /C calc'!A1\",-5,\r\n\"a \"\"b\"\", c\nd\",1.5,\r\n\"'+1202\",,\r\n";
        assert_eq!(text(&answer, None), expected);
    }

    #[test]
    fn a_number_has_the_same_digits_in_both() {
        for whole in 1..1_200 {
            let values: Vec<f64> = (0..whole).step_by(7).map(|part| f64::from(part) / f64::from(whole)).collect();
            let rows: Vec<Value> = values.iter().map(|n| json!({ "n": n, "in": [{ "side": -n * 1e9 }] })).collect();
            let json = json!({ "rows": rows, "text": "a \"b\" 0.1", "none": null, "big": i64::MAX }).to_string();
            let answer = exact(serde_json::from_str(&json).unwrap()).unwrap();
            assert_eq!(answer.to_string(), json);
        }
    }

    #[test]
    fn members_and_days_have_columns_of_their_own() {
        let answer = json!({ "days": { "rows": [{ "date": "2026-11-20" }, { "date": "2026-11-21" }] },
            "abandon": { "rows": [{ "campaign": "c", "abandoned": [1, 2], "before": { "part": 3, "whole": 4 } }] } });
        assert_eq!(
            text(&answer, Some("abandon")),
            "abandoned 2026-11-20,abandoned 2026-11-21,before.part,before.whole,campaign\r\n1,2,3,4,c\r\n"
        );
        let why = rows(&answer, Some("nothing")).unwrap_err().to_string();
        assert!(why.contains("abandon, days"), "{why}");
    }

    #[test]
    fn a_lists_address_may_end_in_csv_and_a_calls_id_is_its_own() {
        let plain = |address: &str| plain(&address.parse().unwrap()).map(|uri| uri.to_string());
        assert_eq!(plain("/api/v1/facts.csv?by=did").unwrap(), "/api/v1/facts?by=did&format=csv");
        assert_eq!(plain("/api/v1/kpis/aht.csv").unwrap(), "/api/v1/kpis/aht?format=csv");
        for address in ["/api/v1/calls/pbx/a.csv", "/api/v1/views/monitor/a.csv", "/api/v1/facts", "/x.csv"] {
            assert_eq!(plain(address), None, "{address}");
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_told_in_the_head() {
        let answered = |answer: Value, table: Option<&'static str>| async move {
            let response = Response::new(Body::from(answer.to_string()));
            let address = "/api/v1/facts.csv?cursor=1&limit=1".parse().unwrap();
            given(response, Form::Csv, table, &address, |_| async { Ok(()) }).await.unwrap()
        };
        let rows = json!({ "rows": [{ "key": "a" }], "next_cursor": "2" });
        let next = "</api/v1/facts.csv?limit=1&cursor=2>; rel=\"next\"";
        assert_eq!(answered(rows, None).await.headers()[LINK], next);
        let frame = json!({ "routes": { "rows": [{ "key": "a" }], "more": 7 }, "dids": { "rows": [], "more": 0 } });
        assert_eq!(answered(frame.clone(), Some("routes")).await.headers()[MORE_ROWS], "7");
        let whole = answered(frame, Some("dids")).await;
        assert!(!whole.headers().contains_key(MORE_ROWS) && !whole.headers().contains_key(LINK));
    }

    #[test]
    fn a_table_within_a_panel_is_named_by_both() {
        let answer = json!({ "pdd": { "countries": { "rows": [] }, "points": { "rows": [{ "t": "x", "n": 1 }] } } });
        assert_eq!(text(&answer, Some("pdd.points")), "n,t\r\n1,x\r\n");
        let why = rows(&answer, Some("pdd")).unwrap_err().to_string();
        assert!(why.contains("pdd.countries, pdd.points"), "{why}");
    }

    #[test]
    fn what_is_ours_is_taken_off_the_address() {
        let (rest, asked, table) = split(&"/views/trend?days=7&format=csv&table=aht".parse().unwrap()).unwrap();
        assert_eq!((rest.to_string().as_str(), asked, table.as_deref()), ("/views/trend?days=7", true, Some("aht")));
        assert_eq!(split(&"/facts".parse().unwrap()).unwrap(), ("/facts".parse().unwrap(), false, None));
    }
}
