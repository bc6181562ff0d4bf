//! The body of a question: short, and here in time.

use super::error::ApiError;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use futures_util::StreamExt;
use serde::de::DeserializeOwned;

/// Bytes of a question; what asks most is a dashboard of fifty targets.
pub const MAX_BYTES: usize = 64 * 1024;

/// A body of at most [`MAX_BYTES`]. How long it may take is the answer's affair.
#[derive(Debug)]
pub struct Question(Bytes);

impl Question {
    /// What it says, which is an object: that a list's members could be taken for an object's, in order, helps nobody.
    ///
    /// # Errors
    /// If it is none.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        if self.0.trim_ascii_start().first() != Some(&b'{') {
            return Err(ApiError::NotJson("send an object".to_owned()));
        }
        serde_json::from_slice(&self.0).map_err(|e| ApiError::NotJson(e.to_string()))
    }
}

impl<S: Send + Sync> FromRequest<S> for Question {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (head, body) = request.into_parts();
        short(&head.headers, body, MAX_BYTES).await.map(Self)
    }
}

/// The whole of a body, if it is not over `limit`.
///
/// # Errors
/// If it is, or it breaks off.
pub async fn short(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, ApiError> {
    let too_large = || ApiError::TooLarge { what: "the body", limit };
    let told: Option<usize> = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
    if told.is_some_and(|bytes| bytes > limit) {
        return Err(too_large());
    }
    let (mut pieces, mut whole) = (body.into_data_stream(), Vec::with_capacity(told.unwrap_or_default()));
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| ApiError::BrokenOff(error.to_string()))?;
        if whole.len() + piece.len() > limit {
            return Err(too_large());
        }
        whole.extend_from_slice(&piece);
    }
    Ok(whole.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::Value;

    async fn question(body: Body) -> Result<Question, String> {
        Question::from_request(Request::new(body), &()).await.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_question_is_short_and_an_object() {
        let long = vec![b' '; MAX_BYTES + 1];
        assert_eq!(question(long.clone().into()).await.unwrap_err(), "the body is over 64 KiB");
        let pieces = long.chunks(1_000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>();
        let unannounced = Body::from_stream(futures_util::stream::iter(pieces));
        assert_eq!(question(unannounced).await.unwrap_err(), "the body is over 64 KiB");
        assert!(question(" {\"a\": 1}".into()).await.unwrap().read::<Value>().is_ok());
        for none in ["[1]", "", "1", "\"{}\""] {
            assert!(question(none.into()).await.unwrap().read::<Value>().is_err(), "{none}");
        }
    }
}
