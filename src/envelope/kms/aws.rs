//! `{ type: 'aws', regions, preferredRegion, minRegions, endpoint }`.

use std::sync::Arc;

use futures_util::FutureExt;
use napi_derive::napi;
use sealdiff_envelope::KeyManagementService;
use sealdiff_kms::{AwsKeyManagementService, AwsKmsOptions, AwsRegion};

use super::OpeningKms;

/// AWS KMS in one region or several.
#[napi(object, object_to_js = false)]
pub(crate) struct AwsKmsArguments {
    pub regions: Vec<AwsRegionArguments>,
    pub preferred_region: Option<String>,
    pub min_regions: Option<u32>,
}

/// One region, and where it is if not where AWS has it.
#[napi(object, object_to_js = false)]
pub(crate) struct AwsRegionArguments {
    pub name: String,
    pub key_arn: String,
    pub endpoint: Option<String>,
}

impl AwsKmsArguments {
    pub(super) fn opening(self) -> OpeningKms {
        let opening = async {
            let service = AwsKeyManagementService::open(self.options()).await?;
            let service: Arc<dyn KeyManagementService> = Arc::new(service);
            Ok(service)
        };
        opening.boxed()
    }

    fn options(self) -> AwsKmsOptions {
        let region = |region: AwsRegionArguments| AwsRegion {
            name: region.name,
            key_arn: region.key_arn,
            endpoint: region.endpoint,
        };
        AwsKmsOptions {
            regions: self.regions.into_iter().map(region).collect(),
            preferred_region: self.preferred_region,
            min_regions: self.min_regions,
        }
    }
}
