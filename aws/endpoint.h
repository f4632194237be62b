/* SPDX-License-Identifier: MIT */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "base/error.h"

/*
 * Where AWS's services answer, by region and partition.
 * https://docs.aws.amazon.com/general/latest/gr/sts.html, .../iam-service.html and
 * .../ddb.html
 */
#define ENDPOINT_SIZE 128

struct endpoint {
	char url[ENDPOINT_SIZE]; /* "https://sts.eu-west-1.amazonaws.com/" */
	char region[32];         /* that SigV4 names; IAM's is the partition's own */
};

/* Each returns 0, or error_set(..., ERROR_USAGE) for what is no region's name. */
int endpoint_sts(const char *region, struct endpoint *endpoint, struct error *error);
int endpoint_dynamodb(const char *region, struct endpoint *endpoint, struct error *error);
int endpoint_iam(const char *region, struct endpoint *endpoint, struct error *error);

#endif
