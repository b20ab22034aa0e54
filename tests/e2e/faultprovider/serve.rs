//! Enough of gRPC to answer: one message in, one message and a status out.

use std::rc::Rc;

use bytes::{BufMut, Bytes, BytesMut};
use h2::server::SendResponse;
use http::{HeaderMap, HeaderValue, Request, Response};
use tokio::net::{UnixListener, UnixStream};

use crate::answers::Answer;
use crate::calls::Provider;

pub async fn forever(listener: UnixListener, provider: Provider) {
    let provider = Rc::new(provider);
    let local = tokio::task::LocalSet::new();
    let serving = local.run_until(async {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let provider = Rc::clone(&provider);
            tokio::task::spawn_local(connection(stream, provider));
        }
    });
    serving.await;
}

async fn connection(stream: UnixStream, provider: Rc<Provider>) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((request, respond))) = connection.accept().await {
        let provider = Rc::clone(&provider);
        tokio::task::spawn_local(one(request, respond, provider));
    }
}

async fn one(
    request: Request<h2::RecvStream>,
    mut respond: SendResponse<Bytes>,
    provider: Rc<Provider>,
) {
    let path = request.uri().path().to_owned();
    let mut body = request.into_body();
    let mut message = BytesMut::new();
    while let Some(Ok(chunk)) = body.data().await {
        drop(body.flow_control().release_capacity(chunk.len()));
        message.put(chunk);
    }
    let name = path.rsplit('/').next().unwrap();
    let answer = provider.answer(name, message.split_off(5).freeze()).await;
    let response = Response::builder()
        .header("content-type", "application/grpc")
        .body(())
        .unwrap();
    let Ok(mut stream) = respond.send_response(response, false) else {
        return;
    };
    let mut trailers = HeaderMap::new();
    match answer {
        Answer::Message(message) => {
            let mut framed = BytesMut::with_capacity(message.len() + 5);
            framed.put_u8(0);
            framed.put_u32(u32::try_from(message.len()).unwrap());
            framed.put(message.as_slice());
            drop(stream.send_data(framed.freeze(), false));
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
        }
        Answer::Status(code, text) => {
            trailers.insert("grpc-status", HeaderValue::from_static(code));
            trailers.insert("grpc-message", HeaderValue::from_static(text));
        }
    }
    drop(stream.send_trailers(trailers));
}
