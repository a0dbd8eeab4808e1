//! `dynamodb://TABLE?region=…&endpoint=…&regionSuffix=true&allowGlobalTable=true`, every part of it
//! optional.

use ::url::{Url, form_urlencoded};

use crate::server::{InvalidUrl, unknown_parameter};

const DEFAULT_TABLE: &str = "EncryptionKey";

/// A URL whose parameters are all known.
#[derive(Debug, Default)]
pub(super) struct DynamoDbUrl {
    table: Option<String>,
    pub(super) region: Option<String>,
    pub(super) endpoint: Option<String>,
    /// Whether key ids end in the region.
    pub(super) has_region_suffix: bool,
    /// Whether the caller answers for it that one region only writes.
    pub(super) allows_global_table: bool,
}

impl DynamoDbUrl {
    /// # Errors
    /// [`InvalidUrl`].
    pub(super) fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let rest = text
            .strip_prefix("dynamodb://")
            .ok_or(InvalidUrl::Malformed("must be dynamodb://TABLE?…"))?;
        let (table, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut url = Self::default();
        if !table.is_empty() {
            url.table = Some(table_name(table)?);
        }
        let mut seen = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) {
                return Err(InvalidUrl::Malformed("must have each parameter once"));
            }
            match &*name {
                "region" => url.region = Some(region_name(&value)?),
                "endpoint" => url.endpoint = Some(endpoint(&value)?),
                "regionSuffix" => url.has_region_suffix = boolean(&value)?,
                "allowGlobalTable" => url.allows_global_table = boolean(&value)?,
                _ => return Err(unknown_parameter(name, query)),
            }
            seen.push(name);
        }
        Ok(url)
    }

    /// The table's name: the URL's, the option's, or the default.
    ///
    /// # Errors
    /// [`InvalidUrl::Malformed`] where both are given, or for a name that no table can have.
    pub(super) fn table(&self, option: Option<&str>) -> Result<String, InvalidUrl> {
        match (&self.table, option) {
            (Some(_), Some(_)) => Err(InvalidUrl::Malformed(
                "must name the table in the URL or in the option table, not in both",
            )),
            (Some(table), None) => Ok(table.clone()),
            (None, Some(option)) => table_name(option),
            (None, None) => Ok(DEFAULT_TABLE.to_owned()),
        }
    }
}

/// As DynamoDB has it: 3 to 255 letters, digits, `_`, `-` and `.`.
fn table_name(text: &str) -> Result<String, InvalidUrl> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (3..=255).contains(&text.len()) && text.bytes().all(is_fine) {
        Ok(text.to_owned())
    } else {
        Err(InvalidUrl::Malformed(
            "must name a table by 3 to 255 letters, digits, '_', '-' and '.'",
        ))
    }
}

/// Hosts are made of it, and key ids: 32 bytes is what a sealed record has room for.
fn region_name(text: &str) -> Result<String, InvalidUrl> {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (1..=32).contains(&text.len()) && text.bytes().all(is_fine) {
        Ok(text.to_owned())
    } else {
        Err(InvalidUrl::Malformed("must have a region as in us-west-2"))
    }
}

fn endpoint(text: &str) -> Result<String, InvalidUrl> {
    let is_fine = Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
    });
    if is_fine {
        Ok(text.to_owned())
    } else {
        Err(InvalidUrl::Malformed(
            "must have an endpoint of http:// or https:// and a host",
        ))
    }
}

fn boolean(text: &str) -> Result<bool, InvalidUrl> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(InvalidUrl::Malformed(
            "must have regionSuffix and allowGlobalTable of true or false",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_optional() {
        let url = DynamoDbUrl::parse("dynamodb://").unwrap();
        assert_eq!(url.table(None).unwrap(), "EncryptionKey");
        assert_eq!(url.table(Some("keys")).unwrap(), "keys");
        assert_eq!((url.region, url.endpoint), (None, None));
        assert!(!url.has_region_suffix && !url.allows_global_table);
    }

    #[test]
    fn reads_table_and_parameters_plain_and_encoded() {
        let url = DynamoDbUrl::parse(
            "dynamodb://My.Table-1?region=us-west-2&endpoint=http%3A%2F%2F127.0.0.1:8000&regionSuffix=true",
        )
        .unwrap();
        assert_eq!(url.table(None).unwrap(), "My.Table-1");
        assert!(url.table(Some("keys")).is_err());
        assert_eq!(url.region.as_deref(), Some("us-west-2"));
        assert_eq!(url.endpoint.as_deref(), Some("http://127.0.0.1:8000"));
        assert!(url.has_region_suffix);
    }

    #[test]
    fn refuses_what_it_does_not_know_and_repeats_no_value() {
        for url in [
            "dynamodb:",
            "dynamodb:keys",
            "dynamodb://ab",
            "dynamodb://key:secret@table",
            "dynamodb://table/secret",
            "dynamodb://?region=secret.test%2F",
            "dynamodb://?endpoint=secret",
            "dynamodb://?endpoint=https://u:secret@h",
            "dynamodb://?regionSuffix=secret",
            "dynamodb://?regionSuffix",
            "dynamodb://?region=a&region=b",
            "dynamodb://?secretAccessKey=secret",
            "dynamodb://?secret",
        ] {
            let error = DynamoDbUrl::parse(url).map(drop).unwrap_err();
            let shown = error.to_string().replace("secretAccessKey", "");
            assert!(!shown.contains("secret"), "{shown}");
        }
        assert_eq!(
            DynamoDbUrl::parse("dynamodb://?region_suffix=true").map(drop),
            Err(InvalidUrl::UnknownParameter("region_suffix".to_owned()))
        );
    }
}
