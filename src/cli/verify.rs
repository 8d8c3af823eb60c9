//! `atomsub verify`: what the store holds, and what is wrong with it, a line each.

use std::io::Write;

use super::Exit;
use crate::config::{Config, Sources};
use crate::store::{self, verify::Report};

/// Walks the whole store. The service has to be stopped; the store need not be whole.
pub fn verify(sources: &Sources, out: &mut dyn Write, complaints: &mut dyn Write) -> Exit {
    let config = match Config::load(sources) {
        Ok(config) => config,
        Err(error) => {
            say(complaints, &error.to_string());
            return Exit::Configuration;
        }
    };
    match store::verify(&config.store.place()) {
        Ok(report) => {
            say(out, &held(&report));
            for finding in &report.findings {
                say(out, finding);
            }
            if report.findings.is_empty() { Exit::Ok } else { Exit::StoreDamaged }
        }
        Err(fault) => {
            say(complaints, &fault.to_string());
            Exit::StoreDamaged
        }
    }
}

fn held(report: &Report) -> String {
    let Report {
        nodes,
        items,
        subscriptions,
        affiliations,
        contacts,
        feeds,
        tokens,
        callbacks,
        notices,
        findings,
    } = report;
    let verdict = if findings.is_empty() { "whole" } else { "damaged" };
    format!(
        "{verdict}: {nodes} nodes, {items} items, {subscriptions} subscriptions, {affiliations} affiliations, \
         {contacts} contacts, {feeds} feeds, {tokens} tokens, {callbacks} callbacks, {notices} notices on their way"
    )
}

fn say(out: &mut dyn Write, line: &str) {
    // Nobody may be there to read it; the exit code tells too.
    let _ = writeln!(out, "{line}");
}
