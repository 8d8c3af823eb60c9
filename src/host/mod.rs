//! The link to the XMPP server.
