/* SPDX-License-Identifier: MIT */
#include "aws/endpoint.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define LONGEST_REGION 31

/* A partition is known by how its regions begin; the last row takes the rest. */
/* clang-format off */
static const struct partition {
	const char *prefix;
	const char *suffix;
	const char *iam_host;
	const char *iam_region;
} partitions[] = {
	{ "cn-",      "amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn",  "cn-north-1" },
	{ "us-gov-",  "amazonaws.com",    "iam.us-gov.amazonaws.com",         "us-gov-west-1" },
	{ "us-iso-",  "c2s.ic.gov",       "iam.us-iso-east-1.c2s.ic.gov",     "us-iso-east-1" },
	{ "us-isob-", "sc2s.sgov.gov",    "iam.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1" },
	{ "us-isof-", "csp.hci.ic.gov",   "iam.us-isof-south-1.csp.hci.ic.gov", "us-isof-south-1" },
	{ "eu-isoe-", "cloud.adc-e.uk",   "iam.eu-isoe-west-1.cloud.adc-e.uk", "eu-isoe-west-1" },
	{ "eusc-",    "amazonaws.eu",     "iam.eusc-de-east-1.amazonaws.eu",  "eusc-de-east-1" },
	{ "",         "amazonaws.com",    "iam.amazonaws.com",                "us-east-1" },
};
/* clang-format on */

/* "eu-west-1", "us-gov-east-1": two words or more of letters, then a number. */
static bool is_region(const char *name)
{
	size_t length = strlen(name);
	size_t hyphens = 0;

	if (length < 6 || length > LONGEST_REGION ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
		return false;
	for (size_t i = 0; i < length; i++)
		hyphens += name[i] == '-';
	return hyphens >= 2 && !strstr(name, "--") && name[0] >= 'a' &&
	       strchr("0123456789", name[length - 1]);
}

static const struct partition *partition_of(const char *region)
{
	const struct partition *partition = partitions;

	while (strncmp(region, partition->prefix, strlen(partition->prefix)) != 0)
		partition++;
	return partition;
}

static int refuse(const char *region, struct error *error)
{
	return error_set(error, ERROR_USAGE, "'%s' is not the name of an AWS region",
			 TEXT_ESCAPED(region));
}

static int set_regional(const char *service, const char *region,
			struct endpoint *endpoint, struct error *error)
{
	if (!is_region(region))
		return refuse(region, error);
	snprintf(endpoint->url, sizeof(endpoint->url), "https://%s.%s.%s/", service,
		 region, partition_of(region)->suffix);
	snprintf(endpoint->region, sizeof(endpoint->region), "%s", region);
	return 0;
}

int endpoint_sts(const char *region, struct endpoint *endpoint, struct error *error)
{
	return set_regional("sts", region, endpoint, error);
}

int endpoint_dynamodb(const char *region, struct endpoint *endpoint, struct error *error)
{
	return set_regional("dynamodb", region, endpoint, error);
}

int endpoint_iam(const char *region, struct endpoint *endpoint, struct error *error)
{
	const struct partition *partition = partition_of(region);

	if (!is_region(region))
		return refuse(region, error);
	snprintf(endpoint->url, sizeof(endpoint->url), "https://%s/",
		 partition->iam_host);
	snprintf(endpoint->region, sizeof(endpoint->region), "%s", partition->iam_region);
	return 0;
}
