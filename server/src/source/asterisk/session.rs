//! The connection to one PBX: log in, ask for the state, read, and come back when it breaks.
//!
//! A task of its own reads the socket into a bounded buffer and never waits for ingest: Asterisk drops a client that
//! reads too slowly. Where the buffer is full, messages are dropped and counted, and the state is asked for again, as
//! after each reconnect. Logging in is `login`'s, what the messages mean is `follow`'s, when to try again `line`'s, and what
//! can't be taken at once is the feed's.

use super::codec::{Action, AmiCodec, Frame, Message};
use super::config::{AsteriskConfig, ConfigError};
use super::counters::Counters;
use super::endpoints::pjsip_endpoints;
use super::follow::Follow;
use super::gaps::Gaps;
use super::login::log_in;
use super::queue_log::missed::{self, Reading};
use super::recall::Memory;
use crate::clock::Clock;
use crate::kit::secret::Secret;
use crate::source::feed::{Feed, GivenUp, Patience, State, Target};
use crate::source::line::{self, Ended, Last, Line};
use app::domain::event::{Data, Event, HealthSample, Text};
use app::domain::ids::ComponentId;
use app::domain::outcome::{ComponentKind, Health};
use app::domain::time::Moment;
use chrono_tz::Tz;
use futures_util::{SinkExt, StreamExt};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{ReadHalf, WriteHalf};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::codec::{FramedRead, FramedWrite};

/// Messages between the socket and ingest: some seconds of a large floor, 30 MB at most.
pub(super) const BUFFERED_MESSAGES: usize = 16_384;
/// Messages followed before their events are handed on.
const MESSAGES_AT_ONCE: usize = 512;
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// `FullyBooted` comes only to users that may read `system`; without it the state is asked for after this.
const BOOTED_WITHIN: Duration = Duration::from_secs(5);
const PING_EVERY: Duration = Duration::from_secs(10);
/// A connection on which nothing comes for this long, pings or events, is dead.
const SILENT_FOR: Duration = Duration::from_secs(25);
const TICK_EVERY: Duration = Duration::from_secs(1);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error("cannot connect to {address}: {error}")]
    Connect { address: String, error: io::Error },
    #[error("{0} did not answer in time")]
    Slow(&'static str),
    #[error("the connection broke: {0}")]
    Io(#[from] io::Error),
    #[error("Asterisk closed the connection")]
    Closed,
    #[error("login refused ({0}): check user, secret and permissions in the PBX's manager.conf")]
    Login(String),
    #[error("nothing heard for {} s", SILENT_FOR.as_secs())]
    Silent,
    #[error("the server is stopping")]
    Stopping,
}

/// What a session works with.
#[derive(Debug)]
pub struct World<T, M> {
    pub feed: Feed<T>,
    pub memory: M,
    pub counters: Arc<Counters>,
    /// The site's zone, for what people read.
    pub zone: Tz,
}

pub(super) type Reader = FramedRead<ReadHalf<TcpStream>, AmiCodec>;
pub(super) type Writer = FramedWrite<WriteHalf<TcpStream>, AmiCodec>;

/// Follows one PBX until the server stops.
///
/// # Errors
/// Only where the configuration is wrong; a PBX that can't be reached is tried again, and reported as offline.
pub async fn run<T: Target + Clone, M: Memory>(config: AsteriskConfig, world: World<T, M>) -> Result<(), ConfigError> {
    let secret = config.secret()?;
    let config = Arc::new(config);
    let follow = Follow::new(config.clone(), world.counters.clone());
    let World { feed, memory, counters, zone } = world;
    let clock = feed.clock().clone();
    // Before anything is told anew.
    let loss = memory.heard().await.unwrap_or_else(|error| {
        tracing::warn!("asterisk: when it was last heard can't be looked up: {error}");
        None
    });
    let gaps = Gaps::new(zone);
    let watched = feed.clone();
    let mut session =
        Session { config, secret, follow, feed, memory, counters, clock, heard: None, loss, gaps, missed: None };
    line::run(&mut session, &watched).await;
    Ok(())
}

struct Session<T, M> {
    config: Arc<AsteriskConfig>,
    secret: Secret,
    follow: Follow,
    feed: Feed<T>,
    memory: M,
    counters: Arc<Counters>,
    clock: Clock,
    /// When anything was last heard.
    heard: Option<Moment>,
    /// When the gap began that the next resync closes.
    loss: Option<Moment>,
    gaps: Gaps,
    /// What the queues' log tells of the last gap, while it is read.
    missed: Option<Reading>,
}

/// One connection's state.
struct Link {
    writer: Writer,
    messages: mpsc::Receiver<Message>,
    /// Messages dropped as of the resync that runs: if more are, its lists are not whole.
    dropped: u64,
    resync: u32,
    /// The state is to be asked for at this time.
    ask_at: Option<Instant>,
    pinged: Option<Instant>,
    heard: Instant,
}

impl<T: Target, M: Memory> Session<T, M> {
    /// Connects, and follows until something breaks.
    async fn connect_and_follow(&mut self) -> Result<std::convert::Infallible, Broken> {
        let address = self.config.address.clone();
        let connecting = timeout(CONNECT_WITHIN, TcpStream::connect(&address));
        let socket = tokio::select! {
            done = connecting => done.map_err(|_| Broken::Slow("connecting"))?.map_err(|error| Broken::Connect { address, error })?,
            () = self.feed.stop().cancelled() => return Err(Broken::Stopping),
        };
        socket.set_nodelay(true)?;
        let (read, write) = tokio::io::split(socket);
        let (mut reader, mut writer) =
            (FramedRead::new(read, AmiCodec::default()), FramedWrite::new(write, AmiCodec::default()));
        let early = log_in(&mut reader, &mut writer, &self.config.user, &self.secret).await?;
        self.counters.connections.add(1);
        self.feed.is(State::Well);
        tracing::info!(address = %self.config.address, "asterisk: logged in");

        let (to_us, messages) = mpsc::channel(BUFFERED_MESSAGES);
        let reading = tokio::spawn(read_all(reader, to_us, self.counters.clone()));
        let now = Instant::now();
        let link = Link {
            writer,
            messages,
            dropped: 0,
            resync: 0,
            ask_at: Some(now + BOOTED_WITHIN),
            pinged: None,
            heard: now,
        };
        let broken = self.follow_link(link, early).await;
        reading.abort();
        broken
    }

    async fn follow_link(&mut self, mut link: Link, early: Vec<Message>) -> Result<std::convert::Infallible, Broken> {
        let mut ticks = tokio::time::interval(TICK_EVERY);
        let mut pings = tokio::time::interval(PING_EVERY);
        let mut batch = early;
        self.take_in(&mut link, &mut batch).await?;
        loop {
            let dropped = self.counters.messages_dropped.get();
            if dropped != link.dropped && link.ask_at.is_none() {
                link.dropped = dropped;
                self.loss = self.loss.or(self.heard);
                link.ask_at = Some(Instant::now() + TICK_EVERY);
            }
            tokio::select! {
                n = link.messages.recv_many(&mut batch, MESSAGES_AT_ONCE) => {
                    if n == 0 {
                        return Err(Broken::Closed);
                    }
                    self.take_in(&mut link, &mut batch).await?;
                }
                now = ticks.tick() => {
                    if link.ask_at.is_some_and(|at| at <= now) {
                        self.ask(&mut link).await?;
                    }
                    let events = self.follow.tick(self.clock.now());
                    self.submit(events).await?;
                    self.tell_missed().await?;
                    if link.heard.elapsed() > SILENT_FOR {
                        return Err(Broken::Silent);
                    }
                }
                _ = pings.tick() => {
                    link.pinged = Some(Instant::now());
                    link.writer.send(Action::new("Ping", "ping")).await?;
                }
                () = self.feed.stop().cancelled() => {
                    // Politeness: nothing depends on it.
                    let _ = timeout(ANSWER_WITHIN, link.writer.send(Action::new("Logoff", "bye"))).await;
                    return Err(Broken::Stopping);
                }
            }
        }
    }

    /// Follows a batch of messages and hands on what they tell.
    async fn take_in(&mut self, link: &mut Link, batch: &mut Vec<Message>) -> Result<(), Broken> {
        let now = self.clock.now();
        if let Some(message) = batch.last() {
            (self.heard, link.heard) = (Some(now), Instant::now());
            self.feed.heard_payload(&message.shown());
        }
        let mut events = Vec::new();
        let mut answered = None;
        for message in batch.drain(..) {
            events.extend(self.follow.message(&message, now));
            events.extend(self.concluded(link, &message, now));
            if message.get("ActionID") == Some("ping") {
                answered = link.pinged.take();
            }
        }
        self.submit(events).await?;
        if let Some(since) = answered {
            let gaps = self.gaps.said(now);
            self.health(Health::Healthy, Some(since.elapsed()), gaps.as_deref()).await?;
        }
        Ok(())
    }

    /// Hands on what the queues' log tells of a gap, once it was read.
    async fn tell_missed(&mut self) -> Result<(), Broken> {
        let read = match self.missed.take() {
            Some(reading) if reading.is_finished() => reading.await,
            reading => {
                self.missed = reading;
                return Ok(());
            }
        };
        match read {
            Ok(Ok(events)) => self.submit(events).await,
            Ok(Err(error)) => {
                tracing::warn!("asterisk: source.asterisk.queue_log can't be read: {error}");
                Ok(())
            }
            // It panicked, or the server is stopping.
            Err(_) => Ok(()),
        }
    }

    /// What ends a list, or says that Asterisk is up.
    fn concluded(&mut self, link: &mut Link, message: &Message, now: Moment) -> Vec<Event> {
        let ours = |what: &str| message.get("ActionID") == Some(format!("{what}-{}", link.resync).as_str());
        match message.get("Event") {
            Some("FullyBooted") => {
                link.ask_at = Some(Instant::now());
                Vec::new()
            }
            Some("CoreShowChannelsComplete") if ours("channels") => {
                // Where messages were dropped meanwhile the list may lack calls that are up: it is asked for again.
                if self.counters.messages_dropped.get() != link.dropped {
                    return Vec::new();
                }
                let lost = self.loss.take();
                if let Some(from) = lost {
                    self.gaps.note(from, now);
                    self.missed = missed::read(&self.config, from, now);
                }
                self.follow.channels_listed(lost.unwrap_or(now), now)
            }
            Some("QueueStatusComplete") if ours("queues") => self.follow.queues_listed(now),
            _ => Vec::new(),
        }
    }

    /// Asks for all that is up.
    async fn ask(&mut self, link: &mut Link) -> Result<(), Broken> {
        self.counters.resyncs.add(1);
        link.ask_at = None;
        link.dropped = self.counters.messages_dropped.get();
        self.recall().await;
        link.resync = self.follow.begin_resync();
        let id = |what: &str| format!("{what}-{}", link.resync);
        // Queues first for who sits where, so that agents on the channels go by their names; and again for who waits.
        let mut actions = vec![
            Action::new("QueueStatus", &id("members")),
            Action::new("CoreShowChannels", &id("channels")),
            Action::new("QueueStatus", &id("queues")),
        ];
        // The list of contacts lacks those that stand in the configuration: each endpoint is asked for by itself.
        let pjsip = pjsip_endpoints(&self.config.routes);
        actions
            .extend(pjsip.map(|endpoint| Action::new("PJSIPShowEndpoint", &id("endpoint")).with("Endpoint", endpoint)));
        actions.push(Action::new("PJSIPShowRegistrationsOutbound", &id("registrations")));
        for action in actions {
            link.writer.feed(action).await?;
        }
        Ok(link.writer.flush().await?)
    }

    /// Looks up which calls were up as far as anybody was told.
    async fn recall(&mut self) {
        match self.memory.up().await {
            Ok(up) => self.follow.recall(up),
            Err(error) => {
                tracing::warn!("asterisk: calls of before can't be looked up, those that ended stay open: {error}");
            }
        }
    }

    async fn health(&mut self, status: Health, latency: Option<Duration>, detail: Option<&str>) -> Result<(), Broken> {
        let sample = HealthSample {
            component: ComponentId::trusted(self.config.realm.to_smol()),
            kind: ComponentKind::TelephonyApi,
            status,
            latency_ms: latency.map(|l| l.as_secs_f64() * 1_000.0),
            detail: detail.map(Text::clipped),
            link: None,
        };
        let event = self.follow.about_itself(Data::HealthSample(sample), self.clock.now());
        self.submit(vec![event]).await
    }

    /// Hands events on, waiting for as long as ingest can't take them; the buffer fills meanwhile.
    async fn submit(&mut self, events: Vec<Event>) -> Result<(), Broken> {
        // Ingest never says "never": only the server's end gives them up.
        self.feed.hand_on(&events, Patience::WhileRunning).await.map(drop).map_err(|_| Broken::Stopping)
    }
}

impl<T: Target, M: Memory> Line for Session<T, M> {
    async fn connection(&mut self) -> Ended {
        let before = self.counters.connections.get();
        let broken = match self.connect_and_follow().await {
            Ok(never) => match never {},
            Err(broken) => broken,
        };
        if self.feed.stop().is_cancelled() || matches!(broken, Broken::Stopping) {
            return Ended::Stopping;
        }
        tracing::warn!(address = %self.config.address, "asterisk: {broken}");
        let last = if self.counters.connections.get() > before { Last::LetUsIn } else { Last::Failed };
        Ended::Broken { why: broken.to_string(), last }
    }

    async fn lost(&mut self, why: &str) -> Result<(), GivenUp> {
        self.loss = self.loss.or(self.heard);
        self.health(Health::Offline, None, Some(why)).await.map_err(|_| GivenUp::Stopping)
    }
}

/// Reads until the connection ends. Never waits: what the buffer can't hold is dropped and counted.
async fn read_all(mut reader: Reader, to: mpsc::Sender<Message>, counters: Arc<Counters>) {
    while let Some(Ok(frame)) = reader.next().await {
        match frame {
            Frame::Message(message) => {
                counters.messages.add(1);
                match to.try_send(message) {
                    Ok(()) => {}
                    Err(mpsc::error::TrySendError::Full(_)) => counters.messages_dropped.add(1),
                    Err(mpsc::error::TrySendError::Closed(_)) => return,
                }
            }
            Frame::TooLong => counters.messages_too_long.add(1),
            Frame::Banner(_) => {}
        }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
pub(super) mod tests;
