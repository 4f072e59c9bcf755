//! Parameters of the advanced tier, which cannot go back to the standard tier.

use highwater::backend::aws::{Aws, Limits};
use highwater::backend::parameters::ssm::SsmStore;
use highwater::backend::parameters::{NewValue, ParameterStore as _, Put};
use highwater::vocabulary::{ParameterName, Version};

use super::answers::{Answer, Answers};
use super::chain;

const DONE: &str = "200 OK\r\nContent-Type: application/x-amz-json-1.1";
const REFUSED: &str = "400 Bad Request\r\nContent-Type: application/x-amz-json-1.1";

#[tokio::test]
async fn a_parameter_that_is_advanced_stays_so() {
    let server = Answers::to(|asked| {
        if asked.body.contains(r#""Tier":"Advanced""#) {
            return Answer(DONE, r#"{"Version":3}"#.to_owned());
        }
        let message = "This parameter uses the advanced-parameter tier. You can't downgrade a parameter \
                       from the advanced-parameter tier to the standard-parameter tier.";
        let error = format!(r#"{{"__type":"ValidationException","message":"{message}"}}"#);
        Answer(REFUSED, error)
    })
    .await;
    let aws = Aws::from_loader(chain(&server.endpoint), Limits::default()).await;
    let (store, name) = (SsmStore::new(&aws), ParameterName::new("/a/timestamp"));
    for requests in [2, 3] {
        let put = store.put(&name, NewValue::over("1", "")).await;
        assert_eq!(put.expect("written"), Put::Written(Version(3)));
        assert_eq!(server.seen().len(), requests);
    }
    // Nothing is known of any other parameter.
    let other = ParameterName::new("/b/timestamp");
    store
        .put(&other, NewValue::over("1", ""))
        .await
        .expect("written");
    assert_eq!(server.seen().len(), 5);
}
