//! Work that may wait, on threads of its own: what asks much of the machine must not hold up who watches the floor.
//!
//! A lane is a runtime beside the server's own, whose threads the system lets run after others where it can tell threads
//! apart (Linux). The server's own runtime then has connections, streams and what is small; the board and the writer have
//! their own threads.

use futures_util::{Stream, StreamExt};
use std::future::pending;
use std::io;
use std::panic::resume_unwind;
use std::pin::pin;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

/// Where work is done: here, or in a lane. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Lane(Option<Handle>);

impl Lane {
    /// What the work comes to. It is given up when nobody waits for it any more.
    ///
    /// # Panics
    /// If the work does.
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> T {
        let Some(lane) = &self.0 else { return work.await };
        match AbortOnDropHandle::new(lane.spawn(work.in_current_span())).await.map_err(|error| error.try_into_panic()) {
            Ok(done) => done,
            Err(Ok(panic)) => resume_unwind(panic),
            // The lane has ended, and the server with it.
            Err(Err(_)) => pending().await,
        }
    }

    /// A stream whose items are made in the lane, one ahead of who takes them. It ends with who does.
    pub fn stream<T: Send + 'static>(self, items: impl Stream<Item = T> + Send + 'static) -> impl Stream<Item = T> {
        let (to, mut made) = mpsc::channel(1);
        self.spawn(async move {
            let mut items = pin!(items);
            let makes = async {
                while let Some(item) = items.next().await {
                    if to.send(item).await.is_err() {
                        break;
                    }
                }
            };
            tokio::select! {
                () = makes => {}
                () = to.closed() => {}
            }
        });
        futures_util::stream::poll_fn(move |context| made.poll_recv(context))
    }

    /// Goes on beside, until it is done.
    pub fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        match &self.0 {
            Some(lane) => drop(lane.spawn(work)),
            None => drop(tokio::spawn(work)),
        }
    }
}

/// The lanes of a server.
#[derive(Debug, Clone, Default)]
pub struct Lanes {
    /// Bodies of events: read, understood, and handed to the writer.
    pub events: Lane,
    /// Answers with an end, whole pages among them, replays, and what is made of the past now and then.
    pub answers: Lane,
}

/// How far behind others a lane's threads stand, in steps of `nice`: 1 : 3 and 1 : 9 where all have something to do.
const EVENTS_NICE: i32 = 5;
const ANSWERS_NICE: i32 = 10;

/// Keeps the lanes going. Ends them where it is told to, not where it is dropped: that may not be done within a runtime.
#[derive(Debug)]
pub struct Started {
    runtimes: [Runtime; 2],
    pub lanes: Lanes,
}

impl Started {
    /// # Errors
    /// If the system gives no threads.
    pub fn new() -> io::Result<Self> {
        let (events, answers) = (runtime("events", EVENTS_NICE)?, runtime("answers", ANSWERS_NICE)?);
        let lane = |runtime: &Runtime| Lane(Some(runtime.handle().clone()));
        let lanes = Lanes { events: lane(&events), answers: lane(&answers) };
        Ok(Self { runtimes: [events, answers], lanes })
    }

    /// Waits for nothing that is still done.
    pub fn end(self) {
        self.runtimes.into_iter().for_each(Runtime::shutdown_background);
    }
}

/// As many threads as there are cores; also those for what blocks stand behind.
fn runtime(name: &'static str, nice: i32) -> io::Result<Runtime> {
    Builder::new_multi_thread().enable_all().thread_name(name).on_thread_start(move || stand_behind(nice)).build()
}

/// A thread that may not is like any other.
#[cfg(target_os = "linux")]
fn stand_behind(nice: i32) {
    let _ = rustix::process::nice(nice);
}

/// Elsewhere it would be the whole process.
#[cfg(not(target_os = "linux"))]
const fn stand_behind(_nice: i32) {}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[test]
    fn what_takes_long_in_a_lane_holds_up_nobody_outside() {
        let started = Started::new().unwrap();
        let lane = started.lanes.answers.clone();
        let own = Builder::new_current_thread().build().unwrap();
        let (begun, has_begun) = oneshot::channel();
        let (go_on, waits) = std::sync::mpsc::channel::<()>();
        let answer = own.block_on(async {
            let hogs = async move {
                let _ = begun.send(());
                waits.recv().is_ok()
            };
            let asked = tokio::spawn(async move { lane.run(hogs).await });
            has_begun.await.unwrap();
            // This thread is free while that one is not.
            go_on.send(()).unwrap();
            asked.await.unwrap()
        });
        assert!(answer);
        started.end();
    }

    #[test]
    fn work_that_nobody_waits_for_is_given_up_and_a_panic_is_the_callers() {
        let started = Started::new().unwrap();
        let lane = started.lanes.answers.clone();
        let own = Builder::new_current_thread().enable_time().build().unwrap();
        own.block_on(async {
            let (held, given_up) = oneshot::channel::<()>();
            let never = lane.run(async move {
                let _held = held;
                pending::<()>().await;
            });
            assert!(tokio::time::timeout(Duration::from_millis(1), never).await.is_err());
            assert!(given_up.await.is_err());
            #[allow(clippy::panic)] // that is what is to be noticed
            let panics = tokio::spawn(async move { lane.run(async { panic!("on purpose") }).await });
            assert!(panics.await.unwrap_err().is_panic());
        });
        started.end();
    }

    #[test]
    fn a_stream_of_a_lane_comes_whole_and_ends_with_who_takes_it() {
        let started = Started::new().unwrap();
        let lane = started.lanes.answers.clone();
        let own = Builder::new_current_thread().build().unwrap();
        own.block_on(async {
            let whole: Vec<u32> = lane.clone().stream(futures_util::stream::iter(0..100)).collect().await;
            assert_eq!(whole, (0..100).collect::<Vec<_>>());
            let (held, given_up) = oneshot::channel::<()>();
            let never = futures_util::stream::once(async move {
                let _held = held;
                pending::<u32>().await
            });
            drop(lane.stream(never));
            assert!(given_up.await.is_err());
        });
        started.end();
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_lanes_threads_stand_behind_and_no_others() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let here = nice();
        let started = Started::new().unwrap();
        let own = Builder::new_current_thread().build().unwrap();
        let of = |lane: &Lane| own.block_on(lane.run(async move { nice() }));
        assert_eq!(of(&started.lanes.answers), (here + ANSWERS_NICE).min(19));
        assert_eq!(of(&started.lanes.events), (here + EVENTS_NICE).min(19));
        assert_eq!((of(&Lane::default()), nice()), (here, here));
        started.end();
    }
}
