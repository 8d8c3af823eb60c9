//! `atomsub check`: everything that has to be right, a line each, with what to do where it is not.

use std::io::{ErrorKind, Write};

use tokio::net::TcpListener;

use super::{Exit, disk, reach};
use crate::config::{Config, Sources};
use crate::http;

/// Checks it all, and ends with the first thing that is wrong.
pub async fn check(sources: &Sources, out: &mut dyn Write) -> Exit {
    let mut lines = Lines { out, exit: Exit::Ok };
    if let Some(config) = configuration(sources, &mut lines) {
        lines.say("store", Exit::Configuration, disk::look(&config.store));
        if let Some(http) = &config.http {
            lines.say("web", Exit::Configuration, web(http).await);
        }
        for service in &config.services {
            reach::reach(service, &config.limits, &mut lines).await;
        }
    }
    lines.exit
}

fn configuration(sources: &Sources, lines: &mut Lines<'_>) -> Option<Config> {
    let config = match Config::load(sources) {
        Ok(config) => config,
        Err(error) => {
            for problem in error.0 {
                lines.say("configuration", Exit::Configuration, Err(problem.to_string()));
            }
            return None;
        }
    };
    lines.say("configuration", Exit::Configuration, Ok(sources.file.display().to_string()));
    if config.warnings.is_empty() {
        lines.say("secret", Exit::Configuration, Ok("readable by this program alone".to_owned()));
    }
    for warning in &config.warnings {
        lines.say("secret", Exit::Configuration, Err(warning.clone()));
    }
    Some(config)
}

/// Whether the web side can listen where it is to; the service itself may be there already.
async fn web(http: &http::Settings) -> Result<String, String> {
    let (listen, public) = (http.listen, &http.public);
    match TcpListener::bind(listen).await {
        Ok(_) => Ok(format!("can listen on {listen}, for {public}")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => {
            Ok(format!("{listen} is in use, for {public}: by this service, if it runs"))
        }
        Err(_) => http::Server::bind(listen).await.map(|_| format!("can listen on {listen}, for {public}")),
    }
}

/// The lines so far.
pub(super) struct Lines<'a> {
    out: &'a mut dyn Write,
    exit: Exit,
}

impl Lines<'_> {
    /// Says how `what` is. When that is bad, and nothing was before, the program will end with `exit`.
    pub(super) fn say(&mut self, what: &str, exit: Exit, found: Result<String, String>) {
        let (verdict, text) = match found {
            Ok(text) => ("ok  ", text),
            Err(text) => {
                if self.exit == Exit::Ok {
                    self.exit = exit;
                }
                ("FAIL", text)
            }
        };
        // The exit code tells even when nobody reads.
        let _ = writeln!(self.out, "{verdict} {what}: {text}");
    }
}
