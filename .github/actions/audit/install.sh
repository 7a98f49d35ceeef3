#!/usr/bin/env bash
# Installs the release of `audit` that INPUT_VERSION names, or looks for the program of INPUT_PROGRAM where that is `path`, and says in
# $GITHUB_OUTPUT where it is. Nothing of a release is unpacked before its checksum and its provenance are verified: built by
# the release workflow of INPUT_REPOSITORY, on a runner of GitHub, from the tag of this version.

set -euo pipefail

fail() {
    printf '::error title=audit::%s\n' "$1"
    exit 2
}

if [[ $INPUT_VERSION == path ]]; then
    program=$(command -v -- "${INPUT_PROGRAM:-audit}") || fail 'the input version is path, and there is no such program'
    "$program" --version
    printf 'program=%s\n' "$program" >>"$GITHUB_OUTPUT"
    exit
fi

version=${INPUT_VERSION#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] ||
    fail 'the input version takes a version, such as 0.1.0, or path'

extension=tar.gz
executable=audit
case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
Linux-X64) target=x86_64-unknown-linux-musl ;;
Linux-ARM64) target=aarch64-unknown-linux-musl ;;
macOS-X64) target=x86_64-apple-darwin ;;
macOS-ARM64) target=aarch64-apple-darwin ;;
Windows-X64)
    target=x86_64-pc-windows-msvc
    extension=zip
    executable=audit.exe
    ;;
*) fail "there is no release for ${RUNNER_OS:-this system} ${RUNNER_ARCH:-}" ;;
esac
name=amplify-audit-$target-v$version
archive=$name.$extension

folder=$(mktemp -d "${RUNNER_TEMP:-/tmp}/audit.XXXXXX")
cd "$folder"
gh release download "v$version" --repo "$INPUT_REPOSITORY" --pattern "$archive" --pattern SHA256SUMS

expected=$(awk -v archive="$archive" '$2 == archive || $2 == "*" archive { print $1 }' SHA256SUMS)
[[ $expected =~ ^[0-9a-f]{64}$ ]] || fail "SHA256SUMS of the release does not have $archive"
if command -v sha256sum >/dev/null; then
    actual=$(sha256sum <"$archive")
else
    actual=$(shasum -a 256 <"$archive")
fi
[[ ${actual%% *} == "$expected" ]] || fail "$archive is not what SHA256SUMS of the release says"

gh attestation verify "$archive" --repo "$INPUT_REPOSITORY" --deny-self-hosted-runners \
    --signer-workflow "$INPUT_REPOSITORY/.github/workflows/release.yml" --source-ref "refs/tags/v$version"

case $extension in
zip) unzip -q "$archive" ;;
*) tar -xzf "$archive" ;;
esac
program=$folder/$name/$executable
printed=$("$program" --version)
printf '%s\n' "$printed"
[[ " $printed " == *" $version "* ]] || fail "the release says that it is another version than $version"
printf 'program=%s\n' "$program" >>"$GITHUB_OUTPUT"
