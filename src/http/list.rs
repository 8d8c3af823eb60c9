//! The list of the nodes that anyone may read.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::html;

use crate::limits::WEB_NODES_PAGE;
use crate::pubsub::node::Node;
use crate::pubsub::reader::nodes::Nodes;
use crate::pubsub::reader::{Look, Sight};

use super::engine::NoAnswer;
use super::page::Page;
use super::router::Web;
use super::slug;

/// The first page of the list.
pub(super) async fn page(State(web): State<Arc<Web>>) -> Result<Response, NoAnswer> {
    let mut found: Vec<(usize, Node)> = Vec::new();
    for service in 0..web.services.len() {
        let mut after = None;
        while found.len() < WEB_NODES_PAGE {
            let seen = web.engine.look(service, Look::Nodes(Nodes { after })).await?;
            let Sight::Nodes(page) = seen.sight else { return Err(NoAnswer::Busy) };
            found.extend(page.nodes.into_iter().map(|node| (service, node)));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    let path = web.settings.public.path();
    let body = html! {
        main {
            h1 { "Feeds" }
            ul {
                @for (service, node) in &found {
                    li {
                        a href={ (path) "/n/" (slug::of_node(&web.services, *service, &node.id.name)) } {
                            @if node.config.title.is_empty() { (node.id.name) } @else { (node.config.title) }
                        }
                    }
                }
            }
        }
    };
    Ok(Page { title: "Feeds".to_owned(), language: None, head: html! {}, body }.response(&web))
}
