#!/usr/bin/env bash
# Prints the ids of the runs that have left an artifact of the name $1 on this branch, the oldest run first. Ids tell which run is newer;
# when an artifact was made does not: an old run may be run again. A request that fails is an error, not an absence.

set -euo pipefail

# `-f` encodes what it sends: the names of branches and artifacts may have any character.
# A pull request of a fork may come from a branch of any name: what it uploaded is not this branch's.
gh api -X GET --paginate "repos/$GITHUB_REPOSITORY/actions/artifacts" -f "name=$1" -F per_page=100 |
    jq -rs --arg branch "$GITHUB_REF_NAME" '
        [.[].artifacts[]
            | select(.expired | not)
            | select(.workflow_run.head_branch == $branch)
            | select(.workflow_run.head_repository_id == .workflow_run.repository_id)
            | .workflow_run.id]
        | unique | .[]'
