//! Logging in to a PBX.

use super::codec::{Action, Frame, Message};
use super::session::{ANSWER_WITHIN, BUFFERED_MESSAGES, Broken, Reader, Writer};
use crate::kit::secret::Secret;
use futures_util::{SinkExt, StreamExt};
use md5::{Digest, Md5};
use tokio::time::timeout;

/// Logs in: by challenge, so that the secret does not cross the wire, else plainly. Gives back the events that came
/// before the answer.
pub(super) async fn log_in(
    reader: &mut Reader,
    writer: &mut Writer,
    user: &str,
    secret: &Secret,
) -> Result<Vec<Message>, Broken> {
    let mut early = Vec::new();
    writer.send(Action::new("Challenge", "challenge").with("AuthType", "MD5")).await?;
    let answer = response(reader, "challenge", &mut early).await?;
    let login = Action::new("Login", "login").with("Username", user).with("Events", "system,call,agent");
    let login = match answer.known("Challenge") {
        Some(challenge) => {
            let key: String = Md5::digest(format!("{challenge}{}", secret.reveal()))
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            login.with("AuthType", "MD5").with("Key", &key)
        }
        None => login.with("Secret", secret.reveal()),
    };
    writer.send(login).await?;
    let answer = response(reader, "login", &mut early).await?;
    if answer.get("Response") == Some("Success") {
        Ok(early)
    } else {
        Err(Broken::Login(answer.get("Message").unwrap_or("no reason given").to_owned()))
    }
}

async fn response(reader: &mut Reader, action_id: &str, early: &mut Vec<Message>) -> Result<Message, Broken> {
    let answer = async {
        loop {
            match reader.next().await {
                None => return Err(Broken::Closed),
                Some(Err(error)) => return Err(Broken::Io(error)),
                Some(Ok(Frame::Message(m))) if m.get("Response").is_some() && m.get("ActionID") == Some(action_id) => {
                    return Ok(m);
                }
                Some(Ok(Frame::Message(m))) if m.get("Event").is_some() && early.len() < BUFFERED_MESSAGES => {
                    early.push(m)
                }
                Some(Ok(Frame::Message(_) | Frame::Banner(_) | Frame::TooLong)) => {}
            }
        }
    };
    timeout(ANSWER_WITHIN, answer).await.map_err(|_| Broken::Slow("logging in"))?
}
