//! How long to wait between two attempts.

use std::time::Duration;

/// The wait before the second attempt.
const FIRST_WAIT: Duration = Duration::from_millis(200);
/// The longest wait that doubling leads to.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The wait after so many attempts: it doubles, and calls that failed together do not come back together.
pub(super) fn wait(attempts: u32) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(1 << (attempts.max(1) - 1).min(16)).min(LONGEST_WAIT);
    doubled.mul_f64(0.5 + 0.5 * fastrand::f64())
}
