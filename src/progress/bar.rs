//! The line at a terminal's foot.

use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use owo_colors::OwoColorize as _;

use super::{Run, text};

/// How often it is drawn.
const HERTZ: u8 = 10;

/// Turns while the program lives, whatever the network does.
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// Draws how far the run is, by a thread of its own.
#[derive(Debug)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new(run: Arc<Run>, color: bool, width: fn() -> usize) -> Self {
        let draw = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            let now = run.snapshot();
            let turn = now.elapsed.as_millis() * u128::from(HERTZ) / 1000;
            let spinner = SPINNER[usize::try_from(turn).unwrap_or_default() % SPINNER.len()];
            // A terminal may wrap a line that fills its last column; the spinner and a space take two.
            let text = text::foot(&now, width().saturating_sub(3));
            // Writing to a String cannot fail.
            let _ = if color {
                write!(out, "{} {text}", spinner.cyan())
            } else {
                write!(out, "{spinner} {text}")
            };
        };
        let style = ProgressStyle::default_spinner().with_key("foot", draw);
        // The template is ours, and right.
        let style = style.template("{foot}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(HERTZ));
        bar.set_style(style);
        bar.enable_steady_tick(Duration::from_secs(1) / u32::from(HERTZ));
        Self(bar)
    }

    /// Prints while the line is away.
    pub(super) fn above(&self, print: impl FnOnce()) {
        self.0.suspend(print);
    }

    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
