//! LiveKit's server, asked who is in which room now.
//!
//! Only where configuration says, without following where that leads on; an answer is bounded in size and time.
//!
//! # Source
//! [RoomService](https://docs.livekit.io/reference/other/roomservice-api/) over Twirp, in JSON; its token is a JWT with the grant
//! of what is asked for.

use super::config::ApiConfig;
use super::protojson::Message;
use crate::kit::jwt;
use app::domain::Moment;
use futures_util::StreamExt;
use futures_util::stream;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use smol_str::SmolStr;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(5);
/// An answer has at most this many bytes: a thousand rooms.
const MAX_BODY: usize = 4 << 20;
/// Rooms asked about at one time, and in one round.
const AT_ONCE: usize = 8;
pub const MOST_ROOMS: usize = 500;
/// How long a token of ours holds.
const TOKEN_S: i64 = 60;

/// A room as it is now.
#[derive(Debug)]
pub struct Listed {
    pub room: SmolStr,
    /// Who is in it; nothing where it was not asked about.
    pub participants: Option<Vec<Value>>,
}

/// Cheap to clone.
#[derive(Debug, Clone)]
pub struct Api {
    http: Client,
    config: ApiConfig,
}

impl Api {
    /// # Errors
    /// If the HTTP client can't be made.
    pub fn new(config: ApiConfig) -> Result<Self, String> {
        // Another part of the program may have installed it before: then that one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().timeout(TIMEOUT).redirect(Policy::none()).no_proxy().build();
        Ok(Self { http: http.map_err(|error| error.to_string())?, config })
    }

    pub const fn every(&self) -> Duration {
        self.config.every
    }

    /// All rooms, and who is in them; of those that `first` names, before others are asked about.
    ///
    /// # Errors
    /// Why the server can't be asked.
    pub async fn rooms(&self, first: impl Fn(&str) -> bool, now: Moment) -> Result<Vec<Listed>, String> {
        let answer = self.ask("ListRooms", &json!({}), &json!({ "roomList": true }), now).await?;
        let answer = answer.ok_or("it knows nothing of rooms")?;
        let mut rooms: Vec<(SmolStr, String)> =
            list(&answer, "rooms").into_iter().filter_map(|room| named(&room)).collect();
        rooms.sort_by_key(|(sid, _)| !first(sid));
        let beyond = rooms.split_off(rooms.len().min(MOST_ROOMS));
        let asked = stream::iter(rooms).map(|(room, name)| async move {
            let grants = json!({ "roomAdmin": true, "room": name });
            let answer = self.ask("ListParticipants", &json!({ "room": name }), &grants, now).await?;
            // It has closed meanwhile.
            Ok::<_, String>(Listed {
                room,
                participants: Some(answer.map_or_else(Vec::new, |answer| list(&answer, "participants"))),
            })
        });
        let listed: Vec<Result<Listed, String>> = asked.buffer_unordered(AT_ONCE).collect().await;
        let mut listed = listed.into_iter().collect::<Result<Vec<_>, _>>()?;
        listed.extend(beyond.into_iter().map(|(room, _)| Listed { room, participants: None }));
        Ok(listed)
    }

    /// `None` where there is no such room.
    async fn ask(&self, method: &str, body: &Value, grants: &Value, now: Moment) -> Result<Option<Value>, String> {
        let (key, secret) = (&self.config.key, self.config.secret.reveal());
        let at = now.secs();
        let claims =
            json!({ "iss": key, "sub": "ringside", "nbf": at - TOKEN_S, "exp": at + TOKEN_S, "video": grants });
        let url = format!("{}/twirp/livekit.RoomService/{method}", self.config.url.as_str().trim_end_matches('/'));
        let post = self.http.post(url).bearer_auth(jwt::signed(&claims, secret.as_bytes()));
        let post = post.header("content-type", "application/json").body(body.to_string());
        let mut answer = post.send().await.map_err(|error| why(&error))?;
        let status = answer.status();
        let mut text = Vec::new();
        while let Some(piece) = answer.chunk().await.map_err(|error| why(&error))? {
            text.extend_from_slice(&piece);
            if text.len() > MAX_BODY {
                return Err(format!("{method}: its answer is over {} MiB", MAX_BODY >> 20));
            }
        }
        let value: Value = serde_json::from_slice(&text).unwrap_or_default();
        match status {
            StatusCode::OK => Ok(Some(value)),
            StatusCode::NOT_FOUND if value["code"] == "not_found" => Ok(None),
            _ => Err(format!(
                "{method}: it answers {status}{}",
                match value["code"].as_str() {
                    Some(code) if code.len() < 40 => format!(" ({code})"),
                    Some(_) | None => String::new(),
                }
            )),
        }
    }
}

fn list(answer: &Value, name: &str) -> Vec<Value> {
    answer[name].as_array().cloned().unwrap_or_default()
}

/// A room's session, and the name by which it is asked about.
fn named(room: &Value) -> Option<(SmolStr, String)> {
    let room = Message::whole(room).ok()?;
    Some((room.text("sid").ok()??.into(), room.text("name").ok()??.to_owned()))
}

fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        format!("no answer within {} s", TIMEOUT.as_secs())
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "the answer broke off".to_owned()
    }
}
