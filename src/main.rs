//! `audit`: parses the command line, dispatches, and exits with the code of the result.

use std::io::{self, Write};

use amplify_audit::command::{self, Exit, Problems};
use miette::{MietteHandlerOpts, miette};
use textwrap::WordSeparator;

fn main() -> Exit {
    let cli = match command::arguments() {
        Ok(cli) => cli,
        Err(said) => {
            // Where nobody reads it, the exit code still tells.
            let _ = said.print();
            return Exit::Said(said.exit_code());
        }
    };
    // Only a second installation fails, and there is one.
    let _ = miette::set_hook(Box::new(|_| {
        let color = command::colors(&io::stderr());
        let handler = MietteHandlerOpts::new().color(color).terminal_links(false).break_words(false);
        Box::new(Problems(handler.word_separator(WordSeparator::AsciiSpace).build()))
    }));
    let exit = command::with_room(|| command::dispatch(cli)).unwrap_or_else(|error| {
        let help = "raise the limits of processes and of memory (`ulimit -u`, `ulimit -v`), or set RAYON_NUM_THREADS=1";
        Exit::Unusable(miette!(help = help, "the system gives no further thread: {error}"))
    });
    if let Exit::Unusable(error) = &exit {
        // Where stderr is closed, the exit code still tells.
        let _ = writeln!(io::stderr(), "{error:?}");
    }
    exit
}
