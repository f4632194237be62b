// SPDX-License-Identifier: MIT
package io.jitctl;

import java.net.URI;
import java.util.Map;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Reads one item with the credentials of a profile, as any Java program would. */
public final class Consumer {
	public static void main(String[] arguments) {
		AwsCredentialsProvider provider = ProfileCredentialsProvider.create(arguments[0]);
		var credentials = provider.resolveCredentials();
		try (var client = DynamoDbClient.builder()
				.endpointOverride(URI.create(arguments[1]))
				.region(Region.EU_WEST_1)
				.credentialsProvider(provider)
				.httpClient(UrlConnectionHttpClient.create())
				.build()) {
			var item = client.getItem(request -> request.tableName("orders")
					.key(Map.of("pk", AttributeValue.fromS("acme")))).item();
			System.out.printf("{\"access_key_id\":\"%s\",\"can_expire\":%s,\"status\":\"%s\"}%n",
					credentials.accessKeyId(), credentials.expirationTime().isPresent(),
					item.get("status").s());
		}
	}
}
