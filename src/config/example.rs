//! `component.toml.example`, made of the keys' declarations.

use super::keys::{Key, SECTIONS, Section, Shown};

/// A configuration file with every key, what it means, and its default.
pub fn example() -> String {
    let mut text = String::new();
    for section in SECTIONS {
        comment(&mut text, section.about);
        text += &heading(section);
        for key in section.keys {
            text.push('\n');
            comment(&mut text, key.doc);
            if let Some(range) = &key.range {
                comment(&mut text, &[&format!("From {} to {}.", range.start(), range.end())]);
            }
            text += &line(key);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len() + 1);
    text
}

fn heading(section: &Section) -> String {
    match section.name {
        "" => String::new(),
        "service" => "[[service]]\n".to_owned(),
        // None is needed, and one that is empty would be wrong.
        "feeds" => "#[[feeds]]\n".to_owned(),
        name => format!("[{name}]\n"),
    }
}

/// Only what must be there is live, so that a copy of the example keeps following the defaults.
fn line(key: &Key) -> String {
    match key.shown {
        Shown::Needed(_) => format!("{key}\n"),
        Shown::Default(_) | Shown::Example(_) => format!("#{key}\n"),
    }
}

fn comment(text: &mut String, lines: &[&str]) {
    for line in lines {
        *text += format!("# {}", line.trim()).trim_end();
        text.push('\n');
    }
}
