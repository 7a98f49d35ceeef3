//! SARIF 2.1.0.
use super::{Report, Style};
use std::io::{self, Write};
pub(super) fn write(_report: &Report, _style: &Style, _out: &mut dyn Write) -> io::Result<()> {
    Ok(())
}
