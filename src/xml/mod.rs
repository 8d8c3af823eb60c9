//! XML as the service reads and writes it: a bounded, iterative tree over the bytes as they came, and an escaping writer.
//!
//! Reading keeps the bytes: what a publisher sent can be cut out again exactly as it was ([`Element::raw`]), or
//! made to stand alone by declaring what it inherited ([`Element::self_contained`]). Nothing here recurses, so no
//! depth of nesting can exhaust a stack.

mod alone;
mod compare;
mod parse;
mod scope;
mod tree;
pub mod write;

use thiserror::Error;

use crate::limits;

pub use compare::infoset_equal;
pub use tree::{Attr, Children, Element, Node, Nodes, Tree};
pub use write::Writer;

/// The default namespace of a component's stream (XEP-0114).
pub const COMPONENT_NS: &str = "jabber:component:accept";
/// The namespace of the stream itself, which `stream:` stands for.
pub const STREAM_NS: &str = "http://etherx.jabber.org/streams";

/// What one fragment may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the whole fragment.
    pub bytes: usize,
    /// Elements inside each other, the root included.
    pub depth: usize,
    /// Elements in all.
    pub elements: usize,
    /// Attributes of one element, namespace declarations included.
    pub attributes: usize,
    /// Bytes of one attribute value.
    pub attribute_bytes: usize,
    /// Bytes of namespace declarations in scope at one place.
    pub scope_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: limits::XML_BYTES_MAX,
            depth: limits::XML_DEPTH_MAX,
            elements: limits::XML_ELEMENTS_MAX,
            attributes: limits::XML_ATTRIBUTES_MAX,
            attribute_bytes: limits::XML_ATTRIBUTE_BYTES_MAX,
            scope_bytes: limits::XML_SCOPE_BYTES_MAX,
        }
    }
}

/// The limit that a fragment went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Limit {
    /// The whole is too long.
    #[error("too many bytes")]
    Bytes,
    /// Elements are nested too deeply.
    #[error("nested too deeply")]
    Depth,
    /// There are too many elements.
    #[error("too many elements")]
    Elements,
    /// One element has too many attributes.
    #[error("too many attributes")]
    Attributes,
    /// One name or attribute value is too long.
    #[error("attribute too long")]
    AttributeBytes,
    /// Too much namespace text is in scope.
    #[error("too many namespaces")]
    ScopeBytes,
}

/// Why a fragment could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum XmlError {
    /// It is over a limit.
    #[error("{0}")]
    Over(Limit),
    /// It is not well-formed, or uses what XMPP forbids: DTD, processing instruction, unknown entity.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// A prefix has no declaration in scope.
    #[error("undeclared prefix `{0}`")]
    UndeclaredPrefix(String),
    /// Two attributes of one element have the same expanded name.
    #[error("duplicate attribute `{0}`")]
    DuplicateAttribute(String),
}
