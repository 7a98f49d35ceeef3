#!/usr/bin/env bash
# Decides what becomes of the merged report of a workflow, so that no alert closes of what nobody looked at. In $GITHUB_OUTPUT:
#
#     may-upload   `true` where its SARIF may go to code scanning
#     may-keep     `true` where the next run may carry findings over from it: it lacks nothing that code scanning knows
#     exit-code    that of the merge; 3 instead of 0 and 1 where this fails
#
# INPUT_REPORT is the report as JSON, INPUT_COMPLETE, INPUT_MAY_UPLOAD and INPUT_EXIT_CODE what the action says of it, INPUT_PREVIOUS the
# earlier report that the shards carried over from, INPUT_ALERTS `false` where no alert is there or is to be kept open, INPUT_UPLOAD
# whether code scanning is asked for, and INPUT_ARTIFACT the name of the artifact that every merged report goes into.
#
# Ends with 1 where code scanning is asked for and the report may not be uploaded.

set -euo pipefail

code=$INPUT_EXIT_CODE
may_upload=false
may_keep=false
finish() {
    local ending=$?
    if ((ending != 0)); then
        may_upload=false
        may_keep=false
        case $code in 0 | 1) code=3 ;; esac
    fi
    printf 'may-upload=%s\nmay-keep=%s\nexit-code=%s\n' "$may_upload" "$may_keep" "$code" >>"$GITHUB_OUTPUT"
}
trap finish EXIT

# A text of a report has no line break in it: this is a member of the report itself.
narrowed=false
[[ -f $INPUT_REPORT ]]
! grep -q '^  "selection":' "$INPUT_REPORT" || narrowed=true

# A target that its shard did not see has nothing carried over, whatever the earlier report knows of it.
previous=$INPUT_PREVIOUS
because='the run is incomplete, and there is no earlier report to carry findings over from'
if grep -q '^      "kind": "lost_target",$' "$INPUT_REPORT"; then
    previous=''
    because='a shard did not see all targets that another one saw, so that nothing was carried over for them'
fi

# What a newer run has said must not be taken back when jobs of an old one are run again.
newest=$(bash "$(dirname "${BASH_SOURCE[0]}")/runs.sh" "$INPUT_ARTIFACT" | tail -n 1)

if ((${newest:-0} > GITHUB_RUN_ID)); then
    because="a newer run, $newest, has left its report"
    cure='start the workflow anew, instead of running an old run again'
elif [[ $narrowed == true ]]; then
    # Never kept: of the rules and targets that were left out it has nothing. It has a category of its own, for which nothing is carried
    # over: the earlier report, of everything, may be older than its alerts.
    [[ $INPUT_MAY_UPLOAD != true && $INPUT_ALERTS != false ]] || may_upload=true
    because='not everything that --target and --rule select was audited, and for a part of a run no earlier report is kept'
    cure='run it again when all of that can be read'
else
    [[ $INPUT_COMPLETE != true && -z $previous && $INPUT_ALERTS != false ]] || may_upload=true
    # What is not uploaded closes no alert, so an incomplete report is not all that code scanning knows.
    if [[ $INPUT_COMPLETE == true || -n $previous ]] || [[ $INPUT_ALERTS == false && $INPUT_UPLOAD == true ]]; then
        may_keep=true
    fi
    cure='run it again when everything can be read; what is never to be audited is left out in the configuration'
fi

if [[ $INPUT_UPLOAD == true && $may_upload == false ]]; then
    printf '::error title=audit::%s: nothing is uploaded to code scanning, so that no alert closes, and the next run carries nothing over from this one. What helps: %s\n' \
        "$because" "$cure"
    exit 1
elif [[ $narrowed == true ]]; then
    echo 'the next run carries nothing over from this report, which --target or --rule narrowed'
elif [[ $may_keep == false ]]; then
    printf '::warning title=audit::%s: the next run carries nothing over from this report\n' "$because"
fi
