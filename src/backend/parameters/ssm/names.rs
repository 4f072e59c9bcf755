//! Listing the parameters that exist.

use aws_sdk_ssm::error::BuildError;
use aws_sdk_ssm::types::ParameterStringFilter;

use super::throttle::Patience;
use super::{SsmStore, further};
use crate::backend::error::Result;
use crate::vocabulary::ParameterName;

/// Maximum number of names in one answer of `DescribeParameters`.
const NAMES_PER_ANSWER: i32 = 50;

impl SsmStore {
    /// Uses `DescribeParameters`, because `GetParametersByPath` only finds names that are paths.
    pub(super) async fn list_names(&self, prefix: &str) -> Result<Vec<ParameterName>> {
        let doing = format!("listing parameters under {prefix:?}");
        let call = self.call(&doing, "ssm:DescribeParameters");
        let filter = starting_with(prefix).map_err(|error| call.other(error.to_string()))?;
        let request = self.client.describe_parameters();
        let request = request.set_parameter_filters(filter);
        let request = request.max_results(NAMES_PER_ANSWER);
        let mut patience = Patience::of(self.patience);
        let mut names = Vec::new();
        let mut next = None;
        loop {
            let page = request.clone().set_next_token(next.clone()).send().await;
            if patience.waits(&doing, &page).await {
                continue;
            }
            let page = page.map_err(|error| call.failed(&error))?;
            let found = page.parameters().iter().filter_map(|found| found.name());
            // Some servers ignore a leading slash.
            let found = found.filter(|name| name.starts_with(prefix));
            names.extend(found.map(ParameterName::new));
            next = further(page.next_token, next.as_deref());
            if next.is_none() {
                break;
            }
            patience = Patience::of(self.patience);
        }
        names.sort();
        Ok(names)
    }
}

/// The filter for names that start with `prefix`; `None` if all do.
fn starting_with(prefix: &str) -> Result<Option<Vec<ParameterStringFilter>>, BuildError> {
    if prefix.is_empty() {
        return Ok(None);
    }
    let filter = ParameterStringFilter::builder()
        .key("Name")
        .option("BeginsWith")
        .values(prefix)
        .build()?;
    Ok(Some(vec![filter]))
}
