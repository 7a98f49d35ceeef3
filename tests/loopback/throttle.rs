//! When the server says "too many requests".

use std::collections::HashMap;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::call::{Asked, Call, MOST_CALLS, Protocol};
use super::script::Fault;

/// A bucket of tokens for each account and region, over all operations of Amplify. A call takes one
/// token, and is throttled where there is none. STS has quotas of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    /// Tokens that come back.
    pub(crate) per_second: f64,
    /// Tokens of a full bucket.
    pub(crate) burst: u32,
    pub(crate) says: Throttle,
}

/// Calls that are throttled at random, the same ones in every run: what decides is the call, how many
/// times it was made before, and the seed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Random {
    /// From 0 to 1.
    pub(crate) probability: f64,
    pub(crate) seed: u64,
    pub(crate) says: Throttle,
}

/// How a call is throttled. All services of AWS have one of these ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Throttle {
    /// 429 with the code that the model of AmplifyBackend has.
    #[default]
    TooManyRequests,
    /// 429 without a code.
    Codeless,
    /// 429 with the code that the pages of AmplifyBackend have.
    LimitExceeded,
    /// 400 with the code of older services.
    Throttling,
}

impl Throttle {
    pub(super) fn fault(self) -> Fault {
        match self {
            Self::TooManyRequests => Fault::new(429, "TooManyRequestsException", "Too Many Requests"),
            Self::Codeless => Fault::new(429, "", "Too Many Requests").without_code(),
            Self::LimitExceeded => Fault::new(429, "LimitExceededException", "Too Many Requests"),
            Self::Throttling => Fault::new(400, "ThrottlingException", "Rate exceeded"),
        }
    }
}

/// What is left in one bucket.
#[derive(Debug)]
pub(crate) struct Tokens {
    left: f64,
    at: Instant,
}

impl Tokens {
    /// A full bucket.
    pub(crate) fn full(bucket: Bucket, now: Instant) -> Self {
        Self { left: f64::from(bucket.burst), at: now }
    }

    /// Takes a token, where there is one.
    pub(crate) fn take(&mut self, bucket: Bucket, now: Instant) -> bool {
        let since = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + since * bucket.per_second).min(f64::from(bucket.burst));
        self.at = now;
        let enough = self.left >= 1.0;
        if enough {
            self.left -= 1.0;
        }
        enough
    }
}

impl Random {
    /// Whether this call is throttled, which was made so many times before.
    pub(crate) fn throttles(self, call: &Call, page: &str, before: u32) -> bool {
        let (seed, before) = (self.seed.to_string(), before.to_string());
        let parts: Vec<_> = [seed.as_str(), &before].into_iter().chain(identity(call, page)).collect();
        let [first, second, third, fourth, ..] = hash(&parts);
        // A fraction of 32 bits is exact in a double.
        let fraction = f64::from(u32::from_be_bytes([first, second, third, fourth])) / 4_294_967_296.0;
        fraction < self.probability
    }
}

/// What makes two calls the same call: all but the key that signs it and the time.
fn identity<'a>(call: &'a Call, page: &'a str) -> [&'a str; 7] {
    [call.operation, &call.account, &call.region, &call.app, &call.environment, &call.resource, page]
}

fn hash(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// What throttling has to remember.
#[derive(Default)]
pub(super) struct Memory {
    tokens: HashMap<(String, String), Tokens>,
    /// How many times each call was made.
    made: HashMap<[u8; 32], u32>,
}

impl Memory {
    /// The fault of a call that is throttled.
    pub(super) fn throttle(
        &mut self,
        asked: &Asked,
        bucket: Option<Bucket>,
        random: Option<Random>,
    ) -> Option<Fault> {
        let call = &asked.call;
        let of_sts = asked.protocol == Protocol::Query;
        if let Some(bucket) = bucket.filter(|_| !of_sts) {
            let place = (call.account.clone(), call.region.clone());
            let tokens = self.tokens.entry(place).or_insert_with(|| Tokens::full(bucket, call.at));
            if !tokens.take(bucket, call.at) {
                return Some(bucket.says.fault());
            }
        }
        let random = random?;
        let page = asked.input("nextToken").unwrap_or_default();
        let before = self.count(hash(&identity(call, page)));
        random.throttles(call, page, before).then(|| {
            if of_sts { Fault::new(400, "Throttling", "Rate exceeded") } else { random.says.fault() }
        })
    }

    /// How many times this call was made before, as far as there is room to remember.
    fn count(&mut self, call: [u8; 32]) -> u32 {
        if self.made.len() >= MOST_CALLS && !self.made.contains_key(&call) {
            return 0;
        }
        let made = self.made.entry(call).or_default();
        *made += 1;
        *made - 1
    }
}
