//! AWS Security Hub: the signed request and what its answers mean, with credentials of a test.

use driftwarden::adapters::alerts::AwsKeys;
use driftwarden::adapters::alerts::security_hub::SecurityHub;
use driftwarden::config::SecurityHubChannel;
use driftwarden::ports::{Channel, ChannelError};

use super::pages;
use super::standin::{StandIn, reply};

fn hub(url: &str) -> SecurityHub {
    let config = SecurityHubChannel {
        account: "111122223333".to_owned(),
        region: "eu-central-1".to_owned(),
        endpoint: Some(url.to_owned()),
    };
    let keys = || {
        Ok(AwsKeys {
            access_key: "AKIDEXAMPLE".to_owned(),
            secret_key: "wJalrXUtnFEMI-s3cr3t".to_owned(),
            session: Some("a-s3ss10n-token".to_owned()),
        })
    };
    SecurityHub::new("central", &config, Box::new(keys), jiff::Timestamp::now).unwrap()
}

#[test]
fn a_finding_is_imported_by_a_signed_request() {
    let server = StandIn::new(|request, _| {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/findings/import")
        );
        let findings = request.json()["Findings"].as_array().unwrap().len();
        assert_eq!(findings, 1);
        reply(
            200,
            r#"{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}"#,
        )
    });
    hub(&server.url())
        .send(&pages::of(pages::finding()), None)
        .unwrap();
    let headers = &server.came()[0].headers;
    let authorization = &headers["authorization"];
    assert!(
        authorization.contains("/eu-central-1/securityhub/aws4_request"),
        "{authorization}"
    );
    assert!(authorization.contains("SignedHeaders=host;x-amz-date;x-amz-security-token"));
    assert_eq!(headers["x-amz-security-token"], "a-s3ss10n-token");
    assert_eq!(headers["host"], server.address.to_string());
}

#[test]
fn a_finding_that_is_not_taken_is_refused_though_the_status_is_200() {
    let body = r#"{"FailedCount":1,"SuccessCount":0,"FailedFindings":[{"Id":"x","ErrorCode":"InvalidInput",
        "ErrorMessage":"wJalrXUtnFEMI-s3cr3t a-s3ss10n-token"}]}"#;
    let server = StandIn::new(move |_, _| reply(200, body));
    let error = hub(&server.url()).send(&pages::note(), None).unwrap_err();
    assert!(matches!(error, ChannelError::Refused { .. }), "{error}");
    let told = error.to_string();
    assert!(
        told.contains("InvalidInput") && !told.contains("s3cr3t"),
        "{told}"
    );
    let throttled = StandIn::new(|_, _| reply(429, "{}"));
    let error = hub(&throttled.url())
        .send(&pages::note(), None)
        .unwrap_err();
    assert!(matches!(error, ChannelError::Passing { .. }), "{error}");
}
