//! Templates of parameter names and object keys.

/// Template of a parameter's name.
#[derive(Debug, Clone)]
pub struct ParameterTemplate;

/// Template of an object's key.
#[derive(Debug, Clone)]
pub struct KeyTemplate;
