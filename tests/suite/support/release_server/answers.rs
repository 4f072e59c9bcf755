//! The release server's answers: the GitHub pages that a download requests, with every field that is read from them
//! (docs.github.com, REST API, "List releases").

use std::io;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, LOCATION};
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::release::{Release, VERSION, archive_name};
use super::{FILES, Shared, lock};

const REPOSITORY: &str = "theseus-rs/postgresql-binaries";

/// Releases that are not wanted: of other major versions, and older ones, in no particular order.
const OTHERS: [&str; 4] = ["17.2.0", "16.3.0", "15.8.0", "16.0.0"];

pub type Body = UnsyncBoxBody<Bytes, io::Error>;

impl Shared {
    pub fn answer(&self, request: &Request<Incoming>) -> Response<Body> {
        let host = request.headers().get(HOST).map(|host| host.to_str());
        let host = host.unwrap().unwrap();
        let path = request.uri().path();
        lock(&self.asked).push(format!("{host}{path}"));
        let release = lock(&self.release).clone();
        let file = path.rsplit('/').next().unwrap_or_default();
        let list = format!("/repos/{REPOSITORY}/releases");
        match (host, path.strip_prefix(&list)) {
            ("api.github.com", Some("")) => {
                let first = request
                    .uri()
                    .query()
                    .unwrap_or_default()
                    .contains("page=1&");
                page(&release, first)
            }
            ("api.github.com", Some(tag)) if tag == format!("/tags/{VERSION}") => {
                answer(StatusCode::OK, described(VERSION, &release).to_string())
            }
            ("github.com", None) => moved(&format!("https://{FILES}/{file}")),
            (FILES, None) if file == archive_name(VERSION) => release.download(),
            (FILES, None) => answer(StatusCode::OK, release.checksum_file(file)),
            _ => answer(
                StatusCode::NOT_FOUND,
                json!({"message": "Not Found"}).to_string(),
            ),
        }
    }
}

/// A page of the list; all releases are on the first page.
fn page(release: &Release, first: bool) -> Response<Body> {
    let versions = if first { &OTHERS[..] } else { &[] };
    let mut releases: Vec<Value> = versions
        .iter()
        .map(|version| described(version, release))
        .collect();
    if first {
        releases.insert(2, described(VERSION, release));
    }
    answer(StatusCode::OK, Value::from(releases).to_string())
}

fn described(version: &str, release: &Release) -> Value {
    let url = format!("https://api.github.com/repos/{REPOSITORY}/releases/1");
    let archive = archive_name(version);
    // There are assets for other machines, too.
    let mut assets = vec![asset(version, "postgresql-other-machine.tar.gz")];
    if release.checksum.is_some() {
        assets.push(asset(version, &format!("{archive}.sha256")));
    }
    assets.push(asset(version, &archive));
    json!({
        "url": url, "assets_url": url, "upload_url": url, "html_url": url,
        "id": 1, "tag_name": version, "name": version,
        "draft": false, "prerelease": false, "assets": assets,
    })
}

fn asset(version: &str, name: &str) -> Value {
    let url = format!("https://github.com/{REPOSITORY}/releases/download/{version}/{name}");
    json!({
        "url": url, "id": 2, "node_id": "RA", "name": name, "label": "",
        "content_type": "application/octet-stream", "state": "uploaded", "size": 1,
        "browser_download_url": url,
    })
}

impl Release {
    fn download(self) -> Response<Body> {
        if !self.breaks_off {
            return answer(StatusCode::OK, self.archive);
        }
        let length = self.archive.len();
        let half = self.archive.slice(..length / 2);
        let broken = Err(io::Error::other("broken off, as the test wants it"));
        let frames = stream::iter([Ok(Frame::data(half)), broken]);
        Response::builder()
            .header(CONTENT_LENGTH, length)
            .body(StreamBody::new(frames).boxed_unsync())
            .unwrap()
    }

    /// In the format of `sha256sum`.
    fn checksum_file(&self, file: &str) -> String {
        let checksum = self.checksum.as_deref().unwrap_or_default();
        let archive = file.trim_end_matches(".sha256");
        format!("{checksum}  {archive}\n")
    }
}

fn answer(status: StatusCode, body: impl Into<Bytes>) -> Response<Body> {
    let body = Full::new(body.into()).map_err(|never| match never {});
    let mut answer = Response::new(body.boxed_unsync());
    *answer.status_mut() = status;
    answer
}

fn moved(to: &str) -> Response<Body> {
    let mut answer = answer(StatusCode::FOUND, "");
    answer.headers_mut().insert(LOCATION, to.parse().unwrap());
    answer
}
