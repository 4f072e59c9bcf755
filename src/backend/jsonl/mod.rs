//! jsonl/mod
