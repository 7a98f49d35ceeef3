//! Signals, sent to the real program while a server keeps it waiting.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::live::SECRET_KEY;
use crate::common::{Project, audit};
use crate::loopback::{Loopback, Manner, Reply, Script};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program, waiting for an answer that never comes.
fn waiting(server: &Loopback, project: &Project, args: &[&str]) -> Child {
    server.script("d1", Script::always(Reply::Hang));
    let program = audit(project.path())
        .args(args)
        .env("NO_PROXY", "127.0.0.1")
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_ACCESS_KEY_ID", "AKIAPLANTED")
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until(|| server.calls_for("d1") > 0);
    program
}

fn wait_until(mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "it never came");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn signal(program: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &program.id().to_string()]).status();
    assert!(sent.expect("kill is there").success());
}

fn project() -> Project {
    Project::new(
        "[audit]\ntimeout = \"60s\"\ntarget-timeout = \"60s\"\n[[source]]\nkind = \"amplify\"\nregions = [\"eu-west-1\"]\n\
         [[source.target]]\napp = \"d1\"\nenvironment = \"prod\"\nresource = \"auth\"\n",
    )
}

#[test]
fn the_second_signal_ends_the_process_at_once() {
    let (server, project) = (Loopback::start(Manner::default()), project());
    let mut program = waiting(&server, &project, &[]);
    signal(&program, "INT");
    let mut said = String::new();
    let mut stderr = BufReader::new(program.stderr.take().expect("a pipe"));
    stderr.read_line(&mut said).expect("UTF-8");
    assert_eq!(said, "interrupted: finishing the report; once more to end at once\n");
    signal(&program, "TERM");
    assert_eq!(program.wait().expect("it ends").code(), Some(130));
}

#[test]
fn with_quiet_nothing_is_said_of_a_signal() {
    let (server, project) = (Loopback::start(Manner::default()), project());
    let mut program = waiting(&server, &project, &["--quiet"]);
    // The kernel may make one of two signals of a kind that come at once: they are sent until it ends.
    wait_until(|| {
        let ended = program.try_wait().expect("it can be asked");
        if ended.is_none() {
            signal(&program, "INT");
        }
        ended.is_some()
    });
    assert_eq!(program.wait().expect("it ends").code(), Some(130));
    let mut said = String::new();
    program.stderr.take().expect("a pipe").read_to_string(&mut said).expect("UTF-8");
    assert_eq!(said, "");
}
