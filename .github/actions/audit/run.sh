#!/usr/bin/env bash
# Runs `audit`, or merges the reports of its shards, as action.yml says: what it takes is in INPUT_*, what came of it in
# $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY. Ends as audit does.
#
# Written for bash 3.2, which macOS has.

set -euo pipefail

fail() {
    printf '::error title=audit::%s\n' "$1"
    exit 2
}

program=${INPUT_PROGRAM:-audit}
folder=${INPUT_FOLDER:-audit-report}
# A line break would be a second output.
[[ $folder != *[[:cntrl:]]* ]] || fail 'the input folder has control characters'

file_of() {
    case $1 in
    sarif) printf '%s/audit.sarif' "$folder" ;;
    json) printf '%s/audit.json' "$folder" ;;
    markdown) printf '%s/audit.md' "$folder" ;;
    html) printf '%s/audit.html' "$folder" ;;
    junit) printf '%s/audit.junit.xml' "$folder" ;;
    *) return 1 ;;
    esac
}

mkdir -p "$folder"
# What an earlier step wrote is no report of this one.
for format in sarif json markdown html junit; do
    rm -f "$(file_of "$format")"
done

if [[ -n ${INPUT_MERGE:-} ]]; then
    [[ -z ${INPUT_CONFIG:-}${INPUT_SHARD:-}${INPUT_PREVIOUS:-}${INPUT_FAIL_ON:-} ]] ||
        fail 'with the input merge there is nothing to configure: config, shard, previous and fail-on are for the shards'
    set -- merge
    for report in "$INPUT_MERGE"/*.json; do
        [[ -e $report ]] || fail 'the folder of the input merge has no JSON report: no shard wrote one'
        set -- "$@" "$report"
    done
else
    set -- run
    [[ -z ${INPUT_CONFIG:-} ]] || set -- "$@" --config "$INPUT_CONFIG"
    [[ -z ${INPUT_FAIL_ON:-} ]] || set -- "$@" --fail-on "$INPUT_FAIL_ON"
    [[ -z ${INPUT_SHARD:-} ]] || set -- "$@" --shard "$INPUT_SHARD"
    [[ -z ${INPUT_PREVIOUS:-} ]] || set -- "$@" --previous "$INPUT_PREVIOUS"
fi
set -- "$@" --format "${INPUT_FORMAT:-human}"
for format in ${INPUT_FORMATS:-sarif json markdown html}; do
    file=$(file_of "$format") || fail 'the input formats takes sarif, json, markdown, html and junit'
    set -- "$@" --output "$format=$file"
done
# What looks at some rules or targets alone says nothing of the others.
narrowed=false
while IFS= read -r line; do
    [[ -z $line ]] || set -- "$@" "$line"
    case $line in --rule | --rule=* | --target | --target=*) narrowed=true ;; esac
done <<<"${INPUT_ARGS:-}"

# Names and messages of a report come from outside: nothing in them is a command to the runner. The format `github` is
# made of commands, and escapes what is in them.
token=''
if [[ ${INPUT_FORMAT:-human} != github ]]; then
    token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
fi
code=0
"$program" "$@" || code=$?
[[ -z $token ]] || printf '\n::%s::\n' "$token"
# With --help among the arguments, for one, nothing was audited.
for format in ${INPUT_FORMATS:-sarif json markdown html}; do
    if [[ $code == 0 && ! -f $(file_of "$format") ]]; then
        printf '::error title=audit::audit wrote no report as %s\n' "$format"
        code=2
    fi
done

json=$(file_of json)
# Merging a whole report judges it again, without what --allow-incomplete forgave.
complete=false
if [[ -f $json && $narrowed == false ]]; then
    judged=0
    "$program" merge "$json" --format json >/dev/null 2>&1 || judged=$?
    case $judged in 0 | 1) complete=true ;; esac
fi

{
    printf 'exit-code=%s\n' "$code"
    printf 'complete=%s\n' "$complete"
    for format in sarif json markdown html junit; do
        file=$(file_of "$format")
        [[ -f $file ]] || file=''
        printf '%s=%s\n' "$format" "$file"
    done
} >>"$GITHUB_OUTPUT"

if [[ ${INPUT_SUMMARY:-true} == true ]]; then
    if [[ -f $(file_of markdown) ]]; then
        cat "$(file_of markdown)" >>"$GITHUB_STEP_SUMMARY"
    else
        printf '`audit` ended with exit code %s and wrote no report for the summary.\n' "$code" >>"$GITHUB_STEP_SUMMARY"
    fi
fi

case ${INPUT_FAILS:-now} in
now) exit "$code" ;;
later)
    if [[ $code == [13] && -f $json ]]; then
        printf 'audit ended with exit code %s; the merged report is judged\n' "$code"
        exit 0
    fi
    exit "$code"
    ;;
*) fail 'the input fails takes now and later' ;;
esac
