//! parameters/ssm
