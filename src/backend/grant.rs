//! What grants a permission that is missing.

use super::aws::AwsCause;
use super::error::Service;
use super::source::Privileges;
use super::table::quote_identifier;
use super::{Error, TableName};

/// The statements by which the role may read the tables that it may not; one line, and `None` where nothing
/// is to be granted.
pub(super) fn reading(missing: &Privileges) -> Option<String> {
    let role = quote_identifier(&missing.role);
    let list = |names: &mut dyn Iterator<Item = String>| names.collect::<Vec<_>>().join(", ");
    let mut statements = Vec::new();
    if !missing.schemas.is_empty() {
        let schemas = list(&mut missing.schemas.iter().map(|name| quote_identifier(name)));
        statements.push(format!("GRANT USAGE ON SCHEMA {schemas} TO {role}"));
    }
    if !missing.tables.is_empty() {
        let tables = list(&mut missing.tables.iter().map(TableName::quoted));
        statements.push(format!("GRANT SELECT ON {tables} TO {role}"));
    }
    (!statements.is_empty()).then(|| statements.join("; "))
}

/// The statement by which no policy hides rows from `role`.
pub(super) fn unfiltered(role: &str) -> String {
    format!("ALTER ROLE {} BYPASSRLS", quote_identifier(role))
}

/// The policy statement that grants what `error` says is missing, or else its next step.
pub(super) fn remedy(error: &Error) -> String {
    let Error::Denied {
        permission,
        service,
        place,
        cause,
        ..
    } = error
    else {
        return error.step();
    };
    let named = cause.downcast_ref::<AwsCause>();
    let named = named.and_then(|cause| cause.resource.as_deref());
    statement(permission, named, *service, place).unwrap_or_else(|| error.step())
}

/// The policy statement that grants `permission`, or several joined by "and", for what is `named`, or
/// else for everything at `place`; `None` where it is none of AWS.
fn statement(
    permission: &str,
    named: Option<&str>,
    service: Service,
    place: &str,
) -> Option<String> {
    let actions: Vec<&str> = permission
        .split(" and ")
        .filter(|action| action.contains(':'))
        .collect();
    if actions.is_empty() {
        return None;
    }
    let resource = match (named, service, place.strip_prefix("s3://")) {
        (Some(named), ..) => vec![named.to_owned()],
        (None, Service::Objects, Some(bucket)) => vec![
            format!("arn:aws:s3:::{bucket}"),
            format!("arn:aws:s3:::{bucket}/*"),
        ],
        // It knows no narrower resource (service authorization reference, Systems Manager).
        _ if permission == "ssm:DescribeParameters" => vec!["*".to_owned()],
        _ => vec!["arn:aws:ssm:*:*:parameter/*".to_owned()],
    };
    let statement =
        serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": resource });
    Some(statement.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_names_the_actions_and_what_they_are_for() {
        let of_bucket = statement(
            "s3:GetObject and s3:ListBucket",
            None,
            Service::Objects,
            "s3://b",
        );
        assert_eq!(
            of_bucket.as_deref(),
            Some(
                r#"{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}"#
            )
        );
        assert_eq!(
            statement("valid AWS credentials", None, Service::Objects, "s3://b"),
            None
        );
        let listing = statement(
            "ssm:DescribeParameters",
            None,
            Service::Parameters,
            "SSM eu-west-2",
        );
        assert!(listing.is_some_and(|text| text.ends_with(r#""Resource":["*"]}"#)));
        let key = "arn:aws:kms:eu-west-2:1:key/k";
        let of_key = statement("kms:GenerateDataKey", Some(key), Service::Objects, "s3://b");
        assert_eq!(
            of_key.as_deref(),
            Some(
                r#"{"Effect":"Allow","Action":["kms:GenerateDataKey"],"Resource":["arn:aws:kms:eu-west-2:1:key/k"]}"#
            )
        );
    }
}
