"""Holds the reports of the program against the validators of those who read them.

    python3 .ci/reports.py AUDIT MULTITOOL

AUDIT is the program, MULTITOOL is Sarif.Multitool. A project is written into a temporary folder whose reports have
every rule, text that is markup or control somewhere, unaudited targets, waivers, drift, and findings carried over
from an earlier run. SARIF must be valid by its schema, and give the multitool neither an error nor a warning, with
GitHub's rules; JUnit must be what Jenkins reads; and both must say what the JSON report of the same run says: every
finding, target and notice with its message and its place. Each validator also gets a broken copy of each report: if
it finds nothing wrong with that, it has checked nothing.
"""

import copy
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import fastjsonschema
import xmlschema

ROOT = Path(__file__).resolve().parent.parent
AUDIT, MULTITOOL = (Path(argument).resolve() for argument in sys.argv[1:])

HOSTILE = (
    "\x1b[31m\u202eevil ::error::x ##[error]y\n::stop-commands::z <script>alert(1)</script> &amp; \"'|`*_"
    " [x](javascript:1) {0} %0A%s \\ ]]> --> =1+1 \x00\x7f\u2028\ufeff\uffff"
)
LONG = "long " * 13_000

# Every backend violates it, and most projects disable it.
DISABLED = "lifecycle/gen1_end_of_life"

# The least `security-severity` that code scanning gives this name.
SCORES = {"critical": 9.1, "high": 7.0, "medium": 4.0, "low": 0.1, "info": 0.0}

LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}

# What code scanning takes of one file.
MOST_RESULTS = 25_000
MOST_BYTES = 10_000_000


# What a run is asked for that finds no target.
NARROWED = "--target=no/such/*"


def main():
    with tempfile.TemporaryDirectory() as folder:
        # Files are named from the root of the repository, wherever the program is started.
        repository = Path(folder)
        (repository / ".git").mkdir()
        project = Project(repository / "deploy/auth")
        reports = write_reports(project)
        check_contents(project)
        for path, check, report, options in reports:
            check(path, report, options)
        check_cut(Project(repository / "fleet"))
    print(f"{len(reports)} reports are valid, and a broken copy of each is not")


def write_reports(project):
    """The reports of several runs, each with what checks it, what the run says in JSON, and its options."""
    formats = {"sarif": check_sarif, "junit": check_junit}  # of a run: a further one is a further entry
    reports = []

    def run(name, *args, code):
        written = [*formats, "json"]
        project.audit(*args, *(f"--output={format}={name}.{format}" for format in written), code=code)
        report = json.loads((project.folder / f"{name}.json").read_text())
        reports.extend((project.folder / f"{name}.{format}", check, report, args) for format, check in formats.items())

    project.agree()
    project.audit("snapshot", code=3)
    project.audit("--output=json=previous.json", code=3)
    project.drift()
    run("open", "--previous=previous.json", code=3)
    run("waived", "--previous=previous.json", "--include-waived", code=3)
    run("shard", "--shard=1/2", code=3)
    run("no-target", NARROWED, code=3)
    run("clean", "--config=clean.toml", code=0)
    run("again", "--previous=previous.json", code=3)
    for kept in ["automationDetails", "results"]:
        first, second = (sarif_run(project.folder / f"{name}.sarif")[kept] for name in ["open", "again"])
        if first != second:
            fail(f"again.sarif: the same run has other {kept}")
    project.file("tests.junit", project.audit("test", "pack", "--format=junit", code=1))
    return [*reports, (project.folder / "tests.junit", check_tests, None, ())]


class Project:
    """A folder with an audit.toml and recordings."""

    def __init__(self, folder):
        self.folder = folder
        self.stderr = ""

    def audit(self, *args, code):
        """What the program prints, which must end in `code`."""
        run = subprocess.run(
            [AUDIT, *args],
            cwd=self.folder,
            env={"HOME": str(self.folder), "AWS_EC2_METADATA_DISABLED": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if run.returncode != code:
            fail(f"audit {' '.join(args)}: exit status {run.returncode} instead of {code}\n{run.stderr}")
        self.stderr = run.stderr
        return run.stdout

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def record(self, name, answer):
        self.file(f"recordings/{name}.json", json.dumps(answer, indent=2))

    def agree(self):
        """Everything as it was agreed: `drift` changes some of it."""
        self.file("audit.toml", configuration(composition="forbidden"))
        self.file("clean.toml", CLEAN)
        for name, recorded in answers().items():
            self.record(name, recorded)
        imposed = {"AdditionalConstraints": ["REQUIRE_DIGIT"], "MinimumLength": 12.0}
        self.record("imposing", target("d1everything", "imposing", PasswordPolicy=imposed))
        self.record("failed", answer("d3unaudited", "prod", Error=HOSTILE))
        self.record("empty", answer("d3unaudited", "empty"))
        self.file("recordings/not [json](x) ::error:: 100%.json", "{" + HOSTILE)
        self.folder.joinpath("recordings/dangling.json").symlink_to("nowhere")
        self.file("pack/hostile/text.rego", hostile_rule())
        self.file("pack/hostile/text_test.rego", hostile_tests())

    def drift(self):
        """Settings and files change, and a target that was audited cannot be read any more."""
        self.file("audit.toml", configuration(composition="all_classes"))
        uris = ["https://shop.example.com/", f"https://shop.example.com/{HOSTILE}"]
        self.record("drift-prod", target("d2drift", "prod", RedirectSignInURIs=uris))
        self.record("imposing", answer("d1everything", "imposing", Error="later"))
        self.folder.joinpath("baseline/d1everything/dev/auth.json").unlink()
        self.file("baseline/d9gone/prod/auth.json", "{")


def answer(app, environment, **members):
    return {"AppId": app, "BackendEnvironmentName": environment, "ResourceName": "auth"} | members


def target(app, environment, **settings):
    """What violates no rule, but for these settings, wherever they stand."""
    config = json.loads((ROOT / "examples/recordings/shop/prod.json").read_text())["ResourceConfig"]
    for member, value in settings.items():
        next(part for part in parts(config) if member in part)[member] = value
    return answer(app, environment, ResourceConfig=config)


def parts(value):
    """Every object in an object, itself first."""
    yield value
    for member in value.values():
        if isinstance(member, dict):
            yield from parts(member)


def answers():
    """By the name of the recording: they violate every rule that there is, as long as one may disagree on passwords."""
    social = {
        "Facebook": {"ClientSecret": "s3cr3t"},
        "Google": {"ClientId": f"{HOSTILE}.apps.example.com", "ClientSecret": "s3cr3t"},
    }
    nameless = target(
        "d1everything",
        HOSTILE,
        Mfa={"MFAMode": "ON", "Settings": {"MfaTypes": []}},
        SignInMethod="PHONE_NUMBER",
    )
    del nameless["ResourceConfig"]["UserPoolConfigs"]["UserPoolName"]
    return {
        "compliant": target("d0compliant", "prod"),
        "worst": worst(
            "d1everything",
            [
                "shop://signed-in",
                "exp://127.0.0.1:19000",
                "https://*.example.com/",
                "https://shared.example.com/",
                f"https://shop.example.com/{HOSTILE}",
                f"https://shop.example.com/{LONG}",
            ],
            social=social,
            Service=HOSTILE + LONG,
        ),
        "lesser": target(
            "d1everything",
            "dev",
            Mfa={"MFAMode": "OPTIONAL", "Settings": {"MfaTypes": ["SMS"], "SmsMessage": "{####}"}},
            OAuth={"RedirectSignInURIs": ["https://shared.example.com/"], "SocialProviderSettings": social},
            SignInMethod="USERNAME",
            RequiredSignUpAttributes=["NAME"],
        ),
        f"deep/ä b#c?/{'x' * 100}": nameless,
        "drift-prod": target("d2drift", "prod"),
        "drift-staging": target("d2drift", "staging"),
    }


def worst(app, uris, social, **settings):
    """What violates most rules."""
    return target(
        app,
        "prod",
        AuthResources="USER_POOL_ONLY",
        UnauthenticatedLogin=True,
        Mfa={"MFAMode": "OFF"},
        OAuth={
            "OAuthGrantType": "IMPLICIT",
            "OAuthScopes": ["EMAIL", "AWS_COGNITO_SIGNIN_USER_ADMIN"],
            "RedirectSignInURIs": ["http://shop.example.com/", "http://localhost:3000/", *uris],
            "RedirectSignOutURIs": ["https://shop.example.com/"],
            "SocialProviderSettings": social,
        },
        PasswordPolicy={"AdditionalConstraints": [], "MinimumLength": 6.0},
        ForgotPassword={"DeliveryMethod": "SMS", "SmsSettings": {"SmsMessage": f"no code {HOSTILE}"}},
        VerificationMessage={"DeliveryMethod": "SMS", "SmsSettings": {"SmsMessage": "no code"}},
        RequiredSignUpAttributes=["ADDRESS", "EMAIL"],
        SignInMethod="PHONE_NUMBER",
        **settings,
    )


def configuration(composition):
    # What TOML cannot hold, even escaped, is left out.
    reason = HOSTILE.replace("\x7f", "").replace("\uffff", "")
    return f"""
[audit]
baseline = "baseline"

[[source]]
kind = "recordings"
name = "source <b> [x](y) ::error::"
paths = ["recordings/**/*.json"]

[[source]]
kind = "recordings"
paths = ["nothing-here/*.json"]

[policies]
paths = ["pack"]
disable = ["{DISABLED}"]
params.password.composition = "{composition}"

[[drift]]
expected = "d2drift/prod/*"
actual = "d2drift/staging/*"

[[waiver]]
rule = "sign_in/phone_number"
target = "d1everything/prod/*"
reason = {json.dumps(reason)}
owner = "<i>owner</i>"
expires = 2999-12-31

[[waiver]]
rule = "mfa/off"
target = "d1everything/prod/*"
reason = "expired"
expires = 2026-01-31

[[waiver]]
rule = "mfa/off"
target = "d0compliant/*"
reason = "matches nothing"
expires = 2999-12-31
"""


CLEAN = f"""
[[source]]
kind = "recordings"
paths = ["recordings/compliant.json"]

[policies]
disable = ["{DISABLED}"]
"""


def hostile_rule():
    """A rule whose texts are hostile, long or many, and which cannot be evaluated for one target."""
    metadata = {
        "title": f"title {HOSTILE}",
        "description": f"description {HOSTILE} {LONG}",
        "related_resources": [{"ref": "https://example.com/<b>?a=b&c=[d](e)", "description": HOSTILE}],
        "custom": {
            "severity": "critical",
            "remediation": f"remediation {HOSTILE}\n\n```\n{LONG}",
            "references": ["CWE-79", "CWE-80", "RFC 9700 §2.1", "OWASP ASVS 4.0.3 2.1.1", HOSTILE, LONG, "CWE-79"],
            "tags": [f"tag {number} {HOSTILE}" for number in range(30)],
        },
    }
    # JSON is YAML.
    comment = "\n".join(f"# {key}: {json.dumps(value)}" for key, value in metadata.items())
    return f"""package hostile.text

# METADATA
# scope: rule
{comment}
deny contains {{"msg": service, "path": "/ResourceConfig/Service", "actual": service}} if {{
	service := input.ResourceConfig.Service
	service != "COGNITO"
}}

deny contains "never" if {{
	input.Target.Id == "d2drift/staging/auth"
	to_number(input.Target.AppId) > 1
}}
"""


def hostile_tests():
    return f"""package hostile.text_test

import data.hostile.text

test_passes if count(text.deny) == 0 with input as {{"ResourceConfig": {{"Service": "COGNITO"}}}}

test_fails if {{
	print({json.dumps(HOSTILE)})
	count(text.deny) == 0 with input as {{"ResourceConfig": {{"Service": {json.dumps(HOSTILE)}}}}}
}}

test_errors if count(text.deny) == to_number({json.dumps(HOSTILE)})

todo_test_is_skipped if count(text.deny) == 1
"""


def check_contents(project):
    """What the project is made for is in its report."""
    catalogue = json.loads(project.audit("rules", "--format=json", code=0))
    rules = {rule["id"] for rule in catalogue["rules"]} - {DISABLED} | {"audit/unaudited"}
    run = json.loads(project.folder.joinpath("open.sarif").read_text())["runs"][0]
    results = run["results"]
    found = {result["ruleId"] for result in results}
    if found != rules:
        fail(f"no result of {sorted(rules - found)}, results of {sorted(found - rules)}")
    places = [place["physicalLocation"] for result in results for place in result["locations"]]
    for expectation, is_met in {
        "a finding that was carried over": any(result["properties"].get("carried") for result in results),
        "no waived finding": all(result["properties"].get("disposition") != "waived" for result in results),
        "names from the root": all(place["artifactLocation"]["uri"].startswith("deploy/auth/") for place in places),
        "taxonomies": len(run["taxonomies"]) > 10,
        "notifications": len(run["invocations"][0]["toolExecutionNotifications"]) > 5,
    }.items():
        if not is_met:
            fail(f"open.sarif: {expectation} expected")


def sarif_run(path):
    return json.loads(path.read_text())["runs"][0]


def expect(path, expectations):
    """Fails where what is expected is not what is there: by what it is about, a pair of both."""
    for about, (expected, there) in expectations.items():
        if expected != there:
            fail(f"{path.name}: {about}: {there!r} instead of {expected!r}"[:2000])


def says(text, said):
    """Whether a text has what is said, whatever is escaped in it, as far as it may have been cut behind."""
    said = said.strip().rstrip(".")
    if PLAIN_TEXT.fullmatch(said):
        return said in text
    at = 0
    for word in re.findall("[0-9A-Za-z]{2,}", said[:300]):
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


# What is escaped nowhere, and cut nowhere.
PLAIN_TEXT = re.compile(r"[\w .,:;!?'\"`/()=+*<>&|@^~$-]{1,300}", re.ASCII)


def expect_said(path, about, texts, said):
    """Of each text, everything that must be in it is."""
    if len(texts) != len(said):
        fail(f"{path.name}: {about}: {len(texts)} instead of {len(said)}")
    for text, parts in zip(texts, said):
        for part in parts:
            if not says(text, part):
                fail(f"{path.name}: {about}: {text!r} does not say {part!r}"[:4000])


def check_sarif(path, report, options):
    check_sarif_contents(path, report, options)
    log = json.loads(path.read_text())
    sarif_schema(log)
    broken = copy.deepcopy(log)
    broken["runs"][0]["columnKind"] = "bytes"
    try:
        sarif_schema(broken)
        fail(f"{path.name}: the schema finds nothing wrong with a broken copy")
    except fastjsonschema.JsonSchemaException:
        pass

    broken = copy.deepcopy(log)
    driver = broken["runs"][0]["tool"]["driver"]
    driver.pop("informationUri", None)
    driver["rules"][0].pop("help", None)
    broken_path = path.with_name(f"broken-{path.name}")
    broken_path.write_text(json.dumps(broken))
    complaints = multitool(path, broken_path)
    if complaints[path.name]:
        fail(f"{path.name}: {complaints[path.name]}")
    # One of the rules of SARIF and one of GitHub's.
    missing = {"SARIF2005", "GH2012"} - {rule for rule, _ in complaints[broken_path.name]}
    if missing:
        fail(f"{path.name}: the multitool says nothing of {missing} in a broken copy")


def check_sarif_contents(path, report, options):
    """Everything of the report is there, as code scanning needs it."""
    run = sarif_run(path)
    unaudited = [result for result in run["results"] if result["ruleId"] == "audit/unaudited"]
    results = [result for result in run["results"] if result["ruleId"] != "audit/unaudited"]
    waived = "--include-waived" in options
    findings = [finding for finding in report["findings"] if waived or finding["disposition"] != "waived"]
    shard = next((option.removeprefix("--shard=") for option in options if option.startswith("--shard=")), None)
    # Code scanning tells alerts apart by the category, which is what stands in front of the last `/`.
    # Pinned, for every alert would be another one otherwise; that of a narrowed run follows from what it asks for.
    part = f"shard-{shard.replace('/', '-of-')}/" if shard else "selection-6cc9e4f8eb39/" if NARROWED in options else ""
    category = f"audit/{part}"
    prints = [result["partialFingerprints"] for result in run["results"]]
    lines = [each["primaryLocationLineHash"] for each in prints]
    (invocation,) = run["invocations"]
    expect(
        path,
        {
            "unaudited targets": (
                sorted(target["id"] for target in report["targets"] if target["status"] == "unaudited"),
                sorted(result["properties"]["target"] for result in unaudited if "target" in result["properties"]),
            ),
            "findings": (
                [(finding["rule"], finding["target"], finding["fingerprint"]) for finding in findings],
                [
                    (result["ruleId"], result["properties"]["target"], result["partialFingerprints"]["auditFinding/v1"])
                    for result in results
                ],
            ),
            "waived findings that are suppressed": (
                [finding["disposition"] == "waived" for finding in findings],
                [[each.get("status") for each in result.get("suppressions", [])] == ["accepted"] for result in results],
            ),
            "fingerprints of lines": ([f"{each['auditFinding/v1']}:1" for each in prints], lines),
            "fingerprints that stand twice": ([], [each for each, count in Counter(lines).items() if count > 1]),
            "category": (category, run["automationDetails"]["id"]),
            "exit code": (report["summary"]["exit_code"], invocation["exitCode"]),
            # What saw nothing has to be refused, or it would close every alert.
            "whether anything was seen": (report["summary"]["audited"] > 0, invocation["executionSuccessful"]),
        },
    )
    blind = [target for target in report["targets"] if target["status"] == "unaudited"]
    of_targets = [result for result in unaudited if "target" in result["properties"]]
    of_notices = [result for result in unaudited if "target" not in result["properties"]]
    expect_said(path, "messages of unaudited targets", texts(of_targets), [[target["error"]["message"]] for target in blind])
    expect_said(path, "messages of findings", texts(results), [[each["message"], each["target"]] for each in findings])
    expect(
        path,
        {
            "levels": ([LEVELS[finding["severity"]] for finding in findings], [result["level"] for result in results]),
            "levels of what is unaudited": (["error"] * len(unaudited), [result["level"] for result in unaudited]),
            "places of findings": ([position(finding["location"]) for finding in findings], places(results)),
            "places of unaudited targets": (
                [position(target["error"].get("location") or target["location"]) for target in blind],
                places(of_targets),
            ),
        }
        | {
            name: ([finding[name] for finding in findings], [result["properties"][name] for result in results])
            for name in ["severity", "disposition", "path"]
        },
    )
    expect_said(path, "names of targets", logical_names(of_targets), [[target["id"]] for target in blind])
    expect_said(path, "names of findings", logical_names(results), [[finding["target"]] for finding in findings])
    # Values are as they are, but for what is long.
    for finding, result in zip(findings, results):
        for name in ["expected", "actual"]:
            there = result["properties"].get(name)
            if "…" not in json.dumps(there, ensure_ascii=False) and there != finding[name]:
                fail(f"{path.name}: {name} of {finding['rule']} at {finding['target']}: {there!r}"[:2000])
    # Bad news has notifications as well: what was not read, and what audit.toml has to no effect.
    notifications = invocation["toolExecutionNotifications"]
    notices = report["notices"]
    expect_said(
        path,
        "notifications",
        texts(notifications),
        [[target["error"]["message"]] for target in blind] + [[notice["message"]] for notice in notices],
    )
    expect(
        path,
        {
            "kinds of notifications": (
                [target["error"]["kind"] for target in blind] + [notice["kind"] for notice in notices],
                [each["descriptor"]["id"] for each in notifications],
            ),
            "places of notifications": (
                places(of_targets) + [position(notice["location"]) for notice in notices if notice["location"]],
                places(each for each in notifications if each.get("locations")),
            ),
        },
    )
    # Of the notices, those of what was not read are results.
    for result in of_notices:
        if not any(says(result["message"]["text"], notice["message"]) for notice in notices):
            fail(f"{path.name}: no notice says {result['message']['text']!r}")
    incomplete = {each["descriptor"]["id"] for each in notifications[len(blind) :] if each["level"] == "warning"}
    expect(
        path,
        {
            "results of notices": (
                [notice["kind"] for notice in notices if notice["kind"] in incomplete],
                [result["properties"]["notice"] for result in of_notices],
            )
        },
    )
    rules = run["tool"]["driver"]["rules"]
    if not {result["ruleId"] for result in run["results"]} <= {rule["id"] for rule in rules}:
        fail(f"{path.name}: results of rules that it does not have")
    severities = {rule["id"]: rule["severity"] for rule in report["rules"]}
    for rule in rules:
        # Of `info` there is none: code scanning takes 0.0 for none.
        severity = severities.get(rule["id"], "high")
        score = float(rule["properties"].get("security-severity", 0))
        if not SCORES[severity] <= score <= 10 or "security" not in rule["properties"]["tags"]:
            fail(f"{path.name}: {rule['id']} is no rule of security: {rule['properties']}")
        if "## How to fix" not in rule["help"]["markdown"] or not rule["help"]["text"].strip():
            fail(f"{path.name}: {rule['id']} has no help")
    for result in run["results"]:
        if not result["message"]["text"].strip() or not result["locations"]:
            fail(f"{path.name}: a result without message or place: {result}")


def texts(said):
    return [each["message"]["text"] for each in said]


def position(location):
    """A place of the report as JSON."""
    return (location["file"], *(location[name] for name in ["line", "column", "end_line", "end_column"]))


def places(said):
    """The first place of each result or notification, as `position` has it."""
    physical = [each["locations"][0]["physicalLocation"] for each in said]
    names = ["startLine", "startColumn", "endLine", "endColumn"]
    return [
        (unquote(place["artifactLocation"]["uri"]), *(place["region"][name] for name in names)) for place in physical
    ]


def logical_names(results):
    return [
        each["fullyQualifiedName"] for result in results for each in result["locations"][0].get("logicalLocations", [])
    ]


sarif_schema = fastjsonschema.compile(json.loads((ROOT / "tests/data/sarif-2.1.0.json").read_text()))


def multitool(*paths):
    """What the multitool says of each file: rule and message. Its exit status says nothing."""
    log = paths[0].with_suffix(".log")
    options = ["--rule-kind=Sarif;Ghas", "--level=Error;Warning", f"--output={log}", "--log=ForceOverwrite", "-q"]
    done = subprocess.run(
        [MULTITOOL, "validate", *paths, *options],
        # Without the invariant culture it wants ICU.
        env={"PATH": os.environ["PATH"], "HOME": str(log.parent), "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    if not log.exists():
        fail(f"the multitool wrote no log: {done.stdout}{done.stderr}")
    run = json.loads(log.read_text(encoding="utf-8-sig"))["runs"][0]
    for invocation in run["invocations"]:
        if not invocation["executionSuccessful"] or "toolExecutionNotifications" in invocation:
            fail(f"the multitool failed: {invocation}")
    complaints = {path.name: [] for path in paths}
    for result in run["results"]:
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        complaints[uri.rsplit("/", 1)[-1]].append((result["ruleId"], result["message"]))
    return complaints


def check_tests(path, _report, _options):
    """The results of tests: of each kind there is one."""
    check_junit_schema(path)
    there = junit_counts(path)
    expect(path, {"tests": (Counter(case=4, failure=1, error=1, skipped=1), there)})


def check_junit(path, report, _options):
    check_junit_schema(path)
    junit_counts(path)
    rules = {rule["id"] for rule in report["rules"]}
    found = {}
    for finding in report["findings"]:
        found.setdefault(finding["target"], {}).setdefault(finding["rule"], []).append(finding)
    errors = {target["id"]: target.get("error") for target in report["targets"]}
    expected = []
    for id in sorted(errors.keys() | found.keys()):
        error, of_target = errors.get(id), found.get(id, {})
        judged = rules | of_target.keys() | set((error or {}).get("rules") or [])
        if error and not judged:
            judged = {"audit/unaudited"}
        for rule in sorted(judged):
            blind = error if error and rule in (error.get("rules") or judged) else None
            expected.append((id, rule, blind, of_target.get(rule, [])))

    # How the run went as a whole, and what made it incomplete beside targets, is in a suite of its own, the first one.
    suite, *_ = ElementTree.parse(path).getroot().iter("testsuite")
    whole, *cases = ElementTree.parse(path).getroot().iter("testcase")
    cases = [case for case in cases if case.get("classname") != whole.get("classname")]
    expect(
        path,
        {
            "the run as a whole": (report["summary"]["exit_code"] not in (0, 1), whole.find("error") is not None),
            # Names that are not plain are escaped.
            "cases": (
                [(id, rule) if PLAIN.fullmatch(id) else rule for id, rule, *_ in expected],
                [
                    names([case])[0] if PLAIN.fullmatch(id) else case.get("name")
                    for (id, *_), case in zip(expected, cases, strict=False)
                ]
                + names(cases[len(expected) :]),
            ),
            "how they ended": ([ending(*of) for _, _, *of in expected], [tag(case) for case in cases]),
        },
    )
    said = "".join(written(each) for each in suite.iter())
    for notice in report["notices"]:
        if not says(said, notice["message"]):
            fail(f"{path.name}: nothing is said of {notice['message']!r}")
    told = set()
    for (id, rule, blind, findings), case in zip(expected, cases, strict=True):
        text = "".join(written(each) for each in case)
        bad = case.find(tag(case)) if tag(case) else None
        if blind:
            first = [] if id in told else [blind["message"]]
            told.add(id)
            expect_said(path, f"{rule} at {id}", [bad.get("message"), bad.text], [[blind["message"]], first])
        elif bad is not None:
            waiver = findings[0]["waiver"] if tag(case) == "skipped" else None
            why = waiver["reason"] if waiver else findings[0]["message"]
            expect_said(path, f"{rule} at {id}", [bad.get("message")], [[why]])
        for finding in findings:
            location = finding["location"]
            place = f"{location['file']}:{location['line']}:{location['column']}"
            body = bad.text if bad is not None else text
            expect_said(path, f"{rule} at {id}", [body], [[finding["message"], finding["path"], place]])


def ending(blind, findings):
    """The element in a test case that says how it ended; `None` where it passed."""
    dispositions = {finding["disposition"] for finding in findings}
    if blind:
        return "error"
    if "open" in dispositions:
        return "failure"
    return "skipped" if "waived" in dispositions else None


def tag(case):
    return next((name for name in ["error", "failure", "skipped"] if case.find(name) is not None), None)


def written(element):
    return " ".join([*element.attrib.values(), element.text or "", element.tail or ""])


PLAIN = re.compile(r"[a-z0-9/]+")


def names(cases):
    return [(case.get("classname"), case.get("name")) for case in cases]


def check_junit_schema(path):
    junit_schema.validate(str(path))
    broken = path.with_name(f"broken-{path.name}")
    broken.write_text(path.read_text().replace("<testsuite ", '<testsuite disabled="0" '))
    if junit_schema.is_valid(str(broken)):
        fail(f"{path.name}: the schema finds nothing wrong with a broken copy")


def junit_counts(path):
    """How many test cases, failures, errors and skipped ones there are, which is what its suites say."""
    root = ElementTree.parse(path).getroot()
    for suite in [root, *root.iter("testsuite")]:
        for counted, tag in {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}.items():
            if counted in suite.attrib and int(suite.get(counted)) != sum(1 for _ in suite.iter(tag)):
                fail(f"{path.name}: {suite.get('name')} has not as many {counted} as it says")
    names = {"case": "testcase", "failure": "failure", "error": "error", "skipped": "skipped"}
    return Counter({name: sum(1 for _ in root.iter(tag)) for name, tag in names.items()})


# Of Jenkins' xunit plugin, from pytest 8.4.2, `testing/example_scripts`; its licence stands in it.
junit_schema = xmlschema.XMLSchema(str(ROOT / "tests/data/junit-10.xsd"))


def check_cut(project):
    """Of more results than code scanning takes, the most severe are kept, and it is said that there are more."""
    for number in range(1500):
        project.record(str(number), worst(f"d{number}", ["https://*.example.com/"], social={}))
    project.file("audit.toml", '[[source]]\nkind = "recordings"\npaths = ["recordings/*.json"]\n')
    project.audit("--output=sarif=audit.sarif", "--output=json=audit.json", code=1)
    findings = json.loads(project.folder.joinpath("audit.json").read_text())["findings"]
    sarif = project.folder.joinpath("audit.sarif").read_bytes()
    run = json.loads(sarif)["runs"][0]
    left_out = len(findings) - MOST_RESULTS
    kept = [result["partialFingerprints"]["auditFinding/v1"] for result in run["results"]]
    if left_out <= 0 or kept != [finding["fingerprint"] for finding in findings[:MOST_RESULTS]]:
        fail(f"{len(kept)} of {len(findings)} findings are kept, or not the most severe")
    notification = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]
    for said, words in [
        (project.stderr, f"{left_out} results are left out of audit.sarif"),
        (notification, f"Left out: {left_out} findings, the least severe. "),
    ]:
        if words not in said:
            fail(f"nothing is said of {left_out} results that were left out: {said}")
    if len(gzip.compress(sarif)) > MOST_BYTES:
        fail(f"{MOST_RESULTS} results are more than {MOST_BYTES} bytes, packed")


def fail(message):
    sys.exit(f"error: {message}")


if __name__ == "__main__":
    main()
