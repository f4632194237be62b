/* SPDX-License-Identifier: MIT */
#include "policy/service.h"

#include <string.h>

/* A new service is one file and one line here. */
static const struct service *const services[] = {
	&service_dynamodb,
	&service_document,
};

const struct service *service_find(const char *name)
{
	for (size_t i = 0; i < sizeof(services) / sizeof(services[0]); i++)
		if (strcmp(services[i]->name, name) == 0)
			return services[i];
	return NULL;
}
