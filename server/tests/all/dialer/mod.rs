//! A dialer with an HTTP interface, on a real socket: it keeps what it was asked, and answers as it is told to.
#![allow(clippy::unwrap_used, dead_code)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// What it does with a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Mood {
    Answers(StatusCode, String),
    /// Takes the request, and says nothing until its mood changes; then answers with that.
    Silent,
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

type Reply = Arc<dyn Fn(&Asked) -> Option<(StatusCode, String)> + Send + Sync>;

#[derive(Clone)]
struct Shared {
    asked: Arc<Mutex<Vec<Asked>>>,
    mood: watch::Receiver<Mood>,
    reply: Option<Reply>,
}

pub struct Dialer {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    mood: watch::Sender<Mood>,
    stop: CancellationToken,
}

impl Drop for Dialer {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Dialer {
    /// One that says yes to everything.
    pub async fn start() -> Self {
        Self::with(None).await
    }

    /// One that answers by what it is asked.
    pub async fn that(reply: impl Fn(&Asked) -> Option<(StatusCode, String)> + Send + Sync + 'static) -> Self {
        Self::with(Some(Arc::new(reply))).await
    }

    async fn with(reply: Option<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, moods) = watch::channel(Mood::Answers(StatusCode::OK, String::new()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let shared = Shared { asked: asked.clone(), mood: moods, reply };
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let router = Router::new().fallback(take).with_state(shared);
        tokio::spawn(async move {
            tokio::select! {
                served = axum::serve(listener, router).into_future() => served.unwrap(),
                () = stopped.cancelled() => {}
            }
        });
        Self { address, asked, mood, stop }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn is(&self, mood: Mood) {
        self.mood.send_replace(mood);
    }

    pub fn answers(&self, status: StatusCode, text: &str) {
        self.is(Mood::Answers(status, text.to_owned()));
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// What it was asked, as `pause` and `resume`.
    pub fn actions(&self) -> Vec<String> {
        self.asked().iter().map(|asked| asked.path.rsplit('/').next().unwrap().to_owned()).collect()
    }
}

async fn take(State(mut shared): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let asked = Asked { path: uri.to_string(), headers, body: String::from_utf8(body.to_vec()).unwrap() };
    shared.asked.lock().unwrap().push(asked.clone());
    if let Some((status, text)) = shared.reply.as_ref().and_then(|reply| reply(&asked)) {
        return (status, text).into_response();
    }
    let mood = shared.mood.wait_for(|mood| *mood != Mood::Silent).await.unwrap().clone();
    match mood {
        Mood::Answers(status, text) => (status, text).into_response(),
        Mood::Silent => unreachable!(),
    }
}
