// A JSON report of a fleet that nobody has: the findings of the examples, over as many targets as are asked for. The same
// every time. `audit merge` makes any format of it.

// Text that is markup, control or a command somewhere.
export const HOSTILE = [
  "<script>alert(1)</script>",
  "\"><img src=x onerror=alert(1)>",
  "' onmouseover='alert(1)",
  "a\u001b[31mb\u202ec\u0000\u2028::error::d",
  "</style></title><svg onload=alert(1)>",
  "{{ 7 * 7 }} ${7 * 7} javascript:alert(1)",
  "<!-- ]]> &lt;b&gt; &#60;i&#62;",
  "x".repeat(5000),
];

const APPS = [
  "shop", "intranet", "field-service", "loyalty", "returns", "supplier-portal", "warehouse", "billing", "careers", "events",
  "invoices", "kiosk", "learning", "maps", "newsroom", "orders", "partners", "quotes", "reviews", "support",
];
const ENVIRONMENTS = [["prod", "production"], ["staging", "staging"], ["dev", "development"], ["demo", "unknown"]];
const ACCOUNTS = ["111122223333", "444455556666", "777788889999"];
const REGIONS = ["eu-west-1", "eu-central-1", "us-east-1"];

// `report` is the JSON report of the examples. About one target in `unaudited` could not be audited.
export function fleet(report, { targets: count, hostile = false, each = 1, unaudited = 13 }) {
  const random = numbers(79);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const models = new Map(report.targets.map((target) => [target.id, []]));
  for (const finding of report.findings) models.get(finding.target).push(finding);
  const targets = [];
  const findings = [];
  for (let index = 0; index < count; index += 1) {
    const [environment, stage] = ENVIRONMENTS[index % ENVIRONMENTS.length];
    const app = Math.floor(index / ENVIRONMENTS.length);
    const account = app % ACCOUNTS.length;
    const name = app < APPS.length ? APPS[app] : `${APPS[app % APPS.length]}-${Math.floor(app / APPS.length) + 1}`;
    const appId = `d${(1e12 + app * 7919).toString(36)}`;
    const resource = `${name.replaceAll("-", "")}auth`;
    const target = {
      ...report.targets[0],
      id: `${appId}/${environment}/${resource}`,
      account: ACCOUNTS[account],
      region: REGIONS[account],
      app_id: appId,
      app_name: hostile ? HOSTILE[index % HOSTILE.length] : name,
      environment,
      resource,
      stage,
      location: { file: "audit.toml", line: 12, column: 1, end_line: 12, end_column: 11 },
    };
    targets.push(target);
    if (index % unaudited === unaudited - 2) {
      const denied = account === 1;
      Object.assign(target, { status: "unaudited", error: {
        kind: denied ? "denied" : "throttled",
        message: `cannot read auth settings of ${target.id}: ${denied ? "access denied" : "too many requests"}${hostile ? HOSTILE[0] : ""}`,
        attempts: denied ? 1 : 8,
        help: denied ? "allow amplifybackend:GetBackendAuth to role auditor" : "lower concurrency-per-region in audit.toml",
        summary: denied ? "access denied" : "AWS slowed the calls down past the last attempt",
        location: null,
      } });
      continue;
    }
    const seen = new Set();
    for (let time = 0; time < each; time += 1) {
      for (const finding of models.get(pick([...models.keys()]))) {
        const key = `${finding.rule} ${finding.path}`;
        if (seen.has(key)) continue;
        seen.add(key);
        findings.push({
          ...finding,
          target: target.id,
          message: hostile ? `${finding.message} ${HOSTILE[findings.length % HOSTILE.length]}` : finding.message,
          actual: hostile ? HOSTILE[findings.length % HOSTILE.length] : finding.actual,
          location: { ...finding.location, file: `recordings/${name}/${environment}.json` },
        });
      }
    }
  }
  const notices = report.notices.concat([{
    kind: "waiver_unused",
    message: `waiver of \`oauth/loopback_redirect\` matches nothing${hostile ? HOSTILE[1] : ""}`,
    location: { file: "audit.toml", line: 61, column: 1, end_line: 61, end_column: 11 },
  }]);
  return counted({ ...report, started_at: "2026-11-22T10:00:00Z", duration_ms: 8300, targets, findings, notices });
}

// A report with the counts of what is in it: one with others is refused.
export function counted(report) {
  const { targets, findings, rules, notices } = report;
  const unaudited = targets.filter((target) => target.status === "unaudited").length;
  const by = (disposition) => Object.fromEntries(["critical", "high", "medium", "low", "info"].map((severity) => [
    severity,
    findings.filter((finding) => finding.severity === severity && finding.disposition === disposition).length,
  ]));
  const open = by("open");
  const summary = {
    targets: targets.length,
    audited: targets.length - unaudited,
    unaudited,
    unreadable: notices.filter((notice) => notice.kind === "unreadable").length,
    rules: rules.length,
    open,
    below_threshold: by("below_threshold"),
    waived: findings.filter((finding) => finding.disposition === "waived").length,
    carried: findings.filter((finding) => finding.carried).length,
    notices: notices.length,
    exit_code: unaudited > 0 ? 3 : Number(Object.values(open).some((count) => count > 0)),
  };
  return { ...report, summary };
}

// Numbers from 0 to 1, the same ones for the same seed (mulberry32).
function numbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
