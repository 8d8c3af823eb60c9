//! `/app/service`: where somebody may publish (RFC 5023, 8).

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::atom::NS;
use crate::atom::member::APP_NS;
use crate::http::feed::About;
use crate::http::router::Web;
use crate::pubsub::atompub::{Told, Wish};
use crate::xml::Writer;

use super::author::Author;
use super::trouble::Trouble;

/// What a collection takes.
const ACCEPTED: [&str; 3] =
    ["application/atom+xml;type=entry", "application/atom+xml;type=feed", "application/json"];

/// The service document.
pub(super) async fn document(State(web): State<Arc<Web>>, author: Author) -> Result<Response, Trouble> {
    let Told::Collections(collections) = author.ask(&web, Wish::Collections).await? else {
        return Err(Trouble::bug());
    };
    let mut out = Writer::new();
    out.open("service").attr("xmlns", APP_NS).attr("xmlns:atom", NS);
    out.open("workspace").open("atom:title").text(author.service(&web)).close();
    for collection in collections {
        let node = &collection.node;
        out.open("collection").attr("href", &author.collection(&web, &node.id.name));
        out.open("atom:title").text(&About::of(node, None).title).close();
        if collection.takes_entries {
            for accepted in ACCEPTED {
                out.open("accept").text(accepted).close();
            }
        } else {
            out.open("accept").close();
        }
        out.close();
    }
    out.close().close();
    Ok(([(header::CONTENT_TYPE, "application/atomsvc+xml")], out.finish()).into_response())
}
