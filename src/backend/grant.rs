//! Statements that grant a missing permission.

use super::Error;
use super::aws::{AwsCause, PARTITION};
use super::error::Service;
use super::source::Privileges;
use crate::vocabulary::{TableName, table::quote_identifier};

/// The statements that let the role read the tables it may not read yet, in one line; `None` if there is
/// nothing to grant.
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

/// The statement after which no policy hides rows from `role`.
pub(super) fn unfiltered(role: &str) -> String {
    format!("ALTER ROLE {} BYPASSRLS", quote_identifier(role))
}

/// The policy statement that grants what `error` says is missing. If there is none, or no grant would help,
/// the next step of `error`.
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
    let cause = cause.downcast_ref::<AwsCause>();
    if cause.is_some_and(|cause| cause.remedy.is_some()) {
        return error.step();
    }
    let partition = cause.map_or(PARTITION, |cause| cause.partition);
    let named = cause.and_then(|cause| cause.resource.clone());
    let resources = named.map_or_else(
        || resources(permission, *service, place, partition),
        |named| vec![named],
    );
    statement(permission, &resources).unwrap_or_else(|| error.step())
}

/// Everything at `place`, in this partition of AWS, that `permission` may apply to.
fn resources(permission: &str, service: Service, place: &str, partition: &str) -> Vec<String> {
    match (service, place.strip_prefix("s3://")) {
        // An access point, by its own name (S3 user guide, "Configuring IAM policies for using access
        // points").
        (Service::Objects, Some(point)) if point.starts_with("arn:") => {
            vec![point.to_owned(), format!("{point}/object/*")]
        }
        (Service::Objects, Some(bucket)) => vec![
            format!("arn:{partition}:s3:::{bucket}"),
            format!("arn:{partition}:s3:::{bucket}/*"),
        ],
        // This action allows no narrower resource (service authorization reference, Systems Manager).
        _ if permission == "ssm:DescribeParameters" => vec!["*".to_owned()],
        _ => vec![format!("arn:{partition}:ssm:*:*:parameter/*")],
    }
}

/// The policy statement that grants `permission`, or several permissions joined by "and", for `resources`;
/// `None` if it is not a permission of AWS.
fn statement(permission: &str, resources: &[String]) -> Option<String> {
    let actions: Vec<&str> = permission
        .split(" and ")
        .filter(|action| action.contains(':'))
        .collect();
    if actions.is_empty() {
        return None;
    }
    let statement =
        serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
    Some(statement.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granting(permission: &str, service: Service, place: &str) -> Option<String> {
        statement(permission, &resources(permission, service, place, "aws"))
    }

    #[test]
    fn a_statement_names_the_actions_and_what_they_are_for() {
        let of_bucket = granting("s3:GetObject and s3:ListBucket", Service::Objects, "s3://b");
        assert_eq!(
            of_bucket.as_deref(),
            Some(
                r#"{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::b","arn:aws:s3:::b/*"]}"#
            )
        );
        let point = "arn:aws:s3:eu-west-2:1:accesspoint/p";
        let of_point = granting("s3:PutObject", Service::Objects, &format!("s3://{point}"));
        assert_eq!(
            of_point.as_deref(),
            Some(
                r#"{"Effect":"Allow","Action":["s3:PutObject"],"Resource":["arn:aws:s3:eu-west-2:1:accesspoint/p","arn:aws:s3:eu-west-2:1:accesspoint/p/object/*"]}"#
            )
        );
        assert_eq!(
            granting("valid AWS credentials", Service::Objects, "s3://b"),
            None
        );
        let place = "SSM eu-west-2";
        let listing = granting("ssm:DescribeParameters", Service::Parameters, place);
        assert!(listing.is_some_and(|text| text.ends_with(r#""Resource":["*"]}"#)));
    }

    /// A refusal by AWS, about `resource`, in the China partition.
    fn refused(service: Service, permission: &str, resource: Option<&str>) -> Error {
        let place = match service {
            Service::Objects => "s3://b",
            _ => "SSM cn-north-1",
        };
        Error::Denied {
            service,
            place: place.to_owned(),
            doing: "trying".to_owned(),
            permission: permission.to_owned(),
            cause: Box::new(AwsCause::refusal("no", resource, "aws-cn")),
        }
    }

    #[test]
    fn a_statement_is_for_what_the_refusal_names_or_else_for_the_partition_of_the_region() {
        let key = "arn:aws-cn:kms:cn-north-1:1:key/k";
        let of_key = refused(Service::Objects, "kms:GenerateDataKey", Some(key));
        assert_eq!(
            remedy(&of_key),
            r#"{"Effect":"Allow","Action":["kms:GenerateDataKey"],"Resource":["arn:aws-cn:kms:cn-north-1:1:key/k"]}"#
        );
        let of_objects = remedy(&refused(Service::Objects, "s3:PutObject", None));
        let bucket = r#""Resource":["arn:aws-cn:s3:::b","arn:aws-cn:s3:::b/*"]}"#;
        assert!(of_objects.ends_with(bucket), "{of_objects}");
        let of_values = remedy(&refused(Service::Parameters, "ssm:PutParameter", None));
        let parameters = r#""Resource":["arn:aws-cn:ssm:*:*:parameter/*"]}"#;
        assert!(of_values.ends_with(parameters), "{of_values}");
    }
}
