//! What a refusal of IAM says of itself.

/// What AWS refused, from the text of a refusal (IAM user guide, "Troubleshoot access denied error
/// messages"): `… is not authorized to perform: ACTION on resource: ARN because …`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal<'a> {
    pub action: &'a str,
    pub resource: Option<&'a str>,
}

impl<'a> Refusal<'a> {
    pub fn read(message: &'a str) -> Option<Self> {
        let (_, rest) = message.split_once("not authorized to perform: ")?;
        let (action, rest) = first_word(rest);
        let resource = rest.trim_start().strip_prefix("on resource: ");
        action.contains(':').then(|| Self {
            action,
            resource: resource.map(|rest| first_word(rest).0),
        })
    }
}

/// The first word of a text, which may stand in quotes, and what follows it.
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
    fn a_refusal_says_which_action_on_which_resource() {
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
        for none in ["Access Denied", user, "is not authorized", ""] {
            assert_eq!(Refusal::read(none), None, "{none}");
        }
    }
}
