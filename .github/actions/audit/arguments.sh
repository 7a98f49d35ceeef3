#!/usr/bin/env bash
# Looks through the arguments of INPUT_ARGS before a workflow hands them to its shards. Those that would have an effect on the reports of
# shards alone, which nobody reads, end it with 2.

set -euo pipefail

while IFS= read -r line; do
    case $line in
    --allow-incomplete)
        echo '::error title=audit::in the input args, --allow-incomplete has no effect on the merged report: set the input allow-incomplete'
        exit 2
        ;;
    --exit-zero | --include-waived)
        printf '::error title=audit::in the input args, %s has no effect on the merged report: it goes into the input merge-args\n' "$line"
        exit 2
        ;;
    esac
done <<<"${INPUT_ARGS:-}"
