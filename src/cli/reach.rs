//! Whether a service finds its way to its server, is let in, and is found by others.

use super::Exit;
use super::check::Lines;
use crate::config::{Limits, Service};
use crate::host::{LoginError, connect};

/// Goes the way step by step, up to the first that fails.
pub(super) async fn reach(service: &Service, limits: &Limits, lines: &mut Lines<'_>) {
    let settings = service.settings(limits);
    let (jid, server) = (&settings.jid, &settings.server);
    let mut say = |step, found| lines.say(step, Exit::Unreachable, found);
    let listens = Ok(format!("{server} answers"));
    let connection = match connect(&settings).await {
        Ok(connection) => connection,
        Err(error) if is_nobody(&error) => return say("port", Err(error.advice(&settings))),
        Err(error) => {
            say("port", listens);
            return say("login", Err(error.advice(&settings)));
        }
    };
    say("port", listens);
    say("login", Ok(format!("{server} lets {jid} in")));
    let found = connection.probe(&settings).await;
    let found = found.map(|()| format!("{server} routes what is for {jid}"));
    say(
        "route",
        found.map_err(|why| format!("{server} does not route what is for {jid}, {why}; its log may say why")),
    );
}

/// Whether nobody is there to talk to.
fn is_nobody(error: &LoginError) -> bool {
    match error {
        LoginError::NoAddress(_) | LoginError::Refused | LoginError::Timeout | LoginError::Io(_) => true,
        LoginError::Closed
        | LoginError::NotAuthorized
        | LoginError::HostUnknown
        | LoginError::Conflict
        | LoginError::Stream(_)
        | LoginError::NotComponent(_) => false,
    }
}
