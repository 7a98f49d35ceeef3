"""Talks to the loopback server through boto3, and prints what boto3 decoded as one line of JSON.

    python3 tests/boto3_check.py URL

boto3 decodes by the models of the API that AWS publishes, so names that the server has wrong are missing
here. `tests/loopback_check.rs` runs this and knows what should be printed.
"""

import json
import os
import sys

for name in list(os.environ):
    if name.startswith("AWS_") or name.lower().endswith("_proxy"):
        del os.environ[name]
os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import boto3  # noqa: E402
from botocore import UNSIGNED  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

URL = sys.argv[1]
KEY = {"aws_access_key_id": "AKIAPLANTED", "aws_secret_access_key": "planted0SecretAccessKey0planted"}
ROLE = "arn:aws:iam::444455556666:role/audit/reader"
LIMITS = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1})


def client(service, region="eu-west-1", key=KEY, config=LIMITS):
    return boto3.session.Session().client(
        service, region_name=region, endpoint_url=URL, config=config, **key
    )


def session_key(assumed):
    credentials = assumed["Credentials"]
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def apps(amplify):
    pages = amplify.get_paginator("list_apps").paginate()
    return [app for page in pages for app in page["apps"]]


def environments(amplify, app):
    found, more = [], {}
    while True:
        page = amplify.list_backend_environments(appId=app, **more)
        found += page["backendEnvironments"]
        if "nextToken" not in page:
            return found
        more = {"nextToken": page["nextToken"]}


def branches(amplify, app):
    pages = amplify.get_paginator("list_branches").paginate(appId=app)
    return [
        {
            "name": branch["branchName"],
            "stage": branch["stage"],
            "environment": branch.get("backendEnvironmentArn"),
            "stack": branch.get("backend", {}).get("stackArn"),
        }
        for page in pages
        for branch in page["branches"]
    ]


def error(call, **arguments):
    """How boto3 decodes an error: its class, code, status and further members."""
    try:
        call(**arguments)
    except ClientError as error:
        answer = error.response
        known = ("Error", "ResponseMetadata", "Message", "message")
        return {
            "class": type(error).__name__,
            "code": answer["Error"]["Code"],
            "status": answer["ResponseMetadata"]["HTTPStatusCode"],
            **{name: value for name, value in answer.items() if name not in known},
        }
    return None


def backend(amplifybackend, app, environment):
    """What is known of an environment, and its auth resources where the meta is JSON."""
    arguments = {"AppId": app, "BackendEnvironmentName": environment}
    failure = error(amplifybackend.get_backend, **arguments)
    if failure:
        return failure["class"]
    answer = amplifybackend.get_backend(**arguments)
    assert answer["AppId"] == app and answer["BackendEnvironmentName"] == environment
    meta = answer.get("AmplifyMetaConfig")
    try:
        auth = meta and json.loads(meta).get("auth", {})
    except ValueError:
        auth = "malformed"
    return {
        "app_name": answer["AppName"],
        "environments": answer["BackendEnvironmentList"],
        "error": answer.get("Error"),
        "auth": {name: one["service"] for name, one in auth.items()} if isinstance(auth, dict) else auth,
    }


def main():
    amplify, amplifybackend, sts = client("amplify"), client("amplifybackend"), client("sts")
    identity = sts.get_caller_identity()
    said = {"caller": [identity["Account"], identity["Arn"]], "apps": []}
    for app in apps(amplify):
        found = environments(amplify, app["appId"])
        said["apps"].append({
            "id": app["appId"],
            "arn": app["appArn"],
            "name": app["name"],
            "platform": app["platform"],
            "created": app["createTime"].isoformat(timespec="seconds"),
            "environments": [
                {
                    "name": environment["environmentName"],
                    "arn": environment["backendEnvironmentArn"],
                    "backend": backend(amplifybackend, app["appId"], environment["environmentName"]),
                }
                for environment in found
            ],
            "branches": branches(amplify, app["appId"]),
        })
    auth = amplifybackend.get_backend_auth(
        AppId="d1shop", BackendEnvironmentName="prod", ResourceName="shopauth"
    )
    said["auth"] = auth["ResourceConfig"]
    said["elsewhere"] = [app["appId"] for app in apps(client("amplify", "us-east-1"))]

    assumed = sts.assume_role(RoleArn=ROLE, RoleSessionName="check", ExternalId="shop/1", DurationSeconds=900)
    key = session_key(assumed)
    identity = client("sts", key=key).get_caller_identity()
    said["role"] = {
        "caller": [identity["Account"], identity["Arn"]],
        "assumed": assumed["AssumedRoleUser"]["Arn"],
        "expires": assumed["Credentials"]["Expiration"].tzinfo is not None,
        "apps": [app["appId"] for app in apps(client("amplify", key=key))],
    }
    unsigned = client("sts", key={}, config=LIMITS.merge(Config(signature_version=UNSIGNED)))
    assumed = unsigned.assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="check", WebIdentityToken="header.claims.signature"
    )
    said["web_identity_apps"] = [app["appId"] for app in apps(client("amplify", key=session_key(assumed)))]

    wrong = {**KEY, "aws_secret_access_key": "another"}
    nobody = {**KEY, "aws_access_key_id": "AKIANOBODY"}
    place = {"AppId": "d1shop", "BackendEnvironmentName": "throttled", "ResourceName": "shopauth"}
    said["errors"] = {
        "not found": error(amplifybackend.get_backend, AppId="d0", BackendEnvironmentName="prod"),
        "throttled": error(amplifybackend.get_backend_auth, **place),
        "a page too long": error(amplify.list_apps, maxResults=101),
        "another's token": error(amplify.list_apps, nextToken="another"),
        "denied role": error(sts.assume_role, RoleArn=ROLE, RoleSessionName="check", ExternalId="other"),
        "wrong secret": error(client("amplify", key=wrong).list_apps),
        "unknown key": error(client("amplifybackend", key=nobody).get_backend, AppId="d1shop"),
        "wrong secret for STS": error(client("sts", key=wrong).get_caller_identity),
    }
    print(json.dumps(said))


main()
