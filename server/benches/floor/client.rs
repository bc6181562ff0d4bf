//! The least that speaks HTTP/1.1: a bench's client must cost less than what it measures.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

pub struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    pub fn connect(port: u16) -> Result<Self, String> {
        let stream = TcpStream::connect(("127.0.0.1", port)).map_err(|e| e.to_string())?;
        stream.set_nodelay(true).map_err(|e| e.to_string())?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Posts lines of events; answers the status and the body.
    pub fn post(&mut self, lines: &[u8]) -> Result<(u16, String), String> {
        let head = format!(
            "POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
            lines.len()
        );
        let to = self.stream.get_mut();
        to.write_all(head.as_bytes()).and_then(|()| to.write_all(lines)).map_err(|e| e.to_string())?;
        self.answer()
    }

    /// The body of a page.
    pub fn get(&mut self, path: &str) -> Result<String, String> {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        self.stream.get_mut().write_all(head.as_bytes()).map_err(|e| e.to_string())?;
        match self.answer()? {
            (200, body) => Ok(body),
            (status, body) => Err(format!("{path}: {status}: {body}")),
        }
    }

    fn line(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.stream.read_line(&mut line).map_err(|e| e.to_string())?;
        Ok(line.trim_end().to_owned())
    }

    fn answer(&mut self) -> Result<(u16, String), String> {
        let status = self.line()?.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("no status")?;
        let mut length = 0usize;
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(n) = line.strip_prefix("content-length:") {
                length = n.trim().parse().map_err(|_| "no length")?;
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).map_err(|e| e.to_string())?;
        Ok((status, String::from_utf8_lossy(&body).into_owned()))
    }
}
