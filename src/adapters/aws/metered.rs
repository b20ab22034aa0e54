//! Each call with its tries: what they cost the budget, and whether they were refused for being too
//! many.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_config::config::interceptors::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_sdk_config::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_config::error::{BoxError, ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::RequestAttempts;

use super::failure::{Answerless, call_failed, is_throttle};
use crate::model::WhyNotRead;
use crate::ports::{CallFailed, CallMeter, CallPlace};

/// The tries that the SDK adds to a call come out of the same budget.
#[derive(Debug)]
pub struct Metered {
    meter: Arc<dyn CallMeter>,
    at: CallPlace,
    api: &'static str,
    /// Whether a try was refused because there were too many: the pauses that follow may use up the
    /// time of the call.
    throttled: Arc<AtomicBool>,
}

impl Intercept for Metered {
    fn name(&self) -> &'static str {
        "Metered"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let attempts = config.load::<RequestAttempts>();
        let is_first = attempts.is_none_or(|tries| tries.attempts() <= 1);
        match is_first || self.meter.may_try_again(&self.at, self.api) {
            true => Ok(()),
            false => Err(Box::new(Answerless::OverBudget)),
        }
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let refused = context.response().filter(|own| !own.status().is_success());
        let body = refused.and_then(|response| response.body().bytes());
        if body.is_some_and(is_throttle) {
            self.throttled.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// What is known of a call beside its error.
#[derive(Clone)]
pub struct Told {
    api: &'static str,
    throttled: Arc<AtomicBool>,
}

impl Metered {
    pub fn new(meter: &Arc<dyn CallMeter>, at: &CallPlace, api: &'static str) -> Self {
        Self {
            meter: Arc::clone(meter),
            at: at.clone(),
            api,
            throttled: Arc::default(),
        }
    }

    pub fn told(&self) -> Told {
        Told {
            api: self.api,
            throttled: Arc::clone(&self.throttled),
        }
    }
}

impl Told {
    pub fn failed<E>(&self, error: &SdkError<E, HttpResponse>) -> CallFailed
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let failed = call_failed(self.api, error);
        let was_throttled = self.throttled.load(Ordering::Relaxed);
        match (was_throttled, failed.why) {
            (true, WhyNotRead::Unreachable) => CallFailed {
                why: WhyNotRead::Throttled,
                what: format!("`{}` is throttled, and was tried again in vain", self.api),
            },
            _ => failed,
        }
    }
}
