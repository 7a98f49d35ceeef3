#!/usr/bin/env bash
# Runs `audit`, or merges the reports of its shards, as action.yml says: what it takes is in INPUT_*, what came of it in
# $GITHUB_OUTPUT and $GITHUB_STEP_SUMMARY. Ends as audit does.
#
# Written for bash 3.2, which macOS has.

set -euo pipefail

fail() {
    printf '::error title=audit::%s\n' "$1"
    printf 'exit-code=%s\n' 2 >>"$GITHUB_OUTPUT"
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
# The run is judged by its report as JSON: where nobody asks for one, by one that goes when this script ends.
judged=''
for format in ${INPUT_FORMATS:-sarif json markdown html}; do
    file=$(file_of "$format") || fail 'the input formats takes sarif, json, markdown, html and junit'
    set -- "$@" --output "$format=$file"
    [[ $format != json ]] || judged=$file
done
if [[ -z $judged ]]; then
    scratch=$(mktemp -d "${RUNNER_TEMP:-/tmp}/audit.XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    judged=$scratch/audit.json
    set -- "$@" --output "json=$judged"
fi
while IFS= read -r line; do
    [[ -z $line ]] || set -- "$@" "$line"
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
for format in json ${INPUT_FORMATS:-sarif json markdown html}; do
    file=$judged
    [[ $format == json ]] || file=$(file_of "$format")
    if [[ $code == 0 && ! -f $file ]]; then
        printf '::error title=audit::audit wrote no report as %s\n' "$format"
        code=2
    fi
done

# Whether a report is of all shards; one that is laid out as audit does not do it is taken for none. A text has no line break in it:
# what stands two spaces from the margin is a member of the report itself.
is_of_all_shards() {
    grep -q '^  "shard": null,$' "$1"
}

# What --target and --rule left of a run; nothing where it was of everything.
selection_of() {
    sed -n '/^  "selection":/,/^  }/p' "$1"
}

complete=false
may_upload=false
if [[ -f $judged ]] && is_of_all_shards "$judged"; then
    # Merging a report alone judges it again, without what --allow-incomplete forgave.
    again=0
    "$program" merge "$judged" --format json >/dev/null 2>&1 || again=$?
    selection=$(selection_of "$judged")
    case $again in
    0 | 1)
        # What looks at some rules or targets alone says nothing of the others. Its SARIF has a category of its own.
        may_upload=true
        [[ -n $selection ]] || complete=true
        ;;
    3)
        # A report of another selection may know less than code scanning does of this one.
        if [[ -n ${INPUT_PREVIOUS:-} ]] && is_of_all_shards "$INPUT_PREVIOUS" &&
            [[ $(selection_of "$INPUT_PREVIOUS") == "$selection" ]]; then
            may_upload=true
        fi
        ;;
    esac
fi

{
    printf 'exit-code=%s\n' "$code"
    printf 'complete=%s\n' "$complete"
    printf 'may-upload=%s\n' "$may_upload"
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
        printf '%s ended with exit code %s and wrote no report for the summary.\n' "\`audit\`" "$code" >>"$GITHUB_STEP_SUMMARY"
    fi
fi

case ${INPUT_FAILS:-now} in
now) exit "$code" ;;
later)
    if [[ $code == [13] && -f $(file_of json) ]]; then
        printf 'audit ended with exit code %s; the merged report is judged\n' "$code"
        exit 0
    fi
    exit "$code"
    ;;
*) fail 'the input fails takes now and later' ;;
esac
