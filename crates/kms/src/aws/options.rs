//! What a user says of AWS KMS, checked before anybody is asked.

use url::Url;

use crate::open::OpenError;

/// How to open an [`super::AwsKeyManagementService`].
#[derive(Debug, Clone, Default)]
pub struct AwsKmsOptions {
    /// At least one.
    pub regions: Vec<AwsRegion>,
    /// The region that is asked first. Needed where there are several.
    pub preferred_region: Option<String>,
    /// The fewest regions that must be able to decrypt a new system key. Default 1.
    pub min_regions: Option<u32>,
}

/// One region and its KMS key.
#[derive(Debug, Clone)]
pub struct AwsRegion {
    /// As in `us-west-2`.
    pub name: String,
    /// The ARN of a symmetric key of that region, or of an alias.
    pub key_arn: String,
    /// The URL of the service, where it is not the region's own.
    pub endpoint: Option<String>,
}

/// Options that hold together: the preferred region first.
pub(super) struct Checked {
    pub(super) regions: Vec<AwsRegion>,
    pub(super) min_regions: usize,
}

impl AwsKmsOptions {
    /// # Errors
    /// [`OpenError::InvalidOption`].
    pub(super) fn checked(self) -> Result<Checked, OpenError> {
        let mut regions = self.regions;
        for (i, region) in regions.iter().enumerate() {
            region.check()?;
            if regions[..i]
                .iter()
                .any(|other| other.is_named(&region.name))
            {
                return Err(invalid("regions", "must name each region once"));
            }
        }
        let preferred = match &self.preferred_region {
            Some(name) => regions.iter().position(|region| region.is_named(name)),
            None if regions.len() <= 1 => Some(0),
            None => return Err(invalid("preferredRegion", "is needed with several regions")),
        };
        if regions.is_empty() {
            return Err(invalid("regions", "must name at least one region"));
        }
        let preferred =
            preferred.ok_or_else(|| invalid("preferredRegion", "must be one of the regions"))?;
        regions[..=preferred].rotate_right(1);
        let min_regions = self.min_regions.unwrap_or(1) as usize;
        if !(1..=regions.len()).contains(&min_regions) {
            return Err(invalid(
                "minRegions",
                "must be from 1 to the number of regions",
            ));
        }
        Ok(Checked {
            regions,
            min_regions,
        })
    }
}

impl AwsRegion {
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The name as hosts spell it.
    pub(super) fn endpoint_name(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// # Errors
    /// [`OpenError::InvalidOption`].
    fn check(&self) -> Result<(), OpenError> {
        if !self.has_plain_name() {
            return Err(invalid("regions", "must be named as in 'us-west-2'"));
        }
        if !self.has_key_of_its_own() {
            return Err(invalid(
                "regions",
                "must give each region the ARN of a KMS key or alias of that region",
            ));
        }
        match &self.endpoint {
            Some(endpoint) if !is_endpoint(endpoint) => Err(invalid(
                "endpoint",
                "must be http:// or https:// and a host, with nothing secret in it",
            )),
            _ => Ok(()),
        }
    }

    /// Hosts are made of it.
    fn has_plain_name(&self) -> bool {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !self.name.is_empty() && self.name.len() <= 32 && self.name.bytes().all(is_plain)
    }

    /// `arn:PARTITION:kms:REGION:ACCOUNT:key/…` or `…:alias/…`.
    fn has_key_of_its_own(&self) -> bool {
        let parts: Vec<&str> = self.key_arn.split(':').collect();
        let ["arn", _partition, "kms", region, _account, resource] = parts.as_slice() else {
            return false;
        };
        self.is_named(region) && (resource.starts_with("key/") || resource.starts_with("alias/"))
    }
}

fn is_endpoint(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
    })
}

fn invalid(name: &'static str, requirement: &'static str) -> OpenError {
    OpenError::InvalidOption { name, requirement }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> AwsRegion {
        AwsRegion {
            name: name.to_owned(),
            key_arn: format!(
                "arn:aws:kms:{}:111122223333:key/k",
                name.to_ascii_lowercase()
            ),
            endpoint: None,
        }
    }

    fn options(names: &[&str], preferred: Option<&str>) -> AwsKmsOptions {
        AwsKmsOptions {
            regions: names.iter().map(|name| region(name)).collect(),
            preferred_region: preferred.map(str::to_owned),
            min_regions: None,
        }
    }

    fn refused(options: AwsKmsOptions) -> &'static str {
        match options.checked().map(drop) {
            Err(OpenError::InvalidOption { name, .. }) => name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_preferred_region_comes_first_and_the_others_keep_their_order() {
        let checked = options(&["us-east-1", "us-west-2", "eu-west-1"], Some("EU-west-1"));
        let names: Vec<_> = checked.checked().unwrap().regions;
        let names: Vec<_> = names.iter().map(|region| region.name.as_str()).collect();
        assert_eq!(names, ["eu-west-1", "us-east-1", "us-west-2"]);
        assert!(options(&["us-east-1"], None).checked().is_ok());
    }

    #[test]
    fn options_that_contradict_each_other_are_refused_by_name() {
        let two = ["us-east-1", "us-west-2"];
        assert_eq!(refused(options(&[], None)), "regions");
        assert_eq!(refused(options(&[], Some("us-east-1"))), "regions");
        assert_eq!(refused(options(&two, None)), "preferredRegion");
        assert_eq!(refused(options(&two, Some("eu-west-1"))), "preferredRegion");
        let twice = ["us-east-1", "US-EAST-1"];
        assert_eq!(refused(options(&twice, Some("us-east-1"))), "regions");
        assert_eq!(refused(options(&["evil.test/"], None)), "regions");
        for count in [0, 3] {
            let mut options = options(&two, Some("us-east-1"));
            options.min_regions = Some(count);
            assert_eq!(refused(options), "minRegions", "{count}");
        }
    }

    #[test]
    fn a_region_needs_the_arn_of_a_key_of_its_own() {
        for arn in [
            "",
            "k",
            "alias/k",
            "arn:aws:kms:us-west-2:1:key/k",
            "arn:aws:s3:us-east-1:1:key/k",
            "arn:aws:kms:us-east-1:1:grant/k",
        ] {
            let mut options = options(&["us-east-1"], None);
            options.regions[0].key_arn = arn.to_owned();
            assert_eq!(refused(options), "regions", "{arn}");
        }
        let mut options = options(&["us-gov-west-1"], None);
        options.regions[0].key_arn = "arn:aws-us-gov:kms:us-gov-west-1:1:alias/k".to_owned();
        assert!(options.checked().is_ok());
    }

    #[test]
    fn an_endpoint_is_a_url_without_a_password() {
        for (endpoint, is_fine) in [
            ("http://127.0.0.1:5000", true),
            ("https://vpce-1.kms.us-east-1.vpce.amazonaws.com", true),
            ("127.0.0.1:5000", false),
            ("ftp://h", false),
            ("https://u:p@h", false),
            ("", false),
        ] {
            let mut options = options(&["us-east-1"], None);
            options.regions[0].endpoint = Some(endpoint.to_owned());
            assert_eq!(options.checked().is_ok(), is_fine, "{endpoint}");
        }
    }
}
