//! Amazon's own partitions and hosts.

use super::PARTITION;

/// What the names of the regions of each partition begin with. The accounts of China, the US government, its
/// secret clouds and the European sovereign cloud are separate from all others (AWS general reference,
/// "Amazon Resource Names"; the SDK's own `partitions.json`).
const PARTITIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("eusc-", "aws-eusc"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
];

/// What the names of Amazon's own hosts end with, by partition, including the hosts that also answer over
/// IPv6.
const HOSTS: [&str; 14] = [
    ".amazonaws.com",
    ".api.aws",
    ".amazonaws.com.cn",
    ".api.amazonwebservices.com.cn",
    ".amazonaws.eu",
    ".api.amazonwebservices.eu",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
    ".api.aws.ic.gov",
    ".api.aws.scloud",
    ".api.cloud-aws.adc-e.uk",
    ".api.aws.hci.ic.gov",
];

/// The partition that a region belongs to.
pub(super) fn partition(region: &str) -> &'static str {
    let mut known = PARTITIONS.iter();
    let found = known.find(|(beginning, _)| region.starts_with(beginning));
    found.map_or(PARTITION, |(_, partition)| partition)
}

/// Whether an endpoint is Amazon's own, for example an interface endpoint in a VPC.
pub fn is_amazon(endpoint: &str) -> bool {
    url::Url::parse(endpoint).is_ok_and(|url| {
        url.host_str()
            .is_some_and(|host| HOSTS.iter().any(|end| host.ends_with(end)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_amazon_are_amazon() {
        for own in [
            "https://s3.eu-west-2.amazonaws.com",
            "https://bucket.vpce-1a2b.s3.eu-west-2.vpce.amazonaws.com",
            "https://ssm.eu-west-2.api.aws",
            "https://s3.dualstack.cn-north-1.amazonaws.com.cn",
            "https://ssm.cn-north-1.api.amazonwebservices.com.cn",
            "https://ssm.eusc-de-east-1.amazonaws.eu",
            "https://ssm.us-iso-east-1.c2s.ic.gov",
        ] {
            assert!(is_amazon(own), "{own}");
        }
        for other in [
            "http://127.0.0.1:9000",
            "https://minio.example.com",
            "https://amazonaws.com.example.com",
            "nonsense",
        ] {
            assert!(!is_amazon(other), "{other}");
        }
    }

    #[test]
    fn a_region_tells_the_partition() {
        for (region, expected) in [
            ("eu-west-2", "aws"),
            ("", "aws"),
            ("cn-north-1", "aws-cn"),
            ("us-gov-east-1", "aws-us-gov"),
            ("eusc-de-east-1", "aws-eusc"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
        ] {
            assert_eq!(partition(region), expected, "{region}");
        }
    }
}
