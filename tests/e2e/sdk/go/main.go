// SPDX-License-Identifier: MIT

// Reads one item with the credentials of a profile, as any Go program would.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func run(profile, endpoint string) error {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx, config.WithSharedConfigProfile(profile))
	if err != nil {
		return err
	}
	credentials, err := settings.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	client := dynamodb.NewFromConfig(settings, func(o *dynamodb.Options) { o.BaseEndpoint = aws.String(endpoint) })
	got, err := client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String("orders"),
		Key:       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "acme"}},
	})
	if err != nil {
		return err
	}
	status, _ := got.Item["status"].(*types.AttributeValueMemberS)
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"access_key_id": credentials.AccessKeyID, "can_expire": credentials.CanExpire, "status": status.Value})
}

func main() {
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
