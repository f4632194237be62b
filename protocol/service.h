/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_SERVICE_H
#define PROTOCOL_SERVICE_H

#include <jansson.h>

#include "base/error.h"

/*
 * org.varlink.service: what any Varlink service says of itself.  The text of
 * io.jitctl.Agent.varlink is built in, so what is answered is what is checked.
 */
#define SERVICE_INTERFACE "io.jitctl.Agent"

/* GetInfo's reply: vendor, product, version, url, interfaces.  NULL when OOM. */
json_t *service_info(void);

/* The description of an interface, built in; NULL if there is none of that name. */
const char *service_description(const char *interface);

#endif
