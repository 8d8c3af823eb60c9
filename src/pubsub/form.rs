//! What somebody filled in: a submitted data form as data.

/// The fields of a submitted form, in order, without their types: clients often omit those or get them wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// `type='cancel'`: the sender wants nothing changed.
    pub cancelled: bool,
    /// `FORM_TYPE`, if there is one.
    pub form_type: Option<String>,
    /// Names and values.
    pub fields: Vec<(String, Vec<String>)>,
}

impl Form {
    /// Whether there is such a field.
    pub fn has(&self, var: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == var)
    }

    /// All values of a field.
    pub fn values(&self, var: &str) -> &[String] {
        self.fields.iter().find(|(name, _)| name == var).map_or(&[], |(_, values)| values)
    }

    /// The first value of a field.
    pub fn value(&self, var: &str) -> Option<&str> {
        let (_, values) = self.fields.iter().find(|(name, _)| name == var)?;
        values.first().map(String::as_str)
    }
}

/// Reads a boolean as clients write it.
pub fn boolean(value: &str) -> Option<bool> {
    match value.trim() {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}
