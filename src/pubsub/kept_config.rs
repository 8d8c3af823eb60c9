//! A configuration as it is kept: the options that differ from the defaults, by their names on the wire.
//!
//! So a new option changes nothing about what is already there. A new *default* of an old option would change the nodes
//! that have the old one: it needs a new version of the store's layout.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::config::NodeConfig;
use super::options::{self, FIELDS};

impl Serialize for NodeConfig {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let defaults = Self::default();
        let values = FIELDS.iter().map(|field| (field.var, (field.read)(self), (field.read)(&defaults)));
        let other: Vec<_> =
            values.filter(|(_, own, default)| own != default).map(|(var, own, _)| (var, own)).collect();
        other.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for NodeConfig {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut config = Self::default();
        for (var, values) in Vec::<(String, Vec<String>)>::deserialize(deserializer)? {
            let refused = || D::Error::custom(format!("{var} cannot be {values:?}"));
            options::set(&mut config, &var, &values).ok_or_else(refused)?;
        }
        Ok(config)
    }
}
