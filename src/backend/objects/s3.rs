//! objects/s3
