//! What a refusal by IAM says about itself.

/// What AWS refused, from the text of a refusal (IAM user guide, "Troubleshoot access denied error
/// messages"): `… is not authorized to perform: ACTION on resource: ARN because …`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal<'a> {
    pub action: &'a str,
    pub resource: Option<&'a str>,
    reason: Reason<'a>,
}

/// Why, as far as the text says.
#[derive(Debug, PartialEq, Eq)]
enum Reason<'a> {
    /// Nobody has granted it to the user or the role.
    NotGranted,
    /// A policy of this kind, which limits all grants or applies beside them, does not allow it.
    NotAllowedBy(&'a str),
    /// A policy of this kind denies it, whatever others allow.
    DeniedBy(&'a str),
}

/// The kind of policy that grants something to a user or a role.
const OF_THE_USER: &str = "identity-based policy";
/// The kind of policy that a bucket or a key has.
const OF_THE_RESOURCE: &str = "resource-based policy";

impl<'a> Refusal<'a> {
    /// Reads the refusal from a message; `None` if it names no action.
    pub fn read(message: &'a str) -> Option<Self> {
        let (_, rest) = message.split_once("not authorized to perform: ")?;
        let (action, rest) = first_word(rest);
        let resource = rest.trim_start().strip_prefix("on resource: ");
        action.contains(':').then(|| Self {
            action,
            resource: resource.map(|rest| first_word(rest).0),
            reason: Reason::read(rest),
        })
    }

    /// What to do if granting the action to the user or the role does not help.
    pub fn remedy(&self) -> Option<String> {
        let action = self.action;
        match self.reason {
            Reason::NotGranted => None,
            Reason::NotAllowedBy(policy) => {
                let on = self.resource.map(|resource| format!(" on {resource}"));
                let on = on.unwrap_or_default();
                Some(format!(
                    "have {action}{on} allowed in the {policy}: granting it to the user or the role does not help"
                ))
            }
            Reason::DeniedBy(policy) => {
                let wanted = if policy == OF_THE_RESOURCE && action == "s3:PutObject" {
                    ": if it requires each object to be encrypted, say, or to have an ACL, set objects.headers"
                } else {
                    ""
                };
                Some(format!(
                    "see under which condition the {policy} denies {action}, which no grant overrides{wanted}"
                ))
            }
        }
    }
}

impl<'a> Reason<'a> {
    fn read(text: &'a str) -> Self {
        let kind = |rest: &'a str, ends: &[&str]| {
            let end = ends.iter().filter_map(|end| rest.find(end)).min();
            rest[..end.unwrap_or(rest.len())].trim_end_matches('.')
        };
        if let Some((_, rest)) = text.split_once("with an explicit deny in ") {
            let rest = rest.strip_prefix("an ").or_else(|| rest.strip_prefix("a "));
            return rest.map_or(Self::NotGranted, |rest| {
                Self::DeniedBy(kind(rest, &[":", ".", ",", " because"]))
            });
        }
        match text.split_once("because no ") {
            Some((_, rest)) => match kind(rest, &[" allows"]) {
                OF_THE_USER => Self::NotGranted,
                policy => Self::NotAllowedBy(policy),
            },
            None => Self::NotGranted,
        }
    }
}

/// The first word of a text, which may be in quotes, and what follows it.
fn first_word(text: &str) -> (&str, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted.split_once('"').unwrap_or((quoted, ""));
    }
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    (word.trim_end_matches(['.', ',']), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_which_action_on_which_resource_and_which_policy_it_comes_from() {
        let key = "arn:aws:kms:eu-west-2:1:key/k";
        let user = "User: arn:aws:iam::1:user/ada is not authorized to perform: ";
        for rest in [
            format!("kms:Decrypt on resource: {key} because no identity-based policy allows it"),
            format!("kms:Decrypt on resource: \"{key}\" with an explicit deny"),
            format!("kms:Decrypt on resource: {key}."),
            format!("kms:Decrypt on resource: {key}"),
        ] {
            let text = format!("{user}{rest}");
            let refusal = Refusal::read(&text).expect(&rest);
            assert_eq!(refusal.action, "kms:Decrypt", "{rest}");
            assert_eq!(refusal.resource, Some(key), "{rest}");
        }
        let spaced = format!("{user}s3:GetObject on resource: \"arn:aws:s3:::b/a b\" because");
        assert_eq!(
            Refusal::read(&spaced).and_then(|r| r.resource),
            Some("arn:aws:s3:::b/a b")
        );
        let alone = format!("{user}ssm:PutParameter");
        assert_eq!(
            Refusal::read(&alone).map(|r| (r.action, r.resource)),
            Some(("ssm:PutParameter", None))
        );
        for (reason, expected) in [
            (
                "because no identity-based policy allows the s3:PutObject action",
                "",
            ),
            ("", ""),
            (
                "because no VPC endpoint policy allows the s3:PutObject action",
                "have s3:PutObject on arn:aws:s3:::b/k allowed in the VPC endpoint policy: ",
            ),
            (
                "with an explicit deny in a service control policy: arn:aws:organizations::9:policy/o/p",
                "see under which condition the service control policy denies s3:PutObject, ",
            ),
            (
                "with an explicit deny in an identity-based policy",
                "see under which condition the identity-based policy denies s3:PutObject, which no grant overrides",
            ),
            (
                "with an explicit deny in a resource-based policy.",
                "see under which condition the resource-based policy denies s3:PutObject, which no grant overrides: ",
            ),
        ] {
            let text = format!("{user}s3:PutObject on resource: \"arn:aws:s3:::b/k\" {reason}");
            let remedy = Refusal::read(&text).and_then(|refusal| refusal.remedy());
            let remedy = remedy.unwrap_or_default();
            assert!(remedy.starts_with(expected), "{reason}: {remedy}");
            assert_eq!(remedy.is_empty(), expected.is_empty(), "{reason}: {remedy}");
        }
        for none in ["Access Denied", user, "is not authorized", ""] {
            assert_eq!(Refusal::read(none), None, "{none}");
        }
    }
}
