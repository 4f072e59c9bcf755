//! Requests and answers on the wire: received whole, sent on, or cut off.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{
    CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap, TRANSFER_ENCODING,
};
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// The body of an answer, which may break off.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

/// A request with its whole body.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An answer with its whole body.
#[derive(Debug, Clone)]
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Asked {
    /// Receives a request.
    pub async fn receive(request: Request<Incoming>) -> Result<Self, hyper::Error> {
        let (head, body) = request.into_parts();
        Ok(Self {
            method: head.method,
            uri: head.uri,
            headers: head.headers,
            body: body.collect().await?.to_bytes(),
        })
    }

    /// Sends the request to the server at `upstream` (`host:port`) and receives the answer.
    pub async fn send(self, upstream: &str) -> io::Result<Answer> {
        let stream = TcpStream::connect(upstream).await?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(io::Error::other)?;
        tokio::spawn(connection);
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.uri;
        *request.headers_mut() = self.headers;
        // The body has been received already.
        request.headers_mut().remove(EXPECT);
        let answer = sender
            .send_request(request)
            .await
            .map_err(io::Error::other)?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        Ok(Answer {
            status: head.status,
            headers: head.headers,
            body,
        })
    }
}

/// Reads half of a request's body, and no more.
pub async fn receive_half(request: Request<Incoming>) {
    let mut body = request.into_body();
    let half = body.size_hint().exact().unwrap_or_default() / 2;
    let mut received = 0;
    while received < half
        && let Some(Ok(frame)) = body.frame().await
    {
        received += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
}

impl Answer {
    pub fn new(status: StatusCode, content_type: &'static str, body: Bytes) -> Self {
        let kind = hyper::header::HeaderValue::from_static(content_type);
        Self {
            status,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, kind)]),
            body,
        }
    }

    /// The whole answer.
    pub fn whole(self) -> Response<Body> {
        let body = Full::new(self.body.clone()).map_err(|never| match never {});
        self.with(BodyExt::boxed_unsync(body))
    }

    /// The answer up to the middle of its body, where the connection breaks off; `None` if it has
    /// no body.
    pub fn half(self) -> Option<Response<Body>> {
        if self.body.is_empty() {
            return None;
        }
        let half = self.body.slice(..self.body.len() / 2);
        let frames = stream::unfold(Some(half), |half| async {
            if let Some(half) = half {
                return Some((Ok(Frame::data(half)), None));
            }
            // Being pending for a moment is what makes the server send the first half.
            tokio::task::yield_now().await;
            Some((Err(io::ErrorKind::ConnectionReset.into()), None))
        });
        Some(self.with(BodyExt::boxed_unsync(StreamBody::new(frames))))
    }

    fn with(self, body: Body) -> Response<Body> {
        let length = self.body.len();
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let headers = response.headers_mut();
        headers.remove(CONNECTION);
        // The body has been received whole. The body of a HEAD has a length without being present.
        if headers.remove(TRANSFER_ENCODING).is_some() || !headers.contains_key(CONTENT_LENGTH) {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        response
    }
}
