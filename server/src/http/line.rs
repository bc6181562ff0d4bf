//! A connection that is cut when its other end does not take what it is sent.
//!
//! A viewer that stops reading, and never closes, would hold its place and what was encoded for it as long as it likes.
//! While something waits to go out, the other end takes a least number of bytes a while, or the connection is over.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How long what waits to go out may go on waiting, at too slow a pace.
pub const LOOKED_AT: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Line<S, F> {
    stream: S,
    /// What is taken is looked at as often as this.
    every: Duration,
    /// Bytes that are then to be gone.
    least: u64,
    spell: Option<Spell>,
    /// Told when the connection is cut.
    cut: F,
    heard: Heard,
}

/// Whether the other end has sent anything that nothing was answered to yet: a head has begun. A browser opens connections in
/// advance and may never use them, and keeps those that it has used.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<AtomicBool>);

impl Heard {
    #[must_use]
    pub fn anything(&self) -> bool {
        self.0.load(Relaxed)
    }
}

/// A time during which something waits to go out.
#[derive(Debug)]
struct Spell {
    until: Pin<Box<Sleep>>,
    taken: u64,
}

impl Spell {
    fn begin(every: Duration) -> Self {
        Self { until: Box::pin(sleep(every)), taken: 0 }
    }
}

impl<S, F: FnMut()> Line<S, F> {
    /// The other end takes at least `least` bytes each `every`, or `cut` is told.
    pub fn new(stream: S, least: u64, every: Duration, cut: F) -> Self {
        Self { stream, every, least, spell: None, cut, heard: Heard::default() }
    }

    /// For who is to know it when the line is gone.
    pub fn heard(&self) -> Heard {
        self.heard.clone()
    }

    /// What came of an attempt to write.
    fn wrote(&mut self, cx: &mut Context<'_>, came: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(done) = came {
            if matches!(done, Ok(1..)) {
                self.heard.0.store(false, Relaxed);
            }
            if let (Ok(bytes), Some(spell)) = (&done, &mut self.spell) {
                spell.taken += *bytes as u64;
            }
            return Poll::Ready(done);
        }
        loop {
            let every = self.every;
            let spell = self.spell.get_or_insert_with(|| Spell::begin(every));
            ready!(spell.until.as_mut().poll(cx));
            if spell.taken < self.least {
                (self.cut)();
                let why = "the other end does not take what it is sent";
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, why)));
            }
            self.spell = None;
        }
    }
}

impl<S: AsyncRead + Unpin, F: Unpin> AsyncRead for Line<S, F> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let came = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.heard.0.store(true, Relaxed);
        }
        came
    }
}

impl<S: AsyncWrite + Unpin, F: FnMut() + Unpin> AsyncWrite for Line<S, F> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let came = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(cx, came)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let came = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(cx, came)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when all is written: nothing waits any more.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_ready() {
            self.spell = None;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU32;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    const EVERY: Duration = Duration::from_millis(100);

    fn line() -> (Line<DuplexStream, impl FnMut() + Unpin>, DuplexStream, Arc<AtomicU32>) {
        let (ours, theirs) = duplex(1_000);
        let cuts = Arc::new(AtomicU32::new(0));
        let counted = cuts.clone();
        let cut = move || {
            counted.fetch_add(1, Relaxed);
        };
        (Line::new(ours, 500, EVERY, cut), theirs, cuts)
    }

    #[tokio::test]
    async fn who_takes_nothing_is_cut_off() {
        let (mut line, _theirs, cuts) = line();
        let error = line.write_all(&[0; 10_000]).await.unwrap_err();
        assert_eq!((error.kind(), cuts.load(Relaxed)), (io::ErrorKind::TimedOut, 1));
    }

    #[tokio::test]
    async fn who_takes_a_byte_now_and_then_is_cut_off_and_who_is_slow_is_not() {
        for (bytes, goes_on) in [(1, false), (1_000, true)] {
            let (mut line, mut theirs, _) = line();
            let reader = tokio::spawn(async move {
                let mut buffer = vec![0; bytes];
                let mut now_and_then = tokio::time::interval(EVERY / 4);
                while theirs.read_exact(&mut buffer).await.is_ok() {
                    now_and_then.tick().await;
                }
            });
            assert_eq!(line.write_all(&[0; 20_000]).await.is_ok(), goes_on, "{bytes} bytes now and then");
            reader.abort();
        }
    }

    #[tokio::test]
    async fn what_is_quiet_lasts() {
        let (mut line, mut theirs, cuts) = line();
        let mut seldom = tokio::time::interval(EVERY * 2);
        for _ in 0..3 {
            line.write_all(&[0; 500]).await.unwrap();
            line.flush().await.unwrap();
            seldom.tick().await;
            theirs.read_exact(&mut [0; 500]).await.unwrap();
        }
        assert_eq!(cuts.load(Relaxed), 0);
    }
}
