//! Determines the operation of S3 or SSM that a request is.

use hyper::header::HeaderMap;
use hyper::{Method, Uri};

/// The operations that the product uses; anything else is `Other`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    PutObject,
    HeadObject,
    GetObject,
    ListObjectsV2,
    CreateMultipartUpload,
    UploadPart,
    CompleteMultipartUpload,
    AbortMultipartUpload,
    PutParameter,
    GetParameters,
    GetParameterHistory,
    Other,
}

impl Operation {
    /// SSM names the operation in a header; S3 operations are told apart by method and query, with
    /// buckets addressed by path.
    pub fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        if let Some(target) = headers.get("x-amz-target") {
            return match target.as_bytes() {
                b"AmazonSSM.PutParameter" => Self::PutParameter,
                b"AmazonSSM.GetParameters" => Self::GetParameters,
                b"AmazonSSM.GetParameterHistory" => Self::GetParameterHistory,
                _ => Self::Other,
            };
        }
        let query = uri.query().unwrap_or_default();
        let has = |name: &str| {
            let named = |field: &str| field.split('=').next() == Some(name);
            query.split('&').any(named)
        };
        let names_a_key = uri.path().trim_matches('/').contains('/');
        match *method {
            Method::GET if has("list-type") => Self::ListObjectsV2,
            _ if !names_a_key => Self::Other,
            Method::PUT if has("partNumber") => Self::UploadPart,
            Method::PUT => Self::PutObject,
            Method::HEAD => Self::HeadObject,
            Method::GET => Self::GetObject,
            Method::POST if has("uploads") => Self::CreateMultipartUpload,
            Method::POST if has("uploadId") => Self::CompleteMultipartUpload,
            Method::DELETE if has("uploadId") => Self::AbortMultipartUpload,
            _ => Self::Other,
        }
    }

    /// Whether it is an operation of SSM, whose errors are JSON.
    pub const fn is_of_ssm(self) -> bool {
        matches!(
            self,
            Self::PutParameter | Self::GetParameters | Self::GetParameterHistory
        )
    }

    /// Whether it changes what is stored.
    pub const fn writes(self) -> bool {
        !matches!(
            self,
            Self::HeadObject
                | Self::GetObject
                | Self::ListObjectsV2
                | Self::GetParameters
                | Self::GetParameterHistory
                | Self::Other
        )
    }
}
