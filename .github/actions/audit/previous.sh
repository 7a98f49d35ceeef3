#!/usr/bin/env bash
# Gets the report of the last run on this branch, whether that run failed or not, for `audit --previous`: without it, what cannot be read
# this time would look mended. INPUT_ARTIFACT names the artifact, INPUT_FOLDER where audit.json is put. In $GITHUB_OUTPUT:
#
#     report   its path; empty where there is none
#     alerts   `true` unless code scanning has never heard of this branch: then there are alerts that could be closed
#
# With INPUT_PREVIOUS=none no report is looked for, and none is missed. A request that fails is an error, not an absence.

set -euo pipefail

say() {
    printf 'report=%s\nalerts=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"
}

case ${INPUT_PREVIOUS:-auto} in
auto) ;;
none)
    echo '::warning title=audit::no earlier report is looked for: alerts of what cannot be read this time will be closed'
    say '' false
    exit
    ;;
*)
    echo '::error title=audit::the input previous takes auto and none'
    exit 2
    ;;
esac

run=$(bash "$(dirname "${BASH_SOURCE[0]}")/runs.sh" "$INPUT_ARTIFACT" | tail -n 1)
if [[ -n $run ]]; then
    gh run download "$run" --repo "$GITHUB_REPOSITORY" --name "$INPUT_ARTIFACT" --dir "$INPUT_FOLDER"
    report=$INPUT_FOLDER/audit.json
    if [[ ! -f $report ]]; then
        echo "::error title=audit::the artifact of run $run has no audit.json"
        exit 1
    fi
    echo "what cannot be read this time is carried over from run $run"
    say "$report" true
    exit
fi

problem=$(mktemp)
# `-f` encodes what it sends: the name of a branch may have any character.
if gh api -X GET "repos/$GITHUB_REPOSITORY/code-scanning/analyses" -f tool_name=audit -f "ref=$GITHUB_REF" -F per_page=1 \
    >/dev/null 2>"$problem"; then
    alerts=true
elif grep -q 'HTTP 404' "$problem"; then
    alerts=false
else
    # Without code scanning, or without the permission to ask, nobody knows.
    cat "$problem"
    alerts=true
fi
echo '::notice title=audit::there is no report of an earlier run on this branch: nothing is carried over'
say '' "$alerts"
