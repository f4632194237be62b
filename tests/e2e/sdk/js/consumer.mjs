// SPDX-License-Identifier: MIT

// Reads one item with the credentials of a profile, as any Node program would.
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { fromProcess } from "@aws-sdk/credential-providers";

const [profile, endpoint] = process.argv.slice(2);
const provider = fromProcess({ profile });
const credentials = await provider();
const client = new DynamoDBClient({ region: "eu-west-1", endpoint, credentials: provider });
const got = await client.send(new GetItemCommand({ TableName: "orders", Key: { pk: { S: "acme" } } }));
console.log(JSON.stringify({
	access_key_id: credentials.accessKeyId,
	can_expire: credentials.expiration instanceof Date,
	status: got.Item.status.S,
}));
