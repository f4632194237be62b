/* SPDX-License-Identifier: MIT */
#ifndef BROKER_TEMPLATE_H
#define BROKER_TEMPLATE_H

/* What `jit-broker init` writes to start from: it works as it is. */

/* broker.conf */
extern const char template_settings[];

/* profiles.yaml */
extern const char template_profiles[];

#endif
