//! Sending at once what is written to the database.
//!
//! The driver leaves Nagle's algorithm on (sqlx 0.9.0, its issue 4335, mended after that release). The end of a COPY then
//! waits for the server's delayed acknowledgement: on one machine some 40 ms of each commit. This goes when the next sqlx
//! comes. The driver shows nobody its socket, so it is looked for among those of the process.

use rustix::io::Errno;
use rustix::net::sockopt::set_tcp_nodelay;
use rustix::net::{SocketAddrAny, getpeername};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use std::fs::{read_dir, read_link};
use std::io;
use std::net::SocketAddr;

/// Turns Nagle's algorithm off for every connection of this process to a port.
///
/// # Errors
/// If the process may not look at its own sockets, as in some containers; then all works, only later.
pub(super) fn send_at_once(port: u16) -> io::Result<()> {
    let process = pidfd_open(getpid(), PidfdFlags::empty())?;
    for entry in read_dir("/proc/self/fd")? {
        let entry = entry?;
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        if !read_link(entry.path()).is_ok_and(|to| to.as_os_str().as_encoded_bytes().starts_with(b"socket:")) {
            continue;
        }
        let socket = match pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) {
            // Closed meanwhile.
            Err(Errno::BADF) => continue,
            got => got?,
        };
        if getpeername(&socket).ok().flatten().and_then(port_of) == Some(port) {
            set_tcp_nodelay(&socket, true)?;
        }
    }
    Ok(())
}

fn port_of(peer: SocketAddrAny) -> Option<u16> {
    SocketAddr::try_from(peer).ok().map(|peer| peer.port())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn connections_to_the_port_send_at_once_and_others_stay() {
        let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [one, other] = listeners.each_ref().map(|to| TcpStream::connect(to.local_addr().unwrap()).unwrap());
        assert!(!one.nodelay().unwrap() && !other.nodelay().unwrap());
        match send_at_once(listeners[0].local_addr().unwrap().port()) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                eprintln!("not seen: this machine lets no process look at its own sockets");
                return;
            }
            done => done.unwrap(),
        }
        assert!(one.nodelay().unwrap() && !other.nodelay().unwrap());
    }
}
