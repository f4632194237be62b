# SPDX-License-Identifier: MIT
"""boto3-consumer.py PROFILE ENDPOINT COUNT: reads one item that often, as any Python program would."""
import json
import sys

import boto3

profile, endpoint, count = sys.argv[1:]
session = boto3.Session(profile_name=profile)
client = session.client("dynamodb", endpoint_url=endpoint, region_name="eu-west-1")
for _ in range(int(count)):
    item = client.get_item(TableName="orders", Key={"pk": {"S": "acme"}})["Item"]
credentials = session.get_credentials()
print(json.dumps({"access_key_id": credentials.get_frozen_credentials().access_key,
                  "can_expire": hasattr(credentials, "refresh_needed"),
                  "status": item["status"]["S"]}))
