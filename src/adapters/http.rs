//! Serves the pages about the running engine. It reads a request's path and nothing else of it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::ports::Pages;

/// Connections at a time; more wait.
const CONNECTIONS: usize = 64;
/// Who does not send a request by then is cut off.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest that one connection lasts.
const LONGEST: Duration = Duration::from_secs(300);

/// Serves until it is dropped.
pub async fn serve(listener: TcpListener, pages: Arc<dyn Pages>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match listener.accept().await {
            Ok((stream, _)) => {
                let pages = Arc::clone(&pages);
                tokio::spawn(async move {
                    let _place = place;
                    let _ = tokio::time::timeout(LONGEST, connection(stream, pages)).await;
                });
            }
            // Out of descriptors, as a rule: others must be closed first.
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

async fn connection(stream: TcpStream, pages: Arc<dyn Pages>) {
    let service = service_fn(move |request| {
        let pages = Arc::clone(&pages);
        async move { Ok::<_, Infallible>(answer(&request, &*pages)) }
    });
    // A client that breaks off harms nobody.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(16 << 10)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn answer(request: &Request<Incoming>, pages: &dyn Pages) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let body = Bytes::from_static(b"only GET and HEAD\n");
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        let allowed = hyper::header::HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    let (status, kind, body) = pages.page(request.uri().path()).unwrap_or((
        404,
        "text/plain; charset=utf-8",
        "there is /healthz, /readyz and /metrics\n".to_owned(),
    ));
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    let fresh = hyper::header::HeaderValue::from_static("no-store");
    headers.insert(CACHE_CONTROL, fresh);
    response
}
